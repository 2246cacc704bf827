/* ctx.h: what every command shares: language, folders, the agent, output.
 *
 * Output is gathered in `out` and written when the command ends or ns_cli_flush is called; errors
 * go to standard error. Ownership: main owns the context. Threads: main thread. */
#pragma once
#include "shared/calendar/zone.h"
#include "shared/config/paths.h"
#include "shared/config/settings.h"
#include "shared/wire/json.h"
#include "tui/app/state.h"
#include "tui/cli/table.h"

struct ns_env;

struct ns_cli {
    const struct ns_env *env;
    const char *program; /* argv[0]: nestsyncd is looked for beside it */
    struct ns_cli_args args;
    enum ns_lang lang;
    bool json;
    struct ns_paths paths;
    bool paths_known;
    struct ns_settings settings; /* console.ini */
    const struct ns_zone *zone;  /* known after ns_cli_home */
    struct ns_app_household home;
    struct ns_buf out;
};

/* ---- output (out.c) ---- */
void ns_cli_flush(struct ns_cli *cli);
/* One line of a message with up to six arguments. */
#define NS_SAY(cli, id, ...)                                                                   \
    do {                                                                                       \
        NS_MSG_TO(&(cli)->out, (cli)->lang, (id), __VA_ARGS__);                                \
        ns_buf_char(&(cli)->out, '\n');                                                        \
    } while (0)
void ns_cli_line(struct ns_cli *cli, enum ns_msg id); /* a message without arguments */
/* Text from outside without control characters, so that no terminal obeys a name. */
void ns_cli_clean(struct ns_buf *out, const char *text);
void ns_cli_date(struct ns_cli *cli, char out[48], ns_date day);    /* "Tue 17 Mar", "" for NONE */
void ns_cli_clock(struct ns_cli *cli, char out[48], ns_time t);     /* "Tue 17 Mar 02:14" */
void ns_cli_hundredths(struct ns_cli *cli, char out[32], int32_t value, int decimals);
const char *ns_cli_size_word(struct ns_cli *cli, int size, char out[32]);
enum ns_msg ns_cli_kind_word(int kind);         /* enum ns_app_kind */
enum ns_msg ns_cli_confidence_word(int level);  /* enum ns_app_confidence */
/* "name":value, after a comma where one is needed. */
void ns_cli_json_date(struct ns_buf *out, const char *name, ns_date day); /* "name":"...", or null */
void ns_cli_json_time(struct ns_buf *out, const char *name, ns_time t);
void ns_cli_json_text(struct ns_buf *out, const char *name, const char *text);
void ns_cli_json_bool(struct ns_buf *out, const char *name, bool value);
void ns_cli_json_number(struct ns_buf *out, const char *name, int32_t value, int32_t scale);
/* Prints the error in the person's language to standard error; returns its exit status. */
int ns_cli_fail(struct ns_cli *cli, const struct ns_err *err);
bool ns_cli_ask_yes(struct ns_cli *cli, enum ns_msg question); /* on the terminal; default No */

/* ---- agent (agent.c) ---- */
/* Starts the agent when none answers and a home exists. NS_E_NOT_SET_UP: there is no home yet. */
ns_rc ns_cli_agent(struct ns_cli *cli, struct ns_err *err) NS_MUST_USE;
/* Start an agent now and wait until it is ready. passphrase: NULL: by the machine key. */
ns_rc ns_cli_agent_start(struct ns_cli *cli, const char *passphrase, struct ns_err *err) NS_MUST_USE;
/* Ask a running agent of this home to stop, and wait until it has (its lock names the process). */
ns_rc ns_cli_agent_stop(struct ns_cli *cli, struct ns_err *err) NS_MUST_USE;
void ns_cli_agent_program(char out[NS_PATH]); /* path of nestsyncd, or its bare name */
/* A secret from --passphrase-fd, else typed at the terminal without echo. */
ns_rc ns_cli_secret(struct ns_cli *cli, enum ns_msg prompt, char *out, size_t cap,
                    struct ns_err *err) NS_MUST_USE;
bool ns_cli_home_exists(const struct ns_cli *cli);
bool ns_cli_home_lost(const struct ns_cli *cli); /* no store, but copies of one: to be restored, not made anew */
/* One document; *answer is freed by the caller. mutation: as ns_decode_verdict. */
ns_rc ns_cli_query(struct ns_cli *cli, const char *document, const char *variables,
                   const char *mutation, struct ns_json **answer, struct ns_err *err) NS_MUST_USE;

