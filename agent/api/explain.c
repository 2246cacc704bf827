/* explain.c: a prediction in plain words. Every sentence rests on a number that was stored. */
#include "agent/api/context.h"

#include "agent/household/prediction.h"

#include <stdio.h>
#include <string.h>

#define SENTENCES 16

/* The sentences so far and the language they are in. */
struct words {
    struct ns_arena *arena;
    enum ns_lang lang;
    const char *list[SENTENCES];
    int count;
};

static void say(struct words *w, enum ns_msg msg, const char *a, const char *b, const char *c) {
    struct ns_buf buf = NS_BUF(2000);
    if (w->count < SENTENCES && NS_MSG_TO(&buf, w->lang, msg, a, b, c)) {
        w->list[w->count++] = ns_arena_copy(w->arena, ns_buf_view(&buf));
    }
    ns_buf_fini(&buf);
}

static const char *whole(struct words *w, int64_t value) {
    return ns_arena_printf(w->arena, "%lld", (long long)value);
}

static const char *fixed(struct words *w, double value, int decimals) {
    struct ns_buf buf = NS_BUF(60);
    double scale = decimals == 1 ? 10 : decimals == 2 ? 100 : 1;
    ns_text_fixed(&buf, w->lang, (int64_t)lround(value * scale), decimals);
    const char *text = ns_arena_copy(w->arena, ns_buf_view(&buf));
    ns_buf_fini(&buf);
    return text;
}

static const char *date(struct words *w, ns_date day) {
    struct ns_buf buf = NS_BUF(60);
    ns_text_date(&buf, w->lang, day, false);
    const char *text = ns_arena_copy(w->arena, ns_buf_view(&buf));
    ns_buf_fini(&buf);
    return text;
}

static void say_use(struct words *w, const struct ns_prediction *p) {
    if (p->training_data_points == 0 && p->current_consumption_rate <= 0) {
        say(w, NS_MSG_explain_awaited, NULL, NULL, NULL);
    } else if (p->training_data_points == 0) {
        say(w, NS_MSG_explain_rate_none, fixed(w, p->current_consumption_rate, 1), NULL, NULL);
    } else {
        say(w, ns_msg_plural(w->lang, p->training_data_points, NS_MSG_explain_rate_one, NS_MSG_explain_rate_other),
            fixed(w, p->current_consumption_rate, 1), whole(w, p->training_data_points), NULL);
    }
    if (p->demand_30d_upper > 0) { /* a birth further off than a month */
        say(w, NS_MSG_explain_demand, whole(w, p->predicted_consumption_30d),
            whole(w, p->demand_30d_lower), whole(w, p->demand_30d_upper));
    }
}

static void say_runout(struct words *w, const struct ns_prediction *p) {
    if (p->predicted_runout_date != NS_DATE_NONE) {
        struct ns_buf span = NS_BUF(200);
        ns_text_span(&span, w->lang, p->runout_earliest_date, p->runout_latest_date);
        say(w, NS_MSG_explain_runout, date(w, p->predicted_runout_date), span.data, NULL);
        ns_buf_fini(&span);
    }
}

/* What to do about it. */
static void say_advice(struct words *w, const struct ns_prediction *p, ns_date today) {
    if (p->recommended_reorder_date != NS_DATE_NONE) {
        say(w, p->recommended_reorder_date <= today ? NS_MSG_explain_order_today : NS_MSG_explain_order_by,
            date(w, p->recommended_reorder_date), NULL, NULL);
    }
    if (p->packs_to_buy > 0) {
        say(w, ns_msg_plural(w->lang, p->packs_to_buy, NS_MSG_explain_packs_one, NS_MSG_explain_packs_other),
            whole(w, p->packs_to_buy), whole(w, p->pack_pieces), NULL);
    }
    if (p->packs_held_back > 0) {
        say(w, ns_msg_plural(w->lang, p->packs_held_back, NS_MSG_explain_held_one, NS_MSG_explain_held_other),
            whole(w, p->packs_held_back), NULL, NULL);
    }
}

static void say_size(struct words *w, const struct ns_prediction *p) {
    if (isnan(p->size_change_probability) || p->predicted_new_size == NULL) {
        return;
    }
    const char *chance = whole(w, lround(p->size_change_probability * 100));
    enum ns_size size;
    const char *name = ns_size_parse(ns_str_of(p->predicted_new_size), &size) ? whole(w, (int)size) : "";
    if (p->size_change_estimated_date == NS_DATE_NONE) {
        say(w, NS_MSG_explain_size_far, name, chance, NULL);
    } else {
        say(w, NS_MSG_explain_size, name, date(w, p->size_change_estimated_date), chance);
    }
    say(w, p->weighings > 0 ? NS_MSG_explain_size_weight : NS_MSG_explain_size_age, NULL, NULL, NULL);
}

