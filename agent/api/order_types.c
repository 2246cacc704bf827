/* order_types.c: the fields of orders, their steps and sums. Threads: loop thread. */
#include "agent/api/orders.h"
#include "agent/events/events.h"
#include "shared/tax/tax.h"

#include <string.h>

#define DAYS_AT_MOST 4000

ns_rc order_view_load(struct api_ctx *ctx, struct ns_db *db, const struct ns_order *o, struct order_view *out,
                      struct ns_err *err) {
    out->o = *o;
    ns_rc rc = ns_row_order_lines(db, o->seq, ctx->arena, &out->lines, &out->line_count, err);
    return rc == NS_OK ? ns_row_order_entries(db, o->seq, true, ctx->arena, &out->steps, &out->step_count, err) : rc;
}

ns_rc order_views(struct api_ctx *ctx, ns_id child, int status, int limit, int offset, struct order_view **out,
                  int *count, struct ns_err *err) {
    struct ns_db *db = ctx->api->s.read_db;
    struct ns_order *orders = NULL;
    ns_rc rc = ns_row_orders(db, child, status, limit, offset, ctx->arena, &orders, count, err);
    *out = NS_NEW_N(ctx->arena, struct order_view, (size_t)*count);
    for (int i = 0; rc == NS_OK && i < *count; i++) {
        rc = order_view_load(ctx, db, &orders[i], &(*out)[i], err);
    }
    return rc;
}

ns_rc order_event_load(struct api_ctx *ctx, struct ns_db *db, ns_id order, const struct order_view **out,
                       struct ns_err *err) {
    struct order_view *v = NS_NEW(ctx->arena, struct order_view);
    struct ns_order o;
    ns_rc rc = ns_order_get(db, order, NULL, ctx->arena, &o, err);
    if (rc == NS_OK) {
        rc = order_view_load(ctx, db, &o, v, err);
        *out = v;
    }
    return rc;
}

static void put_cents(struct gql_out *out, int64_t cents) {
    if (cents == NS_NONE) {
        gql_null(out);
    } else {
        gql_money(out, cents);
    }
}

static void put_steps(const struct gql_call *call, const struct order_view *v, struct gql_out *out) {
    struct order_step_view *steps = NS_NEW_N(call->arena, struct order_step_view, (size_t)v->step_count);
    for (int i = 0; i < v->step_count; i++) {
        steps[i] = (struct order_step_view){v, &v->steps[i]};
    }
    gql_array(out, steps, (size_t)v->step_count, sizeof *steps);
}

static void put_type(enum ns_order_type type, struct gql_out *out) {
    gql_cstr(out, type == NS_ORDER_IS_AUTO ? "auto" : type == NS_ORDER_IS_MANUAL ? "manual" : "emergency");
}

static void put_runout(const struct api_ctx *ctx, const struct ns_order *o, bool days, struct gql_out *out) {
    if (o->runout == NS_DATE_NONE) {
        gql_null(out);
    } else if (days) {
        int64_t left = (int64_t)o->runout - ctx->today;
        gql_int(out, left > DAYS_AT_MOST ? DAYS_AT_MOST : left < -DAYS_AT_MOST ? -DAYS_AT_MOST : left);
    } else {
        api_day_as_instant(ctx, out, o->runout);
    }
}

