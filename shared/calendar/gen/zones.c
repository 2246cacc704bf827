/* zones: turns compiled tz files into one C table. Usage: zones OUT.c VERSION_FILE FILE... */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static void fail(const char *what, const char *path) {
    fprintf(stderr, "zones: %s %s\n", what, path);
    exit(1);
}

static void write_bytes(FILE *out, const char *path, int index) {
    FILE *in = fopen(path, "rb");
    if (in == NULL) {
        fail("cannot read", path);
    }
    fprintf(out, "static const unsigned char zone_%d[] = {", index);
    int c;
    long n = 0;
    while ((c = fgetc(in)) != EOF) {
        fprintf(out, "%s%d,", n % 24 == 0 ? "\n" : "", c);
        n++;
    }
    fprintf(out, "\n};\n");
    if (n < 44) {
        fail("not a tz file:", path);
    }
    fclose(in);
}

int main(int argc, char **argv) {
    if (argc < 4) {
        fprintf(stderr, "usage: zones OUT.c VERSION_FILE FILE...\n");
        return 1;
    }
    char version[32] = "";
    FILE *v = fopen(argv[2], "r");
    if (v == NULL || fgets(version, sizeof version, v) == NULL) {
        fail("cannot read", argv[2]);
    }
    fclose(v);
    version[strcspn(version, "\r\n")] = '\0';
    FILE *out = fopen(argv[1], "w");
    if (out == NULL) {
        fail("cannot write", argv[1]);
    }
    fprintf(out, "/* Made from schema/data/zones at build time. */\n"
                 "#include \"shared/calendar/tables.h\"\n");
    for (int i = 3; i < argc; i++) {
        write_bytes(out, argv[i], i);
    }
    fprintf(out, "const struct ns_zone_file ns_zone_files[] = {\n");
    for (int i = 3; i < argc; i++) {
        fprintf(out, "{\"America/%s\", zone_%d, sizeof zone_%d},\n", base_name(argv[i]), i, i);
    }
    fprintf(out, "};\nconst size_t ns_zone_file_count = %d;\n", argc - 3);
    fprintf(out, "const char ns_zone_release[] = \"%s\";\n", version);
    return fclose(out) == 0 ? 0 : 1;
}
