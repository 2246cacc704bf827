/* upkeep.c: hand work on the store over to nestsyncd: the console itself knows neither tables nor
 * keys. It runs in the foreground with our terminal, so that it can ask for the passphrase. */
#include "shared/wire/client.h"
#include "tui/cli/ctx.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MOST 40

struct handover {
    char program[NS_PATH];
    char *argv[WORDS_MOST + 1];
    int argc;
};

static void add(struct handover *h, const char *word) {
    if (h->argc < WORDS_MOST) {
        h->argv[h->argc++] = (char *)(uintptr_t)word; /* execvp takes what it does not change */
    }
}

static void begin(struct handover *h, struct ns_cli *cli) {
    *h = (struct handover){0};
    ns_cli_agent_program(h->program);
    add(h, h->program);
    add(h, "--lang");
    add(h, ns_lang_code(cli->lang));
    if (cli->args.value[NS_OPT_HOME] != NULL) {
        add(h, "--home");
        add(h, cli->args.value[NS_OPT_HOME]);
    }
}

/* An option that nestsyncd itself takes, with its value; at: where it stands. */
static bool take_key_option(struct handover *h, int argc, char **argv, int *at) {
    static const char *const names[] = {"--keyring", "--passphrase-fd", "--words-fd", "--home"};
    for (size_t i = 0; i < NS_COUNT(names); i++) {
        if (strcmp(argv[*at], names[i]) == 0 && *at + 1 < argc) {
            add(h, argv[(*at)++]);
            add(h, argv[*at]);
            return true;
        }
    }
    return false;
}

static int hand_over(struct handover *h, struct ns_cli *cli) {
    int status = 0;
    struct ns_err err = {0};
    ns_cli_flush(cli);
    pid_t pid = fork();
    if (pid == 0) {
        execvp(h->argv[0], h->argv);
        _exit(127);
    }
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (pid < 0 || !WIFEXITED(status)) {
        (void)ns_err_note(&err, NS_E_INTERNAL, "nestsyncd did not end by itself");
        return ns_cli_fail(cli, &err);
    }
    if (WEXITSTATUS(status) == 127) {
        (void)ns_err_say(&err, NS_E_OFFLINE, NS_MSG_cli_no_agent_program, NULL, NULL, NULL);
        return ns_cli_fail(cli, &err);
    }
    return WEXITSTATUS(status);
}

/* "store VERB [FILE] ...": FILE and the keys are for nestsyncd, value takes the next word along. */
static void add_store_verb(struct handover *h, const char *verb, const char *value, int argc, char **argv) {
    char *own[WORDS_MOST];
    int own_count = 0;
    for (int i = 2; i < argc && own_count + 2 < WORDS_MOST; i++) {
        if (take_key_option(h, argc, argv, &i)) {
            continue;
        }
        if (strcmp(argv[i], value) == 0 && i + 1 < argc) {
            own[own_count++] = argv[i++];
        } else if (argv[i][0] != '-') {
            add(h, "--store");
            add(h, argv[i]);
            continue;
        }
        own[own_count++] = argv[i];
    }
    add(h, verb);
    for (int i = 0; i < own_count; i++) {
        add(h, own[i]);
    }
}

int ns_cli_store_migrate(struct ns_cli *cli, int argc, char **argv) {
    struct handover h;
    begin(&h, cli);
    add_store_verb(&h, "--migrate", "--to", argc, argv);
    return hand_over(&h, cli);
}

/* The verb of nestsyncd with our words, key options taken out in front of it. */
static void add_verb(struct handover *h, const char *verb, int argc, char **argv) {
    char *own[WORDS_MOST];
    int own_count = 0;
    for (int i = 1; i < argc && own_count < WORDS_MOST; i++) {
        if (!take_key_option(h, argc, argv, &i)) {
            own[own_count++] = argv[i];
        }
    }
    add(h, verb);
    for (int i = 0; i < own_count; i++) {
        add(h, own[i]);
    }
}

int ns_cli_backup(struct ns_cli *cli, int argc, char **argv) {
    struct handover h;
    begin(&h, cli);
    add_verb(&h, "--backup", argc, argv);
    return hand_over(&h, cli);
}

static const char *environment(const char *name) {
    return getenv(name);
}

/* The agent gives up the store for as long as it takes; *ran: there was one. */
static int alone(struct ns_cli *cli, bool *ran) {
    struct ns_err err = {0};
    *ran = false;
    ns_rc rc = ns_paths_resolve(environment, cli->args.value[NS_OPT_HOME], &cli->paths, &err);
    if (rc == NS_OK) {
        *ran = ns_client_probe(cli->paths.socket, 3000, NULL, NULL) == NS_OK;
        rc = ns_cli_agent_stop(cli, &err);
    }
    return rc == NS_OK ? 0 : ns_cli_fail(cli, &err);
}

/* It starts again when it can do so by itself; else the next command asks for the passphrase. */
static void start_again(struct ns_cli *cli, bool ran) {
    struct ns_err err = {0};
    if (ran && access(cli->paths.machine_key, F_OK) == 0 && ns_cli_agent_start(cli, NULL, &err) != NS_OK) {
        ns_cli_fail(cli, &err);
    }
}

int ns_cli_config_check(struct ns_cli *cli) {
    struct handover h;
    begin(&h, cli);
    add(&h, "--check-config");
    if (cli->args.given[NS_OPT_ENV_FILE]) {
        add(&h, "--env-file");
        add(&h, cli->args.value[NS_OPT_ENV_FILE]);
    }
    if (cli->json) {
        add(&h, "--json");
    }
    return hand_over(&h, cli);
}

static int hand_over_alone(struct ns_cli *cli, const char *verb, int argc, char **argv) {
    struct handover h;
    bool ran = false;
    int status = alone(cli, &ran);
    if (status == 0) {
        begin(&h, cli);
        add_verb(&h, verb, argc, argv);
        status = hand_over(&h, cli);
        start_again(cli, ran);
    }
    return status;
}

int ns_cli_restore(struct ns_cli *cli, int argc, char **argv) {
    return hand_over_alone(cli, "--restore", argc, argv);
}

int ns_cli_privacy_erase(struct ns_cli *cli, int argc, char **argv) {
    return hand_over_alone(cli, "--erase", argc, argv);
}

int ns_cli_store_rekey(struct ns_cli *cli, int argc, char **argv) {
    struct handover h;
    bool ran = false, new_keys = false;
    for (int i = 2; i < argc; i++) {
        new_keys = new_keys || strcmp(argv[i], "--new-keys") == 0;
    }
    int status = new_keys ? alone(cli, &ran) : 0; /* a new epoch is given beside the running agent */
    if (status == 0) {
        begin(&h, cli);
        add_store_verb(&h, "--rekey", "--new-passphrase-fd", argc, argv);
        status = hand_over(&h, cli);
        start_again(cli, ran);
    }
    return status;
}
