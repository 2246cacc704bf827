/* egress_table.c: every destination there is. What does not stand here does not leave. */
#include "agent/net/egress.h"

#include <string.h>

#define NONE (const char *const[]){NULL}
#define FIELDS(...) (const char *const[]){__VA_ARGS__, NULL}

static const struct ns_egress_call stripe_calls[] = {
    {"POST", "/v1/customers", FIELDS("email", "address[postal_code]", "address[state]", "address[country]",
                                     "preferred_locales[0]", "metadata[household]", "metadata[op]")},
    {"POST", "/v1/customers/{}", FIELDS("address[postal_code]", "address[state]", "address[country]",
                                        "invoice_settings[default_payment_method]", "metadata[op]")},
    {"POST", "/v1/subscriptions", FIELDS("customer", "items[0][price]", "default_payment_method", "payment_behavior",
                                         "payment_settings[save_default_payment_method]", "trial_end",
                                         "automatic_tax[enabled]", "default_tax_rates[]", "metadata[household]",
                                         "metadata[op]", "expand[0]", "expand[1]")},
    {"POST", "/v1/subscriptions/{}", FIELDS("items[0][id]", "items[0][price]", "proration_behavior", "proration_date",
                                            "payment_behavior", "cancel_at_period_end", "default_payment_method",
                                            "default_tax_rates[]", "metadata[down_from]", "metadata[down_until]",
                                            "metadata[op]", "expand[0]")},
    {"DELETE", "/v1/subscriptions/{}", FIELDS("invoice_now", "prorate")},
    {"POST", "/v1/checkout/sessions", FIELDS("mode", "customer", "line_items[0][price]", "line_items[0][quantity]",
                                             "success_url", "cancel_url", "client_reference_id",
                                             "subscription_data[metadata][household]",
                                             "subscription_data[metadata][op]", "subscription_data[trial_end]",
                                             "automatic_tax[enabled]", "line_items[0][tax_rates][]", "expires_at")},
    {"POST", "/v1/billing_portal/sessions", FIELDS("customer", "return_url", "flow_data[type]")},
    {"POST", "/v1/setup_intents", FIELDS("customer", "usage", "metadata[op]")},
    {"POST", "/v1/payment_methods/{}/attach", FIELDS("customer")},
    {"POST", "/v1/payment_methods/{}/detach", NONE},
    {"POST", "/v1/invoices/create_preview", FIELDS("customer", "subscription", "subscription_details[items][0][id]",
                                                   "subscription_details[items][0][price]",
                                                   "subscription_details[proration_date]")},
    {"POST", "/v1/invoices/{}/pay", NONE},
    {"POST", "/v1/refunds", FIELDS("payment_intent", "charge", "amount", "reason", "metadata[op]")},
    {"GET", "/v1/subscriptions", FIELDS("customer", "status", "limit", "starting_after")},
    {"GET", "/v1/subscriptions/{}", FIELDS("expand[0]")},
    {"GET", "/v1/invoices", FIELDS("customer", "status", "limit", "starting_after", "expand[0]")},
    {"GET", "/v1/invoices/{}", FIELDS("expand[0]")},
    {"GET", "/v1/customers/{}/payment_methods", FIELDS("type", "limit")},
    {"GET", "/v1/checkout/sessions/{}", NONE},
    {"GET", "/v1/refunds", FIELDS("payment_intent", "limit")},
    {"GET", "/v1/events", FIELDS("limit", "ending_before", "starting_after", "created[gte]", "types[]", "type")},
    {"GET", "/v1/prices/{}", NONE},
    {"GET", "/v1/tax_rates/{}", NONE},
    {"GET", "/v1/customers", FIELDS("limit")},
    {"GET", "/v1/customers/{}", NONE},
    {"GET", "/v1/checkout/sessions", FIELDS("customer", "limit")},
    {NULL, NULL, NULL},
};

static const struct ns_egress_destination destinations[] = {
    {"stripe", "US", "https://api.stripe.com", NS_EGRESS_PURCHASE, NS_MSG_egress_stripe, NS_MSG_egress_stripe_stops,
     stripe_calls},
};

const struct ns_egress_destination *ns_egress_destination_at(size_t i) {
    return i < NS_COUNT(destinations) ? &destinations[i] : NULL;
}

const struct ns_egress_destination *ns_egress_find(const char *id) {
    for (size_t i = 0; i < NS_COUNT(destinations); i++) {
        if (strcmp(destinations[i].id, id) == 0) {
            return &destinations[i];
        }
    }
    return NULL;
}

/* An id of the other side: letters, digits, - and _, at most 255. */
static size_t id_length(const char *p) {
    size_t n = strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
    return n <= 255 ? n : 0;
}

static bool path_fits(const char *template, const char *path) {
    while (*template != '\0') {
        if (template[0] == '{' && template[1] == '}') {
            size_t n = id_length(path);
            if (n == 0) {
                return false;
            }
            path += n;
            template += 2;
        } else if (*template++ != *path++) {
            return false;
        }
    }
    return *path == '\0' || *path == '?';
}

/* The longest literal wins: /create_preview is no invoice's id. */
const struct ns_egress_call *ns_egress_call_find(const struct ns_egress_destination *d,
                                                 const char *method, const char *path) {
    const struct ns_egress_call *best = NULL;
    for (const struct ns_egress_call *c = d->calls; c->method != NULL; c++) {
        if (strcmp(c->method, method) == 0 && path_fits(c->path, path) &&
            (best == NULL || strchr(best->path, '{') != NULL)) {
            best = c;
        }
    }
    return best;
}

void ns_egress_stops(struct ns_buf *out, enum ns_lang lang) {
    for (size_t i = 0; i < NS_COUNT(destinations); i++) {
        if (strcmp(destinations[i].jurisdiction, "CA") != 0) {
            NS_MSG_TO(out, lang, NS_MSG_egress_stops_line, destinations[i].id, destinations[i].jurisdiction,
                      ns_msg(lang, destinations[i].stops));
            ns_buf_char(out, '\n');
        }
    }
}
