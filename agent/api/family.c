/* family.c: what families tell besides the changes: weights, marks, term of birth, deliveries. */
#include "agent/api/forecaster.h"
#include "agent/api/mutation.h"

#define ROOT(name) void name(const struct gql_call *call, const void *none, struct gql_out *out)

/* ---- mutations ---- */

static void again(struct mutation *m) {
    (void)ns_forecaster_request(m->ctx->api->forecaster, m->id, m->act.actor, NULL, NULL);
}

static ns_rc measure_work(struct mutation *m) {
    struct ns_measurement *made = NS_NEW(m->ctx->arena, struct ns_measurement);
    m->response.payload = made;
    mutation_event(m, NS_EVENT_CHILD, m->id, m->id);
    return ns_measurement_add(&m->act, &m->in.measure, made, &m->err);
}

ROOT(mutation_measure) {
    (void)none;
    struct mutation *m = mutation_begin(call, measure_work);
    const struct gql_value *in = call->args[GQL_A_Mutation_recordMeasurement_input].items;
    if (!need_id(m->ctx, &in[GQL_I_RecordMeasurementInput_childId], &m->id, out)) {
        return;
    }
    m->in.measure = (struct ns_measure_input){
        .child_id = m->id,
        .weight_kg = arg_number(&in[GQL_I_RecordMeasurementInput_weightKg]),
        .height_cm = arg_number(&in[GQL_I_RecordMeasurementInput_heightCm]),
        .day = arg_date(&in[GQL_I_RecordMeasurementInput_measuredOn]),
    };
    m->after = again;
    mutation_submit(m, out);
}

static ns_rc mark_work(struct mutation *m) {
    struct ns_mark *made = NS_NEW(m->ctx->arena, struct ns_mark);
    m->response.payload = made;
    mutation_event(m, NS_EVENT_CHILD, m->id, m->id);
    return ns_mark_add(&m->act, &m->in.mark, made, &m->err);
}

ROOT(mutation_add_mark) {
    (void)none;
    struct mutation *m = mutation_begin(call, mark_work);
    const struct gql_value *in = call->args[GQL_A_Mutation_addChildMark_input].items;
    if (!need_id(m->ctx, &in[GQL_I_ChildMarkInput_childId], &m->id, out)) {
        return;
    }
    struct ns_mark *mark = &m->in.mark;
    int64_t weekdays = arg_int(&in[GQL_I_ChildMarkInput_weekdays], 0);
    mark->child_id = m->id;
    mark->kind = (enum ns_child_mark)arg_enum(&in[GQL_I_ChildMarkInput_kind], 0);
    mark->first_day = arg_date(&in[GQL_I_ChildMarkInput_firstDay]);
    mark->last_day = arg_date(&in[GQL_I_ChildMarkInput_lastDay]);
    mark->weekdays = weekdays < 0 || weekdays > 127 ? -1 : (int)weekdays;
    mark->first_day = mark->first_day == NS_DATE_NONE ? ns_act_today(&m->act) : mark->first_day;
    if (mark->last_day == NS_DATE_NONE && mark->kind != NS_CHILD_MARK_DAYCARE) {
        mark->last_day = mark->first_day;
    }
    m->after = again;
    mutation_submit(m, out);
}

static ns_rc unmark_work(struct mutation *m) {
    ns_id mark = m->id;
    ns_rc rc = ns_mark_remove(&m->act, mark, &m->id, &m->err);
    mutation_event(m, NS_EVENT_CHILD, m->id, m->id);
    return rc;
}

ROOT(mutation_remove_mark) {
    (void)none;
    struct mutation *m = mutation_begin(call, unmark_work);
    if (need_id(m->ctx, &call->args[GQL_A_Mutation_removeChildMark_markId], &m->id, out)) {
        m->after = again;
        mutation_submit(m, out);
    }
}

static ns_rc early_work(struct mutation *m) {
    mutation_event(m, NS_EVENT_CHILD, m->id, m->id);
    return ns_child_set_days_early(&m->act, m->id, m->in.days_early, &m->err);
}

ROOT(mutation_born_early) {
    (void)none;
    struct mutation *m = mutation_begin(call, early_work);
    if (need_id(m->ctx, &call->args[GQL_A_Mutation_setBornEarly_childId], &m->id, out)) {
        m->in.days_early = (int)arg_int(&call->args[GQL_A_Mutation_setBornEarly_days], 0);
        m->after = again;
        mutation_submit(m, out);
    }
}

static ns_rc delivery_work(struct mutation *m) {
    mutation_event(m, NS_EVENT_HOUSEHOLD, (ns_id){{0}}, (ns_id){{0}});
    return ns_delivery_set(&m->act, &m->in.delivery, &m->err);
}

