/* backups.c: one copy a day without anybody thinking of it. */
#include "agent/backups.h"
#include "agent/forget.h"
#include "agent/privacy/residency.h"
#include "shared/base/env.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOG_MODULE "backup"
#include "shared/base/log.h"

#define FIRST_MS (10 * 1000)
#define LOOK_MS (30 * 60 * 1000)

static void tell(const struct ns_backups_round *round, const char *path, ns_rc rc, const struct ns_err *err) {
    if (round->tell != NULL) {
        round->tell(round->self, path, rc, err);
    }
}

static ns_rc into(const struct ns_backups_round *round, struct ns_db *db, const char *folder,
                  struct ns_err *err) {
    char path[NS_BACKUP_PATH];
    int removed = 0;
    ns_rc rc = ns_backup_make(db, "nest", folder, round->now, path, err);
    tell(round, rc == NS_OK ? path : folder, rc, err);
    if (rc == NS_OK && ns_backup_rotate(folder, round->now, &removed, err) != NS_OK) {
        LOG_WARN("old copies could not be removed: %s", ns_rc_key(err->rc));
        ns_err_clear(err);
    }
    return rc;
}

/* The disk may have been mounted from elsewhere since the target was named. */
static void into_target(const struct ns_backups_round *round, struct ns_db *db,
                        const struct ns_backup_target *target) {
    struct ns_err err = {0};
    struct ns_backup_target now = *target;
    if (access(target->path, W_OK | X_OK) != 0) { /* a stick that is not plugged in */
        (void)ns_err_say(&err, ns_rc_from_errno(errno), NS_MSG_store_io, target->path, strerror(errno), NULL);
        tell(round, target->path, err.rc, &err);
        return;
    }
    now.network = now.network || ns_backup_on_network(target->path);
    ns_rc rc = ns_residency_backup(db, round->now, &now, &err);
    if (rc != NS_OK) {
        tell(round, target->path, rc, &err);
        return;
    }
    if (into(round, db, target->path, &err) != NS_OK) {
        LOG_WARN("a target got no copy: %s", ns_rc_key(err.rc));
    }
}

ns_rc ns_backups_round(const struct ns_backups_round *round, struct ns_err *err) {
    const struct ns_db_options options = {.vfs = "nest", .read_only = true};
    struct ns_arena arena = {0};
    struct ns_backup_target *targets = NULL;
    struct ns_db *db = NULL;
    int count = 0;
    ns_rc rc = ns_db_open(round->store, &options, &db, err);
    if (rc == NS_OK && round->env != NULL) {
        ns_forget_in_folder(round->env, round->data, round->folder, round->now);
    }
    if (rc == NS_OK) {
        rc = into(round, db, round->folder, err);
    }
    if (rc == NS_OK) {
        rc = ns_backup_targets(db, &arena, &targets, &count, err);
    }
    for (int i = 0; rc == NS_OK && i < count; i++) {
        if (round->env != NULL && access(targets[i].path, W_OK | X_OK) == 0) {
            ns_forget_in_folder(round->env, round->data, targets[i].path, round->now);
        }
        into_target(round, db, &targets[i]);
    }
    ns_db_close(db);
    ns_arena_fini(&arena);
    return rc;
}

/* ---- the agent's own ---- */

struct ns_backups {
    struct ns_job job; /* first: one round at a time */
    const struct ns_agent_setup *setup;
    struct ns_executor *pool;
    struct ns_timer *timer;
    void (*ran)(void *self, bool failed);
    void *self;
    int hours;
    bool running;
    bool again; /* somebody was erased meanwhile */
    ns_rc rc;
    struct ns_err err;
};

static void log_folder(void *self, const char *path, ns_rc rc, const struct ns_err *err) {
    (void)self;
    (void)path;
    (void)err;
    if (rc == NS_OK) {
        LOG_INFO("a copy was made and verified");
    } else {
        LOG_WARN("a folder got no copy: %s", ns_rc_key(rc));
    }
}

static void run(struct ns_job *job) {
    struct ns_backups *b = (struct ns_backups *)job;
    const struct ns_backups_round round = {.store = b->setup->paths->store,
                                           .folder = b->setup->paths->backups,
                                           .env = b->setup->env,
                                           .data = b->setup->paths->data,
                                           .now = ns_env_now(b->setup->env),
                                           .tell = log_folder};
    b->err = (struct ns_err){0};
    b->rc = ns_backups_round(&round, &b->err);
}

static void done(struct ns_job *job) {
    struct ns_backups *b = (struct ns_backups *)job;
    b->running = false;
    if (b->rc != NS_OK) {
        LOG_ERROR("no backup today: %s %s", ns_rc_key(b->rc), b->err.note);
    }
    b->ran(b->self, b->rc != NS_OK);
    if (b->again) {
        ns_backups_now(b);
    }
}

/* Has the newest copy grown old? The names tell, so that a restart changes nothing. */
static bool due(const struct ns_backups *b) {
    struct ns_arena arena = {0};
    struct ns_backup *list = NULL;
    struct ns_err err = {0};
    int count = 0;
    ns_time newest = NS_TIME_NONE, now = ns_env_now(b->setup->env);
    if (ns_backup_list(b->setup->paths->backups, &arena, &list, &count, &err) == NS_OK) {
        for (int i = 0; i < count && newest == NS_TIME_NONE; i++) {
            newest = list[i].before == 0 ? list[i].at : NS_TIME_NONE;
        }
    }
    ns_arena_fini(&arena);
    return newest == NS_TIME_NONE || now - newest >= b->hours * NS_HOUR || newest > now + NS_DAY;
}

void ns_backups_now(struct ns_backups *b) {
    b->again = b->running;
    if (!b->running) {
        b->job = (struct ns_job){.run = run, .done = done};
        b->running = ns_executor_submit(b->pool, &b->job) == NS_OK;
    }
}

static void look(void *arg) {
    struct ns_backups *b = arg;
    ns_timer_set(b->timer, LOOK_MS);
    if (!b->running && due(b)) {
        b->job = (struct ns_job){.run = run, .done = done};
        b->running = ns_executor_submit(b->pool, &b->job) == NS_OK; /* else at the next look */
    }
}

struct ns_backups *ns_backups_new(const struct ns_agent_setup *setup, struct ns_loop *loop,
                                  struct ns_executor *pool, int hours,
                                  void (*ran)(void *self, bool failed), void *self) {
    struct ns_backups *b = ns_xcalloc(1, sizeof *b);
    *b = (struct ns_backups){.setup = setup, .pool = pool, .ran = ran, .self = self, .hours = hours};
    b->timer = ns_timer_new(loop, look, b);
    if (hours > 0) {
        ns_timer_set(b->timer, FIRST_MS);
    }
    return b;
}

void ns_backups_free(struct ns_backups *b) {
    if (b != NULL) {
        ns_timer_free(b->timer);
        free(b);
    }
}