/* The component with the greatest share. The stored text is ours: {"trend":0.1234,...}. */
static void say_driver(struct words *w, const struct ns_prediction *p) {
    static const struct {
        const char *key;
        enum ns_msg msg;
    } rows[] = {{"trend", NS_MSG_explain_driver_trend}, {"weekly", NS_MSG_explain_driver_weekly},
                {"yearly", NS_MSG_explain_driver_yearly}, {"holidays", NS_MSG_explain_driver_holidays},
                {"growth_factor", NS_MSG_explain_driver_growth},
                {"seasonal_factor", NS_MSG_explain_driver_seasonal}};
    double best = 0;
    enum ns_msg msg = NS_MSG_NONE;
    for (size_t i = 0; i < NS_COUNT(rows); i++) {
        const char *key = ns_arena_printf(w->arena, "\"%s\":", rows[i].key);
        const char *at = strstr(p->feature_importance, key);
        double share = 0;
        if (at != NULL && sscanf(at + strlen(key), "%lf", &share) == 1 && share > best) {
            best = share;
            msg = rows[i].msg;
        }
    }
    if (msg != NS_MSG_NONE) {
        say(w, msg, whole(w, lround(best * 100)), NULL, NULL);
    }
}

static void say_accuracy(struct words *w, const struct ns_prediction *p) {
    if (!isnan(p->mean_absolute_error) && !isnan(p->interval_coverage)) {
        say(w, NS_MSG_explain_right, fixed(w, p->mean_absolute_error, 1),
            whole(w, lround(p->interval_coverage * 100)), NULL);
    }
    for (int i = 0; i < p->note_count; i++) {
        for (int n = 0; n < NS_NOTE_COUNT; n++) {
            enum ns_msg msg = (enum ns_msg)ns_forecast_note_msg((enum ns_forecast_note)n);
            if (strcmp(p->notes[i], ns_msg_key(msg)) == 0) {
                say(w, msg, NULL, NULL, NULL);
            }
        }
    }
}

void api_words_list(struct gql_out *out, struct ns_arena *arena, const char *const *words, int count) {
    struct gql_out *items = NS_NEW_N(arena, struct gql_out, (size_t)count);
    for (int i = 0; i < count; i++) {
        gql_cstr(&items[i], words[i]);
    }
    gql_list(out, items, (size_t)count);
}

static void explanation(const struct gql_call *call, const struct ns_prediction *p, struct gql_out *out) {
    const struct api_ctx *ctx = call->ctx;
    struct words w = {.arena = call->arena, .lang = ctx->lang};
    say_use(&w, p);
    say_runout(&w, p);
    say_advice(&w, p, ctx->today);
    say_size(&w, p);
    say_driver(&w, p);
    say_accuracy(&w, p);
    api_words_list(out, call->arena, w.list, w.count);
}

void api_prediction_advice(const struct gql_call *call, const void *prediction, struct gql_out *out) {
    const struct api_ctx *ctx = call->ctx;
    struct words w = {.arena = call->arena, .lang = ctx->lang};
    say_advice(&w, prediction, ctx->today);
    api_words_list(out, call->arena, w.list, w.count);
}

void api_get_prediction_more(const struct gql_call *call, const void *prediction, struct gql_out *out) {
    const struct ns_prediction *p = prediction;
    switch (call->field) {
    case GQL_F_ConsumptionPrediction_packsToBuy:
        if (p->packs_to_buy == NS_NONE) {
            gql_null(out);
        } else {
            gql_int(out, p->packs_to_buy);
        }
        break;
    case GQL_F_ConsumptionPrediction_packPieces: gql_int(out, p->pack_pieces); break;
    case GQL_F_ConsumptionPrediction_packsHeldBack: gql_int(out, p->packs_held_back); break;
    case GQL_F_ConsumptionPrediction_sizeChangeFromWeight: gql_bool(out, p->weighings > 0); break;
    case GQL_F_ConsumptionPrediction_alert: gql_bool(out, ns_prediction_alert(p)); break;
    case GQL_F_ConsumptionPrediction_weekAccuracy:
        api_decimal(out, call->arena, p->week_accuracy, 4);
        break;
    case GQL_F_ConsumptionPrediction_explanation: explanation(call, p, out); break;
    case GQL_F_ConsumptionPrediction_seed: gql_int(out, p->seed); break;
    case GQL_F_ConsumptionPrediction_dataHash: gql_cstr(out, p->data_hash); break;
    case GQL_F_ConsumptionPrediction_resultHash: gql_cstr(out, p->result_hash); break;
    default:
        gql_raw(out, ns_str_of(p->settings != NULL ? p->settings : "null"));
    }
}
