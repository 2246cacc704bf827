/* remove.h: a pack or a child taken out of sight, with a way back; a child forgotten, without one.
 *
 * What is removed is kept for NS_REMOVED_DAYS and then forgotten by itself (ns_removed_over).
 * Whoever asks types the words that name it. Threads: the act's connection. */
#pragma once
#include "agent/household/household.h"
#include "agent/store/remove.h"

#define NS_REMOVED_DAYS 30

struct ns_remove_input {
    ns_id id;
    const char *words;  /* as typed: DELETE and what it is called */
    const char *reason; /* NULL: none; not kept: it may hold anything */
    bool erase;         /* a child: for good */
};
struct ns_removed {
    ns_id child;
    ns_id action;             /* zero when erased */
    struct ns_holdings holds; /* of the child */
    int64_t rows;             /* that went, when erased */
};

ns_rc ns_item_remove(const struct ns_act *act, const struct ns_remove_input *in, struct ns_removed *out,
                     struct ns_err *err) NS_MUST_USE;
/* before: called inside the transaction before a child is forgotten; may be NULL. */
typedef ns_rc ns_forgetting_fn(void *self, ns_id child, struct ns_err *err);
ns_rc ns_child_remove(const struct ns_act *act, const struct ns_remove_input *in, ns_forgetting_fn *before, void *self,
                      struct ns_removed *out, struct ns_err *err) NS_MUST_USE;
/* Forgets what was removed long enough ago; *children: how many. One transaction each. */
ns_rc ns_removed_over(const struct ns_act *act, ns_forgetting_fn *before, void *self, int *children,
                      struct ns_err *err) NS_MUST_USE;
