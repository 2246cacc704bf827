#include "agent/household/outlook.h"

#include "agent/household/act.h"
#include "agent/household/prediction.h"

#define REVIEW_BEFORE 7 /* good days needed before the day looked back to */
#define SUPPLY_DAYS 56
#define SUPPLY_LEAST 5  /* days of use before a rate is given */

static size_t joined_marks(struct ns_arena *arena, const struct ns_forecast_input *in,
                           const struct ns_scenario_input *more, const struct ns_use_mark **out) {
    size_t n = in->mark_count + (size_t)more->mark_count;
    struct ns_use_mark *marks = NS_NEW_N(arena, struct ns_use_mark, n);
    for (size_t i = 0; i < n; i++) {
        marks[i] = i < in->mark_count ? in->marks[i] : more->marks[i - in->mark_count];
    }
    *out = marks;
    return n;
}

ns_rc ns_scenario_run(struct ns_prediction_request *r, const struct ns_scenario_input *in,
                      struct ns_scenario *out, struct ns_err *err) {
    struct ns_forecast_input changed = r->input;
    *out = (struct ns_scenario){0};
    ns_rc rc = ns_forecast_run_outlook(&r->input, &r->arena, &out->before, err);
    changed.mark_count = joined_marks(&r->arena, &r->input, in, &changed.marks);
    if (rc == NS_OK) {
        rc = ns_forecast_run_outlook(&changed, &r->arena, &out->after, err);
    }
    if (rc == NS_OK && in->newcomer != NS_DATE_NONE) {
        struct ns_forecast_input young = {
            .today = in->newcomer, .birth = in->newcomer, .province = r->input.province,
            .stock_pieces = -1, .today_left = 1, .has_sibling = out->before.data_points >= 14,
            .sibling_log_level = out->before.log_level, .size_known = true,
            .size = NS_SIZE_NEWBORN, .sex = NS_FORECAST_SEX_UNKNOWN};
        out->has_newcomer = true;
        rc = ns_forecast_run_outlook(&young, &r->arena, &out->newcomer, err);
    }
    return rc;
}

/* The good days from `first` on beside the forecast made before it. */
static void compare(const struct ns_forecast_input *in, const struct ns_forecast *f, int days,
                    struct ns_review *out) {
    for (size_t i = 0; i < in->day_count; i++) {
        int h = in->days[i].date - out->first_day;
        if (h < 0 || h >= days || in->days[i].status == NS_USE_MISSING ||
            in->days[i].status == NS_USE_PARTIAL) {
            continue;
        }
        int count = in->days[i].count;
        out->days++;
        out->used += count;
        out->expected += f->day[h].mean;
        out->mean_error += fabs(count - f->day[h].mean);
        out->inside += count >= f->day[h].q10 && count <= f->day[h].q90;
    }
    if (out->days > 0) {
        double share = out->expected / f->total[days - 1].mean; /* days not logged do not count */
        out->mean_error /= out->days;
        out->lower = f->total[days - 1].q10 * share;
        out->upper = f->total[days - 1].q90 * share;
    }
}

ns_rc ns_review_run(struct ns_prediction_request *r, int days, struct ns_review *out,
                    struct ns_err *err) {
    struct ns_forecast *f = NS_NEW(&r->arena, struct ns_forecast);
    struct ns_forecast_input then = r->input;
    days = act_clamp(days, 1, NS_FORECAST_DAYS);
    *out = (struct ns_review){.first_day = r->input.today - days, .last_day = r->input.today - 1};
    then.today = out->first_day;
    ns_rc rc = ns_forecast_run_fast(&then, &r->arena, f, err);
    if (rc == NS_OK && f->data_points >= REVIEW_BEFORE) {
        compare(&r->input, f, days, out);
        out->has = out->days > 0;
    }
    return rc;
}

struct ns_shelves {
    struct ns_prediction_request **requests;
    ns_id *ids;
    int count;
};

static ns_rc fill_shelf(const struct ns_shelves *all, struct ns_arena *arena, enum ns_size size,
                        struct ns_shelf *out, struct ns_err *err) {
    const struct ns_forecast_input **inputs =
        NS_NEW_N(arena, const struct ns_forecast_input *, (size_t)all->count);
    ns_id *children = NS_NEW_N(arena, ns_id, (size_t)all->count);
    *out = (struct ns_shelf){.size = size, .children = children, .stock = 0};
    for (int i = 0; i < all->count; i++) {
        const struct ns_forecast_input *in = &all->requests[i]->input;
        if (all->requests[i]->size == size) {
            children[out->child_count] = all->ids[i];
            inputs[out->child_count++] = in;
            out->stock_known = out->stock_known || in->stock_pieces >= 0;
            out->stock += in->stock_pieces > 0 ? in->stock_pieces : 0;
        }
    }
    return out->child_count == 0 ? NS_OK
                                 : ns_forecast_run_shared(inputs, out->child_count,
                                                          out->stock_known ? out->stock : -1,
                                                          arena, &out->forecast, err);
}

