/* witness.c */
#include "agent/witness.h"
#include "agent/privacy/audit.h"
#include "agent/store/rows.h"
#include "shared/base/env.h"
#include "shared/text/message.h"

#include <stdio.h>
#include <string.h>

#define LOG_MODULE "agent"
#include "shared/base/log.h"

#define WITNESS_BYTES 96 /* magic 16, changes 8, at 8, digest 32, MAC 32 */

static const char magic[16] = "nestsync-seen-1\n";

/* ---- heads ---- */

ns_rc ns_witness_head(struct ns_db *db, ns_time now, struct ns_witness_head *out, struct ns_err *err) {
    *out = (struct ns_witness_head){.at = now};
    return ns_row_audit_head(db, &out->changes, out->digest, err);
}

/* A restore or acceptance in the trail that is younger than what was seen. */
static ns_rc answered(struct ns_db *db, ns_time since, bool *out, struct ns_err *err) {
    struct ns_arena arena = {0};
    struct ns_audit_page page;
    const struct ns_audit_filter filter = {.entity = "store", .since = since, .limit = 50};
    *out = false;
    ns_rc rc = ns_audit_list(db, &filter, &arena, &page, err);
    for (int i = 0; rc == NS_OK && i < page.count; i++) {
        const char *action = page.entries[i].action;
        *out = *out || strcmp(action, "STORE_RESTORED") == 0 || strcmp(action, "STORE_ACCEPTED") == 0;
    }
    ns_arena_fini(&arena);
    return rc;
}

ns_rc ns_witness_ask(struct ns_db *db, const struct ns_witness_head *seen, enum ns_witness_says *out,
                     struct ns_err *err) {
    struct ns_witness_head now;
    struct ns_arena arena = {0};
    bool wanted = false;
    *out = NS_WITNESS_AGREES;
    ns_rc rc = ns_witness_head(db, seen->at, &now, err);
    if (rc != NS_OK || seen->changes == 0) {
        return rc;
    }
    if (now.changes < seen->changes) {
        *out = NS_WITNESS_OLDER;
    } else {
        struct ns_audit_page page;
        const struct ns_audit_filter filter = {.since = NS_TIME_NONE, .before_seq = seen->changes + 1, .limit = 1};
        rc = ns_audit_list(db, &filter, &arena, &page, err);
        if (rc == NS_OK && (page.count == 0 || page.entries[0].seq != seen->changes ||
                            memcmp(page.entries[0].digest, seen->digest, sizeof seen->digest) != 0)) {
            *out = NS_WITNESS_OTHER;
        }
    }
    ns_arena_fini(&arena);
    if (rc == NS_OK && *out != NS_WITNESS_AGREES) {
        rc = answered(db, seen->at, &wanted, err);
        *out = wanted ? NS_WITNESS_AGREES : *out;
    }
    return rc;
}

/* ---- the witness file ---- */

static void put64(uint8_t *p, uint64_t v) {
    for (int i = 7; i >= 0; i--, v >>= 8) {
        p[i] = (uint8_t)v;
    }
}

static uint64_t get64(const uint8_t *p) {
    uint64_t v = 0;
    for (int i = 0; i < 8; i++) {
        v = v << 8 | p[i];
    }
    return v;
}

static bool pack(const struct ns_vault *vault, const struct ns_witness_head *head, uint8_t bytes[WITNESS_BYTES]) {
    memcpy(bytes, magic, sizeof magic);
    put64(bytes + 16, (uint64_t)head->changes);
    put64(bytes + 24, (uint64_t)head->at);
    memcpy(bytes + 32, head->digest, sizeof head->digest);
    return ns_vault_mac(vault, "witness", bytes, 64, bytes + 64);
}

/* False: of another household, or changed. */
static bool unpack(const struct ns_vault *vault, const uint8_t bytes[WITNESS_BYTES], struct ns_witness_head *out) {
    uint8_t mac[32];
    if (memcmp(bytes, magic, sizeof magic) != 0 || !ns_vault_mac(vault, "witness", bytes, 64, mac) ||
        !ns_crypto_equal(mac, bytes + 64, sizeof mac)) {
        return false;
    }
    out->changes = (int64_t)get64(bytes + 16);
    out->at = (ns_time)get64(bytes + 24);
    memcpy(out->digest, bytes + 32, sizeof out->digest);
    return true;
}

static ns_rc read_witness(const struct ns_agent_setup *setup, const struct ns_vault *vault, const char *path,
                          struct ns_witness_head *out, struct ns_err *err) {
    struct ns_buf bytes = NS_BUF(WITNESS_BYTES + 1);
    ns_rc rc = setup->env->read_file(setup->env->self, path, &bytes, err);
    if (rc == NS_OK && (bytes.len != WITNESS_BYTES || !unpack(vault, (const uint8_t *)bytes.data, out))) {
        rc = NS_E_INPUT;
    }
    ns_buf_fini(&bytes);
    return rc;
}

