#include "agent/store/money.h"

#include "agent/store/rows.h"

#include <string.h>

#define SUBSCRIPTION_COLUMNS                                                                   \
    "id, user_id, tier, is_active, stripe_subscription_id, stripe_customer_id, "               \
    "billing_amount_cad, gst_rate, pst_hst_rate, total_tax_rate, features, created_at, "       \
    "updated_at, status, source, stripe_price_id, stripe_item_id, yearly, province, "          \
    "next_tier, trial_start, trial_end, period_start, period_end, cooling_off_end, "           \
    "consent_at, grace_until, cancelled_at, cancel_at_period_end"
#define BILL_COLUMNS                                                                           \
    "seq, id, user_id, subscription_id, kind, status, tier, subtotal, gst, hst, pst, qst, "    \
    "total, province, stripe_invoice_id, stripe_payment_id, invoice_number, invoice_url, "     \
    "pdf_url, period_start, period_end, refunded, refund_reason, practice, created_at"
#define CARD_COLUMNS                                                                           \
    "id, user_id, stripe_id, brand, last4, exp_month, exp_year, is_default, is_active, "       \
    "created_at, updated_at"

enum {
    SUB, SUB_LAST, SUB_AT_STRIPE, SUBS, SUB_PUT, TRIAL, TRIAL_USES, TRIAL_PUT, TRIAL_USE, BILL_PUT,
    BILL, BILL_OF_INVOICE, BILLS, BILL_COUNT, CARD_PUT, CARD_AT_STRIPE, CARDS, CARDS_NO_DEFAULT,
    NOTICE, NOTICES, SECRET, SECRET_PUT, Q_COUNT
};
static const char *const queries[Q_COUNT] = {
    [SUB] = "SELECT " SUBSCRIPTION_COLUMNS " FROM reorder_subscriptions WHERE user_id = ? AND is_active = 1",
    [SUB_LAST] = "SELECT " SUBSCRIPTION_COLUMNS " FROM reorder_subscriptions WHERE user_id = ? "
                 "ORDER BY created_at DESC LIMIT 1",
    [SUB_AT_STRIPE] = "SELECT " SUBSCRIPTION_COLUMNS " FROM reorder_subscriptions WHERE stripe_subscription_id = ?",
    [SUBS] = "SELECT " SUBSCRIPTION_COLUMNS " FROM reorder_subscriptions WHERE user_id = ? "
             "ORDER BY created_at DESC LIMIT ?",
    [SUB_PUT] = "INSERT INTO reorder_subscriptions (" SUBSCRIPTION_COLUMNS ") VALUES "
                "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET "
                "tier = excluded.tier, is_active = excluded.is_active, "
                "stripe_subscription_id = excluded.stripe_subscription_id, "
                "stripe_customer_id = excluded.stripe_customer_id, "
                "billing_amount_cad = excluded.billing_amount_cad, "
                "gst_rate = excluded.gst_rate, pst_hst_rate = excluded.pst_hst_rate, "
                "total_tax_rate = excluded.total_tax_rate, features = excluded.features, "
                "updated_at = excluded.updated_at, status = excluded.status, "
                "source = excluded.source, stripe_price_id = excluded.stripe_price_id, "
                "stripe_item_id = excluded.stripe_item_id, yearly = excluded.yearly, "
                "province = excluded.province, next_tier = excluded.next_tier, "
                "trial_start = excluded.trial_start, trial_end = excluded.trial_end, "
                "period_start = excluded.period_start, period_end = excluded.period_end, "
                "cooling_off_end = excluded.cooling_off_end, "
                "consent_at = excluded.consent_at, grace_until = excluded.grace_until, "
                "cancelled_at = excluded.cancelled_at, "
                "cancel_at_period_end = excluded.cancel_at_period_end",
    [TRIAL] = "SELECT id, tier, started_at, ends_at, converted_at, cancelled_at, updated_at FROM trials WHERE user_id = ?",
    [TRIAL_USES] = "SELECT count(DISTINCT feature) FILTER (WHERE event_type = 'FEATURE_USED'), "
                   "count(DISTINCT local_day), coalesce(sum(value_saved), 0), "
                   "count(DISTINCT feature) FILTER (WHERE event_type = 'FEATURE_USED' AND feature IN "
                   "('family_sharing', 'reorder_suggestions', 'smart_reorder_suggestions', "
                   "'advanced_analytics', 'price_alerts', 'automation')) "
                   "FROM trial_uses WHERE user_id = ?",
    [TRIAL_PUT] = "INSERT OR REPLACE INTO trials (user_id, id, tier, started_at, ends_at, converted_at, "
                  "cancelled_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    [TRIAL_USE] = "INSERT INTO trial_uses (user_id, local_day, feature, event_type, times, value_saved) "
                  "VALUES (?, ?, ?, ?, 1, ?) ON CONFLICT (user_id, local_day, feature, event_type) DO UPDATE SET "
                  "times = times + 1, value_saved = value_saved + excluded.value_saved",
    [BILL_PUT] = "INSERT INTO billing_records (" BILL_COLUMNS ") VALUES "
                 "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                 "ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, status = excluded.status, subtotal = excluded.subtotal, "
                 "gst = excluded.gst, hst = excluded.hst, pst = excluded.pst, qst = excluded.qst, "
                 "total = excluded.total, stripe_payment_id = excluded.stripe_payment_id, "
                 "invoice_number = excluded.invoice_number, invoice_url = excluded.invoice_url, "
                 "pdf_url = excluded.pdf_url, refunded = excluded.refunded, refund_reason = excluded.refund_reason",
    [BILL] = "SELECT " BILL_COLUMNS " FROM billing_records WHERE id = ?",
    [BILL_OF_INVOICE] = "SELECT " BILL_COLUMNS " FROM billing_records WHERE stripe_invoice_id = ?",
    [BILLS] = "SELECT " BILL_COLUMNS " FROM billing_records WHERE user_id = ? ORDER BY seq DESC LIMIT ? OFFSET ?",
    [BILL_COUNT] = "SELECT count(*) FROM billing_records WHERE user_id = ?",
    [CARD_PUT] = "INSERT INTO payment_methods (" CARD_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                 "ON CONFLICT (stripe_id) DO UPDATE SET brand = excluded.brand, last4 = excluded.last4, "
                 "exp_month = excluded.exp_month, exp_year = excluded.exp_year, is_default = excluded.is_default, "
                 "is_active = excluded.is_active, updated_at = excluded.updated_at",
    [CARD_AT_STRIPE] = "SELECT " CARD_COLUMNS " FROM payment_methods WHERE stripe_id = ?",
    [CARDS] = "SELECT " CARD_COLUMNS " FROM payment_methods WHERE user_id = ? AND is_active = 1 "
              "ORDER BY is_default DESC, seq DESC",
    [CARDS_NO_DEFAULT] = "UPDATE payment_methods SET is_default = 0, updated_at = ? WHERE user_id = ? AND is_active = 1",
    [NOTICE] = "INSERT INTO billing_notices (kind, subject, at, detail) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
    [NOTICES] = "SELECT kind, subject, at, detail FROM billing_notices WHERE at >= ? ORDER BY at DESC LIMIT ?",
    [SECRET] = "SELECT value FROM secrets WHERE name = ?",
    [SECRET_PUT] = "INSERT OR REPLACE INTO secrets (name, value, at) VALUES (?, ?, ?)",
};
/* ---- subscriptions ---- */

