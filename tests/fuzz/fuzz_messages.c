/* Any lines as the messages of a graphql-transport-ws client: what is said is JSON, nothing is
 * said after a close, nothing runs on after the end. A line "!" makes an event, "?" finishes
 * what waits. */
#include "agent/api/transport_ws.h"
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
    if (heard->closed || ns_json_read(text, 1 << 20, &json, NULL) != NS_OK) {
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
    if (heard->closed || code < 4000 || code > 4999 || reason == NULL) {
        abort();
    }
    heard->closed = true;
}

static void on_accepted(void *self) {
    (void)self;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fake_operations fake;
    struct heard heard = {.left = 100};
    const struct ns_tws_out out = {&heard, on_send, on_room, on_close, on_accepted};
    const struct ns_op_caller caller = {.who.auth = NS_AUTH_LOCAL};
    fake_init(&fake);
    struct ns_tws *tws = ns_tws_new(&fake.operations, &caller, &out);
    struct ns_str rest = {(const char *)data, size};
    while (rest.p != NULL) {
        struct ns_str line = ns_str_cut(&rest, '\n');
        if (ns_str_is(line, "!")) {
            fake_event(&fake, NS_STR("{\"data\":1}"));
        } else if (ns_str_is(line, "?")) {
            fake_finish(&fake);
        } else {
            ns_tws_text(tws, line);
        }
    }
    ns_tws_room(tws);
    ns_tws_free(tws);
    if (fake_running(&fake) != 0) {
        abort();
    }
    return 0;
}
