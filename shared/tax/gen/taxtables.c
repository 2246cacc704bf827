/* taxtables: turns the dated rates and treatments into C tables, and refuses data with holes.
 * Usage: taxtables OUT.c sales_tax.json diaper_tax.json
 *
 * Checked here, so that no build has them wrong: spans follow each other day by day without gap
 * or overlap, the last one is open, rates begin on 2008-01-01, an HST is the sum of its parts,
 * and a treatment names only taxes that its province levied through the whole of its span. */
#include <cjson/cJSON.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROVINCES 13
static const char *const provinces[PROVINCES] = {"AB", "BC", "MB", "NB", "NL", "NS", "NT",
                                                 "NU", "ON", "PE", "QC", "SK", "YT"};
static const char *const classes[] = {
    "diaper_disposable", "diaper_cloth", "training_pants", "swim_diaper", "baby_wipes",
    "diaper_cream", "incontinence_adult", "software_local", "software_saas"};
#define CLASSES ((int)(sizeof classes / sizeof classes[0]))

static void fail(const char *what, const char *where, const char *detail) {
    fprintf(stderr, "taxtables: %s: %s %s\n", where, what, detail == NULL ? "" : detail);
    exit(1);
}

static cJSON *read_json(const char *path) {
    FILE *in = fopen(path, "rb");
    size_t cap = 1u << 20;
    char *text = calloc(cap, 1);
    if (in == NULL || text == NULL || fread(text, 1, cap - 1, in) == 0) {
        fail("cannot read", path, NULL);
    }
    fclose(in);
    cJSON *root = cJSON_Parse(text);
    free(text);
    if (root == NULL) {
        fail("not JSON", path, NULL);
    }
    return root;
}

