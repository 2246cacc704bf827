/* ws.c: wslay's event interface between two buffers. */
#include "shared/wire/ws.h"

#include "shared/base/arena.h"
#include "shared/wire/frame.h"

#include <stdlib.h>
#include <string.h>
#include <wslay/wslay.h>

struct ns_ws {
    wslay_event_context_ptr wslay;
    const struct ns_env *env;
    ns_ws_fn *fn;
    void *arg;
    struct ns_frames frames;
    bool in_payload; /* the header of the frame has been handed to wslay */
    uint8_t control[NS_FRAME_CONTROL_MOST]; /* payload of a control frame, collected */
    size_t control_n;
    const uint8_t *in; /* during a feed */
    size_t in_n;
    struct ns_buf *out; /* during a take */
    size_t out_left;
    bool close_queued;
    bool broken; /* the peer broke the protocol */
};

static ssize_t give_input(wslay_event_context_ptr wslay, uint8_t *to, size_t n, int flags,
                          void *arg) {
    struct ns_ws *ws = arg;
    (void)flags;
    if (ws->in_n == 0) {
        wslay_event_set_error(wslay, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    size_t take = n < ws->in_n ? n : ws->in_n;
    memcpy(to, ws->in, take);
    ws->in += take;
    ws->in_n -= take;
    return (ssize_t)take;
}

static ssize_t take_output(wslay_event_context_ptr wslay, const uint8_t *bytes, size_t n,
                           int flags, void *arg) {
    struct ns_ws *ws = arg;
    (void)flags;
    if (ws->out_left == 0) {
        wslay_event_set_error(wslay, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    if (!ns_buf_add(ws->out, bytes, n)) {
        wslay_event_set_error(wslay, WSLAY_ERR_CALLBACK_FAILURE);
        return -1;
    }
    ws->out_left -= n < ws->out_left ? n : ws->out_left;
    return (ssize_t)n;
}

static int give_mask(wslay_event_context_ptr wslay, uint8_t *to, size_t n, void *arg) {
    struct ns_ws *ws = arg;
    (void)wslay;
    ns_env_random(ws->env, to, n);
    return 0;
}

static void got_message(wslay_event_context_ptr wslay,
                        const struct wslay_event_on_msg_recv_arg *m, void *arg) {
    struct ns_ws *ws = arg;
    struct ns_str payload = {(const char *)m->msg, m->msg_length};
    (void)wslay;
    switch (m->opcode) {
    case WSLAY_TEXT_FRAME:
        ws->fn(ws->arg, NS_WS_TEXT, 0, payload);
        break;
    case WSLAY_BINARY_FRAME:
        ws->fn(ws->arg, NS_WS_BINARY, 0, payload);
        break;
    case WSLAY_PONG:
        ws->fn(ws->arg, NS_WS_PONG, 0, payload);
        break;
    case WSLAY_CONNECTION_CLOSE:
        if (payload.n >= 2) { /* wslay leaves the code in front */
            payload.p += 2;
            payload.n -= 2;
        }
        ws->fn(ws->arg, NS_WS_CLOSE,
               m->status_code != 0 ? m->status_code : WSLAY_CODE_NO_STATUS_RCVD, payload);
        break;
    default:
        break;
    }
}

struct ns_ws *ns_ws_new(enum ns_ws_side side, const struct ns_env *env, size_t max_message,
                        ns_ws_fn *fn, void *arg) {
    static const struct wslay_event_callbacks callbacks = {
        .recv_callback = give_input,
        .send_callback = take_output,
        .genmask_callback = give_mask,
        .on_msg_recv_callback = got_message,
    };
    struct ns_ws *ws = ns_xcalloc(1, sizeof *ws);
    ws->env = env;
    ws->fn = fn;
    ws->arg = arg;
    ws->frames = (struct ns_frames){.masked = side == NS_WS_SERVER, .message_most = max_message};
    int rc = side == NS_WS_SERVER ? wslay_event_context_server_init(&ws->wslay, &callbacks, ws)
                                  : wslay_event_context_client_init(&ws->wslay, &callbacks, ws);
    if (rc != 0) { /* only memory can lack here */
        abort();
    }
    wslay_event_config_set_max_recv_msg_length(ws->wslay, max_message);
    return ws;
}

void ns_ws_free(struct ns_ws *ws) {
    if (ws != NULL) {
        wslay_event_context_free(ws->wslay);
        free(ws);
    }
}

/* Bytes of a header that was found good, or of a payload. */
static bool hand_over(struct ns_ws *ws, const uint8_t *bytes, size_t n) {
    ws->in = bytes;
    ws->in_n = n;
    int rc = wslay_event_recv(ws->wslay);
    ws->in = NULL;
    ws->in_n = 0;
    /* wslay queues the fitting close by itself and stops reading when the peer is at fault. */
    bool theirs = wslay_event_get_close_received(ws->wslay) != 0;
    return rc == 0 && (wslay_event_get_read_enabled(ws->wslay) || theirs);
}

static ns_rc fail(struct ns_ws *ws) {
    ws->broken = true;
    ws->close_queued = true;
    return NS_E_INPUT;
}

/* Control frames go over whole: of a close reason in pieces wslay checks the UTF-8 of each piece
 * as if a code stood before it. */
static bool take_payload(struct ns_ws *ws, const uint8_t *bytes, size_t n) {
    bool control = ns_frames_control(&ws->frames);
    if (control && n > 0) {
        memcpy(ws->control + ws->control_n, bytes, n);
        ws->control_n += n;
    }
    bool ended = ns_frames_payload(&ws->frames, n);
    ws->in_payload = !ended;
    if (control && ended) {
        bytes = ws->control;
        n = ws->control_n;
        ws->control_n = 0;
    }
    return (control && !ended) || n == 0 || hand_over(ws, bytes, n);
}

ns_rc ns_ws_feed(struct ns_ws *ws, const void *bytes, size_t n, size_t *used) {
    const uint8_t *at = bytes;
    size_t taken = 0;
    *used = n;
    if (ws->broken || !wslay_event_get_read_enabled(ws->wslay)) {
        return ws->broken ? NS_E_INPUT : NS_OK;
    }
    if (!ws->in_payload) {
        int code = ns_frames_head(&ws->frames, at, n, &taken);
        if (code == 0) {
            return NS_OK;
        }
        if (code > 0) {
            ns_ws_close(ws, code, ws->frames.why);
            return fail(ws);
        }
        ws->in_payload = true;
        if (!hand_over(ws, ws->frames.head, ws->frames.head_bytes)) {
            return fail(ws);
        }
    }
    size_t piece = n - taken < ws->frames.left ? n - taken : (size_t)ws->frames.left;
    *used = taken + piece;
    return take_payload(ws, at + taken, piece) ? NS_OK : fail(ws);
}

bool ns_ws_middle(const struct ns_ws *ws) {
    return ns_frames_middle(&ws->frames);
}

static bool queue(struct ns_ws *ws, uint8_t opcode, struct ns_str text) {
    struct wslay_event_msg message = {opcode, (const uint8_t *)text.p, text.n};
    if (ns_ws_closing(ws)) {
        return false;
    }
    return wslay_event_queue_msg(ws->wslay, &message) == 0;
}

bool ns_ws_text(struct ns_ws *ws, struct ns_str text) {
    return queue(ws, WSLAY_TEXT_FRAME, text);
}

bool ns_ws_binary(struct ns_ws *ws, struct ns_str bytes) {
    return queue(ws, WSLAY_BINARY_FRAME, bytes);
}

bool ns_ws_ping(struct ns_ws *ws) {
    return queue(ws, WSLAY_PING, (struct ns_str){"", 0});
}

void ns_ws_close(struct ns_ws *ws, int code, const char *reason) {
    if (ns_ws_closing(ws)) {
        return;
    }
    size_t n = strlen(reason);
    if (n > 123) { /* a control frame holds 125 bytes, two are the code */
        n = 123;
        while (n > 0 && ((unsigned char)reason[n] & 0xC0) == 0x80) {
            n--; /* not in the middle of a character */
        }
    }
    ws->close_queued = true;
    if (wslay_event_queue_close(ws->wslay, (uint16_t)code, (const uint8_t *)reason, n) != 0) {
        ws->broken = true;
    }
}

void ns_ws_take(struct ns_ws *ws, size_t most, struct ns_buf *out) {
    ws->out = out;
    ws->out_left = most;
    if (wslay_event_want_write(ws->wslay) && wslay_event_send(ws->wslay) != 0) {
        ws->broken = true;
    }
    ws->out = NULL;
    ws->out_left = 0;
}

size_t ns_ws_queued_messages(const struct ns_ws *ws) {
    return wslay_event_get_queued_msg_count(ws->wslay);
}

size_t ns_ws_queued_bytes(const struct ns_ws *ws) {
    return wslay_event_get_queued_msg_length(ws->wslay);
}

size_t ns_ws_held(const struct ns_ws *ws) {
    return ns_ws_queued_bytes(ws) + (size_t)ws->frames.message;
}

bool ns_ws_closing(const struct ns_ws *ws) {
    return ws->broken || ws->close_queued || wslay_event_get_close_received(ws->wslay) ||
           wslay_event_get_close_sent(ws->wslay);
}

bool ns_ws_finished(const struct ns_ws *ws) {
    bool sent = wslay_event_get_close_sent(ws->wslay) != 0;
    bool received = wslay_event_get_close_received(ws->wslay) != 0;
    return sent && (received || ws->broken) && !wslay_event_want_write(ws->wslay);
}
