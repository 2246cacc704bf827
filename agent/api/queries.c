/* queries.c: the root fields that read. All run on the loop thread over the reading connection. */
#include "agent/api/orders.h"
#include "agent/api/plan.h"
#include "agent/household/import.h"
#include "agent/household/prediction.h"

#include <stdio.h>

static struct ns_db *reader(const struct api_ctx *ctx) {
    return ctx->api->s.read_db;
}

static int clamp(int64_t value, int64_t low, int64_t high) {
    return (int)(value < low ? low : value > high ? high : value);
}

static void get_me(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    struct ns_user *user = NS_NEW(ctx->arena, struct ns_user);
    struct ns_err err = {0};
    if (ns_id_is_zero(ctx->actor.user)) {
        gql_null(out);
        return;
    }
    ns_rc rc = ns_user_get(reader(ctx), ctx->actor.user, ctx->arena, user, &err);
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    gql_object(out, user);
}

static void get_household(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    struct ns_household *home = NS_NEW(ctx->arena, struct ns_household);
    struct ns_err err = {0};
    bool found = false;
    ns_rc rc = ns_household_get(reader(ctx), ctx->arena, home, &found, &err);
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    gql_object(out, found ? home : NULL);
}

static void get_children(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    const struct ns_child *children = NULL;
    int count = 0;
    int64_t offset;
    struct ns_err err = {0};
    if (!arg_after(ctx, &call->args[GQL_A_Query_myChildren_after], &offset, out)) {
        return;
    }
    ns_rc rc = ns_child_list(reader(ctx), ctx->arena, &children, &count, &err);
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    int first = clamp(arg_int(&call->args[GQL_A_Query_myChildren_first], 10), 0, 500);
    int from = clamp(offset, 0, count);
    int n = count - from < first ? count - from : first;
    gql_object(out, api_connection_of(ctx->arena, children + from, sizeof *children, n, from, count));
}

static void get_child(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    ns_id id;
    if (!need_id(ctx, &call->args[GQL_A_Query_child_childId], &id, out)) {
        return;
    }
    struct ns_child *child = NS_NEW(ctx->arena, struct ns_child);
    struct ns_err err = {0};
    ns_rc rc = ns_child_get(reader(ctx), id, ctx->arena, child, &err);
    if (rc == NS_E_NOT_FOUND) {
        gql_null(out);
    } else if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
    } else {
        gql_object(out, child);
    }
}

static void get_stats(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    ns_id id;
    if (!need_id(ctx, &call->args[GQL_A_Query_getDashboardStats_childId], &id, out)) {
        return;
    }
    struct ns_dashboard *stats = NS_NEW(ctx->arena, struct ns_dashboard);
    struct ns_act act = api_act(ctx, reader(ctx));
    struct ns_err err = {0};
    ns_rc rc = ns_household_dashboard(&act, id, stats, &err);
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    gql_object(out, stats);
}

static void get_items(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    ns_id id;
    if (!need_id(ctx, &call->args[GQL_A_Query_getInventoryItems_childId], &id, out)) {
        return;
    }
    struct ns_item_page page;
    struct ns_err err = {0};
    int offset = clamp(arg_int(&call->args[GQL_A_Query_getInventoryItems_offset], 0), 0, INT32_MAX);
    ns_rc rc = ns_item_list(
        reader(ctx), id, arg_enum(&call->args[GQL_A_Query_getInventoryItems_productType], NS_NONE),
        clamp(arg_int(&call->args[GQL_A_Query_getInventoryItems_limit], 50), 0, 500), offset,
        ctx->arena, &page, &err);
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    gql_object(out, api_connection_of(ctx->arena, page.items, sizeof *page.items, page.count,
                                      offset, page.total));
}

struct wanted_logs {
    ns_id child;
    int usage_type;
    int days_back;
};

static ns_rc count_logs(struct api_ctx *ctx, const void *list, int64_t *out, struct ns_err *err) {
    const struct wanted_logs *w = list;
    struct ns_act act = api_act(ctx, reader(ctx));
    return ns_log_total(&act, w->child, w->usage_type, w->days_back, out, err);
}

