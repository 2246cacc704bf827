/* graphql-transport-ws as a machine: each script is what a client says and what it hears. */
#include "agent/api/transport_ws.h"
#include "tests/unit/net/fake_operations.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

struct heard {
    struct ns_buf text; /* messages, one a line; a close as "close CODE" */
    int accepted;
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

static void on_accepted(void *self) {
    ((struct heard *)self)->accepted++;
}

struct fixture {
    struct fake_operations fake;
    struct heard heard;
    struct ns_tws *tws;
};

static void set_up(struct fixture *f) {
    *f = (struct fixture){.heard = {.text = NS_BUF(1 << 20)}};
    fake_init(&f->fake);
    const struct ns_tws_out out = {&f->heard, on_send, on_room, on_close, on_accepted};
    const struct ns_op_caller caller = {.who.auth = NS_AUTH_LOCAL, .uid = 7, .lang = NS_LANG_FR};
    f->tws = ns_tws_new(&f->fake.operations, &caller, &out);
}

static void tear_down(struct fixture *f) {
    ns_tws_free(f->tws);
    ns_buf_fini(&f->heard.text);
}

static const char *text_of(struct fixture *f) {
    return f->heard.text.data != NULL ? f->heard.text.data : "";
}

static void say(struct fixture *f, const char *message) {
    ns_tws_text(f->tws, ns_str_of(message));
}

#define INIT "{\"type\":\"connection_init\"}"
#define ACK "{\"type\":\"connection_ack\"}\n"
#define SUB(id, query)                                                                         \
    "{\"id\":\"" id "\",\"type\":\"subscribe\",\"payload\":{\"query\":\"" query "\"}}"
#define NOW(id)                                                                                \
    "{\"id\":\"" id "\",\"type\":\"next\",\"payload\":{\"data\":{\"now\":1}}}\n"               \
    "{\"id\":\"" id "\",\"type\":\"complete\"}\n"

static const struct {
    const char *what;
    const char *say[4];
    const char *hear;
} scripts[] = {
    {"init is acknowledged", {INIT}, ACK},
    {"init with a payload", {"{\"type\":\"connection_init\",\"payload\":{\"a\":1}}"}, ACK},
    {"init with payload null", {"{\"type\":\"connection_init\",\"payload\":null}"}, ACK},
    {"init with a payload that is no object", {"{\"type\":\"connection_init\",\"payload\":1}"},
     "close 4400\n"},
    {"second init", {INIT, INIT}, ACK "close 4429\n"},
    {"operation before init", {SUB("1", "{ now }")}, "close 4401\n"},
    {"query", {INIT, SUB("1", "{ now }")}, ACK NOW("1")},
    {"mutation", {INIT, SUB("1", "mutation M")}, ACK NOW("1")},
    {"an id may come again after its end", {INIT, SUB("1", "{ now }"), SUB("1", "{ now }")},
     ACK NOW("1") NOW("1")},
    {"refused request", {INIT, SUB("1", "wrong"), SUB("1", "{ now }")},
     ACK "{\"id\":\"1\",\"type\":\"error\",\"payload\":[{\"message\":\"no\"}]}\n" NOW("1")},
    {"asked too often", {INIT, SUB("1", "too often")},
     ACK "{\"id\":\"1\",\"type\":\"error\",\"payload\":[{\"message\":\"no\"}]}\n"},
    {"id in use", {INIT, SUB("1", "subscription S"), SUB("1", "{ now }")}, ACK "close 4409\n"},
    {"two ids", {INIT, SUB("1", "subscription S"), SUB("2", "{ now }")}, ACK NOW("2")},
    {"complete frees the id",
     {INIT, SUB("1", "subscription S"), "{\"id\":\"1\",\"type\":\"complete\"}",
      SUB("1", "{ now }")}, ACK NOW("1")},
    {"complete of nothing", {INIT, "{\"id\":\"x\",\"type\":\"complete\"}"}, ACK},
    {"id with quotes", {INIT, SUB("\\\"", "{ now }")}, ACK NOW("\\\"")},
    {"ping before init", {"{\"type\":\"ping\"}"}, "{\"type\":\"pong\"}\n"},
    {"ping with payload", {"{\"type\":\"ping\",\"payload\":{\"n\":1.50}}"},
     "{\"type\":\"pong\",\"payload\":{\"n\":1.50}}\n"},
    {"ping with a payload that is no object", {"{\"type\":\"ping\",\"payload\":[]}"},
     "close 4400\n"},
    {"pong is heard in silence", {"{\"type\":\"pong\"}"}, ""},
    {"no JSON", {"hello"}, "close 4400\n"},
    {"empty message", {""}, "close 4400\n"},
    {"a list", {"[]"}, "close 4400\n"},
    {"a list with a type", {"[{\"type\":\"ping\"}]"}, "close 4400\n"},
    {"no type", {"{\"id\":\"1\"}"}, "close 4400\n"},
    {"type is a number", {"{\"type\":1}"}, "close 4400\n"},
    {"unknown type", {INIT, "{\"type\":\"start\",\"id\":\"1\"}"}, ACK "close 4400\n"},
    {"server-only ack", {INIT, "{\"type\":\"connection_ack\"}"}, ACK "close 4400\n"},
    {"server-only next", {INIT, "{\"type\":\"next\",\"id\":\"1\",\"payload\":{}}"},
     ACK "close 4400\n"},
    {"server-only error", {INIT, "{\"type\":\"error\",\"id\":\"1\",\"payload\":[]}"},
     ACK "close 4400\n"},
    {"subscribe without id", {INIT, "{\"type\":\"subscribe\",\"payload\":{\"query\":\"{a}\"}}"},
     ACK "close 4400\n"},
    {"subscribe with empty id", {INIT, SUB("", "{ now }")}, ACK "close 4400\n"},
    {"id is a number",
     {INIT, "{\"id\":1,\"type\":\"subscribe\",\"payload\":{\"query\":\"{a}\"}}"},
     ACK "close 4400\n"},
    {"subscribe without payload", {INIT, "{\"id\":\"1\",\"type\":\"subscribe\"}"},
     ACK "close 4400\n"},
    {"subscribe without query", {INIT, "{\"id\":\"1\",\"type\":\"subscribe\",\"payload\":{}}"},
     ACK "close 4400\n"},
    {"query is no text",
     {INIT, "{\"id\":\"1\",\"type\":\"subscribe\",\"payload\":{\"query\":1}}"},
     ACK "close 4400\n"},
    {"variables are a list",
     {INIT, "{\"id\":\"1\",\"type\":\"subscribe\",\"payload\":{\"query\":\"{a}\","
            "\"variables\":[]}}"},
     ACK "close 4400\n"},
    {"operation name is a number",
     {INIT, "{\"id\":\"1\",\"type\":\"subscribe\",\"payload\":{\"query\":\"{a}\","
            "\"operationName\":1}}"},
     ACK "close 4400\n"},
    {"complete without id", {INIT, "{\"type\":\"complete\"}"}, ACK "close 4400\n"},
    {"nothing is heard after a close", {"hello", INIT, "{\"type\":\"ping\"}"}, "close 4400\n"},
};

Test(transport, every_message_has_its_answer_or_its_close_code) {
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        struct fixture f;
        set_up(&f);
        for (size_t k = 0; k < 4 && scripts[i].say[k] != NULL; k++) {
            say(&f, scripts[i].say[k]);
        }
        cr_assert_str_eq(text_of(&f), scripts[i].hear, "%s: %s", scripts[i].what, text_of(&f));
        tear_down(&f);
        cr_assert_eq(fake_running(&f.fake), 0, "%s: nothing runs on", scripts[i].what);
    }
}

