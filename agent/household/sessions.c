/* sessions.c */
#include "agent/household/sessions.h"
#include "agent/household/act.h"
#include "agent/store/money.h"
#include "agent/store/sessions.h"
#include "shared/crypto/base64url.h"
#include "shared/crypto/crypto.h"

#include <stdlib.h>

#define SECOND_US 1000000
#define NAMES_MOST 20 /* "iPhone", "iPhone 2", ... */

static void hash_code(const struct ns_pairing_row *row, const char *code, uint8_t out[32]) {
    uint8_t key[NS_KEY_BYTES] = {0};
    memcpy(key, row->salt, sizeof row->salt);
    memset(out, 0, 32);
    if (!ns_crypto_mac(out, key, code, strlen(code))) {
        ns_crypto_random(out, 32); /* nothing will equal it */
    }
}

static int64_t today(const struct ns_act *act) {
    return ns_zone_local_day(act->zone, act->now);
}

ns_rc ns_pairing_open(const struct ns_act *act, ns_id run, int minutes, bool unlock,
                      char code[NS_PAIR_CODE], struct ns_err *err) {
    struct ns_pairing_row before;
    bool found = false;
    uint32_t number = UINT32_MAX;
    if (minutes < 1 || minutes > NS_PAIR_MINUTES_MOST) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_pair_minutes, NULL, NULL, NULL);
    }
    while (number >= 4200000000u) { /* the largest multiple of 10^8: no code is likelier */
        ns_crypto_random(&number, sizeof number);
    }
    snprintf(code, NS_PAIR_CODE, "%08u", number % 100000000u);
    ns_rc rc = ns_db_begin(act->db, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = ns_row_pairing(act->db, &before, &found, err);
    struct ns_pairing_row row = {
        .run = run,
        .closes_steady_us = ns_env_steady_us(act->env) + (int64_t)minutes * 60 * SECOND_US,
        .day = today(act),
        .day_tries = found && before.day == today(act) && !unlock ? before.day_tries : 0,
    };
    ns_crypto_random(row.salt, sizeof row.salt);
    hash_code(&row, code, row.code_hash);
    if (rc == NS_OK && row.day_tries >= NS_PAIR_DAY_TRIES) {
        rc = ns_err_say(err, NS_E_LIMIT, NS_MSG_pair_day_over, NULL, NULL, NULL);
    }
    if (rc == NS_OK) {
        rc = ns_row_pairing_put(act->db, &row, err);
    }
    if (rc == NS_OK) {
        rc = act_audit(act, unlock ? "PAIRING_UNLOCKED" : "PAIRING_OPENED", "device", act->actor.device, NULL, err);
    }
    return act_end(act, rc, err);
}

static ns_rc wrong(struct ns_err *err) {
    return ns_err_say(err, NS_E_INPUT, NS_MSG_pair_wrong, NULL, NULL, NULL);
}

