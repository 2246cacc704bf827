/* command.c: from the command line to the command and its exit status. */
#include "shared/base/env.h"
#include "shared/base/harden.h"
#include "tui/cli/console.h"
#include "tui/cli/offline/offline.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OUT_MOST ((size_t)32 << 20)

static const char *environment(const char *name) {
    return getenv(name);
}

struct command {
    enum ns_cli_id id;
    bool needs_agent;
    ns_rc (*run)(struct ns_cli *cli, struct ns_err *err);
};

static const struct command commands[] = {
    {NS_CLI_CONSOLE, false, ns_cli_console},
    {NS_CLI_STATUS, true, ns_cli_status},
    {NS_CLI_LOG, true, ns_cli_log},
    {NS_CLI_STOCK, true, ns_cli_stock},
    {NS_CLI_STOCK_ADD, true, ns_cli_stock_add},
    {NS_CLI_STOCK_COUNT, true, ns_cli_stock_count},
    {NS_CLI_STOCK_DELIVERY, true, ns_cli_delivery},
    {NS_CLI_LOG_FIX, true, ns_cli_log_fix},
    {NS_CLI_LOG_REMOVE, true, ns_cli_log_remove},
    {NS_CLI_LOG_WEIGHT, true, ns_cli_log_weight},
    {NS_CLI_LOG_SICK, true, ns_cli_log_mark},
    {NS_CLI_LOG_DAYCARE, true, ns_cli_log_mark},
    {NS_CLI_LOG_CLOSED, true, ns_cli_log_mark},
    {NS_CLI_LOG_TRAVEL, true, ns_cli_log_mark},
    {NS_CLI_LOG_TIGHT, true, ns_cli_log_mark},
    {NS_CLI_MARKS, true, ns_cli_marks},
    {NS_CLI_MARKS_REMOVE, true, ns_cli_marks_remove},
    {NS_CLI_PREFERENCES, true, ns_cli_preferences},
    {NS_CLI_PREDICT, true, ns_cli_predict},
    {NS_CLI_CHILDREN, true, ns_cli_children_list},
    {NS_CLI_CHILDREN_ADD, true, ns_cli_children_add},
    {NS_CLI_CHILDREN_EDIT, true, ns_cli_children_edit},
    {NS_CLI_CHILDREN_REMOVE, true, ns_cli_children_remove},
    {NS_CLI_STOCK_REMOVE, true, ns_cli_stock_remove},
    {NS_CLI_IMPORT, true, ns_cli_import},
    {NS_CLI_UNDO, true, ns_cli_undo},
    {NS_CLI_NOTICES, true, ns_cli_notices},
    {NS_CLI_CONSENT, true, ns_cli_consent},
    {NS_CLI_DEVICES, true, ns_cli_devices},
    {NS_CLI_DEVICES_PAIR, true, ns_cli_devices_pair},
    {NS_CLI_DEVICES_RENAME, true, ns_cli_devices_rename},
    {NS_CLI_DEVICES_REVOKE, true, ns_cli_devices_revoke},
    {NS_CLI_DEVICES_PANIC, true, ns_cli_devices_panic},
    {NS_CLI_DEVICES_NETWORK, true, ns_cli_devices_network},
    {NS_CLI_GRAPHQL, true, ns_cli_graphql},
    {NS_CLI_AUDIT, true, ns_cli_audit},
    {NS_CLI_AUDIT_VERIFY, true, ns_cli_audit_verify},
    {NS_CLI_DOCTOR, false, ns_cli_doctor},
    {NS_CLI_SUPPORT, true, ns_cli_support},
    {NS_CLI_EXPORT, true, ns_cli_export},
    {NS_CLI_PRIVACY, true, ns_cli_leaving},
    {NS_CLI_PLAN, true, ns_cli_plan},
    {NS_CLI_PLAN_CHOOSE, true, ns_cli_plan_change},
    {NS_CLI_PLAN_STOP, true, ns_cli_plan_change},
    {NS_CLI_PLAN_RESUME, true, ns_cli_plan_change},
    {NS_CLI_PLAN_MOVE, true, ns_cli_plan_change},
    {NS_CLI_PLAN_CARD, true, ns_cli_plan_change},
    {NS_CLI_ORDERS, true, ns_cli_orders},
    {NS_CLI_ORDERS_STATES, false, ns_cli_orders_states},
    {NS_CLI_ORDERS_SUGGEST, true, ns_cli_orders_suggest},
    {NS_CLI_ORDERS_PAUSE, true, ns_cli_orders_pause},
    {NS_CLI_ORDER, true, ns_cli_order},
    {NS_CLI_ORDER_NEW, true, ns_cli_order_new},
    {NS_CLI_ORDER_APPROVE, true, ns_cli_order_change},
    {NS_CLI_ORDER_STOP, true, ns_cli_order_change},
    {NS_CLI_ORDER_CANCEL, true, ns_cli_order_change},
    {NS_CLI_ORDER_TOLD, true, ns_cli_order_change},
    {NS_CLI_ORDER_RATE, true, ns_cli_order_change},
    {NS_CLI_BILLS, true, ns_cli_bills},
    {NS_CLI_PRODUCTS, true, ns_cli_prices},
    {NS_CLI_PRODUCTS_SCAN, true, ns_cli_scan},
    {NS_CLI_PRICES, true, ns_cli_prices},
    {NS_CLI_PRICES_ADD, true, ns_cli_price_add},
    {NS_CLI_PRICES_COMPARE, true, ns_cli_price_compare},
    {NS_CLI_PRICES_HISTORY, true, ns_cli_price_history},
    {NS_CLI_RECEIPT, true, ns_cli_receipt},
    {NS_CLI_INIT, false, ns_cli_init},
    {NS_CLI_DEMO, false, ns_cli_demo},
};

