/* operations.c: one request from text to answer, and subscriptions, over the engine. */
#include "agent/api/operations.h"
#include "agent/api/orders.h"
#include "agent/api/plan.h"
#include "agent/api/held.h"
#include "agent/api/sessions.h"
#include "agent/household/import.h"
#include "agent/household/prediction.h"

#include <stdlib.h>
#include <string.h>

#define LOG_MODULE "api"
#include "shared/base/log.h"

#define RESPONSE_MOST ((size_t)6 << 20) /* an export of 5 MB and what is around it */

struct ns_op {
    struct ns_op *next;
    struct op_list *list;
    struct api_ctx ctx; /* of the resolvers */
    struct ns_arena arena;
    struct ns_arena event_arena;
    struct gql_body body;
    struct gql_exec *exec;
    struct ns_buf response;
    ns_op_fn *fn; /* NULL: cancelled, nothing more is delivered */
    void *arg;
    bool (*room)(void *arg); /* NULL: always */
    struct ns_listener *listener;
    struct ns_held *held; /* NULL until an event found no room */
    uint16_t root; /* subscription field */
    ns_id wanted;  /* its child or import; zero: all */
    bool starting; /* inside start(): the caller does not have the handle yet */
    bool over;
};

struct op_list {
    struct ns_operations operations; /* first: handed out */
    struct ns_api *api;
    struct ns_op *first;
};

static void deliver(struct ns_op *op, enum ns_op_event event) {
    if (op->fn != NULL) {
        bool bare = event == NS_OP_DONE || event == NS_OP_EXPIRED || event == NS_OP_SLOW;
        op->fn(op->arg, event, bare ? NS_STR("") : ns_buf_view(&op->response));
    }
}

static void op_free(struct ns_op *op) {
    struct ns_op **at = &op->list->first;
    while (*at != op) {
        at = &(*at)->next;
    }
    *at = op->next;
    ns_events_forget(op->list->api->s.events, op->listener);
    free(op->held);
    gql_exec_free(op->exec);
    ns_buf_fini(&op->response);
    ns_arena_fini(&op->event_arena);
    ns_arena_fini(&op->arena);
    free(op);
}

/* The last delivery; during start() the freeing is left to it. */
static void end(struct ns_op *op, enum ns_op_event event) {
    op->over = true;
    deliver(op, event);
    if (!op->starting) {
        op_free(op);
    }
}

static void answered(struct ns_op *op) {
    if (op->response.failed) {
        ns_buf_clear(&op->response);
        gql_refusal(&op->response, GQL_CODE_QUERY_TOO_COMPLEX,
                    ns_msg(op->ctx.lang, NS_MSG_api_too_large));
        end(op, NS_OP_REFUSED);
        return;
    }
    deliver(op, NS_OP_NEXT);
    end(op, NS_OP_DONE);
}

/* Runs or goes on from a pending field. What is read on the way is one snapshot, however many
 * statements it takes; what waited for another thread reads on from a newer one. */
static void run_on(struct ns_op *op, const struct gql_out *result) {
    struct ns_db *db = op->list->api->s.read_db;
    struct ns_err err = {0};
    bool snapshot = ns_db_begin_read(db, &err) == NS_OK;
    if (!snapshot) {
        LOG_WARN("act=snapshot note=\"%s\"", err.note);
    }
    enum gql_state state = result == NULL ? gql_exec_run(op->exec, &op->ctx) : gql_exec_resume(op->exec, result);
    if (snapshot) {
        ns_db_rollback(db); /* nothing was written: ending it any way is the same */
    }
    if (result != NULL && op->ctx.once.client_id != NULL) {
        api_once_keep(op->ctx.api, &op->ctx.once, gql_exec_resumed(op->exec));
        op->ctx.once = (struct ns_once){0};
    }
    if (state == GQL_DONE) {
        answered(op);
    }
}

static void resume(struct api_ctx *ctx, const struct gql_out *result) {
    run_on((struct ns_op *)((char *)ctx - offsetof(struct ns_op, ctx)), result);
}

/* ---- subscriptions ---- */

