/* Any lines as the messages of a JSON-protocol client: what is said is JSON with the four members,
 * nothing is said after a close, nothing runs on after the end. A line "!" makes an event, "?" ends
 * what runs. */
#include "agent/api/transport_json.h"
#include "shared/wire/json.h"
#include "tests/unit/net/fake_operations.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct heard {
    bool closed;
    int left; /* messages that find room */
};

static bool on_send(void *self, struct ns_str text, bool event) {
    struct heard *heard = self;
    struct ns_json *json = NULL;
    (void)event;
    if (heard->closed || ns_json_read(text, 1 << 20, &json, NULL) != NS_OK || ns_json_count(json) != 4 ||
        ns_json_text(ns_json_get(json, "type")) == NULL || !ns_json_is_object(ns_json_get(json, "data"))) {
        abort();
    }
    ns_json_free(json);
    return heard->left-- > 0;
}

static bool on_room(void *self) {
    return ((struct heard *)self)->left > 0;
}

static void on_close(void *self, int code, const char *reason) {
    struct heard *heard = self;
    if (heard->closed || code < 1000 || code > 4999 || reason == NULL) {
        abort();
    }
    heard->closed = true;
}

static ns_time on_now(void *self) {
    (void)self;
    return 1795622400 * NS_SECOND;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fake_operations fake;
    struct heard heard = {.left = 100};
    const struct ns_jsonp_out out = {&heard, on_send, on_room, on_close, on_now};
    const struct ns_op_caller caller = {.lang = NS_LANG_EN};
    fake_init(&fake);
    struct ns_jsonp *j = ns_jsonp_new(&fake.operations, &caller, &out);
    struct ns_str rest = {(const char *)data, size};
    while (rest.p != NULL) {
        struct ns_str line = ns_str_cut(&rest, '\n');
        if (ns_str_is(line, "!")) {
            fake_event(&fake, NS_STR("{\"data\":{\"predictionUpdates\":{\"id\":\"p\",\"confidenceLevel\":\"LOW\","
                                     "\"currentConsumptionRate\":\"6.5\",\"recommendedReorderDate\":\"2026-11-01T05:00:00Z\"}}}"));
        } else if (ns_str_is(line, "?")) {
            fake_complete(&fake);
        } else {
            ns_jsonp_text(j, line);
        }
    }
    ns_jsonp_room(j);
    ns_jsonp_free(j);
    if (fake_running(&fake) != 0) {
        abort();
    }
    return 0;
}
