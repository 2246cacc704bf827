/* remove.c: deleteInventoryItem and deleteChild, and the daily end of what was removed long ago. */
#include "agent/api/remove.h"
#include "agent/api/mutation.h"
#include "agent/household/remove.h"

#include <stdio.h>
#include <stdlib.h>

#define LOG_MODULE "remove"
#include "shared/base/log.h"

#define LOOK_EVERY_MS ((int64_t)60 * 60 * 1000)

struct removal {
    struct api_response response; /* first, for its readers */
    struct ns_remove_input in;
    struct ns_removed out;
    const char *summary; /* NULL: nothing was removed */
    ns_time at;
    ns_id by;
};

/* ---- the two mutations ---- */

static const void *answer(struct mutation *m) {
    struct removal *r = m->own;
    r->response = m->response;
    return r;
}

static struct removal *begin(const struct gql_call *call, ns_rc (*work)(struct mutation *m), const struct gql_value *words,
                             const struct gql_value *reason, struct mutation **m) {
    struct removal *r = NS_NEW(call->arena, struct removal);
    *m = mutation_begin(call, work);
    r->in.words = arg_text(call->arena, words);
    r->in.reason = arg_text(call->arena, reason);
    r->at = (*m)->act.now;
    r->by = (*m)->act.actor.user;
    (*m)->own = r;
    (*m)->answer = answer;
    return r;
}

static ns_rc item_work(struct mutation *m) {
    struct removal *r = m->own;
    ns_rc rc = ns_item_remove(&m->act, &r->in, &r->out, &m->err);
    mutation_event(m, NS_EVENT_INVENTORY, r->out.child, r->in.id);
    return rc;
}

static void delete_item(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct mutation *m;
    const struct gql_value *in = call->args[GQL_A_Mutation_deleteInventoryItem_input].items;
    struct removal *r = begin(call, item_work, &in[GQL_I_DeleteInventoryItemInput_confirmationText],
                              &in[GQL_I_DeleteInventoryItemInput_reason], &m);
    m->message = NS_MSG_removed_item;
    if (need_id(m->ctx, &call->args[GQL_A_Mutation_deleteInventoryItem_inventoryItemId], &r->in.id, out)) {
        mutation_submit(m, out);
    }
}

static ns_rc child_work(struct mutation *m) {
    struct removal *r = m->own;
    const struct ns_api_outside *o = &m->ctx->api->s.outside;
    struct ns_buf b = NS_BUF(400);
    char n[5][24];
    ns_rc rc = ns_child_remove(&m->act, &r->in, o->forgetting, o->self, &r->out, &m->err);
    const int64_t counts[5] = {r->out.holds.changes, r->out.holds.packs, r->out.holds.forecasts, r->out.holds.weights,
                               r->out.holds.orders};
    for (int i = 0; i < 5; i++) {
        snprintf(n[i], sizeof n[i], "%lld", (long long)counts[i]);
    }
    NS_MSG_TO(&b, m->ctx->lang, NS_MSG_removed_summary, n[0], n[1], n[2], n[3], n[4]);
    r->summary = rc == NS_OK ? ns_arena_copy(m->act.arena, ns_buf_view(&b)) : NULL;
    ns_buf_fini(&b);
    mutation_event(m, NS_EVENT_CHILD, r->in.id, r->in.id);
    return rc;
}

static void after_child(struct mutation *m) {
    const struct removal *r = m->own;
    const struct ns_api_outside *o = &m->ctx->api->s.outside;
    if (r->in.erase && o->forgotten != NULL) {
        o->forgotten(o->self);
    }
}

static void delete_child(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct mutation *m;
    const struct gql_value *in = call->args[GQL_A_Mutation_deleteChild_input].items;
    struct removal *r = begin(call, child_work, &in[GQL_I_DeleteChildInput_confirmationText],
                              &in[GQL_I_DeleteChildInput_reason], &m);
    r->in.erase = arg_enum(&in[GQL_I_DeleteChildInput_deletionType], GQL_E_DeletionType_SOFT_DELETE) ==
                  GQL_E_DeletionType_HARD_DELETE;
    m->message = r->in.erase ? NS_MSG_erased_child : NS_MSG_removed_child;
    m->after = after_child;
    if (need_id(m->ctx, &call->args[GQL_A_Mutation_deleteChild_childId], &r->in.id, out)) {
        mutation_submit(m, out);
    }
}

/* ---- readers ---- */

static void get_item(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct removal *r = object;
    switch (call->field) {
    case GQL_F_DeleteInventoryItemResponse_success: gql_bool(out, r->response.success); break;
    case GQL_F_DeleteInventoryItemResponse_message: gql_cstr(out, r->response.message); break;
    case GQL_F_DeleteInventoryItemResponse_error: gql_cstr(out, r->response.error); break;
    case GQL_F_DeleteInventoryItemResponse_actionId: gql_id(out, r->out.action); break;
    default: gql_id(out, r->response.success ? r->in.id : (ns_id){{0}}); break;
    }
}

