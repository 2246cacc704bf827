/* mutation.c: the way of a mutation from the loop to the writer and back. */
#include "agent/api/mutation.h"

#include <string.h>

#define LOG_MODULE "api"
#include "shared/base/log.h"

void mutation_event(struct mutation *m, enum ns_event_kind kind, ns_id child, ns_id entity) {
    m->events[m->event_count++] =
        (struct ns_event){.kind = kind, .child = child, .entity = entity, .at = m->act.now};
}

static void run_mutation(struct ns_job *job) {
    struct mutation *m = (struct mutation *)job;
    if (!m->resumed && mutation_was_done(m)) {
        return;
    }
    m->rc = m->work(m);
    ns_db_before_commit(m->act.db, NULL, NULL);
    if (m->rc != NS_OK) {
        ns_db_rollback(m->act.db); /* nothing happens when the function did so itself */
    }
}

static void refused(struct mutation *m) {
    if (m->rc == NS_E_INTERNAL || m->rc == NS_E_IO || m->rc == NS_E_DAMAGED) {
        LOG_ERROR("act=mutation rc=%s note=\"%s\"", ns_rc_key(m->rc), m->err.note);
    }
    if (m->rc == NS_E_FULL || m->rc == NS_E_READONLY || m->rc == NS_E_IO || m->rc == NS_E_DAMAGED) {
        ns_health_refused(m->ctx->api->s.health, NS_HEALTH_STORE, &m->err);
    }
    const char *text = api_error_text(m->ctx->arena, m->ctx->lang, m->rc, &m->err);
    m->response = (struct api_response){.success = false, .message = text, .error = text};
}

static void mutation_done(struct ns_job *job) {
    struct mutation *m = (struct mutation *)job;
    struct api_ctx *ctx = m->ctx;
    if (m->replay != NULL) {
        struct gql_out again = {0};
        gql_raw(&again, ns_str_of(m->replay));
        ctx->resume(ctx, &again); /* may free the arena and m with it */
        return;
    }
    if (m->rc == NS_OK && m->hold != NULL && m->hold(m)) {
        return;
    }
    if (m->rc == NS_OK) {
        ctx->once = m->once;
    }
    if (m->rc != NS_OK) {
        refused(m);
    } else {
        m->response.success = true;
        ns_health_worked(m->ctx->api->s.health, NS_HEALTH_STORE);
        if (m->message != NS_MSG_NONE) {
            m->response.message = ns_msg(ctx->lang, m->message);
        }
        for (int i = 0; i < m->event_count; i++) {
            ns_events_publish(ctx->api->s.events, m->events[i]);
        }
        if (m->after != NULL) {
            m->after(m);
        }
    }
    struct gql_out out = {0};
    gql_object(&out, m->answer != NULL ? m->answer(m) : &m->response);
    ctx->resume(ctx, &out); /* may free the arena and m with it */
}

struct mutation *mutation_begin(const struct gql_call *call,
                                ns_rc (*work)(struct mutation *m)) {
    struct api_ctx *ctx = call->ctx;
    struct mutation *m = NS_NEW(ctx->arena, struct mutation);
    m->job.run = run_mutation;
    m->job.done = mutation_done;
    m->ctx = ctx;
    m->act = api_act(ctx, ctx->api->s.write_db);
    m->work = work;
    mutation_once(m, call);
    return m;
}

void mutation_resume(struct mutation *m) {
    m->hold = NULL;
    m->resumed = true;
    m->event_count = 0;
    if (ns_executor_submit(m->ctx->api->s.writer, &m->job) != NS_OK) {
        m->rc = ns_err_note(&m->err, NS_E_BUSY, "the agent ends");
        mutation_done(&m->job);
    }
}

void mutation_submit(struct mutation *m, struct gql_out *out) {
    if (m->once.client_id != NULL && (m->once.client_id[0] == '\0' ||
                                      strlen(m->once.client_id) > NS_ONCE_ID_MOST)) {
        gql_fail(out, GQL_CODE_BAD_USER_INPUT, ns_msg(m->ctx->lang, NS_MSG_api_once_id));
        return;
    }
    if (m->ctx->api->closing ||
        ns_executor_submit(m->ctx->api->s.writer, &m->job) != NS_OK) {
        gql_fail(out, GQL_CODE_TIMEOUT, ns_msg(m->ctx->lang, NS_MSG_err_busy));
        return;
    }
    gql_pending(out);
}