/* The try is on disk before this answers. *fits: the code was right. */
static ns_rc spend_try(const struct ns_act *act, ns_id run, const char *code, bool *fits,
                       struct ns_err *err) {
    struct ns_pairing_row row = {0};
    bool found = false;
    uint8_t given[32];
    ns_rc rc = ns_db_begin(act->db, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = ns_row_pairing(act->db, &row, &found, err);
    row.day_tries = row.day == today(act) ? row.day_tries : 0;
    row.day = today(act);
    bool open = found && ns_id_eq(row.run, run) && !row.used && row.tries < NS_PAIR_TRIES &&
                row.day_tries < NS_PAIR_DAY_TRIES && ns_env_steady_us(act->env) < row.closes_steady_us;
    row.tries++;
    row.day_tries += open;
    if (rc == NS_OK && found) {
        rc = ns_row_pairing_put(act->db, &row, err);
    }
    rc = act_end(act, rc, err);
    hash_code(&row, code, given);
    bool equal = ns_crypto_equal(given, row.code_hash, sizeof given);
    *fits = open && equal;
    return rc;
}

/* A name that no device of the owner bears yet. */
static ns_rc free_name(const struct ns_act *act, ns_id owner, const char *name, const char **out,
                       struct ns_err *err) {
    ns_id other = {{0}};
    *out = name;
    ns_rc rc = ns_row_device_by_name(act->db, owner, name, &other, err);
    for (int i = 2; rc == NS_OK && !ns_id_is_zero(other); i++) {
        if (i > NAMES_MOST) {
            return ns_err_say(err, NS_E_CONFLICT, NS_MSG_pair_name_taken, NULL, NULL, NULL);
        }
        *out = ns_arena_printf(act->arena, "%s %d", name, i);
        rc = ns_row_device_by_name(act->db, owner, *out, &other, err);
    }
    return rc;
}

static ns_rc add_session(const struct ns_act *act, struct ns_session *session, uint8_t hash[32],
                         struct ns_err *err) {
    uint8_t secret[32];
    ns_crypto_random(secret, sizeof secret);
    ns_base64url_write(secret, sizeof secret, session->refresh);
    ns_crypto_wipe(secret, sizeof secret);
    ns_crypto_sha256(hash, session->refresh, NS_REFRESH_TEXT - 1);
    struct ns_session_row row = {.device = session->device, .issued_at = act->now,
                                 .expires_at = act->now + NS_REFRESH_US};
    memcpy(row.refresh_hash, hash, 32);
    return ns_row_session_add(act->db, &row, err);
}

/* The code was right: whoever comes first gets the window. */
static ns_rc take_window(const struct ns_act *act, ns_id run, struct ns_err *err) {
    struct ns_pairing_row row;
    bool found = false;
    ns_rc rc = ns_row_pairing(act->db, &row, &found, err);
    if (rc == NS_OK && (!found || row.used || !ns_id_eq(row.run, run))) {
        return wrong(err);
    }
    row.used = true;
    row.day_tries -= row.day_tries > 0; /* it was none of the wrong ones */
    return rc == NS_OK ? ns_row_pairing_put(act->db, &row, err) : rc;
}

ns_rc ns_pairing_enter(const struct ns_act *act, ns_id run, const char *code, const char *name,
                       const char *platform, struct ns_session *out, struct ns_err *err) {
    struct ns_household home;
    struct ns_act paired = *act;
    uint8_t hash[32];
    bool fits = false;
    bool found = false;
    *out = (struct ns_session){.device = ns_id_new(act->env)};
    ns_rc rc = act_text(act, name, 40, true, NS_MSG_pair_name, &name, err);
    if (rc == NS_OK) {
        rc = act_text(act, platform, 40, false, NS_MSG_pair_name, &platform, err);
    }
    if (rc == NS_OK) {
        rc = spend_try(act, run, code, &fits, err);
    }
    if (rc == NS_OK && !fits) {
        rc = wrong(err);
    }
    if (rc == NS_OK) {
        rc = ns_db_begin(act->db, err);
    }
    if (rc != NS_OK) {
        return rc;
    }
    rc = take_window(act, run, err);
    if (rc == NS_OK) {
        rc = ns_row_household(act->db, act->arena, &home, &found, err);
    }
    if (rc == NS_OK && found) {
        rc = free_name(act, home.owner_id, name, &name, err);
    } else if (rc == NS_OK) {
        rc = wrong(err);
    }
    struct ns_device device = {.id = out->device, .user_id = home.owner_id, .name = name, .platform = platform,
                               .paired_at = act->now, .last_seen_at = act->now, .revoked_at = NS_TIME_NONE};
    if (rc == NS_OK) {
        rc = ns_row_device_add(act->db, &device, err);
    }
    if (rc == NS_OK) {
        rc = add_session(act, out, hash, err);
    }
    paired.actor = (struct ns_actor){.user = home.owner_id, .device = out->device, .role = NS_ROLE_FAMILY_CORE};
    if (rc == NS_OK) {
        rc = act_audit(&paired, "DEVICE_PAIRED", "device", out->device, NULL, err);
    }
    return act_end(act, rc, err);
}

/* ---- refresh ---- */

static ns_rc over(struct ns_err *err) {
    return ns_err_say(err, NS_E_INPUT, NS_MSG_session_over, NULL, NULL, NULL);
}

/* Once more within the time of a lost answer, as long as nobody used the successor. */
static ns_rc asked_again(const struct ns_act *act, struct ns_session_row *row, bool *allowed,
                         struct ns_err *err) {
    struct ns_session_row next;
    bool found = false;
    ns_rc rc = ns_row_session(act->db, row->successor, &next, &found, err);
    *allowed = rc == NS_OK && found && next.spent_at == NS_TIME_NONE && !row->again &&
               act->now >= row->spent_at && act->now - row->spent_at <= NS_REFRESH_AGAIN_US;
    row->again = true;
    return *allowed ? ns_row_session_drop(act->db, row->successor, err) : rc;
}

static ns_rc trade(const struct ns_act *act, struct ns_session_row *row, struct ns_session *out,
                   struct ns_err *err) {
    out->device = row->device;
    ns_rc rc = add_session(act, out, row->successor, err);
    if (row->spent_at == NS_TIME_NONE) {
        row->spent_at = act->now;
    }
    if (rc == NS_OK) {
        rc = ns_row_session_spend(act->db, row, err);
    }
    if (rc == NS_OK) {
        rc = ns_row_device_touch(act->db, row->device, NULL, act->now, err);
    }
    return rc == NS_OK ? ns_row_sessions_drop_old(act->db, act->now, err) : rc;
}

ns_rc ns_session_refresh(const struct ns_act *act, const char *refresh, struct ns_session *out,
                         struct ns_err *err) {
    struct ns_session_row row;
    struct ns_device device;
    struct ns_act own = *act;
    enum ns_role role;
    uint8_t hash[32];
    bool found = false;
    bool known = false;
    bool allowed = true;
    int64_t count = 0;
    *out = (struct ns_session){0};
    ns_crypto_sha256(hash, refresh, strlen(refresh));
    ns_rc rc = ns_db_begin(act->db, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = ns_row_session(act->db, hash, &row, &found, err);
    if (rc == NS_OK && found) {
        rc = ns_row_device(act->db, row.device, &device, &role, &known, err);
    }
    if (rc == NS_OK && (!found || !known || device.revoked_at != NS_TIME_NONE || act->now >= row.expires_at)) {
        rc = over(err);
    }
    if (rc == NS_OK && row.spent_at != NS_TIME_NONE) {
        rc = asked_again(act, &row, &allowed, err);
    }
    if (rc == NS_OK && allowed) {
        return act_end(act, trade(act, &row, out, err), err);
    }
    if (rc != NS_OK) {
        return act_end(act, rc, err);
    }
    own.actor = (struct ns_actor){.user = device.user_id, .device = device.id, .role = role};
    rc = ns_row_device_revoke(act->db, device.id, (ns_id){{0}}, act->now, &count, err);
    if (rc == NS_OK) {
        rc = act_audit(&own, "TOKEN_REUSED", "device", device.id, NULL, err);
    }
    rc = act_end(act, rc, err);
    out->device = device.id;
    return rc == NS_OK ? ns_err_say(err, NS_E_CONFLICT, NS_MSG_session_over, NULL, NULL, NULL) : rc;
}

/* ---- devices ---- */

static ns_rc revoke(const struct ns_act *act, ns_id id, ns_id keep, const char *action,
                    struct ns_err *err) {
    int64_t count = 0;
    ns_rc rc = ns_db_begin(act->db, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = ns_row_device_revoke(act->db, id, keep, act->now, &count, err);
    if (rc == NS_OK && count == 0 && !ns_id_is_zero(id)) {
        rc = ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_device_unknown, NULL, NULL, NULL);
    }
    if (rc == NS_OK) {
        rc = act_audit(act, action, "device", id, NULL, err);
    }
    return act_end(act, rc, err);
}

ns_rc ns_device_revoke(const struct ns_act *act, ns_id id, struct ns_err *err) {
    return revoke(act, id, (ns_id){{0}}, "DEVICE_REVOKED", err);
}

ns_rc ns_device_revoke_all(const struct ns_act *act, ns_id keep, struct ns_err *err) {
    return revoke(act, (ns_id){{0}}, keep, "DEVICES_REVOKED", err);
}

ns_rc ns_device_rename(const struct ns_act *act, ns_id id, const char *name, struct ns_err *err) {
    struct ns_device device;
    enum ns_role role;
    ns_id other = {{0}};
    bool found = false;
    ns_rc rc = act_text(act, name, 40, true, NS_MSG_pair_name, &name, err);
    if (rc == NS_OK) {
        rc = ns_db_begin(act->db, err);
    }
    if (rc != NS_OK) {
        return rc;
    }
    rc = ns_row_device(act->db, id, &device, &role, &found, err);
    if (rc == NS_OK && !found) {
        rc = ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_device_unknown, NULL, NULL, NULL);
    }
    if (rc == NS_OK) {
        rc = ns_row_device_by_name(act->db, device.user_id, name, &other, err);
    }
    if (rc == NS_OK && !ns_id_is_zero(other) && !ns_id_eq(other, id)) {
        rc = ns_err_say(err, NS_E_CONFLICT, NS_MSG_pair_name_taken, NULL, NULL, NULL);
    }
    if (rc == NS_OK) {
        rc = ns_row_device_rename(act->db, id, name, err);
    }
    if (rc == NS_OK) {
        rc = act_audit(act, "DEVICE_RENAMED", "device", id, NULL, err);
    }
    return act_end(act, rc, err);
}

ns_rc ns_step_up_note(const struct ns_act *act, bool was_right, struct ns_err *err) {
    ns_rc rc = ns_db_begin(act->db, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = act_audit(act, was_right ? "STEPPED_UP" : "STEP_UP_TRIED", "device", act->actor.device, NULL, err);
    return act_end(act, rc, err);
}

ns_rc ns_network_choose(const struct ns_act *act, const char *interface, struct ns_err *err) {
    ns_rc rc = ns_db_begin(act->db, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = ns_row_secret_put(act->db, NS_NETWORK_CHOICE, interface, act->now, err);
    if (rc == NS_OK) {
        rc = act_audit(act, interface[0] != '\0' ? "NETWORK_ON" : "NETWORK_OFF", "device", act->actor.device, NULL, err);
    }
    return act_end(act, rc, err);
}
