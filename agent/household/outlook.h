/* outlook.h: questions about the time ahead and the time past, answered by the model when asked;
 * nothing is stored. Two steps: what is asked about is read with ns_prediction_load() or
 * ns_shelves_load() (the CHILD_DATA consent is needed, threads: the connection's), then ..._run()
 * asks the model, which touches no store and may be on any one thread.
 * Cost: one to three fits, 1 to 10 ms a child. */
#pragma once
#include "agent/forecast/forecast.h"
#include "agent/household/household.h"
#include "agent/household/prediction.h"

/* What if: days marked besides, or a second child. */
struct ns_scenario_input {
    const struct ns_use_mark *marks;
    int mark_count;
    ns_date newcomer; /* birth of a second child; NS_DATE_NONE: none */
};
struct ns_scenario {
    struct ns_forecast before;
    struct ns_forecast after;
    bool has_newcomer;
    struct ns_forecast newcomer; /* its first 30 days */
};
ns_rc ns_scenario_run(struct ns_prediction_request *request, const struct ns_scenario_input *in,
                      struct ns_scenario *out, struct ns_err *err) NS_MUST_USE;

/* How right were we: the forecast as it would have been made `days` days ago, from nothing that
 * came later, beside what was then used. */
struct ns_review {
    bool has; /* false: too little was logged before */
    ns_date first_day;
    ns_date last_day;
    int days;       /* good days compared */
    double expected; /* of those days */
    double used;
    double lower; /* range of the forecast for them */
    double upper;
    int inside;     /* days inside their 80 % band */
    double mean_error; /* pieces a day */
};
ns_rc ns_review_run(struct ns_prediction_request *request, int days, struct ns_review *out,
                    struct ns_err *err) NS_MUST_USE;

/* One shelf: the children who wear the same size, and their stock together. */
struct ns_shelf {
    enum ns_size size;
    const ns_id *children;
    int child_count;
    bool stock_known;
    int64_t stock;
    struct ns_forecast forecast; /* totals, run-out and reorder day */
};
struct ns_shelves; /* in act->arena; free it also after a failed load */
ns_rc ns_shelves_load(const struct ns_act *act, struct ns_shelves **out, struct ns_err *err) NS_MUST_USE;
ns_rc ns_shelves_run(const struct ns_shelves *shelves, struct ns_arena *arena, const struct ns_shelf **out,
                     int *count, struct ns_err *err) NS_MUST_USE;
void ns_shelves_free(struct ns_shelves *shelves); /* NULL is fine */

/* Wipes and cream: one step, arithmetic of microseconds. Results live in act->arena. */
struct ns_supply_line {
    enum ns_product_type product;
    bool from_logs; /* else from what was bought and is left */
    int64_t left;
    struct ns_supply supply;
};
ns_rc ns_supply_list(const struct ns_act *act, ns_id child, const struct ns_supply_line **out,
                     int *count, struct ns_err *err) NS_MUST_USE;