static void get_logs(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    struct wanted_logs *w = NS_NEW(ctx->arena, struct wanted_logs);
    if (!need_id(ctx, &call->args[GQL_A_Query_getUsageLogs_childId], &w->child, out)) {
        return;
    }
    struct ns_log_page page;
    struct ns_act act = api_act(ctx, reader(ctx));
    struct ns_err err = {0};
    int offset = clamp(arg_int(&call->args[GQL_A_Query_getUsageLogs_offset], 0), 0, INT32_MAX);
    w->usage_type = arg_enum(&call->args[GQL_A_Query_getUsageLogs_usageType], NS_NONE);
    w->days_back = clamp(arg_int(&call->args[GQL_A_Query_getUsageLogs_daysBack], 7), 1, 36500);
    ns_rc rc = ns_log_list(&act, w->child, w->usage_type, w->days_back,
                           clamp(arg_int(&call->args[GQL_A_Query_getUsageLogs_limit], 50), 0, 500),
                           offset, &page, &err);
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    struct api_connection *c = api_connection_of(ctx->arena, page.logs, sizeof *page.logs, page.count, offset, 0);
    c->has_next = page.more;
    c->total_of = count_logs;
    c->list = w;
    gql_object(out, c);
}

static void get_days(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    ns_id id;
    if (!need_id(ctx, &call->args[GQL_A_Query_usageDays_childId], &id, out)) {
        return;
    }
    struct ns_series series;
    struct ns_err err = {0};
    int back = clamp(arg_int(&call->args[GQL_A_Query_usageDays_daysBack], 60), 1, 1500);
    ns_rc rc = ns_household_usage_days(reader(ctx), id, ctx->today, back, ctx->arena, &series, &err);
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    gql_array(out, series.days, (size_t)series.count, sizeof *series.days);
}

/* The newest predictions as the object of a connection with items instead of edges. */
static void get_predictions(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    ns_id id;
    if (!need_id(ctx, &call->args[GQL_A_Query_getConsumptionPredictions_childId], &id, out)) {
        return;
    }
    struct ns_prediction_page page;
    struct ns_err err = {0};
    int limit = clamp(arg_int(&call->args[GQL_A_Query_getConsumptionPredictions_limit], 10), 0, 100);
    ns_rc rc = ns_prediction_list(reader(ctx), id, limit, ctx->arena, &page, &err);
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    gql_object(out, api_connection_of(ctx->arena, page.items, sizeof *page.items, page.count, 0,
                                      page.total));
}

static void get_consents(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    int64_t offset;
    if (!arg_after(ctx, &call->args[GQL_A_Query_myConsents_after], &offset, out)) {
        return;
    }
    const struct ns_consent *consents = NULL;
    int count = 0;
    struct ns_err err = {0};
    ns_rc rc = ns_consent_list(reader(ctx), ctx->actor.user, ctx->now, ctx->arena, &consents, &count, &err);
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    int first = clamp(arg_int(&call->args[GQL_A_Query_myConsents_first], 10), 0, 500);
    int from = clamp(offset, 0, count);
    int n = count - from < first ? count - from : first;
    gql_object(out, api_connection_of(ctx->arena, consents + from, sizeof *consents, n, from, count));
}

/* The cursor of the trail is the sequence number, so that new lines do not shift the pages. */
static void get_audit(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    struct ns_audit_filter filter = {
        .entity = arg_text(ctx->arena, &call->args[GQL_A_Query_auditTrail_entity]),
        .since = arg_time(&call->args[GQL_A_Query_auditTrail_since]),
        .limit = clamp(arg_int(&call->args[GQL_A_Query_auditTrail_first], 50), 0, 500),
    };
    int64_t after;
    if (!need_id(ctx, &call->args[GQL_A_Query_auditTrail_actorId], &filter.actor_id, out) ||
        !arg_after(ctx, &call->args[GQL_A_Query_auditTrail_after], &after, out)) {
        return;
    }
    filter.before_seq = after == 0 ? 0 : after - 1;
    struct ns_audit_page page;
    struct ns_err err = {0};
    ns_rc rc = ns_audit_list(reader(ctx), &filter, ctx->arena, &page, &err);
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    struct api_edge *edges = NS_NEW_N(ctx->arena, struct api_edge, (size_t)page.count);
    for (int i = 0; i < page.count; i++) {
        edges[i] = (struct api_edge){&page.entries[i], page.entries[i].seq};
    }
    struct api_connection *c = NS_NEW(ctx->arena, struct api_connection);
    *c = (struct api_connection){.edges = edges, .count = page.count, .total = page.total,
                                 .has_next = page.more, .has_previous = after != 0};
    gql_object(out, c);
}