static void read_subscription(struct ns_query *q, struct ns_arena *arena, struct ns_subscription *s) {
    *s = (struct ns_subscription){.next_tier = NS_NONE};
    s->id = ns_col_id(q, 0);
    s->user_id = ns_col_id(q, 1);
    ns_tier_parse(ns_col_bytes(q, 2), &s->tier);
    s->is_active = ns_col_int(q, 3) != 0;
    s->stripe_subscription_id = ns_col_text(q, 4, arena);
    s->stripe_customer_id = ns_col_text(q, 5, arena);
    s->billing_amount = ns_col_int(q, 6);
    s->gst_ppm = ns_col_int(q, 7);
    s->pst_hst_ppm = ns_col_int(q, 8);
    s->total_ppm = ns_col_int(q, 9);
    s->features = ns_col_text(q, 10, arena);
    s->created_at = ns_col_int(q, 11);
    s->updated_at = ns_col_int(q, 12);
    ns_pay_status_parse(ns_col_bytes(q, 13), &s->status);
    ns_pay_source_parse(ns_col_bytes(q, 14), &s->source);
    s->stripe_price_id = ns_col_text(q, 15, arena);
    s->stripe_item_id = ns_col_text(q, 16, arena);
    s->yearly = ns_col_int(q, 17) != 0;
    ns_province_parse(ns_col_bytes(q, 18), &s->province);
    enum ns_tier next;
    if (!ns_col_null(q, 19) && ns_tier_parse(ns_col_bytes(q, 19), &next)) {
        s->next_tier = (int)next;
    }
    ns_time *const times[] = {&s->trial_start, &s->trial_end, &s->period_start, &s->period_end,
                              &s->cooling_off_end, &s->consent_at, &s->grace_until, &s->cancelled_at};
    for (int i = 0; i < (int)NS_COUNT(times); i++) {
        *times[i] = ns_col_opt(q, 20 + i, NS_TIME_NONE);
    }
    s->cancel_at_period_end = ns_col_int(q, 28) != 0;
}

