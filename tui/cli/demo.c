/* demo.c: make the practice household, open it, and leave nothing running. */
#include "tui/cli/demo.h"
#include "shared/base/env.h"
#include "tui/cli/import.h"
#include "tui/cli/newhome.h"
#include "tui/link/documents.h"

#include <string.h>

#define LOG_MOST ((size_t)1 << 20)

struct practice {
    const char *name;
    ns_date birth;
    int size;
    int32_t usage;
    const char *brand;
    int32_t shelf;
};

static ns_rc import_text(struct ns_cli *cli, ns_id child, const char *name, struct ns_str text,
                         struct ns_err *err) {
    struct ns_import_view job;
    struct ns_json *answer = NULL;
    ns_rc rc = ns_import_stage_text(cli, child, name, text, "AUTO", &job, &answer, err);
    if (rc == NS_OK) {
        rc = ns_import_write(cli, &job, NULL, NULL, &answer, err);
    }
    ns_json_free(answer);
    return rc;
}

static ns_rc forecast(struct ns_cli *cli, ns_id child, struct ns_err *err) {
    struct ns_buf vars = NS_BUF(100);
    struct ns_json *answer = NULL;
    char id[NS_ID_TEXT];
    ns_id_format(child, id);
    ns_buf_fmt(&vars, "{\"child\":\"%s\"}", id);
    ns_rc rc = ns_cli_query(cli, NS_DOC_PREDICT, vars.data, "triggerPredictionUpdate", &answer, err);
    ns_json_free(answer);
    ns_buf_fini(&vars);
    return rc;
}

static ns_rc add_child(struct ns_cli *cli, const struct practice *p, const char *file,
                       struct ns_str log, struct ns_err *err) {
    ns_id id = {{0}};
    ns_rc rc = ns_newhome_child(cli, p->name, p->birth, p->size, p->usage, &id, err);
    if (rc == NS_OK) {
        rc = ns_newhome_stock(cli, id, p->size, p->brand, p->shelf, err);
    }
    if (rc == NS_OK) {
        rc = import_text(cli, id, file, log, err);
    }
    return rc == NS_OK ? forecast(cli, id, err) : rc;
}

/* The log as given with --csv, else the one compiled in. */
static ns_rc first_log(struct ns_cli *cli, struct ns_buf *out, struct ns_err *err) {
    const char *path = cli->args.value[NS_OPT_CSV];
    if (path != NULL) {
        return cli->env->read_file(cli->env->self, path, out, err);
    }
    ns_buf_add(out, ns_demo_log, ns_demo_log_bytes);
    return NS_OK;
}

static ns_rc fill(struct ns_cli *cli, const char *province, struct ns_err *err) {
    struct ns_buf source = NS_BUF(LOG_MOST);
    struct ns_buf first = NS_BUF(LOG_MOST);
    struct ns_buf second = NS_BUF(LOG_MOST);
    const struct ns_zone *zone = ns_zone_of_province(province);
    ns_time now = ns_env_now(cli->env);
    ns_date today = ns_zone_local_day(zone, now);
    int minute = ns_zone_local_minute(zone, now);
    ns_date born = NS_DATE_NONE;
    ns_rc rc = ns_newhome_owner(cli, "Sam", province, true, err);
    if (rc == NS_OK) {
        rc = ns_newhome_consent(cli, true, err);
    }
    if (rc == NS_OK) {
        rc = first_log(cli, &source, err);
    }
    if (rc == NS_OK) {
        rc = ns_demo_shift(ns_buf_view(&source), today, minute, &first, &born, err);
    }
    if (rc == NS_OK) {
        /* The real log begins on the day of birth. */
        struct practice mila = {"Mila", born, ns_cli_size_of_age(today - born), 6, "SoftNest", 38};
        rc = add_child(cli, &mila, "real_a.csv", ns_buf_view(&first), err);
    }
    if (rc == NS_OK) {
        struct practice theo = {"Théo", today - NS_DEMO_SIBLING_AGE, 5, 5, "SoftNest", 21};
        ns_demo_sibling(today, minute, &second);
        rc = add_child(cli, &theo, "sibling.csv", ns_buf_view(&second), err);
    }
    ns_buf_fini(&source);
    ns_buf_fini(&first);
    ns_buf_fini(&second);
    return rc;
}

ns_rc ns_cli_demo(struct ns_cli *cli, struct ns_err *err) {
    static struct ns_newhome home;
    const char *province = cli->lang == NS_LANG_FR ? "QC" : "ON";
    if (cli->args.value[NS_OPT_HOME] == NULL) {
        return ns_err_say(err, NS_E_USAGE, NS_MSG_cli_demo_home, NULL, NULL, NULL);
    }
    ns_rc rc = ns_newhome_create(&home, cli, NULL, true, err);
    if (rc == NS_OK) {
        rc = ns_newhome_settle(&home, err);
    }
    bool running = home.settled;
    ns_newhome_drop(&home);
    if (rc == NS_OK) {
        rc = fill(cli, province, err);
    }
    if (rc == NS_OK) {
        rc = ns_cli_console(cli, err);
    }
    if (running) {
        ns_cli_flush(cli);
        ns_rc stopped = ns_cli_agent_stop(cli, rc == NS_OK ? err : NULL);
        rc = rc == NS_OK ? stopped : rc;
    }
    return rc;
}
