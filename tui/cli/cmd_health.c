/* cmd_health.c: doctor, support, audit verify. Nothing here can name a child. */
#include "shared/base/env.h"
#include "shared/wire/client.h"
#include "tui/cli/ctx.h"
#include "tui/link/decode.h"
#include "tui/link/documents.h"
#include "tui/link/link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

static ns_rc read_report(struct ns_cli *cli, struct ns_app_support *out, struct ns_json **answer,
                         struct ns_err *err) {
    ns_rc rc = ns_cli_query(cli, NS_DOC_SUPPORT, NULL, NULL, answer, err);
    if (rc == NS_OK) {
        if (cli->zone == NULL) {
            cli->zone = ns_zone_find("America/Toronto");
        }
        ns_decode_support(ns_json_get(*answer, "data"), cli->zone, ns_env_now(cli->env), out);
    }
    return rc;
}

static void number(char out[24], int64_t n) {
    snprintf(out, 24, "%lld", (long long)n);
}

static const char *health_word(struct ns_cli *cli, enum ns_app_health h) {
    static const enum ns_msg words[] = {NS_MSG_cli_health_up, NS_MSG_cli_health_degraded,
                                        NS_MSG_cli_health_down, NS_MSG_cli_health_none};
    return ns_msg(cli->lang, words[h]);
}

ns_rc ns_cli_support(struct ns_cli *cli, struct ns_err *err) {
    static struct ns_app_support s;
    struct ns_json *answer = NULL;
    ns_rc rc = read_report(cli, &s, &answer, err);
    if (rc == NS_OK && cli->json) {
        ns_json_write(&cli->out, ns_json_get(answer, "data"), false);
        ns_buf_char(&cli->out, '\n');
    } else if (rc == NS_OK) {
        char n[6][24];
        number(n[0], s.uptime_s / 60);
        number(n[1], s.store_bytes / 1024);
        number(n[2], s.schema_version);
        NS_SAY(cli, NS_MSG_cli_support_agent, health_word(cli, s.agent), s.version, n[0]);
        NS_SAY(cli, NS_MSG_cli_support_store, health_word(cli, s.store), n[1], n[2]);
        number(n[0], s.children);
        number(n[1], s.usage_count);
        number(n[2], s.predictions_fresh);
        NS_SAY(cli, NS_MSG_cli_support_counts, n[0], n[1], n[2]);
        number(n[3], s.audit_count);
        NS_SAY(cli, s.audit_intact ? NS_MSG_cli_audit_intact : NS_MSG_cli_audit_broken, n[3]);
        for (int i = 0; i < s.part_count; i++) {
            NS_SAY(cli, NS_MSG_cli_support_part, s.parts[i].name, health_word(cli, s.parts[i].state));
        }
        for (int i = 0; i < s.problem_count; i++) {
            char at[48];
            ns_cli_clock(cli, at, s.problems[i].at);
            NS_SAY(cli, NS_MSG_cli_support_problem, at, s.problems[i].level, s.problems[i].part,
                   s.problems[i].text);
        }
    }
    ns_json_free(answer);
    return rc;
}

ns_rc ns_cli_audit_verify(struct ns_cli *cli, struct ns_err *err) {
    struct ns_json *answer = NULL;
    ns_rc rc = ns_cli_query(cli, NS_DOC_AUDIT, NULL, NULL, &answer, err);
    if (rc == NS_OK) {
        const struct ns_json *report = ns_json_path(answer, "data.supportReport");
        bool intact = ns_json_bool(ns_json_get(report, "auditIntact"), false);
        char n[24];
        number(n, ns_json_int(ns_json_get(report, "auditCount"), 0));
        if (cli->json) {
            ns_buf_fmt(&cli->out, "{\"intact\":%s,\"entries\":%s}\n", intact ? "true" : "false", n);
        } else if (intact) {
            NS_SAY(cli, NS_MSG_cli_audit_intact, n);
        }
        if (!intact) {
            rc = ns_err_say(err, NS_E_DAMAGED, NS_MSG_cli_audit_broken, n, NULL, NULL);
        }
    }
    ns_json_free(answer);
    return rc;
}

/* ---- doctor ------------------------------------------------------------------------------- */

struct finding {
    bool bad;
    enum ns_msg text;
    char arg[600]; /* a path, or a part's own sentences */
};

#define FINDINGS 12
struct findings {
    size_t count;
    struct finding list[FINDINGS];
};

static void add(struct findings *f, bool bad, enum ns_msg text, const char *arg) {
    if (f->count < FINDINGS) {
        struct finding *one = &f->list[f->count++];
        *one = (struct finding){.bad = bad, .text = text};
        ns_decode_text(one->arg, sizeof one->arg, arg);
    }
}

