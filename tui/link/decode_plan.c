/* decode_plan.c: the plan, its bills and what came of a wish about it. Amounts are read from their digits. */
#include "shared/base/money.h"
#include "tui/link/decode.h"

#include <string.h>

static void text_of(const struct ns_json *object, const char *name, char *out, size_t cap) {
    ns_decode_text(out, cap, ns_json_text(ns_json_get(object, name)));
}

static ns_money money_of(const struct ns_json *object, const char *name) {
    const struct ns_json *value = ns_json_get(object, name);
    ns_money cents = NS_APP_MONEY_NONE;
    struct ns_buf text = NS_BUF(64);
    if (!ns_json_is_null(value)) {
        ns_json_write(&text, value, false);
    }
    if (text.data == NULL || !ns_money_parse(ns_buf_view(&text), &cents)) {
        cents = NS_APP_MONEY_NONE;
    }
    ns_buf_fini(&text);
    return cents;
}

static ns_money money_or_zero(const struct ns_json *object, const char *name) {
    ns_money cents = money_of(object, name);
    return cents == NS_APP_MONEY_NONE ? 0 : cents;
}

static ns_time time_of(const struct ns_json *object, const char *name) {
    ns_time t;
    const char *text = ns_json_text(ns_json_get(object, name));
    return text != NULL && ns_time_parse(ns_str_of(text), &t) ? t : NS_TIME_NONE;
}

static ns_date day_of(const struct ns_json *object, const char *name, const struct ns_zone *zone) {
    ns_time t = time_of(object, name);
    return t == NS_TIME_NONE ? NS_DATE_NONE : ns_zone_local_day(zone, t);
}

static uint8_t word_of(const struct ns_json *object, const char *name, const char *const *words, size_t count) {
    const char *text = ns_json_text(ns_json_get(object, name));
    for (size_t i = 0; text != NULL && i < count; i++) {
        if (strcmp(text, words[i]) == 0) {
            return (uint8_t)i;
        }
    }
    return 0;
}

static void taxes_of(const struct ns_json *object, ns_money out[NS_APP_TAXES]) {
    static const char *const names[NS_APP_TAXES] = {"gst", "hst", "pst", "qst"};
    const struct ns_json *taxes = ns_json_get(object, "taxBreakdown");
    for (int i = 0; i < NS_APP_TAXES; i++) {
        out[i] = money_of(taxes, names[i]);
    }
}