/* What newer clients read besides. */
static void get_order_more(const struct gql_call *call, const struct order_view *v, struct gql_out *out) {
    const struct ns_order *o = &v->o;
    switch (call->field) {
    case GQL_F_ReorderTransaction_stage: gql_enum(out, (int)o->state); break;
    case GQL_F_ReorderTransaction_priceKnown: gql_bool(out, o->price_known); break;
    case GQL_F_ReorderTransaction_agreedAmountCad: put_cents(out, o->agreed); break;
    case GQL_F_ReorderTransaction_paidAmountCad: put_cents(out, o->paid); break;
    case GQL_F_ReorderTransaction_stopUntil:
        gql_time(out, o->state == NS_ORDER_APPROVED ? o->approved_at + NS_ORDER_STOP_WINDOW : NS_TIME_NONE);
        break;
    case GQL_F_ReorderTransaction_expiresAt:
        gql_time(out, o->state == NS_ORDER_PROPOSED ? o->proposed_at + NS_ORDER_PROPOSED_FOR : NS_TIME_NONE);
        break;
    case GQL_F_ReorderTransaction_stocked: gql_bool(out, o->stocked_at != NS_TIME_NONE); break;
    case GQL_F_ReorderTransaction_score:
        if (o->score == NS_NONE) {
            gql_null(out);
        } else {
            gql_int(out, o->score);
        }
        break;
    case GQL_F_ReorderTransaction_scoreNote: gql_cstr(out, o->score_note); break;
    case GQL_F_ReorderTransaction_explanation: gql_raw(out, ns_str_of(o->explanation)); break;
    case GQL_F_ReorderTransaction_lines: gql_array(out, v->lines, (size_t)v->line_count, sizeof *v->lines); break;
    default: put_steps(call, v, out);
    }
}

static void get_order(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct order_view *v = object;
    const struct ns_order *o = &v->o;
    switch (call->field) {
    case GQL_F_ReorderTransaction_id: gql_id(out, o->id); break;
    case GQL_F_ReorderTransaction_subscriptionId: gql_id(out, o->subscription_id); break;
    case GQL_F_ReorderTransaction_childId: gql_id(out, o->child_id); break;
    case GQL_F_ReorderTransaction_orderNumber: gql_cstr(out, o->number); break;
    case GQL_F_ReorderTransaction_retailerOrderId: gql_cstr(out, o->retailer_order_id); break;
    case GQL_F_ReorderTransaction_retailerType: gql_enum(out, (int)o->retailer); break;
    case GQL_F_ReorderTransaction_status: gql_enum(out, (int)ns_order_status_of(o->state)); break;
    case GQL_F_ReorderTransaction_orderType: put_type(o->type, out); break;
    case GQL_F_ReorderTransaction_products: gql_raw(out, ns_str_of(o->products)); break;
    case GQL_F_ReorderTransaction_totalItems: gql_int(out, o->packs); break;
    case GQL_F_ReorderTransaction_subtotalCad: gql_money(out, o->subtotal); break;
    case GQL_F_ReorderTransaction_shippingCostCad: gql_money(out, o->shipping); break;
    case GQL_F_ReorderTransaction_taxAmountCad: gql_money(out, o->tax); break;
    case GQL_F_ReorderTransaction_totalAmountCad: gql_money(out, o->total); break;
    case GQL_F_ReorderTransaction_stripePaymentIntentId:
    case GQL_F_ReorderTransaction_paymentMethodType:
    case GQL_F_ReorderTransaction_paymentAuthorizedAt:
    case GQL_F_ReorderTransaction_paymentCapturedAt: gql_null(out); break; /* no card is charged through here */
    case GQL_F_ReorderTransaction_deliveryAddress: gql_raw(out, ns_str_of(o->address != NULL ? o->address : "{}")); break;
    case GQL_F_ReorderTransaction_estimatedDeliveryDate: gql_time(out, o->estimated_delivery); break;
    case GQL_F_ReorderTransaction_actualDeliveryDate:
    case GQL_F_ReorderTransaction_deliveredAt: gql_time(out, o->delivered_at); break;
    case GQL_F_ReorderTransaction_trackingNumber: gql_cstr(out, o->tracking_number); break;
    case GQL_F_ReorderTransaction_trackingUrl: gql_cstr(out, o->tracking_url); break;
    case GQL_F_ReorderTransaction_checkoutUrl:
        gql_cstr(out, ns_order_over(o->state) || o->state == NS_ORDER_PROPOSED ? NULL : o->checkout_url);
        break;
    case GQL_F_ReorderTransaction_affiliateDisclosure: gql_null(out); break; /* no tag, nothing to disclose */
    case GQL_F_ReorderTransaction_predictionId: gql_id(out, o->prediction_id); break;
    case GQL_F_ReorderTransaction_predictedRunoutDate: put_runout(call->ctx, o, false, out); break;
    case GQL_F_ReorderTransaction_daysUntilRunout: put_runout(call->ctx, o, true, out); break;
    case GQL_F_ReorderTransaction_failureReason: gql_cstr(out, o->failure_reason); break;
    case GQL_F_ReorderTransaction_retryCount: gql_int(out, o->retries); break;
    case GQL_F_ReorderTransaction_lastRetryAt: gql_time(out, o->last_retry_at); break;
    case GQL_F_ReorderTransaction_orderedAt:
    case GQL_F_ReorderTransaction_createdAt: gql_time(out, o->created_at); break;
    case GQL_F_ReorderTransaction_confirmedAt: gql_time(out, o->confirmed_at); break;
    case GQL_F_ReorderTransaction_shippedAt: gql_time(out, o->shipped_at); break;
    case GQL_F_ReorderTransaction_cancelledAt: gql_time(out, o->cancelled_at); break;
    case GQL_F_ReorderTransaction_updatedAt: gql_time(out, o->updated_at); break;
    default: get_order_more(call, v, out);
    }
}

