/* documented.h: the first documentation's forecast of a child from the days the agent has told
 * (agent/forecast/documented.h), in the console's own numbers. The engine is reached from here
 * only. Threads: main thread; a few milliseconds. */
#pragma once
#include "shared/base/err.h"
#include "shared/base/time.h"

#include <stdbool.h>

#define NS_DOCUMENTED_AHEAD 30
#define NS_DOCUMENTED_DOUBTS 4

struct ns_documented_use {
    ns_date date;
    int count;
    bool known; /* false: a gap, or a day told in part */
};

struct ns_documented_answer { /* hundredths of a change; held within +-20 million */
    int days;
    int unknowns;
    ns_date date[NS_DOCUMENTED_AHEAD];
    int32_t expected[NS_DOCUMENTED_AHEAD];
    int32_t lower[NS_DOCUMENTED_AHEAD];
    int32_t upper[NS_DOCUMENTED_AHEAD];
    int32_t total;
    int doubt[NS_DOCUMENTED_DOUBTS]; /* enum ns_msg */
    int doubt_count;
};

/* use: ascending. NS_E_INPUT: too few days are known. */
ns_rc ns_offline_documented(const struct ns_documented_use *use, size_t count, ns_date today,
                            ns_date birth, const char *province,
                            struct ns_documented_answer *out, struct ns_err *err) NS_MUST_USE;
