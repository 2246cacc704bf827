/* cmd_show.c: what is there: status, predict, children, stock. */
#include "tui/app/layout.h"
#include "tui/cli/ctx.h"
#include "tui/link/decode.h"
#include "tui/link/documents.h"
#include "tui/widget/line.h"

#include <stdio.h>
#include <string.h>

static void json_prediction(struct ns_buf *out, const struct ns_app_prediction *p) {
    static const char *const levels[] = {"VERY_LOW", "LOW", "MEDIUM", "HIGH", "VERY_HIGH"};
    ns_cli_json_time(out, "createdAt", p->created);
    ns_cli_json_number(out, "ratePerDay", p->rate, 100);
    ns_cli_json_number(out, "demand30", p->demand30, 1);
    ns_cli_json_number(out, "demand30Lower", p->demand30_lower, 1);
    ns_cli_json_number(out, "demand30Upper", p->demand30_upper, 1);
    ns_cli_json_date(out, "runout", p->runout);
    ns_cli_json_date(out, "runoutEarliest", p->runout_earliest);
    ns_cli_json_date(out, "runoutLatest", p->runout_latest);
    ns_cli_json_date(out, "reorderBy", p->reorder_by);
    ns_cli_json_text(out, "confidence", levels[p->confidence]);
    ns_cli_json_text(out, "runoutConfidence", levels[p->runout_confidence]);
    ns_cli_json_number(out, "meanAbsoluteError", p->mae, 100);
    ns_cli_json_number(out, "coveragePercent", p->coverage, 1);
    ns_buf_text(out, ",\"days\":[");
    for (int i = 0; i < p->forecast_count; i++) {
        const struct ns_app_forecast_day *d = &p->forecast[i];
        ns_buf_text(out, i > 0 ? ",{" : "{");
        ns_cli_json_date(out, "date", d->date);
        ns_cli_json_number(out, "expected", d->expected, 100);
        ns_cli_json_number(out, "lower", d->lower, 100);
        ns_cli_json_number(out, "upper", d->upper, 100);
        ns_buf_char(out, '}');
    }
    ns_buf_char(out, ']');
}

static void json_child(struct ns_buf *out, const struct ns_app_child *c) {
    char id[NS_ID_TEXT];
    ns_id_format(c->id, id);
    ns_buf_char(out, '{');
    ns_cli_json_text(out, "id", id);
    ns_cli_json_text(out, "name", c->name);
    ns_cli_json_date(out, "dateOfBirth", c->birth);
    ns_cli_json_number(out, "size", c->size, 1);
    ns_cli_json_number(out, "weightG", c->weight_g, 1);
    ns_cli_json_number(out, "left", c->left, 1);
    ns_cli_json_bool(out, "everStocked", c->ever_stocked);
    ns_cli_json_number(out, "todayChanges", c->today_changes, 1);
    ns_cli_json_time(out, "lastChange", c->last_change);
    if (c->prediction.present) {
        ns_buf_text(out, ",\"prediction\":{");
        json_prediction(out, &c->prediction);
        ns_buf_text(out, "}}");
    } else {
        ns_buf_text(out, ",\"prediction\":null}");
    }
}

static void json_home(struct ns_cli *cli, const struct ns_app_child *list, size_t count) {
    struct ns_buf *out = &cli->out;
    ns_buf_text(out, "{\"household\":{");
    ns_cli_json_text(out, "province", cli->home.province);
    ns_cli_json_text(out, "timezone", ns_zone_name(cli->zone));
    ns_cli_json_bool(out, "demo", cli->home.demo);
    ns_cli_json_date(out, "today", cli->home.today);
    ns_buf_text(out, "},\"children\":[");
    for (size_t i = 0; i < count; i++) {
        ns_buf_text(out, i > 0 ? "," : "");
        json_child(out, &list[i]);
    }
    ns_buf_text(out, "]}\n");
}

/* What three commands begin with. True: the answer is given already, as JSON or that there is no
 * child; the lines are still to be said otherwise. */
