/* WebSocket over bytes, the opening handshake, and JSON limits. */
#include "shared/wire/json.h"
#include "shared/wire/ws.h"
#include "tests/harness/venv.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

struct end {
    struct ns_ws *ws;
    struct ns_buf log; /* events, one a line */
    const char *reply; /* said at the first text */
};

static void heard(void *arg, enum ns_ws_event event, int code, struct ns_str payload) {
    static const char *const names[] = {"text", "binary", "pong", "close"};
    struct end *end = arg;
    ns_buf_fmt(&end->log, "%s %d ", names[event], code);
    ns_buf_str(&end->log, payload);
    ns_buf_char(&end->log, '\n');
    if (event == NS_WS_TEXT && end->reply != NULL) {
        ns_ws_text(end->ws, ns_str_of(end->reply));
        end->reply = NULL;
    }
}

static struct venv venv;

static void set_up(struct end *end, enum ns_ws_side side) {
    *end = (struct end){.log = NS_BUF(1 << 20)};
    ns_buf_add(&end->log, "", 0);
    end->ws = ns_ws_new(side, &venv.env, 1000, heard, end);
}

static void tear_down(struct end *end) {
    ns_ws_free(end->ws);
    ns_buf_fini(&end->log);
}

/* All of the bytes, frame by frame. */
static ns_rc feed(struct ns_ws *ws, const char *bytes, size_t n) {
    ns_rc rc = NS_OK;
    size_t used = 0;
    for (size_t at = 0; at < n && rc == NS_OK; at += used) {
        rc = ns_ws_feed(ws, bytes + at, n - at, &used);
    }
    return rc;
}

/* Carry what `from` has to say over to `to`, in pieces. */
static ns_rc carry(struct end *from, struct end *to, size_t piece) {
    struct ns_buf bytes = NS_BUF(1 << 20);
    ns_rc rc = NS_OK;
    ns_ws_take(from->ws, SIZE_MAX, &bytes);
    for (size_t at = 0; at < bytes.len && rc == NS_OK; at += piece) {
        rc = feed(to->ws, bytes.data + at, bytes.len - at < piece ? bytes.len - at : piece);
    }
    ns_buf_fini(&bytes);
    return rc;
}

Test(ws, messages_pings_and_the_closing_pass_in_any_cut) {
    for (size_t piece = 1; piece < 20; piece++) {
        struct end server;
        struct end client;
        venv_init(&venv, 0, 7);
        set_up(&server, NS_WS_SERVER);
        set_up(&client, NS_WS_CLIENT);
        server.reply = "welcome";
        cr_assert(ns_ws_text(client.ws, NS_STR("h\xC3\xA9llo")));
        cr_assert(ns_ws_text(client.ws, NS_STR("")));
        cr_assert_eq(carry(&client, &server, piece), NS_OK);
        cr_assert_str_eq(server.log.data, "text 0 h\xC3\xA9llo\ntext 0 \n");
        cr_assert(ns_ws_ping(server.ws));
        cr_assert_eq(carry(&server, &client, piece), NS_OK);
        cr_assert_str_eq(client.log.data, "text 0 welcome\n");
        cr_assert_eq(carry(&client, &server, piece), NS_OK, "the pong");
        ns_ws_close(server.ws, 4400, "\xC3\xA9t\xC3\xA9");
        cr_assert_not(ns_ws_text(server.ws, NS_STR("late")), "nothing after a close");
        cr_assert_eq(carry(&server, &client, piece), NS_OK);
        cr_assert_not(ns_ws_finished(server.ws));
        cr_assert_eq(carry(&client, &server, piece), NS_OK);
        cr_assert(ns_ws_finished(server.ws));
        cr_assert(ns_ws_finished(client.ws));
        cr_assert_str_eq(client.log.data, "text 0 welcome\nclose 4400 \xC3\xA9t\xC3\xA9\n");
        cr_assert_str_eq(server.log.data,
                         "text 0 h\xC3\xA9llo\ntext 0 \npong 0 \nclose 4400 \xC3\xA9t\xC3\xA9\n");
        tear_down(&server);
        tear_down(&client);
        venv_fini(&venv);
    }
}

