/* sessions.c */
#include "agent/api/sessions.h"
#include "agent/api/tokens.h"
#include "agent/store/money.h"
#include "agent/store/sessions.h"
#include "shared/crypto/base64url.h"

#include <stdlib.h>
#include <string.h>

#define SEEN_MOST 64
#define SECOND_US 1000000
#define SURE_MOST 16
#define SURE_US (INT64_C(5) * 60 * SECOND_US)
#define TRIES_FREE 5 /* wrong passphrases in a row, of the whole home; from then on the wait doubles */
#define TRY_WAIT_S 60
#define TRY_WAIT_MOST_S 900

struct seen {
    uint8_t hash[32]; /* of the token */
    struct ns_caller caller;
    ns_time heard_at;
};

struct sure {
    ns_id device;
    int64_t until_us; /* steady */
};

struct ns_sessions {
    struct ns_api *api;
    uint8_t *key; /* locked memory */
    ns_id run;
    uint64_t epoch; /* from 1 */
    struct seen seen[SEEN_MOST];
    struct sure sure[SURE_MOST];
    int tries; /* of a passphrase, since one was right */
    int64_t next_try_us; /* steady */
};

static ns_rc make_seed(struct ns_api *api, uint8_t seed[32], struct ns_err *err) {
    char text[NS_BASE64URL_TEXT(32) + 1];
    ns_crypto_random(seed, 32);
    ns_base64url_write(seed, 32, text);
    ns_rc rc = ns_row_secret_put(api->s.write_db, NS_TOKEN_SEED, text, ns_env_now(api->s.env), err);
    ns_crypto_wipe(text, sizeof text);
    return rc == NS_E_READONLY ? NS_OK : rc; /* a store that is held: nobody pairs anyway */
}

static ns_rc read_seed(struct ns_api *api, uint8_t seed[32], struct ns_err *err) {
    struct ns_arena arena = {0};
    const char *text = NULL;
    size_t n = 0;
    ns_rc rc = ns_row_secret(api->s.write_db, NS_TOKEN_SEED, &arena, &text, err);
    if (rc == NS_OK && text == NULL) {
        rc = make_seed(api, seed, err);
    } else if (rc == NS_OK && (!ns_base64url_read(ns_str_of(text), seed, 32, &n) || n != 32)) {
        rc = ns_err_note(err, NS_E_DAMAGED, "the key of the tokens cannot be read");
    }
    ns_arena_fini(&arena);
    return rc;
}

ns_rc ns_sessions_new(struct ns_api *api, struct ns_sessions **out, struct ns_err *err) {
    struct ns_sessions *sessions = ns_xcalloc(1, sizeof *sessions);
    uint8_t seed[32];
    sessions->api = api;
    sessions->run = ns_id_new(api->s.env);
    sessions->key = ns_secret_new(NS_SIGN_KEY_BYTES);
    ns_rc rc = read_seed(api, seed, err);
    if (rc == NS_OK && (sessions->key == NULL || !ns_sessions_rekey(sessions, seed))) {
        rc = ns_err_note(err, NS_E_INTERNAL, "no key for tokens");
    }
    ns_crypto_wipe(seed, sizeof seed);
    if (rc != NS_OK) {
        ns_sessions_free(sessions);
        return rc;
    }
    *out = sessions;
    return NS_OK;
}

void ns_sessions_free(struct ns_sessions *sessions) {
    if (sessions != NULL) {
        ns_secret_free(sessions->key);
        free(sessions);
    }
}

ns_id ns_sessions_run(const struct ns_sessions *sessions) {
    return sessions->run;
}

bool ns_sessions_rekey(struct ns_sessions *sessions, const uint8_t seed[32]) {
    sessions->epoch++;
    return ns_sign_key(sessions->key, seed);
}

/* The device's user and role, by the store; false: it is not known or was revoked. */
static bool look_up(struct ns_sessions *sessions, ns_id id, struct ns_caller *who) {
    struct ns_device device;
    enum ns_role role;
    bool found = false;
    struct ns_err err = {0};
    if (ns_row_device(sessions->api->s.read_db, id, &device, &role, &found, &err) != NS_OK || !found ||
        device.revoked_at != NS_TIME_NONE) {
        return false;
    }
    who->auth = NS_AUTH_BEARER;
    who->actor = (struct ns_actor){.user = device.user_id, .device = id, .role = role};
    who->epoch = sessions->epoch;
    who->stale = false;
    return true;
}

/* ---- step-up ---- */

