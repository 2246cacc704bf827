/* stripe_read.c: Stripe's objects, in the shapes of old and new API versions. */
#include "agent/billing/stripe.h"

#include <string.h>

#define CENTS_MOST 10000000
#define SECONDS_MOST 4102444800 /* the year 2100 */

int ns_stripe_tier(const struct ns_stripe_account *account, const char *price) {
    for (int t = NS_TIER_BASIC; t < NS_TIER_COUNT; t++) {
        if (price != NULL && account->price[t][0] != '\0' && strcmp(account->price[t], price) == 0) {
            return t;
        }
    }
    return NS_NONE;
}

ns_rc ns_stripe_read(struct ns_str body, struct ns_json **out, struct ns_err *err) {
    ns_rc rc = ns_json_read(body, NS_STRIPE_BODY_MOST, out, NULL);
    if (rc == NS_OK && !ns_json_is_object(*out)) {
        ns_json_free(*out);
        *out = NULL;
        rc = NS_E_INPUT;
    }
    return rc == NS_OK ? NS_OK : ns_err_note(err, NS_E_INPUT, "no JSON object, too long or too deep");
}

const char *ns_stripe_id(const struct ns_json *value, const char *prefix, struct ns_arena *arena) {
    const char *text = ns_json_text(value);
    if (text == NULL) { /* expanded: the object instead of its id */
        text = ns_json_text(ns_json_get(value, "id"));
    }
    if (text == NULL || strncmp(text, prefix, strlen(prefix)) != 0) {
        return NULL;
    }
    size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    return text[n] == '\0' && n <= 120 ? ns_arena_copy(arena, ns_str_of(text)) : NULL;
}

ns_time ns_stripe_time(const struct ns_json *value) {
    int64_t seconds = ns_json_int(value, -1);
    return seconds < 0 || seconds > SECONDS_MOST ? NS_TIME_NONE : seconds * NS_SECOND;
}

/* The reader holds numbers as doubles; whole numbers of this size are exact in them, and anything
 * with a fraction is refused by it. */
bool ns_stripe_cents(const struct ns_json *value, ns_money *out) {
    *out = ns_json_int(value, INT64_MIN);
    return *out >= -CENTS_MOST && *out <= CENTS_MOST;
}

ns_rc ns_stripe_check(const struct ns_stripe_account *account, const struct ns_json *object, const char *kind,
                      const char *customer, struct ns_err *err) {
    const char *is = ns_json_text(ns_json_get(object, "object"));
    const struct ns_json *mode = ns_json_get(object, "livemode");
    const struct ns_json *of = ns_json_get(object, "customer");
    const char *owner = ns_json_text(of) != NULL ? ns_json_text(of) : ns_json_text(ns_json_get(of, "id"));
    if (is == NULL || strcmp(is, kind) != 0) {
        return ns_err_note(err, NS_E_INPUT, "not a %s", kind);
    }
    if (!ns_json_is_null(mode) && ns_json_bool(mode, !account->live) != account->live) {
        return ns_err_note(err, NS_E_INPUT, "a %s of the other mode", kind);
    }
    if (customer != NULL && (owner == NULL || strcmp(owner, customer) != 0)) {
        return ns_err_note(err, NS_E_INPUT, "a %s of another customer", kind);
    }
    return NS_OK;
}

static bool is_cad(const struct ns_json *object) {
    const char *currency = ns_json_text(ns_json_get(object, "currency"));
    return currency != NULL && strcmp(currency, "cad") == 0;
}

static const char *text_of(const struct ns_json *object, const char *name, struct ns_arena *arena) {
    const char *text = ns_json_text(ns_json_get(object, name));
    return text == NULL || strlen(text) > 1000 ? NULL : ns_arena_copy(arena, ns_str_of(text));
}

/* A link that may be shown: https, and nothing that could end a line. */
static const char *link_of(const struct ns_json *object, const char *name, struct ns_arena *arena) {
    const char *text = text_of(object, name, arena);
    return text != NULL && strncmp(text, "https://", 8) == 0 && strpbrk(text, " \r\n\t\"<>\033") == NULL ? text : NULL;
}

static bool pay_status(const char *text, enum ns_pay_status *out) {
    static const char *const names[NS_PAY_COUNT] = {"trialing", "active", "past_due", "canceled", "unpaid", "incomplete",
                                                    "incomplete_expired", "paused"};
    for (int i = 0; text != NULL && i < NS_PAY_COUNT; i++) {
        if (strcmp(names[i], text) == 0) {
            *out = (enum ns_pay_status)i;
            return true;
        }
    }
    return false;
}

