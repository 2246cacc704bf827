/* cmd_family.c: what a family tells besides changes: weights, marked days, delivery times. */
#include "tui/cli/ctx.h"
#include "tui/link/documents.h"

#include <stdio.h>
#include <string.h>

static ns_rc bad_value(const char *option, const char *value, struct ns_err *err) {
    return ns_err_say(err, NS_E_INPUT, NS_MSG_cli_bad_value, option, value, NULL);
}

static ns_rc send(struct ns_cli *cli, const char *document, struct ns_buf *vars, const char *mutation,
                  struct ns_err *err) {
    struct ns_json *answer = NULL;
    ns_rc rc = ns_cli_query(cli, document, vars->data, mutation, &answer, err);
    ns_buf_fini(vars);
    if (rc == NS_OK && cli->json) {
        ns_json_write(&cli->out, ns_json_get(ns_json_get(answer, "data"), mutation), false);
        ns_buf_char(&cli->out, '\n');
    }
    ns_json_free(answer);
    return rc;
}

/* ,"name":"DATE" when the option was given. */
static ns_rc add_day(struct ns_cli *cli, struct ns_buf *vars, enum ns_cli_opt_id option, const char *name,
                     struct ns_err *err) {
    const char *word = cli->args.value[option];
    ns_date day;
    if (word == NULL) {
        return NS_OK;
    }
    if (!ns_date_parse(ns_str_of(word), &day)) {
        return bad_value(ns_cli_options[option].name, word, err);
    }
    ns_buf_char(vars, ',');
    ns_cli_json_date(vars, name, day);
    return NS_OK;
}

/* "7.4" or "7,4" kilograms, in grams. */
static bool grams(const char *word, int64_t *out) {
    struct ns_str rest = ns_str_of(word);
    struct ns_str first = ns_str_cut(&rest, strchr(word, ',') != NULL ? ',' : '.');
    int64_t whole = 0;
    int64_t part = 0;
    if (!ns_str_int(first, 0, 99, &whole) || rest.n > 3 || (rest.n > 0 && !ns_str_int(rest, 0, 999, &part))) {
        return false;
    }
    for (size_t i = rest.n; i < 3; i++) {
        part *= 10;
    }
    *out = whole * 1000 + part;
    return true;
}

ns_rc ns_cli_log_weight(struct ns_cli *cli, struct ns_err *err) {
    static struct ns_app_child child;
    const char *word = cli->args.operand[0];
    int64_t weight = 0;
    char id[NS_ID_TEXT];
    struct ns_buf vars = NS_BUF(400);
    if (!grams(word, &weight)) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_cli_bad_weight, word, NULL, NULL);
    }
    ns_rc rc = ns_cli_child(cli, cli->args.operand[1], &child, err);
    ns_id_format(child.id, id);
    ns_buf_fmt(&vars, "{\"input\":{\"childId\":\"%s\",\"weightKg\":%d.%03d", id, (int)(weight / 1000),
               (int)(weight % 1000));
    if (rc == NS_OK) {
        rc = add_day(cli, &vars, NS_OPT_ON, "measuredOn", err);
    }
    ns_buf_text(&vars, "}}");
    if (rc != NS_OK) {
        ns_buf_fini(&vars);
        return rc;
    }
    rc = send(cli, NS_DOC_WEIGH, &vars, "recordMeasurement", err);
    if (rc == NS_OK && !cli->json) {
        NS_SAY(cli, NS_MSG_cli_weighed, child.name, word);
    }
    return rc;
}

/* "mon,wed,fri" or "lun,mer,ven": bit 0 is Monday. */
bool ns_cli_weekdays(const char *word, int *out) {
    static const char *const names[2][7] = {{"mon", "tue", "wed", "thu", "fri", "sat", "sun"},
                                            {"lun", "mar", "mer", "jeu", "ven", "sam", "dim"}};
    struct ns_str rest = ns_str_of(word);
    *out = 0;
    while (rest.n > 0) {
        struct ns_str one = ns_str_cut(&rest, ',');
        int found = -1;
        for (int i = 0; i < 14; i++) {
            if (ns_str_is_nocase(one, names[i / 7][i % 7])) {
                found = i % 7;
            }
        }
        if (found < 0) {
            return false;
        }
        *out |= 1 << found;
    }
    return *out != 0;
}

