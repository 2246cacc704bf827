/* prediction_load.c: everything the model is told about one child, copied out of the store. */
#include "agent/household/prediction.h"

#include "agent/household/act.h"
#include "agent/store/preferences.h"

#include <stdlib.h>

#define WEIGHINGS_MAX 400
#define MARKS_MAX 1000
#define COMPLAINT_DAYS 14 /* an older leak says nothing about the size worn now */
#define PACK_MAX 400      /* more pieces at once are several packs */

static ns_rc load_days(const struct ns_act *act, struct ns_prediction_request *r,
                       struct ns_err *err) {
    struct ns_series series;
    ns_date today = ns_act_today(act);
    ns_rc rc = ns_household_series(act->db, r->child_id, today, &r->arena, &series, err);
    if (rc != NS_OK) {
        return rc;
    }
    int skip = series.count > NS_FORECAST_SERIES_MAX ? series.count - NS_FORECAST_SERIES_MAX : 0;
    int count = series.count - skip;
    struct ns_use_day *days = NS_NEW_N(&r->arena, struct ns_use_day, (size_t)count);
    for (int i = 0; i < count; i++) {
        const struct ns_usage_day *d = &series.days[i + skip];
        days[i].date = d->date;
        days[i].count = d->count > 99 ? 99 : d->count;
        days[i].status = d->status == NS_DAY_GAP       ? NS_USE_MISSING
                         : d->status == NS_DAY_PARTIAL ? NS_USE_PARTIAL
                         : d->count == 0 && d->confirmed ? NS_USE_ZERO_CONFIRMED
                                                         : NS_USE_OK;
    }
    r->input.days = days;
    r->input.day_count = (size_t)count;
    return NS_OK;
}

/* The level of an older sibling with a measured forecast is the best first guess. */
static ns_rc load_sibling(const struct ns_act *act, const struct ns_child *child,
                          struct ns_prediction_request *r, struct ns_err *err) {
    const struct ns_child *all = NULL;
    int count = 0;
    ns_rc rc = ns_child_list(act->db, &r->arena, &all, &count, err);
    for (int i = 0; rc == NS_OK && i < count; i++) {
        struct ns_prediction p;
        bool found = false;
        if (all[i].date_of_birth >= child->date_of_birth || ns_id_eq(all[i].id, child->id)) {
            continue;
        }
        rc = ns_prediction_newest(act->db, all[i].id, &r->arena, &p, &found, err);
        if (rc == NS_OK && found && p.training_data_points >= 14) {
            r->input.has_sibling = true;
            r->input.sibling_log_level = p.log_level;
        }
    }
    return rc;
}

/* A weight told with the child counts as weighed on that day. */
static ns_rc load_weights(const struct ns_act *act, const struct ns_child *child,
                          struct ns_prediction_request *r, struct ns_err *err) {
    const struct ns_measurement *list = NULL;
    int count = 0;
    ns_rc rc = ns_measurement_list(act->db, child->id, &r->arena, &list, &count, err);
    struct ns_weighing *weighings = NS_NEW_N(&r->arena, struct ns_weighing, (size_t)count + 1);
    size_t n = 0;
    for (int i = count > WEIGHINGS_MAX ? count - WEIGHINGS_MAX : 0; i < count; i++) {
        if (list[i].weight_g != NS_NONE) {
            weighings[n++] = (struct ns_weighing){list[i].local_day, list[i].weight_g};
        }
    }
    if (n == 0 && child->weight_g != NS_NONE) {
        weighings[n++] = (struct ns_weighing){ns_zone_local_day(act->zone, child->created_at), child->weight_g};
    }
    r->input.weighings = weighings;
    r->input.weighing_count = n;
    return rc;
}

static ns_rc load_marks(const struct ns_act *act, ns_id child, struct ns_prediction_request *r,
                        struct ns_err *err) {
    static const enum ns_mark_kind kinds[] = {
        [NS_CHILD_MARK_ILLNESS] = NS_MARK_ILL,
        [NS_CHILD_MARK_DAYCARE] = NS_MARK_CARE,
        [NS_CHILD_MARK_DAYCARE_CLOSED] = NS_MARK_CARE_CLOSED,
        [NS_CHILD_MARK_TRAVEL] = NS_MARK_AWAY,
    };
    const struct ns_mark *list = NULL;
    int count = 0, leaks = 0;
    ns_date since = r->input.today - COMPLAINT_DAYS + 1;
    ns_rc rc = ns_mark_list(act->db, child, &r->arena, &list, &count, err);
    struct ns_use_mark *marks = NS_NEW_N(&r->arena, struct ns_use_mark, (size_t)count);
    size_t n = 0;
    int from = count > MARKS_MAX ? count - MARKS_MAX : 0;
    for (int i = from; i < count; i++) {
        if (list[i].kind == NS_CHILD_MARK_TOO_TIGHT) {
            r->input.complaints += list[i].first_day >= since && list[i].first_day <= r->input.today;
        } else {
            marks[n++] = (struct ns_use_mark){kinds[list[i].kind], list[i].first_day, list[i].last_day,
                                              (unsigned)list[i].weekdays};
        }
    }
    r->input.marks = marks;
    r->input.mark_count = n;
    if (rc == NS_OK) {
        rc = ns_row_leaks_since(act->db, child, since, &leaks, err);
        r->input.complaints += leaks;
    }
    return rc;
}

