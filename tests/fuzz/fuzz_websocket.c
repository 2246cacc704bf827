/* Any bytes as the frames of a client: however they are cut, the same messages come out, the
 * same answers leave, and what leaves are whole frames. */
#include "shared/wire/ws.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MESSAGE_MOST 4096

struct run {
    struct ns_ws *ws;
    struct ns_buf events;
    struct ns_buf out;
    ns_rc rc;
};

static void heard(void *arg, enum ns_ws_event event, int code, struct ns_str payload) {
    struct run *run = arg;
    if (payload.n > MESSAGE_MOST) {
        abort();
    }
    ns_buf_fmt(&run->events, "%d %d %zu:", (int)event, code, payload.n);
    ns_buf_str(&run->events, payload);
    if (event == NS_WS_TEXT && !ns_ws_closing(run->ws)) {
        ns_ws_text(run->ws, payload);
    }
}

static void feed(struct run *run, const uint8_t *data, size_t size, size_t piece) {
    *run = (struct run){.events = NS_BUF(1 << 24), .out = NS_BUF(1 << 24)};
    run->ws = ns_ws_new(NS_WS_SERVER, NULL, MESSAGE_MOST, heard, run);
    for (size_t at = 0; at < size && run->rc == NS_OK;) {
        size_t used = 0;
        size_t n = size - at < piece ? size - at : piece;
        run->rc = ns_ws_feed(run->ws, data + at, n, &used);
        if (used == 0 || used > n) {
            abort(); /* it must go on, and not beyond what it was given */
        }
        at += used;
        ns_ws_take(run->ws, SIZE_MAX, &run->out);
    }
    if (run->rc != NS_OK && !ns_ws_finished(run->ws)) {
        abort(); /* the close that says why has left */
    }
}

/* Our frames: whole, not masked, control frames short. */
static void look_at_output(const struct ns_buf *out) {
    size_t at = 0;
    while (at < out->len) {
        const unsigned char *f = (const unsigned char *)out->data + at;
        size_t have = out->len - at;
        size_t n = have >= 2 ? f[1] : 255;
        size_t head = 2;
        if (n == 126 && have >= 4) {
            n = (size_t)f[2] << 8 | f[3];
            head = 4;
        }
        if (n > MESSAGE_MOST || (f[0] & 0xF0) != 0x80 || ((f[0] & 8) != 0 && n > 125)) {
            abort();
        }
        at += head + n;
    }
    if (at != out->len) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct run whole;
    struct run cut;
    if (size < 1) {
        return 0;
    }
    feed(&whole, data + 1, size - 1, SIZE_MAX);
    feed(&cut, data + 1, size - 1, 1 + data[0] % 13);
    look_at_output(&whole.out);
    if (whole.rc != cut.rc || !ns_str_eq(ns_buf_view(&whole.events), ns_buf_view(&cut.events)) ||
        !ns_str_eq(ns_buf_view(&whole.out), ns_buf_view(&cut.out))) {
        abort();
    }
    struct run *runs[] = {&whole, &cut};
    for (size_t i = 0; i < NS_COUNT(runs); i++) {
        ns_ws_free(runs[i]->ws);
        ns_buf_fini(&runs[i]->events);
        ns_buf_fini(&runs[i]->out);
    }
    return 0;
}
