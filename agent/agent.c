/* agent.c: build the modules, run the loop, stop in reverse order. */
#include "agent/agent.h"
#include "agent/api/api.h"
#include "agent/backups.h"
#include "agent/erased.h"
#include "agent/api/http_graphql.h"
#include "agent/api/http_webhook.h"
#include "agent/api/phone_page.h"
#include "agent/api/transport_ws.h"
#include "agent/health/health.h"
#include "agent/json_port.h"
#include "agent/lan.h"
#include "agent/net/server.h"
#include "agent/process.h"
#include "agent/selling.h"
#include "agent/store/migrate.h"
#include "agent/unlock.h"
#include "agent/witness.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOG_MODULE "agent"
#include "shared/base/log.h"

#define WRITES_MOST 1000 /* queued; more are answered "busy" */
#define POOL_THREADS 2
#define POOL_MOST 200
#define HEALTH_EVERY_MS (60 * 1000)
#define CHECK_FIRST_MS (30 * 1000)
#define CHECK_AGAIN_MS (10 * 60 * 1000)
#define CHECK_EVERY_MS (24 * 60 * 60 * 1000)
#define STOP_TICK_MS 50
#define STOP_TICKS 60 /* three seconds for answers on their way */

struct ns_agent {
    struct ns_agent_setup setup;
    int lock;
    struct ns_vault *vault;
    struct ns_db *write_db;
    struct ns_db *read_db;
    ns_time verified_at;
    struct ns_err held;  /* why the store is read only; rc NS_OK: it is not */
    int64_t witnessed;   /* changes that the witness knows of */
    struct ns_loop *loop;
    struct ns_health *health;
    struct ns_events *events;
    struct ns_executor *writer;
    struct ns_executor *pool;
    struct ns_selling *selling;
    struct ns_api *api;
    struct ns_server *server;
    struct ns_lan_home *lan;
    struct ns_json_port *json;
    struct ns_timer *tick;
    struct ns_timer *check;
    struct ns_backups *backups;
    bool checking;
    enum ns_health_state disk; /* when last looked at */
    int stop_ticks; /* since the signal; 0: running */
};

/* ---- the store ---------------------------------------------------------------------------- */

static ns_rc open_one(struct ns_agent *a, bool read_only, struct ns_db **out,
                      struct ns_err *err) {
    const struct ns_db_options options = {.vfs = "nest", .read_only = read_only};
    return ns_db_open(a->setup.paths->store, &options, out, err);
}

static ns_rc open_vault(struct ns_agent *a, struct ns_err *err) {
    ns_rc rc = ns_unlock_look(a->setup.paths, err);
    if (rc == NS_OK) {
        rc = ns_process_lock(a->setup.paths->lock, &a->lock, err);
    }
    if (rc == NS_OK) {
        rc = ns_crypto_init(err);
    }
    if (rc == NS_OK) {
        rc = ns_vfs_register(err);
    }
    if (rc == NS_OK) {
        rc = ns_unlock(a->setup.paths, a->setup.options, &a->vault, err);
    }
    if (rc == NS_OK) {
        rc = ns_vault_attach(a->vault, err);
    }
    return rc;
}

static struct ns_migrate_options migrate_options(const struct ns_agent *a) {
    return (struct ns_migrate_options){.backup_dir = a->setup.paths->backups, .vfs = "nest",
                                       .now = ns_env_now(a->setup.env)};
}

/* The first place that fails its check, of page or frame numbers from 1; 0: none was found. */
struct place {
    enum ns_damage kind;
    uint64_t at;
};

static void keep_first(void *self, enum ns_damage kind, uint64_t at) {
    struct place *first = self;
    if (first->at == 0 && (kind == NS_DAMAGE_PAGE || kind == NS_DAMAGE_WAL)) {
        *first = (struct place){kind, at};
    }
}

/* A page or the header failed its check: which file, which page, what to do. The whole file is
 * read for it; the agent does not start anyway. */