static ns_rc one_subscription(struct ns_query *q, struct ns_arena *arena,
                              struct ns_subscription *out, bool *found, struct ns_err *err) {
    *found = ns_query_row(q);
    if (*found) {
        read_subscription(q, arena, out);
    }
    return ns_query_end(q, err);
}

ns_rc ns_row_subscription(struct ns_db *db, ns_id user, struct ns_arena *arena,
                          struct ns_subscription *out, bool *found, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[SUB]);
    ns_query_id(&q, user);
    return one_subscription(&q, arena, out, found, err);
}

ns_rc ns_row_subscription_last(struct ns_db *db, ns_id user, struct ns_arena *arena,
                               struct ns_subscription *out, bool *found, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[SUB_LAST]);
    ns_query_id(&q, user);
    return one_subscription(&q, arena, out, found, err);
}

ns_rc ns_row_subscription_at_stripe(struct ns_db *db, const char *stripe_id, struct ns_arena *arena,
                                    struct ns_subscription *out, bool *found, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[SUB_AT_STRIPE]);
    ns_query_text(&q, stripe_id);
    return one_subscription(&q, arena, out, found, err);
}

ns_rc ns_row_subscriptions(struct ns_db *db, ns_id user, int limit, struct ns_arena *arena,
                           struct ns_subscription **out, int *count, struct ns_err *err) {
    struct ns_query q;
    int cap = 0;
    *out = NULL;
    *count = 0;
    ns_query_start(&q, db, queries[SUBS]);
    ns_query_id(&q, user);
    ns_query_int(&q, limit);
    while (ns_query_row(&q)) {
        NS_LIST_ROOM(arena, *out, *count, cap, struct ns_subscription);
        read_subscription(&q, arena, &(*out)[(*count)++]);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_subscription_put(struct ns_db *db, const struct ns_subscription *s, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[SUB_PUT]);
    ns_query_id(&q, s->id);
    ns_query_id(&q, s->user_id);
    ns_query_text(&q, ns_tier_name(s->tier));
    ns_query_int(&q, s->is_active);
    ns_query_text(&q, s->stripe_subscription_id);
    ns_query_text(&q, s->stripe_customer_id);
    ns_query_int(&q, s->billing_amount);
    ns_query_int(&q, s->gst_ppm);
    ns_query_int(&q, s->pst_hst_ppm);
    ns_query_int(&q, s->total_ppm);
    ns_query_text(&q, s->features);
    ns_query_int(&q, s->created_at);
    ns_query_int(&q, s->updated_at);
    ns_query_text(&q, ns_pay_status_name(s->status));
    ns_query_text(&q, ns_pay_source_name(s->source));
    ns_query_text(&q, s->stripe_price_id);
    ns_query_text(&q, s->stripe_item_id);
    ns_query_int(&q, s->yearly);
    ns_query_text(&q, ns_province_name(s->province));
    ns_query_text(&q, s->next_tier == NS_NONE ? NULL : ns_tier_name((enum ns_tier)s->next_tier));
    const ns_time times[] = {s->trial_start, s->trial_end, s->period_start, s->period_end,
                             s->cooling_off_end, s->consent_at, s->grace_until, s->cancelled_at};
    for (size_t i = 0; i < NS_COUNT(times); i++) {
        ns_query_opt(&q, times[i], NS_TIME_NONE);
    }
    ns_query_int(&q, s->cancel_at_period_end);
    return ns_query_run(&q, err);
}

/* ---- trials ---- */

ns_rc ns_row_trial(struct ns_db *db, ns_id user, struct ns_trial *out, bool *found, struct ns_err *err) {
    struct ns_query q;
    *out = (struct ns_trial){.user_id = user};
    ns_query_start(&q, db, queries[TRIAL]);
    ns_query_id(&q, user);
    *found = ns_query_row(&q);
    if (*found) {
        out->id = ns_col_id(&q, 0);
        ns_tier_parse(ns_col_bytes(&q, 1), &out->tier);
        out->started_at = ns_col_int(&q, 2);
        out->ends_at = ns_col_int(&q, 3);
        out->converted_at = ns_col_opt(&q, 4, NS_TIME_NONE);
        out->cancelled_at = ns_col_opt(&q, 5, NS_TIME_NONE);
        out->updated_at = ns_col_int(&q, 6);
    }
    ns_rc rc = ns_query_end(&q, err);
    if (rc != NS_OK || !*found) {
        return rc;
    }
    ns_query_start(&q, db, queries[TRIAL_USES]);
    ns_query_id(&q, user);
    if (ns_query_row(&q)) {
        out->features_used = (int)ns_col_int(&q, 0);
        out->usage_days = (int)ns_col_int(&q, 1);
        out->value_saved = ns_col_int(&q, 2);
        int groups = (int)ns_col_int(&q, 3);
        out->engagement_score = groups > 5 ? 100 : groups * 20;
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_trial_put(struct ns_db *db, const struct ns_trial *t, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[TRIAL_PUT]);
    ns_query_id(&q, t->user_id);
    ns_query_id(&q, t->id);
    ns_query_text(&q, ns_tier_name(t->tier));
    ns_query_int(&q, t->started_at);
    ns_query_int(&q, t->ends_at);
    ns_query_opt(&q, t->converted_at, NS_TIME_NONE);
    ns_query_opt(&q, t->cancelled_at, NS_TIME_NONE);
    ns_query_int(&q, t->updated_at);
    return ns_query_run(&q, err);
}

ns_rc ns_row_trial_use(struct ns_db *db, ns_id user, ns_date day, const char *feature,
                       enum ns_trial_event type, ns_money saved, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[TRIAL_USE]);
    ns_query_id(&q, user);
    ns_query_int(&q, day);
    ns_query_text(&q, feature);
    ns_query_text(&q, ns_trial_event_name(type));
    ns_query_int(&q, saved);
    return ns_query_run(&q, err);
}

/* ---- bills ---- */

static void read_bill(struct ns_query *q, struct ns_arena *arena, struct ns_bill *b) {
    *b = (struct ns_bill){.province = NS_NONE};
    enum ns_province province;
    b->seq = ns_col_int(q, 0);
    b->id = ns_col_id(q, 1);
    b->user_id = ns_col_id(q, 2);
    b->subscription_id = ns_col_id(q, 3);
    ns_bill_kind_parse(ns_col_bytes(q, 4), &b->kind);
    ns_bill_status_parse(ns_col_bytes(q, 5), &b->status);
    ns_tier_parse(ns_col_bytes(q, 6), &b->tier);
    b->subtotal = ns_col_int(q, 7);
    for (int i = 0; i < 4; i++) {
        b->tax[i] = ns_col_opt(q, 8 + i, NS_NO_TAX);
    }
    b->total = ns_col_int(q, 12);
    if (!ns_col_null(q, 13) && ns_province_parse(ns_col_bytes(q, 13), &province)) {
        b->province = (int)province;
    }
    const char **texts[] = {&b->stripe_invoice_id, &b->stripe_payment_id, &b->invoice_number,
                            &b->invoice_url, &b->pdf_url};
    for (int i = 0; i < (int)NS_COUNT(texts); i++) {
        *texts[i] = ns_col_text(q, 14 + i, arena);
    }
    b->period_start = ns_col_opt(q, 19, NS_TIME_NONE);
    b->period_end = ns_col_opt(q, 20, NS_TIME_NONE);
    b->refunded = ns_col_int(q, 21);
    b->refund_reason = ns_col_text(q, 22, arena);
    b->practice = ns_col_int(q, 23) != 0;
    b->created_at = ns_col_int(q, 24);
}

ns_rc ns_row_bill_put(struct ns_db *db, const struct ns_bill *b, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[BILL_PUT]);
    ns_query_opt(&q, b->seq, 0);
    ns_query_id(&q, b->id);
    ns_query_id(&q, b->user_id);
    ns_query_id(&q, b->subscription_id);
    ns_query_text(&q, ns_bill_kind_name(b->kind));
    ns_query_text(&q, ns_bill_status_name(b->status));
    ns_query_text(&q, ns_tier_name(b->tier));
    ns_query_int(&q, b->subtotal);
    for (int i = 0; i < 4; i++) {
        ns_query_opt(&q, b->tax[i], NS_NO_TAX);
    }
    ns_query_int(&q, b->total);
    ns_query_text(&q, b->province == NS_NONE ? NULL : ns_province_name((enum ns_province)b->province));
    const char *texts[] = {b->stripe_invoice_id, b->stripe_payment_id, b->invoice_number,
                           b->invoice_url, b->pdf_url};
    for (size_t i = 0; i < NS_COUNT(texts); i++) {
        ns_query_text(&q, texts[i]);
    }
    ns_query_opt(&q, b->period_start, NS_TIME_NONE);
    ns_query_opt(&q, b->period_end, NS_TIME_NONE);
    ns_query_int(&q, b->refunded);
    ns_query_text(&q, b->refund_reason);
    ns_query_int(&q, b->practice);
    ns_query_int(&q, b->created_at);
    return ns_query_run(&q, err);
}

