/* stripe.h: Stripe as the household uses it: wishes of people become intents of the outbox, answers and
 * fetched objects become what is known (agent/billing), events say what must be fetched.
 *
 * A wish may take several intents in a row (a customer, a card, then the subscription); each is made
 * in the transaction that ends the one before. What only a person who waits may see (a client
 * secret, a page's address) is never stored: it stands in `outcome` until the next answer.
 * Nothing here opens a socket: ns_stripe_next() says what to ask, ns_stripe_heard() hears the answer;
 * courier.h carries. Events are hints: their objects are fetched and only what was fetched counts.
 * Memory: results in act->arena. Threads: the writing connection's. */
#pragma once
#include "agent/billing/stripe.h"
#include "agent/store/stripe.h"
#include "agent/sync/outbox.h"

enum ns_wish_kind {
    NS_WISH_SUBSCRIBE, /* with a client secret for the app's own form */
    NS_WISH_CHECKOUT,  /* on Stripe's page */
    NS_WISH_CHANGE,
    NS_WISH_CANCEL,    /* at the end of the period */
    NS_WISH_END,       /* at once */
    NS_WISH_RESUME,
    NS_WISH_CARD,      /* attach */
    NS_WISH_CARD_DEFAULT,
    NS_WISH_CARD_REMOVE,
    NS_WISH_MOVE,
    NS_WISH_REFUND,
    /* these change nothing and are not kept: */
    NS_WISH_PREVIEW,
    NS_WISH_PORTAL,
    NS_WISH_SETUP,
    NS_WISH_REOPEN, /* the purchase that is not finished */
    NS_WISH_COUNT
};
struct ns_wish {
    enum ns_wish_kind kind;
    enum ns_tier tier;
    enum ns_province province;
    const char *card; /* pm_...; NULL: none */
    const char *text; /* a reason, a flow of the portal */
    bool make_default;
};

/* What the one who waits is told. */
struct ns_stripe_outcome {
    bool ended;
    bool good;
    enum ns_wish_kind wish;
    enum ns_tier tier;
    int msg;                  /* a catalogue text; 0: none */
    char said[200];           /* of a card's refusal, Stripe's words for the person */
    char client_secret[256];
    char url[1024];
    ns_money amount;          /* of a preview or refund */
    ns_money subtotal;
    ns_money tax[4];
    ns_time at;
    char card[128];
};

enum ns_errand_kind { NS_ERRAND_NONE, NS_ERRAND_OUTBOX, NS_ERRAND_ASK, NS_ERRAND_READ };
enum ns_stripe_read {
    NS_READ_NEWEST, NS_READ_SUBSCRIPTIONS, NS_READ_INVOICES, NS_READ_CARDS, NS_READ_EVENTS, NS_READ_LATE_EVENTS,
    NS_READ_SUBSCRIPTION, NS_READ_INVOICE, NS_READ_REFUNDS, NS_READ_RATE
};
/* One request. Strings live in the arena of the act it was made with. */
struct ns_errand {
    enum ns_errand_kind kind;
    struct ns_attempt attempt;
    enum ns_stripe_read read;
    const char *object; /* of the events that wait for it; NULL */
    ns_time at;
    const char *method;
    const char *path;
    const char *body; /* NULL: none */
    const char *key;  /* NULL: none */
};

struct ns_stripe {
    struct ns_stripe_account account; /* set before any thread */
    struct ns_egress gate;
    struct ns_outbox box;
    struct ns_stripe_rates rates;
    struct ns_stripe_outcome outcome;
    bool changed;           /* by the last answer: what a home may use, or its bills */
    struct ns_wish asked;   /* of the kinds that are not kept */
    bool asking;
    char asked_card[128];
    char asked_text[64];
    /* reading; lost at a restart, which begins anew */
    int reconcile;          /* the step, from 1; 0: none */
    char newest[128];
    char after[128];        /* of a list */
    char want_rate[128];
    char want_subscription[128];
    char odd[16][128];      /* rates and subscriptions that were read and cannot be understood */
    int odd_count;
    int64_t reads_not_before_us; /* steady */
    int64_t polled_us;           /* steady; INT64_MIN: not in this run */
    int64_t late_us;
    int64_t locked_until_us;
    bool look;              /* soon, whatever the schedule says */
    int failures;
};

/* The account is filled in already. */
ns_rc ns_stripe_begin(struct ns_stripe *s, const struct ns_env *env, struct ns_db *db, struct ns_err *err) NS_MUST_USE;

/* In the caller's transaction or one of its own. An open wish of the same chain is shared. */
ns_rc ns_stripe_wish(struct ns_stripe *s, const struct ns_act *act, const struct ns_wish *wish, struct ns_err *err) NS_MUST_USE;
/* Look for news soon, and at everything once. */
void ns_stripe_look(struct ns_stripe *s, bool everything);

/* *wake: when to ask again without a reason; NS_TIME_NONE: not. Committed when it returns NS_OK. */
ns_rc ns_stripe_next(struct ns_stripe *s, const struct ns_act *act, struct ns_errand *out, ns_time *wake,
                     struct ns_err *err) NS_MUST_USE;
ns_rc ns_stripe_heard(struct ns_stripe *s, const struct ns_act *act, const struct ns_errand *errand,
                      const struct ns_outbox_answer *answer, struct ns_err *err) NS_MUST_USE;

/* Stores one event, as it came by poll or webhook; a known one is left alone. Inside the caller's
 * transaction. NS_E_INPUT: it is no event. */
ns_rc ns_stripe_take_event(struct ns_stripe *s, const struct ns_act *act, const struct ns_json *event, const char *via,
                           bool *fresh, struct ns_err *err) NS_MUST_USE;

/* stripe_wish.c, for stripe_inbox.c and back. Internal. */
extern const struct ns_outbox_handler ns_stripe_handler;
ns_rc ns_stripe_ask(struct ns_stripe *s, const struct ns_act *act, struct ns_errand *out, struct ns_err *err) NS_MUST_USE;
ns_rc ns_stripe_told(struct ns_stripe *s, const struct ns_act *act, const struct ns_outbox_answer *answer, struct ns_err *err) NS_MUST_USE;
void ns_stripe_refusal(struct ns_stripe *s, const struct ns_outbox_answer *answer);
/* The subscription of an answer, written down. */
ns_rc ns_stripe_see(struct ns_stripe *s, const struct ns_act *act, const struct ns_json *object, const char *customer,
                    struct ns_err *err) NS_MUST_USE;
