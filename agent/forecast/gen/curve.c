/* curve: turns the average use by age into C constants. Usage: curve OUT.h usage_curve.json */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

static void fail(const char *what, const char *detail) {
    fprintf(stderr, "curve: %s %s\n", what, detail);
    exit(1);
}

static double number_of(const cJSON *object, const char *key) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (!cJSON_IsNumber(item)) {
        fail("missing number", key);
    }
    return item->valuedouble;
}

int main(int argc, char **argv) {
    static char text[1 << 16];
    if (argc != 3) {
        fail("usage: curve", "OUT.h usage_curve.json");
    }
    FILE *in = fopen(argv[2], "rb");
    if (in == NULL || fread(text, 1, sizeof text - 1, in) == 0) {
        fail("cannot read", argv[2]);
    }
    fclose(in);
    cJSON *root = cJSON_Parse(text);
    const cJSON *seasonal = cJSON_GetObjectItemCaseSensitive(root, "seasonal");
    const cJSON *first = cJSON_GetObjectItemCaseSensitive(root, "first_days");
    FILE *out = fopen(argv[1], "w");
    if (root == NULL || out == NULL || cJSON_GetArraySize(first) != 3) {
        fail("cannot use", argv[2]);
    }
    static const char *const names[] = {"base", "slow", "slow_days", "fast", "fast_days"};
    static const char *const macros[] = {"BASE", "SLOW", "SLOW_DAYS", "FAST", "FAST_DAYS"};
    fprintf(out, "/* Made from schema/data/growth/usage_curve.json at build time. */\n"
                 "#pragma once\n");
    for (int i = 0; i < 5; i++) {
        fprintf(out, "#define CURVE_%s %.17g\n", macros[i], number_of(root, names[i]));
    }
    fprintf(out, "#define CURVE_VERSION %d\n", (int)number_of(root, "version"));
    fprintf(out, "#define CURVE_FIRST_DAYS {%.17g, %.17g, %.17g}\n",
            cJSON_GetArrayItem(first, 0)->valuedouble,
            cJSON_GetArrayItem(first, 1)->valuedouble,
            cJSON_GetArrayItem(first, 2)->valuedouble);
    fprintf(out, "#define SEASONAL_YEAR_END %.17g\n", number_of(seasonal, "year_end"));
    fprintf(out, "#define SEASONAL_SUMMER %.17g\n", number_of(seasonal, "summer"));
    fprintf(out, "#define SEASONAL_HOLIDAY %.17g\n", number_of(seasonal, "holiday"));
    cJSON_Delete(root);
    return fclose(out) == 0 ? 0 : 1;
}
