#include "agent/forecast/record.h"

#include <string.h>

#define MAGIC 0x3146534eU  /* "NSF1" */
#define MAGIC2 0x3246534eU /* "NSF2": two wishes follow; written when there is one */
#define TEXT_MAX 400

static void put(struct ns_buf *out, uint64_t value) {
    for (int i = 0; i < 8; i++) {
        ns_buf_char(out, (char)(unsigned char)(value >> (8 * i)));
    }
}

static void put_int(struct ns_buf *out, int64_t value) {
    put(out, (uint64_t)value);
}

static void put_real(struct ns_buf *out, double value) {
    uint64_t bits;
    value = value == 0 ? 0 : value; /* one zero */
    memcpy(&bits, &value, sizeof bits);
    put(out, bits);
}

static void put_text(struct ns_buf *out, const char *text) {
    size_t n = text != NULL ? strlen(text) : 0;
    n = n < TEXT_MAX ? n : TEXT_MAX;
    put_int(out, text != NULL ? (int64_t)n : -1);
    ns_buf_str(out, (struct ns_str){text != NULL ? text : "", n});
}

void ns_forecast_record_input(const struct ns_forecast_input *in, struct ns_buf *out) {
    bool wishes = in->no_growth || in->no_seasons;
    put(out, wishes ? MAGIC2 : MAGIC);
    if (wishes) {
        put_int(out, in->no_growth);
        put_int(out, in->no_seasons);
    }
    put_int(out, in->today);
    put_int(out, in->birth);
    put_int(out, in->days_early);
    put_text(out, in->province);
    put_int(out, in->stock_pieces);
    put_real(out, in->today_left);
    for (int l = 0; l < NS_FORECAST_LEAD_MAX; l++) {
        put_real(out, in->lead_time[l]);
    }
    put_real(out, in->service_level);
    put_int(out, in->has_sibling);
    put_real(out, in->sibling_log_level);
    put_int(out, in->size_known);
    put_int(out, (int)in->size);
    put_text(out, in->brand);
    put_int(out, (int)in->sex);
    put_int(out, in->complaints);
    put_int(out, in->pack_pieces);
    put_int(out, in->review_days);
    put_real(out, in->leftover_value);
    put_int(out, (int64_t)in->mark_count);
    for (size_t i = 0; i < in->mark_count; i++) {
        put_int(out, (int)in->marks[i].kind);
        put_int(out, in->marks[i].first);
        put_int(out, in->marks[i].last);
        put_int(out, in->marks[i].weekdays);
    }
    put_int(out, (int64_t)in->weighing_count);
    for (size_t i = 0; i < in->weighing_count; i++) {
        put_int(out, in->weighings[i].date);
        put_int(out, in->weighings[i].grams);
    }
    put_int(out, (int64_t)in->day_count);
    for (size_t i = 0; i < in->day_count; i++) { /* most of the bytes: 6 a day */
        uint32_t date = (uint32_t)in->days[i].date;
        for (int b = 0; b < 4; b++) {
            ns_buf_char(out, (char)(unsigned char)(date >> (8 * b)));
        }
        ns_buf_char(out, (char)in->days[i].count);
        ns_buf_char(out, (char)in->days[i].status);
    }
}

struct reader {
    struct ns_str rest;
    bool bad;
};

static uint64_t take_bytes(struct reader *r, size_t n) {
    uint64_t value = 0;
    if (r->rest.n < n) {
        r->bad = true;
        return 0;
    }
    for (size_t i = 0; i < n; i++) {
        value |= (uint64_t)(unsigned char)r->rest.p[i] << (8 * i);
    }
    r->rest.p += n;
    r->rest.n -= n;
    return value;
}

static int64_t take_int(struct reader *r, int64_t low, int64_t high) {
    int64_t value = (int64_t)take_bytes(r, 8);
    if (value < low || value > high) {
        r->bad = true;
        return low;
    }
    return value;
}

static int take_small(struct reader *r, int high) {
    return (int)take_int(r, 0, high);
}

static ns_date take_date(struct reader *r) {
    return (ns_date)take_int(r, INT32_MIN, INT32_MAX);
}