static ns_rc say_damage(const struct ns_agent *a, struct ns_err *err) {
    struct place first = {0};
    struct ns_verify report = {.found = keep_first, .self = &first};
    const char *store = a->setup.paths->store;
    char number[24];
    ns_err_clear(err);
    ns_rc rc = a->vault == NULL ? NS_E_DAMAGED : ns_vault_verify(a->vault, &report, NULL);
    if (rc == NS_OK && first.at == 0 && ns_freshness_words(a->vault, &report.fresh, err) != NS_OK) {
        return NS_E_DAMAGED;
    }
    if (rc != NS_OK || first.at == 0) {
        return ns_err_say(err, NS_E_DAMAGED, NS_MSG_agent_damaged, store, NULL, NULL);
    }
    snprintf(number, sizeof number, "%llu", (unsigned long long)first.at);
    return ns_err_say(err, NS_E_DAMAGED,
                      first.kind == NS_DAMAGE_WAL ? NS_MSG_agent_damaged_wal : NS_MSG_agent_damaged_page, store,
                      number, NULL);
}

static ns_rc open_store(struct ns_agent *a, struct ns_err *err) {
    struct ns_fresh fresh = {0};
    ns_rc rc = open_vault(a, err);
    if (rc == NS_OK) {
        rc = ns_freshness_look(a->vault, &fresh, err);
        if (rc == NS_E_DAMAGED) {
            return rc;
        }
    }
    if (rc == NS_OK) {
        rc = open_one(a, false, &a->write_db, err);
    }
    if (rc == NS_OK) {
        rc = ns_freshness_settle(&a->setup, a->vault, &fresh, a->write_db, &a->held, err);
    }
    if (rc == NS_OK && a->held.rc == NS_OK) {
        const struct ns_migrate_options options = migrate_options(a);
        rc = ns_migrate_up(a->write_db, &options, err);
    }
    if (rc == NS_OK) {
        rc = open_one(a, true, &a->read_db, err);
    }
    return rc;
}

static void close_store(struct ns_agent *a) {
    if (a->read_db != NULL) {
        ns_witness_tell(&a->setup, a->vault, a->read_db, &a->witnessed);
    }
    ns_db_close(a->read_db);
    if (a->write_db != NULL && a->held.rc == NS_OK) {
        struct ns_err err = {0};
        if (ns_db_checkpoint(a->write_db, &err) != NS_OK) {
            LOG_WARN("last checkpoint: %s %s", ns_rc_key(err.rc), err.note); /* the WAL keeps what it could not move */
        }
    }
    ns_db_close(a->write_db);
    ns_vault_release(a->vault);
    if (a->lock >= 0) {
        close(a->lock); /* the file stays: removing it would race with another start */
    }
}

/* ---- the endpoint ------------------------------------------------------------------------- */

static void serve(void *self, struct ns_exchange *x) {
    struct ns_agent *a = self;
    if (!ns_phone_page_serve(x, ns_lan_home_root(a->lan)) && !ns_http_webhook_serve(a->api, x)) {
        ns_http_graphql_serve(ns_api_operations(a->api), x);
    }
}

static bool accept_websocket(void *self, const struct ns_exchange *request,
                             struct ns_ws_accept *accept) {
    struct ns_agent *a = self;
    return ns_transport_ws_accept(a->loop, ns_api_operations(a->api), request, accept);
}

static int count_connections(void *self) {
    const struct ns_agent *a = self;
    return a->server == NULL ? 0 : (int)ns_server_connections(a->server);
}

static ns_time store_verified_at(void *self) {
    const struct ns_agent *a = self;
    return a->verified_at;
}

_Static_assert(NS_API_MARK == NS_WITNESS_MARK, "the api's room is the mark's");

static ns_rc store_mark(void *self, int64_t *changes, char *out, struct ns_err *err) {
    const struct ns_agent *a = self;
    struct ns_witness_head head;
    ns_rc rc = ns_witness_mark(a->vault, a->read_db, ns_env_now(a->setup.env), &head, out, err);
    *changes = head.changes;
    return rc;
}

static ns_rc store_seen(void *self, const char *mark, const char *who, struct ns_err *err) {
    struct ns_agent *a = self;
    ns_rc rc = ns_witness_shown(a->vault, a->read_db, mark, who, err);
    if (rc == NS_E_READONLY) {
        a->held = *err;
        ns_health_bad(a->health, NS_HEALTH_STORE, NS_HEALTH_DEGRADED, &a->held);
    }
    return rc;
}

