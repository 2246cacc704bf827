/* outbox.h: what is asked of the payment processor, once, whatever fails on the way.
 *
 *     NEW -> SENT -> DONE | FAILED | UNKNOWN;  UNKNOWN -> (same bytes, up to 23 h) -> LOOKUP
 *     LOOKUP -> DONE (found) | FAILED (twice not there) | HUMAN
 *
 * An intent stands committed with its key and its exact body before the first byte leaves, each
 * attempt with a line of its own. One purpose has one open intent: a double click, two parents and
 * a scheduler share it. The key follows from the home, the purpose and its cycle, not from the click.
 * An unknown outcome is repeated with the same bytes while the other side surely remembers the key
 * (24 h, less a margin); later, or when this machine cannot tell how long it was away, it is looked
 * up, never sent again on a guess.
 *
 * Nothing here opens a socket: ns_outbox_take() says what to send, ns_outbox_answered() hears the
 * answer, each one transaction. The sender (sender.h) and the simulator drive them alike.
 * Memory: results in act->arena. Threads: the writing connection's. */
#pragma once
#include "agent/net/egress.h"
#include "agent/household/household.h"

#define NS_RESEND_WITHIN (23 * NS_HOUR)
#define NS_LOOKUP_APART (15 * NS_MINUTE)
#define NS_LOOKUPS_MOST 20

struct ns_outbox_answer {
    bool arrived;          /* a whole, readable answer came */
    int status;
    struct ns_str body;
    int should_retry;      /* the other side's own advice: 1, 0 or NS_NONE */
    int64_t retry_after_s; /* -1: not said */
    bool replayed;         /* Idempotent-Replayed */
    const char *request_id;
    ns_time date;          /* its Date header; NS_TIME_NONE */
};

enum ns_outbox_verdict {
    NS_VERDICT_DONE,
    NS_VERDICT_FAILED,  /* surely not done, and will not be */
    NS_VERDICT_AGAIN,   /* the same bytes once more */
    NS_VERDICT_LOOK_UP, /* a stored fault: repeating replays it */
    NS_VERDICT_LOCKED,  /* the key of the account is refused: all calls stop */
};
enum ns_outbox_verdict ns_outbox_judge(const struct ns_outbox_answer *answer);

enum ns_lookup { NS_LOOKUP_FOUND, NS_LOOKUP_ABSENT, NS_LOOKUP_UNCLEAR };

/* What the answers of one destination are applied to; every call inside the transaction that
 * ends the intent. */
struct ns_outbox_handler {
    void *self;
    ns_rc (*done)(void *self, const struct ns_act *act, const struct ns_intent *intent,
                  const struct ns_outbox_answer *answer, struct ns_err *err);
    ns_rc (*failed)(void *self, const struct ns_act *act, const struct ns_intent *intent,
                    const struct ns_outbox_answer *answer, struct ns_err *err);
    /* The read that finds the intent's work; NULL: there is none, a person must look. */
    const char *(*lookup_path)(void *self, const struct ns_act *act, const struct ns_intent *intent);
    /* Applies what it found. */
    ns_rc (*looked)(void *self, const struct ns_act *act, const struct ns_intent *intent,
                    const struct ns_outbox_answer *answer, enum ns_lookup *out, struct ns_err *err);
};

/* A look that found nothing. */
struct ns_absent {
    ns_id id;
    int look;
    int64_t steady_us;
};

struct ns_outbox {
    int64_t run; /* random, new at every start: which attempts this steady clock can date */
    const struct ns_egress *gate;
    struct ns_outbox_handler handler;
    /* The other side's clock, as last heard; NS_TIME_NONE before. */
    ns_time heard_date;
    int64_t heard_steady_us;
    struct ns_absent absent[8];
};
void ns_outbox_init(struct ns_outbox *box, const struct ns_env *env, const struct ns_egress *gate,
                    struct ns_outbox_handler handler);

struct ns_intent_input {
    const char *destination;
    const char *purpose;
    const char *kind;
    const char *method;
    const char *path;
    const char *body; /* the op id is added by the caller through ns_outbox_op() */
    int64_t amount;   /* NS_NONE */
    const char *data;
};
/* The id the next intent of a purpose will carry in its metadata: stable until one is added. */
ns_rc ns_outbox_op(const struct ns_act *act, const char *purpose, ns_id *out, struct ns_err *err) NS_MUST_USE;
/* Adds the intent, or answers the open one of that purpose. Inside the caller's transaction if
 * there is one. */
ns_rc ns_outbox_add(const struct ns_act *act, const struct ns_intent_input *in, ns_id *out,
                    bool *fresh, struct ns_err *err) NS_MUST_USE;
/* Not sent yet: taken back. NS_E_CONFLICT once it may have left. */
ns_rc ns_outbox_withdraw(const struct ns_act *act, ns_id intent, struct ns_err *err) NS_MUST_USE;

/* A person looked at the processor and says what became of a request in HUMAN. Until then nothing
 * new can be asked for the same purpose. */
ns_rc ns_outbox_settle(const struct ns_act *act, ns_id intent, bool happened, struct ns_err *err) NS_MUST_USE;

struct ns_attempt {
    struct ns_intent intent; /* as of this attempt */
    int n;                   /* of the sends; the lookups have none */
    bool lookup;             /* GET of `path` instead of the intent itself */
    const char *path;
};
/* What to do now; *some false: nothing is due. Committed when it returns NS_OK. */
ns_rc ns_outbox_take(struct ns_outbox *box, const struct ns_act *act, struct ns_attempt *out,
                     bool *some, struct ns_err *err) NS_MUST_USE;
/* An answer may come late or twice: what is over stays over. */
ns_rc ns_outbox_answered(struct ns_outbox *box, const struct ns_act *act, const struct ns_attempt *attempt,
                         const struct ns_outbox_answer *answer, struct ns_err *err) NS_MUST_USE;
