/* client.h: how the console and the commands talk to the agent over its Unix socket.
 *
 * ns_client_call(): one blocking request, for commands.
 * struct ns_client: one connection, never blocking, many operations at once; queries, mutations
 * and subscriptions all travel as graphql-transport-ws. Put its descriptor into poll() and call
 * ns_client_pump() when it is ready or when ns_client_timeout_ms() has passed.
 * Both ask GET /healthz first and refuse an agent of another version (NS_E_VERSION).
 *
 * Errors: NS_E_OFFLINE (nobody answers there), NS_E_VERSION, NS_E_TIMEOUT, NS_E_CONFIG (path too
 * long for a socket), NS_E_IO, NS_E_INPUT (an answer that is none), each with a message.
 * Ownership: new/free. Threads: one owner at a time. */
#pragma once
#include "shared/base/buf.h"
#include "shared/base/env.h"
#include "shared/base/err.h"
#include "shared/text/message.h"

#define NS_SOCKET_PATH_MOST 107         /* sun_path less its NUL */
#define NS_CLIENT_ANSWER_MOST ((size_t)8 << 20)

/* response receives the whole JSON answer ({"data":..} or {"errors":..}); its max counts.
 * variables_json: an object as JSON text, or NULL. */
ns_rc ns_client_call(const char *socket_path, enum ns_lang lang, const char *query,
                     const char *variables_json, int timeout_ms, struct ns_buf *response,
                     struct ns_err *err) NS_MUST_USE;

/* Whether an agent of our version answers. version (32 bytes, may be NULL) receives what it
 * said, also with NS_E_VERSION. */
ns_rc ns_client_probe(const char *socket_path, int timeout_ms, char version[32],
                      struct ns_err *err) NS_MUST_USE;

struct ns_client;

enum ns_client_state { NS_CLIENT_CONNECTING, NS_CLIENT_READY, NS_CLIENT_CLOSED };

/* Called from inside ns_client_pump() only. A callback may start and cancel operations; it may
 * not free the client. */
struct ns_client_handlers {
    void *self;
    void (*ready)(void *self);                       /* may be NULL */
    void (*next)(void *self, uint32_t id, struct ns_str payload); /* {"data":..,"errors":..} */
    /* The request was refused: payload is a list of errors. The operation has ended. */
    void (*error)(void *self, uint32_t id, struct ns_str payload);
    void (*complete)(void *self, uint32_t id);       /* ended after its last next */
    /* The connection has ended; why holds the reason. No other callback follows, and no
     * operation gets an answer any more. */
    void (*closed)(void *self, const struct ns_err *why);
};

/* Never waits: an agent that is away is reported by closed() of the first pump. */
struct ns_client *ns_client_new(const char *socket_path, enum ns_lang lang,
                                const struct ns_env *env,
                                const struct ns_client_handlers *handlers);
void ns_client_free(struct ns_client *client); /* NULL is fine; calls nothing */

enum ns_client_state ns_client_state(const struct ns_client *client);
int ns_client_fd(const struct ns_client *client);        /* -1 when closed */
short ns_client_wants(const struct ns_client *client);   /* POLLIN, POLLOUT */
int ns_client_timeout_ms(const struct ns_client *client); /* until pump must run; -1: no hurry */
void ns_client_pump(struct ns_client *client);

/* Start an operation; before READY it waits its turn. 0 when the client is closed or
 * variables_json (NULL: none) is no JSON object. */
uint32_t ns_client_start(struct ns_client *client, const char *query,
                         const char *variables_json);
void ns_client_ping(struct ns_client *client); /* a living agent answers, see heard_us */
int64_t ns_client_heard_us(const struct ns_client *client); /* steady; when anything came last */
void ns_client_cancel(struct ns_client *client, uint32_t id); /* nothing more comes for id */
