/* tax: sales tax of a table of lines, or one line explained to the cent. */
#include "shared/tax/explain.h"

#include "shared/base/arena.h"
#include "shared/base/env.h"
#include "shared/calendar/holiday.h"
#include "tui/cli/offline/json.h"
#include "tui/cli/offline/offline.h"
#include "tui/cli/offline/say.h"

#include <stdio.h>
#include <string.h>

#define FILE_MOST ((size_t)256 << 20)
#define COLUMNS_MOST 32
#define FLUSH_AT ((size_t)1 << 16)

/* ---- tax --csv ---- */

enum column { COL_ID, COL_DATE, COL_PROVINCE, COL_CLASS, COL_SUBTOTAL, COL_COUNT };
static const char *const column_names[COL_COUNT] = {"id", "date", "province", "product_class",
                                                    "subtotal_cents"};

/* The next field of a line; quoted fields may hold commas, and "" for a quote stays as it is. */
static struct ns_str next_field(struct ns_str *rest) {
    if (rest->n > 0 && rest->p[0] == '"') {
        size_t i = 1;
        while (i < rest->n && (rest->p[i] != '"' || (i + 1 < rest->n && rest->p[i + 1] == '"'))) {
            i += rest->p[i] == '"' ? 2 : 1;
        }
        struct ns_str field = {rest->p + 1, i > rest->n ? rest->n - 1 : i - 1};
        *rest = i + 1 < rest->n ? (struct ns_str){rest->p + i + 1, rest->n - i - 1} : NS_STR("");
        (void)ns_str_cut(rest, ',');
        return field;
    }
    return ns_str_trim(ns_str_cut(rest, ','));
}

static bool read_head(struct ns_str line, int place[COL_COUNT]) {
    int found = 0;
    for (int i = 0; i < COL_COUNT; i++) {
        place[i] = -1;
    }
    for (int i = 0; line.n > 0 && i < COLUMNS_MOST; i++) {
        struct ns_str name = next_field(&line);
        for (int c = 0; c < COL_COUNT; c++) {
            if (place[c] < 0 && ns_str_is(name, column_names[c])) {
                place[c] = i;
                found++;
            }
        }
    }
    return found == COL_COUNT;
}

static void put_quoted(struct ns_buf *out, struct ns_str text) {
    bool plain = true;
    for (size_t i = 0; i < text.n; i++) {
        plain = plain && text.p[i] != ',' && text.p[i] != '"';
    }
    if (plain) {
        ns_buf_str(out, text);
        return;
    }
    ns_buf_char(out, '"');
    for (size_t i = 0; i < text.n; i++) {
        ns_buf_text(out, text.p[i] == '"' ? "\"\"" : "");
        ns_buf_char(out, text.p[i]);
    }
    ns_buf_char(out, '"');
}

static void put_rates(struct ns_buf *out, const struct ns_tax_answer *a) {
    static const char *const names[NS_TAX_KINDS] = {"GST", "HST", "PST", "QST"};
    for (int i = 0; i < a->part_count; i++) {
        const struct ns_tax_part *p = &a->part[i];
        ns_buf_fmt(out, "%s%s:%d%s", i > 0 ? "|" : "", names[p->kind], (int)p->rate_ppm,
                   p->on_gst ? "+gst" : "");
    }
}

static void put_why(struct ns_buf *out, enum ns_lang lang, const struct ns_tax_answer *a) {
    char room[512];
    struct ns_buf why = NS_BUF(sizeof room);
    if (a->unknown != NS_TAX_KNOWN) {
        NS_MSG_TO(&why, lang, NS_MSG_tax_unknown, ns_tax_unknown_text(lang, a->unknown));
    }
    for (int i = 0; i < a->part_count; i++) {
        ns_buf_text(&why, i > 0 ? " " : "");
        ns_tax_part_why(&why, lang, &a->part[i], a->rate->federal_ppm);
    }
    put_quoted(out, ns_buf_view(&why));
    ns_buf_fini(&why);
}

/* A negative subtotal is a refund of a charge of that size. */
static bool answer_line(const struct ns_str field[COL_COUNT], struct ns_tax_answer *out) {
    struct ns_tax_query q = {.handed_on = NS_DATE_NONE};
    int64_t subtotal = 0;
    bool well = ns_date_parse(field[COL_DATE], &q.day) &&
                ns_str_int(field[COL_SUBTOTAL], INT64_MIN + 1, INT64_MAX, &subtotal);
    if (!well || !ns_province_parse(field[COL_PROVINCE], &q.province) ||
        !ns_tax_class_parse(field[COL_CLASS], &q.class)) {
        *out = (struct ns_tax_answer){.unknown = NS_TAX_NO_CLASS};
        return well;
    }
    q.subtotal = subtotal < 0 ? -subtotal : subtotal;
    struct ns_tax_answer charge;
    if (ns_tax_line(&q, &charge) && subtotal < 0) {
        (void)ns_tax_refund(&charge, 0, q.subtotal, out);
    } else {
        *out = charge;
    }
    return true;
}

