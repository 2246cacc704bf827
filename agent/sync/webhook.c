#include "agent/sync/webhook.h"
#include "shared/crypto/crypto.h"
#include "shared/text/utf8.h"

#include <stdio.h>
#include <string.h>

#define SIGNATURES_MOST 16

static int hex(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool digest_of(struct ns_str text, uint8_t out[32]) {
    for (size_t i = 0; i < 32; i++) {
        int high = text.n == 64 ? hex(text.p[2 * i]) : -1, low = text.n == 64 ? hex(text.p[2 * i + 1]) : -1;
        if (high < 0 || low < 0) {
            return false;
        }
        out[i] = (uint8_t)(high * 16 + low);
    }
    return true;
}

static bool matches(const struct ns_stripe_account *a, const struct ns_buf *text, const uint8_t told[32]) {
    bool good = false;
    for (size_t i = 0; i < NS_COUNT(a->webhook_secret); i++) {
        uint8_t mac[32];
        if (a->webhook_secret[i][0] != '\0') {
            ns_crypto_hmac_sha256(mac, a->webhook_secret[i], strlen(a->webhook_secret[i]), text->data, text->len);
            good = ns_crypto_equal(mac, told, sizeof mac) || good;
        }
    }
    return good;
}

bool ns_webhook_signed(const struct ns_stripe_account *account, struct ns_str header, struct ns_str body, ns_time now,
                       const char **why) {
    uint8_t told[SIGNATURES_MOST][32];
    size_t count = 0;
    int64_t at = -1;
    while (header.p != NULL && header.n > 0) {
        struct ns_str value = ns_str_cut(&header, ',');
        struct ns_str name = ns_str_trim(ns_str_cut(&value, '='));
        if (ns_str_is(name, "t") && (at >= 0 || !ns_str_int(value, 0, 4102444800, &at))) {
            *why = "two times, or none that can be read";
            return false;
        }
        if (ns_str_is(name, "v1") && count < SIGNATURES_MOST && digest_of(value, told[count])) {
            count++;
        }
    }
    *why = at < 0 ? "no time" : count == 0 ? "no signature" : NULL;
    if (*why != NULL) {
        return false;
    }
    int64_t age = now / NS_SECOND - at;
    if (age > NS_WEBHOOK_TOLERANCE_S || age < -NS_WEBHOOK_TOLERANCE_S) {
        *why = "too old, or from the future";
        return false;
    }
    struct ns_buf text = NS_BUF(NS_WEBHOOK_MOST + 64);
    ns_buf_fmt(&text, "%lld.", (long long)at);
    ns_buf_str(&text, body);
    bool good = false;
    for (size_t i = 0; i < count && !text.failed; i++) {
        good = matches(account, &text, told[i]) || good;
    }
    ns_buf_fini(&text);
    *why = good ? NULL : "a signature that is not Stripe's";
    return good;
}

static ns_rc take(struct ns_stripe *s, const struct ns_act *act, const struct ns_json *event, struct ns_err *err) {
    struct ns_stripe_state state;
    bool fresh;
    ns_rc rc = ns_stripe_take_event(s, act, event, "WEBHOOK", &fresh, err);
    if (rc == NS_OK) {
        rc = ns_row_stripe(act->db, act->arena, &state, err);
    }
    if (rc == NS_OK) {
        state.webhook_at = act->now;
        rc = ns_row_stripe_put(act->db, &state, err);
    }
    return rc;
}

int ns_webhook_take(struct ns_stripe *s, const struct ns_act *act, struct ns_str body, struct ns_err *err) {
    struct ns_json *event = NULL;
    if (body.n > NS_WEBHOOK_MOST) {
        return 413;
    }
    if (!ns_utf8_valid(body) || ns_stripe_read(body, &event, err) != NS_OK) {
        return 400;
    }
    ns_rc rc = ns_db_begin(act->db, err);
    if (rc == NS_OK) {
        rc = take(s, act, event, err);
        if (rc == NS_OK) {
            rc = ns_db_commit(act->db, err);
        } else {
            ns_db_rollback(act->db);
        }
    }
    ns_json_free(event);
    return rc == NS_OK ? 200 : rc == NS_E_INPUT ? 400 : 500;
}
