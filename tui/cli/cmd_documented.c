/* cmd_documented.c: predict CHILD --as-documented: what the first documentation's workflow would
 * say, beside the product's own forecast. Nothing of it is stored or ordered by. */
#include "tui/cli/ctx.h"
#include "tui/cli/offline/documented.h"
#include "tui/link/decode.h"

#include <stdio.h>

#define DOC_DAYS                                                                               \
    "query Days($child:ID!){usageDays(childId:$child,daysBack:90){date count wet soiled status}}"

static ns_rc read_days(struct ns_cli *cli, const struct ns_app_child *c,
                       struct ns_documented_use *out, size_t *count, struct ns_err *err) {
    static struct ns_app_day day[NS_APP_DAYS + 1];
    char id[NS_ID_TEXT];
    struct ns_buf vars = NS_BUF(100);
    struct ns_json *answer = NULL;
    ns_id_format(c->id, id);
    ns_buf_fmt(&vars, "{\"child\":\"%s\"}", id);
    ns_rc rc = ns_cli_query(cli, DOC_DAYS, vars.data, NULL, &answer, err);
    *count = rc == NS_OK ? ns_decode_days(ns_json_get(answer, "data"), day, NS_COUNT(day)) : 0;
    for (size_t i = 0; i < *count; i++) {
        out[i] = (struct ns_documented_use){day[i].date, day[i].count,
                                            day[i].status == NS_DAY_OK};
    }
    ns_json_free(answer);
    ns_buf_fini(&vars);
    return rc;
}

/* The product's forecast of a day; NONE when it has none for it. */
static const struct ns_app_forecast_day *own_day(const struct ns_app_prediction *p, ns_date day) {
    for (int i = 0; p->present && i < p->forecast_count; i++) {
        if (p->forecast[i].date == day) {
            return &p->forecast[i];
        }
    }
    return NULL;
}

static void put_json(struct ns_cli *cli, const struct ns_app_child *c,
                     const struct ns_documented_answer *a) {
    struct ns_buf *out = &cli->out;
    ns_buf_char(out, '{');
    ns_cli_json_text(out, "child", c->name);
    ns_cli_json_number(out, "daysUsed", a->days, 1);
    ns_cli_json_number(out, "unknowns", a->unknowns, 1);
    ns_cli_json_number(out, "documentedTotal30", a->total, 100);
    ns_cli_json_number(out, "productTotal30",
                       c->prediction.present ? c->prediction.demand30 : NS_APP_NUMBER_NONE, 1);
    ns_buf_text(out, ",\"days\":[");
    for (int h = 0; h < NS_DOCUMENTED_AHEAD; h++) {
        const struct ns_app_forecast_day *own = own_day(&c->prediction, a->date[h]);
        ns_buf_text(out, h > 0 ? ",{" : "{");
        ns_cli_json_date(out, "date", a->date[h]);
        ns_cli_json_number(out, "documented", a->expected[h], 100);
        ns_cli_json_number(out, "documentedLower", a->lower[h], 100);
        ns_cli_json_number(out, "documentedUpper", a->upper[h], 100);
        ns_cli_json_number(out, "product", own != NULL ? own->expected : NS_APP_NUMBER_NONE, 100);
        ns_cli_json_number(out, "productLower", own != NULL ? own->lower : NS_APP_NUMBER_NONE,
                           100);
        ns_cli_json_number(out, "productUpper", own != NULL ? own->upper : NS_APP_NUMBER_NONE,
                           100);
        ns_buf_char(out, '}');
    }
    ns_buf_text(out, "],\"warnings\":[");
    for (int d = 0; d < a->doubt_count; d++) {
        struct ns_buf text = NS_BUF(1000);
        NS_MSG_TO(&text, cli->lang, (enum ns_msg)a->doubt[d], "");
        ns_buf_text(out, d > 0 ? "," : "");
        ns_json_quote(out, ns_buf_view(&text));
        ns_buf_fini(&text);
    }
    ns_buf_text(out, "]}\n");
}

/* "5.2–9.1" */
static const char *range(struct ns_cli *cli, char out[80], int32_t lower, int32_t upper) {
    char text[2][32];
    ns_cli_hundredths(cli, text[0], lower, 1);
    ns_cli_hundredths(cli, text[1], upper, 1);
    (void)snprintf(out, 80, "%s\u2013%s", text[0], text[1]);
    return out;
}

static void put_lines(struct ns_cli *cli, const struct ns_app_child *c,
                      const struct ns_documented_answer *a) {
    char rate[2][32];
    char wide[2][80];
    (void)snprintf(rate[0], sizeof rate[0], "%d", a->days);
    (void)snprintf(rate[1], sizeof rate[1], "%d", a->unknowns);
    NS_SAY(cli, NS_MSG_cli_documented_head, c->name, rate[0], rate[1]);
    for (int h = 0; h < NS_DOCUMENTED_AHEAD; h++) {
        char day[48];
        const struct ns_app_forecast_day *own = own_day(&c->prediction, a->date[h]);
        ns_cli_date(cli, day, a->date[h]);
        ns_cli_hundredths(cli, rate[0], a->expected[h], 1);
        range(cli, wide[0], a->lower[h], a->upper[h]);
        if (own != NULL) {
            ns_cli_hundredths(cli, rate[1], own->expected, 1);
            range(cli, wide[1], own->lower, own->upper);
            NS_SAY(cli, NS_MSG_cli_documented_day, day, rate[0], wide[0], rate[1], wide[1]);
        } else {
            NS_SAY(cli, NS_MSG_cli_documented_alone, day, rate[0], wide[0]);
        }
    }
    ns_cli_hundredths(cli, rate[0], a->total, 0);
    if (c->prediction.present) {
        (void)snprintf(rate[1], sizeof rate[1], "%d", (int)c->prediction.demand30);
        NS_SAY(cli, NS_MSG_cli_documented_total, rate[0], rate[1]);
    } else {
        NS_SAY(cli, NS_MSG_cli_documented_total_alone, rate[0]);
    }
    for (int d = 0; d < a->doubt_count; d++) {
        ns_cli_line(cli, (enum ns_msg)a->doubt[d]);
    }
}

ns_rc ns_cli_documented(struct ns_cli *cli, struct ns_err *err) {
    static struct ns_app_child list[NS_APP_CHILDREN];
    static struct ns_documented_use use[NS_APP_DAYS + 1];
    struct ns_app_child one;
    struct ns_documented_answer answer;
    size_t count = 0;
    size_t days = 0;
    if (cli->args.operand_count == 0) {
        return ns_err_say(err, NS_E_USAGE, NS_MSG_cli_documented_usage, NULL, NULL, NULL);
    }
    ns_rc rc = ns_cli_child(cli, cli->args.operand[0], &one, err);
    if (rc == NS_OK) {
        rc = ns_cli_children(cli, list, &count, err);
    }
    for (size_t i = 0; i < count; i++) {
        one = ns_id_eq(list[i].id, one.id) ? list[i] : one;
    }
    if (rc == NS_OK) {
        rc = read_days(cli, &one, use, &days, err);
    }
    if (rc == NS_OK) {
        rc = ns_offline_documented(use, days, cli->home.today, one.birth, cli->home.province,
                                   &answer, err);
    }
    if (rc == NS_OK) {
        (cli->json ? put_json : put_lines)(cli, &one, &answer);
    }
    return rc;
}