static void csv_line(struct ns_buf *out, enum ns_lang lang, struct ns_str line,
                     const int place[COL_COUNT]) {
    struct ns_str field[COL_COUNT] = {{0}};
    for (int i = 0; line.n > 0 && i < COLUMNS_MOST; i++) {
        struct ns_str value = next_field(&line);
        for (int c = 0; c < COL_COUNT; c++) {
            field[c] = place[c] == i ? value : field[c];
        }
    }
    struct ns_tax_answer a;
    bool well = answer_line(field, &a);
    for (int c = 0; c < COL_COUNT; c++) {
        put_quoted(out, field[c]);
        ns_buf_char(out, ',');
    }
    if (!well) {
        ns_buf_text(out, ",,,,,,,");
        put_quoted(out, ns_str_of(ns_msg(lang, NS_MSG_tax_csv_bad_line)));
    } else if (a.unknown != NS_TAX_KNOWN) {
        ns_buf_text(out, ",,,,,,,");
        put_why(out, lang, &a);
    } else {
        for (int kind = 0; kind < NS_TAX_KINDS; kind++) {
            ns_buf_fmt(out, "%lld,", (long long)ns_tax_of_kind(&a, (enum ns_tax_kind)kind));
        }
        ns_buf_fmt(out, "%lld,%lld,", (long long)a.total_tax, (long long)a.total);
        put_rates(out, &a);
        ns_buf_char(out, ',');
        put_why(out, lang, &a);
    }
    ns_buf_char(out, '\n');
}

static ns_rc run_csv(enum ns_lang lang, const char *path, struct ns_err *err) {
    const struct ns_env *env = ns_env_system();
    struct ns_buf file = NS_BUF(FILE_MOST);
    struct ns_buf out = NS_BUF(FLUSH_AT * 4);
    int place[COL_COUNT] = {0};
    ns_rc rc = env->read_file(env->self, path, &file, NULL);
    struct ns_str text = ns_buf_view(&file);
    if (rc != NS_OK) {
        rc = ns_err_say(err, rc, NS_MSG_tax_csv_read, path, NULL, NULL);
    } else if (!read_head(ns_str_trim(ns_str_cut(&text, '\n')), place)) {
        rc = ns_err_say(err, NS_E_INPUT, NS_MSG_tax_csv_columns, path, NULL, NULL);
    } else {
        ns_buf_text(&out, "id,date,province,product_class,subtotal_cents,gst_cents,hst_cents,"
                          "pst_cents,qst_cents,total_tax_cents,total_cents,rates_ppm,why\n");
    }
    while (rc == NS_OK && text.n > 0) {
        struct ns_str line = ns_str_trim(ns_str_cut(&text, '\n'));
        if (line.n > 0) {
            csv_line(&out, lang, line, place);
        }
        if (out.len >= FLUSH_AT) {
            (void)fwrite(out.data, 1, out.len, stdout);
            ns_buf_clear(&out);
        }
    }
    (void)fwrite(out.data == NULL ? "" : out.data, 1, out.len, stdout);
    ns_buf_fini(&out);
    ns_buf_fini(&file);
    return rc;
}

/* ---- tax explain ---- */

struct explain {
    struct ns_tax_query q;
    bool province;
    bool amount;
    bool json;
};

static bool parse_option(const char *name, const char *value, struct explain *e) {
    struct ns_str text = ns_str_of(value);
    if (strcmp(name, "--province") == 0) {
        return e->province = ns_province_parse(text, &e->q.province);
    }
    if (strcmp(name, "--class") == 0) {
        return ns_tax_class_parse(text, &e->q.class);
    }
    if (strcmp(name, "--amount") == 0) {
        return e->amount = ns_money_parse(text, &e->q.subtotal) && e->q.subtotal >= 0;
    }
    if (strcmp(name, "--date") == 0) {
        return ns_date_parse(text, &e->q.day);
    }
    return strcmp(name, "--handed") == 0 && ns_date_parse(text, &e->q.handed_on);
}

static ns_rc parse_explain(int argc, char **argv, struct explain *e, struct ns_err *err) {
    *e = (struct explain){.q = {.class = NS_TAX_CLASS_SOFTWARE_LOCAL, .handed_on = NS_DATE_NONE}};
    e->q.day = (ns_date)(ns_env_now(ns_env_system()) / NS_DAY);
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0) {
            e->json = true;
        } else if (i + 1 >= argc || !parse_option(argv[i], argv[i + 1], e)) {
            return ns_err_say(err, NS_E_USAGE, NS_MSG_tax_usage, argv[i], NULL, NULL);
        } else {
            i++;
        }
    }
    if (!e->province || !e->amount) {
        return ns_err_say(err, NS_E_USAGE, NS_MSG_tax_usage,
                          e->province ? "--amount" : "--province", NULL, NULL);
    }
    return NS_OK;
}

