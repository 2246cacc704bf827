/* plan_keeper.h: what time does to a plan: the trial begins by itself, ends by itself, a notice
 * is due. Looked at when the API starts, after set-up and every hour.
 * Ownership: new/free. Threads: loop thread; the work runs on the writer. */
#pragma once
#include "agent/api/api.h"

struct ns_plan_keeper;

struct ns_plan_keeper *ns_plan_keeper_new(struct ns_api *api);
void ns_plan_keeper_look(struct ns_plan_keeper *k); /* soon */
void ns_plan_keeper_close(struct ns_plan_keeper *k);
void ns_plan_keeper_free(struct ns_plan_keeper *k); /* NULL is fine */
