/* The JSON protocol as a machine: each script is what a client says and what it hears. */
#include "agent/api/transport_json.h"
#include "tests/unit/net/fake_operations.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define NOBODY "00000000-0000-0000-0000-000000000000"
#define TIME "\"timestamp\":\"2026-11-25T16:00:00Z\""
#define FROM(type, data, user) "{\"type\":\"" type "\",\"data\":{" data "}," TIME ",\"user_id\":" user "}\n"
#define STRANGER(type, data) FROM(type, data, "null")
#define KNOWN(type, data) FROM(type, data, "\"" NOBODY "\"")

struct heard {
    struct ns_buf text; /* messages, one a line; a close as "close CODE" */
    int events;
    bool full; /* nothing is taken any more */
};

static bool on_send(void *self, struct ns_str text, bool event) {
    struct heard *heard = self;
    if (heard->full) {
        return false;
    }
    ns_buf_str(&heard->text, text);
    ns_buf_char(&heard->text, '\n');
    heard->events += event;
    return true;
}

static bool on_room(void *self) {
    return !((struct heard *)self)->full;
}

static void on_close(void *self, int code, const char *reason) {
    struct heard *heard = self;
    (void)reason;
    ns_buf_fmt(&heard->text, "close %d\n", code);
}

static ns_time on_now(void *self) {
    ns_time now = 0;
    (void)self;
    return ns_time_parse(NS_STR("2026-11-25T16:00:00Z"), &now) ? now : 0;
}

struct fixture {
    struct fake_operations fake;
    struct heard heard;
    struct ns_jsonp *j;
};

/* The greeting is heard and forgotten. */
static void set_up(struct fixture *f) {
    *f = (struct fixture){.heard = {.text = NS_BUF(1 << 20)}};
    fake_init(&f->fake);
    const struct ns_jsonp_out out = {&f->heard, on_send, on_room, on_close, on_now};
    const struct ns_op_caller caller = {.lang = NS_LANG_EN};
    f->j = ns_jsonp_new(&f->fake.operations, &caller, &out);
    cr_assert_str_eq(f->heard.text.data, STRANGER("ping", "\"message\":\"NestSync " NS_VERSION "\""));
    ns_buf_clear(&f->heard.text);
}

static void tear_down(struct fixture *f) {
    ns_jsonp_free(f->j);
    cr_assert_eq(fake_running(&f->fake), 0);
    ns_buf_fini(&f->heard.text);
}

static void say(struct fixture *f, const char *message) {
    ns_jsonp_text(f->j, ns_str_of(message));
}

static const char *text_of(struct fixture *f) {
    return f->heard.text.data != NULL && f->heard.text.len > 0 ? f->heard.text.data : "";
}

#define AUTH(token) "{\"type\":\"authenticate\",\"data\":{\"token\":\"" token "\"}}"
#define ORDERS "{\"type\":\"subscribe_order_updates\",\"data\":{}}"
#define PREDICTIONS "{\"type\":\"subscribe_prediction_updates\",\"data\":{}}"
#define BILLING "{\"type\":\"subscribe_billing_events\"}"
#define LEAVE(name) "{\"type\":\"unsubscribe\",\"data\":{\"subscription\":\"" name "\"}}"
#define WELCOME KNOWN("authenticated", "\"user_id\":\"" NOBODY "\",\"message\":\"Welcome home\"")
#define SUBSCRIBED(type, name) KNOWN(type, "\"subscribed\":true,\"subscription\":\"" name "\",\"user_id\":\"" NOBODY "\"")
#define LEFT(name) KNOWN("unsubscribe", "\"unsubscribed\":true,\"subscription\":\"" name "\"")
#define NO_TOKEN STRANGER("auth_error", "\"error\":\"This token does not hold\"")
#define NO_JSON STRANGER("error", "\"error\":\"Invalid JSON format\"")
#define NOT_YOU STRANGER("error", "\"error\":\"Authentication required\"")