static bool answered(struct ns_cli *cli, const struct ns_app_child *list, size_t count) {
    if (cli->json) {
        json_home(cli, list, count);
    } else if (count == 0) {
        ns_cli_line(cli, NS_MSG_cli_no_children);
    }
    return cli->json || count == 0;
}

static void say_left(struct ns_cli *cli, size_t number, const struct ns_app_child *c) {
    char line[24];
    char left[16];
    char size[32];
    snprintf(line, sizeof line, "%zu", number);
    snprintf(left, sizeof left, "%d", c->left == NS_APP_NUMBER_NONE ? 0 : (int)c->left);
    NS_SAY(cli, c->left == NS_APP_NUMBER_NONE ? NS_MSG_cli_status_unread : NS_MSG_cli_status_left,
           line, c->name, left, ns_cli_size_word(cli, c->size, size));
}

static void say_runout(struct ns_cli *cli, const struct ns_app_child *c) {
    const struct ns_app_prediction *p = &c->prediction;
    char rate[32];
    char runout[48];
    char days[16];
    if (!p->present) {
        ns_cli_line(cli, NS_MSG_cli_status_no_forecast);
        return;
    }
    ns_cli_hundredths(cli, rate, p->rate, 1);
    const char *sure = ns_msg(cli->lang, ns_cli_confidence_word((int)p->runout_confidence));
    if (p->runout == NS_DATE_NONE) {
        NS_SAY(cli, c->ever_stocked ? NS_MSG_cli_status_beyond : NS_MSG_cli_status_never_stocked,
               rate, sure);
        return;
    }
    int32_t left = p->runout - cli->home.today;
    snprintf(days, sizeof days, "%d", left < 0 ? 0 : (int)left);
    ns_cli_date(cli, runout, p->runout);
    struct ns_buf span = NS_BUF(200);
    ns_text_span(&span, cli->lang, p->runout_earliest != NS_DATE_NONE ? p->runout_earliest : p->runout, p->runout_latest);
    NS_SAY(cli, ns_msg_plural(cli->lang, left, NS_MSG_cli_status_runout_one,
                              NS_MSG_cli_status_runout_other), days, runout, span.data, rate, sure);
    ns_buf_fini(&span);
    if (p->reorder_by != NS_DATE_NONE) {
        char by[48];
        ns_cli_date(cli, by, p->reorder_by);
        if (p->reorder_by <= cli->home.today) {
            ns_cli_line(cli, NS_MSG_cli_status_order_today);
        } else {
            NS_SAY(cli, NS_MSG_cli_status_order_by, by);
        }
    }
}

static void say_today(struct ns_cli *cli, const struct ns_app_child *c) {
    char today[16];
    char last[48];
    snprintf(today, sizeof today, "%d", (int)c->today_changes);
    ns_cli_clock(cli, last, c->last_change);
    if (last[0] == '\0') {
        ns_cli_line(cli, NS_MSG_cli_status_no_change);
    } else {
        NS_SAY(cli, NS_MSG_cli_status_today, today,
               ns_msg(cli->lang, ns_cli_kind_word(c->last_kind)), last);
    }
}

ns_rc ns_cli_status(struct ns_cli *cli, struct ns_err *err) {
    static struct ns_app_child list[NS_APP_CHILDREN];
    size_t count = 0;
    ns_rc rc = ns_cli_children(cli, list, &count, err);
    if (rc == NS_OK && cli->home.demo && !cli->json) {
        ns_cli_line(cli, NS_MSG_cli_demo_banner);
    }
    if (rc != NS_OK || answered(cli, list, count)) {
        return rc;
    }
    for (size_t i = 0; i < count; i++) {
        say_left(cli, i + 1, &list[i]);
        say_runout(cli, &list[i]);
        say_today(cli, &list[i]);
    }
    ns_date from;
    if (ns_cli_clock_old(cli, &from)) {
        char day[48];
        ns_cli_date(cli, day, from);
        NS_SAY(cli, NS_MSG_cli_doctor_clock_old, day);
    }
    return NS_OK;
}

/* ---- predict ------------------------------------------------------------------------------ */