Test(ws, a_peer_that_breaks_the_rules_is_told_why) {
    static const struct {
        const char *what;
        const char *bytes;
        size_t n;
        int code;
    } table[] = {
        {"not masked", "\x81\x02hi", 4, 1002},
        {"first reserved bit", "\xC1\x80\0\0\0\0", 6, 1002},
        {"second reserved bit", "\xA1\x80\0\0\0\0", 6, 1002},
        {"third reserved bit", "\x91\x80\0\0\0\0", 6, 1002},
        {"reserved bit of a ping", "\xC9\x80\0\0\0\0", 6, 1002},
        {"reserved data opcode", "\x83\x80\0\0\0\0", 6, 1002},
        {"reserved control opcode", "\x8B\x80\0\0\0\0", 6, 1002},
        {"fragmented ping", "\x09\x80\0\0\0\0", 6, 1002},
        {"fragmented close", "\x08\x80\0\0\0\0", 6, 1002},
        {"long ping", "\x89\xFE\0\x7E\0\0\0\0", 8, 1002},
        {"continuation of nothing", "\x80\x80\0\0\0\0", 6, 1002},
        {"message inside a message", "\x01\x80\0\0\0\0\x81\x80\0\0\0\0", 12, 1002},
        {"two bytes of length for one", "\x81\xFE\0\x7D\0\0\0\0", 8, 1002},
        {"eight bytes of length for two", "\x81\xFF\0\0\0\0\0\0\xFF\xFF\0\0\0\0", 14, 1002},
        {"length with the highest bit", "\x81\xFF\x80\0\0\0\0\0\0\0\0\0\0\0", 14, 1002},
        {"text that is no UTF-8", "\x81\x81\0\0\0\0\xFF", 7, 1007},
        {"text that ends inside a character", "\x81\x82\0\0\0\0\xE2\x82", 8, 1007},
        {"a surrogate", "\x81\x83\0\0\0\0\xED\xA0\x80", 9, 1007},
        {"no UTF-8 over two frames", "\x01\x81\0\0\0\0\xE2\x80\x81\0\0\0\0\x28", 14, 1007},
        {"message over the limit", "\x81\xFE\x03\xE9\0\0\0\0" "a", 9, 1009},
        {"message of all there is", "\x81\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0\0\0\0", 14, 1009},
        {"close of one byte", "\x88\x81\0\0\0\0\x03", 7, 1002},
        {"close with code 1005", "\x88\x82\0\0\0\0\x03\xED", 8, 1002},
        {"close with code 999", "\x88\x82\0\0\0\0\x03\xE7", 8, 1002},
        {"close with code 5000", "\x88\x82\0\0\0\0\x13\x88", 8, 1002},
        {"close with a reason that is no UTF-8", "\x88\x83\0\0\0\0\x03\xE8\xFF", 9, 1007},
    };
    venv_init(&venv, 0, 7);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct end server;
        struct ns_buf out = NS_BUF(1000);
        set_up(&server, NS_WS_SERVER);
        cr_assert_eq(feed(server.ws, table[i].bytes, table[i].n), NS_E_INPUT, "%s",
                     table[i].what);
        cr_assert_str_eq(server.log.data, "", "%s", table[i].what);
        ns_ws_take(server.ws, SIZE_MAX, &out);
        cr_assert(out.len >= 2 && (unsigned char)out.data[0] == 0x88, "%s", table[i].what);
        int code = out.len >= 4 ? (unsigned char)out.data[2] << 8 | (unsigned char)out.data[3]
                                : 1005; /* a close without code */
        cr_assert_eq(code, table[i].code, "%s: %d", table[i].what, code);
        cr_assert(ns_ws_finished(server.ws), "%s", table[i].what);
        cr_assert_eq(feed(server.ws, "\x89\x80\0\0\0\0", 6), NS_E_INPUT, "%s",
                     table[i].what);
        ns_buf_fini(&out);
        tear_down(&server);
    }
    venv_fini(&venv);
}

Test(ws, tells_whether_a_message_is_under_way) {
    static const struct {
        const char *bytes;
        size_t n;
        bool middle;
    } steps[] = {
        {"\x01", 1, true},                     /* a header begins */
        {"\x82\0\0\0\0", 5, true},            /* and is whole */
        {"hi", 2, true},                       /* one frame, the message goes on */
        {"\x89\x80\0\0\0\0", 6, true},        /* a ping in between ends nothing */
        {"\x80\x80\0\0\0\0", 6, false},       /* the last frame */
        {"\x81\x81\0\0\0\0", 6, true},        /* the next message waits for a byte */
        {"!", 1, false},
    };
    struct end server;
    venv_init(&venv, 0, 7);
    set_up(&server, NS_WS_SERVER);
    cr_assert_not(ns_ws_middle(server.ws));
    for (size_t i = 0; i < NS_COUNT(steps); i++) {
        size_t used = 0;
        cr_assert_eq(ns_ws_feed(server.ws, steps[i].bytes, steps[i].n, &used), NS_OK);
        cr_assert_eq(used, steps[i].n);
        cr_assert_eq(ns_ws_middle(server.ws), steps[i].middle, "step %zu", i);
    }
    cr_assert_str_eq(server.log.data, "text 0 hi\ntext 0 !\n");
    size_t used = 0;
    cr_assert_eq(ns_ws_feed(server.ws, "\x81\x80\0\0\0\0\x81", 7, &used), NS_OK);
    cr_assert_eq(used, 6, "one frame a call");
    tear_down(&server);
    venv_fini(&venv);
}

