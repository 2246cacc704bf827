/* mutations_import.c: staging a file, committing it, and writing it chunk by chunk. */
#include "agent/api/forecaster.h"
#include "agent/api/mutation.h"

#include <stdlib.h>

#define LOG_MODULE "api"
#include "shared/base/log.h"

static ns_rc stage_work(struct mutation *m) {
    struct ns_import_job *job = NS_NEW(m->ctx->arena, struct ns_import_job);
    ns_rc rc = ns_import_stage(&m->act, m->id, m->in.import.file_name, m->in.import.content,
                               &m->in.import.options, job, &m->err);
    m->response.payload = job;
    mutation_event(m, NS_EVENT_IMPORT, m->id, job->id);
    return rc;
}

void mutation_stage_import(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct mutation *m = mutation_begin(call, stage_work);
    const struct gql_value *in = call->args[GQL_A_Mutation_stageImport_input].items;
    if (!need_id(m->ctx, &in[GQL_I_StageImportInput_childId], &m->id, out)) {
        return;
    }
    m->in.import.file_name = in[GQL_I_StageImportInput_fileName].text;
    m->in.import.content = in[GQL_I_StageImportInput_content].text;
    m->in.import.options.order =
        (enum ns_day_order)arg_enum(&in[GQL_I_StageImportInput_dayOrder], NS_ORDER_AUTO);
    mutation_submit(m, out);
}

/* The chunks after the first, each a job of its own, so that a log in between waits for one
 * chunk at most. */
struct import_run {
    struct ns_job job;
    struct ns_api *api;
    struct ns_actor actor;
    struct ns_arena arena;
    ns_id id;
    struct ns_import_job state;
    bool done;
    ns_rc rc;
    struct ns_err err;
    int64_t told_us;
};

static void import_chunk(struct ns_job *job) {
    struct import_run *run = (struct import_run *)job;
    ns_arena_reset(&run->arena);
    struct ns_act act = {.db = run->api->s.write_db,
                         .env = run->api->s.env,
                         .zone = run->api->zone,
                         .now = ns_env_now(run->api->s.env),
                         .actor = run->actor,
                         .arena = &run->arena};
    run->rc = ns_import_write_chunk(&act, run->id, &run->state, &run->done, &run->err);
    if (run->rc != NS_OK) {
        ns_db_rollback(act.db);
    }
}

static void tell(struct import_run *run, enum ns_event_kind kind) {
    ns_events_publish(run->api->s.events, (struct ns_event){.kind = kind,
                                                            .child = run->state.child_id,
                                                            .entity = run->id,
                                                            .at = ns_env_now(run->api->s.env)});
}

static void import_chunk_done(struct ns_job *job) {
    struct import_run *run = (struct import_run *)job;
    struct ns_api *api = run->api;
    int64_t now_us = ns_env_steady_us(api->s.env);
    if (run->rc == NS_OK && !run->done) {
        if (now_us - run->told_us >= 100000) {
            run->told_us = now_us;
            tell(run, NS_EVENT_IMPORT);
        }
        if (!api->closing && ns_executor_submit(api->s.writer, &run->job) == NS_OK) {
            return;
        }
    } else if (run->rc != NS_OK) {
        LOG_ERROR("act=import rc=%s note=\"%s\"", ns_rc_key(run->rc), run->err.note);
    } else {
        tell(run, NS_EVENT_IMPORT);
        tell(run, NS_EVENT_USAGE);
        (void)ns_forecaster_request(api->forecaster, run->state.child_id, run->actor, NULL, NULL);
    }
    ns_arena_fini(&run->arena);
    free(run);
}

void api_import_continue(struct ns_api *api, ns_id import, struct ns_actor actor) {
    struct import_run *run = ns_xcalloc(1, sizeof *run);
    run->job.run = import_chunk;
    run->job.done = import_chunk_done;
    run->api = api;
    run->actor = actor;
    run->id = import;
    if (ns_executor_submit(api->s.writer, &run->job) != NS_OK) {
        free(run); /* the store keeps it as WRITING; the next start goes on */
    }
}

static ns_rc commit_work(struct mutation *m) {
    struct ns_import_job *job = NS_NEW(m->ctx->arena, struct ns_import_job);
    bool done = false;
    ns_rc rc = ns_import_write_chunk(&m->act, m->id, job, &done, &m->err);
    m->response.payload = job;
    mutation_event(m, NS_EVENT_IMPORT, job->child_id, m->id);
    return rc;
}

static void after_commit(struct mutation *m) {
    api_import_continue(m->ctx->api, m->id, m->act.actor);
}

void mutation_commit_import(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct mutation *m = mutation_begin(call, commit_work);
    if (need_id(m->ctx, &call->args[GQL_A_Mutation_commitImport_importId], &m->id, out)) {
        m->after = after_commit;
        mutation_submit(m, out);
    }
}