static bool concerns(const struct ns_op *op, const struct ns_event *event) {
    switch (op->root) {
    case GQL_F_Subscription_householdChanges:
        return true;
    case GQL_F_Subscription_predictionUpdates:
        return event->kind == NS_EVENT_PREDICTION &&
               (ns_id_is_zero(op->wanted) || ns_id_eq(op->wanted, event->child));
    case GQL_F_Subscription_importUpdates:
        return event->kind == NS_EVENT_IMPORT && ns_id_eq(op->wanted, event->entity);
    case GQL_F_Subscription_subscriptionBillingEvents:
    case GQL_F_Subscription_subscriptionStatusUpdates:
        return event->kind == NS_EVENT_PLAN;
    case GQL_F_Subscription_orderStatusUpdates:
        return event->kind == NS_EVENT_ORDER &&
               (ns_id_is_zero(op->wanted) || ns_id_eq(op->wanted, event->entity));
    default:
        return false;
    }
}

static ns_rc event_object(struct ns_op *op, const struct ns_event *event, struct gql_out *out,
                          struct ns_err *err) {
    struct ns_db *db = op->list->api->s.read_db;
    struct ns_arena *arena = &op->event_arena;
    if (op->root == GQL_F_Subscription_householdChanges) {
        gql_object(out, event);
        return NS_OK;
    }
    if (op->root == GQL_F_Subscription_subscriptionBillingEvents ||
        op->root == GQL_F_Subscription_subscriptionStatusUpdates) {
        struct plan_view *view;
        ns_rc rc = plan_view_load(&op->ctx, db, &view, err);
        gql_object(out, op->root == GQL_F_Subscription_subscriptionBillingEvents
                            ? plan_billing_event(&op->ctx, view, event) : (const void *)view);
        return rc;
    }
    if (op->root == GQL_F_Subscription_orderStatusUpdates) {
        const struct order_view *order = NULL;
        struct ns_arena *request_arena = op->ctx.arena;
        op->ctx.arena = arena;
        ns_rc rc = order_event_load(&op->ctx, db, event->entity, &order, err);
        op->ctx.arena = request_arena;
        gql_object(out, order);
        return rc;
    }
    if (op->root == GQL_F_Subscription_importUpdates) {
        struct ns_import_job *job = NS_NEW(arena, struct ns_import_job);
        ns_rc rc = ns_import_get(db, event->entity, arena, job, err);
        gql_object(out, job);
        return rc;
    }
    struct ns_prediction *prediction = NS_NEW(arena, struct ns_prediction);
    bool found = false;
    ns_rc rc = ns_prediction_newest(db, event->child, arena, prediction, &found, err);
    gql_object(out, prediction);
    return rc == NS_OK && !found ? NS_E_NOT_FOUND : rc;
}

/* The receiver may cancel, so op may be gone afterwards. */
static void tell_event(struct ns_op *op, const struct ns_event *event) {
    ns_arena_reset(&op->event_arena);
    ns_buf_clear(&op->response);
    struct ns_api *api = op->list->api;
    op->ctx.now = ns_env_now(api->s.env);
    op->ctx.today = ns_zone_local_day(api->zone, op->ctx.now);
    struct gql_out value = {0};
    struct ns_err err = {0};
    if (event_object(op, event, &value, &err) != NS_OK) {
        LOG_WARN("act=event note=\"%s\"", err.note);
        return;
    }
    struct ns_arena *request_arena = op->ctx.arena;
    op->ctx.arena = &op->event_arena;
    gql_exec_event(op->exec, &op->ctx, &value, &op->event_arena, &op->response);
    op->ctx.arena = request_arena;
    deliver(op, NS_OP_NEXT);
}

static void on_event(void *arg, const struct ns_event *event) {
    struct ns_op *op = arg;
    if (op->fn == NULL || !concerns(op, event)) {
        return;
    }
    if (!ns_sessions_still(op->list->api->sessions, &op->ctx.caller)) {
        end(op, NS_OP_EXPIRED);
        return;
    }
    bool waits = op->held != NULL && op->held->count > 0;
    if (!waits && (op->room == NULL || op->room(op->arg))) {
        tell_event(op, event);
        return;
    }
    if (op->held == NULL) {
        op->held = ns_xcalloc(1, sizeof *op->held);
    }
    if (!ns_held_put(op->held, event)) {
        end(op, NS_OP_SLOW);
    }
}