/* Those that need neither home nor agent. -1: not one of them. */
static int without_home(struct ns_cli *cli, struct ns_err *err) {
    const struct ns_cli_args *a = &cli->args;
    const char *word = a->operand_count > 0 ? a->operand[0] : "";
    switch ((int)a->command->id) {
    case NS_CLI_STORE:
        word = a->rest_count > 1 ? a->rest[1] : "";
        return strcmp(word, "migrate") == 0 ? ns_cli_store_migrate(cli, a->rest_count, a->rest)
               : strcmp(word, "rekey") == 0 ? ns_cli_store_rekey(cli, a->rest_count, a->rest)
                                            : ns_offline_store(cli->lang, a->rest_count, a->rest);
    case NS_CLI_CONFIG_CHECK: return ns_cli_config_check(cli);
    case NS_CLI_BACKUP: return ns_cli_backup(cli, a->rest_count, a->rest);
    case NS_CLI_PRIVACY_ERASE: return ns_cli_privacy_erase(cli, a->rest_count, a->rest);
    case NS_CLI_RESTORE: return ns_cli_restore(cli, a->rest_count, a->rest);
    case NS_CLI_FORECAST: return ns_offline_forecast(cli->lang, a->rest_count, a->rest);
    case NS_CLI_HOLIDAYS: return ns_offline_holidays(cli->lang, a->rest_count, a->rest);
    case NS_CLI_TAX: return ns_offline_tax(cli->lang, a->rest_count, a->rest);
    case NS_CLI_MAN:
        (strcmp(word, "nestsync.ini") == 0 ? ns_cli_man_ini : ns_cli_man)(&cli->out, cli->lang);
        return 0;
    case NS_CLI_COMPLETION:
        if (strcmp(word, "bash") == 0) {
            ns_cli_completion(&cli->out, NS_SHELL_BASH, cli->lang);
        } else if (strcmp(word, "zsh") == 0) {
            ns_cli_completion(&cli->out, NS_SHELL_ZSH, cli->lang);
        } else if (strcmp(word, "fish") == 0) {
            ns_cli_completion(&cli->out, NS_SHELL_FISH, cli->lang);
        } else {
            (void)ns_err_say(err, NS_E_USAGE, NS_MSG_cli_shell_unknown, word, NULL, NULL);
            return ns_cli_fail(cli, err);
        }
        return 0;
    case NS_CLI_HELP: {
        struct ns_buf name = NS_BUF(100);
        for (int i = 0; i < a->operand_count; i++) {
            ns_buf_fmt(&name, "%s%s", i > 0 ? " " : "", a->operand[i]);
        }
        const struct ns_cli_command *c = ns_cli_find(name.data != NULL ? name.data : "");
        int status = 0;
        if (c == NULL) {
            (void)ns_err_say(err, NS_E_USAGE, NS_MSG_cli_unknown_command, name.data, "help", NULL);
            status = ns_cli_fail(cli, err);
        } else {
            ns_cli_help(&cli->out, cli->lang, c);
        }
        ns_buf_fini(&name);
        return status;
    }
    default: return -1;
    }
}

