/* shops: turns the list of shops into a C table, and refuses a page that is not https on the shop's
 * own host, or one with anything but {sku} or {query} to fill in. Usage: shops OUT.c shops.psv */
#include <stdio.h>
#include <string.h>

#define COLUMNS 8
enum { TYPE, NAME, HOST, API, HOURLY, PRODUCT, SEARCH, TAG };

static int bad(int line, const char *why) {
    fprintf(stderr, "shops: line %d: %s\n", line, why);
    return 65;
}

static int page_ok(const char *page, const char *host, const char *hole) {
    char start[200];
    if (page[0] == '\0') {
        return 1;
    }
    (void)snprintf(start, sizeof start, "https://%s/", host);
    const char *open = strchr(page, '{');
    return host[0] != '\0' && strncmp(page, start, strlen(start)) == 0 && open != NULL &&
           strncmp(open, hole, strlen(hole)) == 0 && strchr(open + 1, '{') == NULL;
}

static int row(FILE *out, int line, char *text) {
    char *col[COLUMNS];
    for (int i = 0; i < COLUMNS; i++) {
        col[i] = text;
        text += strcspn(text, "|");
        if ((*text == '|') != (i + 1 < COLUMNS)) {
            return bad(line, "not eight columns");
        }
        *text++ = '\0';
    }
    if (strpbrk(col[NAME], "\"\\") != NULL || strspn(col[HOURLY], "0123456789") != strlen(col[HOURLY])) {
        return bad(line, "a name or a number is not one");
    }
    if (!page_ok(col[PRODUCT], col[HOST], "{sku}") || !page_ok(col[SEARCH], col[HOST], "{query}")) {
        return bad(line, "a page is not the shop's own");
    }
    fprintf(out, "    [NS_RETAILER_%s] = {\"%s\", \"%s\", \"%s\", %s, \"%s\", \"%s\", \"%s\"},\n", col[TYPE], col[NAME],
            col[HOST], col[API], col[HOURLY][0] == '\0' ? "0" : col[HOURLY], col[PRODUCT], col[SEARCH], col[TAG]);
    return 0;
}

int main(int argc, char **argv) {
    char text[1000];
    int line = 0, rc = 0;
    if (argc != 3) {
        return 64;
    }
    FILE *in = fopen(argv[2], "r");
    FILE *out = fopen(argv[1], "w");
    if (in == NULL || out == NULL) {
        perror(argv[in == NULL ? 2 : 1]);
        return 74;
    }
    fprintf(out, "#include \"agent/retail/shops.h\"\nconst struct ns_shop ns_shops[NS_RETAILER_COUNT] = {\n");
    while (rc == 0 && fgets(text, sizeof text, in) != NULL) {
        line++;
        text[strcspn(text, "\n")] = '\0';
        rc = text[0] == '#' || text[0] == '\0' ? 0 : row(out, line, text);
    }
    fprintf(out, "};\n");
    return fclose(in) == 0 && fclose(out) == 0 ? rc : 74;
}