static const cJSON *get(const cJSON *object, const char *key) {
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static const char *text_of(const cJSON *object, const char *key, const char *where) {
    const cJSON *item = get(object, key);
    if (!cJSON_IsString(item)) {
        fail("missing text", where, key);
    }
    return item->valuestring;
}

/* Days since 1970-01-01. */
static int day_number(int y, int m, int d) {
    y -= m <= 2;
    int era = y / 400;
    int of_era = y - era * 400;
    int of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int day_of(const cJSON *item, const char *where) {
    int y = 0;
    int m = 0;
    int d = 0;
    char rest;
    if (cJSON_IsNull(item)) {
        return INT_MIN; /* NS_DATE_NONE: open */
    }
    if (!cJSON_IsString(item) || strlen(item->valuestring) != 10 ||
        sscanf(item->valuestring, "%4d-%2d-%2d%c", &y, &m, &d, &rest) != 3 || m < 1 || m > 12 ||
        d < 1 || d > 31) {
        fail("not a day", where, NULL);
    }
    return day_number(y, m, d);
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

/* ---- sources ---- */

static const char *source_ids[64];
static int source_count;

static void write_sources(FILE *out, const cJSON *root) {
    const cJSON *s;
    fputs("const struct ns_tax_source ns_tax_sources[] = {\n", out);
    cJSON_ArrayForEach(s, get(root, "sources")) {
        if (source_count == 64) {
            fail("too many sources", s->string, NULL);
        }
        source_ids[source_count++] = s->string;
        fputs("    {", out);
        put_text(out, s->string);
        put_text(out, text_of(s, "title", s->string));
        put_text(out, text_of(s, "url", s->string));
        put_text(out, text_of(s, "status", s->string));
        fputs("},\n", out);
    }
    fprintf(out, "};\nconst char ns_tax_read_on[] = \"%s\";\n", text_of(root, "as_of", "root"));
}

static void put_sources(FILE *out, const cJSON *list, const char *where) {
    int n = 0;
    const cJSON *s;
    fputs("{", out);
    cJSON_ArrayForEach(s, list) {
        int i = 0;
        while (i < source_count && strcmp(source_ids[i], s->valuestring) != 0) {
            i++;
        }
        if (i == source_count || n == 4) {
            fail("unknown source, or more than four:", where, s->valuestring);
        }
        fprintf(out, "%d, ", i);
        n++;
    }
    if (n == 0) {
        fail("no source", where, NULL);
    }
    for (; n < 4; n++) {
        fputs("-1, ", out);
    }
    fputs("}", out);
}

static bool begins(const char *text, const char *with) {
    return strncmp(text, with, strlen(with)) == 0;
}

static const char *sure_of(const char *confidence, const char *where) {
    if (strstr(confidence, "recalled") != NULL || begins(confidence, "inferred")) {
        return "NS_TAX_INFERRED";
    }
    if (begins(confidence, "confirmed")) {
        return "NS_TAX_CONFIRMED";
    }
    if (begins(confidence, "unverified")) {
        return "NS_TAX_ESTIMATE";
    }
    fail("unknown confidence", where, confidence);
    return NULL;
}

/* ---- rates ---- */

struct rate_span {
    int from;
    int to;
    bool hst;
    bool provincial;
};
static struct rate_span rate_rows[PROVINCES][16];
static int rate_counts[PROVINCES];

/* Each span begins the day after the one before. */
static void check_next(int before_to, int from, int to, const char *where) {
    if (before_to == INT_MIN) {
        fail("a span follows an open one", where, NULL);
    }
    if (from <= before_to) {
        fail("two spans overlap", where, NULL);
    }
    if (from != before_to + 1) {
        fail("days between two spans are missing", where, NULL);
    }
    if (to != INT_MIN && to < from) {
        fail("a span ends before it begins", where, NULL);
    }
}

struct rate {
    int gst, hst, pst, qst, federal;
    bool on_gst, rst;
};

static void add_component(struct rate *r, const cJSON *c, const char *where) {
    const char *tax = text_of(c, "tax", where);
    const cJSON *local = get(c, "local_name");
    const cJSON *ppm = get(c, "rate_ppm");
    int value = cJSON_IsNumber(ppm) ? ppm->valueint : 0;
    int *slot = strcmp(tax, "GST") == 0   ? &r->gst
                : strcmp(tax, "HST") == 0 ? &r->hst
                : strcmp(tax, "PST") == 0 ? &r->pst
                : strcmp(tax, "QST") == 0 ? &r->qst
                                          : NULL;
    if (slot == NULL || *slot != 0 || value <= 0 || value >= 1000000) {
        fail("bad component", where, tax);
    }
    *slot = value;
    r->rst = r->rst || (cJSON_IsString(local) && strcmp(local->valuestring, "RST") == 0);
    r->on_gst = r->on_gst || strcmp(text_of(c, "base", where), "price_plus_gst") == 0;
    if (slot == &r->gst) {
        r->federal = value;
    } else if (slot == &r->hst) {
        const cJSON *federal = get(c, "federal_ppm");
        const cJSON *provincial = get(c, "provincial_ppm");
        if (!cJSON_IsNumber(federal) || !cJSON_IsNumber(provincial) ||
            federal->valueint + provincial->valueint != value) {
            fail("the HST is not the sum of its parts", where, NULL);
        }
        r->federal = federal->valueint;
    }
}

static void write_rate(FILE *out, int province, const cJSON *row, int before_to, int *to) {
    const char *where = provinces[province];
    int from = day_of(get(row, "from"), where);
    *to = day_of(get(row, "to"), where);
    check_next(before_to, from, *to, where);
    struct rate r = {0};
    const cJSON *c;
    cJSON_ArrayForEach(c, get(row, "components")) {
        add_component(&r, c, where);
    }
    if ((r.gst == 0) == (r.hst == 0) || (r.hst > 0 && r.pst + r.qst > 0) || (r.pst > 0 && r.qst > 0)) {
        fail("these taxes do not go together", where, NULL);
    }
    if (rate_counts[province] == 16) {
        fail("too many spans", where, NULL);
    }
    rate_rows[province][rate_counts[province]++] =
        (struct rate_span){from, *to, r.hst > 0, r.pst + r.qst > 0};
    fprintf(out, "    {NS_PROVINCE_%s, %d, ", where, from);
    if (*to == INT_MIN) {
        fputs("NS_DATE_NONE, ", out);
    } else {
        fprintf(out, "%d, ", *to);
    }
    fprintf(out, "%d, %d, %d, %d, %d, %s, %s, %s, ", r.gst, r.hst, r.pst, r.qst, r.federal,
            r.on_gst ? "true" : "false", r.rst ? "true" : "false",
            sure_of(text_of(row, "confidence", where), where));
    put_sources(out, get(row, "sources"), where);
    fputs("},\n", out);
}

static void write_rates(FILE *out, const cJSON *root) {
    fputs("const struct ns_tax_rate ns_tax_rates[] = {\n", out);
    for (int p = 0; p < PROVINCES; p++) {
        int to = day_number(2007, 12, 31);
        const cJSON *row;
        cJSON_ArrayForEach(row, get(get(get(root, "jurisdictions"), provinces[p]), "history")) {
            write_rate(out, p, row, to, &to);
        }
        if (to != INT_MIN) {
            fail("no rate is in force today", provinces[p], NULL);
        }
    }
    fputs("};\nconst struct ns_tax_span ns_tax_rate_spans[NS_PROVINCE_COUNT] = {\n", out);
    int first = 0;
    for (int p = 0; p < PROVINCES; p++) {
        fprintf(out, "    [NS_PROVINCE_%s] = {%d, %d},\n", provinces[p], first, rate_counts[p]);
        first += rate_counts[p];
    }
    fputs("};\n", out);
}

/* ---- treatments ---- */

static const char *treatment_of(const char *word, const char *where) {
    static const char *const names[][2] = {
        {"taxable", "NS_TAX_TAXABLE"},       {"zero_rated", "NS_TAX_ZERO_RATED"},
        {"exempt", "NS_TAX_EXEMPT"},         {"pos_rebate", "NS_TAX_REBATE"},
        {"hst_full", "NS_TAX_HST_FULL"},     {"zero_with_federal", "NS_TAX_ZERO_WITH_FEDERAL"},
        {"none", "NS_TAX_NONE"},             {"not_taxed", "NS_TAX_NOT_TAXED"},
        {"unverified", "NS_TAX_UNVERIFIED"},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i][0], word) == 0) {
            return names[i][1];
        }
    }
    fail("unknown treatment", where, word);
    return NULL;
}

