/* growth: turns the WHO weights and the size chart into C tables.
 * Usage: growth OUT.h who_wfa_daily.csv diaper_sizes.json */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WEEKS 261
#define SIZES 8

static void fail(const char *what, const char *detail) {
    fprintf(stderr, "growth: %s %s\n", what, detail);
    exit(1);
}

static FILE *opened(const char *name, const char *mode) {
    FILE *file = fopen(name, mode);
    if (file == NULL) {
        fail("cannot open", name);
    }
    return file;
}

/* Every seventh day's median in grams; between them the curve is straight enough. */
static void weights(FILE *out, const char *name) {
    static double median[2][WEEKS];
    int seen = 0;
    char line[200];
    FILE *in = opened(name, "r");
    while (fgets(line, sizeof line, in) != NULL) {
        char sex;
        int day;
        double l;
        double m;
        double s;
        if (sscanf(line, "%c,%d,%lf,%lf,%lf", &sex, &day, &l, &m, &s) == 5 && day % 7 == 0 &&
            day / 7 < WEEKS) {
            median[sex == 'F'][day / 7] = m * 1000;
            seen++;
        }
    }
    fclose(in);
    if (seen != 2 * WEEKS) {
        fail("weeks missing in", name);
    }
    fprintf(out, "#define GROWTH_WEEKS %d\n", WEEKS);
    fprintf(out, "static const unsigned short growth_median_g[2][GROWTH_WEEKS] = {");
    for (int sex = 0; sex < 2; sex++) {
        for (int week = 0; week < WEEKS; week++) {
            fprintf(out, "%s%d", week > 0 ? "," : sex > 0 ? "},{" : "{", (int)lround(median[sex][week]));
        }
    }
    fprintf(out, "}};\n");
}

static int grams(const cJSON *size, const char *key) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(size, key);
    return cJSON_IsNumber(item) ? (int)lround(item->valuedouble * 1000) : 0;
}

static int place(const char *size) {
    return strcmp(size, "N") == 0 ? 0 : strlen(size) == 1 && size[0] >= '1' && size[0] <= '7' ? size[0] - '0' : -1;
}

static void row(FILE *out, const char *brand, const cJSON *sizes, const cJSON *counts) {
    int low[SIZES] = {0};
    int high[SIZES] = {0};
    int pack[SIZES] = {0};
    const cJSON *size;
    cJSON_ArrayForEach(size, sizes) {
        const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(size, "size"));
        int at = name != NULL ? place(name) : -1;
        if (at >= 0) {
            low[at] = grams(size, "min_kg");
            high[at] = grams(size, "max_kg");
            const cJSON *count = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(counts, name), 0);
            pack[at] = cJSON_IsNumber(count) ? (int)count->valuedouble : 0;
        }
    }
    fprintf(out, "    {\"%s\", {", brand);
    for (int i = 0; i < SIZES; i++) {
        fprintf(out, "%s{%d, %d, %d}", i > 0 ? ", " : "", low[i], high[i], pack[i]);
    }
    fprintf(out, "}},\n");
}

int main(int argc, char **argv) {
    static char text[1 << 18];
    if (argc != 4) {
        fail("usage: growth", "OUT.h who_wfa_daily.csv diaper_sizes.json");
    }
    FILE *in = opened(argv[3], "rb");
    if (fread(text, 1, sizeof text - 1, in) == 0) {
        fail("cannot read", argv[3]);
    }
    fclose(in);
    cJSON *root = cJSON_Parse(text);
    const cJSON *chart = cJSON_GetObjectItemCaseSensitive(root, "general_chart");
    const cJSON *lines = cJSON_GetObjectItemCaseSensitive(root, "lines");
    if (root == NULL || cJSON_GetArraySize(lines) == 0) {
        fail("cannot use", argv[3]);
    }
    FILE *out = opened(argv[1], "w");
    fprintf(out, "/* Made from schema/data/growth at build time. */\n#pragma once\n");
    weights(out, argv[2]);
    fprintf(out, "/* Limits in grams (0: none) and the smaller usual pack; the first row is for any brand. */\n"
                 "static const struct {\n    const char *brand;\n"
                 "    struct {\n        int low_g;\n        int high_g;\n        int pack;\n    } size[%d];\n"
                 "} growth_sizes[] = {\n", SIZES);
    row(out, "", cJSON_GetObjectItemCaseSensitive(chart, "sizes"), NULL);
    const cJSON *line;
    cJSON_ArrayForEach(line, lines) {
        const char *brand = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(line, "brand"));
        const cJSON *pack = cJSON_GetObjectItemCaseSensitive(line, "pack");
        row(out, brand, cJSON_GetObjectItemCaseSensitive(line, "sizes"),
            cJSON_GetObjectItemCaseSensitive(pack, "counts"));
    }
    fprintf(out, "};\n");
    cJSON_Delete(root);
    return fclose(out) == 0 ? 0 : 1;
}