static void say_forecast(struct ns_cli *cli, size_t number, const struct ns_app_child *c) {
    const struct ns_app_prediction *p = &c->prediction;
    char rate[32];
    char a[16];
    char b[16];
    char d[16];
    say_left(cli, number, c);
    say_runout(cli, c);
    if (!p->present) {
        return;
    }
    snprintf(b, sizeof b, "%d", (int)p->demand30_lower);
    snprintf(d, sizeof d, "%d", (int)p->demand30_upper);
    NS_SAY(cli, NS_MSG_cli_predict_demand,
           ns_line_plural(cli->lang, p->demand30, NS_MSG_count_diaper_one, NS_MSG_count_diaper_other).s, b, d);
    snprintf(a, sizeof a, "%d", (int)p->training_points);
    struct ns_line days = ns_line_plural(cli->lang, p->training_days, NS_MSG_count_day_one, NS_MSG_count_day_other);
    if (p->mae != NS_APP_NUMBER_NONE) {
        ns_cli_hundredths(cli, rate, p->mae, 1);
        NS_SAY(cli, NS_MSG_cli_predict_error, rate, a, days.s);
    } else {
        NS_SAY(cli, NS_MSG_cli_predict_unmeasured, a, days.s);
    }
    for (int i = 0; i < p->forecast_count && i < 7; i++) {
        char day[48];
        char low[32];
        char high[32];
        ns_cli_date(cli, day, p->forecast[i].date);
        ns_cli_hundredths(cli, rate, p->forecast[i].expected, 1);
        ns_cli_hundredths(cli, low, p->forecast[i].lower, 1);
        ns_cli_hundredths(cli, high, p->forecast[i].upper, 1);
        NS_SAY(cli, NS_MSG_cli_predict_day, day, rate, low, high);
    }
}

static ns_rc forecast_now(struct ns_cli *cli, const struct ns_app_child *c, struct ns_err *err) {
    char id[NS_ID_TEXT];
    struct ns_buf vars = NS_BUF(100);
    struct ns_json *answer = NULL;
    ns_id_format(c->id, id);
    ns_buf_fmt(&vars, "{\"child\":\"%s\"}", id);
    ns_rc rc = ns_cli_query(cli, NS_DOC_PREDICT, vars.data, "triggerPredictionUpdate", &answer, err);
    ns_json_free(answer);
    ns_buf_fini(&vars);
    return rc;
}

ns_rc ns_cli_predict(struct ns_cli *cli, struct ns_err *err) {
    static struct ns_app_child list[NS_APP_CHILDREN];
    static struct ns_app_child one;
    size_t count = 0;
    bool single = cli->args.operand_count > 0;
    if (ns_cli_predict_asks(cli)) {
        return ns_cli_predict_answer(cli, err);
    }
    if (cli->args.given[NS_OPT_AS_DOCUMENTED]) {
        return ns_cli_documented(cli, err);
    }
    ns_rc rc = single ? ns_cli_child(cli, cli->args.operand[0], &one, err) : NS_OK;
    if (rc == NS_OK && cli->args.given[NS_OPT_NOW]) {
        rc = single ? NS_OK : ns_cli_children(cli, list, &count, err);
        if (rc == NS_OK && single) {
            rc = forecast_now(cli, &one, err);
        }
        for (size_t i = 0; rc == NS_OK && !single && i < count; i++) {
            rc = forecast_now(cli, &list[i], err);
        }
    }
    if (rc == NS_OK) {
        rc = ns_cli_children(cli, list, &count, err);
    }
    if (rc != NS_OK) {
        return rc;
    }
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (!single || ns_id_eq(list[i].id, one.id)) {
            list[kept++] = list[i];
        }
    }
    if (answered(cli, list, kept)) {
        return NS_OK;
    }
    for (size_t i = 0; i < kept; i++) {
        say_forecast(cli, i + 1, &list[i]);
    }
    return NS_OK;
}

/* ---- children ----------------------------------------------------------------------------- */

