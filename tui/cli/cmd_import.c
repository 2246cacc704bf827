/* cmd_import.c: look at a file, show what it holds, ask, write, watch. */
#include "shared/base/env.h"
#include "tui/cli/ctx.h"
#include "tui/cli/import.h"
#include "tui/link/decode.h"
#include "tui/link/documents.h"
#include "tui/widget/line.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FILE_MOST ((size_t)8 << 20)
#define WATCH_MS 200

static const struct ns_json *job_of(const struct ns_json *answer, const char *field) {
    const struct ns_json *result = ns_json_get(ns_json_get(answer, "data"), field);
    const struct ns_json *job = ns_json_get(result, "job");
    return job != NULL ? job : result;
}

static void read_problems(enum ns_lang lang, const struct ns_json *job, struct ns_import_view *out) {
    const struct ns_json *p = ns_json_first(ns_json_get(job, "problems"));
    for (; p != NULL && out->problem_count < NS_IMPORT_SHOWN; p = ns_json_next(p)) {
        struct ns_buf text = NS_BUF(2000);
        char line[24];
        const char *message = ns_json_text(ns_json_get(p, "message"));
        snprintf(line, sizeof line, "%lld", (long long)ns_json_int(ns_json_get(p, "line"), 0));
        NS_MSG_TO(&text, lang, NS_MSG_cli_import_problem, line, message);
        ns_decode_text(out->problem[out->problem_count], sizeof out->problem[0], text.data);
        out->problem_count++;
        ns_buf_fini(&text);
    }
    struct ns_buf all = NS_BUF(2000);
    p = ns_json_first(ns_json_get(job, "reasons"));
    for (; p != NULL; p = ns_json_next(p)) {
        const char *reason = ns_json_text(ns_json_get(p, "reason"));
        ns_buf_fmt(&all, "%s%s %lld", all.len > 0 ? " \u00B7 " : "", reason != NULL ? reason : "",
                   (long long)ns_json_int(ns_json_get(p, "lines"), 0));
    }
    if (all.len > 0) {
        ns_decode_text(out->reasons, sizeof out->reasons, all.data);
    }
    ns_buf_fini(&all);
}

static void read_job(enum ns_lang lang, const struct ns_json *job, struct ns_import_view *out) {
    memset(out, 0, sizeof *out);
    ns_decode_text(out->id, sizeof out->id, ns_json_text(ns_json_get(job, "id")));
    ns_decode_text(out->format, sizeof out->format, ns_json_text(ns_json_get(job, "format")));
    ns_decode_text(out->state, sizeof out->state, ns_json_text(ns_json_get(job, "state")));
    ns_decode_text(out->order, sizeof out->order, ns_json_text(ns_json_get(job, "dayOrder")));
    const char *first = ns_json_text(ns_json_get(job, "firstDate"));
    const char *last = ns_json_text(ns_json_get(job, "lastDate"));
    if (first == NULL || !ns_date_parse(ns_str_of(first), &out->first)) {
        out->first = NS_DATE_NONE;
    }
    if (last == NULL || !ns_date_parse(ns_str_of(last), &out->last)) {
        out->last = NS_DATE_NONE;
    }
    out->days = ns_json_int(ns_json_get(job, "days"), 0);
    out->changes = ns_json_int(ns_json_get(job, "changes"), 0);
    out->duplicates = ns_json_int(ns_json_get(job, "duplicates"), 0);
    out->gaps = ns_json_int(ns_json_get(job, "gapDays"), 0);
    out->refused = ns_json_int(ns_json_get(job, "refusedLines"), 0);
    out->written = ns_json_int(ns_json_get(job, "written"), 0);
    out->total = ns_json_int(ns_json_get(job, "total"), 0);
    read_problems(lang, job, out);
}

const char *ns_import_format_title(const char *format) {
    static const char *const names[][2] = {{"BABY_BUDDY", "Baby Buddy"},
                                           {"HUCKLEBERRY", "Huckleberry"},
                                           {"HATCH", "Hatch"},
                                           {"PLAIN_CSV", "CSV"}};
    for (size_t i = 0; i < NS_COUNT(names); i++) {
        if (strcmp(format, names[i][0]) == 0) {
            return names[i][1];
        }
    }
    return format;
}

ns_rc ns_import_stage_text(struct ns_cli *cli, ns_id child, const char *name, struct ns_str text,
                           const char *order, struct ns_import_view *out,
                           struct ns_json **answer, struct ns_err *err) {
    struct ns_buf vars = NS_BUF(FILE_MOST * 2 + 4096);
    char id[NS_ID_TEXT];
    ns_id_format(child, id);
    ns_buf_fmt(&vars, "{\"input\":{\"childId\":\"%s\",\"dayOrder\":\"%s\",\"fileName\":", id, order);
    ns_json_quote(&vars, ns_str_of(name));
    ns_buf_text(&vars, ",\"content\":");
    ns_json_quote(&vars, text);
    ns_buf_text(&vars, "}}");
    ns_rc rc = vars.failed
                   ? ns_err_say(err, NS_E_LIMIT, NS_MSG_cli_import_too_big, name, NULL, NULL)
                   : ns_cli_query(cli, NS_DOC_STAGE, vars.data, "stageImport", answer, err);
    if (rc == NS_OK) {
        read_job(cli->lang, job_of(*answer, "stageImport"), out);
    }
    ns_buf_fini(&vars);
    return rc;
}