Test(transport, the_init_timeout_closes_only_who_stayed_silent) {
    struct fixture f;
    set_up(&f);
    ns_tws_init_timeout(f.tws);
    cr_assert_str_eq(text_of(&f), "close 4408\n");
    tear_down(&f);
    set_up(&f);
    say(&f, INIT);
    cr_assert_eq(f.heard.accepted, 1);
    ns_tws_init_timeout(f.tws);
    cr_assert_str_eq(text_of(&f), ACK);
    tear_down(&f);
}

Test(transport, events_flow_until_complete_from_either_side) {
    struct fixture f;
    set_up(&f);
    say(&f, INIT);
    say(&f, SUB("a", "subscription S"));
    say(&f, SUB("b", "subscription S"));
    cr_assert_eq(ns_tws_running(f.tws), 2);
    ns_buf_clear(&f.heard.text);
    fake_event(&f.fake, NS_STR("{\"data\":1}"));
    cr_assert_str_eq(text_of(&f), "{\"id\":\"a\",\"type\":\"next\",\"payload\":{\"data\":1}}\n"
                                  "{\"id\":\"b\",\"type\":\"next\",\"payload\":{\"data\":1}}\n");
    cr_assert_eq(f.heard.events, 0, "the first answer was asked for");
    fake_event(&f.fake, NS_STR("{\"data\":2}"));
    cr_assert_eq(f.heard.events, 2, "the later ones are events");
    say(&f, "{\"id\":\"a\",\"type\":\"complete\"}");
    cr_assert_eq(f.fake.cancelled, 1);
    ns_buf_clear(&f.heard.text);
    fake_complete(&f.fake);
    cr_assert_str_eq(text_of(&f), "{\"id\":\"b\",\"type\":\"complete\"}\n");
    cr_assert_eq(ns_tws_running(f.tws), 0);
    tear_down(&f);
}

Test(transport, an_answer_may_come_later_or_never) {
    struct fixture f;
    set_up(&f);
    say(&f, INIT);
    say(&f, SUB("1", "{ later }"));
    cr_assert_str_eq(text_of(&f), ACK);
    fake_finish(&f.fake);
    cr_assert_str_eq(text_of(&f), ACK NOW("1"));
    say(&f, SUB("2", "{ later }"));
    tear_down(&f);
    cr_assert_eq(f.fake.cancelled, 1, "the socket went away first");
}

