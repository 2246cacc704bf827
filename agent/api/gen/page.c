/* page.c: build tool. The files of agent/api/phone as one C table, and the texts of phone.msg as
 * one more of them: words.js, both languages side by side.
 *
 *   page OUT.c PHONE.MSG FILE...
 *
 * Refuses (exit 1, what and where named): a key without English or French, the same key twice,
 * a kind of file nobody knows the media type of. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 512
#define TEXT 2048
#define BYTES_MOST (1 << 18)

struct message {
    char key[64];
    char text[2][TEXT];
};

static struct message messages[MOST];
static int count;
static char bytes[BYTES_MOST];
static size_t used;

static void fail(const char *where, const char *what) {
    fprintf(stderr, "page: %s: %s\n", where, what);
    exit(1);
}

static void add(const char *text) {
    size_t n = strlen(text);
    if (used + n > sizeof bytes) {
        fail("words.js", "too long");
    }
    memcpy(bytes + used, text, n);
    used += n;
}

static void add_quoted(const char *text) {
    add("\"");
    for (const char *c = text; *c != '\0'; c++) {
        char one[3] = {*c == '"' || *c == '\\' ? '\\' : *c, *c == '"' || *c == '\\' ? *c : '\0', '\0'};
        add(one);
    }
    add("\"");
}

static void read_messages(const char *path) {
    FILE *in = fopen(path, "r");
    char raw[TEXT];
    if (in == NULL) {
        fail(path, "cannot be read");
    }
    while (fgets(raw, sizeof raw, in) != NULL) {
        raw[strcspn(raw, "\r\n")] = '\0';
        if (raw[0] == '[') {
            size_t n = strcspn(raw + 1, "]");
            if (count == MOST || n == 0 || n >= sizeof messages[0].key) {
                fail(raw, "no key, or one too many");
            }
            memcpy(messages[count++].key, raw + 1, n);
        } else if (raw[0] != '\0' && raw[0] != '#') {
            bool en = strncmp(raw, "en = ", 5) == 0;
            if (count == 0 || (!en && strncmp(raw, "fr = ", 5) != 0)) {
                fail(raw, "expected [key], en = or fr =");
            }
            snprintf(messages[count - 1].text[en ? 0 : 1], TEXT, "%s", raw + 5);
        }
    }
    fclose(in);
    for (int i = 0; i < count; i++) {
        if (messages[i].text[0][0] == '\0' || messages[i].text[1][0] == '\0') {
            fail(messages[i].key, "a language is missing");
        }
        for (int k = 0; k < i; k++) {
            if (strcmp(messages[i].key, messages[k].key) == 0) {
                fail(messages[i].key, "this key stands twice");
            }
        }
    }
}

static void make_words(void) {
    static const char *const languages[] = {"en", "fr"};
    add("// Made from phone.msg.\nexport const WORDS = {");
    for (int l = 0; l < 2; l++) {
        add(l == 0 ? "\n  " : ",\n  ");
        add(languages[l]);
        add(": {");
        for (int i = 0; i < count; i++) {
            add(i == 0 ? "\n    " : ",\n    ");
            add(messages[i].key);
            add(": ");
            add_quoted(messages[i].text[l]);
        }
        add("\n  }");
    }
    add("\n};\n");
}

static const char *type_of(const char *name) {
    static const char *const types[][2] = {
        {".html", "text/html; charset=utf-8"},  {".css", "text/css; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"}, {".svg", "image/svg+xml"},
        {".webmanifest", "application/manifest+json"},
    };
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot != NULL && i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(dot, types[i][0]) == 0) {
            return types[i][1];
        }
    }
    fail(name, "no media type is known for it");
    return NULL;
}

/* FNV-1a: tells versions apart, nothing more. */
static uint64_t hash(void) {
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < used; i++) {
        h = (h ^ (unsigned char)bytes[i]) * 1099511628211u;
    }
    return h;
}

/* As numbers: a string literal of this length is more than compilers must take. */
static void emit_bytes(FILE *out, int number) {
    fprintf(out, "static const unsigned char file_%d[] = {", number);
    for (size_t i = 0; i < used; i++) {
        fprintf(out, "%s%d,", i % 24 == 0 ? "\n" : "", (unsigned char)bytes[i]);
    }
    fputs("\n};\n", out);
}

static void read_bytes(const char *path) {
    FILE *in = fopen(path, "rb");
    used = in != NULL ? fread(bytes, 1, sizeof bytes, in) : 0;
    if (in == NULL || used == 0 || used == sizeof bytes) {
        fail(path, "cannot be read, is empty or too long");
    }
    fclose(in);
}

int main(int argc, char **argv) {
    if (argc < 4) {
        fputs("usage: page OUT.c PHONE.MSG FILE...\n", stderr);
        return 64;
    }
    static char table[16384];
    size_t at = 0;
    FILE *out = fopen(argv[1], "wb");
    if (out == NULL) {
        fail(argv[1], "cannot be written");
    }
    fputs("/* Made from agent/api/phone/. */\n#include \"agent/api/phone_page.h\"\n\n", out);
    for (int i = 2; i < argc; i++) {
        const char *name = strrchr(argv[i], '/') != NULL ? strrchr(argv[i], '/') + 1 : argv[i];
        if (i == 2) {
            read_messages(argv[i]);
            make_words();
            name = "words.js";
        } else {
            read_bytes(argv[i]);
        }
        emit_bytes(out, i);
        at += (size_t)snprintf(table + at, sizeof table - at,
                               "    {\"/%s\", \"%s\", \"\\\"%016" PRIx64 "\\\"\", {(const char *)file_%d, sizeof file_%d}},\n",
                               strcmp(name, "index.html") == 0 ? "" : name, type_of(name), hash(), i, i);
        if (at >= sizeof table) {
            fail(name, "one file too many");
        }
    }
    fprintf(out, "\nconst struct ns_page_file ns_page_files[] = {\n%s};\nconst size_t ns_page_file_count = %d;\n", table, argc - 2);
    return fclose(out) == 0 ? 0 : 1;
}
