/* webhook.h: an event that Stripe sends by itself: the signature over the raw bytes first, then its
 * text. What it brings about is done later, by reading the object.
 * Threads: judging is pure; taking is the writing connection's. */
#pragma once
#include "agent/sync/stripe.h"

#define NS_WEBHOOK_MOST ((size_t)1 << 20)
#define NS_WEBHOOK_TOLERANCE_S 300

/* Stripe-Signature over a body at a moment: any v1 of any of the secrets, in constant time; other
 * schemes are ignored. *why is set when it is refused. */
bool ns_webhook_signed(const struct ns_stripe_account *account, struct ns_str header, struct ns_str body, ns_time now,
                       const char **why);
/* HTTP status to answer: 200 stored, known or of no interest; 400 what is no event of ours; 500 when it
 * could not be stored and must come again. */
int ns_webhook_take(struct ns_stripe *s, const struct ns_act *act, struct ns_str body, struct ns_err *err);