static ns_rc try_passphrase(void *self, struct ns_str passphrase, struct ns_err *err) {
    const struct ns_agent *a = self;
    return ns_vault_try_passphrase(a->vault, passphrase, err);
}

/* On the writer's thread: who is forgotten is on the list before the rows go. */
static ns_rc forgetting(void *self, ns_id child, struct ns_err *err) {
    const struct ns_agent *a = self;
    return ns_erased_note(a->setup.env, a->setup.paths->data, child, err);
}

static void forgotten(void *self) {
    struct ns_agent *a = self;
    if (a->backups != NULL) {
        ns_backups_now(a->backups);
    }
}

/* ---- the daily look at the whole store -------------------------------------------------------- */

struct check {
    struct ns_job job;
    struct ns_agent *agent;
    ns_rc rc;
    struct ns_err err;
};

/* On a worker, over a connection of its own: the loop's must stay quick. */
static void check_run(struct ns_job *job) {
    struct check *check = (struct check *)job;
    struct ns_db *db = NULL;
    check->rc = open_one(check->agent, true, &db, &check->err);
    if (check->rc == NS_OK) {
        check->rc = ns_db_integrity(db, &check->err);
    }
    ns_db_close(db);
    if (check->rc == NS_OK) {
        check->rc = ns_freshness_verify(check->agent->vault, &check->err);
    }
    uint32_t epoch, old = 0;
    if (check->rc == NS_OK) {
        ns_vault_epochs(check->agent->vault, &epoch, &old);
    }
    if (old != 0 && ns_vault_rekey(check->agent->vault, NULL) != NS_OK) { /* one that was interrupted */
        LOG_WARN("the rekey is not finished: tomorrow again");
    }
}

static void check_done(struct ns_job *job) {
    struct check *check = (struct check *)job;
    struct ns_agent *a = check->agent;
    a->checking = false;
    if (check->rc == NS_OK && a->held.rc == NS_OK) {
        a->verified_at = ns_env_now(a->setup.env);
        ns_health_good(a->health, NS_HEALTH_STORE);
    } else if (check->rc == NS_E_BUSY) { /* an import, say: what is written all the time cannot be judged */
        ns_timer_set(a->check, CHECK_AGAIN_MS);
    } else if (check->rc != NS_OK) {
        LOG_ERROR("check of the store: %s", ns_rc_key(check->rc));
        ns_health_bad(a->health, NS_HEALTH_STORE,
                      check->rc == NS_E_DAMAGED ? NS_HEALTH_DOWN : NS_HEALTH_DEGRADED,
                      &check->err);
    }
    free(check);
}

static void start_check(void *arg) {
    struct ns_agent *a = arg;
    ns_timer_set(a->check, CHECK_EVERY_MS);
    if (a->checking || a->stop_ticks > 0) {
        return;
    }
    struct check *check = ns_xcalloc(1, sizeof *check);
    check->job = (struct ns_job){.run = check_run, .done = check_done};
    check->agent = a;
    a->checking = ns_executor_submit(a->pool, &check->job) == NS_OK;
    if (!a->checking) {
        free(check); /* the pool is full: tomorrow again */
    }
}

/* ---- running and stopping ------------------------------------------------------------------ */

static void begin_stop(void *arg) {
    struct ns_agent *a = arg;
    if (a->stop_ticks > 0) { /* asked twice: no more waiting */
        ns_loop_stop(a->loop);
        return;
    }
    LOG_INFO("stopping");
    ns_process_tell_stopping(a->setup.notify_socket);
    a->stop_ticks = 1;
    /* The sockets first: a subscriber hears 1001 and comes back, not that its events are over. */
    ns_server_close(a->server);
    ns_json_port_close(a->json);
    ns_api_close(a->api);
    ns_selling_close(a->selling);
    ns_timer_set(a->tick, 0);
}

