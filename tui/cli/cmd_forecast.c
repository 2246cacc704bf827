/* cmd_forecast.c: the questions predict can be asked: why, what if, together, supplies, again. */
#include "shared/model/size.h"
#include "tui/cli/ctx.h"
#include "tui/link/documents.h"

#include <stdio.h>
#include <string.h>

bool ns_cli_predict_asks(const struct ns_cli *cli) {
    const bool *given = cli->args.given;
    return given[NS_OPT_EXPLAIN] || given[NS_OPT_WHAT_IF] || given[NS_OPT_REPLAY] ||
           given[NS_OPT_HOUSEHOLD] || given[NS_OPT_SUPPLIES];
}

/* The text of a member with control characters taken out; "" for null. */
static void add_clean(struct ns_cli *cli, const struct ns_json *value) {
    const char *text = ns_json_text(value);
    ns_cli_clean(&cli->out, text != NULL ? text : "");
}

static void lines(struct ns_cli *cli, const struct ns_json *list, const char *indent) {
    for (const struct ns_json *one = ns_json_first(list); one != NULL; one = ns_json_next(one)) {
        ns_buf_text(&cli->out, indent);
        add_clean(cli, one);
        ns_buf_char(&cli->out, '\n');
    }
}

static ns_date day_of(const struct ns_json *object, const char *name) {
    const char *text = ns_json_text(ns_json_get(object, name));
    ns_date day;
    return text != NULL && ns_date_parse(ns_str_of(text), &day) ? day : NS_DATE_NONE;
}

/* One line of run-out and order day. */
static void runout(struct ns_cli *cli, const struct ns_json *o) {
    char text[48];
    ns_date day = day_of(o, "runoutDate");
    ns_date first = day_of(o, "runoutEarliestDate");
    ns_date by = day_of(o, "reorderDate");
    if (day == NS_DATE_NONE) {
        ns_cli_line(cli, NS_MSG_cli_outlook_unknown);
        return;
    }
    struct ns_buf span = NS_BUF(200);
    ns_text_span(&span, cli->lang, first != NS_DATE_NONE ? first : day, day_of(o, "runoutLatestDate"));
    ns_cli_date(cli, text, day);
    NS_SAY(cli, NS_MSG_cli_outlook_runout, text, span.data);
    ns_buf_fini(&span);
    if (by != NS_DATE_NONE && by <= cli->home.today) {
        ns_cli_line(cli, NS_MSG_cli_outlook_order_today);
    } else if (by != NS_DATE_NONE) {
        ns_cli_date(cli, text, by);
        NS_SAY(cli, NS_MSG_cli_outlook_order, text);
    }
}

static ns_rc ask_child(struct ns_cli *cli, const char *document, const struct ns_app_child *child,
                       const char *more, struct ns_json **answer, struct ns_err *err) {
    char id[NS_ID_TEXT];
    struct ns_buf vars = NS_BUF(1000);
    ns_id_format(child->id, id);
    ns_buf_fmt(&vars, "{\"child\":\"%s\"%s}", id, more);
    ns_rc rc = ns_cli_query(cli, document, vars.data, NULL, answer, err);
    ns_buf_fini(&vars);
    return rc;
}

static void json(struct ns_cli *cli, const struct ns_json *answer) {
    ns_json_write(&cli->out, ns_json_get(answer, "data"), false);
    ns_buf_char(&cli->out, '\n');
}

static void explain(struct ns_cli *cli, const struct ns_app_child *child, const struct ns_json *answer) {
    const struct ns_json *p = ns_json_first(ns_json_path(answer, "data.getConsumptionPredictions.items"));
    const struct ns_json *review = ns_json_path(answer, "data.forecastReview");
    ns_cli_clean(&cli->out, child->name);
    ns_buf_char(&cli->out, '\n');
    if (p == NULL) {
        ns_cli_line(cli, NS_MSG_cli_status_no_forecast);
        return;
    }
    if (ns_json_bool(ns_json_get(p, "alert"), false)) {
        ns_cli_line(cli, NS_MSG_cli_forecast_alert);
    }
    lines(cli, ns_json_get(p, "explanation"), "  ");
    if (!ns_json_is_null(review)) {
        ns_buf_text(&cli->out, "  ");
        add_clean(cli, ns_json_get(review, "summary"));
        ns_buf_char(&cli->out, '\n');
    }
    const char *id = ns_json_text(ns_json_get(p, "id"));
    const char *version = ns_json_text(ns_json_get(p, "modelVersion"));
    NS_SAY(cli, NS_MSG_cli_forecast_from, version != NULL ? version : "", id != NULL ? id : "");
}

/* ---- what if ---- */