ns_rc ns_shelves_load(const struct ns_act *act, struct ns_shelves **out, struct ns_err *err) {
    const struct ns_child *children = NULL;
    int n = 0;
    struct ns_shelves *all = NS_NEW(act->arena, struct ns_shelves);
    ns_rc rc = ns_child_list(act->db, act->arena, &children, &n, err);
    all->requests = NS_NEW_N(act->arena, struct ns_prediction_request *, (size_t)n);
    all->ids = NS_NEW_N(act->arena, ns_id, (size_t)n);
    for (int i = 0; rc == NS_OK && i < n; i++) {
        rc = ns_prediction_load(act, children[i].id, &all->requests[i], err);
        all->ids[i] = children[i].id;
        all->count += rc == NS_OK;
    }
    *out = all;
    return rc;
}

ns_rc ns_shelves_run(const struct ns_shelves *all, struct ns_arena *arena, const struct ns_shelf **out,
                     int *count, struct ns_err *err) {
    struct ns_shelf *list = NS_NEW_N(arena, struct ns_shelf, NS_SIZE_COUNT);
    ns_rc rc = NS_OK;
    *count = 0;
    for (int size = 0; rc == NS_OK && size < NS_SIZE_COUNT; size++) {
        rc = fill_shelf(all, arena, (enum ns_size)size, &list[*count], err);
        *count += list[*count].child_count > 0;
    }
    *out = list;
    return rc;
}

void ns_shelves_free(struct ns_shelves *all) {
    for (int i = 0; all != NULL && i < all->count; i++) {
        ns_prediction_free(all->requests[i]);
    }
}

/* From the log where there is one, else from what was bought and is left. */
static bool supply_input(const struct ns_act *act, const struct ns_supply_rows *rows,
                         struct ns_supply_input *in, bool *from_logs) {
    int logged = rows->first_day == NS_DATE_NONE ? 0 : in->today - rows->first_day;
    *from_logs = logged >= SUPPLY_LEAST;
    in->left = rows->left;
    if (*from_logs) {
        in->days = logged;
        in->used = rows->used;
        double mean = rows->used / logged;
        in->dispersion = (rows->used_square / logged - mean * mean) / mean;
        return true;
    }
    in->days = rows->first_purchase == NS_TIME_NONE
                   ? 0 : in->today - ns_zone_local_day(act->zone, rows->first_purchase);
    in->used = (double)(rows->bought - rows->left);
    return in->days >= SUPPLY_LEAST;
}

ns_rc ns_supply_list(const struct ns_act *act, ns_id child, const struct ns_supply_line **out,
                     int *count, struct ns_err *err) {
    static const struct {
        enum ns_product_type product;
        enum ns_usage_type usage;
    } kinds[] = {{NS_PRODUCT_WIPES, NS_USAGE_WIPE_USE}, {NS_PRODUCT_DIAPER_CREAM, NS_USAGE_CREAM_APPLICATION}};
    struct ns_supply_line *lines = NS_NEW_N(act->arena, struct ns_supply_line, NS_COUNT(kinds));
    struct ns_delivery delivery;
    struct ns_child known;
    bool told = false;
    ns_date today = ns_act_today(act);
    *count = 0;
    *out = lines;
    ns_rc rc = ns_consent_need(act->db, act->now, NS_CONSENT_CHILD_DATA, err);
    if (rc == NS_OK) {
        rc = ns_child_get(act->db, child, act->arena, &known, err);
    }
    if (rc == NS_OK) {
        rc = ns_delivery_get(act->db, &delivery, &told, err);
    }
    for (size_t i = 0; rc == NS_OK && i < NS_COUNT(kinds); i++) {
        struct ns_supply_rows rows;
        struct ns_supply_input in = {.today = today};
        struct ns_supply_line *line = &lines[*count];
        rc = ns_row_supply(act->db, child, kinds[i].product, kinds[i].usage, today - SUPPLY_DAYS,
                           today - 1, &rows, err);
        if (told) {
            ns_forecast_lead_time(delivery.early_days, delivery.usual_days, delivery.late_days, in.lead_time);
        }
        if (rc == NS_OK && rows.stocked) {
            *line = (struct ns_supply_line){.product = kinds[i].product, .left = rows.left};
            if (!supply_input(act, &rows, &in, &line->from_logs)) {
                in.days = 0;
            }
            ns_supply_forecast(&in, &line->supply);
            (*count)++;
        }
    }
    return rc;
}
