/* newhome.h: the steps by which a home comes to be, for the first evening and the demo.
 *
 * Until ns_newhome_settle the new files bear temporary names: whoever stops before leaves
 * nothing behind (ns_newhome_drop; leftovers of a crash go with the next create). After it the
 * home exists, its agent runs, and an interrupted evening is taken up again by `nestsync init`.
 * Ownership: the caller owns the struct; it holds secrets until settle or drop wipe them.
 * Threads: main thread; every step waits. */
#pragma once
#include "shared/crypto/words.h"
#include "tui/cli/ctx.h"

struct ns_newhome {
    struct ns_cli *cli;
    bool created;
    bool settled;
    bool machine;
    char store_new[NS_PATH + 8];
    char key_new[NS_PATH + 8];
    char passphrase[600];
    char words[NS_WORDS_TEXT];
    ns_id child;
};

/* passphrase NULL: none (the demo: a machine key alone). */
ns_rc ns_newhome_create(struct ns_newhome *home, struct ns_cli *cli, const char *passphrase,
                        bool machine, struct ns_err *err) NS_MUST_USE;
ns_rc ns_newhome_settle(struct ns_newhome *home, struct ns_err *err) NS_MUST_USE; /* and the agent runs */
void ns_newhome_drop(struct ns_newhome *home); /* nothing happens once settled */

ns_rc ns_newhome_owner(struct ns_cli *cli, const char *name, const char *province, bool demo,
                       struct ns_err *err) NS_MUST_USE;
ns_rc ns_newhome_consent(struct ns_cli *cli, bool granted, struct ns_err *err) NS_MUST_USE;
ns_rc ns_newhome_child(struct ns_cli *cli, const char *name, ns_date birth, int size,
                       int32_t usage, ns_id *out, struct ns_err *err) NS_MUST_USE;
ns_rc ns_newhome_stock(struct ns_cli *cli, ns_id child, int size, const char *brand, int32_t count,
                       struct ns_err *err) NS_MUST_USE;
