/* options.c: one table of options -> reader and help. */
#include "agent/options.h"

#include <string.h>

enum option {
    OPT_HOME, OPT_PASSPHRASE_FD, OPT_WORDS_FD, OPT_READY_FD, OPT_LANG, OPT_FOREGROUND,
    OPT_CHECK_CONFIG, OPT_JSON, OPT_STORE, OPT_KEYRING, OPT_MIGRATE,
    OPT_ENV_FILE, OPT_CANADA_ONLY, OPT_BACKUP, OPT_RESTORE, OPT_REKEY, OPT_ERASE, OPT_VERSION, OPT_HELP
};

struct row {
    const char *name;
    const char *value; /* what the help calls it; NULL: takes none */
    enum ns_msg help;
};

static const struct row rows[] = {
    [OPT_HOME] = {"home", "DIR", NS_MSG_agent_opt_home},
    [OPT_PASSPHRASE_FD] = {"passphrase-fd", "N", NS_MSG_agent_opt_passphrase_fd},
    [OPT_WORDS_FD] = {"words-fd", "N", NS_MSG_agent_opt_words_fd},
    [OPT_READY_FD] = {"ready-fd", "N", NS_MSG_agent_opt_ready_fd},
    [OPT_LANG] = {"lang", "en|fr", NS_MSG_agent_opt_lang},
    [OPT_FOREGROUND] = {"foreground", NULL, NS_MSG_agent_opt_foreground},
    [OPT_CHECK_CONFIG] = {"check-config", NULL, NS_MSG_agent_opt_check_config},
    [OPT_JSON] = {"json", NULL, NS_MSG_agent_opt_json},
    [OPT_STORE] = {"store", "FILE", NS_MSG_agent_opt_store},
    [OPT_KEYRING] = {"keyring", "FILE", NS_MSG_agent_opt_keyring},
    [OPT_MIGRATE] = {"migrate", NULL, NS_MSG_agent_opt_migrate},
    [OPT_ENV_FILE] = {"env-file", "FILE", NS_MSG_agent_opt_env_file},
    [OPT_CANADA_ONLY] = {"canada-only", NULL, NS_MSG_agent_opt_canada_only},
    [OPT_BACKUP] = {"backup", NULL, NS_MSG_agent_opt_backup},
    [OPT_RESTORE] = {"restore", NULL, NS_MSG_agent_opt_restore},
    [OPT_REKEY] = {"rekey", NULL, NS_MSG_agent_opt_rekey},
    [OPT_ERASE] = {"erase", NULL, NS_MSG_agent_opt_erase},
    [OPT_VERSION] = {"version", NULL, NS_MSG_agent_opt_version},
    [OPT_HELP] = {"help", NULL, NS_MSG_agent_opt_help},
};

static int find(struct ns_str name) {
    for (size_t i = 0; i < NS_COUNT(rows); i++) {
        if (ns_str_is(name, rows[i].name)) {
            return (int)i;
        }
    }
    return -1;
}

static ns_rc bad_value(int option, const char *value, struct ns_err *err) {
    return ns_err_say(err, NS_E_USAGE, NS_MSG_agent_option_value, rows[option].name, value, NULL);
}

static ns_rc take_fd(int option, const char *value, int *out, struct ns_err *err) {
    int64_t number;
    if (!ns_str_int(ns_str_of(value), 0, 1 << 20, &number)) {
        return bad_value(option, value, err);
    }
    *out = (int)number;
    return NS_OK;
}