static void put_parts_json(struct ns_buf *out, enum ns_lang lang, const struct ns_tax_answer *a) {
    ns_buf_text(out, ", \"taxes\": [");
    for (int i = 0; i < a->part_count; i++) {
        const struct ns_tax_part *p = &a->part[i];
        struct ns_buf why = NS_BUF(1024);
        ns_tax_part_why(&why, lang, p, a->rate->federal_ppm);
        ns_buf_text(out, i > 0 ? ", {" : "{");
        offline_put_text(out, "name", ns_tax_name(lang, p->kind, p->rst));
        ns_buf_fmt(out, ", \"rate_ppm\": %d, \"base_cents\": %lld, \"cents\": %lld, ",
                   (int)p->rate_ppm, (long long)p->base_cents, (long long)p->cents);
        offline_put_text(out, "why", why.data);
        ns_buf_char(out, '}');
        ns_buf_fini(&why);
    }
    static const char *const sure[] = {"confirmed", "inferred", "estimate"};
    ns_buf_fmt(out, "], \"total_tax_cents\": %lld, \"total_cents\": %lld, \"sure\": \"%s\", ",
               (long long)a->total_tax, (long long)a->total, sure[a->sure]);
}

static void put_explain_json(struct ns_buf *out, enum ns_lang lang, const struct explain *e,
                             const struct ns_tax_answer *a) {
    ns_buf_char(out, '{');
    offline_put_date(out, "date", e->q.day);
    ns_buf_text(out, ", ");
    offline_put_text(out, "province", ns_province_name(e->q.province));
    ns_buf_text(out, ", ");
    offline_put_text(out, "product_class", ns_tax_class_id(e->q.class));
    ns_buf_fmt(out, ", \"subtotal_cents\": %lld", (long long)e->q.subtotal);
    if (a->unknown != NS_TAX_KNOWN) {
        ns_buf_text(out, ", ");
        offline_put_text(out, "unknown", ns_tax_unknown_text(lang, a->unknown));
    } else {
        put_parts_json(out, lang, a);
        offline_put_text(out, "sources_read", ns_tax_read_on);
    }
    ns_buf_text(out, "}\n");
}

static void put_explain_text(struct ns_buf *out, enum ns_lang lang, const struct explain *e,
                             const struct ns_tax_answer *a) {
    struct ns_buf price = NS_BUF(64);
    struct ns_buf day = NS_BUF(64);
    ns_text_money(&price, lang, e->q.subtotal);
    ns_text_date(&day, lang, e->q.day, true);
    NS_MSG_TO(out, lang, NS_MSG_tax_explain_head, ns_tax_class_name(lang, e->q.class),
              ns_province_title(ns_province_name(e->q.province), lang == NS_LANG_FR), day.data,
              price.data);
    ns_buf_char(out, '\n');
    ns_tax_explain(out, lang, a);
    ns_buf_fini(&price);
    ns_buf_fini(&day);
}

static ns_rc run_explain(enum ns_lang lang, int argc, char **argv, struct ns_err *err) {
    struct explain e;
    ns_rc rc = parse_explain(argc, argv, &e, err);
    if (rc != NS_OK) {
        return rc;
    }
    struct ns_tax_answer a;
    struct ns_buf out = NS_BUF(64u << 10);
    (void)ns_tax_line(&e.q, &a);
    if (e.json) {
        put_explain_json(&out, lang, &e, &a);
    } else {
        put_explain_text(&out, lang, &e, &a);
    }
    (void)fwrite(out.data, 1, out.len, stdout);
    ns_buf_fini(&out);
    return NS_OK;
}

int ns_offline_tax(enum ns_lang lang, int argc, char **argv) {
    struct ns_err err = {0};
    ns_rc rc;
    if (argc == 3 && strcmp(argv[1], "--csv") == 0) {
        rc = run_csv(lang, argv[2], &err);
    } else if (argc >= 2 && strcmp(argv[1], "explain") == 0) {
        rc = run_explain(lang, argc, argv, &err);
    } else {
        rc = ns_err_say(&err, NS_E_USAGE, NS_MSG_tax_usage, argc > 1 ? argv[1] : "tax", NULL, NULL);
    }
    if (rc != NS_OK) {
        offline_complain(lang, &err);
    }
    return ns_rc_exit_status(rc);
}