static const struct {
    const char *what;
    const char *say[4];
    const char *hear;
} scripts[] = {
    {"the documentation's client: both without waiting", {AUTH("good"), ORDERS},
     WELCOME SUBSCRIBED("subscribe_order_updates", "order_updates")},
    {"all three", {AUTH("good"), ORDERS, PREDICTIONS, BILLING},
     WELCOME SUBSCRIBED("subscribe_order_updates", "order_updates")
         SUBSCRIBED("subscribe_prediction_updates", "prediction_updates")
             SUBSCRIBED("subscribe_billing_events", "billing_events")},
    {"twice is once", {AUTH("good"), ORDERS, ORDERS},
     WELCOME SUBSCRIBED("subscribe_order_updates", "order_updates") SUBSCRIBED("subscribe_order_updates", "order_updates")},
    {"no token, no subscription", {ORDERS, LEAVE("orders")}, NOT_YOU NOT_YOU},
    {"a wrong token may be tried again", {AUTH("bad"), AUTH("bad"), AUTH("good")}, NO_TOKEN NO_TOKEN WELCOME},
    {"three times", {AUTH("bad"), AUTH("bad"), AUTH("bad"), AUTH("good")}, NO_TOKEN NO_TOKEN "close 4401\n"},
    {"no token at all", {"{\"type\":\"authenticate\"}"}, NO_TOKEN},
    {"a token that is no text", {"{\"type\":\"authenticate\",\"data\":{\"token\":7}}"}, NO_TOKEN},
    {"leaving by the name", {AUTH("good"), ORDERS, LEAVE("order_updates")},
     WELCOME SUBSCRIBED("subscribe_order_updates", "order_updates") LEFT("order_updates")},
    {"leaving by the old name", {AUTH("good"), PREDICTIONS, LEAVE("predictions")},
     WELCOME SUBSCRIBED("subscribe_prediction_updates", "prediction_updates") LEFT("prediction_updates")},
    {"leaving what was never subscribed", {AUTH("good"), LEAVE("billing")}, WELCOME LEFT("billing_events")},
    {"leaving what there is not", {AUTH("good"), LEAVE("rain")}, WELCOME KNOWN("error", "\"error\":\"Unknown subscription: rain\"")},
    {"ping", {"{\"type\":\"ping\"}"}, STRANGER("pong", TIME)},
    {"pong is heard in silence", {"{\"type\":\"pong\",\"data\":{},\"timestamp\":\"x\",\"user_id\":null}"}, ""},
    {"unknown", {"{\"type\":\"dance\"}"}, STRANGER("error", "\"error\":\"Unknown message type: dance\"")},
    {"what only the server says", {"{\"type\":\"authenticated\"}"}, STRANGER("error", "\"error\":\"Unknown message type: authenticated\"")},
    {"unknown with quotes", {"{\"type\":\"a\\\"b\"}"}, STRANGER("error", "\"error\":\"Unknown message type: a\\\"b\"")},
    {"no JSON", {"hello"}, NO_JSON},
    {"nothing", {""}, NO_JSON},
    {"a list", {"[]"}, NO_JSON},
    {"no type", {"{\"data\":{}}"}, NO_JSON},
    {"type is a number", {"{\"type\":1}"}, NO_JSON},
    {"data is a list", {"{\"type\":\"ping\",\"data\":[]}"}, NO_JSON},
};

Test(json_protocol, messages_and_answers) {
    for (size_t i = 0; i < NS_COUNT(scripts); i++) {
        struct fixture f;
        set_up(&f);
        for (size_t k = 0; k < NS_COUNT(scripts[i].say) && scripts[i].say[k] != NULL; k++) {
            say(&f, scripts[i].say[k]);
        }
        cr_expect_str_eq(text_of(&f), scripts[i].hear, "%s:\n%s", scripts[i].what, text_of(&f));
        tear_down(&f);
    }
}

#define PREDICTION(day)                                                                        \
    "{\"data\":{\"predictionUpdates\":{\"id\":\"p\",\"childId\":\"c\",\"confidenceLevel\":\"VERY_HIGH\"," \
    "\"predictedRunoutDate\":\"2026-12-04T05:00:00Z\",\"recommendedReorderDate\":\"" day "T05:00:00Z\","    \
    "\"currentConsumptionRate\":\"6.50\",\"predictedConsumption30d\":195,\"sizeChangeProbability\":null,"   \
    "\"predictedNewSize\":\"Size 3\",\"stockAtPrediction\":40}}}"
#define TOLD(day)                                                                              \
    KNOWN("prediction_update",                                                                 \
          "\"child_id\":\"c\",\"prediction_id\":\"p\",\"confidence_level\":\"very_high\","     \
          "\"predicted_runout_date\":\"2026-12-04T05:00:00Z\",\"recommended_reorder_date\":\"" day "T05:00:00Z\"," \
          "\"current_consumption_rate\":6.50,\"predicted_consumption_30d\":195,\"size_change_probability\":null,"  \
          "\"predicted_new_size\":\"Size 3\"," TIME)

