/* stripe_account.c: the account in use: keys and prices from an environment file or the sealed store,
 * checked before anything is asked with them. */
#include "agent/billing/stripe.h"
#include "agent/store/money.h"

#include <stdio.h>
#include <string.h>

/* The variables of docs/env, and what they are called in the store. The rest of a file is not ours. */
static const struct {
    const char *variable;
    const char *name;
} known[] = {
    {"STRIPE_SECRET_KEY", "stripe.key"},
    {"STRIPE_PUBLISHABLE_KEY", "stripe.publishable"},
    {"STRIPE_WEBHOOK_SECRET", "stripe.webhook"},
    {"STRIPE_WEBHOOK_SECRET_OLD", "stripe.webhook_old"},
    {"STRIPE_BASIC_PRICE_ID", "stripe.price.basic"},
    {"STRIPE_PREMIUM_PRICE_ID", "stripe.price.premium"},
    {"STRIPE_FAMILY_PRICE_ID", "stripe.price.family"},
    {"AMAZON_CA_AFFILIATE_ID", "amazon.affiliate"},
    {"WALMART_CA_PARTNER_ID", "walmart.partner"},
};
#define SECRETS 4 /* the first of them, without the publishable key */

static char *slot(struct ns_stripe_account *a, size_t i, size_t *cap) {
    switch (i) {
    case 0: *cap = sizeof a->key; return a->key;
    case 1: *cap = sizeof a->publishable; return a->publishable;
    case 2: *cap = sizeof a->webhook_secret[0]; return a->webhook_secret[0];
    case 3: *cap = sizeof a->webhook_secret[1]; return a->webhook_secret[1];
    case 4: case 5: case 6: *cap = sizeof a->price[0]; return a->price[i - 3];
    default: *cap = 0; return NULL;
    }
}

const char *ns_stripe_variable_at(size_t i, const char **name, bool *secret) {
    if (i >= NS_COUNT(known)) {
        return NULL;
    }
    *name = known[i].name;
    *secret = i < SECRETS && i != 1;
    return known[i].variable;
}

static int find(struct ns_str variable) {
    for (size_t i = 0; i < NS_COUNT(known); i++) {
        if (ns_str_is(variable, known[i].variable)) {
            return (int)i;
        }
    }
    return -1;
}

/* NAME=value of a line, with `export` and quotes taken off; n 0: nothing stands there. */
static bool pair(struct ns_str line, struct ns_str *name, struct ns_str *value) {
    line = ns_str_trim(line);
    *name = (struct ns_str){0};
    if (line.n == 0 || line.p[0] == '#') {
        return true;
    }
    if (ns_str_starts(line, "export ")) {
        line = ns_str_trim((struct ns_str){line.p + 7, line.n - 7});
    }
    *name = ns_str_trim(ns_str_cut(&line, '='));
    if (line.p == NULL || name->n == 0) {
        return false;
    }
    *value = ns_str_trim(line);
    if (value->n >= 2 && (value->p[0] == '"' || value->p[0] == '\'') && value->p[value->n - 1] == value->p[0]) {
        *value = (struct ns_str){value->p + 1, value->n - 2};
    }
    return true;
}

ns_rc ns_stripe_env_file(struct ns_str text, const char *file, ns_stripe_variable_fn *take, void *self, struct ns_err *err) {
    ns_rc rc = NS_OK;
    for (int n = 1; rc == NS_OK && text.p != NULL && text.n > 0; n++) {
        struct ns_str name, value = {0};
        char place[200];
        if (!pair(ns_str_cut(&text, '\n'), &name, &value)) {
            snprintf(place, sizeof place, "%.180s:%d", file, n);
            return ns_err_say(err, NS_E_CONFIG, NS_MSG_key_line, place, NULL, NULL);
        }
        int i = name.n == 0 ? -1 : find(name);
        if (i >= 0 && value.n > 0) {
            rc = take(self, known[i].name, i < SECRETS && i != 1, value, err);
        }
    }
    return rc;
}

void ns_stripe_env_clean(struct ns_str text, struct ns_buf *out) {
    while (text.p != NULL && text.n > 0) {
        struct ns_str name, value = {0}, line = ns_str_cut(&text, '\n');
        int i = pair(line, &name, &value) && name.n > 0 ? find(name) : -1;
        if (i >= 0 && i < SECRETS && i != 1 && value.n > 0) {
            ns_buf_fmt(out, "# in the sealed store now; write a new value to replace it\n%s=", known[i].variable);
        } else {
            ns_buf_str(out, line);
        }
        ns_buf_char(out, '\n');
    }
}