Test(transport, a_close_cancels_what_runs) {
    struct fixture f;
    set_up(&f);
    say(&f, INIT);
    say(&f, SUB("1", "subscription S"));
    say(&f, SUB("2", "{ later }"));
    say(&f, "nonsense");
    cr_assert_eq(f.fake.cancelled, 2);
    cr_assert_eq(ns_tws_running(f.tws), 0);
    tear_down(&f);
}

Test(transport, too_many_operations_close_the_socket) {
    struct fixture f;
    char message[120];
    set_up(&f);
    say(&f, INIT);
    for (int i = 0; i <= NS_TWS_OPERATIONS_MOST; i++) {
        cr_assert_eq(ns_tws_running(f.tws), (size_t)i);
        snprintf(message, sizeof message,
                 "{\"id\":\"%d\",\"type\":\"subscribe\",\"payload\":{\"query\":\"{ later }\"}}", i);
        say(&f, message);
    }
    cr_assert_str_eq(text_of(&f), ACK "close 4429\n");
    tear_down(&f);
}

Test(transport, the_request_reaches_the_operations_byte_for_byte) {
    struct fixture f;
    set_up(&f);
    say(&f, INIT);
    say(&f, "{\"type\":\"subscribe\", \"id\":\"1\", \"payload\" : {\"query\":\"{ now }\","
            "\"variables\":{\"n\":12345678901234567890.10,\"s\":\"\\u00e9 }\\\"\"}} }");
    cr_assert_str_eq(f.fake.last_body,
                     "{\"query\":\"{ now }\",\"variables\":{\"n\":12345678901234567890.10,"
                     "\"s\":\"\\u00e9 }\\\"\"}}");
    cr_assert_eq(f.fake.last_caller.uid, 7);
    cr_assert_eq(f.fake.last_caller.lang, NS_LANG_FR);
    tear_down(&f);
}

Test(transport, a_peer_that_reads_nothing_hears_nothing_more) {
    struct fixture f;
    set_up(&f);
    say(&f, INIT);
    say(&f, SUB("a", "subscription S"));
    say(&f, SUB("b", "subscription S"));
    f.heard.full = true;
    fake_event(&f.fake, NS_STR("{\"data\":1}"));
    cr_assert_eq(fake_running(&f.fake), 0, "both are cancelled at the first refusal");
    cr_assert_eq(ns_tws_running(f.tws), 0);
    say(&f, SUB("c", "{ now }"));
    cr_assert_eq(f.fake.started, 2, "and no request is taken up");
    cr_assert_str_eq(text_of(&f), ACK);
    tear_down(&f);
}

Test(transport, room_resumes_every_subscription_and_a_hopeless_one_closes) {
    struct fixture f;
    set_up(&f);
    say(&f, INIT);
    say(&f, SUB("a", "subscription S"));
    say(&f, SUB("b", "subscription S"));
    f.heard.full = true;
    ns_tws_room(f.tws);
    cr_assert_eq(f.fake.resumed, 0, "there is none yet");
    f.heard.full = false;
    ns_tws_room(f.tws);
    cr_assert_eq(f.fake.resumed, 2);
    fake_too_slow(&f.fake);
    cr_assert_str_eq(text_of(&f), ACK "close 4290\n");
    cr_assert_eq(fake_running(&f.fake), 0);
    tear_down(&f);
}

Test(transport, a_stranger_needs_a_token_that_holds) {
    static const struct {
        const char *init;
        bool good;
    } cases[] = {
        {INIT, false},
        {"{\"type\":\"connection_init\",\"payload\":{}}", false},
        {"{\"type\":\"connection_init\",\"payload\":{\"authorization\":null}}", false},
        {"{\"type\":\"connection_init\",\"payload\":{\"authorization\":[\"Bearer good\"]}}", false},
        {"{\"type\":\"connection_init\",\"payload\":{\"authorization\":\"Bearer bad\"}}", false},
        {"{\"type\":\"connection_init\",\"payload\":{\"authorization\":\"Bearer good\"}}", true},
        {"{\"type\":\"connection_init\",\"payload\":{\"Authorization\":\"Bearer good\"}}", true},
    };
    for (size_t i = 0; i < NS_COUNT(cases); i++) {
        struct fixture f;
        set_up(&f);
        ns_tws_free(f.tws);
        const struct ns_tws_out out = {&f.heard, on_send, on_room, on_close, on_accepted};
        const struct ns_op_caller stranger = {.lang = NS_LANG_EN};
        f.tws = ns_tws_new(&f.fake.operations, &stranger, &out);
        say(&f, cases[i].init);
        cr_assert_str_eq(text_of(&f), cases[i].good ? ACK : "close 4401\n", "%s", cases[i].init);
        tear_down(&f);
    }
}
