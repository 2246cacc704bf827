/* The door out: what is not declared does not leave, and every try is written down. */
#include "agent/net/egress.h"
#include "agent/net/form.h"
#include "shared/crypto/crypto.h"
#include "tests/unit/household/home.h"

static ns_rc permit(struct home *h, const struct ns_egress *gate, const struct ns_egress_request *r) {
    ns_err_clear(&h->err);
    return ns_egress_permit(gate, h->db, h->act.now, r, &h->err);
}

static struct ns_egress_line newest(struct home *h) {
    struct ns_egress_line *lines;
    int count;
    struct ns_err err = {0};
    cr_assert_eq(ns_row_egress(h->db, 1, &h->arena, &lines, &count, &err), NS_OK);
    cr_assert_eq(count, 1);
    return lines[0];
}

static const struct ns_egress_request honest = {
    .destination = "stripe", .method = "POST", .path = "/v1/subscriptions", .agreed = true,
    .body = {"customer=cus_1&items[0][price]=price_basic&metadata[op]=x", 56}};

Test(egress, a_declared_request_leaves_and_is_written_down) {
    struct home h;
    struct ns_egress gate = {0};
    uint8_t hash[NS_DIGEST];
    home_open(&h, ":memory:", true);
    cr_assert_eq(permit(&h, &gate, &honest), NS_OK);
    struct ns_egress_line line = newest(&h);
    cr_assert_str_eq(line.outcome, "ALLOWED");
    cr_assert_str_eq(line.destination, "stripe");
    cr_assert_str_eq(line.jurisdiction, "US");
    cr_assert_str_eq(line.fields, "customer items[0][price] metadata[op]");
    ns_crypto_sha256(hash, honest.body.p, honest.body.n);
    cr_assert_eq(memcmp(hash, line.hash, sizeof hash), 0);
    home_close(&h);
}

Test(egress, everything_else_stays) {
    static const struct {
        const char *destination, *method, *path, *body, *outcome;
        bool agreed;
        ns_rc rc;
    } tries[] = {
        {"analytics", "POST", "/v1/subscriptions", "", "UNDECLARED", true, NS_E_DENIED},
        {"stripe", "POST", "/v1/charges", "", "UNDECLARED", true, NS_E_DENIED},
        {"stripe", "GET", "/v1/balance", "", "UNDECLARED", true, NS_E_DENIED},
        {"stripe", "DELETE", "/v1/subscriptions/sub_1/../x", "", "UNDECLARED", true, NS_E_DENIED},
        {"stripe", "GET", "/v1/invoices/in_1%2f", "", "UNDECLARED", true, NS_E_DENIED},
        {"stripe", "POST", "/v1/customers", "name=Mila", "FIELD", true, NS_E_DENIED},
        {"stripe", "POST", "/v1/customers", "metadata[child]=Mila", "FIELD", true, NS_E_DENIED},
        {"stripe", "POST", "/v1/customers", "email", "FIELD", true, NS_E_DENIED},
        {"stripe", "POST", "/v1/customers", "email=%zz", "FIELD", true, NS_E_DENIED},
        {"stripe", "POST", "/v1/customers", "email=%2", "FIELD", true, NS_E_DENIED},
        {"stripe", "POST", "/v1/subscriptions", "default_tax_rates[99999]=x", "FIELD", true, NS_E_DENIED},
        {"stripe", "GET", "/v1/subscriptions?customer=cus_1&email=x", "", "FIELD", true, NS_E_DENIED},
        {"stripe", "POST", "/v1/subscriptions", "customer=cus_1", "CONSENT", false, NS_E_CONSENT},
    };
    struct home h;
    struct ns_egress gate = {0};
    home_open(&h, ":memory:", true);
    for (size_t i = 0; i < NS_COUNT(tries); i++) {
        struct ns_egress_request r = {.destination = tries[i].destination, .method = tries[i].method,
                                      .path = tries[i].path, .body = ns_str_of(tries[i].body),
                                      .agreed = tries[i].agreed};
        cr_assert_eq(permit(&h, &gate, &r), tries[i].rc, "%s %s", tries[i].path, tries[i].body);
        cr_assert_str_eq(newest(&h).outcome, tries[i].outcome, "%s %s", tries[i].path, tries[i].body);
    }
    home_close(&h);
}

