#include "agent/order/suggest.h"

#include "agent/household/prediction.h"
#include "agent/order/parts.h"
#include "agent/store/preferences.h"

#define PACK_MOST 400 /* more pieces at once are several packs */

static ns_rc load_covering(const struct ns_act *act, struct ns_suggestion *s, struct ns_err *err) {
    struct ns_order_line line = {.product = NS_PRODUCT_DIAPER, .size = (int)s->child.current_size};
    uint8_t need[32];
    int64_t cycle = 0;
    ns_id open = {{0}};
    ns_rc rc = order_need(act, &s->child, &line, need, err);
    if (rc == NS_OK) {
        rc = ns_row_order_need(act->db, need, &cycle, &open, err);
    }
    if (rc == NS_OK && !ns_id_is_zero(open)) {
        s->ordered = true;
        rc = ns_order_get(act->db, open, NULL, act->arena, &s->order, err);
    }
    return rc;
}

static ns_rc load_pause(const struct ns_act *act, struct ns_suggestion *s, struct ns_err *err) {
    ns_rc rc = ns_row_pause(act->db, s->child.id, &s->pause, err);
    if (s->pause.until != NS_DATE_NONE && s->pause.until <= ns_act_today(act)) {
        s->pause = (struct ns_pause){NS_REORDER_NONE, NS_DATE_NONE};
    }
    return rc;
}

/* The one the forecast reckoned with: the pack usually bought, or the chart's. */
static ns_rc load_pack(const struct ns_act *act, struct ns_suggestion *s, struct ns_err *err) {
    struct ns_pack pack = {0};
    ns_rc rc = ns_row_pack_newest(act->db, s->child.id, s->child.current_size, act->arena, &pack, err);
    int bought = pack.pieces > 0 && pack.pieces <= PACK_MOST ? (int)pack.pieces : 0;
    s->pack_pieces = s->predicted && s->prediction.pack_pieces > 0 ? s->prediction.pack_pieces : bought;
    return rc;
}

static ns_rc find_offer(const struct ns_act *act, enum ns_province province, const struct ns_preferences *wishes,
                        int packs, struct ns_suggestion *s, struct ns_err *err) {
    struct ns_offers_query q = {.class = NS_TAX_CLASS_DIAPER_DISPOSABLE, .size = (int)s->child.current_size,
                                .packs = packs, .province = province, .day = ns_act_today(act), .now = act->now};
    struct ns_offer_wish wish = {.retailers = wishes->retailers, .retailer_count = wishes->retailer_count,
                                 .brands = wishes->brands, .brand_count = wishes->brand_count};
    return ns_offers_best(act->db, &q, &wish, act->arena, &s->offer, &s->offered, err);
}

static ns_rc load_lead(const struct ns_act *act, struct ns_plan_input *in, struct ns_err *err) {
    struct ns_forecast_input usual = {0};
    struct ns_delivery delivery;
    bool told = false;
    ns_rc rc = ns_row_delivery(act->db, &delivery, &told, err);
    if (rc == NS_OK && told) {
        ns_forecast_lead_time(delivery.early_days, delivery.usual_days, delivery.late_days, usual.lead_time);
    }
    ns_lead_times(&usual, in->lead);
    return rc;
}

static void take_forecast(const struct ns_act *act, const struct ns_prediction *p, struct ns_plan_input *in) {
    struct ns_plan_day *days = NS_NEW_N(act->arena, struct ns_plan_day, (size_t)p->day_count);
    for (int i = 0; i < p->day_count; i++) {
        days[i] = (struct ns_plan_day){p->days[i].expected, p->days[i].lower, p->days[i].upper};
    }
    in->days = days;
    in->day_count = p->day_count;
    in->first = p->day_count > 0 ? p->days[0].date : NS_DATE_NONE;
    in->total_low = p->demand_30d_lower;
    in->total_high = p->demand_30d_upper;
    in->size_chance = p->size_change_probability;
    in->size_change = p->size_change_estimated_date;
}

