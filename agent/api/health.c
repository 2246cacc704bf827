/* health.c: the state of the parts, and the redacted report for support. */
#include "agent/api/context.h"
#include "agent/api/forecaster.h"
#include "agent/household/prediction.h"

#include <stdio.h>

#include "shared/base/log.h"

/* One object answers SystemHealth and SupportReport. */
struct report {
    struct ns_health_view view;
    struct ns_household_counts counts;
    struct ns_audit_state audit;
    ns_time verified_at;
    int fresh;
    int64_t forecast_ms;
    int connections;
    struct ns_log_entry problems[NS_LOG_KEPT];
    size_t problem_count;
};

static int count_fresh(struct api_ctx *ctx) {
    const struct ns_child *children = NULL;
    int count = 0;
    int fresh = 0;
    if (ns_child_list(ctx->api->s.read_db, ctx->arena, &children, &count, NULL) != NS_OK) {
        return 0;
    }
    for (int i = 0; i < count; i++) {
        struct ns_prediction p;
        bool found = false;
        if (ns_prediction_newest(ctx->api->s.read_db, children[i].id, ctx->arena, &p, &found, NULL) ==
                NS_OK &&
            found) {
            fresh += ns_zone_local_day(ctx->api->zone, p.created_at) == ctx->today;
        }
    }
    return fresh;
}

const void *api_health_report(struct api_ctx *ctx) {
    struct report *r = NS_NEW(ctx->arena, struct report);
    ns_health_look(ctx->api->s.health, ctx->lang, &r->view);
    return r;
}

const void *api_support_report(struct api_ctx *ctx, struct ns_err *err) {
    struct report *r = NS_NEW(ctx->arena, struct report);
    const struct ns_api_outside *o = &ctx->api->s.outside;
    ns_health_look(ctx->api->s.health, ctx->lang, &r->view);
    if (ns_household_count(ctx->api->s.read_db, &r->counts, err) != NS_OK ||
        ns_audit_verify(ctx->api->s.read_db, &r->audit, err) != NS_OK) {
        return NULL;
    }
    r->fresh = count_fresh(ctx);
    r->verified_at = o->store_verified_at == NULL ? NS_TIME_NONE : o->store_verified_at(o->self);
    r->connections = o->connections == NULL ? 0 : o->connections(o->self);
    r->forecast_ms = ns_forecaster_last_ms(ctx->api->forecaster);
    r->problem_count = ns_log_recent(r->problems, NS_LOG_KEPT);
    return r;
}

static void get_part(const struct ns_health_component *p, uint16_t field, struct gql_out *out) {
    switch (field) {
    case GQL_F_ComponentHealth_name: gql_cstr(out, p->name); break;
    case GQL_F_ComponentHealth_state: gql_enum(out, (int)p->state); break;
    case GQL_F_ComponentHealth_detail: gql_cstr(out, p->detail[0] == '\0' ? NULL : p->detail); break;
    default: gql_time(out, p->last_ok);
    }
}

static void get_problem(const struct ns_log_entry *e, uint16_t field, struct gql_out *out) {
    switch (field) {
    case GQL_F_SupportProblem_at: gql_time(out, e->at); break;
    case GQL_F_SupportProblem_level: gql_cstr(out, e->level == NS_LOG_ERROR ? "error" : "warning"); break;
    case GQL_F_SupportProblem_part: gql_cstr(out, e->module); break;
    default: gql_cstr(out, e->text);
    }
}

static void get_support(const struct report *r, uint16_t field, struct gql_out *out) {
    switch (field) {
    case GQL_F_SupportReport_version: gql_cstr(out, NS_VERSION); break;
    case GQL_F_SupportReport_uptimeSeconds: gql_int(out, r->view.uptime_seconds); break;
    case GQL_F_SupportReport_storeState: gql_enum(out, (int)r->view.parts[NS_HEALTH_STORE].state); break;
    case GQL_F_SupportReport_storeBytes: gql_int(out, r->counts.bytes); break;
    case GQL_F_SupportReport_schemaVersion: gql_int(out, r->counts.schema_version); break;
    case GQL_F_SupportReport_lastVerifiedAt: gql_time(out, r->verified_at); break;
    case GQL_F_SupportReport_childCount: gql_int(out, r->counts.children); break;
    case GQL_F_SupportReport_usageCount: gql_int(out, r->counts.logs); break;
    case GQL_F_SupportReport_auditCount: gql_int(out, r->counts.audit_lines); break;
    case GQL_F_SupportReport_auditIntact: gql_bool(out, r->audit.intact); break;
    case GQL_F_SupportReport_predictionsFresh: gql_int(out, r->fresh); break;
    case GQL_F_SupportReport_lastForecastMs:
        if (r->forecast_ms < 0) {
            gql_null(out);
        } else {
            gql_int(out, r->forecast_ms);
        }
        break;
    case GQL_F_SupportReport_connections: gql_int(out, r->connections); break;
    default: gql_array(out, r->problems, r->problem_count, sizeof r->problems[0]);
    }
}

static void get_system(const struct report *r, uint16_t field, struct gql_out *out) {
    switch (field) {
    case GQL_F_SystemHealth_state: gql_enum(out, (int)r->view.state); break;
    case GQL_F_SystemHealth_version: gql_cstr(out, NS_VERSION); break;
    case GQL_F_SystemHealth_startedAt: gql_time(out, r->view.started); break;
    case GQL_F_SystemHealth_checkedAt: gql_time(out, r->view.checked); break;
    default: gql_array(out, r->view.parts, NS_HEALTH_PARTS, sizeof r->view.parts[0]);
    }
}

void api_health_get(const struct gql_call *call, const void *object, struct gql_out *out) {
    switch (gql_schema_nestsync.fields[call->field].owner) {
    case GQL_T_ComponentHealth: get_part(object, call->field, out); break;
    case GQL_T_SupportProblem: get_problem(object, call->field, out); break;
    case GQL_T_SupportReport: get_support(object, call->field, out); break;
    default: get_system(object, call->field, out);
    }
}