/* What can be seen without the agent. */
static void look_at_files(struct ns_cli *cli, struct findings *f) {
    struct stat info;
    struct statvfs disk;
    if (stat(cli->paths.data, &info) != 0) {
        add(f, true, NS_MSG_cli_doctor_no_folder, cli->paths.data);
        return;
    }
    add(f, (info.st_mode & 077) != 0,
        (info.st_mode & 077) != 0 ? NS_MSG_cli_doctor_folder_open : NS_MSG_cli_doctor_folder,
        cli->paths.data);
    bool store = stat(cli->paths.store, &info) == 0;
    add(f, !store, store ? NS_MSG_cli_doctor_store : ns_cli_home_lost(cli) ? NS_MSG_cli_home_lost : NS_MSG_cli_doctor_no_store,
        cli->paths.store);
    if (stat(cli->paths.machine_key, &info) == 0) {
        bool open = (info.st_mode & 077) != 0;
        add(f, open, open ? NS_MSG_cli_doctor_key_open : NS_MSG_cli_doctor_key, cli->paths.machine_key);
    } else {
        add(f, false, NS_MSG_cli_doctor_no_key, NULL);
    }
    if (statvfs(cli->paths.data, &disk) == 0) {
        char mib[24];
        uint64_t left = (uint64_t)disk.f_bavail * disk.f_frsize >> 20;
        number(mib, (int64_t)left);
        add(f, left < 100, left < 100 ? NS_MSG_cli_doctor_disk_low : NS_MSG_cli_doctor_disk, mib);
    }
}

bool ns_cli_clock_old(struct ns_cli *cli, ns_date *from) {
    *from = ns_link_clock_old(cli->env, cli->zone);
    return *from != 0;
}

static void look_at_clock(struct ns_cli *cli, struct findings *f) {
    ns_date from;
    char day[48];
    if (ns_cli_clock_old(cli, &from)) {
        ns_cli_date(cli, day, from);
        add(f, true, NS_MSG_cli_doctor_clock_old, day);
    } else {
        add(f, false, NS_MSG_cli_doctor_clock, ns_zone_name(cli->zone));
    }
}

/* Each part that is unwell, with its own words and their remedy; false: none had any. */
static bool add_unwell_parts(struct ns_cli *cli, struct findings *f) {
    struct ns_json *answer = NULL;
    size_t before = f->count;
    if (ns_cli_query(cli, NS_DOC_PARTS, NULL, NULL, &answer, NULL) == NS_OK) {
        for (const struct ns_json *part = ns_json_first(ns_json_path(answer, "data.systemHealth.components"));
             part != NULL; part = ns_json_next(part)) {
            const char *state = ns_json_text(ns_json_get(part, "state")), *detail = ns_json_text(ns_json_get(part, "detail"));
            if (state != NULL && detail != NULL && (strcmp(state, "DEGRADED") == 0 || strcmp(state, "DOWN") == 0)) {
                add(f, true, NS_MSG_cli_doctor_agent_bad, detail);
            }
        }
    }
    ns_json_free(answer);
    return f->count > before;
}

static void look_at_agent(struct ns_cli *cli, struct findings *f) {
    static struct ns_app_support s;
    struct ns_err why = {0};
    struct ns_json *answer = NULL;
    char text[600] = "";
    ns_rc rc = ns_cli_agent(cli, &why);
    if (rc == NS_OK) {
        rc = read_report(cli, &s, &answer, &why);
    }
    if (rc != NS_OK) {
        struct ns_buf said = NS_BUF(1000);
        ns_err_text(&said, cli->lang, &why);
        ns_decode_text(text, sizeof text, said.data);
        ns_buf_fini(&said);
        add(f, true, NS_MSG_cli_doctor_agent_bad, text);
        return;
    }
    if (s.agent == NS_HEALTH_UP) {
        add(f, false, NS_MSG_cli_doctor_agent, s.version);
    } else if (!add_unwell_parts(cli, f)) {
        add(f, true, NS_MSG_cli_doctor_agent_bad, health_word(cli, s.agent));
    }
    number(text, s.audit_count);
    add(f, !s.audit_intact, s.audit_intact ? NS_MSG_cli_audit_intact : NS_MSG_cli_audit_broken, text);
    if (s.problem_count > 0) {
        add(f, false, NS_MSG_cli_doctor_problems, s.problems[0].text);
    }
    ns_json_free(answer);
    look_at_clock(cli, f);
}

ns_rc ns_cli_doctor(struct ns_cli *cli, struct ns_err *err) {
    struct findings f = {0};
    size_t bad = 0;
    look_at_files(cli, &f);
    look_at_agent(cli, &f);
    for (size_t i = 0; i < f.count; i++) {
        const struct finding *one = &f.list[i];
        bad += one->bad;
        struct ns_buf text = NS_BUF(1000);
        NS_MSG_TO(&text, cli->lang, one->text, one->arg);
        if (cli->json) {
            ns_buf_text(&cli->out, i > 0 ? ",{" : "[{");
            ns_buf_fmt(&cli->out, "\"ok\":%s,", one->bad ? "false" : "true");
            ns_cli_json_text(&cli->out, "check", ns_msg_key(one->text));
            ns_buf_char(&cli->out, ',');
            ns_cli_json_text(&cli->out, "text", text.data);
            ns_buf_char(&cli->out, '}');
        } else {
            NS_SAY(cli, one->bad ? NS_MSG_cli_doctor_bad_line : NS_MSG_cli_doctor_good_line, text.data);
        }
        ns_buf_fini(&text);
    }
    if (cli->json) {
        ns_buf_text(&cli->out, "]\n");
    }
    if (bad > 0) {
        char n[24];
        number(n, (int64_t)bad);
        return ns_err_say(err, NS_E_CONFIG, NS_MSG_cli_doctor_sum, n, NULL, NULL);
    }
    return NS_OK;
}
