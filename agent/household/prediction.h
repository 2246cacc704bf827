/* prediction.h: from the log to a stored forecast, in three steps: load (store thread), run (any
 * worker: touches only the request), store (writing connection).
 * Ownership: the request owns its arena; free it when stored. */
#pragma once
#include "agent/forecast/forecast.h"
#include "agent/household/household.h"

struct ns_prediction_request {
    struct ns_arena arena;
    ns_id child_id;
    enum ns_size size;
    struct ns_forecast_input input;
    struct ns_forecast result; /* filled by run */
    bool done;
};

/* Needs the CHILD_DATA consent. act->arena is not used. */
ns_rc ns_prediction_load(const struct ns_act *act, ns_id child, struct ns_prediction_request **out,
                         struct ns_err *err) NS_MUST_USE;
ns_rc ns_prediction_run(struct ns_prediction_request *request, struct ns_err *err) NS_MUST_USE;
ns_rc ns_prediction_store(const struct ns_act *act, struct ns_prediction_request *request,
                          struct ns_prediction *out, struct ns_err *err) NS_MUST_USE;
void ns_prediction_free(struct ns_prediction_request *request); /* NULL is fine */

struct ns_prediction_page {
    const struct ns_prediction *items; /* newest first */
    int count;
    int64_t total;
};
/* child zero: all children. limit is clamped to 100. */
ns_rc ns_prediction_list(struct ns_db *db, ns_id child, int limit, struct ns_arena *arena,
                         struct ns_prediction_page *out, struct ns_err *err) NS_MUST_USE;
ns_rc ns_prediction_newest(struct ns_db *db, ns_id child, struct ns_arena *arena,
                           struct ns_prediction *out, bool *found, struct ns_err *err) NS_MUST_USE;
/* How wrong the newest forecast that is a week old or more has been on the whole days since, as a
 * multiple of the error it was measured with when it was made; NAN: no such forecast, or under five such
 * days. */
ns_rc ns_prediction_drift(const struct ns_act *act, ns_id child, double *out, struct ns_err *err) NS_MUST_USE;
/* The forecast has raised an alarm of C10: people are to be told. */
bool ns_prediction_alert(const struct ns_prediction *prediction);

/* A stored prediction made again from the very data it was made from. */
struct ns_replay {
    struct ns_prediction stored; /* hashes, settings, version */
    struct ns_forecast forecast;
    const char *result_hash;
    bool same_data;  /* the stored input is what its hash says */
    bool same_model; /* this program's model is the one that made it */
    bool same_bits;  /* every number is the same */
};
ns_rc ns_replay_load(struct ns_db *db, ns_id id, struct ns_arena *arena, struct ns_replay *out,
                     struct ns_err *err) NS_MUST_USE;
/* The whole model with its back-tests, 20 to 100 ms: on any one thread, not the loop's. */
ns_rc ns_replay_run(struct ns_replay *replay, struct ns_arena *arena, struct ns_err *err) NS_MUST_USE;
/* True when there is none, it is from before today, or 10 logs were made since (C8's schedule). */
ns_rc ns_prediction_due(const struct ns_act *act, ns_id child, bool *out,
                        struct ns_err *err) NS_MUST_USE;