/* A smaller plan was chosen for later: until then the old one is what was paid for. */
static void keep_paid_tier(const struct ns_json *object, ns_time now, struct ns_seen_subscription *out) {
    const struct ns_json *marks = ns_json_get(object, "metadata");
    const char *from = ns_json_text(ns_json_get(marks, "down_from"));
    const char *until = ns_json_text(ns_json_get(marks, "down_until"));
    enum ns_tier tier;
    int64_t seconds;
    if (from != NULL && until != NULL && ns_tier_parse(ns_str_of(from), &tier) && tier > out->tier &&
        ns_str_int(ns_str_of(until), 0, SECONDS_MOST, &seconds) && now < seconds * NS_SECOND) {
        out->next_tier = (int)out->tier;
        out->tier = tier;
    }
}

static ns_rc read_item(const struct ns_stripe_account *account, const struct ns_json *object,
                       struct ns_arena *arena, struct ns_seen_subscription *out, struct ns_err *err) {
    const struct ns_json *list = ns_json_path(object, "items.data");
    const struct ns_json *item = ns_json_first(list);
    const struct ns_json *price = ns_json_get(item, "price");
    if (ns_json_count(list) != 1) {
        return ns_err_note(err, NS_E_INPUT, "a subscription of %zu things", ns_json_count(list));
    }
    out->item = ns_stripe_id(ns_json_get(item, "id"), "si_", arena);
    out->price = ns_stripe_id(ns_json_get(price, "id"), "price_", arena);
    int tier = ns_stripe_tier(account, out->price);
    if (tier == NS_NONE || out->item == NULL) {
        return ns_err_note(err, NS_E_INPUT, "a price that is not sold here");
    }
    const char *interval = ns_json_text(ns_json_path(price, "recurring.interval"));
    out->tier = (enum ns_tier)tier;
    out->yearly = interval != NULL && strcmp(interval, "year") == 0;
    if (!is_cad(price) || !ns_stripe_cents(ns_json_get(price, "unit_amount"), &out->amount) || out->amount < 0) {
        return ns_err_note(err, NS_E_INPUT, "a price in another currency, or none");
    }
    bool on_item = !ns_json_is_null(ns_json_get(item, "current_period_end"));
    out->period_start = ns_stripe_time(ns_json_get(on_item ? item : object, "current_period_start"));
    out->period_end = ns_stripe_time(ns_json_get(on_item ? item : object, "current_period_end"));
    return NS_OK;
}

ns_rc ns_stripe_subscription(const struct ns_stripe_account *account, const struct ns_json *object, const char *customer,
                             ns_time now, struct ns_arena *arena, struct ns_seen_subscription *out, struct ns_err *err) {
    *out = (struct ns_seen_subscription){.next_tier = NS_NONE};
    ns_rc rc = ns_stripe_check(account, object, "subscription", customer, err);
    if (rc == NS_OK) {
        rc = read_item(account, object, arena, out, err);
    }
    if (rc != NS_OK) {
        return rc;
    }
    out->id = ns_stripe_id(ns_json_get(object, "id"), "sub_", arena);
    out->customer = ns_stripe_id(ns_json_get(object, "customer"), "cus_", arena);
    if (out->id == NULL || out->customer == NULL || !pay_status(ns_json_text(ns_json_get(object, "status")), &out->status)) {
        return ns_err_note(err, NS_E_INPUT, "a subscription without id, customer or a known status");
    }
    out->trial_start = ns_stripe_time(ns_json_get(object, "trial_start"));
    out->trial_end = ns_stripe_time(ns_json_get(object, "trial_end"));
    out->cancelled_at = ns_stripe_time(ns_json_get(object, "canceled_at"));
    out->cancel_at_period_end = ns_json_bool(ns_json_get(object, "cancel_at_period_end"), false);
    out->created = ns_stripe_time(ns_json_get(object, "created"));
    keep_paid_tier(object, now, out);
    return NS_OK;
}

/* ---- invoice ---- */

static enum ns_bill_status bill_status(const struct ns_json *object, bool attempted) {
    const char *status = ns_json_text(ns_json_get(object, "status"));
    if (status == NULL) {
        return NS_BILL_IS_PENDING;
    }
    return strcmp(status, "paid") == 0            ? NS_BILL_IS_SUCCEEDED
           : strcmp(status, "void") == 0          ? NS_BILL_IS_CANCELED
           : strcmp(status, "uncollectible") == 0 ? NS_BILL_IS_FAILED
           : attempted                            ? NS_BILL_IS_FAILED
                                                  : NS_BILL_IS_PENDING;
}