/* Everything a family tells besides the changes. */
static ns_rc load_family(const struct ns_act *act, const struct ns_child *child,
                         struct ns_prediction_request *r, struct ns_err *err) {
    struct ns_pack pack;
    struct ns_delivery delivery;
    struct ns_preferences wishes;
    bool told = false, wished = false;
    ns_rc rc = ns_row_days_early(act->db, child->id, &r->input.days_early, err);
    if (rc == NS_OK) {
        rc = ns_row_preferences(act->db, child->id, &r->arena, &wishes, &wished, err);
    }
    if (rc == NS_OK) {
        r->input.no_growth = !wishes.use_growth;
        r->input.no_seasons = !wishes.use_seasons;
        rc = load_weights(act, child, r, err);
    }
    if (rc == NS_OK) {
        rc = load_marks(act, child->id, r, err);
    }
    if (rc == NS_OK) {
        rc = ns_row_pack_newest(act->db, child->id, child->current_size, &r->arena, &pack, err);
    }
    if (rc == NS_OK) {
        r->input.brand = pack.brand != NULL ? pack.brand
                         : wishes.brand_count > 0 ? wishes.brands[0]
                         : child->brand_count > 0 ? child->preferred_brands[0] : NULL;
        r->input.pack_pieces = pack.pieces > 0 && pack.pieces <= PACK_MAX ? (int)pack.pieces : 0;
        rc = ns_row_delivery(act->db, &delivery, &told, err);
    }
    if (rc == NS_OK && told) {
        ns_forecast_lead_time(delivery.early_days, delivery.usual_days, delivery.late_days,
                              r->input.lead_time);
    }
    return rc;
}

static ns_rc load(const struct ns_act *act, struct ns_prediction_request *r, struct ns_err *err) {
    struct ns_child child;
    struct ns_household home;
    bool found = false, ever = false;
    int64_t stock = 0;
    ns_date today = ns_act_today(act);
    ns_rc rc = ns_consent_need(act->db, act->now, NS_CONSENT_CHILD_DATA, err);
    if (rc == NS_OK) {
        rc = ns_child_get(act->db, r->child_id, &r->arena, &child, err);
    }
    if (rc == NS_OK) {
        rc = ns_household_get(act->db, &r->arena, &home, &found, err);
    }
    if (rc != NS_OK) {
        return rc;
    }
    r->size = child.current_size;
    r->input.size_known = true;
    r->input.size = child.current_size;
    r->input.sex = child.gender == NS_GENDER_BOY    ? NS_FORECAST_SEX_BOY
                   : child.gender == NS_GENDER_GIRL ? NS_FORECAST_SEX_GIRL
                                                    : NS_FORECAST_SEX_UNKNOWN;
    r->input.today = today;
    r->input.birth = child.date_of_birth;
    r->input.province = ns_province_name(home.province);
    ns_time start = ns_zone_day_start(act->zone, today);
    ns_time end = ns_zone_day_start(act->zone, today + 1);
    r->input.today_left = (double)(end - act->now) / (double)(end - start);
    rc = ns_household_usable_stock(act->db, r->child_id, r->size, today, &stock, &ever, err);
    r->input.stock_pieces = ever ? stock : -1;
    if (rc == NS_OK) {
        rc = load_sibling(act, &child, r, err);
    }
    if (rc == NS_OK) {
        rc = load_family(act, &child, r, err);
    }
    return rc == NS_OK ? load_days(act, r, err) : rc;
}

ns_rc ns_prediction_load(const struct ns_act *act, ns_id child, struct ns_prediction_request **out,
                         struct ns_err *err) {
    struct ns_prediction_request *r = ns_xcalloc(1, sizeof *r);
    r->child_id = child;
    *out = NULL;
    ns_rc rc = load(act, r, err);
    if (rc != NS_OK) {
        ns_prediction_free(r);
        return rc;
    }
    *out = r;
    return NS_OK;
}