Test(ws, taking_stops_at_the_asked_amount) {
    struct end server;
    struct ns_buf out = NS_BUF(1 << 20);
    venv_init(&venv, 0, 7);
    set_up(&server, NS_WS_SERVER);
    for (int i = 0; i < 10; i++) {
        ns_ws_text(server.ws, NS_STR("0123456789"));
    }
    cr_assert_eq(ns_ws_queued_messages(server.ws), 10);
    cr_assert_eq(ns_ws_queued_bytes(server.ws), 100);
    ns_ws_take(server.ws, 30, &out);
    cr_assert(out.len >= 30 && out.len <= 48, "%zu", out.len);
    cr_assert(ns_ws_queued_messages(server.ws) > 5);
    ns_ws_take(server.ws, SIZE_MAX, &out);
    cr_assert_eq(out.len, 120);
    cr_assert_eq(ns_ws_queued_messages(server.ws), 0);
    ns_buf_fini(&out);
    tear_down(&server);
    venv_fini(&venv);
}

Test(ws, a_long_reason_is_cut_between_characters) {
    struct end server;
    struct end client;
    char reason[200] = "";
    venv_init(&venv, 0, 7);
    set_up(&server, NS_WS_SERVER);
    set_up(&client, NS_WS_CLIENT);
    for (int i = 0; i < 60; i++) {
        memcpy(reason + 1 + 2 * i, "\xC3\xA9", 3);
    }
    reason[0] = 'x';
    strncat(reason, "\xC3\xA9\xC3\xA9\xC3\xA9", 7);
    ns_ws_close(server.ws, 4409, reason);
    cr_assert_eq(carry(&server, &client, 1000), NS_OK);
    cr_assert_eq(client.log.len, strlen("close 4409 \n") + 123);
    tear_down(&server);
    tear_down(&client);
    venv_fini(&venv);
}