void ns_witness_tell(const struct ns_agent_setup *setup, struct ns_vault *vault, struct ns_db *db, int64_t *last) {
    const char *path = ns_settings_text(setup->settings, NS_SET_WITNESS);
    struct ns_witness_head head;
    struct ns_err err = {0};
    uint8_t bytes[WITNESS_BYTES];
    if (path[0] == '\0' || ns_vault_held(vault) != NS_HOLD_NONE) {
        return;
    }
    ns_rc rc = ns_witness_head(db, ns_env_now(setup->env), &head, &err);
    if (rc == NS_OK && head.changes == *last) {
        return;
    }
    if (rc == NS_OK && !pack(vault, &head, bytes)) {
        rc = NS_E_INTERNAL;
    }
    if (rc == NS_OK) {
        rc = setup->env->write_file(setup->env->self, path, bytes, sizeof bytes, 0600, &err);
    }
    if (rc == NS_OK) {
        *last = head.changes;
    } else {
        LOG_WARN("witness not written: %s", ns_rc_key(rc)); /* a stick that is not plugged in */
    }
}

/* ---- at the start ---- */

ns_rc ns_freshness_look(struct ns_vault *vault, struct ns_fresh *out, struct ns_err *err) {
    ns_rc rc = ns_vault_fresh(vault, out, err);
    return rc == NS_OK ? ns_freshness_words(vault, out, err) : rc;
}

ns_rc ns_freshness_words(const struct ns_vault *vault, const struct ns_fresh *fresh, struct ns_err *err) {
    if (fresh->state == NS_FRESH_CUT_WAL) {
        return ns_err_say(err, NS_E_DAMAGED, NS_MSG_store_cut_wal, ns_vault_path(vault), NULL, NULL);
    }
    if (fresh->state == NS_FRESH_OLD_PAGES && fresh->pages == 0) {
        return ns_err_say(err, NS_E_DAMAGED, NS_MSG_store_cut_all, ns_vault_path(vault), NULL, NULL);
    }
    return NS_OK;
}

static ns_rc note_acceptance(const struct ns_agent_setup *setup, struct ns_vault *vault, struct ns_db *db,
                             struct ns_err *err) {
    struct ns_arena arena = {0};
    struct ns_household home;
    bool found = false;
    ns_rc rc = ns_row_household(db, &arena, &home, &found, err);
    if (rc == NS_OK && found) {
        const struct ns_actor actor = {.user = home.owner_id};
        rc = ns_db_begin(db, err);
        if (rc == NS_OK) {
            rc = ns_audit_append(db, setup->env, ns_env_now(setup->env), &actor, "STORE_ACCEPTED", "store", home.id,
                                 NULL, err);
            if (rc == NS_OK) {
                rc = ns_db_commit(db, err);
            } else {
                ns_db_rollback(db);
            }
        }
    }
    ns_arena_fini(&arena);
    return rc == NS_OK ? ns_vault_accepted_noted(vault, err) : rc;
}

/* The store against what `who` saw of it; another one is held, and *why has the words. */
static ns_rc compare(struct ns_vault *vault, struct ns_db *db, const struct ns_witness_head *seen, const char *who,
                     struct ns_err *why, struct ns_err *err) {
    struct ns_witness_head now;
    enum ns_witness_says says;
    char ours[24], theirs[24];
    ns_rc rc = ns_witness_ask(db, seen, &says, err);
    if (rc == NS_OK) {
        rc = ns_witness_head(db, seen->at, &now, err);
    }
    if (rc == NS_OK && says != NS_WITNESS_AGREES) {
        snprintf(ours, sizeof ours, "%lld", (long long)(says == NS_WITNESS_OTHER ? seen->changes : now.changes));
        snprintf(theirs, sizeof theirs, "%lld", (long long)seen->changes);
        ns_vault_hold(vault, NS_HOLD_WITNESS);
        ns_err_say(why, NS_E_READONLY, says == NS_WITNESS_OLDER ? NS_MSG_store_held_older : NS_MSG_store_held_other, ours,
                   who, theirs);
    }
    return rc;
}

static ns_rc ask_witness(const struct ns_agent_setup *setup, struct ns_vault *vault, struct ns_db *db,
                         struct ns_err *why, struct ns_err *err) {
    const char *path = ns_settings_text(setup->settings, NS_SET_WITNESS);
    struct ns_witness_head seen = {0};
    struct ns_err inner = {0};
    ns_rc rc = read_witness(setup, vault, path, &seen, &inner);
    if (rc != NS_OK) { /* none yet, or not plugged in: nothing is known, and the next one is written over it */
        if (rc != NS_E_NOT_FOUND) {
            LOG_WARN("witness not read: %s", ns_rc_key(rc));
        }
        return NS_OK;
    }
    return compare(vault, db, &seen, path, why, err);
}