static void get_line(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct ns_order_line *l = object;
    switch (call->field) {
    case GQL_F_OrderLine_productId: gql_cstr(out, l->product_id); break;
    case GQL_F_OrderLine_name: gql_cstr(out, l->name); break;
    case GQL_F_OrderLine_productType: gql_enum(out, (int)l->product); break;
    case GQL_F_OrderLine_size: gql_cstr(out, l->size == NS_NONE ? NULL : ns_size_name((enum ns_size)l->size)); break;
    case GQL_F_OrderLine_piecesPerPack:
        if (l->pieces == NS_NONE) {
            gql_null(out);
        } else {
            gql_int(out, l->pieces);
        }
        break;
    default: gql_int(out, l->packs);
    }
}

static void get_response(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct api_response *r = object;
    const struct order_view *v = r->payload;
    switch (call->field) {
    case GQL_F_OrderResponse_success: gql_bool(out, r->success); break;
    case GQL_F_OrderResponse_transaction: gql_object(out, v); break;
    case GQL_F_OrderResponse_message: gql_cstr(out, r->message); break;
    default:
        if (v == NULL || v->o.tracking_number == NULL) {
            gql_null(out);
        } else {
            struct ns_buf b = NS_BUF(4096);
            ns_buf_text(&b, "{\"trackingNumber\":");
            gql_json_string(&b, ns_str_of(v->o.tracking_number));
            ns_buf_text(&b, "}");
            gql_raw(out, ns_str_of(ns_arena_copy(call->arena, ns_buf_view(&b))));
            ns_buf_fini(&b);
        }
    }
}

static void get_step(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct order_step_view *s = object;
    const struct ns_order_entry *e = s->entry;
    static const char *const sources[NS_TOLD_BY_COUNT] = {"retailer", "stripe_webhook", "user", "scheduler"};
    switch (call->field) {
    case GQL_F_OrderStatusUpdate_id: gql_id(out, e->id); break;
    case GQL_F_OrderStatusUpdate_transactionId: gql_id(out, s->order->o.id); break;
    case GQL_F_OrderStatusUpdate_previousStatus:
        if (e->previous == NS_NONE) {
            gql_null(out);
        } else {
            gql_enum(out, e->previous);
        }
        break;
    case GQL_F_OrderStatusUpdate_newStatus: gql_enum(out, (int)e->status); break;
    case GQL_F_OrderStatusUpdate_statusMessage: gql_cstr(out, e->message); break;
    case GQL_F_OrderStatusUpdate_updateSource: gql_cstr(out, sources[e->source]); break;
    case GQL_F_OrderStatusUpdate_externalReference: gql_cstr(out, e->reference); break;
    case GQL_F_OrderStatusUpdate_trackingNumber: gql_cstr(out, e->tracking_number); break;
    case GQL_F_OrderStatusUpdate_trackingUrl: gql_cstr(out, e->tracking_url); break;
    case GQL_F_OrderStatusUpdate_estimatedDelivery: gql_time(out, e->estimated_delivery); break;
    case GQL_F_OrderStatusUpdate_userNotified: gql_bool(out, false); break;
    case GQL_F_OrderStatusUpdate_createdAt: gql_time(out, e->at); break;
    default: gql_null(out); /* carrier, place and notes: nobody told them */
    }
}

