/* api.h: the household's GraphQL API: resolvers over the engine, forecasts on schedule.
 *
 * Reads run on the loop thread over the reading connection, each operation in one snapshot.
 * Mutations are jobs of the writer executor over the writing connection; their answers come back
 * to the loop, then the change is published on the bus. Forecasts run on the pool.
 * Ownership: the api owns engine, forecaster and subscriptions; everything in the setup is
 * borrowed and outlives it. Threads: loop thread. */
#pragma once
#include "agent/api/network.h"
#include "agent/billing/billing.h"
#include "agent/events/events.h"
#include "agent/health/health.h"
#include "agent/household/household.h"
#include "agent/loop/loop.h"
#include "agent/sync/courier.h"

struct ns_api;
struct ns_operations;

#define NS_API_MARK 193
/* Figures only main knows; called on the loop thread for the support report; may be NULL. */
struct ns_api_outside {
    void *self;
    int (*connections)(void *self);
    ns_time (*store_verified_at)(void *self);           /* NS_TIME_NONE: not yet */
    /* What a device keeps of the store, and shows again (agent/witness.h); out has NS_API_MARK bytes. */
    ns_rc (*store_mark)(void *self, int64_t *changes, char *out, struct ns_err *err);
    ns_rc (*store_seen)(void *self, const char *mark, const char *who, struct ns_err *err);
    /* As ns_vault_try_passphrase; called on a thread of the pool. */
    ns_rc (*passphrase)(void *self, struct ns_str passphrase, struct ns_err *err);
    /* A child is about to be forgotten (on the writer's thread); then, on the loop: copies within reach are to
     * be rewritten without it. NULL: there are none. */
    ns_rc (*forgetting)(void *self, ns_id child, struct ns_err *err);
    void (*forgotten)(void *self);
};

struct ns_api_setup {
    const struct ns_env *env;
    struct ns_loop *loop;
    struct ns_events *events;
    struct ns_health *health;
    struct ns_executor *writer; /* one thread */
    struct ns_executor *pool;
    struct ns_db *write_db; /* used by writer jobs only */
    struct ns_db *read_db;  /* used on the loop thread only */
    struct ns_api_outside outside;
    enum ns_sale sale; /* how plans are sold */
    const struct ns_egress *gate; /* borrowed; NULL: none */
    struct ns_courier *courier; /* to who sells them; NULL: nobody is asked */
    int nightly_hour;
    int forecast_every; /* logs */
    int64_t requests_per_minute; /* of one caller, mutations among them; above 0 */
    int64_t mutations_per_minute;
    const char *export_folder; /* of exports too large for an answer; NULL: there is none */
};

ns_rc ns_api_new(const struct ns_api_setup *setup, struct ns_api **out,
                 struct ns_err *err) NS_MUST_USE;
/* Ends subscriptions; call after the executors are freed, so that nothing is under way. */
void ns_api_free(struct ns_api *api); /* NULL is fine */
void ns_api_set_network(struct ns_api *api, const struct ns_api_network *network); /* copied */
struct ns_operations *ns_api_operations(struct ns_api *api); /* borrowed, for the transports */
/* A round of backups ended; failed: the home's own folder got no copy. */
void ns_api_backup_ran(struct ns_api *api, bool failed);
/* Stop starting forecasts and end all subscriptions: first step of shutting down. */
void ns_api_close(struct ns_api *api);
