#include "agent/store/rows.h"

#include "shared/base/buf.h"

#include <stdlib.h>
#include <string.h>

#define EXTRA                                                                                  \
    ", seq, r.seed, r.data_hash, r.result_hash, r.settings, r.packs_to_buy, r.pack_pieces, "   \
    "r.packs_held_back, r.weighings, r.week_accuracy "
#define FROM                                                                                   \
    "FROM consumption_predictions LEFT JOIN prediction_records r ON r.prediction_seq = seq "

#define COLUMNS                                                                                \
    "id, child_id, model_version, prediction_date, prediction_horizon_days, "                  \
    "confidence_level, mean_absolute_error, r_squared_score, current_consumption_rate, "       \
    "predicted_consumption_30d, predicted_runout_date, recommended_reorder_date, "             \
    "size_change_probability, predicted_new_size, size_change_estimated_date, "                \
    "growth_adjustment_factor, seasonal_adjustment_factor, feature_importance, "               \
    "training_data_points, training_period_days, last_usage_date, runout_earliest_date, "      \
    "runout_latest_date, runout_confidence, demand_30d_lower, demand_30d_upper, "              \
    "interval_coverage, model_kind, notes, stock_at_prediction, log_level, created_at"

enum { ADD, ADD_DAY, OF_CHILD, BEFORE, ALL, TOTAL_CHILD, TOTAL, DAYS, NEWEST_SEQ, ADD_RECORD, RECORD, Q_COUNT };
static const char *const queries[Q_COUNT] = {
    [ADD] = "INSERT INTO consumption_predictions (" COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, "
            "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [ADD_DAY] = "INSERT INTO consumption_prediction_days (prediction_seq, local_day, expected, "
                "lower, upper) VALUES (?, ?, ?, ?, ?)",
    [OF_CHILD] = "SELECT " COLUMNS EXTRA FROM "WHERE child_id = ? "
                 "ORDER BY seq DESC LIMIT ?",
    [BEFORE] = "SELECT " COLUMNS EXTRA FROM "WHERE child_id = ? AND created_at < ? "
               "ORDER BY seq DESC LIMIT 1",
    [ALL] = "SELECT " COLUMNS EXTRA FROM "ORDER BY seq DESC LIMIT ?",
    [TOTAL_CHILD] = "SELECT count(*) FROM consumption_predictions WHERE child_id = ?",
    [TOTAL] = "SELECT count(*) FROM consumption_predictions",
    [DAYS] = "SELECT local_day, expected, lower, upper FROM consumption_prediction_days "
             "WHERE prediction_seq = ? ORDER BY local_day",
    [ADD_RECORD] = "INSERT INTO prediction_records (prediction_seq, seed, data_hash, result_hash, "
                   "settings, packs_to_buy, pack_pieces, packs_held_back, weighings, "
                   "week_accuracy, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [RECORD] = "SELECT p.child_id, p.model_version, r.seed, r.data_hash, r.result_hash, "
               "r.settings, r.record, p.prediction_date FROM consumption_predictions p "
               "JOIN prediction_records r ON r.prediction_seq = p.seq WHERE p.id = ?",
    [NEWEST_SEQ] = "SELECT seq FROM consumption_predictions WHERE id = ?",
};

static char *join_notes(const struct ns_prediction *p) {
    struct ns_buf buf = NS_BUF(16 * 1024);
    ns_buf_text(&buf, "");
    for (int i = 0; i < p->note_count; i++) {
        ns_buf_text(&buf, i > 0 ? " " : "");
        ns_buf_text(&buf, p->notes[i]);
    }
    return ns_buf_take(&buf);
}

static ns_rc add_row(struct ns_db *db, const struct ns_prediction *p, struct ns_err *err) {
    struct ns_query q;
    char *notes = join_notes(p);
    ns_query_start(&q, db, queries[ADD]);
    ns_query_id(&q, p->id);
    ns_query_id(&q, p->child_id);
    ns_query_text(&q, p->model_version);
    ns_query_int(&q, p->prediction_date);
    ns_query_int(&q, p->horizon_days);
    ns_query_text(&q, p->confidence_level);
    ns_query_real(&q, p->mean_absolute_error);
    ns_query_real(&q, p->r_squared_score);
    ns_query_real(&q, p->current_consumption_rate);
    ns_query_int(&q, p->predicted_consumption_30d);
    ns_query_opt(&q, p->predicted_runout_date, NS_DATE_NONE);
    ns_query_opt(&q, p->recommended_reorder_date, NS_DATE_NONE);
    ns_query_real(&q, p->size_change_probability);
    ns_query_text(&q, p->predicted_new_size);
    ns_query_opt(&q, p->size_change_estimated_date, NS_DATE_NONE);
    ns_query_real(&q, p->growth_adjustment_factor);
    ns_query_real(&q, p->seasonal_adjustment_factor);
    ns_query_text(&q, p->feature_importance);
    ns_query_int(&q, p->training_data_points);
    ns_query_int(&q, p->training_period_days);
    ns_query_opt(&q, p->last_usage_date, NS_DATE_NONE);
    ns_query_opt(&q, p->runout_earliest_date, NS_DATE_NONE);
    ns_query_opt(&q, p->runout_latest_date, NS_DATE_NONE);
    ns_query_text(&q, p->runout_confidence);
    ns_query_int(&q, p->demand_30d_lower);
    ns_query_int(&q, p->demand_30d_upper);
    ns_query_real(&q, p->interval_coverage);
    ns_query_text(&q, p->model_kind);
    ns_query_text(&q, notes != NULL ? notes : "");
    ns_query_int(&q, p->stock_at_prediction);
    ns_query_real(&q, p->log_level);
    ns_query_int(&q, p->created_at);
    free(notes);
    return ns_query_run(&q, err);
}

static ns_rc add_record(struct ns_db *db, int64_t seq, const struct ns_prediction *p, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[ADD_RECORD]);
    ns_query_int(&q, seq);
    ns_query_int(&q, p->seed);
    ns_query_text(&q, p->data_hash);
    ns_query_text(&q, p->result_hash);
    ns_query_text(&q, p->settings);
    ns_query_opt(&q, p->packs_to_buy, NS_NONE);
    ns_query_int(&q, p->pack_pieces);
    ns_query_int(&q, p->packs_held_back);
    ns_query_int(&q, p->weighings);
    ns_query_real(&q, p->week_accuracy);
    ns_query_blob(&q, p->record.p, p->record.n);
    return ns_query_run(&q, err);
}