static void look_at_disk(struct ns_agent *a) {
    int64_t room = ns_health_disk_room(a->health);
    enum ns_health_state state = ns_health_disk_state(room);
    if (state != NS_HEALTH_UP && state != a->disk) {
        LOG_WARN("disk of the store: %lld MB free", (long long)(room >> 20));
    }
    a->disk = state;
    ns_timer_set(a->tick, HEALTH_EVERY_MS);
}

/* Answers under way get their time: the writer is drained and the last bytes leave. */
static void on_tick(void *arg) {
    struct ns_agent *a = arg;
    if (a->stop_ticks == 0) {
        ns_witness_tell(&a->setup, a->vault, a->read_db, &a->witnessed);
        ns_lan_home_look(a->lan);
        look_at_disk(a);
        return;
    }
    bool idle = ns_executor_waiting(a->writer) == 0 && ns_server_connections(a->server) == 0 && ns_json_port_connections(a->json) == 0;
    if (idle || ++a->stop_ticks > STOP_TICKS) {
        ns_loop_stop(a->loop);
        return;
    }
    ns_timer_set(a->tick, STOP_TICK_MS);
}

static void backup_ran(void *self, bool failed) {
    struct ns_agent *a = self;
    ns_api_backup_ran(a->api, failed);
}

static ns_rc watch(struct ns_agent *a, struct ns_err *err) {
    a->tick = ns_timer_new(a->loop, on_tick, a);
    a->check = ns_timer_new(a->loop, start_check, a);
    ns_timer_set(a->check, CHECK_FIRST_MS);
    a->backups = ns_backups_new(&a->setup, a->loop, a->pool,
                                (int)ns_settings_int(a->setup.settings, NS_SET_BACKUP_HOURS),
                                backup_ran, a);
    ns_rc rc = ns_loop_on_signal(a->loop, SIGTERM, begin_stop, a, err);
    return rc == NS_OK ? ns_loop_on_signal(a->loop, SIGINT, begin_stop, a, err) : rc;
}

/* What Stripe told changed a plan or a bill. */
static void plan_changed(void *self) {
    struct ns_agent *a = self;
    ns_events_publish(a->events, (struct ns_event){.kind = NS_EVENT_PLAN, .at = ns_env_now(a->setup.env)});
}

static ns_rc start_modules(struct ns_agent *a, struct ns_err *err) {
    ns_rc rc = ns_loop_new(&a->loop, err);
    if (rc == NS_OK) {
        rc = ns_executor_new(a->loop, "writer", 1, WRITES_MOST, &a->writer, err);
    }
    if (rc == NS_OK) {
        rc = ns_executor_new(a->loop, "pool", POOL_THREADS, POOL_MOST, &a->pool, err);
    }
    if (rc != NS_OK) {
        return rc;
    }
    a->events = ns_events_new();
    rc = ns_selling_new(&a->setup, a->write_db, a->held.rc != NS_OK, &a->selling, err);
    if (rc != NS_OK) {
        return rc;
    }
    struct ns_courier *courier = NULL;
    if (a->held.rc == NS_OK) {
        rc = ns_selling_start(a->selling, a->loop, a->writer, a, plan_changed, &courier, err);
    }
    if (rc != NS_OK) {
        return rc;
    }
    const struct ns_api_setup api = {
        .env = a->setup.env,
        .loop = a->loop,
        .events = a->events,
        .health = a->health,
        .writer = a->writer,
        .pool = a->pool,
        .write_db = a->write_db,
        .read_db = a->read_db,
        .outside = {a, count_connections, store_verified_at, store_mark, store_seen, try_passphrase, forgetting, forgotten},
        .sale = ns_selling_mode(a->selling),
        .gate = ns_selling_gate(a->selling),
        .courier = courier,
        .nightly_hour = (int)ns_settings_int(a->setup.settings, NS_SET_NIGHTLY_HOUR),
        .forecast_every = (int)ns_settings_int(a->setup.settings, NS_SET_FORECAST_EVERY),
        .requests_per_minute = ns_settings_int(a->setup.settings, NS_SET_REQUESTS),
        .mutations_per_minute = ns_settings_int(a->setup.settings, NS_SET_MUTATIONS),
        .export_folder = a->setup.paths->exports,
    };
    rc = ns_api_new(&api, &a->api, err);
    if (rc != NS_OK) {
        return rc;
    }
    const struct ns_server_handlers handlers = {a, serve, accept_websocket};
    a->server = ns_server_new(a->loop, &handlers, NULL);
    ns_server_set_most(a->server,
                       (size_t)ns_settings_int(a->setup.settings, NS_SET_CONNECTIONS));
    /* Signals first: whoever sees the socket may end the agent properly. */
    rc = watch(a, err);
    if (rc == NS_OK) {
        rc = ns_server_listen_unix(a->server, a->setup.paths->socket, err);
    }
    if (rc == NS_OK) {
        rc = ns_lan_home_new(&a->setup, a->write_db, a->server, &a->lan, err);
    }
    if (rc == NS_OK) {
        const struct ns_api_network network = ns_lan_home_door(a->lan);
        ns_api_set_network(a->api, &network);
        a->json = ns_json_port_new(&a->setup, a->loop, ns_api_operations(a->api));
        ns_lan_home_beside(a->lan, a->json);
        ns_lan_home_look(a->lan);
    }
    if (rc == NS_OK) {
        if (a->held.rc == NS_OK) {
            ns_health_good(a->health, NS_HEALTH_STORE);
        } else {
            ns_health_bad(a->health, NS_HEALTH_STORE, NS_HEALTH_DEGRADED, &a->held);
        }
        ns_health_good(a->health, NS_HEALTH_ENDPOINT);
    }
    return rc;
}