static void get_page(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct api_connection *c = object;
    switch (call->field) {
    case GQL_F_OrderStatusUpdateConnection_items: api_page_nodes(call, c, out); break;
    case GQL_F_OrderStatusUpdateConnection_totalCount: gql_int(out, c->total); break;
    case GQL_F_OrderStatusUpdateConnection_hasNextPage: gql_bool(out, c->has_next); break;
    default: gql_bool(out, c->has_previous);
    }
}

/* ---- an order as pushed ---- */

static void get_event(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct order_view *v = object;
    const struct ns_order_entry *last = &v->steps[v->step_count - 1];
    switch (call->field) {
    case GQL_F_OrderStatusEvent_id:
    case GQL_F_OrderStatusEvent_orderId: gql_id(out, v->o.id); break;
    case GQL_F_OrderStatusEvent_orderNumber: gql_cstr(out, v->o.number); break;
    case GQL_F_OrderStatusEvent_previousStatus:
        if (last->previous == NS_NONE) {
            gql_null(out);
        } else {
            gql_enum(out, last->previous);
        }
        break;
    case GQL_F_OrderStatusEvent_newStatus:
    case GQL_F_OrderStatusEvent_status: gql_enum(out, (int)last->status); break;
    case GQL_F_OrderStatusEvent_statusMessage: gql_cstr(out, last->message); break;
    case GQL_F_OrderStatusEvent_trackingNumber: gql_cstr(out, v->o.tracking_number); break;
    case GQL_F_OrderStatusEvent_trackingUrl: gql_cstr(out, v->o.tracking_url); break;
    case GQL_F_OrderStatusEvent_estimatedDelivery: gql_time(out, v->o.estimated_delivery); break;
    case GQL_F_OrderStatusEvent_tracking:
    case GQL_F_OrderStatusEvent_retailer: gql_object(out, v); break;
    case GQL_F_OrderStatusEvent_items: gql_array(out, v->lines, (size_t)v->line_count, sizeof *v->lines); break;
    case GQL_F_OrderStatusEvent_updatedAt: gql_time(out, v->o.updated_at); break;
    default: gql_bool(out, true); /* no order is made without it */
    }
}

static void get_tracking(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct order_view *v = object;
    switch (call->field) {
    case GQL_F_OrderTracking_trackingNumber: gql_cstr(out, v->o.tracking_number); break;
    case GQL_F_OrderTracking_estimatedDelivery: gql_time(out, v->o.estimated_delivery); break;
    case GQL_F_OrderTracking_statusHistory: put_steps(call, v, out); break;
    default: gql_null(out);
    }
}

static void get_tracking_step(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct order_step_view *s = object;
    switch (call->field) {
    case GQL_F_OrderTrackingStep_status: gql_enum(out, (int)s->entry->status); break;
    case GQL_F_OrderTrackingStep_timestamp: gql_time(out, s->entry->at); break;
    case GQL_F_OrderTrackingStep_message: gql_cstr(out, s->entry->message); break;
    default: gql_null(out);
    }
}

static void get_shop(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct order_view *v = object;
    switch (call->field) {
    case GQL_F_RetailerSummary_id: gql_cstr(out, ns_retailer_type_name(v->o.retailer)); break;
    case GQL_F_RetailerSummary_name: gql_cstr(out, order_shop_name(v->o.retailer)); break;
    case GQL_F_RetailerSummary_estimatedDelivery: gql_time(out, v->o.estimated_delivery); break;
    default: gql_null(out);
    }
}