ns_rc ns_row_prediction_record(struct ns_db *db, ns_id id, struct ns_arena *arena,
                               struct ns_prediction *out, bool *found, struct ns_err *err) {
    struct ns_query q;
    *out = (struct ns_prediction){.id = id};
    ns_query_start(&q, db, queries[RECORD]);
    ns_query_id(&q, id);
    *found = ns_query_row(&q);
    if (*found) {
        struct ns_str bytes = ns_col_bytes(&q, 6);
        out->child_id = ns_col_id(&q, 0);
        out->model_version = ns_col_text(&q, 1, arena);
        out->seed = ns_col_int(&q, 2);
        out->data_hash = ns_col_text(&q, 3, arena);
        out->result_hash = ns_col_text(&q, 4, arena);
        out->settings = ns_col_text(&q, 5, arena);
        out->record = (struct ns_str){ns_arena_copy(arena, bytes), bytes.n};
        out->prediction_date = ns_col_int(&q, 7);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_prediction_add(struct ns_db *db, const struct ns_prediction *in, struct ns_err *err) {
    struct ns_query q;
    int64_t seq = 0;
    ns_rc rc = add_row(db, in, err);
    if (rc != NS_OK) {
        return rc;
    }
    ns_query_start(&q, db, queries[NEWEST_SEQ]);
    ns_query_id(&q, in->id);
    if (ns_query_row(&q)) {
        seq = ns_col_int(&q, 0);
    }
    rc = ns_query_end(&q, err);
    if (rc == NS_OK && in->data_hash != NULL) {
        rc = add_record(db, seq, in, err);
    }
    for (int i = 0; rc == NS_OK && i < in->day_count; i++) {
        ns_query_start(&q, db, queries[ADD_DAY]);
        ns_query_int(&q, seq);
        ns_query_int(&q, in->days[i].date);
        ns_query_real(&q, in->days[i].expected);
        ns_query_real(&q, in->days[i].lower);
        ns_query_real(&q, in->days[i].upper);
        rc = ns_query_run(&q, err);
    }
    return rc;
}

static void read_notes(const char *text, struct ns_arena *arena, struct ns_prediction *p) {
    struct ns_str rest = ns_str_of(text);
    const char **list = NULL;
    int count = 0, cap = 0;
    while (rest.n > 0) {
        struct ns_str key = ns_str_cut(&rest, ' ');
        NS_LIST_ROOM(arena, list, count, cap, const char *);
        list[count++] = ns_arena_copy(arena, key);
    }
    p->notes = list;
    p->note_count = count;
}

static int64_t read_prediction(const struct ns_query *q, struct ns_arena *arena,
                               struct ns_prediction *p) {
    *p = (struct ns_prediction){
        .id = ns_col_id(q, 0),
        .child_id = ns_col_id(q, 1),
        .model_version = ns_col_text(q, 2, arena),
        .prediction_date = ns_col_int(q, 3),
        .horizon_days = (int)ns_col_int(q, 4),
        .confidence_level = ns_col_text(q, 5, arena),
        .mean_absolute_error = ns_col_real(q, 6),
        .r_squared_score = ns_col_real(q, 7),
        .current_consumption_rate = ns_col_real(q, 8),
        .predicted_consumption_30d = (int)ns_col_int(q, 9),
        .predicted_runout_date = (ns_date)ns_col_opt(q, 10, NS_DATE_NONE),
        .recommended_reorder_date = (ns_date)ns_col_opt(q, 11, NS_DATE_NONE),
        .size_change_probability = ns_col_real(q, 12),
        .predicted_new_size = ns_col_text(q, 13, arena),
        .size_change_estimated_date = (ns_date)ns_col_opt(q, 14, NS_DATE_NONE),
        .growth_adjustment_factor = ns_col_real(q, 15),
        .seasonal_adjustment_factor = ns_col_real(q, 16),
        .feature_importance = ns_col_text(q, 17, arena),
        .training_data_points = (int)ns_col_int(q, 18),
        .training_period_days = (int)ns_col_int(q, 19),
        .last_usage_date = (ns_date)ns_col_opt(q, 20, NS_DATE_NONE),
        .runout_earliest_date = (ns_date)ns_col_opt(q, 21, NS_DATE_NONE),
        .runout_latest_date = (ns_date)ns_col_opt(q, 22, NS_DATE_NONE),
        .runout_confidence = ns_col_text(q, 23, arena),
        .demand_30d_lower = (int)ns_col_int(q, 24),
        .demand_30d_upper = (int)ns_col_int(q, 25),
        .interval_coverage = ns_col_real(q, 26),
        .model_kind = ns_col_text(q, 27, arena),
        .stock_at_prediction = ns_col_int(q, 29),
        .log_level = ns_col_real(q, 30),
        .created_at = ns_col_int(q, 31),
        .seed = ns_col_int(q, 33),
        .data_hash = ns_col_text(q, 34, arena),
        .result_hash = ns_col_text(q, 35, arena),
        .settings = ns_col_text(q, 36, arena),
        .packs_to_buy = (int)ns_col_opt(q, 37, NS_NONE),
        .pack_pieces = (int)ns_col_int(q, 38),
        .packs_held_back = (int)ns_col_int(q, 39),
        .weighings = (int)ns_col_int(q, 40),
        .week_accuracy = ns_col_real(q, 41),
    };
    read_notes(ns_col_text(q, 28, arena), arena, p);
    return ns_col_int(q, 32);
}

static ns_rc read_days(struct ns_db *db, int64_t seq, struct ns_arena *arena,
                       struct ns_prediction *p, struct ns_err *err) {
    struct ns_query q;
    struct ns_prediction_day *days = NULL;
    int count = 0, cap = 0;
    ns_query_start(&q, db, queries[DAYS]);
    ns_query_int(&q, seq);
    while (ns_query_row(&q)) {
        NS_LIST_ROOM(arena, days, count, cap, struct ns_prediction_day);
        days[count++] = (struct ns_prediction_day){(ns_date)ns_col_int(&q, 0), ns_col_real(&q, 1),
                                                   ns_col_real(&q, 2), ns_col_real(&q, 3)};
    }
    p->days = days;
    p->day_count = count;
    return ns_query_end(&q, err);
}

ns_rc ns_row_predictions(struct ns_db *db, ns_id child, int limit, struct ns_arena *arena,
                         struct ns_prediction **out, int *count, int64_t *total,
                         struct ns_err *err) {
    struct ns_query q;
    bool all = ns_id_is_zero(child);
    int64_t *seqs = NULL;
    int cap = 0, seq_cap = 0;
    *out = NULL;
    *count = 0;
    *total = 0;
    ns_query_start(&q, db, queries[all ? ALL : OF_CHILD]);
    if (!all) {
        ns_query_id(&q, child);
    }
    ns_query_int(&q, limit);
    while (ns_query_row(&q)) {
        NS_LIST_ROOM(arena, *out, *count, cap, struct ns_prediction);
        NS_LIST_ROOM(arena, seqs, *count, seq_cap, int64_t);
        seqs[*count] = read_prediction(&q, arena, &(*out)[*count]);
        (*count)++;
    }
    ns_rc rc = ns_query_end(&q, err);
    for (int i = 0; rc == NS_OK && i < *count; i++) {
        rc = read_days(db, seqs[i], arena, &(*out)[i], err);
    }
    if (rc != NS_OK) {
        return rc;
    }
    ns_query_start(&q, db, queries[all ? TOTAL : TOTAL_CHILD]);
    if (!all) {
        ns_query_id(&q, child);
    }
    if (ns_query_row(&q)) {
        *total = ns_col_int(&q, 0);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_prediction_before(struct ns_db *db, ns_id child, ns_time before, struct ns_arena *arena,
                               struct ns_prediction *out, bool *found, struct ns_err *err) {
    struct ns_query q;
    int64_t seq = 0;
    ns_query_start(&q, db, queries[BEFORE]);
    ns_query_id(&q, child);
    ns_query_int(&q, before);
    *found = ns_query_row(&q);
    if (*found) {
        seq = read_prediction(&q, arena, out);
    }
    ns_rc rc = ns_query_end(&q, err);
    return rc == NS_OK && *found ? read_days(db, seq, arena, out, err) : rc;
}

const struct ns_query_table ns_queries_predictions = {"predictions", queries, Q_COUNT};