ns_rc ns_cli_children_list(struct ns_cli *cli, struct ns_err *err) {
    static struct ns_app_child list[NS_APP_CHILDREN];
    size_t count = 0;
    ns_rc rc = ns_cli_children(cli, list, &count, err);
    if (rc != NS_OK || answered(cli, list, count)) {
        return rc;
    }
    for (size_t i = 0; i < count; i++) {
        char number[24];
        char size[32];
        char born[NS_DATE_TEXT];
        snprintf(number, sizeof number, "%zu", i + 1);
        ns_date_format(list[i].birth == NS_DATE_NONE ? 0 : list[i].birth, born);
        NS_SAY(cli, NS_MSG_cli_child_line, number, list[i].name, born,
               ns_cli_size_word(cli, list[i].size, size),
               ns_line_plural(cli->lang, list[i].expected, NS_MSG_count_change_one, NS_MSG_count_change_other).s);
    }
    return NS_OK;
}

/* ---- stock -------------------------------------------------------------------------------- */

static ns_rc read_stock(struct ns_cli *cli, const struct ns_app_child *children, size_t n,
                        struct ns_app_stock *out, size_t *count, struct ns_err *err) {
    *count = 0;
    for (size_t i = 0; i < n; i++) {
        char id[NS_ID_TEXT];
        struct ns_buf vars = NS_BUF(100);
        struct ns_json *answer = NULL;
        ns_id_format(children[i].id, id);
        ns_buf_fmt(&vars, "{\"child\":\"%s\"}", id);
        ns_rc rc = ns_cli_query(cli, NS_DOC_STOCK, vars.data, NULL, &answer, err);
        ns_buf_fini(&vars);
        if (rc != NS_OK) {
            return rc;
        }
        ns_decode_stock(ns_json_get(answer, "data"), cli->zone, out, count, NS_APP_STOCK);
        ns_json_free(answer);
    }
    return NS_OK;
}

static ns_rc whole_stock(struct ns_cli *cli, struct ns_app_child *children, size_t *child_count,
                         struct ns_app_stock *out, size_t *count, struct ns_err *err) {
    ns_rc rc = ns_cli_children(cli, children, child_count, err);
    return rc != NS_OK ? rc : read_stock(cli, children, *child_count, out, count, err);
}

static const char *owner_of(const struct ns_app_child *children, size_t n, ns_id id) {
    for (size_t i = 0; i < n; i++) {
        if (ns_id_eq(children[i].id, id)) {
            return children[i].name;
        }
    }
    return "";
}

static void json_stock(struct ns_cli *cli, const struct ns_app_child *children, size_t child_count,
                       const struct ns_app_stock *list, size_t count) {
    struct ns_buf *out = &cli->out;
    ns_buf_text(out, "[");
    for (size_t i = 0; i < count; i++) {
        const struct ns_app_stock *s = &list[i];
        char id[NS_ID_TEXT];
        ns_id_format(s->id, id);
        ns_buf_text(out, i > 0 ? ",{" : "{");
        ns_cli_json_text(out, "id", id);
        ns_cli_json_text(out, "child", owner_of(children, child_count, s->child));
        if (s->brand[0] != '\0') {
            ns_cli_json_text(out, "brand", s->brand);
        } else {
            ns_cli_json_number(out, "brand", NS_APP_NUMBER_NONE, 1); /* null: nobody named one */
        }
        ns_cli_json_text(out, "size", s->size);
        ns_cli_json_text(out, "where", s->where);
        ns_cli_json_number(out, "remaining", s->remaining, 1);
        ns_cli_json_number(out, "total", s->total, 1);
        ns_cli_json_number(out, "reserved", s->reserved, 1);
        ns_cli_json_bool(out, "expired", s->expired);
        ns_cli_json_date(out, "expiry", s->expiry);
        ns_buf_char(out, '}');
    }
    ns_buf_text(out, "]\n");
}

/* "size 2" of the agent's SIZE_2; what is no size of ours stays as it was written. */
static void size_words(const struct ns_cli *cli, const char *size, char out[48]) {
    struct ns_buf text = NS_BUF(48);
    if (strncmp(size, "SIZE_", 5) == 0) {
        NS_MSG_TO(&text, cli->lang, NS_MSG_size_n, size + 5);
    } else if (strcmp(size, "NEWBORN") == 0) {
        ns_buf_text(&text, ns_msg(cli->lang, NS_MSG_size_newborn));
    } else {
        ns_buf_text(&text, size);
    }
    ns_str_copy(ns_buf_view(&text), out, 48);
    ns_buf_fini(&text);
}