bool ns_sessions_may_try(struct ns_sessions *sessions, int64_t *wait_s) {
    int64_t now = ns_env_steady_us(sessions->api->s.env);
    if (now < sessions->next_try_us) {
        *wait_s = (sessions->next_try_us - now + SECOND_US - 1) / SECOND_US;
        return false;
    }
    if (++sessions->tries >= TRIES_FREE) {
        int doublings = sessions->tries - TRIES_FREE;
        int64_t wait = doublings < 4 ? (int64_t)TRY_WAIT_S << doublings : TRY_WAIT_MOST_S;
        sessions->next_try_us = now + wait * SECOND_US;
    }
    return true;
}

ns_time ns_sessions_step_up(struct ns_sessions *sessions, ns_id device) {
    int64_t now = ns_env_steady_us(sessions->api->s.env);
    struct sure *place = &sessions->sure[0];
    for (int i = 0; i < SURE_MOST; i++) {
        struct sure *s = &sessions->sure[i];
        if (ns_id_eq(s->device, device)) {
            place = s;
            break;
        }
        place = s->until_us < place->until_us ? s : place;
    }
    *place = (struct sure){device, now + SURE_US};
    sessions->tries = 0;
    sessions->next_try_us = 0;
    return ns_env_now(sessions->api->s.env) + SURE_US;
}

static bool is_sure(const struct ns_sessions *sessions, ns_id device) {
    int64_t now = ns_env_steady_us(sessions->api->s.env);
    for (int i = 0; i < SURE_MOST; i++) {
        if (now < sessions->sure[i].until_us && ns_id_eq(sessions->sure[i].device, device)) {
            return true;
        }
    }
    return false;
}

/* ---- tokens ---- */

static struct ns_str bearer(struct ns_str authorization) {
    struct ns_str token = ns_str_trim(authorization);
    struct ns_str scheme = ns_str_cut(&token, ' ');
    return token.p != NULL && ns_str_is_nocase(scheme, "bearer") ? ns_str_trim(token) : NS_STR("");
}

bool ns_sessions_prove(struct ns_sessions *sessions, struct ns_str authorization, struct ns_caller *who) {
    struct ns_str text = bearer(authorization);
    struct ns_token token;
    uint8_t hash[32];
    ns_time now = ns_env_now(sessions->api->s.env);
    who->stale = true;
    if (text.n == 0 || text.n >= NS_TOKEN_MOST || ns_id_is_zero(sessions->api->home)) {
        return false;
    }
    ns_crypto_sha256(hash, text.p, text.n);
    struct seen *seen = &sessions->seen[hash[0] % SEEN_MOST];
    if (seen->caller.epoch == sessions->epoch && now < seen->caller.until &&
        ns_crypto_equal(seen->hash, hash, sizeof hash)) {
        *who = seen->caller;
        seen->heard_at = now;
        return true;
    }
    if (!ns_token_read(text, sessions->key, sessions->api->home, now / SECOND_US, &token) ||
        !look_up(sessions, token.device, who)) {
        return false;
    }
    who->until = token.until * SECOND_US;
    memcpy(seen->hash, hash, sizeof hash);
    seen->caller = *who;
    seen->heard_at = now;
    return true;
}

ns_time ns_sessions_heard(const struct ns_sessions *sessions, ns_id device) {
    ns_time at = NS_TIME_NONE;
    for (size_t i = 0; i < SEEN_MOST; i++) {
        const struct seen *seen = &sessions->seen[i];
        if (seen->heard_at > at && ns_id_eq(seen->caller.actor.device, device)) {
            at = seen->heard_at;
        }
    }
    return at;
}

bool ns_sessions_still(struct ns_sessions *sessions, struct ns_caller *who) {
    if (who->auth == NS_AUTH_LOCAL || who->auth == NS_AUTH_NONE || who->epoch == 0) {
        return true; /* not by a token of ours */
    }
    if (ns_env_now(sessions->api->s.env) >= who->until) {
        return false;
    }
    if (who->epoch != sessions->epoch && !look_up(sessions, who->actor.device, who)) {
        return false;
    }
    who->stepped_up = is_sure(sessions, who->actor.device);
    return true;
}

void ns_sessions_changed(struct ns_sessions *sessions) {
    sessions->epoch++;
    api_operations_recheck(sessions->api->operations);
}

bool ns_sessions_token(struct ns_sessions *sessions, ns_id device, char *out) {
    int64_t now = ns_env_now(sessions->api->s.env) / SECOND_US;
    const struct ns_token token = {.home = sessions->api->home, .device = device, .from = now,
                                   .until = now + NS_TOKEN_SECONDS};
    return ns_token_write(&token, sessions->key, out);
}