static void get_child(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct removal *r = object;
    switch (call->field) {
    case GQL_F_DeleteChildResponse_success: gql_bool(out, r->response.success); break;
    case GQL_F_DeleteChildResponse_message: gql_cstr(out, r->response.message); break;
    case GQL_F_DeleteChildResponse_error: gql_cstr(out, r->response.error); break;
    case GQL_F_DeleteChildResponse_actionId: gql_id(out, r->out.action); break;
    case GQL_F_DeleteChildResponse_deletedChildId:
        gql_id(out, r->response.success ? r->in.id : (ns_id){{0}});
        break;
    default: gql_object(out, r->response.success ? r : NULL); break;
    }
}

/* A reason is not kept, and so not told again: it may hold anything about anybody. */
static void get_audit(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct removal *r = object;
    switch (call->field) {
    case GQL_F_DeletionAuditInfo_deletedAt: gql_time(out, r->at); break;
    case GQL_F_DeletionAuditInfo_deletedBy: gql_id(out, r->by); break;
    case GQL_F_DeletionAuditInfo_deletionType:
        gql_enum(out, r->in.erase ? GQL_E_DeletionType_HARD_DELETE : GQL_E_DeletionType_SOFT_DELETE);
        break;
    case GQL_F_DeletionAuditInfo_itemsDeletedSummary: gql_cstr(out, r->summary); break;
    case GQL_F_DeletionAuditInfo_retentionPeriodDays: gql_int(out, r->in.erase ? 0 : NS_REMOVED_DAYS); break;
    default: gql_null(out); break;
    }
}

static const struct gql_root_bind roots[] = {
    {GQL_F_Mutation_deleteInventoryItem, delete_item},
    {GQL_F_Mutation_deleteChild, delete_child},
};
static const struct gql_type_bind types[] = {
    {GQL_T_DeleteInventoryItemResponse, get_item},
    {GQL_T_DeleteChildResponse, get_child},
    {GQL_T_DeletionAuditInfo, get_audit},
};
const struct api_part api_remove_part = {roots, NS_COUNT(roots), types, NS_COUNT(types)};

/* ---- the end of what was removed ---- */

struct ns_remover {
    struct ns_job job; /* first: the job is the remover */
    struct ns_api *api;
    struct ns_timer *timer;
    struct ns_arena arena;
    struct ns_act act;
    int children;
    bool running;
    bool closing;
    ns_rc rc;
    struct ns_err err;
};

static void work(struct ns_job *job) {
    struct ns_remover *r = (struct ns_remover *)job;
    const struct ns_api_outside *o = &r->api->s.outside;
    r->rc = ns_removed_over(&r->act, o->forgetting, o->self, &r->children, &r->err);
}

static void done(struct ns_job *job) {
    struct ns_remover *r = (struct ns_remover *)job;
    const struct ns_api_outside *o = &r->api->s.outside;
    r->running = false;
    if (r->rc != NS_OK && r->rc != NS_E_READONLY) {
        LOG_ERROR("act=forget rc=%s note=\"%s\"", ns_rc_key(r->rc), r->err.note);
    }
    if (r->children > 0 && o->forgotten != NULL && !r->closing) {
        o->forgotten(o->self);
    }
    ns_arena_reset(&r->arena);
}

static void look(void *arg) {
    struct ns_remover *r = arg;
    if (!r->running && !r->closing && !ns_id_is_zero(r->api->owner.user)) {
        r->job = (struct ns_job){.run = work, .done = done};
        r->err = (struct ns_err){0};
        r->act = (struct ns_act){.db = r->api->s.write_db, .env = r->api->s.env, .zone = r->api->zone,
                                 .now = ns_env_now(r->api->s.env), .actor = {.role = NS_ROLE_FAMILY_CORE}, .arena = &r->arena};
        r->running = ns_executor_submit(r->api->s.writer, &r->job) == NS_OK;
    }
    ns_timer_set(r->timer, LOOK_EVERY_MS);
}

struct ns_remover *ns_remover_new(struct ns_api *api) {
    struct ns_remover *r = ns_xcalloc(1, sizeof *r);
    r->api = api;
    r->timer = ns_timer_new(api->s.loop, look, r);
    look(r);
    return r;
}

void ns_remover_close(struct ns_remover *r) {
    r->closing = true;
    ns_timer_cancel(r->timer);
}

void ns_remover_free(struct ns_remover *r) {
    if (r != NULL) {
        ns_timer_free(r->timer);
        ns_arena_fini(&r->arena);
        free(r);
    }
}