Test(json_protocol, events_in_their_own_words) {
    struct fixture f;
    set_up(&f);
    say(&f, AUTH("good"));
    say(&f, PREDICTIONS);
    ns_buf_clear(&f.heard.text);
    fake_event(&f.fake, NS_STR(PREDICTION("2026-12-01")));
    cr_expect_str_eq(text_of(&f), TOLD("2026-12-01"), "%s", text_of(&f));
    ns_buf_clear(&f.heard.text);
    fake_event(&f.fake, NS_STR(PREDICTION("2026-11-25")));
    cr_expect_str_eq(text_of(&f),
                     TOLD("2026-11-25") KNOWN("inventory_alert",
                                              "\"child_id\":\"c\",\"prediction_id\":\"p\",\"current_stock\":40,"
                                              "\"predicted_runout_date\":\"2026-12-04T05:00:00Z\","
                                              "\"recommended_reorder_date\":\"2026-11-25T05:00:00Z\"," TIME),
                     "%s", text_of(&f));
    cr_expect_eq(f.heard.events, 3);
    ns_buf_clear(&f.heard.text);
    fake_event(&f.fake, NS_STR("{\"data\":null,\"errors\":[{\"message\":\"no\"}]}"));
    cr_expect_str_eq(text_of(&f), "", "what could not be read is not told");
    say(&f, LEAVE("predictions"));
    ns_buf_clear(&f.heard.text);
    fake_event(&f.fake, NS_STR(PREDICTION("2026-12-01")));
    cr_expect_str_eq(text_of(&f), "", "nothing after leaving");
    say(&f, ORDERS);
    ns_buf_clear(&f.heard.text);
    fake_event(&f.fake, NS_STR("{\"data\":{\"orderStatusUpdates\":{\"orderId\":\"o\",\"previousStatus\":\"PENDING\",\"newStatus\":\"IN_TRANSIT\","
                               "\"statusMessage\":null,\"trackingNumber\":\"T1\",\"trackingUrl\":null,\"estimatedDelivery\":null}}}"));
    cr_expect_str_eq(text_of(&f),
                     KNOWN("order_status_update",
                           "\"order_id\":\"o\",\"previous_status\":\"pending\",\"new_status\":\"in_transit\",\"status_message\":null,"
                           "\"tracking_number\":\"T1\",\"tracking_url\":null,\"estimated_delivery\":null," TIME),
                     "%s", text_of(&f));
    say(&f, LEAVE("orders"));
    say(&f, BILLING);
    ns_buf_clear(&f.heard.text);
    fake_event(&f.fake, NS_STR("{\"data\":{\"subscriptionBillingEvents\":{\"id\":\"7\",\"eventType\":\"invoice.payment_succeeded\",\"subscriptionId\":\"s\","
                               "\"amountCad\":29.99,\"status\":\"PAID\",\"message\":null}}}"));
    cr_expect_str_eq(text_of(&f),
                     KNOWN("billing_event",
                           "\"event_type\":\"invoice.payment_succeeded\",\"event_data\":{\"id\":\"7\",\"subscription_id\":\"s\","
                           "\"amount_cad\":29.99,\"status\":\"paid\",\"message\":null}," TIME),
                     "%s", text_of(&f));
    tear_down(&f);
}

Test(json_protocol, a_newer_token_keeps_what_is_subscribed) {
    struct fixture f;
    set_up(&f);
    say(&f, AUTH("good"));
    say(&f, PREDICTIONS);
    say(&f, AUTH("good"));
    cr_expect_eq(fake_running(&f.fake), 1);
    cr_expect_eq(f.fake.cancelled, 1);
    ns_buf_clear(&f.heard.text);
    fake_event(&f.fake, NS_STR(PREDICTION("2026-12-01")));
    cr_expect_str_eq(text_of(&f), TOLD("2026-12-01"));
    tear_down(&f);
}

Test(json_protocol, nonsense_has_an_end) {
    struct fixture f;
    set_up(&f);
    for (int i = 0; i < NS_JSONP_FAULTS_MOST + 5; i++) {
        say(&f, "nonsense");
    }
    const char *end = strstr(text_of(&f), "close 1008\n");
    cr_assert(end != NULL && end[strlen("close 1008\n")] == '\0', "nothing is said after the close");
    tear_down(&f);
}

Test(json_protocol, a_stranger_has_a_minute) {
    struct fixture f;
    set_up(&f);
    ns_jsonp_stranger_late(f.j);
    cr_expect_str_eq(text_of(&f), "close 4401\n");
    tear_down(&f);
    set_up(&f);
    say(&f, AUTH("good"));
    ns_buf_clear(&f.heard.text);
    ns_jsonp_stranger_late(f.j);
    cr_expect_str_eq(text_of(&f), "", "who showed a token stays");
    tear_down(&f);
}

Test(json_protocol, who_does_not_read_is_let_go) {
    struct fixture f;
    set_up(&f);
    say(&f, AUTH("good"));
    say(&f, PREDICTIONS);
    f.heard.full = true;
    fake_event(&f.fake, NS_STR(PREDICTION("2026-12-01")));
    cr_expect_eq(fake_running(&f.fake), 0);
    tear_down(&f);
    set_up(&f);
    say(&f, AUTH("good"));
    say(&f, PREDICTIONS);
    ns_buf_clear(&f.heard.text);
    fake_too_slow(&f.fake);
    cr_expect_str_eq(text_of(&f), "close 4290\n");
    tear_down(&f);
    set_up(&f);
    say(&f, AUTH("good"));
    say(&f, ORDERS);
    ns_buf_clear(&f.heard.text);
    fake_complete(&f.fake);
    cr_expect_str_eq(text_of(&f), "close 1001\n", "the agent stops");
    tear_down(&f);
}