static void get_import(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    ns_id id;
    if (!need_id(ctx, &call->args[GQL_A_Query_importJob_importId], &id, out)) {
        return;
    }
    struct ns_import_job *job = NS_NEW(ctx->arena, struct ns_import_job);
    struct ns_err err = {0};
    ns_rc rc = ns_import_get(reader(ctx), id, ctx->arena, job, &err);
    if (rc == NS_E_NOT_FOUND) {
        gql_null(out);
    } else if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
    } else {
        gql_object(out, job);
    }
}

static void get_imports(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    const struct ns_import_job *jobs = NULL;
    int count = 0;
    struct ns_err err = {0};
    int first = clamp(arg_int(&call->args[GQL_A_Query_importJobs_first], 10), 0, 100);
    ns_rc rc = ns_import_list(reader(ctx), first, ctx->arena, &jobs, &count, &err);
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    gql_array(out, jobs, (size_t)count, sizeof *jobs);
}

static void get_dashboard(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    struct ns_prediction_page page;
    struct ns_err err = {0};
    struct plan_dashboard *d = NS_NEW(ctx->arena, struct plan_dashboard);
    ns_rc rc = ns_prediction_list(reader(ctx), (ns_id){{0}}, 5, ctx->arena, &page, &err);
    if (rc == NS_OK) {
        rc = plan_view_load(ctx, reader(ctx), &d->view, &err);
    }
    if (rc == NS_OK) {
        rc = api_preferences(ctx, (ns_id){{0}}, &d->preferences, &err);
    }
    if (rc == NS_OK) {
        rc = order_views(ctx, (ns_id){{0}}, NS_NONE, 5, 0, &d->orders, &d->order_count, &err);
    }
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    d->predictions = api_connection_of(ctx->arena, page.items, sizeof *page.items, page.count, 0,
                                       page.total);
    gql_object(out, d);
}

static void get_health(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    gql_object(out, api_health_report(call->ctx));
}

static void get_support(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    struct ns_err err = {0};
    const void *report = api_support_report(ctx, &err);
    if (report == NULL) {
        api_fail(ctx, out, err.rc, &err);
        return;
    }
    gql_object(out, report);
}

static void get_health_check(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    (void)call;
    gql_cstr(out, "ok");
}

static void get_api_info(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    (void)call;
    gql_cstr(out, "NestSync " NS_VERSION);
}

const struct gql_root_bind api_query_binds[] = {
    {GQL_F_Query_me, get_me},
    {GQL_F_Query_healthCheck, get_health_check},
    {GQL_F_Query_apiInfo, get_api_info},
    {GQL_F_Query_systemHealth, get_health},
    {GQL_F_Query_supportReport, get_support},
    {GQL_F_Query_household, get_household},
    {GQL_F_Query_myConsents, get_consents},
    {GQL_F_Query_auditTrail, get_audit},
    {GQL_F_Query_myChildren, get_children},
    {GQL_F_Query_child, get_child},
    {GQL_F_Query_getDashboardStats, get_stats},
    {GQL_F_Query_getInventoryItems, get_items},
    {GQL_F_Query_getUsageLogs, get_logs},
    {GQL_F_Query_usageDays, get_days},
    {GQL_F_Query_systemMetrics, api_query_metrics},
    {GQL_F_Query_measurements, api_query_measurements},
    {GQL_F_Query_childMarks, api_query_marks},
    {GQL_F_Query_deliveryTimes, api_query_delivery},
    {GQL_F_Query_forecastScenario, api_query_scenario},
    {GQL_F_Query_forecastReview, api_query_review},
    {GQL_F_Query_householdOutlook, api_query_shelves},
    {GQL_F_Query_supplyOutlook, api_query_supplies},
    {GQL_F_Query_predictionReplay, api_query_replay},
    {GQL_F_Query_importJob, get_import},
    {GQL_F_Query_importJobs, get_imports},
    {GQL_F_Query_getSubscriptionDashboard, get_dashboard},
    {GQL_F_Query_getConsumptionPredictions, get_predictions},
};
const size_t api_query_bind_count = NS_COUNT(api_query_binds);