/* ---- what several commands send (cmd_act.c) ---- */
/* Runs a mutation and ends vars; prints the result as JSON when asked. *answer: the caller frees. */
ns_rc ns_cli_act(struct ns_cli *cli, const char *document, struct ns_buf *vars,
                 const char *mutation, struct ns_json **answer, struct ns_err *err) NS_MUST_USE;
void ns_cli_add_text(struct ns_buf *vars, const char *name, const char *value); /* ,"name":"value"; NULL: nothing */
ns_rc ns_cli_bad_value(const char *option, const char *value, struct ns_err *err) NS_MUST_USE;

/* ---- what several commands read (read.c) ---- */
ns_rc ns_cli_home(struct ns_cli *cli, struct ns_err *err) NS_MUST_USE; /* cli->home, cli->zone */
/* All children with stock, last change and newest prediction. */
ns_rc ns_cli_children(struct ns_cli *cli, struct ns_app_child *out, size_t *count,
                      struct ns_err *err) NS_MUST_USE;
/* By name (capitals and accents do not matter, a clear beginning is enough) or identifier. */
ns_rc ns_cli_child(struct ns_cli *cli, const char *word, struct ns_app_child *out,
                   struct ns_err *err) NS_MUST_USE;

/* ITEM: number of the line in the list of stock, or an identifier. */
ns_rc ns_cli_stock_item(struct ns_cli *cli, const char *word, ns_id *id, ns_id *child, struct ns_err *err) NS_MUST_USE;

int ns_cli_size_of_age(int32_t days); /* 0..7: what children of that age mostly wear */

/* ---- commands ---- */
ns_rc ns_cli_status(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_log(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_log_fix(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_log_remove(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_stock(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_stock_add(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_stock_count(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_predict(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_delivery(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_log_weight(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_log_mark(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_marks(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_marks_remove(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_preferences(struct ns_cli *cli, struct ns_err *err);
bool ns_cli_weekdays(const char *word, int *out); /* "mon,wed", "lun,mer": bit 0 is Monday */
/* children edit --early */
ns_rc ns_cli_born_early(struct ns_cli *cli, const struct ns_app_child *child, struct ns_err *err);
/* predict with one of its questions: --explain, --what-if, --household, --supplies, --replay. */
bool ns_cli_predict_asks(const struct ns_cli *cli);
ns_rc ns_cli_predict_answer(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_documented(struct ns_cli *cli, struct ns_err *err); /* predict --as-documented */
ns_rc ns_cli_children_list(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_children_add(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_children_edit(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_import(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_undo(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_leaving(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_stock_remove(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_children_remove(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_export(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_notices(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_consent(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_devices(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_devices_pair(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_devices_rename(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_devices_revoke(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_devices_panic(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_devices_network(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_graphql(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_audit(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_audit_verify(struct ns_cli *cli, struct ns_err *err);
/* Whether this computer's own zone data is behind the law; *from: the first day it shows. */
bool ns_cli_clock_old(struct ns_cli *cli, ns_date *from);
ns_rc ns_cli_doctor(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_support(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_plan(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_plan_change(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_orders(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_orders_states(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_orders_suggest(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_orders_pause(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_order(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_order_new(struct ns_cli *cli, struct ns_err *err);
/* approve, stop, cancel, told, rate */
ns_rc ns_cli_order_change(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_prices(struct ns_cli *cli, struct ns_err *err); /* and products */
ns_rc ns_cli_scan(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_price_add(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_price_compare(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_price_history(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_bills(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_receipt(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_init(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_demo(struct ns_cli *cli, struct ns_err *err);
ns_rc ns_cli_console(struct ns_cli *cli, struct ns_err *err);

/* upkeep.c: work on the store that nestsyncd does as a process of its own; exit statuses. */
int ns_cli_store_migrate(struct ns_cli *cli, int argc, char **argv);
int ns_cli_store_rekey(struct ns_cli *cli, int argc, char **argv); /* --new-keys stops a running agent */
int ns_cli_privacy_erase(struct ns_cli *cli, int argc, char **argv); /* stops a running agent */
int ns_cli_config_check(struct ns_cli *cli); /* settings and an environment file; touches no store */
int ns_cli_backup(struct ns_cli *cli, int argc, char **argv);
int ns_cli_restore(struct ns_cli *cli, int argc, char **argv); /* stops a running agent */

int ns_cli_main(int argc, char **argv, const struct ns_env *env);
