/* What Stripe may send, and what only says so: a header with a body, an object, an event, a form. The
 * first line is the header of a webhook, the rest its body. Nothing is read past its end, money that
 * is read is whole cents, and what the form encoder wrote it reads back. */
#include "agent/billing/stripe.h"
#include "agent/billing/webhook.h"
#include "agent/net/form.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void objects(struct ns_str body) {
    static const char *const customers[] = {NULL, "cus_1"};
    const struct ns_stripe_account account = {.price = {"", "price_basic", "price_premium", "price_family"}};
    const struct ns_stripe_rates rates = {.row = {{"txr_hst", NS_TAX_HST}}, .count = 1};
    struct ns_json *object = NULL;
    struct ns_arena arena = {0};
    if (ns_stripe_read(body, &object, NULL) != NS_OK) {
        return;
    }
    const struct ns_json *inner = ns_json_path(object, "data.object");
    for (int i = 0; i < 4; i++) {
        const struct ns_json *o = i < 2 ? object : inner;
        struct ns_seen_subscription s;
        struct ns_seen_invoice v;
        const char *unknown = NULL;
        if (o == NULL) {
            continue;
        }
        if (ns_stripe_subscription(&account, o, customers[i % 2], 0, &arena, &s, NULL) == NS_OK && s.id == NULL) {
            abort();
        }
        if (ns_stripe_invoice(&account, o, customers[i % 2], &rates, &arena, &v, &unknown, NULL) == NS_OK && unknown == NULL) {
            ns_money sum = v.subtotal;
            for (int k = 0; k < 4; k++) {
                sum += v.tax[k] == NS_NO_TAX ? 0 : v.tax[k];
            }
            if (sum != v.total) {
                abort();
            }
        }
    }
    ns_arena_fini(&arena);
    ns_json_free(object);
}

static void form(struct ns_str text) {
    struct ns_buf out = NS_BUF((size_t)1 << 20), name = NS_BUF(4096), value = NS_BUF((size_t)1 << 20);
    struct ns_str rest;
    bool bad = false;
    ns_form_add(&out, "metadata[op]", text);
    rest = ns_buf_view(&out);
    if (!out.failed && (!ns_form_next(&rest, &name, &value, &bad) || bad || value.len != text.n ||
                        (text.n > 0 && memcmp(value.data, text.p, text.n) != 0) || rest.n != 0)) {
        abort();
    }
    for (rest = text; ns_form_next(&rest, &name, &value, &bad) && !bad;) {
    }
    ns_buf_fini(&out);
    ns_buf_fini(&name);
    ns_buf_fini(&value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char secrets[2][128] = {"whsec_a", ""};
    struct ns_str body = {(const char *)data, size};
    struct ns_str header = ns_str_cut(&body, '\n');
    if (body.p != NULL) {
        (void)ns_webhook_signed(secrets, header, body, INT64_C(1700000000000000));
        objects(body);
    }
    form((struct ns_str){(const char *)data, size});
    return 0;
}