ns_rc ns_cli_stock(struct ns_cli *cli, struct ns_err *err) {
    static struct ns_app_child children[NS_APP_CHILDREN];
    static struct ns_app_stock list[NS_APP_STOCK];
    size_t child_count = 0;
    size_t count = 0;
    ns_rc rc = whole_stock(cli, children, &child_count, list, &count, err);
    if (rc != NS_OK) {
        return rc;
    }
    if (cli->json) {
        json_stock(cli, children, child_count, list, count);
        return NS_OK;
    }
    if (count == 0) {
        ns_cli_line(cli, NS_MSG_cli_stock_empty);
    }
    for (size_t i = 0; i < count; i++) {
        char number[24];
        char left[16];
        char total[16];
        char size[48];
        size_words(cli, list[i].size, size);
        if (list[i].product == 1 || list[i].product == 2) { /* wipes, cream: worn by nobody */
            snprintf(size, sizeof size, "%s", ns_msg(cli->lang, list[i].product == 1 ? NS_MSG_product_wipes : NS_MSG_product_cream));
        }
        snprintf(number, sizeof number, "%zu", i + 1);
        snprintf(left, sizeof left, "%d", (int)list[i].remaining);
        snprintf(total, sizeof total, "%d", (int)list[i].total);
        NS_SAY(cli, list[i].expired ? NS_MSG_cli_stock_line_expired : NS_MSG_cli_stock_line,
               number, owner_of(children, child_count, list[i].child), ns_app_brand(cli->lang, &list[i]),
               size, left, total);
    }
    return NS_OK;
}

ns_rc ns_cli_stock_item(struct ns_cli *cli, const char *word, ns_id *id, ns_id *child, struct ns_err *err) {
    static struct ns_app_child children[NS_APP_CHILDREN];
    static struct ns_app_stock list[NS_APP_STOCK];
    size_t child_count = 0;
    size_t count = 0;
    int64_t number = 0;
    *id = *child = (ns_id){{0}};
    ns_rc rc = whole_stock(cli, children, &child_count, list, &count, err);
    if (rc != NS_OK) {
        return rc;
    }
    if (!ns_id_parse(ns_str_of(word), id) && ns_str_int(ns_str_of(word), 1, (int64_t)count, &number)) {
        *id = list[number - 1].id;
    }
    for (size_t i = 0; i < count; i++) {
        if (ns_id_eq(list[i].id, *id)) {
            *child = list[i].child;
            return NS_OK;
        }
    }
    return ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_cli_stock_unknown, word, NULL, NULL);
}

ns_rc ns_cli_stock_count(struct ns_cli *cli, struct ns_err *err) {
    int64_t left = 0;
    ns_id id, child;
    if (!ns_str_int(ns_str_of(cli->args.operand[1]), 0, 100000, &left)) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_cli_bad_count, cli->args.operand[1], NULL, NULL);
    }
    ns_rc rc = ns_cli_stock_item(cli, cli->args.operand[0], &id, &child, err);
    if (rc != NS_OK) {
        return rc;
    }
    char text[NS_ID_TEXT];
    struct ns_buf vars = NS_BUF(200);
    struct ns_json *answer = NULL;
    ns_id_format(id, text);
    ns_buf_fmt(&vars, "{\"item\":\"%s\",\"input\":{\"quantityRemaining\":%d}}", text, (int)left);
    rc = ns_cli_query(cli, NS_DOC_STOCK_SET, vars.data, "updateInventoryItem", &answer, err);
    ns_buf_fini(&vars);
    if (rc == NS_OK && cli->json) {
        ns_json_write(&cli->out, ns_json_path(answer, "data.updateInventoryItem"), false);
        ns_buf_char(&cli->out, '\n');
    } else if (rc == NS_OK) {
        NS_SAY(cli, NS_MSG_cli_stock_counted, cli->args.operand[1]);
    }
    ns_json_free(answer);
    return rc;
}
