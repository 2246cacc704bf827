#include "agent/household/prediction.h"

#include "agent/household/act.h"

#include "agent/forecast/record.h"
#include "shared/crypto/crypto.h"

#include <stdlib.h>

#define DRIFT_DAYS 7  /* how old a forecast must be to be judged by what came */
#define DRIFT_LEAST 5 /* whole days it is judged by */
#define LOGS_BETWEEN 10 /* a new forecast after so many logs */

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

static const char *hex_hash(struct ns_arena *arena, const struct ns_buf *bytes) {
    uint8_t hash[32];
    char *text = ns_arena_alloc(arena, 65);
    ns_crypto_sha256(hash, bytes->data, bytes->len);
    for (int i = 0; i < 32; i++) {
        snprintf(text + 2 * i, 3, "%02x", hash[i]);
    }
    return text;
}

static const char *result_hash(struct ns_arena *arena, const struct ns_forecast *f) {
    struct ns_buf bytes = NS_BUF(1 << 16);
    ns_forecast_record_result(f, &bytes);
    const char *hash = hex_hash(arena, &bytes);
    ns_buf_fini(&bytes);
    return hash;
}

static const char *settings_json(const struct ns_forecast_input *in, struct ns_arena *arena) {
    struct ns_buf b = NS_BUF(4096);
    ns_buf_fmt(&b, "{\"model\":\"%s\",\"serviceLevel\":%.2f,\"reviewDays\":%d,\"leftoverValue\":%.2f,\"leadTime\":[",
               NS_FORECAST_MODEL_VERSION, in->service_level > 0 ? in->service_level : 0.95,
               in->review_days > 0 ? in->review_days : 30, in->leftover_value > 0 ? in->leftover_value : 0.5);
    double lead[NS_FORECAST_LEAD_MAX];
    ns_lead_times(in, lead);
    for (int l = 0; l < NS_FORECAST_LEAD_MAX; l++) {
        ns_buf_fmt(&b, "%s%.3g", l > 0 ? "," : "", lead[l]);
    }
    ns_buf_fmt(&b, "],\"useGrowthPrediction\":%s,\"useSeasonalAdjustments\":%s}",
               in->no_growth ? "false" : "true", in->no_seasons ? "false" : "true");
    const char *copy = ns_arena_copy(arena, ns_buf_view(&b));
    ns_buf_fini(&b);
    return copy;
}

/* What makes the prediction repeatable, and what it says of buying. */
static void fill_record(const struct ns_act *act, const struct ns_prediction_request *r, struct ns_prediction *p) {
    const struct ns_forecast *f = &r->result;
    struct ns_buf bytes = NS_BUF(1 << 20);
    ns_forecast_record_input(&r->input, &bytes);
    p->record = (struct ns_str){ns_arena_copy(act->arena, ns_buf_view(&bytes)), bytes.len};
    p->data_hash = hex_hash(act->arena, &bytes);
    ns_buf_fini(&bytes);
    p->result_hash = result_hash(act->arena, f);
    p->settings = settings_json(&r->input, act->arena);
    p->packs_to_buy = f->has_packs ? f->packs : NS_NONE;
    p->pack_pieces = f->pack_pieces;
    p->packs_held_back = f->packs_held_back;
    p->weighings = f->weighings;
    p->week_accuracy = f->has_week_accuracy ? f->week_accuracy : (double)NAN;
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
        .predicted_consumption_30d = f->total_q90 == 0 ? 0 : f->total_rounded > 1 ? f->total_rounded : 1,
        .predicted_runout_date = f->has_runout ? f->runout_median : NS_DATE_NONE,
        .recommended_reorder_date = f->reorder_date,
        .size_change_probability = f->has_size_change ? f->size_change_chance : (double)NAN,
        .predicted_new_size = f->has_size_change ? ns_size_display(f->next_size) : NULL,
        .size_change_estimated_date = f->has_size_change ? f->size_change_date : NS_DATE_NONE,
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
    fill_record(act, r, p);
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

ns_rc ns_prediction_drift(const struct ns_act *act, ns_id child, double *out, struct ns_err *err) {
    struct ns_prediction then;
    struct ns_series lived;
    ns_date today = ns_act_today(act);
    bool found = false;
    double error = 0;
    int days = 0;
    *out = (double)NAN;
    ns_rc rc = ns_row_prediction_before(act->db, child, ns_zone_day_start(act->zone, today - DRIFT_DAYS + 1), act->arena,
                                        &then, &found, err);
    if (rc != NS_OK || !found || !(then.mean_absolute_error > 0)) {
        return rc;
    }
    rc = ns_household_usage_days(act->db, child, today, NS_FORECAST_DAYS + DRIFT_DAYS, act->arena, &lived, err);
    for (int i = 0; rc == NS_OK && i < then.day_count; i++) {
        int at = lived.count - 1 - (today - then.days[i].date);
        if (then.days[i].date < today && at >= 0 && lived.days[at].status == NS_DAY_OK) {
            error += fabs(lived.days[at].count - then.days[i].expected);
            days++;
        }
    }
    if (rc == NS_OK && days >= DRIFT_LEAST) {
        *out = error / days / then.mean_absolute_error;
    }
    return rc;
}

bool ns_prediction_alert(const struct ns_prediction *p) {
    for (int i = 0; i < p->note_count; i++) {
        for (int n = 0; n < NS_NOTE_COUNT; n++) {
            if ((NS_NOTE_ALARMS & 1u << n) != 0 &&
                strcmp(p->notes[i], ns_msg_key((enum ns_msg)ns_forecast_note_msg((enum ns_forecast_note)n))) == 0) {
                return true;
            }
        }
    }
    return false;
}

ns_rc ns_replay_load(struct ns_db *db, ns_id id, struct ns_arena *arena, struct ns_replay *out,
                     struct ns_err *err) {
    bool found = false;
    *out = (struct ns_replay){0};
    ns_rc rc = ns_row_prediction_record(db, id, arena, &out->stored, &found, err);
    if (rc == NS_OK && !found) {
        rc = ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_hh_no_record, NULL, NULL, NULL);
    }
    return rc;
}

ns_rc ns_replay_run(struct ns_replay *out, struct ns_arena *arena, struct ns_err *err) {
    struct ns_forecast_input input;
    ns_rc rc = ns_forecast_record_read(out->stored.record, arena, &input, err);
    if (rc == NS_OK) {
        rc = ns_forecast_run(&input, arena, &out->forecast, err);
    }
    if (rc == NS_OK) {
        struct ns_buf bytes = NS_BUF(1 << 20);
        ns_forecast_record_input(&input, &bytes);
        out->same_data = strcmp(hex_hash(arena, &bytes), out->stored.data_hash) == 0;
        ns_buf_fini(&bytes);
        out->result_hash = result_hash(arena, &out->forecast);
        out->same_model = strcmp(out->stored.model_version, NS_FORECAST_MODEL_VERSION) == 0;
        out->same_bits = strcmp(out->result_hash, out->stored.result_hash) == 0;
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
