/* backups.h: a round of backups: the home's own folder, then every target that is there and may
 * be written to; and the agent's timer that starts one a day.
 *
 * Threads: ns_backups_round: any, with a connection of its own; the rest: the loop thread. */
#pragma once
#include "agent/agent.h"
#include "agent/loop/loop.h"
#include "agent/store/db.h"

struct ns_backups_round {
    const char *store;  /* path */
    const char *folder; /* of the home */
    const struct ns_env *env; /* NULL: copies are not looked into for who was erased */
    const char *data;         /* folder of the store */
    ns_time now;
    /* Called for each folder: path of the copy when rc is NS_OK, else of the folder. May be NULL. */
    void (*tell)(void *self, const char *path, ns_rc rc, const struct ns_err *err);
    void *self;
};

/* The result is that of the home's own folder; a target that fails is told and goes on. */
ns_rc ns_backups_round(const struct ns_backups_round *round, struct ns_err *err) NS_MUST_USE;

struct ns_backups;
/* hours: between two rounds; 0: never by itself. setup and pool are borrowed. ran: on
 * the loop, after each round. */
struct ns_backups *ns_backups_new(const struct ns_agent_setup *setup, struct ns_loop *loop,
                                  struct ns_executor *pool, int hours,
                                  void (*ran)(void *self, bool failed), void *self);
/* Somebody was erased: a round now, which begins with the copies. */
void ns_backups_now(struct ns_backups *backups);
void ns_backups_free(struct ns_backups *backups); /* after the pool; NULL is fine */
