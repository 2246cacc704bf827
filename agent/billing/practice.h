/* practice.h: the processor of a demo home: no network, no money, the same edges. Everything it
 * makes is marked as practice and its ids begin sub_practice_ and in_practice_.
 * Threads: the writing connection's. Each call is one transaction, or part of the caller's. */
#pragma once
#include "agent/billing/billing.h"

/* The Family plan a demo home starts with, and its first bill. */
ns_rc ns_practice_begin(const struct ns_act *act, const struct ns_household *home, struct ns_err *err) NS_MUST_USE;
/* A plan after the last one ended, or instead of a trial. */
ns_rc ns_practice_subscribe(const struct ns_act *act, enum ns_tier tier, struct ns_err *err) NS_MUST_USE;
/* Up at once with the difference billed, down at the period's end. */
ns_rc ns_practice_change(const struct ns_act *act, enum ns_tier tier, struct ns_err *err) NS_MUST_USE;
ns_rc ns_practice_cancel(const struct ns_act *act, bool at_once, struct ns_err *err) NS_MUST_USE;
ns_rc ns_practice_resume(const struct ns_act *act, struct ns_err *err) NS_MUST_USE;
ns_rc ns_practice_refund(const struct ns_act *act, const char *reason, ns_money *out, struct ns_err *err) NS_MUST_USE;
/* token: pm_card_visa pays, pm_card_chargeCustomerFail lets the next bill fail at once; a good
 * card pays what is open. */
ns_rc ns_practice_card(const struct ns_act *act, const char *token, bool make_default,
                       struct ns_card *out, struct ns_err *err) NS_MUST_USE;
/* Renewal, the end of a cancelled plan, a downgrade that waited. */
ns_rc ns_practice_pass_time(const struct ns_act *act, struct ns_subscription *s, bool *changed,
                            struct ns_err *err) NS_MUST_USE;
