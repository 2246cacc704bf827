/* newhome.c: files first, then what the agent is asked to write. */
#include "tui/cli/newhome.h"
#include "shared/base/env.h"
#include "shared/crypto/crypto.h"
#include "shared/model/size.h"
#include "tui/cli/offline/vault_new.h"
#include "tui/link/documents.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static ns_rc make_folders(struct ns_cli *cli, struct ns_err *err) {
    const char *const folders[] = {cli->paths.data, cli->paths.config, cli->paths.runtime};
    for (size_t i = 0; i < NS_COUNT(folders); i++) {
        ns_rc rc = cli->env->make_dir(cli->env->self, folders[i], 0700, err);
        if (rc != NS_OK) {
            return rc;
        }
    }
    return NS_OK;
}

static void wipe(struct ns_newhome *home) {
    ns_crypto_wipe(home->passphrase, sizeof home->passphrase);
    ns_crypto_wipe(home->words, sizeof home->words);
}

ns_rc ns_newhome_create(struct ns_newhome *home, struct ns_cli *cli, const char *passphrase,
                        bool machine, struct ns_err *err) {
    *home = (struct ns_newhome){.cli = cli, .machine = machine};
    if (ns_cli_home_exists(cli)) {
        return ns_err_say(err, NS_E_CONFLICT, NS_MSG_init_exists, cli->paths.store, NULL, NULL);
    }
    ns_rc rc = make_folders(cli, err);
    if (rc != NS_OK) {
        return rc;
    }
    snprintf(home->store_new, sizeof home->store_new, "%s.new", cli->paths.store);
    snprintf(home->key_new, sizeof home->key_new, "%s.new", cli->paths.machine_key);
    unlink(home->store_new); /* of an evening that crashed: no one has its words */
    unlink(home->key_new);
    if (passphrase != NULL &&
        !ns_str_copy(ns_str_of(passphrase), home->passphrase, sizeof home->passphrase)) {
        return ns_err_note(err, NS_E_LIMIT, "the passphrase is too long");
    }
    rc = ns_offline_vault_new(home->store_new, machine ? home->key_new : NULL, passphrase,
                              home->words, err);
    home->created = rc == NS_OK;
    if (rc != NS_OK) {
        ns_newhome_drop(home);
    }
    return rc;
}

void ns_newhome_drop(struct ns_newhome *home) {
    if (!home->settled && home->cli != NULL) {
        unlink(home->store_new);
        unlink(home->key_new);
        home->created = false;
    }
    wipe(home);
}

/* link() refuses an existing name, rename() would write over it. */
static ns_rc put_in_place(const char *from, const char *to, struct ns_err *err) {
    if (link(from, to) != 0) {
        return errno == EEXIST ? ns_err_say(err, NS_E_CONFLICT, NS_MSG_init_exists, to, NULL, NULL)
                               : ns_err_note(err, ns_rc_from_errno(errno), "a new file could not be put in place");
    }
    unlink(from);
    return NS_OK;
}

static void sync_folder(const char *path) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

ns_rc ns_newhome_settle(struct ns_newhome *home, struct ns_err *err) {
    struct ns_cli *cli = home->cli;
    ns_rc rc = NS_OK;
    if (!home->settled) {
        if (home->machine) {
            rc = put_in_place(home->key_new, cli->paths.machine_key, err);
        }
        if (rc == NS_OK) {
            rc = put_in_place(home->store_new, cli->paths.store, err);
            if (rc != NS_OK && home->machine) {
                unlink(cli->paths.machine_key);
            }
        }
        sync_folder(cli->paths.data);
        home->settled = rc == NS_OK;
    }
    if (rc == NS_OK) {
        rc = ns_cli_agent_start(cli, home->machine ? NULL : home->passphrase, err);
    }
    if (rc == NS_OK) {
        wipe(home);
    }
    return rc;
}