/* Language: --lang, else console.ini, else the locale. A broken console.ini is told, not obeyed. */
static void read_settings(struct ns_cli *cli) {
    ns_settings_defaults(&cli->settings, ns_console_settings, ns_console_setting_count);
    struct ns_buf file = NS_BUF(1 << 16);
    struct ns_err err = {0};
    if (cli->env->read_file(cli->env->self, cli->paths.console_ini, &file, NULL) == NS_OK &&
        ns_settings_read(&cli->settings, cli->paths.console_ini, ns_buf_view(&file), &err) != NS_OK) {
        ns_cli_fail(cli, &err);
    }
    ns_buf_fini(&file);
    enum ns_lang lang;
    if (!cli->args.given[NS_OPT_LANG] &&
        ns_lang_parse(ns_str_of(ns_settings_text(&cli->settings, NS_SET_LANGUAGE)), &lang)) {
        cli->lang = lang;
    }
}

static const struct command *body_of(enum ns_cli_id id) {
    for (size_t i = 0; i < NS_COUNT(commands); i++) {
        if (commands[i].id == id) {
            return &commands[i];
        }
    }
    return NULL;
}

/* Commands that open a screen of their own are not for the prompt of the plain console. */
ns_rc ns_cli_run_words(struct ns_cli *cli, struct ns_err *err) {
    const struct command *c = body_of(cli->args.command->id);
    if (c == NULL || (!c->needs_agent && c->id != NS_CLI_DOCTOR)) {
        return ns_err_say(err, NS_E_USAGE, NS_MSG_cli_not_here, cli->args.command->name, NULL, NULL);
    }
    return c->run(cli, err);
}

static int run(struct ns_cli *cli, struct ns_err *err) {
    const struct command *c = body_of(cli->args.command->id);
    if (c == NULL) {
        (void)ns_err_note(err, NS_E_INTERNAL, "a command without a body");
        return ns_cli_fail(cli, err);
    }
    ns_rc rc = ns_paths_resolve(environment, cli->args.value[NS_OPT_HOME], &cli->paths, err);
    if (rc == NS_OK) {
        cli->paths_known = true;
        read_settings(cli);
        rc = c->needs_agent ? ns_cli_agent(cli, err) : NS_OK;
    }
    if (rc == NS_OK) {
        rc = c->run(cli, err);
    }
    ns_cli_flush(cli);
    return rc == NS_OK ? 0 : ns_cli_fail(cli, err);
}

int ns_cli_main(int argc, char **argv, const struct ns_env *env) {
    struct ns_cli cli = {.env = env, .program = argv[0], .out = NS_BUF(OUT_MOST)};
    struct ns_err err = {0};
    int status;
    ns_harden();
    signal(SIGPIPE, SIG_IGN);
    cli.lang = ns_cli_locale_lang(getenv("LC_ALL"), getenv("LC_MESSAGES"), getenv("LANG"));
    cli.zone = ns_zone_find("America/Toronto");
    ns_rc rc = ns_cli_parse(argc, argv, cli.lang, &cli.args, &err);
    cli.lang = cli.args.lang;
    cli.json = cli.args.given[NS_OPT_JSON];
    if (rc != NS_OK) {
        status = ns_cli_fail(&cli, &err);
    } else if (cli.args.given[NS_OPT_HELP]) {
        ns_cli_help(&cli.out, cli.lang, cli.args.command);
        status = 0;
    } else if (cli.args.given[NS_OPT_VERSION]) {
        ns_buf_fmt(&cli.out, "nestsync %s\n", NS_VERSION);
        status = 0;
    } else {
        status = without_home(&cli, &err);
        if (status < 0) {
            status = run(&cli, &err);
        }
    }
    ns_cli_flush(&cli);
    ns_buf_fini(&cli.out);
    return status;
}