/* Remarks of the data and the message that says each in both languages. */
static const char *note_of(const char *text, bool must, const char *where) {
    static const char *const notes[][2] = {
        {"only if wholly paid AND handed", "tax_note_window"},
        {"baby supplies exemption", "tax_note_baby_supplies"},
        {"PEI rebates children's clothing", "tax_note_pei"},
        {"the clothing exemption that diapers", "tax_note_sk"},
        {"incontinence products specially", "tax_note_incontinence"},
        {"a payment made before 2026-01-01", "tax_note_mb_cloud"},
        {"confirmed for 2013; the 2018", "tax_note_bc_disposable"},
        {"confirmed for 2015", "tax_note_sk_2015"},
        {"confirmed from 2019", "tax_note_sk_software"},
        {"inferred from the personal-care", "tax_note_cream"},
        {"inferred: only cloth training", "tax_note_bc_training"},
        {"unverified: household medical", "tax_note_bc_cream"},
        {"unverified: may fall under baby", "tax_note_mb_wipes"},
        {"unverified: no ruling found", "tax_note_swim"},
    };
    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++) {
        if (begins(text, notes[i][0])) {
            return notes[i][1];
        }
    }
    if (must) {
        fail("a remark without a message in both languages:", where, text);
    }
    return NULL;
}

static void put_notes(FILE *out, const cJSON *row, const char *where) {
    const cJSON *note = get(row, "note");
    const char *confidence = text_of(row, "confidence", where);
    bool bare = strcmp(confidence, "confirmed") == 0 || strcmp(confidence, "inferred") == 0 ||
                strcmp(confidence, "recalled") == 0 || strcmp(confidence, "unverified") == 0;
    const char *a = cJSON_IsString(note) ? note_of(note->valuestring, true, where) : NULL;
    const char *b = bare ? NULL : note_of(confidence, true, where);
    fprintf(out, "{%s%s, %s%s}, ", a == NULL ? "0" : "NS_MSG_", a == NULL ? "" : a,
            b == NULL ? "0" : "NS_MSG_", b == NULL ? "" : b);
}

