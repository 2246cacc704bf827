/* metrics.c: systemMetrics: how well the forecasts do, and which alarms stand. */
#include "agent/api/context.h"
#include "agent/household/prediction.h"

#define ACCURACY_FLOOR 0.80 /* weekly accuracy below this raises the alarm (forecast C10) */

struct metric_alert {
    const char *name;
    double value;
    double threshold;
    ns_time since;
};

/* Of the newest prediction of every child. */
struct metrics {
    ns_time since;
    int count;
    int levels[5]; /* by confidence */
    double mae;
    double r2;
    double accuracy;
    int mae_count;
    int r2_count;
    int accuracy_count;
    double drift;
    int drift_count;
    struct metric_alert *alerts;
    int alert_count;
};

static void add(struct metrics *m, const struct ns_prediction *p) {
    static const char *const levels[] = {"VERY_LOW", "LOW", "MEDIUM", "HIGH", "VERY_HIGH"};
    m->count++;
    for (size_t i = 0; i < NS_COUNT(levels); i++) {
        m->levels[i] += ns_str_is(ns_str_of(p->confidence_level), levels[i]);
    }
    if (!isnan(p->mean_absolute_error)) {
        m->mae += p->mean_absolute_error;
        m->mae_count++;
    }
    if (!isnan(p->r_squared_score)) {
        m->r2 += p->r_squared_score;
        m->r2_count++;
    }
    if (!isnan(p->week_accuracy)) {
        m->accuracy += p->week_accuracy;
        m->accuracy_count++;
    }
    if (ns_prediction_alert(p)) {
        bool weeks = !isnan(p->week_accuracy) && p->week_accuracy < ACCURACY_FLOOR;
        m->alerts[m->alert_count++] = (struct metric_alert){
            weeks ? "prediction_accuracy" : "prediction_drift",
            isnan(p->week_accuracy) ? 0 : p->week_accuracy, ACCURACY_FLOOR, p->created_at};
    }
}

static ns_rc add_drift(struct api_ctx *ctx, struct metrics *m, ns_id child, struct ns_err *err) {
    struct ns_act act = api_act(ctx, ctx->api->s.read_db);
    double drift = (double)NAN;
    ns_rc rc = ns_prediction_drift(&act, child, &drift, err);
    if (rc == NS_OK && !isnan(drift)) {
        m->drift += drift;
        m->drift_count++;
    }
    return rc;
}

void api_query_metrics(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    struct metrics *m = NS_NEW(ctx->arena, struct metrics);
    const struct ns_child *children = NULL;
    struct ns_err err = {0};
    int count = 0;
    ns_time since = arg_time(&call->args[GQL_A_Query_systemMetrics_since]);
    ns_rc rc = ns_child_list(ctx->api->s.read_db, ctx->arena, &children, &count, &err);
    m->alerts = NS_NEW_N(ctx->arena, struct metric_alert, (size_t)count);
    m->since = since;
    for (int i = 0; rc == NS_OK && i < count; i++) {
        struct ns_prediction p;
        bool found = false;
        rc = ns_prediction_newest(ctx->api->s.read_db, children[i].id, ctx->arena, &p, &found, &err);
        if (rc == NS_OK && found && (since == NS_TIME_NONE || p.created_at >= since)) {
            add(m, &p);
            rc = add_drift(ctx, m, children[i].id, &err);
            m->since = m->since == NS_TIME_NONE || p.created_at < m->since ? p.created_at : m->since;
        }
    }
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    m->since = m->since == NS_TIME_NONE ? ctx->now : m->since;
    gql_object(out, m);
}

static void mean(const struct gql_call *call, double sum, int n, struct gql_out *out) {
    api_decimal(out, call->arena, n > 0 ? sum / n : (double)NAN, 4);
}

struct level_count {
    int level;
    int count;
};

static void get_predictions(const struct gql_call *call, const struct metrics *m, struct gql_out *out) {
    switch (call->field) {
    case GQL_F_PredictionMetrics_meanAbsoluteError: mean(call, m->mae, m->mae_count, out); break;
    case GQL_F_PredictionMetrics_rSquared: mean(call, m->r2, m->r2_count, out); break;
    case GQL_F_PredictionMetrics_accuracy: mean(call, m->accuracy, m->accuracy_count, out); break;
    case GQL_F_PredictionMetrics_confidence: {
        struct level_count *list = NS_NEW_N(call->arena, struct level_count, 5);
        for (int i = 0; i < 5; i++) {
            list[i] = (struct level_count){i, m->levels[i]};
        }
        gql_array(out, list, 5, sizeof *list);
        break;
    }
    default: mean(call, m->drift, m->drift_count, out); /* drift */
    }
}

static void get_alert(const struct gql_call *call, const struct metric_alert *a, struct gql_out *out) {
    switch (call->field) {
    case GQL_F_MetricAlert_name: gql_cstr(out, a->name); break;
    case GQL_F_MetricAlert_value: api_decimal(out, call->arena, a->value, 4); break;
    case GQL_F_MetricAlert_threshold: api_decimal(out, call->arena, a->threshold, 4); break;
    default: gql_time(out, a->since);
    }
}

/* Subscriptions, shops and orders have no history in this store that could be measured. */
static void get_nothing(uint16_t field, struct gql_out *out) {
    if (field == GQL_F_SubscriptionMetrics_activeByTier) {
        gql_objects(out, NULL, 0);
    } else if (field == GQL_F_SubscriptionMetrics_monthlyRecurringRevenueCad) {
        gql_money(out, 0);
    } else {
        gql_null(out);
    }
}

void api_get_metrics(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct metrics *m = object;
    const struct level_count *level = object;
    switch (gql_schema_nestsync.fields[call->field].owner) {
    case GQL_T_PredictionMetrics: get_predictions(call, m, out); return;
    case GQL_T_MetricAlert: get_alert(call, object, out); return;
    case GQL_T_SubscriptionMetrics:
    case GQL_T_OrderMetrics: get_nothing(call->field, out); return;
    case GQL_T_ConfidenceCount:
        if (call->field == GQL_F_ConfidenceCount_level) {
            gql_enum(out, level->level);
        } else {
            gql_int(out, level->count);
        }
        return;
    default: break;
    }
    switch (call->field) {
    case GQL_F_SystemMetrics_since: gql_time(out, m->since); break;
    case GQL_F_SystemMetrics_retailers: gql_objects(out, NULL, 0); break;
    case GQL_F_SystemMetrics_alerts: gql_array(out, m->alerts, (size_t)m->alert_count, sizeof *m->alerts); break;
    default: gql_object(out, m); /* subscriptions, predictions, orders */
    }
}