static enum ns_bill_kind bill_kind(const struct ns_json *object) {
    const char *reason = ns_json_text(ns_json_get(object, "billing_reason"));
    return reason == NULL                               ? NS_BILL_SUBSCRIPTION_CHARGE
           : strcmp(reason, "subscription_cycle") == 0  ? NS_BILL_RENEWAL
           : strcmp(reason, "subscription_update") == 0 ? NS_BILL_UPGRADE
                                                        : NS_BILL_SUBSCRIPTION_CHARGE;
}

static bool kind_of_rate(const struct ns_stripe_rates *rates, const char *id, enum ns_tax_kind *out) {
    for (int i = 0; i < rates->count; i++) {
        if (strcmp(rates->row[i].id, id) == 0) {
            *out = rates->row[i].kind;
            return true;
        }
    }
    return false;
}

static ns_rc read_taxes(const struct ns_json *object, const struct ns_stripe_rates *rates, struct ns_arena *arena,
                        struct ns_seen_invoice *out, const char **unknown, struct ns_err *err) {
    const struct ns_json *list = ns_json_get(object, "total_taxes");
    bool old = !ns_json_is_list(list);
    list = old ? ns_json_get(object, "total_tax_amounts") : list;
    for (const struct ns_json *t = ns_json_first(list); t != NULL; t = ns_json_next(t)) {
        enum ns_tax_kind kind;
        ns_money cents;
        const char *rate = ns_stripe_id(old ? ns_json_get(t, "tax_rate") : ns_json_path(t, "tax_rate_details.tax_rate"),
                                        "txr_", arena);
        if (rate == NULL || !ns_stripe_cents(ns_json_get(t, "amount"), &cents)) {
            return ns_err_note(err, NS_E_INPUT, "a tax without rate or amount");
        }
        if (cents == 0) {
            continue; /* not levied: no registration there */
        }
        if (!kind_of_rate(rates, rate, &kind)) {
            *unknown = rate;
            return NS_OK;
        }
        out->tax[kind] = (out->tax[kind] == NS_NO_TAX ? 0 : out->tax[kind]) + cents;
    }
    return NS_OK;
}

static const char *payment_of(const struct ns_json *object, struct ns_arena *arena) {
    const struct ns_json *rows = ns_json_path(object, "payments.data");
    for (const struct ns_json *p = ns_json_first(rows); p != NULL; p = ns_json_next(p)) {
        const char *intent = ns_stripe_id(ns_json_path(p, "payment.payment_intent"), "pi_", arena);
        if (intent != NULL) {
            return intent;
        }
    }
    const char *intent = ns_stripe_id(ns_json_get(object, "payment_intent"), "pi_", arena);
    return intent != NULL ? intent : ns_stripe_id(ns_json_get(object, "charge"), "ch_", arena);
}

/* The period the invoice pays for stands on its lines; its own is the one before. */
static void read_period(const struct ns_json *object, struct ns_seen_invoice *out) {
    out->period_start = ns_stripe_time(ns_json_get(object, "period_start"));
    out->period_end = ns_stripe_time(ns_json_get(object, "period_end"));
    const struct ns_json *rows = ns_json_path(object, "lines.data");
    for (const struct ns_json *l = ns_json_first(rows); l != NULL; l = ns_json_next(l)) {
        ns_time end = ns_stripe_time(ns_json_path(l, "period.end"));
        if (end != NS_TIME_NONE && end >= out->period_end) {
            out->period_start = ns_stripe_time(ns_json_path(l, "period.start"));
            out->period_end = end;
        }
    }
}

/* subtotal as the sum before tax and after discounts. A sum that does not come out, or is below zero, is
 * no bill: it would be shown wrong for ever. */
static ns_rc balance(const struct ns_json *object, struct ns_seen_invoice *out, struct ns_err *err) {
    const struct ns_json *without = ns_json_get(object, "total_excluding_tax");
    ns_money sum;
    if (!ns_json_is_null(without) && !ns_stripe_cents(without, &out->subtotal)) {
        return ns_err_note(err, NS_E_INPUT, "an invoice with an odd amount");
    }
    sum = out->subtotal;
    for (int k = 0; k < NS_TAX_KINDS; k++) {
        sum += out->tax[k] == NS_NO_TAX ? 0 : out->tax[k];
    }
    return sum != out->total || out->total < 0 || out->subtotal > out->total
               ? ns_err_note(err, NS_E_INPUT, "an invoice whose amounts do not add up to a bill") : NS_OK;
}

