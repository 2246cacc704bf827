/* options.h: the command line of nestsyncd.
 *
 * Ownership: everything points into argv. Threads: the start of main. */
#pragma once
#include "shared/text/message.h"

enum ns_upkeep { NS_UPKEEP_NONE, NS_UPKEEP_MIGRATE, NS_UPKEEP_BACKUP, NS_UPKEEP_RESTORE, NS_UPKEEP_REKEY, NS_UPKEEP_ERASE };

struct ns_options {
    const char *home;    /* --home; NULL: NESTSYNC_HOME or the XDG folders */
    int passphrase_fd;   /* -1: not given */
    int words_fd;        /* recovery words; -1: not given */
    const char *credentials; /* folder of systemd's credentials; NULL: none */
    int ready_fd;        /* told "ready" once the endpoint answers; -1: nobody */
    bool lang_given;
    enum ns_lang lang;   /* --lang */
    const char *env_file; /* --env-file; NULL: none */
    bool canada_only;    /* --canada-only */
    bool check_config;   /* read the settings, say whether they are good, end */
    bool json;           /* say so as JSON */
    const char *store;   /* --store; NULL: the home's own file */
    const char *keyring; /* --keyring; NULL: machine.key beside the store */
    enum ns_upkeep upkeep; /* work on the store instead of serving it: agent/upkeep.h */
    int upkeep_count;
    const char *const *upkeep_words;
    bool version;
    bool help;
};

/* NS_E_USAGE with a sentence that names the word it is about. */
ns_rc ns_options_read(int argc, const char *const *argv, struct ns_options *out,
                      struct ns_err *err) NS_MUST_USE;
void ns_options_help(struct ns_buf *out, enum ns_lang lang);

/* The language of LC_ALL, LC_MESSAGES or LANG, in this order. */
enum ns_lang ns_options_env_lang(const char *lc_all, const char *lc_messages, const char *lang);