static ns_rc one_bill(struct ns_query *q, struct ns_arena *arena, struct ns_bill *out, bool *found,
                      struct ns_err *err) {
    *found = ns_query_row(q);
    if (*found) {
        read_bill(q, arena, out);
    }
    return ns_query_end(q, err);
}

ns_rc ns_row_bill(struct ns_db *db, ns_id id, struct ns_arena *arena, struct ns_bill *out,
                  bool *found, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[BILL]);
    ns_query_id(&q, id);
    return one_bill(&q, arena, out, found, err);
}

ns_rc ns_row_bill_of_invoice(struct ns_db *db, const char *invoice, struct ns_arena *arena,
                             struct ns_bill *out, bool *found, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[BILL_OF_INVOICE]);
    ns_query_text(&q, invoice);
    return one_bill(&q, arena, out, found, err);
}

ns_rc ns_row_bills(struct ns_db *db, ns_id user, int limit, int offset, struct ns_arena *arena,
                   struct ns_bill **out, int *count, int64_t *total, struct ns_err *err) {
    struct ns_query q;
    int cap = 0;
    *out = NULL;
    *count = 0;
    ns_query_start(&q, db, queries[BILLS]);
    ns_query_id(&q, user);
    ns_query_int(&q, limit);
    ns_query_int(&q, offset);
    while (ns_query_row(&q)) {
        NS_LIST_ROOM(arena, *out, *count, cap, struct ns_bill);
        read_bill(&q, arena, &(*out)[(*count)++]);
    }
    ns_rc rc = ns_query_end(&q, err);
    if (rc != NS_OK) {
        return rc;
    }
    ns_query_start(&q, db, queries[BILL_COUNT]);
    ns_query_id(&q, user);
    *total = ns_query_row(&q) ? ns_col_int(&q, 0) : 0;
    return ns_query_end(&q, err);
}

