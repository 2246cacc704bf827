/* stripe.h: what is known of Stripe's objects and of the account in use. Reading them is pure: JSON
 * in, what was seen out. An object that is odd in any way (another currency, the other mode, another
 * customer, a price nobody sells here) is NS_E_INPUT with the reason; nothing is guessed.
 * Both the shapes before and after API version 2025-03-31 are read (periods, invoices, taxes).
 * Memory: results in the arena. Threads: pure. */
#pragma once
#include "agent/billing/billing.h"
#include "shared/wire/json.h"

#define NS_STRIPE_VERSION "2026-10-28.endive"
#define NS_STRIPE_URL "https://api.stripe.com"
#define NS_STRIPE_BODY_MOST ((size_t)8 << 20)

/* The account: set once at the start, then read by every thread. */
struct ns_stripe_account {
    char key[256]; /* rk_live_, rk_test_, sk_test_; "": none. Locked in memory by who holds it. */
    char publishable[256];
    char webhook_secret[2][128]; /* two while a secret is rolled */
    char price[NS_TIER_COUNT][128];
    char base_url[256];
    bool live;
    bool taxed; /* Stripe Tax computes; else no tax is charged */
};
/* The tier a price id sells; NS_NONE: none of ours. */
int ns_stripe_tier(const struct ns_stripe_account *account, const char *price);

/* The known variables and what the store calls them; NULL past the last. */
const char *ns_stripe_variable_at(size_t i, const char **name, bool *secret);
/* The variables of an environment file (docs/env) that are known here, by their name in the store. */
typedef ns_rc ns_stripe_variable_fn(void *self, const char *name, bool secret, struct ns_str value, struct ns_err *err);
ns_rc ns_stripe_env_file(struct ns_str text, const char *file, ns_stripe_variable_fn *take, void *self,
                         struct ns_err *err) NS_MUST_USE;
/* The same file without its secrets. */
void ns_stripe_env_clean(struct ns_str text, struct ns_buf *out);
bool ns_stripe_account_set(struct ns_stripe_account *account, const char *name, struct ns_str value); /* false: too long */
/* What the store keeps, over what is there. */
ns_rc ns_stripe_account_load(struct ns_db *db, struct ns_stripe_account *account, struct ns_err *err) NS_MUST_USE;
/* NS_E_CONFIG with the name of what is wrong; sets `live`. base_url is set before. */
ns_rc ns_stripe_account_check(struct ns_stripe_account *account, struct ns_err *err) NS_MUST_USE;

/* Names of tax rates of the account -> kinds, as far as they were read. */
struct ns_stripe_rates {
    struct {
        char id[64];
        enum ns_tax_kind kind;
    } row[24];
    int count;
};

ns_rc ns_stripe_read(struct ns_str body, struct ns_json **out, struct ns_err *err) NS_MUST_USE;
/* Not ours: NS_E_INPUT. customer NULL: any. */
ns_rc ns_stripe_check(const struct ns_stripe_account *account, const struct ns_json *object, const char *kind,
                      const char *customer, struct ns_err *err) NS_MUST_USE;
ns_rc ns_stripe_subscription(const struct ns_stripe_account *account, const struct ns_json *object, const char *customer,
                             ns_time now, struct ns_arena *arena, struct ns_seen_subscription *out,
                             struct ns_err *err) NS_MUST_USE;
/* unknown: a tax rate that must be read first (then *out is not filled), else NULL. */
ns_rc ns_stripe_invoice(const struct ns_stripe_account *account, const struct ns_json *object, const char *customer,
                        const struct ns_stripe_rates *rates, struct ns_arena *arena, struct ns_seen_invoice *out,
                        const char **unknown, struct ns_err *err) NS_MUST_USE;
ns_rc ns_stripe_card(const struct ns_json *object, const char *customer, const char *chosen, struct ns_arena *arena,
                     struct ns_seen_card *out, struct ns_err *err) NS_MUST_USE;
bool ns_stripe_rate(const struct ns_json *object, enum ns_tax_kind *out);
/* An id of Stripe's: prefix, then letters, digits, _; NULL: it is none. */
const char *ns_stripe_id(const struct ns_json *value, const char *prefix, struct ns_arena *arena);
/* Unix seconds; NS_TIME_NONE: absent or null. */
ns_time ns_stripe_time(const struct ns_json *value);
/* A whole number of cents within a hundred thousand dollars either way. */
bool ns_stripe_cents(const struct ns_json *value, ns_money *out);