static double take_real(struct reader *r) {
    uint64_t bits = take_bytes(r, 8);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static const char *take_text(struct reader *r, struct ns_arena *arena) {
    int64_t n = take_int(r, -1, TEXT_MAX);
    if (r->bad || n < 0 || r->rest.n < (size_t)n) {
        r->bad = r->bad || n >= 0;
        return NULL;
    }
    const char *text = ns_arena_copy(arena, (struct ns_str){r->rest.p, (size_t)n});
    r->rest.p += n;
    r->rest.n -= (size_t)n;
    return text;
}

static void take_lists(struct reader *r, struct ns_arena *arena, struct ns_forecast_input *in) {
    in->mark_count = (size_t)take_small(r, 4000);
    struct ns_use_mark *marks = NS_NEW_N(arena, struct ns_use_mark, in->mark_count);
    for (size_t i = 0; i < in->mark_count && !r->bad; i++) {
        marks[i].kind = (enum ns_mark_kind)take_small(r, NS_MARK_AWAY);
        marks[i].first = take_date(r);
        marks[i].last = take_date(r);
        marks[i].weekdays = (unsigned)take_small(r, 127);
    }
    in->marks = marks;
    in->weighing_count = (size_t)take_small(r, 4000);
    struct ns_weighing *weighings = NS_NEW_N(arena, struct ns_weighing, in->weighing_count);
    for (size_t i = 0; i < in->weighing_count && !r->bad; i++) {
        weighings[i].date = take_date(r);
        weighings[i].grams = take_small(r, 1000000);
    }
    in->weighings = weighings;
    in->day_count = (size_t)take_small(r, NS_FORECAST_SERIES_MAX);
    struct ns_use_day *days = NS_NEW_N(arena, struct ns_use_day, in->day_count);
    for (size_t i = 0; i < in->day_count && !r->bad; i++) {
        days[i].date = (ns_date)(int32_t)(uint32_t)take_bytes(r, 4);
        days[i].count = (int)take_bytes(r, 1);
        days[i].status = (enum ns_use_status)take_bytes(r, 1);
        r->bad = r->bad || days[i].status > NS_USE_ZERO_CONFIRMED;
    }
    in->days = days;
}

ns_rc ns_forecast_record_read(struct ns_str bytes, struct ns_arena *arena,
                              struct ns_forecast_input *in, struct ns_err *err) {
    struct reader r = {bytes, false};
    memset(in, 0, sizeof *in);
    uint64_t magic = take_bytes(&r, 8);
    r.bad = magic != MAGIC && magic != MAGIC2;
    if (magic == MAGIC2) {
        in->no_growth = take_small(&r, 1) != 0;
        in->no_seasons = take_small(&r, 1) != 0;
    }
    in->today = take_date(&r);
    in->birth = take_date(&r);
    in->days_early = (int)take_int(&r, -1000, 1000);
    in->province = take_text(&r, arena);
    in->stock_pieces = take_int(&r, INT64_MIN, INT64_MAX);
    in->today_left = take_real(&r);
    for (int l = 0; l < NS_FORECAST_LEAD_MAX; l++) {
        in->lead_time[l] = take_real(&r);
    }
    in->service_level = take_real(&r);
    in->has_sibling = take_small(&r, 1) != 0;
    in->sibling_log_level = take_real(&r);
    in->size_known = take_small(&r, 1) != 0;
    in->size = (enum ns_size)take_small(&r, NS_SIZE_COUNT - 1);
    in->brand = take_text(&r, arena);
    in->sex = (enum ns_forecast_sex)take_small(&r, NS_FORECAST_SEX_UNKNOWN);
    in->complaints = take_small(&r, 100000);
    in->pack_pieces = take_small(&r, 1000000);
    in->review_days = take_small(&r, 1000);
    in->leftover_value = take_real(&r);
    if (!r.bad) {
        take_lists(&r, arena, in);
    }
    if (r.bad || r.rest.n != 0) {
        return ns_err_note(err, NS_E_DAMAGED, "forecast: the stored input cannot be read");
    }
    return NS_OK;
}

static void put_sum(struct ns_buf *out, const struct ns_forecast_sum *sum) {
    put_real(out, sum->mean);
    put_int(out, sum->q10);
    put_int(out, sum->q50);
    put_int(out, sum->q90);
}

void ns_forecast_record_result(const struct ns_forecast *f, struct ns_buf *out) {
    put_text(out, f->model_version);
    put_int(out, (int)f->kind);
    put_int(out, f->data_points);
    for (int h = 0; h < NS_FORECAST_DAYS; h++) {
        put_int(out, f->day[h].date);
        put_real(out, f->day[h].mean);
        put_int(out, f->day[h].q10);
        put_int(out, f->day[h].q50);
        put_int(out, f->day[h].q90);
        put_sum(out, &f->total[h]);
    }
    const double reals[] = {f->current_rate, f->total_mean, f->total_sd, f->mae, f->r2,
                            f->coverage, f->week_accuracy, f->growth_factor, f->seasonal_factor,
                            f->log_level, f->log_level_sd, f->dispersion, f->size_change_chance};
    for (size_t i = 0; i < NS_COUNT(reals); i++) {
        put_real(out, reals[i]);
    }
    for (int i = 0; i < NS_FEATURE_COUNT; i++) {
        put_real(out, f->importance[i]);
    }
    const int64_t ints[] = {f->has_runout, f->runout_q10, f->runout_median, f->runout_q90,
                            f->reorder_date, (int)f->confidence, (int)f->runout_confidence,
                            f->backtest_pairs, f->packs, f->pack_pieces, f->packs_held_back,
                            (int)f->next_size, f->size_change_date, (int64_t)f->notes};
    for (size_t i = 0; i < NS_COUNT(ints); i++) {
        put_int(out, ints[i]);
    }
}