/* ---- cards ---- */

static void read_card(struct ns_query *q, struct ns_arena *arena, struct ns_card *c) {
    *c = (struct ns_card){.id = ns_col_id(q, 0), .user_id = ns_col_id(q, 1)};
    c->stripe_id = ns_col_text(q, 2, arena);
    c->brand = ns_col_text(q, 3, arena);
    c->last4 = ns_col_text(q, 4, arena);
    c->exp_month = (int)ns_col_int(q, 5);
    c->exp_year = (int)ns_col_int(q, 6);
    c->is_default = ns_col_int(q, 7) != 0;
    c->is_active = ns_col_int(q, 8) != 0;
    c->created_at = ns_col_int(q, 9);
    c->updated_at = ns_col_int(q, 10);
}

ns_rc ns_row_card_put(struct ns_db *db, const struct ns_card *c, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[CARD_PUT]);
    ns_query_id(&q, c->id);
    ns_query_id(&q, c->user_id);
    ns_query_text(&q, c->stripe_id);
    ns_query_text(&q, c->brand);
    ns_query_text(&q, c->last4);
    ns_query_int(&q, c->exp_month);
    ns_query_int(&q, c->exp_year);
    ns_query_int(&q, c->is_default);
    ns_query_int(&q, c->is_active);
    ns_query_int(&q, c->created_at);
    ns_query_int(&q, c->updated_at);
    return ns_query_run(&q, err);
}

