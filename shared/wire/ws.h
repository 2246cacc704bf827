/* ws.h: WebSocket (RFC 6455) over bytes: feed what arrived, take what must leave. Server and
 * client side; wslay underneath; no socket here.
 *
 * Events come while feeding; the callback may send or close, but not free. Pings are answered
 * and a close is echoed by themselves. Only final text and binary messages are delivered, text
 * checked as UTF-8.
 * Ownership: new/free. Threads: one owner at a time. */
#pragma once
#include "shared/base/buf.h"
#include "shared/base/env.h"
#include "shared/base/err.h"

struct ns_ws;

enum ns_ws_event {
    NS_WS_TEXT,
    NS_WS_BINARY,
    NS_WS_PONG,
    NS_WS_CLOSE /* the peer began or answered the closing; code 1005 when it gave none */
};

typedef void ns_ws_fn(void *arg, enum ns_ws_event event, int code, struct ns_str payload);

enum ns_ws_side { NS_WS_SERVER, NS_WS_CLIENT };

/* env gives the masks of the client side; the server side may pass NULL. */
struct ns_ws *ns_ws_new(enum ns_ws_side side, const struct ns_env *env, size_t max_message,
                        ns_ws_fn *fn, void *arg);
void ns_ws_free(struct ns_ws *ws); /* NULL is fine */

/* Takes bytes up to the end of a frame at most, *used of them: call again for the rest. A peer
 * that breaks the protocol is answered with a close frame that says how (1002, 1007, 1009): take
 * it, send it, and drop the connection; NS_E_INPUT says so. Bytes after a close are ignored. */
ns_rc ns_ws_feed(struct ns_ws *ws, const void *bytes, size_t n, size_t *used) NS_MUST_USE;
/* The peer has begun a message or a frame and not ended it. */
bool ns_ws_middle(const struct ns_ws *ws);

bool ns_ws_text(struct ns_ws *ws, struct ns_str text); /* false after a close was queued */
bool ns_ws_binary(struct ns_ws *ws, struct ns_str bytes);
bool ns_ws_ping(struct ns_ws *ws);
void ns_ws_close(struct ns_ws *ws, int code, const char *reason); /* the first one counts */

/* Append frames to out until at least `most` bytes came in this call or nothing is left. */
void ns_ws_take(struct ns_ws *ws, size_t most, struct ns_buf *out);
size_t ns_ws_queued_messages(const struct ns_ws *ws); /* not taken yet */
size_t ns_ws_queued_bytes(const struct ns_ws *ws);
size_t ns_ws_held(const struct ns_ws *ws); /* queued, and of the message that is coming in */
bool ns_ws_closing(const struct ns_ws *ws);  /* a close was queued, sent or received */
bool ns_ws_finished(const struct ns_ws *ws); /* both closes passed and all was taken */

/* ---- handshake -------------------------------------------------------------------------- */

#define NS_WS_KEY_TEXT 25    /* 24 characters of base64 and NUL */
#define NS_WS_ACCEPT_TEXT 29 /* 28 characters and NUL */

void ns_ws_make_key(const struct ns_env *env, char out[NS_WS_KEY_TEXT]);
bool ns_ws_key_valid(struct ns_str key); /* base64 of exactly 16 bytes */
void ns_ws_accept(struct ns_str key, char out[NS_WS_ACCEPT_TEXT]);
/* True when the comma list of a header holds the token; ASCII case counts only if exact. */
bool ns_ws_list_has(struct ns_str list, const char *token, bool exact);
