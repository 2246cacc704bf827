/* limits.h: how many requests a caller may make: token buckets in fixed memory, each filled anew over
 * its own time. There is no way to switch them off.
 * Pure: the steady clock is handed in. Ownership: new/free. Threads: loop thread. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum ns_limit_kind {
    NS_LIMIT_REQUESTS,
    NS_LIMIT_MUTATIONS,
    /* Of devices on the network besides; this computer's console is not held back. */
    NS_LIMIT_REFRESHES, /* of tokens */
    NS_LIMIT_ORDERS,    /* asked for or agreed to */
    NS_LIMIT_EXPORTS,
    NS_LIMIT_IMPORTS,
    NS_LIMIT_KINDS
};

struct ns_limit {
    int64_t most;     /* at once, and within the time; above 0 */
    int64_t within_s; /* at most a day */
};

#define NS_LIMIT_CALLERS 256 /* told apart; a new one takes the place of the one longest silent */

struct ns_allowance {
    int64_t limit;      /* within the time of its kind */
    int64_t remaining;  /* at once */
    int64_t reset_s;    /* until all of it is there again */
};

struct ns_limits;

struct ns_limits *ns_limits_new(const struct ns_limit kinds[NS_LIMIT_KINDS]);
void ns_limits_free(struct ns_limits *limits); /* NULL is fine */
/* Takes one; false: none is left, and nothing is taken. */
bool ns_limits_take(struct ns_limits *limits, uint64_t caller, enum ns_limit_kind kind,
                    int64_t now_us);
struct ns_allowance ns_limits_left(struct ns_limits *limits, uint64_t caller,
                                   enum ns_limit_kind kind, int64_t now_us);
