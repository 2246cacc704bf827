/* The link over a wire that is a table of functions: what is asked, kept and told when the agent
 * answers, hangs, goes and comes back. Time moves by hand. */
#include "tests/harness/venv.h"
#include "tui/link/link.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define SECOND 1000000
#define CHILD "11111111-1111-4111-8111-111111111111"

struct sent {
    uint32_t id;
    char query[40];
    char variables[400];
};

static struct {
    struct venv v;
    struct ns_client_handlers handlers;
    bool open;
    uint32_t last;
    int sent_count;
    struct sent sent[64];
    int pings;
    int64_t heard_us;
} wire;

/* What the reducer would have seen. */
static struct {
    enum ns_app_link_state state;
    int32_t queued;
    int saved;
    int waiting;
    int failed;
    uint16_t rows;
    struct ns_app_log row[8];
} seen;

static struct ns_client *wire_open(const char *path, enum ns_lang lang, const struct ns_env *env,
                                   const struct ns_client_handlers *handlers) {
    (void)path;
    (void)lang;
    (void)env;
    wire.handlers = *handlers;
    wire.open = true;
    wire.heard_us = wire.v.steady_us;
    return (struct ns_client *)&wire;
}

static void wire_close(struct ns_client *client) {
    wire.open = wire.open && client == NULL;
}

static int wire_fd(const struct ns_client *client) {
    (void)client;
    return 7;
}

static short wire_wants(const struct ns_client *client) {
    (void)client;
    return 1;
}

static int wire_timeout(const struct ns_client *client) {
    (void)client;
    return -1;
}

static void wire_pump(struct ns_client *client) {
    (void)client;
}

static uint32_t wire_start(struct ns_client *client, const char *query, const char *variables) {
    (void)client;
    cr_assert_lt(wire.sent_count, 64);
    struct sent *s = &wire.sent[wire.sent_count++];
    s->id = ++wire.last;
    snprintf(s->query, sizeof s->query, "%s", query);
    snprintf(s->variables, sizeof s->variables, "%s", variables == NULL ? "" : variables);
    return s->id;
}

static void wire_ping(struct ns_client *client) {
    (void)client;
    wire.pings++;
}

static int64_t wire_heard(const struct ns_client *client) {
    (void)client;
    return wire.heard_us;
}

static const struct ns_link_wire fake = {wire_open, wire_close, wire_fd, wire_wants, wire_timeout,
                                         wire_pump, wire_start, wire_ping, wire_heard};

static void on_event(void *self, const struct ns_event *event) {
    (void)self;
    if (event->kind == NS_EVENT_CONNECTION) {
        seen.state = event->link;
        seen.queued = event->queued;
    } else if (event->kind == NS_EVENT_DONE) {
        seen.saved += event->done->ok && !event->done->queued;
        seen.waiting += event->done->ok && event->done->queued;
        seen.failed += !event->done->ok;
    } else if (event->kind == NS_EVENT_DATA && event->data->load == NS_LOAD_LOGS) {
        seen.rows = (uint16_t)event->data->count;
        memcpy(seen.row, event->data->logs, (seen.rows < 8 ? seen.rows : 8) * sizeof seen.row[0]);
    }
}

static struct ns_seal seal;

static struct ns_link *begin(void) {
    seal = (struct ns_seal){.env = &wire.v.env, .key_path = "/machine.key", .state_path = "/console.state"};
    const struct ns_link_setup setup = {.env = &wire.v.env, .socket_path = "/s", .seal = &seal,
                                        .wire = &fake, .event = on_event};
    struct ns_link *link = ns_link_new(&setup);
    ns_link_start(link);
    return link;
}

static void fresh(void) {
    memset(&wire, 0, sizeof wire);
    memset(&seen, 0, sizeof seen);
    venv_init(&wire.v, 1800000000 * NS_SECOND, 1);
    venv_put(&wire.v, "/machine.key", "0123456789abcdef0123456789abcdef");
}

/* The agent says something: an answer to the newest question that begins like this. */
static void answer(const char *query, const char *payload) {
    for (int i = wire.sent_count - 1; i >= 0; i--) {
        if (strncmp(wire.sent[i].query, query, strlen(query)) == 0) {
            wire.heard_us = wire.v.steady_us;
            wire.handlers.next(wire.handlers.self, wire.sent[i].id, ns_str_of(payload));
            return;
        }
    }
    cr_assert_fail("nothing like \"%s\" was asked", query);
}

static void ready(struct ns_link *link) {
    wire.handlers.ready(wire.handlers.self);
    answer("query Household", "{\"data\":{\"household\":null}}");
    ns_link_pump(link);
    cr_assert_eq(seen.state, NS_LINK_LIVE);
}

static int mutations(void) {
    int n = 0;
    for (int i = 0; i < wire.sent_count; i++) {
        n += strncmp(wire.sent[i].query, "mutation LogChange", 18) == 0;
    }
    return n;
}

static void log_one(struct ns_link *link, uint8_t key) {
    struct ns_cmd cmd = {.kind = NS_CMD_LOG, .key = {{key}}, .at = wire.v.now};
    cr_assert(ns_id_parse(NS_STR(CHILD), &cmd.child));
    ns_link_command(link, &cmd);
}

static void later(struct ns_link *link, int64_t us) {
    venv_advance(&wire.v, us);
    ns_link_pump(link);
}

static void finish(struct ns_link *link) {
    ns_link_free(link);
    venv_fini(&wire.v);
}

#define SAVED "{\"data\":{\"logDiaperChange\":{\"success\":true,\"actionId\":null,\"usageLog\":{\"id\":\"" CHILD "\",\"inventoryItemId\":null}}}}"

