/* cmd_log.c: changes: log one, list the last, correct a line or take it out. */
#include "shared/base/env.h"
#include "shared/text/fold.h"
#include "tui/cli/ctx.h"
#include "tui/link/decode.h"
#include "tui/link/documents.h"

#include <stdio.h>
#include <string.h>

#define LIST_MOST 40

/* What is no change but comes from a shelf of its own. */
#define LOG_WIPES 4
#define LOG_CREAM 5

static bool kind_named(const char *word, int *out) {
    static const struct {
        const char *word;
        int kind;
    } words[] = {{"wet", 0},      {"mouillee", 0}, {"mouille", 0}, {"pipi", 0}, {"w", 0},
                 {"dirty", 1},    {"souillee", 1}, {"souille", 1}, {"caca", 1}, {"d", 1},
                 {"both", 2},     {"deux", 2},     {"mixte", 2},   {"b", 2},
                 {"dry", 3},      {"seche", 3},    {"sec", 3},
                 {"wipes", LOG_WIPES}, {"wipe", LOG_WIPES},   {"lingettes", LOG_WIPES}, {"lingette", LOG_WIPES},
                 {"cream", LOG_CREAM}, {"creme", LOG_CREAM}};
    struct ns_buf folded = NS_BUF(64);
    bool found = false;
    if (ns_fold_to(&folded, ns_str_of(word))) {
        for (size_t i = 0; i < NS_COUNT(words) && !found; i++) {
            if (ns_str_is(ns_buf_view(&folded), words[i].word)) {
                *out = words[i].kind;
                found = true;
            }
        }
    }
    ns_buf_fini(&folded);
    return found;
}

/* "02:14": the last time clocks showed it; or a whole RFC 3339 instant. */
static ns_rc time_named(struct ns_cli *cli, const char *word, ns_time now, ns_time *out,
                        struct ns_err *err) {
    int64_t hour = 0;
    int64_t minute = 0;
    struct ns_str rest = ns_str_of(word);
    struct ns_str first = ns_str_cut(&rest, ':');
    if (ns_time_parse(ns_str_of(word), out)) {
        return NS_OK;
    }
    if (rest.n != 2 || !ns_str_int(first, 0, 23, &hour) || first.n > 2 ||
        !ns_str_int(rest, 0, 59, &minute)) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_cli_bad_time, word, NULL, NULL);
    }
    ns_date today = ns_zone_local_day(cli->zone, now);
    *out = ns_zone_instant(cli->zone, today, (int)(hour * 60 + minute));
    if (*out > now + 5 * NS_MINUTE) {
        *out = ns_zone_instant(cli->zone, today - 1, (int)(hour * 60 + minute));
    }
    return NS_OK;
}

static ns_rc when(struct ns_cli *cli, ns_time *out, struct ns_err *err) {
    ns_time now = ns_env_now(cli->env);
    const char *at = cli->args.value[NS_OPT_AT];
    const char *ago = cli->args.value[NS_OPT_MINUTES_AGO];
    *out = now;
    if (at != NULL && ago != NULL) {
        return ns_err_say(err, NS_E_USAGE, NS_MSG_cli_at_or_ago, NULL, NULL, NULL);
    }
    if (ago != NULL) {
        int64_t minutes = 0;
        if (!ns_str_int(ns_str_of(ago), 0, 60 * 24 * 60, &minutes)) {
            return ns_cli_bad_value("minutes-ago", ago, err);
        }
        *out = now - minutes * NS_MINUTE;
    }
    return at != NULL ? time_named(cli, at, now, out, err) : NS_OK;
}

