/* holidays: turns the holiday rules and the provinces into C tables.
 * Usage: holidays OUT.c holidays.json provinces.json */
#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(const char *what, const char *detail) {
    fprintf(stderr, "holidays: %s %s\n", what, detail == NULL ? "" : detail);
    exit(1);
}

static cJSON *read_json(const char *path) {
    FILE *in = fopen(path, "rb");
    if (in == NULL) {
        fail("cannot read", path);
    }
    size_t cap = 1u << 20;
    char *text = calloc(cap, 1);
    if (text == NULL || fread(text, 1, cap - 1, in) == 0) {
        fail("cannot read", path);
    }
    fclose(in);
    cJSON *root = cJSON_Parse(text);
    free(text);
    if (root == NULL) {
        fail("not JSON:", path);
    }
    return root;
}

static const char *text_of(const cJSON *object, const char *key, const char *fallback) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (cJSON_IsString(item)) {
        return item->valuestring;
    }
    if (fallback == NULL) {
        fail("missing text", key);
    }
    return fallback;
}

static int number_of(const cJSON *object, const char *key) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsNumber(item) ? item->valueint : 0;
}

static void put_text(FILE *out, const char *text) {
    fputc('"', out);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\') {
            fputc('\\', out);
        }
        fputc(*c, out);
    }
    fputs("\", ", out);
}

static const char *rule_of(const char *type) {
    static const char *const names[][2] = {
        {"fixed", "NS_RULE_FIXED"},
        {"nth_weekday", "NS_RULE_NTH"},
        {"nth_weekday_offset", "NS_RULE_NTH"},
        {"easter", "NS_RULE_EASTER"},
        {"weekday_strictly_before", "NS_RULE_BEFORE"},
        {"offset_from_last_weekday", "NS_RULE_LAST"},
        {"range", "NS_RULE_RANGE"},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i][0], type) == 0) {
            return names[i][1];
        }
    }
    fail("unknown rule type", type);
    return NULL;
}

static const char *kind_of(const char *status) {
    if (strcmp(status, "statutory") == 0) {
        return "NS_HOLIDAY_STATUTORY";
    }
    if (strcmp(status, "optional") == 0) {
        return "NS_HOLIDAY_OPTIONAL";
    }
    if (strcmp(status, "government") == 0) {
        return "NS_HOLIDAY_GOVERNMENT";
    }
    if (strcmp(status, "commercial") == 0) {
        return "NS_HOLIDAY_COMMERCIAL";
    }
    fail("unknown status", status);
    return NULL;
}

static int weekday_of(const cJSON *rule) {
    static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    const char *name = text_of(rule, "weekday", "");
    if (name[0] == '\0') {
        return 0;
    }
    for (int i = 0; i < 7; i++) {
        if (strcmp(names[i], name) == 0) {
            return i;
        }
    }
    fail("unknown weekday", name);
    return 0;
}

/* where: what the jurisdiction says beyond the holiday itself, or NULL for every province. */
static int write_row(FILE *out, const cJSON *holiday, const char *province,
                     const cJSON *where) {
    const cJSON *rule = cJSON_GetObjectItemCaseSensitive(holiday, "rule");
    const char *type = text_of(rule, "type", NULL);
    if (strcmp(type, "note") == 0) {
        return 0; /* no date can be computed */
    }
    const cJSON *start = cJSON_GetObjectItemCaseSensitive(rule, "start");
    const cJSON *end = cJSON_GetObjectItemCaseSensitive(rule, "end");
    const cJSON *first = start == NULL ? rule : start;
    fputs("{", out);
    put_text(out, text_of(holiday, "id", NULL));
    put_text(out, text_of(where, "name_en", text_of(holiday, "name_en", NULL)));
    put_text(out, text_of(where, "name_fr", text_of(holiday, "name_fr", NULL)));
    put_text(out, province);
    put_text(out, text_of(where, "note", text_of(holiday, "why", "")));
    fprintf(out, "%s, %s, %d, %d, %d, %d, %d, %d, %d, %d, %d, %s},\n", rule_of(type),
            kind_of(text_of(where, "status", "commercial")), number_of(first, "month"),
            number_of(first, "day"), weekday_of(rule), number_of(rule, "n"),
            number_of(rule, "offset_days"), number_of(end, "month"), number_of(end, "day"),
            number_of(where, "from_year"), number_of(where, "to_year"),
            strcmp(text_of(holiday, "observed", ""), "sun_to_mon") == 0 ? "true" : "false");
    return 1;
}

static void write_holidays(FILE *out, const cJSON *root) {
    int rows = 0;
    const cJSON *holiday;
    const cJSON *where;
    fputs("const struct ns_holiday_row ns_holiday_rows[] = {\n", out);
    cJSON_ArrayForEach(holiday, cJSON_GetObjectItemCaseSensitive(root, "holidays")) {
        cJSON_ArrayForEach(where, cJSON_GetObjectItemCaseSensitive(holiday, "jurisdictions")) {
            rows += write_row(out, holiday, where->string, where);
        }
    }
    cJSON_ArrayForEach(holiday, cJSON_GetObjectItemCaseSensitive(root, "commercial")) {
        cJSON_ArrayForEach(where, cJSON_GetObjectItemCaseSensitive(holiday, "jurisdictions")) {
            rows += write_row(out, holiday, where->valuestring, NULL);
        }
    }
    if (rows < 100) {
        fail("too few rules in", "holidays.json");
    }
    fprintf(out, "};\nconst size_t ns_holiday_row_count = %d;\n", rows);
}

static void write_provinces(FILE *out, const cJSON *root) {
    int rows = 0;
    const cJSON *row;
    fputs("const struct ns_province_row ns_province_rows[] = {\n", out);
    cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(root, "provinces")) {
        const cJSON *zones = cJSON_GetObjectItemCaseSensitive(row, "zones");
        fputs("{", out);
        put_text(out, text_of(row, "code", NULL));
        put_text(out, text_of(row, "name_en", NULL));
        put_text(out, text_of(row, "name_fr", NULL));
        put_text(out, text_of(cJSON_GetArrayItem(zones, 0), "tz", NULL));
        fputs("},\n", out);
        rows++;
    }
    if (rows != 13) {
        fail("expected 13 provinces and territories in", "provinces.json");
    }
    fprintf(out, "};\nconst size_t ns_province_count = %d;\n", rows);
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: holidays OUT.c holidays.json provinces.json\n");
        return 1;
    }
    cJSON *holidays = read_json(argv[2]);
    cJSON *provinces = read_json(argv[3]);
    FILE *out = fopen(argv[1], "w");
    if (out == NULL) {
        fail("cannot write", argv[1]);
    }
    fputs("/* Made from schema/data/canada at build time. */\n"
          "#include \"shared/calendar/tables.h\"\n", out);
    write_holidays(out, holidays);
    write_provinces(out, provinces);
    cJSON_Delete(holidays);
    cJSON_Delete(provinces);
    return fclose(out) == 0 ? 0 : 1;
}
