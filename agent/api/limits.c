/* limits.c: tokens are counted in millionths, so that a microsecond brings some. */
#include "agent/api/limits.h"

#include "shared/base/arena.h"

#include <stdlib.h>

#define TOKEN 1000000
#define MINUTE_US 60000000

struct bucket {
    uint64_t caller;
    int64_t at_us; /* when it was filled last; 0: a free place */
    int64_t millionths[NS_LIMIT_KINDS];
};

struct ns_limits {
    int64_t per_minute[NS_LIMIT_KINDS];
    struct bucket buckets[NS_LIMIT_CALLERS];
};

struct ns_limits *ns_limits_new(const int64_t per_minute[NS_LIMIT_KINDS]) {
    struct ns_limits *limits = ns_xcalloc(1, sizeof *limits);
    for (int kind = 0; kind < NS_LIMIT_KINDS; kind++) {
        limits->per_minute[kind] = per_minute[kind];
    }
    return limits;
}

void ns_limits_free(struct ns_limits *limits) {
    free(limits);
}

/* The caller's bucket, or the one longest silent, emptied of its past. */
static struct bucket *bucket_of(struct ns_limits *limits, uint64_t caller) {
    struct bucket *oldest = &limits->buckets[0];
    for (int i = 0; i < NS_LIMIT_CALLERS; i++) {
        struct bucket *b = &limits->buckets[i];
        if (b->at_us != 0 && b->caller == caller) {
            return b;
        }
        if (b->at_us < oldest->at_us) {
            oldest = b;
        }
    }
    *oldest = (struct bucket){.caller = caller};
    return oldest;
}

static struct bucket *filled(struct ns_limits *limits, uint64_t caller, int64_t now_us) {
    struct bucket *b = bucket_of(limits, caller);
    int64_t passed = b->at_us == 0 || now_us - b->at_us > MINUTE_US ? MINUTE_US : now_us - b->at_us;
    for (int kind = 0; kind < NS_LIMIT_KINDS; kind++) {
        int64_t most = limits->per_minute[kind] * TOKEN;
        int64_t now = b->millionths[kind] + limits->per_minute[kind] * passed / (MINUTE_US / TOKEN);
        b->millionths[kind] = now < most ? now : most;
    }
    b->at_us = now_us > 0 ? now_us : 1;
    return b;
}

bool ns_limits_take(struct ns_limits *limits, uint64_t caller, enum ns_limit_kind kind,
                    int64_t now_us) {
    struct bucket *b = filled(limits, caller, now_us);
    if (b->millionths[kind] < TOKEN) {
        return false;
    }
    b->millionths[kind] -= TOKEN;
    return true;
}

struct ns_allowance ns_limits_left(struct ns_limits *limits, uint64_t caller,
                                   enum ns_limit_kind kind, int64_t now_us) {
    int64_t millionths = filled(limits, caller, now_us)->millionths[kind];
    int64_t limit = limits->per_minute[kind];
    int64_t missing = limit * TOKEN - millionths;
    return (struct ns_allowance){
        .limit = limit,
        .remaining = millionths / TOKEN,
        .reset_s = (missing * 60 + limit * TOKEN - 1) / (limit * TOKEN),
    };
}