static ns_rc log_one(struct ns_cli *cli, const struct ns_app_child *child, int kind, ns_time at,
                     bool *no_stock, struct ns_err *err) {
    char id[NS_ID_TEXT];
    char time[NS_TIME_TEXT];
    struct ns_buf vars = NS_BUF(8192);
    struct ns_json *answer = NULL;
    ns_id_format(child->id, id);
    ns_time_format(at, time);
    if (kind >= LOG_WIPES) {
        ns_buf_fmt(&vars, "{\"input\":{\"childId\":\"%s\",\"usageType\":\"%s\",\"loggedAt\":\"%s\"", id,
                   kind == LOG_WIPES ? "WIPE_USE" : "CREAM_APPLICATION", time);
    } else {
        ns_buf_fmt(&vars,
               "{\"input\":{\"childId\":\"%s\",\"wasWet\":%s,\"wasSoiled\":%s,\"hadLeakage\":%s,"
               "\"loggedAt\":\"%s\"",
               id, kind == 0 || kind == 2 ? "true" : "false", kind == 1 || kind == 2 ? "true" : "false",
               cli->args.given[NS_OPT_LEAK] ? "true" : "false", time);
    }
    ns_cli_add_text(&vars, "notes", cli->args.value[NS_OPT_NOTE]);
    ns_buf_text(&vars, "}}");
    ns_rc rc = ns_cli_act(cli, NS_DOC_LOG_CHANGE, &vars, "logDiaperChange", &answer, err);
    if (rc == NS_OK) {
        *no_stock = ns_json_is_null(
            ns_json_path(answer, "data.logDiaperChange.usageLog.inventoryItemId"));
    }
    ns_json_free(answer);
    return rc;
}

struct shown {
    struct ns_app_child children[NS_APP_CHILDREN];
    struct ns_app_log logs[NS_APP_LOGS];
    size_t child_count;
    size_t count; /* newest first, at most LIST_MOST */
};

/* What `nestsync log` lists, and what its numbers mean. */
static ns_rc read_logs(struct ns_cli *cli, struct shown *s, struct ns_err *err) {
    ns_rc rc = ns_cli_children(cli, s->children, &s->child_count, err);
    for (size_t i = 0; rc == NS_OK && i < s->child_count; i++) {
        char id[NS_ID_TEXT];
        struct ns_buf vars = NS_BUF(200);
        struct ns_json *answer = NULL;
        ns_id_format(s->children[i].id, id);
        ns_buf_fmt(&vars, "{\"child\":\"%s\",\"days\":2,\"limit\":%d}", id, LIST_MOST);
        rc = ns_cli_query(cli, NS_DOC_LOGS, vars.data, NULL, &answer, err);
        ns_decode_logs(ns_json_get(answer, "data"), cli->zone, s->logs, &s->count, LIST_MOST);
        ns_json_free(answer);
        ns_buf_fini(&vars);
    }
    return rc;
}

static const char *name_of(const struct shown *s, ns_id child) {
    for (size_t k = 0; k < s->child_count; k++) {
        if (ns_id_eq(s->children[k].id, child)) {
            return s->children[k].name;
        }
    }
    return "";
}

static ns_rc show_logs(struct ns_cli *cli, struct ns_err *err) {
    static struct shown s;
    int64_t most = LIST_MOST;
    const char *asked = cli->args.value[NS_OPT_COUNT];
    if (asked != NULL && !ns_str_int(ns_str_of(asked), 1, LIST_MOST, &most)) {
        return ns_cli_bad_value("count", asked, err);
    }
    ns_rc rc = read_logs(cli, &s, err);
    if (rc != NS_OK) {
        return rc;
    }
    size_t count = s.count > (size_t)most ? (size_t)most : s.count;
    if (cli->json) {
        ns_buf_char(&cli->out, '[');
    } else if (count == 0) {
        ns_cli_line(cli, NS_MSG_cli_log_empty);
    }
    for (size_t i = 0; i < count; i++) {
        const struct ns_app_log *log = &s.logs[i];
        const char *name = name_of(&s, log->child);
        const char *kind = ns_msg(cli->lang, ns_cli_kind_word(log->kind));
        if (cli->json) {
            static const char *const kinds[] = {"wet", "dirty", "both", "dry"};
            char id[NS_ID_TEXT];
            ns_id_format(log->id, id);
            ns_buf_text(&cli->out, i > 0 ? ",{" : "{");
            ns_cli_json_text(&cli->out, "id", id);
            ns_buf_char(&cli->out, ',');
            ns_cli_json_text(&cli->out, "child", name);
            ns_buf_char(&cli->out, ',');
            ns_cli_json_time(&cli->out, "at", log->at);
            ns_buf_fmt(&cli->out, ",\"kind\":\"%s\",\"leak\":%s}", kinds[log->kind & 3],
                       log->leak ? "true" : "false");
        } else {
            char number[24];
            char at[48];
            snprintf(number, sizeof number, "%zu", i + 1);
            ns_cli_clock(cli, at, log->at);
            NS_SAY(cli, log->leak ? NS_MSG_cli_log_line_leak : NS_MSG_cli_log_line, number, at,
                   name, kind);
        }
    }
    if (cli->json) {
        ns_buf_text(&cli->out, "]\n");
    }
    return NS_OK;
}

