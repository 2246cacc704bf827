/* courier.h: carries Stripe's errands between the writer and the world, one at a time.
 *
 * ns_stripe_next() on the writer, the request on a thread of its own (it may take 80 s), then
 * ns_stripe_heard() on the writer; after that whoever waits is told, on the loop. Nothing is asked
 * while nothing is due.
 * Ownership: new/free; `stripe` and the executors are borrowed. Threads: the loop thread. */
#pragma once
#include "agent/loop/loop.h"
#include "agent/sync/stripe.h"

struct ns_courier;
struct ns_courier_setup {
    const struct ns_env *env;
    struct ns_loop *loop;
    struct ns_executor *writer;
    struct ns_executor *outside; /* one thread, nobody else's */
    struct ns_db *write_db;
    struct ns_stripe *stripe;
    /* On the loop, after an answer that changed what a home has. */
    void *self;
    void (*changed)(void *self);
};
struct ns_courier *ns_courier_new(const struct ns_courier_setup *setup);
struct ns_stripe *ns_courier_stripe(struct ns_courier *courier); /* for the writer */
/* Something is to be done. zone: of the home, for days. */
void ns_courier_kick(struct ns_courier *courier, const struct ns_zone *zone);
/* fn is called once, on the loop: with the outcome of a wish of that kind, or with NULL when it has not
 * come after `most_ms` or the agent ends. */
typedef void ns_courier_fn(void *arg, const struct ns_stripe_outcome *outcome);
void ns_courier_wait(struct ns_courier *courier, enum ns_wish_kind kind, int64_t most_ms, ns_courier_fn *fn, void *arg);
void ns_courier_close(struct ns_courier *courier); /* ends a request under way; all who wait are told */
void ns_courier_free(struct ns_courier *courier);  /* after the executors; NULL is fine */
