#include "agent/household/prediction.h"

#include "agent/household/act.h"

#include <stdlib.h>

#define LOGS_BETWEEN 10 /* a new forecast after so many logs */

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

ns_rc ns_prediction_run(struct ns_prediction_request *r, struct ns_err *err) {
    ns_rc rc = ns_forecast_run(&r->input, &r->arena, &r->result, err);
    r->done = rc == NS_OK;
    return rc;
}

void ns_prediction_free(struct ns_prediction_request *r) {
    if (r != NULL) {
        ns_arena_fini(&r->arena);
        free(r);
    }
}

static const char *importance_json(const struct ns_forecast *f, struct ns_arena *arena) {
    struct ns_buf b = NS_BUF(4096);
    ns_buf_char(&b, '{');
    for (int i = 0; i < NS_FEATURE_COUNT; i++) {
        ns_buf_fmt(&b, "%s\"%s\":%.4f", i > 0 ? "," : "", ns_feature_name((enum ns_feature)i),
                   f->importance[i]);
    }
    ns_buf_char(&b, '}');
    char *copy = ns_arena_copy(arena, ns_buf_view(&b));
    ns_buf_fini(&b);
    return copy;
}

static void notes_of(const struct ns_forecast *f, struct ns_arena *arena, struct ns_prediction *p) {
    const char **notes = NS_NEW_N(arena, const char *, NS_NOTE_COUNT);
    for (int i = 0; i < NS_NOTE_COUNT; i++) {
        if ((f->notes & (1u << i)) != 0) {
            notes[p->note_count++] =
                ns_msg_key((enum ns_msg)ns_forecast_note_msg((enum ns_forecast_note)i));
        }
    }
    p->notes = notes;
}

static void fill(const struct ns_act *act, const struct ns_prediction_request *r,
                 struct ns_prediction *p) {
    const struct ns_forecast *f = &r->result;
    struct ns_prediction_day *days =
        NS_NEW_N(act->arena, struct ns_prediction_day, NS_FORECAST_DAYS);
    for (int i = 0; i < NS_FORECAST_DAYS; i++) {
        days[i] = (struct ns_prediction_day){f->day[i].date, f->day[i].mean, f->day[i].q10,
                                             f->day[i].q90};
    }
    *p = (struct ns_prediction){
        .id = ns_id_new(act->env),
        .child_id = r->child_id,
        .model_version = f->model_version,
        .prediction_date = act->now,
        .horizon_days = NS_FORECAST_DAYS,
        .confidence_level = ns_confidence_name(f->confidence),
        .mean_absolute_error = f->has_mae ? f->mae : (double)NAN,
        .r_squared_score = f->has_r2 ? f->r2 : (double)NAN,
        .current_consumption_rate = f->current_rate,
        .predicted_consumption_30d = f->total_rounded > 1 ? f->total_rounded : 1,
        .predicted_runout_date = f->has_runout ? f->runout_median : NS_DATE_NONE,
        .recommended_reorder_date = f->reorder_date,
        .size_change_probability = (double)NAN,
        .size_change_estimated_date = NS_DATE_NONE,
        .growth_adjustment_factor = f->growth_factor,
        .seasonal_adjustment_factor = f->seasonal_factor,
        .feature_importance = importance_json(f, act->arena),
        .training_data_points = f->data_points,
        .training_period_days = f->period_days,
        .last_usage_date = f->last_ok_day,
        .runout_earliest_date = f->has_runout ? f->runout_q10 : NS_DATE_NONE,
        .runout_latest_date = f->has_runout ? f->runout_q90 : NS_DATE_NONE,
        .runout_confidence = ns_confidence_name(f->runout_confidence),
        .demand_30d_lower = f->total_q10,
        .demand_30d_upper = f->total_q90,
        .interval_coverage = f->has_coverage ? f->coverage : (double)NAN,
        .model_kind = ns_model_kind_name(f->kind),
        .stock_at_prediction = r->input.stock_pieces > 0 ? r->input.stock_pieces : 0,
        .log_level = f->log_level,
        .days = days,
        .day_count = NS_FORECAST_DAYS,
        .created_at = act->now,
    };
    notes_of(f, act->arena, p);
}

ns_rc ns_prediction_store(const struct ns_act *act, struct ns_prediction_request *r,
                          struct ns_prediction *out, struct ns_err *err) {
    struct ns_child child;
    if (!r->done) {
        return ns_err_note(err, NS_E_INTERNAL, "a forecast that has not run");
    }
    fill(act, r, out);
    ns_rc rc = ns_db_begin(act->db, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = ns_consent_need(act->db, act->now, NS_CONSENT_CHILD_DATA, err); /* may be gone by now */
    if (rc == NS_OK) {
        rc = act_child(act, r->child_id, &child, err);
    }
    if (rc == NS_OK) {
        rc = ns_row_prediction_add(act->db, out, err);
    }
    if (rc == NS_OK) {
        rc = act_audit(act, "PREDICTION_STORED", "prediction", out->id, NULL, err);
    }
    return act_end(act, rc, err);
}

ns_rc ns_prediction_list(struct ns_db *db, ns_id child, int limit, struct ns_arena *arena,
                         struct ns_prediction_page *out, struct ns_err *err) {
    struct ns_prediction *items = NULL;
    *out = (struct ns_prediction_page){0};
    ns_rc rc = ns_row_predictions(db, child, act_clamp(limit, 0, 100), arena, &items, &out->count,
                                  &out->total, err);
    out->items = items;
    return rc;
}

ns_rc ns_prediction_newest(struct ns_db *db, ns_id child, struct ns_arena *arena,
                           struct ns_prediction *out, bool *found, struct ns_err *err) {
    struct ns_prediction_page page;
    ns_rc rc = ns_prediction_list(db, child, 1, arena, &page, err);
    *found = rc == NS_OK && page.count > 0;
    if (*found) {
        *out = page.items[0];
    }
    return rc;
}

ns_rc ns_prediction_due(const struct ns_act *act, ns_id child, bool *out, struct ns_err *err) {
    struct ns_prediction p;
    bool found = false;
    int64_t logs = 0;
    ns_rc rc = ns_prediction_newest(act->db, child, act->arena, &p, &found, err);
    *out = rc == NS_OK;
    if (rc != NS_OK || !found ||
        ns_zone_local_day(act->zone, p.prediction_date) != ns_act_today(act)) {
        return rc;
    }
    rc = ns_row_logs_since(act->db, child, p.created_at, &logs, err);
    *out = logs >= LOGS_BETWEEN;
    return rc;
}