/* ---- devices as witnesses ---- */

ns_rc ns_witness_mark(struct ns_vault *vault, struct ns_db *db, ns_time now, struct ns_witness_head *head,
                      char out[NS_WITNESS_MARK], struct ns_err *err) {
    uint8_t bytes[WITNESS_BYTES];
    _Static_assert(NS_WITNESS_MARK == 2 * WITNESS_BYTES + 1, "a mark is the file in digits");
    ns_rc rc = ns_witness_head(db, now, head, err);
    if (rc == NS_OK && !pack(vault, head, bytes)) {
        rc = ns_err_note(err, NS_E_INTERNAL, "witness: no key");
    }
    for (size_t i = 0; rc == NS_OK && i < sizeof bytes; i++) {
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
    }
    return rc;
}

static bool bytes_of(const char *mark, uint8_t out[WITNESS_BYTES]) {
    static const char digits[] = "0123456789abcdef";
    if (strlen(mark) != NS_WITNESS_MARK - 1) {
        return false;
    }
    for (size_t i = 0; mark[i] != '\0'; i++) {
        const char *at = memchr(digits, mark[i], 16);
        if (at == NULL) {
            return false;
        }
        out[i / 2] = (uint8_t)(out[i / 2] << 4 | (at - digits));
    }
    return true;
}

ns_rc ns_witness_shown(struct ns_vault *vault, struct ns_db *db, const char *mark, const char *who,
                       struct ns_err *err) {
    uint8_t bytes[WITNESS_BYTES] = {0};
    struct ns_witness_head seen = {0};
    struct ns_err why = {0};
    if (!bytes_of(mark, bytes) || !unpack(vault, bytes, &seen)) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_store_mark_foreign, NULL, NULL, NULL);
    }
    ns_rc rc = compare(vault, db, &seen, who, &why, err);
    if (rc == NS_OK && why.rc != NS_OK) {
        *err = why;
        rc = why.rc;
        LOG_ERROR("the store is held: a device saw a newer or another one");
    }
    return rc;
}

ns_rc ns_freshness_settle(const struct ns_agent_setup *setup, struct ns_vault *vault, const struct ns_fresh *fresh,
                          struct ns_db *db, struct ns_err *why, struct ns_err *err) {
    ns_rc rc = NS_OK;
    if (fresh->accepted && ns_vault_held(vault) == NS_HOLD_NONE) {
        rc = note_acceptance(setup, vault, db, err);
    }
    if (rc == NS_OK && ns_vault_held(vault) == NS_HOLD_NONE && ns_settings_text(setup->settings, NS_SET_WITNESS)[0] != '\0') {
        rc = ask_witness(setup, vault, db, why, err);
    }
    enum ns_hold held = ns_vault_held(vault);
    if (rc != NS_OK || held == NS_HOLD_NONE) {
        return rc;
    }
    if (held != NS_HOLD_WITNESS) {
        ns_err_say(why, NS_E_READONLY, held == NS_HOLD_OLD_PAGES ? NS_MSG_store_held_pages
                   : held == NS_HOLD_WAL_DAMAGE ? NS_MSG_store_held_damage : NS_MSG_store_held_wal,
                   ns_vault_path(vault), NULL, NULL);
    }
    LOG_ERROR("the store is held: opened for reading only");
    return ns_db_read_only(db, err);
}

/* ---- the daily look ---- */

struct first {
    uint64_t page;
    bool other;
};

static void found(void *self, enum ns_damage kind, uint64_t place) {
    struct first *f = self;
    if (kind == NS_DAMAGE_PAGE && f->page == 0) {
        f->page = place;
    }
    f->other = f->other || kind != NS_DAMAGE_PAGE;
}

ns_rc ns_freshness_verify(struct ns_vault *vault, struct ns_err *err) {
    struct first first = {0};
    struct ns_verify report = {.found = found, .self = &first};
    char number[24];
    ns_rc rc = ns_vault_verify(vault, &report, err);
    if (rc != NS_OK || report.damaged == 0) {
        return rc;
    }
    bool one = report.damaged == 1 && !first.other;
    snprintf(number, sizeof number, "%llu", (unsigned long long)(one ? first.page : report.damaged));
    if (report.damaged == 1 && report.fresh.state == NS_FRESH_OLD_PAGES) {
        return ns_err_say(err, NS_E_DAMAGED, NS_MSG_store_held_pages, ns_vault_path(vault), NULL, NULL);
    }
    return ns_err_say(err, NS_E_DAMAGED, one ? NS_MSG_store_page_bad : NS_MSG_store_places_bad, ns_vault_path(vault), number,
                      NULL);
}