static bool is(const char *a, const char *b) {
    return strcmp(a, b) == 0;
}

/* Every rate span that a treatment touches must levy what the treatment speaks of. */
static void check_taxes(int province, int from, int to, const char *federal, const char *word,
                        const char *where) {
    bool of_hst = is(word, "hst_full") || is(word, "pos_rebate") || is(word, "zero_with_federal");
    for (int i = 0; i < rate_counts[province]; i++) {
        const struct rate_span *r = &rate_rows[province][i];
        if ((r->to != INT_MIN && r->to < from) || (to != INT_MIN && r->from > to)) {
            continue;
        }
        bool fits = r->hst          ? of_hst || is(word, "unverified")
                    : r->provincial ? !of_hst && !is(word, "none")
                                    : is(word, "none");
        if (!fits || (r->hst && is(federal, "zero_rated") != is(word, "zero_with_federal"))) {
            fail("this treatment does not fit the taxes of its days:", where, word);
        }
    }
}

static int write_rule(FILE *out, int class, int province, const cJSON *row, int before_to) {
    char where[64];
    snprintf(where, sizeof where, "%s %s", classes[class], provinces[province]);
    int from = day_of(get(row, "from"), where);
    int to = day_of(get(row, "to"), where);
    if (before_to != 0) {
        check_next(before_to, from, to, where);
    }
    const char *federal = text_of(row, "federal", where);
    const char *provincial = text_of(row, "provincial", where);
    check_taxes(province, from, to, federal, provincial, where);
    const cJSON *note = get(row, "note");
    bool window = cJSON_IsString(note) && begins(note->valuestring, "only if wholly paid");
    fprintf(out, "    {(enum ns_tax_class)%d, NS_PROVINCE_%s, %d, ", class, provinces[province], from);
    if (to == INT_MIN) {
        fputs("NS_DATE_NONE, ", out);
    } else {
        fprintf(out, "%d, ", to);
    }
    fprintf(out, "%s, %s, %s, %s, ", treatment_of(federal, where), treatment_of(provincial, where),
            sure_of(text_of(row, "confidence", where), where), window ? "true" : "false");
    put_notes(out, row, where);
    put_sources(out, get(row, "sources"), where);
    fputs("},\n", out);
    return to;
}

static void write_rules(FILE *out, const cJSON *root) {
    static int counts[CLASSES][PROVINCES];
    fputs("const struct ns_tax_rule ns_tax_rules[] = {\n", out);
    for (int c = 0; c < CLASSES; c++) {
        for (int p = 0; p < PROVINCES; p++) {
            int to = 0;
            const cJSON *row;
            cJSON_ArrayForEach(row, get(get(get(root, "treatment"), classes[c]), provinces[p])) {
                to = write_rule(out, c, p, row, to);
                counts[c][p]++;
            }
            if (to != INT_MIN) {
                fail("no treatment holds today", classes[c], provinces[p]);
            }
        }
    }
    fputs("};\nconst struct ns_tax_span ns_tax_rule_spans[NS_TAX_CLASS_COUNT][NS_PROVINCE_COUNT] = {\n", out);
    int first = 0;
    for (int c = 0; c < CLASSES; c++) {
        fputs("    {", out);
        for (int p = 0; p < PROVINCES; p++) {
            fprintf(out, "{%d, %d}, ", first, counts[c][p]);
            first += counts[c][p];
        }
        fputs("},\n", out);
    }
    fputs("};\n", out);
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: taxtables OUT.c sales_tax.json diaper_tax.json\n");
        return 1;
    }
    cJSON *rates = read_json(argv[2]);
    cJSON *treatments = read_json(argv[3]);
    FILE *out = fopen(argv[1], "w");
    if (out == NULL) {
        fail("cannot write", argv[1], NULL);
    }
    fputs("/* Made from schema/data/canada at build time. */\n"
          "#include \"shared/tax/tables.h\"\n#include \"shared/text/message.h\"\n", out);
    write_sources(out, rates);
    write_rates(out, rates);
    write_rules(out, treatments);
    cJSON_Delete(rates);
    cJSON_Delete(treatments);
    return fclose(out) == 0 ? 0 : 1;
}