/* XDG folders may not exist yet; the store's own one does. */
static ns_rc make_folders(const struct ns_agent *a, struct ns_err *err) {
    const char *runtime = a->setup.paths->runtime;
    struct ns_err inner = {0};
    ns_rc rc = a->setup.env->make_dir(a->setup.env->self, runtime, 0700, &inner);
    if (rc != NS_OK) {
        return ns_err_say(err, rc, NS_MSG_agent_folder_readonly, runtime, inner.note, NULL);
    }
    return NS_OK;
}

ns_rc ns_agent_start(const struct ns_agent_setup *setup, struct ns_agent **out,
                     struct ns_err *err) {
    int64_t begun = ns_env_steady_us(setup->env);
    struct ns_agent *a = ns_xcalloc(1, sizeof *a);
    a->setup = *setup;
    a->lock = -1;
    a->verified_at = NS_TIME_NONE;
    a->health = ns_health_new(setup->env, setup->paths->data);
    ns_rc rc = open_store(a, err);
    if (rc == NS_OK) {
        rc = make_folders(a, err);
    }
    if (rc == NS_OK) {
        rc = start_modules(a, err);
    }
    if (rc == NS_E_DAMAGED) { /* met while opening, or by whoever read first */
        rc = say_damage(a, err);
    }
    if (rc != NS_OK) {
        ns_agent_stop(a);
        return rc;
    }
    LOG_INFO("version %s ready after %lld ms", NS_VERSION,
             (long long)((ns_env_steady_us(setup->env) - begun) / 1000));
    *out = a;
    return NS_OK;
}

void ns_agent_run(struct ns_agent *a) {
    look_at_disk(a);
    ns_process_tell_ready(a->setup.options->ready_fd, a->setup.notify_socket);
    ns_loop_run(a->loop);
}

void ns_agent_stop(struct ns_agent *a) {
    if (a == NULL) {
        return;
    }
    if (a->server != NULL) {
        ns_server_close(a->server);
    }
    ns_json_port_close(a->json);
    if (a->api != NULL) {
        ns_api_close(a->api);
    }
    ns_selling_close(a->selling);
    ns_selling_join(a->selling);
    ns_executor_free(a->pool); /* a forecast that ends now still hands its result to the writer */
    ns_executor_free(a->writer);
    ns_json_port_free(a->json);
    ns_server_free(a->server); /* sockets and answers under way end first, the api serves them */
    ns_api_free(a->api);
    ns_selling_free(a->selling);
    ns_events_free(a->events);
    ns_timer_free(a->tick);
    ns_timer_free(a->check);
    ns_backups_free(a->backups);
    ns_lan_home_free(a->lan);
    ns_loop_free(a->loop);
    close_store(a);
    ns_health_free(a->health);
    free(a);
}
