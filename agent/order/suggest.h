/* suggest.h: what to order next for a child's diapers: the plan of agent/reorder/plan.h on what this
 * home knows, the best offer that is fresh and whole, the order that serves the need already, and
 * whether a parent asked not to be reminded.
 *
 * Reading writes nothing. Memory: act->arena. Threads: the connection's; pausing wants the writing one. */
#pragma once
#include "agent/household/household.h"
#include "agent/household/offers.h"
#include "agent/order/book.h"
#include "agent/reorder/plan.h"
#include "agent/store/pauses.h"

#define NS_SNOOZE_DAYS 2
#define NS_SKIP_DAYS 7 /* at least; else until the shelf is empty */

struct ns_suggestion {
    struct ns_child child;
    struct ns_reorder plan;
    int64_t left;          /* pieces of the size worn; NS_NONE: never counted */
    int pack_pieces;       /* 0: not known */
    bool predicted;
    struct ns_prediction prediction;
    bool offered;          /* offer.landed: of plan.packs packs, tax and delivery in */
    struct ns_offer_seen offer;
    bool ordered;          /* by this open order */
    struct ns_order order;
    struct ns_pause pause; /* NONE: also when it is over */
};
/* Is there something to say now: due, and no pause? */
bool ns_suggestion_stands(const struct ns_suggestion *s);
/* NS_E_NOT_FOUND: no such child. province: where it is delivered. */
ns_rc ns_suggest(const struct ns_act *act, enum ns_province province, ns_id child, struct ns_suggestion *out,
                 struct ns_err *err) NS_MUST_USE;
/* NONE takes a pause back. The suggestion as it then is. */
ns_rc ns_reorder_pause(const struct ns_act *act, enum ns_province province, ns_id child, enum ns_reorder_pause kind,
                       struct ns_suggestion *out, struct ns_err *err) NS_MUST_USE;