ns_rc ns_cli_log(struct ns_cli *cli, struct ns_err *err) {
    static struct ns_app_child child;
    int kind = 0;
    int64_t count = 1;
    ns_time at = 0;
    bool no_stock = false;
    const char *number = cli->args.value[NS_OPT_COUNT];
    if (cli->args.operand_count == 0) {
        return show_logs(cli, err);
    }
    if (!kind_named(cli->args.operand[0], &kind)) {
        return ns_err_say(err, NS_E_USAGE, NS_MSG_cli_kind_unknown, cli->args.operand[0], NULL, NULL);
    }
    if (cli->args.operand_count < 2) {
        return ns_err_say(err, NS_E_USAGE, NS_MSG_cli_too_few, "log",
                          ns_msg(cli->lang, NS_MSG_cli_cmd_log_operands), NULL);
    }
    if (number != NULL && !ns_str_int(ns_str_of(number), 1, 10, &count)) {
        return ns_cli_bad_value("count", number, err);
    }
    ns_rc rc = ns_cli_child(cli, cli->args.operand[1], &child, err);
    if (rc == NS_OK) {
        rc = when(cli, &at, err);
    }
    for (int64_t i = 0; rc == NS_OK && i < count; i++) {
        rc = log_one(cli, &child, kind, at + i, &no_stock, err);
    }
    if (rc == NS_OK && !cli->json) {
        char time[48];
        ns_cli_clock(cli, time, at);
        NS_SAY(cli, NS_MSG_cli_logged, child.name, ns_msg(cli->lang, kind == LOG_WIPES   ? NS_MSG_product_wipes
                                                          : kind == LOG_CREAM ? NS_MSG_product_cream
                                                                              : ns_cli_kind_word(kind)), time);
        if (no_stock) {
            ns_cli_line(cli, kind >= LOG_WIPES ? NS_MSG_hh_log_no_supply : NS_MSG_cli_logged_no_stock);
        }
    }
    return rc;
}

/* ---- a line that was wrong ---------------------------------------------------------------- */

/* "3" as the list numbers them, or an identifier as --json tells it. */
static ns_rc line_named(struct ns_cli *cli, const char *word, struct shown *s,
                        const struct ns_app_log **out, struct ns_err *err) {
    int64_t number = 0;
    ns_id id;
    bool is_id = ns_id_parse(ns_str_of(word), &id);
    ns_rc rc = read_logs(cli, s, err);
    if (rc != NS_OK) {
        return rc;
    }
    for (size_t i = 0; is_id && i < s->count; i++) {
        if (ns_id_eq(s->logs[i].id, id)) {
            *out = &s->logs[i];
            return NS_OK;
        }
    }
    if (is_id || !ns_str_int(ns_str_of(word), 1, (int64_t)s->count, &number)) {
        return ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_cli_line_unknown, word, NULL, NULL);
    }
    *out = &s->logs[number - 1];
    return NS_OK;
}