Test(handshake, the_example_of_the_standard_holds) {
    char accept[NS_WS_ACCEPT_TEXT];
    ns_ws_accept(NS_STR("dGhlIHNhbXBsZSBub25jZQ=="), accept); /* RFC 6455 1.3 */
    cr_assert_str_eq(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    cr_assert(ns_ws_key_valid(NS_STR("dGhlIHNhbXBsZSBub25jZQ==")));
    cr_assert_not(ns_ws_key_valid(NS_STR("dGhlIHNhbXBsZSBub25jZQ=")));
    cr_assert_not(ns_ws_key_valid(NS_STR("dGhlIHNhbXBsZSBub25j!Q==")));
    cr_assert_not(ns_ws_key_valid(NS_STR("dGhlIHNhbXBsZSBub25jZQAA")));
    cr_assert_not(ns_ws_key_valid((struct ns_str){0}));
    char one[NS_WS_KEY_TEXT];
    char two[NS_WS_KEY_TEXT];
    ns_ws_make_key(ns_env_system(), one);
    ns_ws_make_key(ns_env_system(), two);
    cr_assert(ns_ws_key_valid(ns_str_of(one)) && ns_ws_key_valid(ns_str_of(two)));
    cr_assert_str_neq(one, two);
    cr_assert(ns_ws_list_has(NS_STR("a, WebSocket ,b"), "websocket", false));
    cr_assert_not(ns_ws_list_has(NS_STR("a, WebSocket"), "websocket", true));
    cr_assert_not(ns_ws_list_has((struct ns_str){0}, "websocket", true));
}

static ns_rc read_json(struct ns_str text, size_t most) {
    struct ns_json *root = NULL;
    struct ns_err err = {0};
    ns_rc rc = ns_json_read(text, most, &root, &err);
    cr_assert_eq(rc == NS_OK, root != NULL);
    ns_json_free(root);
    return rc;
}

Test(json, size_depth_and_what_follows_are_checked) {
    char deep[2 * NS_JSON_DEPTH + 3] = "";
    memset(deep, '[', NS_JSON_DEPTH);
    memset(deep + NS_JSON_DEPTH, ']', NS_JSON_DEPTH);
    cr_assert_eq(read_json(ns_str_of(deep), 1000), NS_OK);
    memset(deep, '[', NS_JSON_DEPTH + 1);
    memset(deep + NS_JSON_DEPTH + 1, ']', NS_JSON_DEPTH + 1);
    cr_assert_eq(read_json(ns_str_of(deep), 1000), NS_E_LIMIT);
    cr_assert_eq(read_json(NS_STR("[1]"), 3), NS_OK);
    cr_assert_eq(read_json(NS_STR("[1]"), 2), NS_E_LIMIT);
    cr_assert_eq(read_json(NS_STR("[1] "), 9), NS_OK);
    cr_assert_eq(read_json(NS_STR("[1] x"), 9), NS_E_INPUT);
    cr_assert_eq(read_json(NS_STR("[1"), 9), NS_E_INPUT);
    cr_assert_eq(read_json(NS_STR(""), 9), NS_E_INPUT);
    cr_assert_eq(read_json((struct ns_str){0}, 9), NS_E_INPUT);
    cr_assert_eq(read_json(NS_STR("\"[[[[\\\"[\""), 99), NS_OK);
    cr_assert_eq(read_json(NS_STR("\t[\r\n1 ]\n"), 99), NS_OK);
    cr_assert_eq(read_json(NS_STR("[\v1]"), 99), NS_E_INPUT, "no blank of JSON");
    cr_assert_eq(read_json(NS_STR("[1]\0"), 99), NS_E_INPUT);
    cr_assert_eq(read_json(NS_STR("[\"a\nb\"]"), 99), NS_E_INPUT, "a line break must be escaped");
}

Test(json, getters_answer_only_their_own_kind) {
    struct ns_json *root = NULL;
    cr_assert_eq(ns_json_read(NS_STR("{\"n\":3,\"f\":1.5,\"t\":\"x\",\"b\":true,\"l\":[1,2],"
                                     "\"o\":{\"p\":{\"q\":\"deep\"}},\"z\":null,\"big\":1e300}"),
                              1000, &root, NULL),
                 NS_OK);
    cr_assert_eq(ns_json_int(ns_json_get(root, "n"), -1), 3);
    cr_assert_eq(ns_json_int(ns_json_get(root, "f"), -1), -1);
    cr_assert_eq(ns_json_int(ns_json_get(root, "t"), -1), -1);
    cr_assert_eq(ns_json_int(ns_json_get(root, "big"), -1), -1);
    cr_assert_eq(ns_json_int(ns_json_get(root, "nothing"), -1), -1);
    cr_assert_null(ns_json_text(ns_json_get(root, "n")));
    cr_assert_str_eq(ns_json_text(ns_json_path(root, "o.p.q")), "deep");
    cr_assert_null(ns_json_path(root, "o.x.q"));
    cr_assert(ns_json_bool(ns_json_get(root, "b"), false));
    cr_assert(ns_json_bool(ns_json_get(root, "n"), true));
    cr_assert_eq(ns_json_count(ns_json_get(root, "l")), 2);
    cr_assert(ns_json_is_null(ns_json_get(root, "z")) && ns_json_is_null(NULL));
    ns_json_free(root);
}

Test(json, raw_members_keep_their_bytes) {
    static const struct {
        const char *object, *name, *raw; /* raw NULL: absent */
    } table[] = {
        {"{\"a\":1.50,\"b\":2}", "a", "1.50"},
        {"{\"a\":1.50,\"b\": 2 }", "b", "2"},
        {" { \"a\" : {\"b\":[1,{\"c\":\"}\\\"]\"}]} , \"b\":0}", "a",
         "{\"b\":[1,{\"c\":\"}\\\"]\"}]}"},
        {" { \"a\" : {\"b\":[1,{\"c\":\"}\\\"]\"}]} , \"b\":0}", "b", "0"},
        {"{\"x\":\"a\",\"a\":\"x\"}", "a", "\"x\""},
        {"{\"x\":{\"a\":1}}", "a", NULL},
        {"{\"x\":\"\\\\\",\"a\":null}", "a", "null"},
        {"{}", "a", NULL},
        {"[]", "a", NULL},
        {"{\"a\":1,\"a\":2}", "a", "1"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct ns_str raw = ns_json_raw(ns_str_of(table[i].object), table[i].name);
        if (table[i].raw == NULL) {
            cr_assert_null(raw.p, "%s", table[i].object);
        } else {
            cr_assert(ns_str_is(raw, table[i].raw), "%s: %.*s", table[i].object, (int)raw.n, raw.p);
        }
    }
}

Test(json, quoting_gives_json_whatever_the_bytes) {
    struct ns_buf out = NS_BUF(1000);
    ns_json_quote(&out, (struct ns_str){"a\"\\\n\x01\xC3\xA9\xFF\xED\xA0\x80\0z", 13});
    cr_assert_str_eq(out.data, "\"a\\\"\\\\\\u000a\\u0001\xC3\xA9\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
                               "\xEF\xBF\xBD\\u0000z\"");
    cr_assert_eq(read_json(ns_buf_view(&out), 1000), NS_OK);
    ns_buf_fini(&out);
}