static void get_item(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct ns_order_line *l = object;
    switch (call->field) {
    case GQL_F_OrderItem_id:
    case GQL_F_OrderItem_productId: gql_cstr(out, l->product_id != NULL ? l->product_id : l->name); break;
    case GQL_F_OrderItem_product: gql_null(out); break;
    case GQL_F_OrderItem_quantity: gql_int(out, l->packs); break;
    default: gql_object(out, l);
    }
}

/* The tax of a line is not known before the shop says it. */
static void get_price(const struct gql_call *call, const void *object, struct gql_out *out) {
    static const struct ns_tax_answer none = {0};
    const struct ns_order_line *l = object;
    switch (call->field) {
    case GQL_F_ItemPrice_amount: gql_money(out, l->price == NS_NONE ? 0 : l->price); break;
    case GQL_F_ItemPrice_currency: gql_cstr(out, "CAD"); break;
    default: gql_object(out, &none);
    }
}

/* ---- sums ---- */

static void put_shops(const struct gql_call *call, struct gql_out *out) {
    const struct api_ctx *ctx = call->ctx;
    struct ns_order_shop shops[NS_RETAILER_COUNT];
    const char **names = NS_NEW_N(call->arena, const char *, NS_RETAILER_COUNT);
    struct ns_err err = {0};
    int count = 0;
    if (ns_row_order_shops(ctx->api->s.read_db, shops, &count, &err) != NS_OK) {
        count = 0;
    }
    for (int i = 0; i < count; i++) {
        names[i] = order_shop_name(shops[i].retailer);
    }
    api_words_list(out, call->arena, names, count);
}

static void get_sums(const struct gql_call *call, const void *object, struct gql_out *out) {
    struct api_ctx *ctx = call->ctx;
    struct ns_order_sums s;
    struct ns_err err = {0};
    (void)object;
    ns_rc rc = ns_row_order_sums(ctx->api->s.read_db, &s, &err);
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    switch (call->field) {
    case GQL_F_ReorderAnalytics_totalOrders: gql_int(out, s.orders); break;
    case GQL_F_ReorderAnalytics_totalAmountCad: gql_money(out, s.amount); break;
    case GQL_F_ReorderAnalytics_averageOrderValueCad:
        gql_money(out, s.valued == 0 ? 0 : (s.amount + s.valued / 2) / s.valued);
        break;
    case GQL_F_ReorderAnalytics_successfulOrders: gql_int(out, s.delivered); break;
    case GQL_F_ReorderAnalytics_failedOrders: gql_int(out, s.failed); break;
    case GQL_F_ReorderAnalytics_averageDeliveryDays:
        api_decimal(out, call->arena, s.delivery_days, 1);
        break;
    case GQL_F_ReorderAnalytics_topRetailers: put_shops(call, out); break;
    case GQL_F_ReorderAnalytics_monthlySavingsCad: gql_money(out, 0); break; /* none measured */
    default: gql_null(out);
    }
}

static const struct gql_type_bind types[] = {
    {GQL_T_ReorderTransaction, get_order},
    {GQL_T_OrderLine, get_line},
    {GQL_T_OrderResponse, get_response},
    {GQL_T_OrderStatusUpdate, get_step},
    {GQL_T_OrderStatusUpdateConnection, get_page},
    {GQL_T_OrderStatusEvent, get_event},
    {GQL_T_OrderTracking, get_tracking},
    {GQL_T_OrderTrackingStep, get_tracking_step},
    {GQL_T_RetailerSummary, get_shop},
    {GQL_T_OrderItem, get_item},
    {GQL_T_ItemPrice, get_price},
    {GQL_T_ReorderAnalytics, get_sums},
};
const struct api_part api_order_types_part = {NULL, 0, types, NS_COUNT(types)};
