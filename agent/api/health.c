/* health.c: the state of the parts, and the redacted report for support. */
#include "agent/api/context.h"
#include "agent/api/forecaster.h"
#include "agent/household/prediction.h"

#include <stdio.h>

#include "shared/base/log.h"

#define PARTS 3

/* ComponentState in the order of the schema. */
enum state { UP, DEGRADED, DOWN, UNCONFIGURED };

struct part {
    const char *name;
    enum state state;
    const char *detail;
    ns_time ok_at;
};

/* One object answers SystemHealth and SupportReport. */
struct report {
    enum state state;
    struct part parts[PARTS];
    int64_t uptime_seconds;
    struct ns_household_counts counts;
    struct ns_audit_state audit;
    ns_time verified_at;
    int fresh;
    int64_t forecast_ms;
    int connections;
    struct ns_log_entry problems[NS_LOG_KEPT];
    size_t problem_count;
    const struct ns_api *api;
    ns_time now;
};

static struct part check_store(struct api_ctx *ctx, struct report *r) {
    struct ns_err err = {0};
    ns_rc rc = ns_household_count(ctx->api->s.read_db, &r->counts, &err);
    if (rc == NS_OK) {
        return (struct part){"store", UP, NULL, ctx->now};
    }
    return (struct part){"store", DOWN, ns_rc_key(rc), NS_TIME_NONE};
}

static struct part check_forecast(struct api_ctx *ctx, struct report *r) {
    const struct ns_child *children = NULL;
    int count = 0;
    ns_time newest = NS_TIME_NONE;
    if (ns_child_list(ctx->api->s.read_db, ctx->arena, &children, &count, NULL) != NS_OK) {
        return (struct part){"forecast", DOWN, NULL, NS_TIME_NONE};
    }
    for (int i = 0; i < count; i++) {
        struct ns_prediction p;
        bool found = false;
        if (ns_prediction_newest(ctx->api->s.read_db, children[i].id, ctx->arena, &p, &found, NULL) == NS_OK &&
            found) {
            r->fresh += ns_zone_local_day(ctx->api->zone, p.created_at) == ctx->today;
            newest = p.created_at > newest ? p.created_at : newest;
        }
    }
    enum state state = count == 0 ? UNCONFIGURED : r->fresh == count ? UP : DEGRADED;
    return (struct part){"forecast", state, NULL, newest};
}

static struct part check_disk(struct api_ctx *ctx) {
    const struct ns_api_outside *o = &ctx->api->s.outside;
    int64_t free_bytes = 0;
    if (o->low_disk == NULL) {
        return (struct part){"disk", UNCONFIGURED, NULL, NS_TIME_NONE};
    }
    bool low = o->low_disk(o->self, &free_bytes);
    const char *detail = ns_arena_printf(ctx->arena, "%lld MiB", (long long)(free_bytes >> 20));
    return (struct part){"disk", low ? DEGRADED : UP, detail, ctx->now};
}

static struct report *new_report(struct api_ctx *ctx) {
    struct report *r = NS_NEW(ctx->arena, struct report);
    r->api = ctx->api;
    r->now = ctx->now;
    r->uptime_seconds = (ns_env_steady_us(ctx->api->s.env) - ctx->api->started_us) / 1000000;
    r->parts[0] = check_store(ctx, r);
    r->parts[1] = check_forecast(ctx, r);
    r->parts[2] = check_disk(ctx);
    /* The home can do without fresh forecasts and much disk, not without its store. */
    r->state = r->parts[0].state;
    for (int i = 1; i < PARTS && r->state == UP; i++) {
        r->state = r->parts[i].state == DOWN || r->parts[i].state == DEGRADED ? DEGRADED : UP;
    }
    return r;
}

const void *api_health_report(struct api_ctx *ctx) {
    return new_report(ctx);
}

const void *api_support_report(struct api_ctx *ctx, struct ns_err *err) {
    struct report *r = new_report(ctx);
    const struct ns_api_outside *o = &ctx->api->s.outside;
    if (ns_audit_verify(ctx->api->s.read_db, &r->audit, err) != NS_OK) {
        return NULL;
    }
    r->verified_at = o->store_verified_at == NULL ? NS_TIME_NONE : o->store_verified_at(o->self);
    r->connections = o->connections == NULL ? 0 : o->connections(o->self);
    r->forecast_ms = ns_forecaster_last_ms(ctx->api->forecaster);
    r->problem_count = ns_log_recent(r->problems, NS_LOG_KEPT);
    return r;
}

static void get_part(const struct part *p, uint16_t field, struct gql_out *out) {
    switch (field) {
    case GQL_F_ComponentHealth_name: gql_cstr(out, p->name); break;
    case GQL_F_ComponentHealth_state: gql_enum(out, (int)p->state); break;
    case GQL_F_ComponentHealth_detail: gql_cstr(out, p->detail); break;
    default: gql_time(out, p->ok_at);
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
    case GQL_F_SupportReport_uptimeSeconds: gql_int(out, r->uptime_seconds); break;
    case GQL_F_SupportReport_storeState: gql_enum(out, (int)r->parts[0].state); break;
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
    case GQL_F_SystemHealth_state: gql_enum(out, (int)r->state); break;
    case GQL_F_SystemHealth_version: gql_cstr(out, NS_VERSION); break;
    case GQL_F_SystemHealth_startedAt: gql_time(out, r->api->started_at); break;
    case GQL_F_SystemHealth_checkedAt: gql_time(out, r->now); break;
    default: gql_array(out, r->parts, PARTS, sizeof r->parts[0]);
    }
}

void api_health_get(const struct gql_call *call, const void *object, struct gql_out *out);

void api_health_get(const struct gql_call *call, const void *object, struct gql_out *out) {
    switch (gql_house_schema.fields[call->field].owner) {
    case GQL_T_ComponentHealth: get_part(object, call->field, out); break;
    case GQL_T_SupportProblem: get_problem(object, call->field, out); break;
    case GQL_T_SupportReport: get_support(object, call->field, out); break;
    default: get_system(object, call->field, out);
    }
}
