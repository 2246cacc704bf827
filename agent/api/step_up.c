/* step_up.c: an owner's phone gives the passphrase again, and may for a while what this computer may.
 *
 * The try is counted and in the trail before it is compared; the comparing, a second of work, runs on the
 * pool while the writer serves others.
 * Threads: the loop's, but for check(). */
#include "agent/api/mutation.h"
#include "agent/api/sessions.h"
#include "agent/household/sessions.h"
#include "shared/crypto/crypto.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct step {
    struct api_response response; /* first, for its readers */
    struct ns_job job;
    struct mutation *m;
    char *passphrase; /* wiped once it was compared */
    ns_rc rc;
    struct ns_err err;
    ns_time until;
};

/* On the writer: first the try, then what came of it. */
static ns_rc note(struct mutation *m) {
    struct step *s = m->own;
    if (!m->resumed) {
        return ns_step_up_note(&m->act, false, &m->err);
    }
    if (s->rc == NS_OK) {
        return ns_step_up_note(&m->act, true, &m->err);
    }
    if (s->rc == NS_E_KEY) {
        return ns_err_say(&m->err, NS_E_DENIED, NS_MSG_step_up_wrong, NULL, NULL, NULL);
    }
    if (s->rc == NS_E_NOT_FOUND) {
        return ns_err_say(&m->err, NS_E_NOT_SET_UP, NS_MSG_step_up_none, NULL, NULL, NULL);
    }
    m->err = s->err;
    return s->rc;
}

static struct step *step_of(struct ns_job *job) {
    return (struct step *)((char *)job - offsetof(struct step, job));
}

/* On the pool. */
static void check(struct ns_job *job) {
    struct step *s = step_of(job);
    const struct ns_api_outside *o = &s->m->ctx->api->s.outside;
    s->rc = o->passphrase(o->self, ns_str_of(s->passphrase), &s->err);
    ns_crypto_wipe(s->passphrase, strlen(s->passphrase));
}

static void checked(struct ns_job *job) {
    mutation_resume(step_of(job)->m);
}

static bool wait_for_it(struct mutation *m) {
    struct step *s = m->own;
    s->job = (struct ns_job){.run = check, .done = checked};
    if (ns_executor_submit(m->ctx->api->s.pool, &s->job) != NS_OK) {
        s->rc = ns_err_note(&s->err, NS_E_BUSY, "the pool is full");
        mutation_resume(m);
    }
    return true;
}

static const void *answer(struct mutation *m) {
    struct step *s = m->own;
    s->until = m->rc == NS_OK ? ns_sessions_step_up(m->ctx->api->sessions, m->ctx->actor.device) : NS_TIME_NONE;
    s->response = m->response;
    return s;
}

static const void *refusal(struct api_ctx *ctx, struct step *s, const struct ns_err *err) {
    s->until = NS_TIME_NONE;
    s->response.error = s->response.message = api_error_text(ctx->arena, ctx->lang, NS_E_LIMIT, err);
    return s;
}

static void step_up(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    struct step *s = NS_NEW(call->arena, struct step);
    const struct gql_value *in = call->args[GQL_A_Mutation_stepUp_input].items;
    struct ns_err err = {0};
    int64_t wait_s = 0;
    char seconds[24];
    if (ctx->caller.auth == NS_AUTH_LOCAL || ctx->api->s.outside.passphrase == NULL) {
        (void)ns_err_say(&err, NS_E_LIMIT, NS_MSG_step_up_here, NULL, NULL, NULL);
        gql_object(out, refusal(ctx, s, &err));
        return;
    }
    if (!ns_sessions_may_try(ctx->api->sessions, &wait_s)) {
        snprintf(seconds, sizeof seconds, "%lld", (long long)wait_s);
        (void)ns_err_say(&err, NS_E_LIMIT, NS_MSG_step_up_wait, seconds, NULL, NULL);
        gql_object(out, refusal(ctx, s, &err));
        return;
    }
    s->m = mutation_begin(call, note);
    s->m->once = (struct ns_once){0}; /* nothing made of a passphrase is kept, and an answer that is old proves nothing */
    s->m->own = s;
    s->m->hold = wait_for_it;
    s->m->answer = answer;
    s->m->message = NS_MSG_step_up_done;
    s->passphrase = ns_arena_copy(call->arena, in[GQL_I_StepUpInput_passphrase].text);
    mutation_submit(s->m, out);
}

static void get(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct step *s = object;
    switch (call->field) {
    case GQL_F_StepUpResponse_success: gql_bool(out, s->response.success); break;
    case GQL_F_StepUpResponse_message: gql_cstr(out, s->response.message); break;
    case GQL_F_StepUpResponse_error: gql_cstr(out, s->response.error); break;
    default:
        if (s->until == NS_TIME_NONE) {
            gql_null(out);
        } else {
            gql_time(out, s->until);
        }
    }
}

static const struct gql_root_bind roots[] = {{GQL_F_Mutation_stepUp, step_up}};
static const struct gql_type_bind types[] = {{GQL_T_StepUpResponse, get}};
const struct api_part api_step_up_part = {roots, NS_COUNT(roots), types, NS_COUNT(types)};
