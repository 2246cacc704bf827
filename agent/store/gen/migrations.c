/* migrations.c: turns schema/migrations/NNNN_name.{up,down}.sql into a C table.
 * usage: migrations OUT.c FILE... (any order). A number twice, a hole or a missing way back is
 * an error, so that the build stops. Runs on the building machine only. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX 2000

struct step {
    char name[128];
    const char *up;
    const char *down;
};
static struct step steps[MAX + 1];
static int newest;

static int fail(const char *what, const char *file) {
    fprintf(stderr, "migrations: %s: %s\n", file, what);
    return 1;
}

static int note(const char *path) {
    const char *base = strrchr(path, '/');
    base = base != NULL ? base + 1 : path;
    const char *dot = strchr(base, '.');
    if (dot == NULL || dot - base < 6 || dot - base >= 128 || base[4] != '_') {
        return fail("a migration is called NNNN_name.up.sql or NNNN_name.down.sql", path);
    }
    int number = 0;
    for (int i = 0; i < 4; i++) {
        if (base[i] < '0' || base[i] > '9') {
            return fail("the name must begin with four digits", path);
        }
        number = number * 10 + (base[i] - '0');
    }
    if (number < 1 || number > MAX) {
        return fail("the number is out of range", path);
    }
    struct step *s = &steps[number];
    char name[128] = "";
    memcpy(name, base, (size_t)(dot - base));
    if (s->name[0] != '\0' && strcmp(s->name, name) != 0) {
        return fail("this number is taken by another name", path);
    }
    memcpy(s->name, name, sizeof name);
    if (strcmp(dot, ".up.sql") == 0) {
        s->up = path;
    } else if (strcmp(dot, ".down.sql") == 0) {
        s->down = path;
    } else {
        return fail("the name must end in .up.sql or .down.sql", path);
    }
    newest = number > newest ? number : newest;
    return 0;
}

/* As numbers: a string literal of this length is more than compilers must take. */
static int emit(FILE *out, const char *path, int number, const char *way) {
    FILE *in = fopen(path, "rb");
    if (in == NULL) {
        return fail("cannot be read", path);
    }
    int c, column = 0;
    fprintf(out, "static const char %s_%d[] = {\n", way, number);
    while ((c = fgetc(in)) != EOF) {
        if (c > 126) {
            fclose(in);
            return fail("only ASCII may stand here", path);
        }
        fprintf(out, "%d,%s", c, ++column % 24 == 0 ? "\n" : "");
    }
    fputs("0};\n", out);
    fclose(in);
    return 0;
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fputs("usage: migrations OUT.c FILE...\n", stderr);
        return 64;
    }
    for (int i = 2; i < argc; i++) {
        if (note(argv[i]) != 0) {
            return 1;
        }
    }
    FILE *out = fopen(argv[1], "wb");
    if (out == NULL) {
        return fail("cannot be written", argv[1]);
    }
    fputs("/* Made from schema/migrations/. */\n#include \"agent/store/migrate.h\"\n\n", out);
    for (int n = 1; n <= newest; n++) {
        if (steps[n].up == NULL || steps[n].down == NULL) {
            return fail("a step is missing or has only one way", argv[1]);
        }
        if (emit(out, steps[n].up, n, "up") != 0 || emit(out, steps[n].down, n, "down") != 0) {
            return 1;
        }
    }
    fputs("\nconst struct ns_migration ns_migrations[] = {\n", out);
    for (int n = 1; n <= newest; n++) {
        fprintf(out, "    {%d, \"%s\", up_%d, down_%d},\n", n, steps[n].name, n, n);
    }
    fprintf(out, "};\nconst size_t ns_migration_count = %d;\n", newest);
    return fclose(out) == 0 ? 0 : fail("cannot be written", argv[1]);
}