ns_rc ns_stripe_invoice(const struct ns_stripe_account *account, const struct ns_json *object, const char *customer,
                        const struct ns_stripe_rates *rates, struct ns_arena *arena, struct ns_seen_invoice *out,
                        const char **unknown, struct ns_err *err) {
    *out = (struct ns_seen_invoice){.tax = {NS_NO_TAX, NS_NO_TAX, NS_NO_TAX, NS_NO_TAX}};
    *unknown = NULL;
    ns_rc rc = ns_stripe_check(account, object, "invoice", customer, err);
    if (rc != NS_OK) {
        return rc;
    }
    out->id = ns_stripe_id(ns_json_get(object, "id"), "in_", arena);
    if (out->id == NULL || !is_cad(object) || !ns_stripe_cents(ns_json_get(object, "subtotal"), &out->subtotal) ||
        !ns_stripe_cents(ns_json_get(object, "total"), &out->total)) {
        return ns_err_note(err, NS_E_INPUT, "an invoice without id or amounts in Canadian dollars");
    }
    rc = read_taxes(object, rates, arena, out, unknown, err);
    if (rc != NS_OK || *unknown != NULL) {
        return rc;
    }
    rc = balance(object, out, err);
    if (rc != NS_OK) {
        return rc;
    }
    const struct ns_json *parent = ns_json_path(object, "parent.subscription_details.subscription");
    out->subscription = ns_stripe_id(ns_json_is_null(parent) ? ns_json_get(object, "subscription") : parent, "sub_", arena);
    out->attempted = ns_json_bool(ns_json_get(object, "attempted"), false);
    out->status = bill_status(object, out->attempted);
    out->kind = bill_kind(object);
    out->payment = payment_of(object, arena);
    out->number = text_of(object, "number", arena);
    out->url = link_of(object, "hosted_invoice_url", arena);
    out->pdf = link_of(object, "invoice_pdf", arena);
    out->created = ns_stripe_time(ns_json_get(object, "created"));
    read_period(object, out);
    return NS_OK;
}

/* ---- the rest ---- */

static const char *brand_of(const char *text) {
    static const char *const names[][2] = {{"visa", "VISA"}, {"mastercard", "MASTERCARD"}, {"amex", "AMEX"},
                                           {"discover", "DISCOVER"}, {"diners", "DINERS"}, {"jcb", "JCB"}};
    for (size_t i = 0; text != NULL && i < NS_COUNT(names); i++) {
        if (strcmp(names[i][0], text) == 0) {
            return names[i][1];
        }
    }
    return "UNKNOWN";
}

ns_rc ns_stripe_card(const struct ns_json *object, const char *customer, const char *chosen, struct ns_arena *arena,
                     struct ns_seen_card *out, struct ns_err *err) {
    const struct ns_json *card = ns_json_get(object, "card");
    const char *last4 = ns_json_text(ns_json_get(card, "last4"));
    const char *owner = ns_json_text(ns_json_get(object, "customer"));
    *out = (struct ns_seen_card){.id = ns_stripe_id(ns_json_get(object, "id"), "pm_", arena)};
    if (out->id == NULL || last4 == NULL || strlen(last4) != 4 || strspn(last4, "0123456789") != 4) {
        return ns_err_note(err, NS_E_INPUT, "a payment method that is no card");
    }
    out->brand = brand_of(ns_json_text(ns_json_get(card, "brand")));
    out->last4 = ns_arena_copy(arena, ns_str_of(last4));
    out->exp_month = (int)ns_json_int(ns_json_get(card, "exp_month"), 0);
    out->exp_year = (int)ns_json_int(ns_json_get(card, "exp_year"), 0);
    out->detached = owner == NULL || (customer != NULL && strcmp(owner, customer) != 0);
    out->is_default = chosen != NULL && strcmp(chosen, out->id) == 0;
    return out->exp_month >= 1 && out->exp_month <= 12 && out->exp_year >= 2000 && out->exp_year <= 2200
               ? NS_OK : ns_err_note(err, NS_E_INPUT, "a card that ends on no day");
}

bool ns_stripe_rate(const struct ns_json *object, enum ns_tax_kind *out) {
    static const struct {
        const char *name;
        enum ns_tax_kind kind;
    } names[] = {{"gst", NS_TAX_GST}, {"hst", NS_TAX_HST}, {"pst", NS_TAX_PST}, {"rst", NS_TAX_PST}, {"qst", NS_TAX_QST}};
    const char *type = ns_json_text(ns_json_get(object, "tax_type"));
    const char *country = ns_json_text(ns_json_get(object, "country"));
    for (size_t i = 0; type != NULL && country != NULL && strcmp(country, "CA") == 0 && i < NS_COUNT(names); i++) {
        if (strcmp(names[i].name, type) == 0) {
            *out = names[i].kind;
            return true;
        }
    }
    return false;
}
