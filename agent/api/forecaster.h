/* forecaster.h: when forecasts are made: after ten logs, nightly, at start when due, on demand.
 *
 * One forecast a child at a time: the input is copied on the writer, the model runs on the pool, the
 * result is stored on the writer and told on the bus. A request while one is under way joins a
 * second run that starts after it, so that the newest log is always seen.
 * Threads: loop thread. */
#pragma once
#include "agent/api/api.h"

struct ns_forecaster;
struct ns_prediction;

/* rc NS_OK with the stored prediction (borrowed during the call), or the refusal. */
typedef void ns_forecast_done(void *arg, ns_rc rc, const struct ns_err *err,
                              const struct ns_prediction *prediction);

struct ns_forecaster *ns_forecaster_new(struct ns_api *api);
void ns_forecaster_close(struct ns_forecaster *f); /* start nothing more */
void ns_forecaster_free(struct ns_forecaster *f);  /* NULL is fine */
/* False: too much is waiting, or the agent is closing; done (which may be NULL) is then never called,
 * and never before this returns. */
bool ns_forecaster_request(struct ns_forecaster *f, ns_id child, struct ns_actor actor,
                           ns_forecast_done *done, void *arg);
/* A change was logged: ask for a forecast when enough have been since the last. */
void ns_forecaster_logged(struct ns_forecaster *f, ns_id child);
/* Ask for every child whose forecast is due. */
void ns_forecaster_check(struct ns_forecaster *f);
int64_t ns_forecaster_last_ms(const struct ns_forecaster *f); /* of the model run; -1: none yet */
