/* catalogue.c: build tool. Reads the *.msg files, writes the message enum and both texts.
 *
 *   catalogue OUT.h OUT.c FILE.msg...
 *
 * Refuses (exit 1, file and line named): a key without English or French, the same key twice,
 * arguments that differ between the languages, a _one without its _other, malformed lines. */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 4096
#define TEXT 2048

struct message {
    char key[96];
    char *text[2];
    const char *file;
    int line;
};

static struct message messages[MOST];
static int count;
static int faults;

static void fault(const char *file, int line, const char *what, const char *detail) {
    fprintf(stderr, "%s:%d: %s%s%s\n", file, line, what, detail[0] ? ": " : "", detail);
    faults++;
}

static char *trim(char *s) {
    while (*s == ' ' || *s == '\t') {
        s++;
    }
    size_t n = strlen(s);
    while (n > 0 && (s[n - 1] == '\n' || s[n - 1] == '\r' || s[n - 1] == ' ')) {
        s[--n] = '\0';
    }
    return s;
}

static char *copy(const char *s) {
    size_t n = strlen(s) + 1;
    char *c = malloc(n);
    if (c == NULL) {
        exit(1);
    }
    memcpy(c, s, n);
    return c;
}

static struct message *find(const char *key) {
    for (int i = 0; i < count; i++) {
        if (strcmp(messages[i].key, key) == 0) {
            return &messages[i];
        }
    }
    return NULL;
}

static void begin(const char *file, int line, char *body) {
    size_t n = strlen(body);
    if (n < 3 || body[n - 1] != ']' || n > sizeof messages[0].key) {
        fault(file, line, "malformed key", body);
        return;
    }
    body[n - 1] = '\0';
    const char *key = body + 1;
    for (const char *p = key; *p != '\0'; p++) {
        if (!islower((unsigned char)*p) && !isdigit((unsigned char)*p) && *p != '_') {
            fault(file, line, "a key is lower case letters, digits and _", key);
            return;
        }
    }
    if (find(key) != NULL) {
        fault(file, line, "this key exists already", key);
    }
    if (count == MOST) {
        fault(file, line, "too many messages", "");
        exit(1);
    }
    struct message *m = &messages[count++];
    snprintf(m->key, sizeof m->key, "%s", key);
    m->file = file;
    m->line = line;
}

static void read_file(const char *file) {
    FILE *in = fopen(file, "r");
    if (in == NULL) {
        fault(file, 0, "cannot be read", "");
        return;
    }
    char raw[TEXT];
    int line = 0;
    int first = count;
    while (fgets(raw, sizeof raw, in) != NULL) {
        line++;
        if (strchr(raw, '\n') == NULL && !feof(in)) {
            fault(file, line, "line too long", "");
        }
        char *s = trim(raw);
        if (*s == '\0' || *s == '#') {
            continue;
        }
        if (*s == '[') {
            begin(file, line, s);
            continue;
        }
        int language = strncmp(s, "en", 2) == 0 ? 0 : strncmp(s, "fr", 2) == 0 ? 1 : -1;
        char *equals = strchr(s, '=');
        if (language < 0 || equals == NULL || count == first ||
            (s[2] != ' ' && s[2] != '=')) {
            fault(file, line, "expected [key], en = or fr =", s);
            continue;
        }
        struct message *m = &messages[count - 1];
        if (m->text[language] != NULL) {
            fault(file, line, "this language stands here twice", m->key);
        }
        m->text[language] = copy(trim(equals + 1));
    }
    fclose(in);
}

/* Bit set of the arguments used; 0x80 marks a malformed brace. */
static unsigned arguments(const char *text) {
    unsigned set = 0;
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '{') {
            if (p[1] >= '0' && p[1] <= '5' && p[2] == '}') {
                set |= 1U << (p[1] - '0');
                p += 2;
            } else {
                set |= 0x80;
            }
        }
    }
    return set;
}

static void check(struct message *m) {
    static const char *const name[2] = {"en", "fr"};
    for (int i = 0; i < 2; i++) {
        if (m->text[i] == NULL || m->text[i][0] == '\0') {
            char detail[128];
            snprintf(detail, sizeof detail, "%s (%s)", m->key, name[i]);
            fault(m->file, m->line, "this message lacks a language", detail);
            return;
        }
        if (arguments(m->text[i]) & 0x80) {
            fault(m->file, m->line, "a brace that is not {0} to {5}", m->key);
        }
    }
    if (arguments(m->text[0]) != arguments(m->text[1])) {
        fault(m->file, m->line, "English and French use different arguments", m->key);
    }
    size_t n = strlen(m->key);
    if (n > 4 && strcmp(m->key + n - 4, "_one") == 0) {
        char other[112];
        snprintf(other, sizeof other, "%.*s_other", (int)(n - 4), m->key);
        if (find(other) == NULL) {
            fault(m->file, m->line, "a _one needs its _other", m->key);
        }
    }
}

static void write_string(FILE *out, const char *text) {
    fputc('"', out);
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '"' || (*p == '\\' && p[1] != 'n')) {
            fputc('\\', out);
        }
        fputc(*p, out);
    }
    fputc('"', out);
}

static bool write_outputs(const char *header, const char *source) {
    FILE *h = fopen(header, "w");
    FILE *c = fopen(source, "w");
    if (h == NULL || c == NULL) {
        return false;
    }
    fputs("/* Made from shared/text/catalogue by shared/text/gen/catalogue.c. */\n"
          "#pragma once\n\nenum ns_msg {\n    NS_MSG_NONE = 0,\n",
          h);
    fputs("/* Made from shared/text/catalogue by shared/text/gen/catalogue.c. */\n"
          "#include \"shared/text/catalogue_table.h\"\n\n"
          "const struct ns_msg_row ns_msg_rows[] = {\n    {\"\", {\"\", \"\"}},\n",
          c);
    for (int i = 0; i < count; i++) {
        fprintf(h, "    NS_MSG_%s,\n", messages[i].key);
        fprintf(c, "    {\"%s\", {", messages[i].key);
        write_string(c, messages[i].text[0]);
        fputs(", ", c);
        write_string(c, messages[i].text[1]);
        fputs("}},\n", c);
    }
    fputs("    NS_MSG_COUNT\n};\n", h);
    fputs("};\n", c);
    return fclose(h) == 0 && fclose(c) == 0;
}

int main(int argc, char **argv) {
    if (argc < 4) {
        fputs("usage: catalogue OUT.h OUT.c FILE.msg...\n", stderr);
        return 2;
    }
    for (int i = 3; i < argc; i++) {
        read_file(argv[i]);
    }
    for (int i = 0; i < count; i++) {
        check(&messages[i]);
    }
    if (faults > 0) {
        fprintf(stderr, "catalogue: %d fault(s); nothing was written\n", faults);
        return 1;
    }
    return write_outputs(argv[1], argv[2]) ? 0 : 1;
}