static bool op_resume(void *self, struct ns_op *op) {
    struct ns_event event;
    (void)self;
    if (op->held == NULL || !ns_held_take(op->held, &event)) {
        return false;
    }
    bool more = op->held->count > 0;
    tell_event(op, &event);
    return more;
}

static void subscribe(struct ns_op *op) {
    const struct gql_value *args = NULL;
    bool well = gql_exec_root(op->exec, 0, &op->root, &args);
    if (well && !api_may(&op->ctx.caller, op->root)) {
        gql_refusal(&op->response, GQL_CODE_PERMISSION_DENIED,
                    ns_msg(op->ctx.lang, NS_MSG_api_not_yours));
        end(op, NS_OP_REFUSED);
        return;
    }
    if (well && op->root == GQL_F_Subscription_predictionUpdates) {
        well = arg_id(&args[GQL_A_Subscription_predictionUpdates_childId], &op->wanted);
    } else if (well && op->root == GQL_F_Subscription_importUpdates) {
        well = arg_id(&args[GQL_A_Subscription_importUpdates_importId], &op->wanted);
    }
    if (well && op->root == GQL_F_Subscription_orderStatusUpdates) { /* of whom, or which: userId is checked above */
        well = arg_id(&args[GQL_A_Subscription_orderStatusUpdates_orderId], &op->wanted) &&
               (gql_given(&args[GQL_A_Subscription_orderStatusUpdates_userId]) || !ns_id_is_zero(op->wanted));
    }
    if (!well) {
        gql_refusal(&op->response, GQL_CODE_BAD_USER_INPUT,
                    ns_msg(op->ctx.lang, NS_MSG_api_bad_id));
        end(op, NS_OP_REFUSED);
        return;
    }
    if (op->root != GQL_F_Subscription_householdChanges &&
        op->root != GQL_F_Subscription_predictionUpdates &&
        op->root != GQL_F_Subscription_importUpdates &&
        op->root != GQL_F_Subscription_orderStatusUpdates &&
        op->root != GQL_F_Subscription_subscriptionBillingEvents &&
        op->root != GQL_F_Subscription_subscriptionStatusUpdates) {
        gql_refusal(&op->response, GQL_CODE_NOT_SET_UP,
                    ns_msg(op->ctx.lang, NS_MSG_api_not_served));
        end(op, NS_OP_REFUSED);
        return;
    }
    op->listener = ns_events_listen(op->list->api->s.events, on_event, op);
}

/* ---- start and cancel ---- */

static unsigned kind_bit(const struct gql_exec *exec) {
    switch (gql_exec_operation(exec)) {
    case GQL_QUERY:
        return NS_OP_QUERY;
    case GQL_MUTATION:
        return NS_OP_MUTATION;
    case GQL_SUBSCRIPTION:
        return NS_OP_SUBSCRIPTION;
    }
    return 0;
}

/* ---- how often a caller may ask ---- */

static bool within(struct ns_op *op, const struct ns_op_request *request,
                   enum ns_limit_kind kind) {
    struct ns_api *api = op->list->api;
    if (ns_limits_take(api->limits, request->caller.bucket, kind, ns_env_steady_us(api->s.env))) {
        return true;
    }
    gql_refusal(&op->response, GQL_CODE_RATE_LIMITED,
                ns_msg(op->ctx.lang, NS_MSG_api_too_often));
    end(op, NS_OP_LIMITED);
    return false;
}

/* The kind of a root field that has a limit of its own; NS_LIMIT_KINDS: none. */
static enum ns_limit_kind kind_of(uint16_t field) {
    switch (field) {
    case GQL_F_Mutation_refreshToken: return NS_LIMIT_REFRESHES;
    case GQL_F_Mutation_createManualOrder:
    case GQL_F_Mutation_approveOrder: return NS_LIMIT_ORDERS;
    case GQL_F_Mutation_exportUserData: return NS_LIMIT_EXPORTS;
    case GQL_F_Mutation_stageImport: return NS_LIMIT_IMPORTS;
    default: return NS_LIMIT_KINDS;
    }
}