/* A page is opened over a line nobody can listen to, or it is not shown; one that is too long is not cut. */
static void page_of(const struct ns_json *object, const char *name, char *out, size_t cap) {
    const char *url = ns_json_text(ns_json_get(object, name));
    bool good = url != NULL && strncmp(url, "https://", 8) == 0 && strlen(url) < cap &&
                strspn(url, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#[]@!$&'()*+,;=%") == strlen(url);
    ns_decode_text(out, cap, good ? url : "");
}

static void decode_bill(const struct ns_json *b, const struct ns_zone *zone, struct ns_app_bill *out) {
    static const char *const states[] = {"PENDING", "SUCCEEDED", "FAILED", "REFUNDED"};
    const char *id = ns_json_text(ns_json_get(b, "id"));
    if (id == NULL || !ns_id_parse(ns_str_of(id), &out->id)) {
        out->id = (ns_id){{0}};
    }
    out->day = day_of(b, "createdAt", zone);
    out->from = day_of(b, "periodStart", zone);
    out->until = day_of(b, "periodEnd", zone);
    out->state = word_of(b, "status", states, NS_COUNT(states));
    text_of(b, "invoiceNumber", out->number, sizeof out->number);
    text_of(b, "description", out->what, sizeof out->what);
    text_of(b, "province", out->province, sizeof out->province);
    page_of(b, "receiptUrl", out->url, sizeof out->url);
    out->subtotal = money_or_zero(b, "subtotal");
    out->total = money_or_zero(b, "totalAmount");
    out->refund = money_of(b, "refundAmount");
    taxes_of(b, out->tax);
}

static void decode_tier(const struct ns_json *p, struct ns_app_tier *out) {
    text_of(p, "id", out->id, sizeof out->id);
    text_of(p, "displayName", out->name, sizeof out->name);
    text_of(p, "description", out->what, sizeof out->what);
    out->price = money_or_zero(p, "price");
}

static void decode_lists(const struct ns_json *data, const struct ns_zone *zone, struct ns_app_plan *out) {
    for (const struct ns_json *p = ns_json_first(ns_json_path(data, "availablePlans.plans"));
         p != NULL && out->tier_count < NS_APP_PLANS; p = ns_json_next(p)) {
        decode_tier(p, &out->tier[out->tier_count]);
        out->tier_count = (uint8_t)(out->tier_count + (out->tier[out->tier_count].price > 0));
    }
    for (const struct ns_json *b = ns_json_first(ns_json_path(data, "myBillingHistory.records"));
         b != NULL && out->bill_count < NS_APP_BILLS; b = ns_json_next(b)) {
        decode_bill(b, zone, &out->bill[out->bill_count++]);
    }
    const struct ns_json *stop = ns_json_get(data, "cancellationPreview");
    out->access_until = day_of(stop, "accessUntil", zone);
    for (const struct ns_json *f = ns_json_first(ns_json_get(stop, "featuresLost"));
         f != NULL && out->lost_count < NS_APP_LOST; f = ns_json_next(f)) {
        ns_decode_text(out->lost[out->lost_count++], NS_APP_NAME, ns_json_text(f));
    }
}

void ns_decode_plan(const struct ns_json *data, const struct ns_zone *zone, struct ns_app_plan *out) {
    static const char *const standings[NS_STANDING_COUNT] = {"free",   "self-hosted", "practice", "trial",      "paid",
                                                             "ending", "grace",       "unpaid",   "trial-over", "ended"};
    static const char *const waitings[] = {"", "request", "page", "person"};
    const struct ns_json *s = ns_json_get(data, "getSubscriptionStatus");
    const struct ns_json *mine = ns_json_get(data, "mySubscription");
    const struct ns_json *plan = ns_json_get(s, "currentPlan");
    const struct ns_json *card = ns_json_get(s, "paymentMethod");
    ns_time page = time_of(s, "waitingUntil");
    memset(out, 0, sizeof *out);
    out->present = ns_json_is_object(s);
    out->standing = word_of(s, "standing", standings, NS_COUNT(standings));
    out->waiting = word_of(s, "waiting", waitings, NS_COUNT(waitings));
    out->until = day_of(s, "standsUntil", zone);
    out->page_minute = (int16_t)(page == NS_TIME_NONE ? -1 : ns_zone_local_minute(zone, page));
    out->next_day = day_of(s, "nextBillingDate", zone);
    text_of(plan, "id", out->id, sizeof out->id);
    text_of(plan, "displayName", out->name, sizeof out->name);
    out->price = money_or_zero(mine, "amount");
    text_of(mine, "province", out->province, sizeof out->province);
    if (out->province[0] == '\0') {
        text_of(ns_json_get(data, "household"), "province", out->province, sizeof out->province);
    }
    text_of(card, "brand", out->brand, sizeof out->brand);
    text_of(card, "last4", out->last4, sizeof out->last4);
    decode_lists(data, zone, out);
}

void ns_decode_plan_answer(const struct ns_json *outcome, struct ns_app_plan_answer *out) {
    memset(out, 0, sizeof *out);
    text_of(outcome, "message", out->said, sizeof out->said);
    page_of(outcome, "url", out->url, sizeof out->url);
    out->subtotal = money_of(outcome, "subtotal");
    out->due = money_of(outcome, "dueNow");
    out->costs = out->subtotal != NS_APP_MONEY_NONE && out->due != NS_APP_MONEY_NONE;
    taxes_of(outcome, out->tax);
}