static ns_rc take(struct ns_options *out, int option, const char *value, struct ns_err *err) {
    switch ((enum option)option) {
    case OPT_HOME:
        if (value[0] == '\0') {
            return bad_value(option, value, err);
        }
        out->home = value;
        break;
    case OPT_PASSPHRASE_FD:
        return take_fd(option, value, &out->passphrase_fd, err);
    case OPT_WORDS_FD:
        return take_fd(option, value, &out->words_fd, err);
    case OPT_READY_FD:
        return take_fd(option, value, &out->ready_fd, err);
    case OPT_LANG:
        if (!ns_lang_parse(ns_str_of(value), &out->lang)) {
            return bad_value(option, value, err);
        }
        out->lang_given = true;
        break;
    case OPT_FOREGROUND: /* the only way there is; accepted for units that say it */
        break;
    case OPT_CHECK_CONFIG:
        out->check_config = true;
        break;
    case OPT_JSON:
        out->json = true;
        break;
    case OPT_ENV_FILE:
        out->env_file = value;
        break;
    case OPT_CANADA_ONLY:
        out->canada_only = true;
        break;
    case OPT_STORE:
    case OPT_KEYRING:
        if (value[0] == '\0') {
            return bad_value(option, value, err);
        }
        *(option == OPT_STORE ? &out->store : &out->keyring) = value;
        break;
    case OPT_MIGRATE:
        out->upkeep = NS_UPKEEP_MIGRATE;
        break;
    case OPT_BACKUP:
        out->upkeep = NS_UPKEEP_BACKUP;
        break;
    case OPT_RESTORE:
        out->upkeep = NS_UPKEEP_RESTORE;
        break;
    case OPT_REKEY:
        out->upkeep = NS_UPKEEP_REKEY;
        break;
    case OPT_ERASE:
        out->upkeep = NS_UPKEEP_ERASE;
        break;
    case OPT_VERSION:
        out->version = true;
        break;
    case OPT_HELP:
        out->help = true;
        break;
    }
    return NS_OK;
}

ns_rc ns_options_read(int argc, const char *const *argv, struct ns_options *out,
                      struct ns_err *err) {
    *out = (struct ns_options){.passphrase_fd = -1, .words_fd = -1, .ready_fd = -1};
    for (int i = 1; i < argc; i++) {
        struct ns_str rest = ns_str_of(argv[i]);
        if (!ns_str_starts(rest, "--")) {
            return ns_err_say(err, NS_E_USAGE, NS_MSG_agent_option_unknown, argv[i], NULL, NULL);
        }
        rest = (struct ns_str){rest.p + 2, rest.n - 2};
        int option = find(ns_str_cut(&rest, '='));
        if (option < 0 || (rest.p != NULL && rows[option].value == NULL)) {
            return ns_err_say(err, NS_E_USAGE, NS_MSG_agent_option_unknown, argv[i], NULL, NULL);
        }
        const char *value = rest.p; /* up to the end of argv[i], so NUL-terminated */
        if (value == NULL && rows[option].value != NULL) {
            if (i + 1 == argc) {
                return bad_value(option, "", err);
            }
            value = argv[++i];
        }
        ns_rc rc = take(out, option, value, err);
        if (rc != NS_OK) {
            return rc;
        }
        if (out->upkeep != NS_UPKEEP_NONE) { /* the rest are its own words */
            out->upkeep_count = argc - i - 1;
            out->upkeep_words = &argv[i + 1];
            return NS_OK;
        }
    }
    return NS_OK;
}

void ns_options_help(struct ns_buf *out, enum ns_lang lang) {
    ns_buf_text(out, ns_msg(lang, NS_MSG_agent_help_head));
    ns_buf_char(out, '\n');
    for (size_t i = 0; i < NS_COUNT(rows); i++) {
        struct ns_buf word = NS_BUF(64);
        ns_buf_fmt(&word, "--%s%s%s", rows[i].name, rows[i].value != NULL ? " " : "",
                   rows[i].value != NULL ? rows[i].value : "");
        ns_buf_fmt(out, "  %-18s  %s\n", word.failed ? "" : word.data, ns_msg(lang, rows[i].help));
        ns_buf_fini(&word);
    }
    ns_buf_text(out, ns_msg(lang, NS_MSG_agent_help_tail));
    ns_buf_char(out, '\n');
}

enum ns_lang ns_options_env_lang(const char *lc_all, const char *lc_messages, const char *lang) {
    const char *const in_order[] = {lc_all, lc_messages, lang};
    enum ns_lang out = NS_LANG_EN;
    for (size_t i = 0; i < NS_COUNT(in_order); i++) {
        if (in_order[i] != NULL && in_order[i][0] != '\0') {
            (void)ns_lang_parse(ns_str_of(in_order[i]), &out); /* English when it is neither */
            break;
        }
    }
    return out;
}
