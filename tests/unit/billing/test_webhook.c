/* Signatures of the payment service: its own library's vector, and every way they can be wrong. */
#include "agent/billing/webhook.h"

#include <criterion/criterion.h>
#include <string.h>

#define BODY "{\"id\":\"evt_1\",\"object\":\"event\"}"
#define V1 "0c8670ed117751cc551a20e35839447075c42800ea3cf3e8a2fbda99cd1e6edd" /* by the official library */
#define OTHER "1c8670ed117751cc551a20e35839447075c42800ea3cf3e8a2fbda99cd1e6edd"
#define AT (INT64_C(1700000000) * NS_SECOND)

static const char secrets[2][128] = {"whsec_of_yesterday", "whsec_test_secret"};

static enum ns_signed judged(const char *header, const char *body, ns_time now) {
    struct ns_str h = {header, header == NULL ? 0 : strlen(header)};
    return ns_webhook_signed(secrets, h, ns_str_of(body), now);
}

Test(webhook, either_secret_and_any_v1_will_do) {
    cr_assert_eq(judged("t=1700000000,v1=" V1, BODY, AT), NS_SIGNED_WELL);
    cr_assert_eq(judged("t=1700000000,v1=" OTHER ",v1=" V1 ",v0=abc", BODY, AT), NS_SIGNED_WELL);
    cr_assert_eq(judged("v1=short, v1=" V1 ", t=1700000000", BODY, AT), NS_SIGNED_WELL);
}

Test(webhook, other_bytes_or_another_secret_will_not) {
    static const char none[2][128] = {"", ""};
    cr_assert_eq(judged("t=1700000000,v1=" V1, BODY " ", AT), NS_SIGNED_WRONG);
    cr_assert_eq(judged("t=1700000001,v1=" V1, BODY, AT), NS_SIGNED_WRONG);
    cr_assert_eq(judged("t=01700000000,v1=" V1, BODY, AT), NS_SIGNED_WRONG);
    cr_assert_eq(judged("t=1700000000,v1=" OTHER, BODY, AT), NS_SIGNED_WRONG);
    cr_assert_eq(ns_webhook_signed(none, NS_STR("t=1700000000,v1=" V1), NS_STR(BODY), AT), NS_SIGNED_WRONG);
}

Test(webhook, a_header_that_cannot_be_read_is_none) {
    static const char *const bad[] = {NULL, "", "t=1700000000", "v1=" V1, "t=,v1=" V1, "t=17x,v1=" V1, "t=-5,v1=" V1, "t=1700000000,v0=" V1,
                                      "t=1700000000,t=1700000000,v1=" V1, "t=9999999999999,v1=" V1, "t=1700000000,v1=" V1 "00", ",,,=,=="};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cr_assert_eq(judged(bad[i], BODY, AT), NS_SIGNED_NOT, "%s", bad[i] == NULL ? "none" : bad[i]);
    }
    char longest[2000];
    memset(longest, ',', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    cr_assert_eq(judged(longest, BODY, AT), NS_SIGNED_NOT);
}

Test(webhook, five_minutes_either_way_and_no_more) {
    const char *header = "t=1700000000,v1=" V1;
    cr_assert_eq(judged(header, BODY, AT + 300 * NS_SECOND), NS_SIGNED_WELL);
    cr_assert_eq(judged(header, BODY, AT + 300 * NS_SECOND + 1), NS_SIGNED_LATE);
    cr_assert_eq(judged(header, BODY, AT - 300 * NS_SECOND), NS_SIGNED_WELL);
    cr_assert_eq(judged(header, BODY, AT - 300 * NS_SECOND - 1), NS_SIGNED_EARLY, "a clock that is behind is no fault of the sender");
}