static bool add_field(struct ns_buf *fields, const char *name, const char *value) {
    ns_date day;
    if (value == NULL || !ns_date_parse(ns_str_of(value), &day)) {
        return false;
    }
    ns_cli_json_date(fields, name, day);
    return true;
}

/* "2026-12-20..2027-01-03" into two fields. */
static bool add_span(struct ns_buf *fields, const char *from, const char *to, const char *value) {
    char first[16];
    const char *dots = strstr(value, "..");
    size_t n = dots != NULL ? (size_t)(dots - value) : strlen(value);
    if (n >= sizeof first) {
        return false;
    }
    memcpy(first, value, n);
    first[n] = '\0';
    return add_field(fields, from, first) && add_field(fields, to, dots != NULL ? dots + 2 : first);
}

/* "sick=3,closed=A..B,travel=A..B,second=DATE" as the fields of the input. */
static bool read_changes(const char *word, struct ns_buf *fields) {
    struct ns_str rest = ns_str_of(word);
    bool good = rest.n > 0;
    while (good && rest.n > 0) {
        char value[40];
        struct ns_str one = ns_str_cut(&rest, ',');
        struct ns_str key = ns_str_cut(&one, '=');
        int64_t days = 0;
        good = one.n > 0 && one.n < sizeof value;
        if (!good) {
            break;
        }
        memcpy(value, one.p, one.n);
        value[one.n] = '\0';
        if (ns_str_is(key, "sick") || ns_str_is(key, "malade")) {
            good = ns_str_int(one, 1, 60, &days);
            ns_buf_fmt(fields, "%s\"sickDays\":%d", fields->len > 0 ? "," : "", (int)days);
        } else if (ns_str_is(key, "closed") || ns_str_is(key, "fermee") || ns_str_is(key, "fermée")) {
            good = add_span(fields, "daycareClosedFrom", "daycareClosedTo", value);
        } else if (ns_str_is(key, "travel") || ns_str_is(key, "voyage")) {
            good = add_span(fields, "travelFrom", "travelTo", value);
        } else if (ns_str_is(key, "second") || ns_str_is(key, "deuxième")) {
            good = add_field(fields, "secondChildBorn", value);
        } else {
            good = false;
        }
    }
    return good;
}

static void what_if(struct ns_cli *cli, const struct ns_app_child *child, const struct ns_json *answer) {
    ns_cli_clean(&cli->out, child->name);
    ns_buf_char(&cli->out, '\n');
    lines(cli, ns_json_path(answer, "data.forecastScenario.summary"), "  ");
}

/* ---- supplies, shelves, replay ---- */

static void supplies(struct ns_cli *cli, const struct ns_app_child *child, const struct ns_json *answer) {
    const struct ns_json *list = ns_json_path(answer, "data.supplyOutlook");
    ns_cli_clean(&cli->out, child->name);
    ns_buf_char(&cli->out, '\n');
    if (ns_json_count(list) == 0) {
        ns_cli_line(cli, NS_MSG_cli_supply_none);
    }
    for (const struct ns_json *s = ns_json_first(list); s != NULL; s = ns_json_next(s)) {
        ns_buf_text(&cli->out, "  ");
        add_clean(cli, ns_json_get(s, "summary"));
        ns_buf_char(&cli->out, '\n');
    }
}

static const char *name_of(const struct ns_app_child *list, size_t count, const char *id) {
    for (size_t i = 0; id != NULL && i < count; i++) {
        char text[NS_ID_TEXT];
        ns_id_format(list[i].id, text);
        if (strcmp(text, id) == 0) {
            return list[i].name;
        }
    }
    return "";
}

static ns_rc shelves(struct ns_cli *cli, struct ns_err *err) {
    static struct ns_app_child list[NS_APP_CHILDREN];
    size_t count = 0;
    struct ns_json *answer = NULL;
    ns_rc rc = ns_cli_children(cli, list, &count, err);
    if (rc == NS_OK) {
        rc = ns_cli_query(cli, NS_DOC_SHELVES, "{}", NULL, &answer, err);
    }
    if (rc == NS_OK && cli->json) {
        json(cli, answer);
    }
    const struct ns_json *all = rc == NS_OK && !cli->json ? ns_json_path(answer, "data.householdOutlook") : NULL;
    for (const struct ns_json *s = ns_json_first(all); s != NULL; s = ns_json_next(s)) {
        const struct ns_json *o = ns_json_get(s, "outlook");
        char stock[24];
        char need[24];
        struct ns_buf names = NS_BUF(2000);
        snprintf(stock, sizeof stock, "%d", (int)ns_json_int(ns_json_get(s, "stock"), 0));
        snprintf(need, sizeof need, "%d", (int)ns_json_int(ns_json_get(o, "demand30d"), 0));
        const struct ns_json *ids = ns_json_get(s, "childIds");
        for (const struct ns_json *id = ns_json_first(ids); id != NULL; id = ns_json_next(id)) {
            ns_buf_text(&names, names.len > 0 ? ", " : "");
            ns_cli_clean(&names, name_of(list, count, ns_json_text(id)));
        }
        char word[32];
        enum ns_size size;
        const char *worn = ns_json_text(ns_json_get(s, "size"));
        if (worn == NULL || !ns_size_parse(ns_str_of(worn), &size)) {
            size = NS_SIZE_NEWBORN;
        }
        NS_SAY(cli, NS_MSG_cli_shelf, ns_cli_size_word(cli, (int)size, word), names.data != NULL ? names.data : "", stock, need);
        ns_buf_fini(&names);
        runout(cli, o);
    }
    ns_json_free(answer);
    return rc;
}

