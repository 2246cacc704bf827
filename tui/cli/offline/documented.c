#include "tui/cli/offline/documented.h"

#include "agent/forecast/documented.h"
#include "shared/text/message.h"

#include <math.h>

#define MOST 2e9

static int32_t hundredths(double value) {
    return (int32_t)fmax(-MOST, fmin(MOST, round(value * 100)));
}

ns_rc ns_offline_documented(const struct ns_documented_use *use, size_t count, ns_date today,
                            ns_date birth, const char *province,
                            struct ns_documented_answer *out, struct ns_err *err) {
    struct ns_arena arena = {0};
    struct ns_documented found;
    struct ns_use_day *days = NS_NEW_N(&arena, struct ns_use_day, count);
    for (size_t i = 0; i < count; i++) {
        days[i] = (struct ns_use_day){use[i].date, use[i].count,
                                      use[i].known ? NS_USE_OK : NS_USE_MISSING};
    }
    struct ns_forecast_input input = {.today = today, .birth = birth, .province = province,
                                      .days = days, .day_count = count};
    ns_rc rc = ns_documented_run(&input, &arena, &found, NULL);
    *out = (struct ns_documented_answer){.days = found.days, .unknowns = found.unknowns};
    if (rc != NS_OK) {
        rc = ns_err_say(err, NS_E_INPUT, NS_MSG_forecast_documented_few, NULL, NULL, NULL);
        goto out;
    }
    for (int h = 0; h < NS_DOCUMENTED_AHEAD; h++) {
        out->date[h] = found.day[h].date;
        out->expected[h] = hundredths(found.day[h].expected);
        out->lower[h] = hundredths(found.day[h].lower);
        out->upper[h] = hundredths(found.day[h].upper);
    }
    out->total = hundredths(found.total);
    for (int d = 0; d < NS_DOUBT_COUNT; d++) {
        if ((found.doubts >> d & 1) != 0) {
            out->doubt[out->doubt_count++] = ns_documented_msg((enum ns_documented_doubt)d);
        }
    }
out:
    ns_arena_fini(&arena);
    return rc;
}