/* Every order-by date moves with the delivery time. */
static void after_delivery(struct mutation *m) {
    const struct ns_child *children = NULL;
    int count = 0;
    if (ns_child_list(m->ctx->api->s.read_db, m->ctx->arena, &children, &count, NULL) == NS_OK) {
        for (int i = 0; i < count; i++) {
            (void)ns_forecaster_request(m->ctx->api->forecaster, children[i].id, m->act.actor, NULL, NULL);
        }
    }
}

ROOT(mutation_delivery) {
    (void)none;
    struct mutation *m = mutation_begin(call, delivery_work);
    const struct gql_value *in = call->args[GQL_A_Mutation_setDeliveryTimes_input].items;
    m->in.delivery = (struct ns_delivery){
        (int)arg_int(&in[GQL_I_DeliveryTimesInput_earlyDays], 0),
        (int)arg_int(&in[GQL_I_DeliveryTimesInput_usualDays], 0),
        (int)arg_int(&in[GQL_I_DeliveryTimesInput_lateDays], 0)};
    m->after = after_delivery;
    mutation_submit(m, out);
}

/* ---- queries ---- */

ROOT(api_query_measurements) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    const struct ns_measurement *list = NULL;
    int count = 0;
    struct ns_err err = {0};
    ns_id child;
    if (!need_id(ctx, &call->args[GQL_A_Query_measurements_childId], &child, out)) {
        return;
    }
    ns_rc rc = ns_measurement_list(ctx->api->s.read_db, child, ctx->arena, &list, &count, &err);
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    gql_array(out, list, (size_t)count, sizeof *list);
}

ROOT(api_query_marks) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    const struct ns_mark *list = NULL;
    int count = 0;
    struct ns_err err = {0};
    ns_id child;
    if (!need_id(ctx, &call->args[GQL_A_Query_childMarks_childId], &child, out)) {
        return;
    }
    ns_rc rc = ns_mark_list(ctx->api->s.read_db, child, ctx->arena, &list, &count, &err);
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    gql_array(out, list, (size_t)count, sizeof *list);
}

ROOT(api_query_delivery) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    struct ns_delivery *delivery = NS_NEW(ctx->arena, struct ns_delivery);
    struct ns_err err = {0};
    bool told = false;
    ns_rc rc = ns_delivery_get(ctx->api->s.read_db, delivery, &told, &err);
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    gql_object(out, told ? delivery : NULL);
}

/* ---- fields ---- */

static void get_measurement(const struct ns_measurement *m, uint16_t field, struct gql_out *out) {
    switch (field) {
    case GQL_F_Measurement_id: gql_id(out, m->id); return;
    case GQL_F_Measurement_measuredOn: gql_date(out, m->local_day); return;
    case GQL_F_Measurement_weightKg:
        if (m->weight_g != NS_NONE) {
            gql_float(out, m->weight_g / 1000.0);
            return;
        }
        break;
    case GQL_F_Measurement_heightCm:
        if (m->height_mm != NS_NONE) {
            gql_float(out, m->height_mm / 10.0);
            return;
        }
        break;
    default: gql_time(out, m->created_at); return;
    }
    gql_null(out);
}

static void get_mark(const struct ns_mark *m, uint16_t field, struct gql_out *out) {
    switch (field) {
    case GQL_F_ChildMark_id: gql_id(out, m->id); break;
    case GQL_F_ChildMark_childId: gql_id(out, m->child_id); break;
    case GQL_F_ChildMark_kind: gql_enum(out, (int)m->kind); break;
    case GQL_F_ChildMark_firstDay: gql_date(out, m->first_day); break;
    case GQL_F_ChildMark_lastDay: gql_date(out, m->last_day); break;
    case GQL_F_ChildMark_weekdays: gql_int(out, m->weekdays); break;
    default: gql_time(out, m->created_at);
    }
}

static void get_delivery(const struct ns_delivery *d, uint16_t field, struct gql_out *out) {
    gql_int(out, field == GQL_F_DeliveryTimes_earlyDays   ? d->early_days
                 : field == GQL_F_DeliveryTimes_usualDays ? d->usual_days
                                                          : d->late_days);
}

void api_get_family(const struct gql_call *call, const void *object, struct gql_out *out) {
    switch (gql_schema_nestsync.fields[call->field].owner) {
    case GQL_T_Measurement: get_measurement(object, call->field, out); break;
    case GQL_T_ChildMark: get_mark(object, call->field, out); break;
    default: get_delivery(object, call->field, out);
    }
}