static ns_rc make_plan(const struct ns_act *act, enum ns_province province, struct ns_suggestion *s, struct ns_err *err) {
    ns_date today = ns_act_today(act);
    ns_time start = ns_zone_day_start(act->zone, today), end = ns_zone_day_start(act->zone, today + 1);
    struct ns_plan_input in = {.today = today, .size_chance = (double)NAN, .size_change = NS_DATE_NONE,
                               .today_left = (double)(end - act->now) / (double)(end - start), .covered = s->ordered};
    struct ns_preferences wishes;
    bool wished = false;
    ns_rc rc = ns_row_preferences(act->db, s->child.id, act->arena, &wishes, &wished, err);
    if (rc == NS_OK) {
        rc = load_lead(act, &in, err);
    }
    if (rc == NS_OK) {
        rc = find_offer(act, province, &wishes, 1, s, err);
    }
    if (rc != NS_OK) {
        return rc;
    }
    if (s->predicted) {
        take_forecast(act, &s->prediction, &in);
    }
    if (s->offered && s->offer.product.pieces > 0) {
        s->pack_pieces = (int)s->offer.product.pieces;
    }
    in.stock = s->left == NS_NONE ? -1 : s->left;
    in.pack_pieces = s->pack_pieces;
    in.shown_days = wished ? wishes.threshold_days : 0;
    ns_reorder_plan(&in, &s->plan);
    if (s->plan.packs > 1 && s->offered) { /* larger lots and free delivery change the price, not the pack */
        struct ns_offer_seen one = s->offer;
        rc = find_offer(act, province, &wishes, s->plan.packs, s, err);
        if (rc == NS_OK && s->offered && s->offer.product.pieces != one.product.pieces) {
            s->pack_pieces = (int)s->offer.product.pieces;
            in.pack_pieces = s->pack_pieces;
            ns_reorder_plan(&in, &s->plan);
            rc = s->plan.packs == 0 ? NS_OK : find_offer(act, province, &wishes, s->plan.packs, s, err);
        }
    }
    s->offered = s->offered && s->plan.packs > 0 && s->offer.product.pieces == s->pack_pieces;
    return rc;
}

bool ns_suggestion_stands(const struct ns_suggestion *s) {
    return s->plan.kind == NS_PLAN_DUE && s->pause.kind == NS_REORDER_NONE;
}

ns_rc ns_suggest(const struct ns_act *act, enum ns_province province, ns_id child, struct ns_suggestion *out,
                 struct ns_err *err) {
    int64_t stock = 0;
    bool ever = false;
    *out = (struct ns_suggestion){.left = NS_NONE};
    ns_rc rc = ns_child_get(act->db, child, act->arena, &out->child, err);
    if (rc == NS_OK) {
        rc = ns_household_usable_stock(act->db, child, out->child.current_size, ns_act_today(act), &stock, &ever, err);
        out->left = ever ? stock : NS_NONE;
    }
    if (rc == NS_OK) {
        rc = ns_prediction_newest(act->db, child, act->arena, &out->prediction, &out->predicted, err);
    }
    if (rc == NS_OK) {
        rc = load_covering(act, out, err);
    }
    if (rc == NS_OK) {
        rc = load_pause(act, out, err);
    }
    if (rc == NS_OK) {
        rc = load_pack(act, out, err);
    }
    return rc == NS_OK ? make_plan(act, province, out, err) : rc;
}

/* ---- pauses ---- */

static struct ns_pause pause_of(const struct ns_act *act, const struct ns_suggestion *s, enum ns_reorder_pause kind) {
    ns_date today = ns_act_today(act);
    struct ns_pause p = {kind, NS_DATE_NONE};
    if (kind == NS_REORDER_SNOOZE) {
        p.until = today + NS_SNOOZE_DAYS;
    } else if (kind == NS_REORDER_SKIP) {
        p.until = today + NS_SKIP_DAYS;
        p.until = s->plan.runout > p.until ? s->plan.runout : p.until;
    }
    return p;
}

static ns_rc put_pause(const struct ns_act *act, const struct ns_suggestion *s, enum ns_reorder_pause kind,
                       struct ns_pause *pause, struct ns_err *err) {
    const char *detail = ns_arena_printf(act->arena, "{\"pause\":\"%s\"}", ns_reorder_pause_name(kind));
    *pause = pause_of(act, s, kind);
    ns_rc rc = ns_db_begin(act->db, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = ns_row_pause_put(act->db, s->child.id, pause, act->actor.user, act->now, err);
    if (rc == NS_OK) {
        rc = ns_audit_append(act->db, act->env, act->now, &act->actor, "REORDER_PAUSED", "child", s->child.id, detail, err);
    }
    return order_end(act, rc, err);
}

ns_rc ns_reorder_pause(const struct ns_act *act, enum ns_province province, ns_id child, enum ns_reorder_pause kind,
                       struct ns_suggestion *out, struct ns_err *err) {
    ns_rc rc = ns_suggest(act, province, child, out, err);
    return rc == NS_OK ? put_pause(act, out, kind, &out->pause, err) : rc;
}