bool ns_stripe_account_set(struct ns_stripe_account *a, const char *name, struct ns_str value) {
    for (size_t i = 0; i < NS_COUNT(known); i++) {
        size_t cap;
        char *to = slot(a, i, &cap);
        if (to != NULL && strcmp(known[i].name, name) == 0) {
            return ns_str_copy(value, to, cap);
        }
    }
    return true; /* another module's */
}

ns_rc ns_stripe_account_load(struct ns_db *db, struct ns_stripe_account *a, struct ns_err *err) {
    struct ns_arena arena = {0};
    ns_rc rc = NS_OK;
    for (size_t i = 0; rc == NS_OK && i < NS_COUNT(known); i++) {
        const char *value = NULL;
        rc = ns_row_secret(db, known[i].name, &arena, &value, err);
        if (rc == NS_OK && value != NULL && !ns_stripe_account_set(a, known[i].name, ns_str_of(value))) {
            rc = ns_err_say(err, NS_E_CONFIG, NS_MSG_key_form, known[i].variable, NULL, NULL);
        }
    }
    ns_arena_fini(&arena);
    return rc;
}

static bool plain(const char *text) {
    return text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")] == '\0';
}

static ns_rc form(const char *variable, struct ns_err *err) {
    return ns_err_say(err, NS_E_CONFIG, NS_MSG_key_form, variable, NULL, NULL);
}

static ns_rc mixed(const char *variable, bool live, struct ns_err *err) {
    return ns_err_say(err, NS_E_CONFIG, NS_MSG_key_mix, variable, live ? "live" : "test", NULL);
}

static ns_rc check_key(struct ns_stripe_account *a, struct ns_err *err) {
    if (strncmp(a->key, "sk_live_", 8) == 0) {
        return ns_err_say(err, NS_E_CONFIG, NS_MSG_key_sk_live, NULL, NULL, NULL);
    }
    a->live = strncmp(a->key, "rk_live_", 8) == 0;
    bool test = strncmp(a->key, "rk_test_", 8) == 0 || strncmp(a->key, "sk_test_", 8) == 0;
    return (a->live || test) && strlen(a->key) > 10 && plain(a->key) ? NS_OK : form("STRIPE_SECRET_KEY", err);
}

/* A price id does not say its mode, but people name them so: price_test_basic beside a live key is a
 * mistake. What a price really is, only Stripe knows. */
static ns_rc check_price(const struct ns_stripe_account *a, size_t i, struct ns_err *err) {
    const char *price = a->price[i - 3];
    if (price[0] == '\0') {
        return NS_OK;
    }
    if (strncmp(price, "price_", 6) != 0 || !plain(price)) {
        return form(known[i].variable, err);
    }
    bool says_test = strncmp(price, "price_test_", 11) == 0, says_live = strncmp(price, "price_live_", 11) == 0;
    return (a->live && says_test) || (!a->live && says_live) ? mixed(known[i].variable, says_live, err) : NS_OK;
}

ns_rc ns_stripe_account_check(struct ns_stripe_account *a, struct ns_err *err) {
    if (a->key[0] == '\0') {
        return NS_OK;
    }
    ns_rc rc = check_key(a, err);
    const char *p = a->publishable;
    if (rc == NS_OK && p[0] != '\0') {
        bool live = strncmp(p, "pk_live_", 8) == 0;
        rc = !live && strncmp(p, "pk_test_", 8) != 0 ? form("STRIPE_PUBLISHABLE_KEY", err)
             : live != a->live                       ? mixed("STRIPE_PUBLISHABLE_KEY", live, err) : NS_OK;
    }
    for (size_t i = 2; rc == NS_OK && i < 4; i++) {
        const char *secret = a->webhook_secret[i - 2];
        rc = secret[0] != '\0' && strncmp(secret, "whsec_", 6) != 0 ? form(known[i].variable, err) : NS_OK;
    }
    for (size_t i = 4; rc == NS_OK && i < 7; i++) {
        rc = check_price(a, i, err);
    }
    bool home = strncmp(a->base_url, "http://", 7) == 0; /* the gate allows that to loopback only */
    if (rc == NS_OK && strcmp(a->base_url, NS_STRIPE_URL) != 0 && (!home || a->live)) {
        rc = ns_err_say(err, NS_E_CONFIG, NS_MSG_key_url, NS_STRIPE_URL, NULL, NULL);
    }
    return rc;
}
