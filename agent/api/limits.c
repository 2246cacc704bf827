/* limits.c: tokens are counted in millionths, so that a microsecond brings some. */
#include "agent/api/limits.h"

#include "shared/base/arena.h"

#include <stdlib.h>

#define TOKEN 1000000
#define SECOND_US 1000000

struct bucket {
    uint64_t caller;
    int64_t at_us; /* when it was looked at last; 0: a free place */
    int64_t filled_us[NS_LIMIT_KINDS];
    int64_t millionths[NS_LIMIT_KINDS];
};

struct ns_limits {
    struct ns_limit kinds[NS_LIMIT_KINDS];
    struct bucket buckets[NS_LIMIT_CALLERS];
};

struct ns_limits *ns_limits_new(const struct ns_limit kinds[NS_LIMIT_KINDS]) {
    struct ns_limits *limits = ns_xcalloc(1, sizeof *limits);
    for (int kind = 0; kind < NS_LIMIT_KINDS; kind++) {
        limits->kinds[kind] = kinds[kind];
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
    for (int kind = 0; kind < NS_LIMIT_KINDS; kind++) {
        const struct ns_limit *l = &limits->kinds[kind];
        int64_t most = l->most * TOKEN, passed = now_us - b->filled_us[kind];
        if (b->at_us == 0 || passed >= l->within_s * SECOND_US) {
            b->millionths[kind] = most;
            b->filled_us[kind] = now_us;
            continue;
        }
        /* Whole millionths only, and the time they took: what a look is too short for is not lost. */
        int64_t brought = l->most * passed / l->within_s;
        b->millionths[kind] = brought < most - b->millionths[kind] ? b->millionths[kind] + brought : most;
        b->filled_us[kind] += brought * l->within_s / l->most;
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
    int64_t limit = limits->kinds[kind].most, within_s = limits->kinds[kind].within_s;
    int64_t missing = limit * TOKEN - millionths;
    return (struct ns_allowance){
        .limit = limit,
        .remaining = millionths / TOKEN,
        .reset_s = (missing * within_s + limit * TOKEN - 1) / (limit * TOKEN),
    };
}