static ns_rc replay(struct ns_cli *cli, struct ns_err *err) {
    const char *word = cli->args.value[NS_OPT_REPLAY];
    struct ns_buf vars = NS_BUF(200);
    struct ns_json *answer = NULL;
    ns_id id;
    if (!ns_id_parse(ns_str_of(word), &id)) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_cli_bad_value, "replay", word, NULL);
    }
    ns_buf_fmt(&vars, "{\"id\":\"%s\"}", word);
    ns_rc rc = ns_cli_query(cli, NS_DOC_REPLAY, vars.data, NULL, &answer, err);
    ns_buf_fini(&vars);
    const struct ns_json *r = ns_json_path(answer, "data.predictionReplay");
    if (rc == NS_OK) {
        bool same = ns_json_bool(ns_json_get(r, "same"), false);
        if (cli->json) {
            json(cli, answer);
        } else {
            const char *hash = ns_json_text(ns_json_get(r, "replayHash"));
            const char *version = ns_json_text(ns_json_get(r, "modelVersion"));
            bool model = ns_json_bool(ns_json_get(r, "sameModel"), false);
            NS_SAY(cli, same ? NS_MSG_cli_replay_same : model ? NS_MSG_cli_replay_differs : NS_MSG_cli_replay_model,
                   hash != NULL ? hash : "", version != NULL ? version : "");
        }
        if (!same) {
            rc = ns_err_say(err, NS_E_DAMAGED, NS_MSG_cli_replay_failed, NULL, NULL, NULL);
        }
    }
    ns_json_free(answer);
    return rc;
}

/* ---- which question, for one child or for all ---- */

typedef void show_fn(struct ns_cli *cli, const struct ns_app_child *child, const struct ns_json *answer);

static ns_rc each(struct ns_cli *cli, const char *document, const char *more, show_fn *show, struct ns_err *err) {
    static struct ns_app_child list[NS_APP_CHILDREN];
    size_t count = 1;
    bool single = cli->args.operand_count > 0;
    ns_rc rc = single ? ns_cli_child(cli, cli->args.operand[0], &list[0], err) : ns_cli_children(cli, list, &count, err);
    for (size_t i = 0; rc == NS_OK && i < count; i++) {
        struct ns_json *answer = NULL;
        rc = ask_child(cli, document, &list[i], more, &answer, err);
        if (rc == NS_OK && cli->json) {
            json(cli, answer);
        } else if (rc == NS_OK) {
            show(cli, &list[i], answer);
        }
        ns_json_free(answer);
    }
    return rc;
}

ns_rc ns_cli_predict_answer(struct ns_cli *cli, struct ns_err *err) {
    const bool *given = cli->args.given;
    if (given[NS_OPT_REPLAY]) {
        return replay(cli, err);
    }
    if (given[NS_OPT_HOUSEHOLD]) {
        return shelves(cli, err);
    }
    if (given[NS_OPT_SUPPLIES]) {
        return each(cli, NS_DOC_SUPPLIES, "", supplies, err);
    }
    if (given[NS_OPT_EXPLAIN]) {
        return each(cli, NS_DOC_EXPLAIN, "", explain, err);
    }
    struct ns_buf fields = NS_BUF(600);
    struct ns_buf more = NS_BUF(700);
    const char *word = cli->args.value[NS_OPT_WHAT_IF];
    ns_rc rc = NS_OK;
    if (!read_changes(word, &fields) || fields.failed) {
        rc = ns_err_say(err, NS_E_USAGE, NS_MSG_cli_bad_change, word, NULL, NULL);
    } else {
        ns_buf_fmt(&more, ",\"input\":{%s}", fields.data);
        rc = each(cli, NS_DOC_WHAT_IF, more.data, what_if, err);
    }
    ns_buf_fini(&fields);
    ns_buf_fini(&more);
    return rc;
}