ns_rc ns_cli_log_mark(struct ns_cli *cli, struct ns_err *err) {
    static const struct {
        enum ns_cli_id command;
        const char *kind;
        enum ns_msg done;
    } rows[] = {{NS_CLI_LOG_SICK, "ILLNESS", NS_MSG_cli_marked_sick},
                {NS_CLI_LOG_DAYCARE, "DAYCARE", NS_MSG_cli_marked_daycare},
                {NS_CLI_LOG_CLOSED, "DAYCARE_CLOSED", NS_MSG_cli_marked_closed},
                {NS_CLI_LOG_TRAVEL, "TRAVEL", NS_MSG_cli_marked_travel},
                {NS_CLI_LOG_TIGHT, "TOO_TIGHT", NS_MSG_cli_marked_tight}};
    static struct ns_app_child child;
    size_t row = 0;
    while (rows[row].command != cli->args.command->id) {
        row++;
    }
    char id[NS_ID_TEXT];
    int days = 0;
    const char *word = cli->args.value[NS_OPT_DAYS];
    struct ns_buf vars = NS_BUF(400);
    if (word != NULL && !ns_cli_weekdays(word, &days)) {
        return bad_value("days", word, err);
    }
    ns_rc rc = ns_cli_child(cli, cli->args.operand[0], &child, err);
    ns_id_format(child.id, id);
    ns_buf_fmt(&vars, "{\"input\":{\"childId\":\"%s\",\"kind\":\"%s\",\"weekdays\":%d", id, rows[row].kind, days);
    if (rc == NS_OK) {
        rc = add_day(cli, &vars, NS_OPT_ON, "firstDay", err);
    }
    if (rc == NS_OK) {
        rc = add_day(cli, &vars, NS_OPT_UNTIL, "lastDay", err);
    }
    ns_buf_text(&vars, "}}");
    if (rc != NS_OK) {
        ns_buf_fini(&vars);
        return rc;
    }
    rc = send(cli, NS_DOC_MARK, &vars, "addChildMark", err);
    if (rc == NS_OK && !cli->json) {
        NS_SAY(cli, rows[row].done, child.name);
    }
    return rc;
}

ns_rc ns_cli_born_early(struct ns_cli *cli, const struct ns_app_child *child, struct ns_err *err) {
    const char *word = cli->args.value[NS_OPT_EARLY];
    int64_t days = 0;
    char id[NS_ID_TEXT];
    struct ns_buf vars = NS_BUF(200);
    if (!ns_str_int(ns_str_of(word), 0, 125, &days)) {
        return bad_value("early", word, err);
    }
    ns_id_format(child->id, id);
    ns_buf_fmt(&vars, "{\"child\":\"%s\",\"days\":%d}", id, (int)days);
    return send(cli, NS_DOC_BORN_EARLY, &vars, "setBornEarly", err);
}

static ns_rc show_delivery(struct ns_cli *cli, struct ns_err *err) {
    struct ns_json *answer = NULL;
    ns_rc rc = ns_cli_query(cli, NS_DOC_DELIVERY, "{}", NULL, &answer, err);
    const struct ns_json *d = ns_json_path(answer, "data.deliveryTimes");
    if (rc == NS_OK && cli->json) {
        ns_json_write(&cli->out, d, false);
        ns_buf_char(&cli->out, '\n');
    } else if (rc == NS_OK && ns_json_is_null(d)) {
        ns_cli_line(cli, NS_MSG_cli_delivery_usual);
    } else if (rc == NS_OK) {
        char text[3][24];
        static const char *const names[] = {"earlyDays", "usualDays", "lateDays"};
        for (int i = 0; i < 3; i++) {
            snprintf(text[i], sizeof text[i], "%d", (int)ns_json_int(ns_json_get(d, names[i]), 0));
        }
        NS_SAY(cli, NS_MSG_cli_delivery, text[0], text[1], text[2]);
    }
    ns_json_free(answer);
    return rc;
}

/* EARLY USUAL LATE: days by which one in ten, half, nine in ten deliveries have come. */
ns_rc ns_cli_delivery(struct ns_cli *cli, struct ns_err *err) {
    int64_t days[3] = {0};
    struct ns_buf vars = NS_BUF(200);
    if (cli->args.operand_count == 0) {
        return show_delivery(cli, err);
    }
    for (int i = 0; i < 3; i++) {
        if (i >= cli->args.operand_count || !ns_str_int(ns_str_of(cli->args.operand[i]), 0, 14, &days[i])) {
            return ns_err_say(err, NS_E_INPUT, NS_MSG_hh_delivery_range, NULL, NULL, NULL);
        }
    }
    ns_buf_fmt(&vars, "{\"input\":{\"earlyDays\":%d,\"usualDays\":%d,\"lateDays\":%d}}", (int)days[0], (int)days[1],
               (int)days[2]);
    ns_rc rc = send(cli, NS_DOC_DELIVERY_SET, &vars, "setDeliveryTimes", err);
    if (rc == NS_OK && !cli->json) {
        NS_SAY(cli, NS_MSG_cli_delivery, cli->args.operand[0], cli->args.operand[1], cli->args.operand[2]);
    }
    return rc;
}
