/* cmd_marks.c: the marked days of children, and taking one out again. */
#include "tui/cli/ctx.h"
#include "tui/link/documents.h"

#include <stdio.h>
#include <string.h>

#define MARKS_MOST 200

struct line {
    char id[NS_ID_TEXT];
    char name[NS_APP_NAME];
    int kind;
    ns_date first;
    ns_date last; /* NS_DATE_NONE: goes on */
    int weekdays;
};

struct lines {
    struct line line[MARKS_MOST];
    size_t count;
};

static const char *const kinds[] = {"ILLNESS", "DAYCARE", "DAYCARE_CLOSED", "TRAVEL", "TOO_TIGHT"};

static ns_date day_of(const struct ns_json *object, const char *name) {
    const char *text = ns_json_text(ns_json_get(object, name));
    ns_date day;
    return text != NULL && ns_date_parse(ns_str_of(text), &day) ? day : NS_DATE_NONE;
}

static void add(struct lines *out, const struct ns_app_child *child, const struct ns_json *mark) {
    const char *id = ns_json_text(ns_json_get(mark, "id"));
    const char *kind = ns_json_text(ns_json_get(mark, "kind"));
    struct line *line = &out->line[out->count];
    if (out->count == MARKS_MOST || id == NULL || kind == NULL) {
        return;
    }
    *line = (struct line){.kind = -1, .first = day_of(mark, "firstDay"), .last = day_of(mark, "lastDay"),
                          .weekdays = (int)ns_json_int(ns_json_get(mark, "weekdays"), 0)};
    for (int i = 0; i < (int)NS_COUNT(kinds); i++) {
        line->kind = strcmp(kinds[i], kind) == 0 ? i : line->kind;
    }
    snprintf(line->id, sizeof line->id, "%s", id);
    snprintf(line->name, sizeof line->name, "%s", child->name);
    out->count += line->kind >= 0;
}

/* Of one child or of all, in the order they are numbered in. */
static ns_rc read(struct ns_cli *cli, const char *word, struct lines *out, struct ns_err *err) {
    static struct ns_app_child list[NS_APP_CHILDREN];
    size_t count = 1;
    out->count = 0;
    ns_rc rc = word != NULL ? ns_cli_child(cli, word, &list[0], err) : ns_cli_children(cli, list, &count, err);
    for (size_t i = 0; rc == NS_OK && i < count; i++) {
        char id[NS_ID_TEXT];
        struct ns_buf vars = NS_BUF(100);
        struct ns_json *answer = NULL;
        ns_id_format(list[i].id, id);
        ns_buf_fmt(&vars, "{\"child\":\"%s\"}", id);
        rc = ns_cli_query(cli, NS_DOC_MARKS, vars.data, NULL, &answer, err);
        ns_buf_fini(&vars);
        const struct ns_json *marks = ns_json_path(answer, "data.childMarks");
        for (const struct ns_json *m = ns_json_first(marks); m != NULL; m = ns_json_next(m)) {
            add(out, &list[i], m);
        }
        ns_json_free(answer);
    }
    return rc;
}

static void put_json(struct ns_cli *cli, const struct line *line) {
    ns_buf_char(&cli->out, '{');
    ns_cli_json_text(&cli->out, "id", line->id);
    ns_buf_char(&cli->out, ',');
    ns_cli_json_text(&cli->out, "child", line->name);
    ns_buf_char(&cli->out, ',');
    ns_cli_json_text(&cli->out, "kind", kinds[line->kind]);
    ns_buf_char(&cli->out, ',');
    ns_cli_json_date(&cli->out, "firstDay", line->first);
    ns_buf_char(&cli->out, ',');
    ns_cli_json_date(&cli->out, "lastDay", line->last);
    ns_buf_fmt(&cli->out, ",\"weekdays\":%d}", line->weekdays);
}

/* " (Mon, Wed)" of the days of a daycare mark; Monday to Friday when none were named. */
static void add_weekdays(struct ns_cli *cli, struct ns_buf *out, const struct line *line) {
    int days = line->weekdays != 0 ? line->weekdays : 31;
    const char *between = " (";
    for (int i = 0; line->kind == 1 && i < 7; i++) {
        if ((days & 1 << i) != 0) {
            ns_buf_fmt(out, "%s%s", between, ns_text_weekday(cli->lang, i));
            between = ", ";
        }
    }
    ns_buf_text(out, line->kind == 1 ? ")" : "");
}

static void put_line(struct ns_cli *cli, size_t number, const struct line *line) {
    static const enum ns_msg words[] = {NS_MSG_cli_mark_ill, NS_MSG_cli_mark_daycare, NS_MSG_cli_mark_closed,
                                        NS_MSG_cli_mark_travel, NS_MSG_cli_mark_tight};
    char shown[24];
    struct ns_buf span = NS_BUF(400);
    snprintf(shown, sizeof shown, "%zu", number);
    ns_text_span(&span, cli->lang, line->first, line->last);
    add_weekdays(cli, &span, line);
    NS_SAY(cli, NS_MSG_cli_mark_line, shown, line->name, ns_msg(cli->lang, words[line->kind]), span.data);
    ns_buf_fini(&span);
}

ns_rc ns_cli_marks(struct ns_cli *cli, struct ns_err *err) {
    static struct lines all;
    ns_rc rc = read(cli, cli->args.operand_count > 0 ? cli->args.operand[0] : NULL, &all, err);
    if (rc != NS_OK) {
        return rc;
    }
    ns_buf_text(&cli->out, cli->json ? "[" : "");
    for (size_t i = 0; i < all.count; i++) {
        if (cli->json) {
            ns_buf_text(&cli->out, i > 0 ? "," : "");
            put_json(cli, &all.line[i]);
        } else {
            put_line(cli, i + 1, &all.line[i]);
        }
    }
    ns_buf_text(&cli->out, cli->json ? "]\n" : "");
    if (all.count == 0 && !cli->json) {
        ns_cli_line(cli, NS_MSG_cli_marks_none);
    }
    return NS_OK;
}

/* MARK: the number `nestsync marks` gives it, or an identifier. */
ns_rc ns_cli_marks_remove(struct ns_cli *cli, struct ns_err *err) {
    static struct lines all;
    const char *word = cli->args.operand[0];
    struct ns_json *answer = NULL;
    int64_t number = 0;
    ns_id id;
    ns_rc rc = read(cli, NULL, &all, err);
    if (rc != NS_OK) {
        return rc;
    }
    if (!ns_id_parse(ns_str_of(word), &id)) {
        if (!ns_str_int(ns_str_of(word), 1, (int64_t)all.count, &number)) {
            return ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_cli_mark_unknown, word, NULL, NULL);
        }
        word = all.line[number - 1].id;
    }
    struct ns_buf vars = NS_BUF(100);
    ns_buf_fmt(&vars, "{\"mark\":\"%s\"}", word);
    rc = ns_cli_act(cli, NS_DOC_UNMARK, &vars, "removeChildMark", &answer, err);
    ns_json_free(answer);
    if (rc == NS_OK && !cli->json) {
        ns_cli_line(cli, NS_MSG_cli_mark_removed);
    }
    return rc;
}