ns_rc ns_row_card_at_stripe(struct ns_db *db, const char *stripe_id, struct ns_arena *arena,
                            struct ns_card *out, bool *found, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[CARD_AT_STRIPE]);
    ns_query_text(&q, stripe_id);
    *found = ns_query_row(&q);
    if (*found) {
        read_card(&q, arena, out);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_cards(struct ns_db *db, ns_id user, struct ns_arena *arena, struct ns_card **out,
                   int *count, struct ns_err *err) {
    struct ns_query q;
    int cap = 0;
    *out = NULL;
    *count = 0;
    ns_query_start(&q, db, queries[CARDS]);
    ns_query_id(&q, user);
    while (ns_query_row(&q)) {
        NS_LIST_ROOM(arena, *out, *count, cap, struct ns_card);
        read_card(&q, arena, &(*out)[(*count)++]);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_cards_no_default(struct ns_db *db, ns_id user, ns_time now, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[CARDS_NO_DEFAULT]);
    ns_query_int(&q, now);
    ns_query_id(&q, user);
    return ns_query_run(&q, err);
}

/* ---- notices and secrets ---- */

ns_rc ns_row_notice(struct ns_db *db, const char *kind, const char *subject, ns_time now,
                    const char *detail, bool *fresh, struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[NOTICE]);
    ns_query_text(&q, kind);
    ns_query_text(&q, subject);
    ns_query_int(&q, now);
    ns_query_text(&q, detail);
    ns_rc rc = ns_query_run(&q, err);
    *fresh = rc == NS_OK && ns_db_changes(db) > 0;
    return rc;
}

ns_rc ns_row_notices(struct ns_db *db, ns_time since, int limit, struct ns_arena *arena,
                     struct ns_notice_row **out, int *count, struct ns_err *err) {
    struct ns_query q;
    int cap = 0;
    *out = NULL;
    *count = 0;
    ns_query_start(&q, db, queries[NOTICES]);
    ns_query_int(&q, since);
    ns_query_int(&q, limit);
    while (ns_query_row(&q)) {
        NS_LIST_ROOM(arena, *out, *count, cap, struct ns_notice_row);
        (*out)[(*count)++] = (struct ns_notice_row){ns_col_text(&q, 0, arena), ns_col_text(&q, 1, arena),
                                                    ns_col_int(&q, 2), ns_col_text(&q, 3, arena)};
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_secret(struct ns_db *db, const char *name, struct ns_arena *arena, const char **out,
                    struct ns_err *err) {
    struct ns_query q;
    *out = NULL;
    ns_query_start(&q, db, queries[SECRET]);
    ns_query_text(&q, name);
    if (ns_query_row(&q)) {
        *out = ns_col_text(&q, 0, arena);
    }
    return ns_query_end(&q, err);
}

ns_rc ns_row_secret_put(struct ns_db *db, const char *name, const char *value, ns_time now,
                        struct ns_err *err) {
    struct ns_query q;
    ns_query_start(&q, db, queries[SECRET_PUT]);
    ns_query_text(&q, name);
    ns_query_text(&q, value);
    ns_query_int(&q, now);
    return ns_query_run(&q, err);
}

const struct ns_query_table ns_queries_plans = {"plans", queries, Q_COUNT};