Test(link, an_idle_connection_asks_nothing_and_wakes_nobody) {
    fresh();
    struct ns_link *link = begin();
    ready(link);
    cr_assert_eq(ns_link_timeout_ms(link), -1);
    later(link, 3600 * (int64_t)SECOND);
    cr_assert_eq(wire.pings, 0);
    cr_assert_eq(ns_link_timeout_ms(link), -1);
    ns_link_watch(link, false); /* the clock's minute */
    cr_assert_eq(wire.pings, 1);
    wire.heard_us = wire.v.steady_us;
    ns_link_pump(link);
    cr_assert_eq(ns_link_timeout_ms(link), -1);
    finish(link);
}

Test(link, silence_is_told_when_somebody_looks_and_ends_with_the_first_byte) {
    fresh();
    struct ns_link *link = begin();
    ready(link);
    later(link, 60 * (int64_t)SECOND);
    ns_link_watch(link, true);
    cr_assert_eq(wire.pings, 1);
    later(link, SECOND);
    cr_assert_eq(seen.state, NS_LINK_LIVE, "not yet");
    later(link, 2 * SECOND);
    cr_assert_eq(seen.state, NS_LINK_SILENT);
    cr_assert_eq(ns_link_timeout_ms(link), -1, "the agent's own byte wakes us");
    log_one(link, 5);
    cr_assert_eq(seen.queued, 1);
    cr_assert_eq(seen.waiting, 1);
    cr_assert_not_null(venv_get(&wire.v, "/console.state"), "on disk at once");
    cr_assert_eq(mutations(), 0);
    wire.heard_us = wire.v.steady_us;
    ns_link_pump(link);
    cr_assert_eq(seen.state, NS_LINK_CATCHING_UP);
    cr_assert_eq(mutations(), 1);
    answer("mutation LogChange", SAVED);
    cr_assert_eq(seen.state, NS_LINK_LIVE);
    cr_assert_eq(seen.queued, 0);
    cr_assert_eq(seen.saved, 1);
    finish(link);
}

Test(link, a_change_without_an_answer_goes_to_disk_and_then_counts_as_silence) {
    fresh();
    struct ns_link *link = begin();
    ready(link);
    log_one(link, 5);
    cr_assert_eq(mutations(), 1);
    cr_assert_null(venv_get(&wire.v, "/console.state"), "a key does not wait for the disk");
    cr_assert_gt(ns_link_timeout_ms(link), 0);
    later(link, SECOND);
    cr_assert_not_null(venv_get(&wire.v, "/console.state"));
    later(link, 2 * SECOND);
    later(link, 2 * SECOND);
    cr_assert_eq(seen.state, NS_LINK_SILENT);
    cr_assert_eq(seen.waiting, 1);
    finish(link);
}

Test(link, what_was_kept_is_shown_and_sent_by_the_next_console_with_the_same_key) {
    fresh();
    struct ns_link *link = begin();
    ready(link);
    log_one(link, 5);
    char first[400];
    memcpy(first, wire.sent[wire.sent_count - 1].variables, sizeof first);
    cr_assert_not_null(strstr(first, "\"clientKey\":\"05000000-"));
    wire.handlers.closed(wire.handlers.self, NULL);
    cr_assert_eq(seen.state, NS_LINK_OFFLINE);
    cr_assert_eq(seen.queued, 1);
    ns_link_free(link);
    link = begin();
    cr_assert_eq(seen.rows, 1);
    cr_assert_eq(seen.row[0].state, NS_LOG_QUEUED);
    int before = mutations();
    wire.handlers.ready(wire.handlers.self);
    answer("query Household", "{\"data\":{\"household\":null}}");
    cr_assert_eq(mutations(), before + 1);
    cr_assert_str_eq(wire.sent[wire.sent_count - 1].variables, first);
    answer("mutation LogChange", SAVED);
    ns_link_free(link);
    memset(&seen, 0, sizeof seen);
    link = begin();
    cr_assert_eq(seen.rows, 0, "what has arrived is not shown as waiting once more");
    finish(link);
}

Test(link, an_agent_that_cannot_just_now_is_asked_again_and_one_that_refuses_is_not) {
    fresh();
    struct ns_link *link = begin();
    ready(link);
    log_one(link, 5);
    answer("mutation LogChange", "{\"errors\":[{\"message\":\"slowly\",\"extensions\":{\"code\":\"RATE_LIMITED\"}}]}");
    cr_assert_eq(seen.queued, 1);
    cr_assert_eq(seen.failed, 0);
    later(link, 11 * (int64_t)SECOND);
    cr_assert_eq(mutations(), 2);
    answer("mutation LogChange", SAVED);
    cr_assert_eq(seen.queued, 0);
    cr_assert_eq(seen.saved, 1);
    log_one(link, 7); /* a fault of the agent's own is borne for a while, then told */
    for (int i = 0; i < 6; i++) {
        cr_assert_eq(seen.failed, 0);
        answer("mutation LogChange", "{\"errors\":[{\"message\":\"oh\",\"extensions\":{\"code\":\"INTERNAL\"}}]}");
        later(link, 11 * (int64_t)SECOND);
    }
    cr_assert_eq(seen.failed, 1);
    cr_assert_eq(seen.queued, 0);
    log_one(link, 6);
    answer("mutation LogChange", "{\"data\":{\"logDiaperChange\":{\"success\":false,\"error\":\"NOT_FOUND\",\"message\":\"no such child\"}}}");
    cr_assert_eq(seen.failed, 2);
    int sent = mutations();
    later(link, 60 * (int64_t)SECOND);
    cr_assert_eq(mutations(), sent);
    finish(link);
}