/* The words behind the line: a kind, a child, or both. */
static ns_rc fix_words(struct ns_cli *cli, struct ns_buf *vars, struct ns_err *err) {
    static struct ns_app_child child;
    for (int i = 1; i < cli->args.operand_count; i++) {
        const char *word = cli->args.operand[i];
        int kind = 0;
        if (kind_named(word, &kind) && kind < LOG_WIPES) {
            ns_buf_fmt(vars, ",\"wasWet\":%s,\"wasSoiled\":%s", kind == 0 || kind == 2 ? "true" : "false",
                       kind == 1 || kind == 2 ? "true" : "false");
            continue;
        }
        char id[NS_ID_TEXT];
        ns_rc rc = ns_cli_child(cli, word, &child, err);
        if (rc != NS_OK) {
            return rc;
        }
        ns_id_format(child.id, id);
        ns_cli_add_text(vars, "childId", id);
    }
    return NS_OK;
}

static void say_line(struct ns_cli *cli, enum ns_msg message, const struct shown *s,
                     const struct ns_app_log *log) {
    char at[48];
    ns_cli_clock(cli, at, log->at);
    NS_SAY(cli, message, name_of(s, log->child), ns_msg(cli->lang, ns_cli_kind_word(log->kind)), at);
}

/* What shall be different, each with a comma before it. */
static ns_rc fix_fields(struct ns_cli *cli, struct ns_buf *fields, struct ns_err *err) {
    ns_time at = 0;
    ns_rc rc = fix_words(cli, fields, err);
    if (rc == NS_OK && (cli->args.value[NS_OPT_AT] != NULL || cli->args.value[NS_OPT_MINUTES_AGO] != NULL)) {
        char time[NS_TIME_TEXT];
        rc = when(cli, &at, err);
        ns_time_format(at, time);
        ns_cli_add_text(fields, "loggedAt", time);
    }
    if (cli->args.given[NS_OPT_LEAK]) {
        ns_buf_text(fields, ",\"hadLeakage\":true");
    }
    if (rc == NS_OK && fields->len == 0) {
        rc = ns_err_say(err, NS_E_USAGE, NS_MSG_cli_fix_nothing, NULL, NULL, NULL);
    }
    return rc;
}

ns_rc ns_cli_log_fix(struct ns_cli *cli, struct ns_err *err) {
    static struct shown s;
    const struct ns_app_log *log = NULL;
    struct ns_json *answer = NULL;
    char id[NS_ID_TEXT];
    struct ns_buf fields = NS_BUF(1024);
    ns_rc rc = line_named(cli, cli->args.operand[0], &s, &log, err);
    if (rc == NS_OK) {
        rc = fix_fields(cli, &fields, err);
    }
    if (rc == NS_OK) {
        struct ns_buf vars = NS_BUF(1200);
        ns_id_format(log->id, id);
        ns_buf_fmt(&vars, "{\"log\":\"%s\",\"input\":{%s}}", id, fields.data + 1);
        rc = ns_cli_act(cli, NS_DOC_FIX, &vars, "correctDiaperChange", &answer, err);
        ns_json_free(answer);
    }
    ns_buf_fini(&fields);
    if (rc == NS_OK && !cli->json) {
        say_line(cli, NS_MSG_cli_fixed, &s, log);
    }
    return rc;
}

ns_rc ns_cli_log_remove(struct ns_cli *cli, struct ns_err *err) {
    static struct shown s;
    const struct ns_app_log *log = NULL;
    struct ns_json *answer = NULL;
    char id[NS_ID_TEXT];
    ns_rc rc = line_named(cli, cli->args.operand[0], &s, &log, err);
    if (rc != NS_OK) {
        return rc;
    }
    struct ns_buf vars = NS_BUF(100);
    ns_id_format(log->id, id);
    ns_buf_fmt(&vars, "{\"log\":\"%s\"}", id);
    rc = ns_cli_act(cli, NS_DOC_TAKE_OUT, &vars, "removeDiaperChange", &answer, err);
    ns_json_free(answer);
    if (rc == NS_OK && !cli->json) {
        say_line(cli, NS_MSG_cli_removed, &s, log);
    }
    return rc;
}