/* ---- what the agent writes ---------------------------------------------------------------- */

static ns_rc act(struct ns_cli *cli, const char *document, struct ns_buf *vars,
                 const char *mutation, struct ns_json **answer, struct ns_err *err) {
    ns_rc rc = vars->failed ? ns_err_note(err, NS_E_LIMIT, "the words are too long")
                            : ns_cli_query(cli, document, vars->data, mutation, answer, err);
    ns_buf_fini(vars);
    return rc;
}

ns_rc ns_newhome_owner(struct ns_cli *cli, const char *name, const char *province, bool demo,
                       struct ns_err *err) {
    struct ns_buf vars = NS_BUF(4096);
    struct ns_json *answer = NULL;
    const struct ns_zone *zone = ns_zone_of_province(province);
    ns_buf_text(&vars, "{\"input\":{");
    ns_cli_json_text(&vars, "displayName", name);
    ns_buf_fmt(&vars, ",\"province\":\"%s\",\"language\":\"%s\",\"timezone\":\"%s\",\"demo\":%s}}",
               province, ns_lang_code(cli->lang),
               zone != NULL ? ns_zone_name(zone) : "America/Toronto", demo ? "true" : "false");
    ns_rc rc = act(cli, NS_DOC_SET_UP, &vars, "setUpHousehold", &answer, err);
    ns_json_free(answer);
    return rc;
}

ns_rc ns_newhome_consent(struct ns_cli *cli, bool granted, struct ns_err *err) {
    struct ns_buf vars = NS_BUF(400);
    struct ns_json *answer = NULL;
    ns_buf_fmt(&vars, "{\"input\":{\"consentType\":\"CHILD_DATA\",\"granted\":%s}}",
               granted ? "true" : "false");
    ns_rc rc = act(cli, NS_DOC_CONSENT, &vars, "updateConsent", &answer, err);
    ns_json_free(answer);
    return rc;
}

ns_rc ns_newhome_child(struct ns_cli *cli, const char *name, ns_date birth, int size,
                       int32_t usage, ns_id *out, struct ns_err *err) {
    struct ns_buf vars = NS_BUF(4096);
    struct ns_json *answer = NULL;
    char born[NS_DATE_TEXT];
    ns_date_format(birth, born);
    ns_buf_text(&vars, "{\"input\":{");
    ns_cli_json_text(&vars, "name", name);
    ns_buf_fmt(&vars, ",\"dateOfBirth\":\"%s\",\"currentDiaperSize\":\"%s\",\"dailyUsageCount\":%d}}",
               born, ns_size_name((enum ns_size)size), (int)usage);
    ns_rc rc = act(cli, NS_DOC_CHILD_CREATE, &vars, "createChild", &answer, err);
    const char *id = ns_json_text(ns_json_path(answer, "data.createChild.child.id"));
    if (rc == NS_OK && (id == NULL || !ns_id_parse(ns_str_of(id), out))) {
        rc = ns_err_note(err, NS_E_INTERNAL, "a child without an identifier");
    }
    ns_json_free(answer);
    return rc;
}

ns_rc ns_newhome_stock(struct ns_cli *cli, ns_id child, int size, const char *brand, int32_t count,
                       struct ns_err *err) {
    struct ns_buf vars = NS_BUF(4096);
    struct ns_json *answer = NULL;
    char id[NS_ID_TEXT];
    ns_id_format(child, id);
    ns_buf_fmt(&vars, "{\"child\":\"%s\",\"items\":[{\"diaperSize\":\"%s\",\"quantity\":%d,\"brand\":",
               id, ns_size_name((enum ns_size)size), (int)count);
    ns_json_quote(&vars, ns_str_of(brand));
    ns_buf_text(&vars, "}]}");
    ns_rc rc = act(cli, NS_DOC_FIRST_STOCK, &vars, "setInitialInventory", &answer, err);
    ns_json_free(answer);
    return rc;
}