Test(egress, canada_only_keeps_the_rest_at_home_and_says_what_stops) {
    struct home h;
    struct ns_egress gate = {.canada_only = true};
    struct ns_buf text = NS_BUF(4096);
    home_open(&h, ":memory:", true);
    cr_assert_eq(permit(&h, &gate, &honest), NS_E_DENIED);
    cr_assert_eq(h.err.msg, NS_MSG_egress_canada_only);
    cr_assert_str_eq(newest(&h).outcome, "CANADA_ONLY");
    ns_egress_stops(&text, NS_LANG_EN);
    cr_assert_not_null(strstr(text.data, "stripe (US): buying"));
    ns_buf_fini(&text);
    home_close(&h);
}

Test(egress, only_https_or_this_very_machine) {
    static const char *const good[] = {"https://api.stripe.com", "http://127.0.0.1:8080", "http://localhost", "http://[::1]:9"};
    static const char *const bad[] = {"http://api.stripe.com", "ftp://x", "https://", "https:///x", "https://a b",
                                      "https://user@host", "http://127.0.0.1.evil.com", "http://localhost.evil.com", "https://x\r\nHost: y"};
    for (size_t i = 0; i < NS_COUNT(good); i++) {
        cr_assert(ns_egress_url_ok(good[i]), "%s", good[i]);
    }
    for (size_t i = 0; i < NS_COUNT(bad); i++) {
        cr_assert_not(ns_egress_url_ok(bad[i]), "%s", bad[i]);
    }
}

Test(egress, a_body_is_built_from_the_list_and_never_by_removal) {
    const struct ns_egress_call *call = ns_egress_call_find(ns_egress_find("stripe"), "POST", "/v1/customers");
    const struct ns_egress_value values[] = {{"metadata[household]", "h1"}, {"email", "a b@x.ca"}, {"address[state]", NULL},
                                             {"preferred_locales[0]", ""}};
    struct ns_buf out = NS_BUF(1000);
    struct ns_err err = {0};
    cr_assert_eq(ns_egress_build(call, values, NS_COUNT(values), &out, &err), NS_OK);
    cr_assert_str_eq(out.data, "email=a%20b%40x.ca&preferred_locales[0]=&metadata[household]=h1");
    const struct ns_egress_value child = {"metadata[child]", "Mila"};
    ns_buf_clear(&out);
    cr_assert_eq(ns_egress_build(call, &child, 1, &out, &err), NS_E_DENIED);
    cr_assert_eq(out.len, 0);
    ns_buf_fini(&out);
}

Test(egress, the_journal_cannot_be_changed) {
    struct home h;
    struct ns_egress gate = {0};
    home_open(&h, ":memory:", true);
    cr_assert_eq(permit(&h, &gate, &honest), NS_OK);
    cr_assert_neq(ns_db_script(h.db, "UPDATE egress_journal SET fields = ''", &h.err), NS_OK);
    cr_assert_neq(ns_db_script(h.db, "DELETE FROM egress_journal", &h.err), NS_OK);
    home_close(&h);
}

Test(egress, forms_are_written_as_the_processor_writes_them) {
    struct ns_buf out = NS_BUF(1000), name = NS_BUF(100), value = NS_BUF(100);
    bool bad;
    ns_form_add(&out, "a[0][b]", NS_STR("it's (5*!) 100% é~_-."));
    ns_form_add(&out, "empty", NS_STR(""));
    cr_assert_str_eq(out.data, "a[0][b]=it%27s%20%285%2A%21%29%20100%25%20%C3%A9~_-.&empty=");
    struct ns_str rest = ns_buf_view(&out);
    cr_assert(ns_form_next(&rest, &name, &value, &bad) && !bad);
    cr_assert_str_eq(name.data, "a[0][b]");
    cr_assert_str_eq(value.data, "it's (5*!) 100% é~_-.");
    cr_assert(ns_form_next(&rest, &name, &value, &bad) && !bad);
    cr_assert_not(ns_form_next(&rest, &name, &value, &bad));
    ns_buf_fini(&out);
    ns_buf_fini(&name);
    ns_buf_fini(&value);
}