/* Every one of them, so that naming a field twice under an alias is no way around. */
static bool within_each(struct ns_op *op, const struct ns_op_request *request) {
    struct ns_api *api = op->list->api;
    int64_t now = ns_env_steady_us(api->s.env);
    const struct gql_value *args = NULL;
    uint16_t field = 0;
    if (request->caller.who.auth == NS_AUTH_LOCAL) {
        return true;
    }
    for (size_t i = 0; gql_exec_root(op->exec, i, &field, &args); i++) {
        enum ns_limit_kind kind = kind_of(field);
        if (kind != NS_LIMIT_KINDS && api_may(&op->ctx.caller, field) &&
            !ns_limits_take(api->limits, request->caller.bucket, kind, now)) {
            gql_refusal(&op->response, GQL_CODE_RATE_LIMITED, ns_msg(op->ctx.lang, NS_MSG_api_too_often_this));
            end(op, NS_OP_LIMITED);
            return false;
        }
    }
    return true;
}

static bool op_prove(void *self, struct ns_str authorization, struct ns_op_caller *caller) {
    struct ns_api *api = ((struct op_list *)self)->api;
    if (!ns_sessions_prove(api->sessions, authorization, &caller->who)) {
        return false;
    }
    memcpy(&caller->bucket, &caller->who.actor.device, sizeof caller->bucket);
    caller->bucket |= UINT64_C(1) << 63; /* no user's number */
    caller->may_introspect = caller->who.actor.role == NS_ROLE_FAMILY_CORE;
    return true;
}

static struct ns_allowance op_allowance(void *self, const struct ns_op_caller *caller) {
    struct ns_api *api = ((struct op_list *)self)->api;
    return ns_limits_left(api->limits, caller->bucket, NS_LIMIT_REQUESTS,
                          ns_env_steady_us(api->s.env));
}

/* ---- what may be asked without saying who one is ---- */

/* A stranger learns that a token is needed, and nothing else. */
static bool known(struct ns_op *op) {
    uint16_t field = 0;
    const struct gql_value *args = NULL;
    bool all_open = true;
    /* Whose token has ended is told so, also where it would get an answer without one. */
    bool ended = op->ctx.caller.stale && gql_exec_operation(op->exec) != GQL_MUTATION;
    for (size_t i = 0; op->ctx.caller.auth == NS_AUTH_NONE &&
                       gql_exec_root(op->exec, i, &field, &args); i++) {
        all_open = all_open && api_open_to_anyone(field) && (!ended || field == GQL_NONE);
    }
    if (!all_open) {
        gql_refusal(&op->response, GQL_CODE_UNAUTHENTICATED,
                    ns_msg(op->ctx.lang, NS_MSG_api_who));
        end(op, NS_OP_REFUSED);
    }
    return all_open;
}

/* Everything else is asked of the schema, field by field, while it is answered. */
static bool for_oneself(struct ns_op *op) {
    uint16_t field = 0;
    const struct gql_value *args = NULL;
    for (size_t i = 0; gql_exec_root(op->exec, i, &field, &args); i++) {
        if (api_names_another(&op->ctx.caller, field, args)) {
            gql_refusal(&op->response, GQL_CODE_PERMISSION_DENIED,
                        ns_msg(op->ctx.lang, NS_MSG_api_not_yours));
            end(op, NS_OP_REFUSED);
            return false;
        }
    }
    gql_exec_grant(op->exec, api_access(&op->ctx.caller));
    return true;
}

