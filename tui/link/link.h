/* link.h: the console's side of the agent: commands of the reducer go out as GraphQL, answers
 * and news come back as events.
 *
 * Changes logged while the agent is away wait in a queue, sealed on disk where the home has a
 * machine key. Nothing is logged twice: each change carries a key of its own, also across
 * restarts of the console, and the agent logs a key once.
 * A connected agent that stops answering is noticed within about four seconds of a key or of a
 * question, and with the clock's minute otherwise: an idle console does not ask.
 * The last answers are kept too, so that the next start has something to show at once.
 * Ownership: new/free. Threads: loop thread; events are handed to the sink from inside
 * ns_link_start, ns_link_pump and ns_link_command. */
#pragma once
#include "shared/calendar/zone.h"
#include "shared/wire/client.h"
#include "tui/app/app.h"
#include "tui/link/seal.h"

/* The wire under the link: shared/wire/client.h, or a double in tests. */
struct ns_link_wire {
    struct ns_client *(*open)(const char *socket_path, enum ns_lang lang, const struct ns_env *env,
                              const struct ns_client_handlers *handlers);
    void (*close)(struct ns_client *client);
    int (*fd)(const struct ns_client *client);
    short (*wants)(const struct ns_client *client);
    int (*timeout_ms)(const struct ns_client *client);
    void (*pump)(struct ns_client *client);
    uint32_t (*start)(struct ns_client *client, const char *query, const char *variables_json);
    void (*ping)(struct ns_client *client);
    int64_t (*heard_us)(const struct ns_client *client);
};
extern const struct ns_link_wire ns_link_wire_socket;

struct ns_link_setup {
    const struct ns_env *env;
    enum ns_lang lang;
    const char *socket_path;
    const struct ns_seal *seal;       /* NULL: nothing is kept */
    const struct ns_link_wire *wire;  /* NULL: the socket */
    bool support_only;                /* no subscription to what people do */
    void *self;
    void (*event)(void *self, const struct ns_event *event);
};

struct ns_link;

struct ns_link *ns_link_new(const struct ns_link_setup *setup);
/* What was kept is handed out as events, then the connection is begun. */
void ns_link_start(struct ns_link *link);
void ns_link_free(struct ns_link *link); /* keeps state and queue; NULL is fine */

void ns_link_command(struct ns_link *link, const struct ns_cmd *cmd); /* others than its own are ignored */
int ns_link_fd(const struct ns_link *link); /* -1: none now */
short ns_link_wants(const struct ns_link *link);
int ns_link_timeout_ms(const struct ns_link *link); /* -1: no hurry */
void ns_link_pump(struct ns_link *link); /* descriptor ready or time passed */
/* Ask whether the agent lives, unless it was heard just now. person: a key was pressed, and
 * somebody looks at the screen for a while. */
void ns_link_watch(struct ns_link *link, bool person);
/* The first day within a year on which this computer's own zone data shows another hour than the law of `zone`: only
 * people see that, our days are counted by the compiled-in data. 0: none, or no such data. */
ns_date ns_link_clock_old(const struct ns_env *env, const struct ns_zone *zone);
int32_t ns_link_utc_offset(const struct ns_link *link, ns_time now); /* of the home's zone */
size_t ns_link_queued(const struct ns_link *link);
bool ns_link_idle(const struct ns_link *link); /* connected and nothing is awaited */