static const char *last_part(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static ns_rc read_log(struct ns_cli *cli, const char *path, struct ns_buf *content,
                      struct ns_err *err) {
    ns_rc rc = cli->env->read_file(cli->env->self, path, content, NULL);
    if (rc == NS_E_LIMIT) {
        return ns_err_say(err, NS_E_LIMIT, NS_MSG_cli_import_too_big, path, NULL, NULL);
    }
    if (rc == NS_E_NOT_FOUND) {
        return ns_err_say(err, rc, NS_MSG_cli_import_no_file, path, NULL, NULL);
    }
    return rc == NS_OK ? rc : ns_err_say(err, rc, NS_MSG_cli_import_unreadable, path, NULL, NULL);
}

ns_rc ns_import_stage_file(struct ns_cli *cli, ns_id child, const char *path, const char *order,
                           struct ns_import_view *out, struct ns_json **answer,
                           struct ns_err *err) {
    struct ns_buf content = NS_BUF(FILE_MOST);
    ns_rc rc = read_log(cli, path, &content, err);
    if (rc == NS_OK) {
        rc = ns_import_stage_text(cli, child, last_part(path), ns_buf_view(&content), order, out,
                                  answer, err);
    }
    ns_buf_fini(&content);
    return rc;
}

static ns_rc ask_job(struct ns_cli *cli, const char *document, const char *field, const char *id,
                     bool mutation, struct ns_import_view *out, struct ns_json **answer,
                     struct ns_err *err) {
    struct ns_buf vars = NS_BUF(200);
    ns_buf_fmt(&vars, "{\"job\":\"%s\"}", id);
    ns_json_free(*answer);
    *answer = NULL;
    ns_rc rc = ns_cli_query(cli, document, vars.data, mutation ? field : NULL, answer, err);
    if (rc == NS_OK) {
        read_job(cli->lang, job_of(*answer, field), out);
    }
    ns_buf_fini(&vars);
    return rc;
}

ns_rc ns_import_write(struct ns_cli *cli, struct ns_import_view *job,
                      void (*progress)(void *self, const struct ns_import_view *job), void *self,
                      struct ns_json **answer, struct ns_err *err) {
    char id[NS_ID_TEXT];
    (void)!ns_str_copy(ns_str_of(job->id), id, sizeof id);
    ns_rc rc = ask_job(cli, NS_DOC_COMMIT, "commitImport", id, true, job, answer, err);
    while (rc == NS_OK && (strcmp(job->state, "WRITING") == 0 || strcmp(job->state, "STAGED") == 0)) {
        struct timespec pause = {0, WATCH_MS * 1000 * 1000};
        nanosleep(&pause, NULL);
        rc = ask_job(cli, NS_DOC_JOB, "importJob", id, false, job, answer, err);
        if (rc == NS_OK && progress != NULL) {
            progress(self, job);
        }
    }
    if (rc == NS_OK && strcmp(job->state, "DONE") != 0) {
        rc = ns_err_say(err, NS_E_IO, NS_MSG_cli_import_failed, id, NULL, NULL);
    }
    return rc;
}

/* ---- the command -------------------------------------------------------------------------- */

/* Each refused line with its remedy, then how many more, then how often each reason. */
static void say_problems(struct ns_cli *cli, const struct ns_import_view *j) {
    for (int i = 0; i < j->problem_count; i++) {
        ns_cli_clean(&cli->out, j->problem[i]);
        ns_buf_char(&cli->out, '\n');
    }
    int64_t more = j->refused - j->problem_count;
    if (more > 0) {
        NS_SAY(cli, ns_msg_plural(cli->lang, more, NS_MSG_cli_import_more_one, NS_MSG_cli_import_more_other),
               ns_line_number(more).s);
    }
    if (j->refused > 1 && j->reasons[0] != '\0') {
        NS_SAY(cli, NS_MSG_cli_import_reasons, j->reasons);
    }
}

static void say_found(struct ns_cli *cli, const struct ns_import_view *j) {
    char first[48];
    char last[48];
    ns_cli_date(cli, first, j->first);
    ns_cli_date(cli, last, j->last);
    if (j->changes > 0) {
        NS_SAY(cli, NS_MSG_cli_import_found, ns_import_format_title(j->format),
               ns_line_plural(cli->lang, j->changes, NS_MSG_count_change_one, NS_MSG_count_change_other).s,
               ns_line_plural(cli->lang, j->days, NS_MSG_count_day_one, NS_MSG_count_day_other).s,
               first, last);
    }
    NS_SAY(cli, NS_MSG_cli_import_found2, ns_line_number(j->gaps).s,
           ns_line_number(j->duplicates).s, ns_line_number(j->refused).s);
    say_problems(cli, j);
}

static ns_rc nothing_usable(const char *path, struct ns_err *err) {
    return ns_err_say(err, NS_E_INPUT, NS_MSG_cli_import_nothing, path, NULL, NULL);
}

static void show_progress(void *self, const struct ns_import_view *job) {
    struct ns_cli *cli = self;
    if (isatty(STDERR_FILENO) && !cli->json && !cli->args.given[NS_OPT_PLAIN]) {
        dprintf(STDERR_FILENO, "\r%lld / %lld ", (long long)job->written, (long long)job->total);
    }
}

static ns_rc undo_import(struct ns_cli *cli, struct ns_err *err) {
    cli->args.operand[0] = cli->args.value[NS_OPT_UNDO];
    cli->args.operand_count = 1;
    return ns_cli_undo(cli, err);
}

static ns_rc write_and_say(struct ns_cli *cli, struct ns_import_view *job, struct ns_json **answer,
                           struct ns_err *err) {
    ns_cli_flush(cli);
    ns_rc rc = ns_import_write(cli, job, show_progress, cli, answer, err);
    if (rc != NS_OK) {
        return rc;
    }
    if (cli->json) {
        const struct ns_json *result = ns_json_path(*answer, "data.importJob");
        ns_json_write(&cli->out, result != NULL ? result : job_of(*answer, "commitImport"), false);
        ns_buf_char(&cli->out, '\n');
    } else {
        char n[24];
        snprintf(n, sizeof n, "%lld", (long long)job->written);
        NS_SAY(cli, NS_MSG_cli_import_done, n, job->id);
    }
    return NS_OK;
}

ns_rc ns_cli_import(struct ns_cli *cli, struct ns_err *err) {
    static struct ns_app_child list[NS_APP_CHILDREN];
    static struct ns_app_child child;
    struct ns_import_view job;
    struct ns_json *answer = NULL;
    size_t count = 0;
    const char *order = cli->args.given[NS_OPT_DAY_FIRST]     ? "DAY_FIRST"
                        : cli->args.given[NS_OPT_MONTH_FIRST] ? "MONTH_FIRST"
                                                              : "AUTO";
    if (cli->args.given[NS_OPT_UNDO]) {
        return undo_import(cli, err);
    }
    if (cli->args.operand_count == 0) {
        return ns_err_say(err, NS_E_USAGE, NS_MSG_cli_too_few, "import",
                          ns_msg(cli->lang, NS_MSG_cli_cmd_import_operands), NULL);
    }
    struct ns_buf content = NS_BUF(FILE_MOST);
    ns_rc rc = read_log(cli, cli->args.operand[0], &content, err);
    if (rc == NS_OK) {
        rc = ns_cli_home(cli, err);
    }
    if (rc == NS_OK && cli->args.value[NS_OPT_CHILD] != NULL) {
        rc = ns_cli_child(cli, cli->args.value[NS_OPT_CHILD], &child, err);
    } else if (rc == NS_OK) {
        rc = ns_cli_children(cli, list, &count, err);
        child = list[0];
        if (rc == NS_OK && count != 1) {
            rc = ns_err_say(err, NS_E_USAGE,
                            count == 0 ? NS_MSG_cli_no_children : NS_MSG_cli_import_whose, NULL, NULL, NULL);
        }
    }
    if (rc == NS_OK) {
        rc = ns_import_stage_text(cli, child.id, last_part(cli->args.operand[0]),
                                  ns_buf_view(&content), order, &job, &answer, err);
    }
    ns_buf_fini(&content);
    if (rc != NS_OK) {
        ns_json_free(answer);
        return rc;
    }
    bool yes = cli->args.given[NS_OPT_YES];
    if (cli->json && (!yes || job.changes == 0)) { /* a program asks first and decides itself */
        ns_json_write(&cli->out, job_of(answer, "stageImport"), false);
        ns_buf_char(&cli->out, '\n');
    } else {
        if (!cli->json) {
            say_found(cli, &job);
        }
        if (job.changes == 0) {
            /* the lines above say why */
        } else if (yes || ns_cli_ask_yes(cli, NS_MSG_cli_import_ask)) {
            rc = write_and_say(cli, &job, &answer, err);
        } else {
            ns_cli_line(cli, NS_MSG_cli_import_not_written);
        }
    }
    ns_json_free(answer);
    return rc == NS_OK && job.changes == 0 ? nothing_usable(cli->args.operand[0], err) : rc;
}