static void run(struct ns_op *op, const struct ns_op_request *request) {
    if (!within(op, request, NS_LIMIT_REQUESTS)) {
        return;
    }
    if (!ns_sessions_still(op->list->api->sessions, &op->ctx.caller)) {
        end(op, NS_OP_EXPIRED);
        return;
    }
    struct ns_str body = {ns_arena_copy(&op->arena, request->body), request->body.n};
    if (gql_body_read(&op->arena, body, &op->body, &op->response) != NS_OK) {
        end(op, NS_OP_MALFORMED);
        return;
    }
    op->exec = gql_exec_new(op->list->api->engine, &op->arena, &op->body,
                            request->caller.may_introspect, &op->response);
    if (op->exec == NULL) {
        end(op, NS_OP_REFUSED);
        return;
    }
    if ((kind_bit(op->exec) & request->allowed) == 0) {
        gql_refusal(&op->response, GQL_CODE_BAD_USER_INPUT,
                    ns_msg(op->ctx.lang, NS_MSG_api_wrong_kind));
        end(op, NS_OP_WRONG_KIND);
        return;
    }
    if (!known(op) || !for_oneself(op)) {
        return;
    }
    switch (gql_exec_operation(op->exec)) {
    case GQL_QUERY:
        run_on(op, NULL);
        break;
    case GQL_MUTATION:
        if (within(op, request, NS_LIMIT_MUTATIONS) && within_each(op, request) &&
            gql_exec_run(op->exec, &op->ctx) == GQL_DONE) {
            answered(op);
        }
        break;
    case GQL_SUBSCRIPTION:
        subscribe(op);
        break;
    }
}

static struct ns_op *op_start(void *self, const struct ns_op_request *request, ns_op_fn *fn,
                              void *arg) {
    struct op_list *list = self;
    struct ns_api *api = list->api;
    struct ns_op *op = ns_xcalloc(1, sizeof *op);
    op->list = list;
    op->fn = fn;
    op->arg = arg;
    op->room = request->room;
    op->response = NS_BUF(RESPONSE_MOST);
    struct ns_caller who = request->caller.who;
    if (who.auth == NS_AUTH_LOCAL) {
        who.actor = api->owner;
    }
    op->ctx = (struct api_ctx){.api = api,
                               .arena = &op->arena,
                               .caller = who,
                               .actor = who.actor,
                               .lang = request->caller.lang,
                               .now = ns_env_now(api->s.env),
                               .resume = resume};
    op->ctx.today = ns_zone_local_day(api->zone, op->ctx.now);
    op->next = list->first;
    list->first = op;
    op->starting = true;
    run(op, request);
    op->starting = false;
    if (op->over) {
        op_free(op);
        return NULL;
    }
    return op;
}

static void op_cancel(void *self, struct ns_op *op) {
    (void)self;
    op->fn = NULL;
    if (op->listener != NULL) {
        op_free(op);
    }
    /* What waits for the writer or the pool goes on and frees itself when it is done. */
}

struct ns_operations *api_operations_new(struct ns_api *api) {
    struct op_list *list = ns_xcalloc(1, sizeof *list);
    list->operations = (struct ns_operations){.self = list,
                                              .start = op_start,
                                              .cancel = op_cancel,
                                              .resume = op_resume,
                                              .prove = op_prove,
                                              .allowance = op_allowance};
    list->api = api;
    return &list->operations;
}

void api_operations_recheck(struct ns_operations *operations) {
    struct op_list *list = operations->self;
    for (struct ns_op *op = list->first, *next; op != NULL; op = next) {
        next = op->next;
        if (op->listener != NULL && op->fn != NULL && !ns_sessions_still(list->api->sessions, &op->ctx.caller)) {
            end(op, NS_OP_EXPIRED); /* its socket closes, and takes the rest of its operations along */
            next = list->first;
        }
    }
}

int api_operations_held_by(struct ns_operations *operations, ns_id device) {
    struct op_list *list = operations->self;
    int count = 0;
    for (const struct ns_op *op = list->first; op != NULL; op = op->next) {
        count += op->listener != NULL && op->fn != NULL && ns_id_eq(op->ctx.caller.actor.device, device);
    }
    return count;
}

void api_operations_close(struct ns_operations *operations) {
    struct op_list *list = operations->self;
    struct ns_op *op = list->first;
    while (op != NULL) {
        struct ns_op *next = op->next;
        if (op->listener != NULL) {
            end(op, NS_OP_DONE);
        }
        op = next;
    }
}

void api_operations_free(struct ns_operations *operations) {
    struct op_list *list = operations->self;
    while (list->first != NULL) {
        list->first->fn = NULL;
        op_free(list->first);
    }
    free(list);
}
