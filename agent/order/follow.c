/* follow.c: what happens to an order after it was made. */
#include "agent/order/parts.h"

ns_time ns_order_month(const struct ns_zone *zone, ns_time now) {
    struct ns_civil day = ns_date_civil(ns_zone_local_day(zone, now));
    day.day = 1;
    return ns_zone_instant(zone, ns_date_of(day), 0);
}

/* ---- limits ---- */

static ns_rc above(const struct ns_order *o, ns_money sum, ns_money limit, enum ns_msg msg, struct ns_err *err) {
    char shown[NS_MONEY_TEXT], most[NS_MONEY_TEXT];
    ns_money_format(sum, shown);
    ns_money_format(limit, most);
    return ns_err_say(err, NS_E_LIMIT, (int)msg, o->number, shown, most);
}

/* Above a limit only the exact amount, typed, is a yes. */
static ns_rc check_limits(const struct ns_act *act, const struct ns_order *o, int64_t agreed, struct ns_err *err) {
    struct ns_spending limits;
    ns_money spent = 0;
    ns_money most = o->price_known ? o->total : o->agreed == NS_NONE ? 0 : o->agreed;
    ns_rc rc = ns_row_spending(act->db, &limits, err);
    if (rc == NS_OK && agreed != NS_NONE && o->price_known && agreed != o->total) {
        return above(o, o->total, agreed, NS_MSG_order_other_amount, err);
    }
    if (rc != NS_OK || agreed != NS_NONE) {
        return rc;
    }
    if (limits.per_order != NS_NONE && most > limits.per_order) {
        return above(o, most, limits.per_order, NS_MSG_order_over_limit, err);
    }
    if (limits.per_month != NS_NONE) {
        rc = ns_row_order_spent(act->db, ns_order_month(act->zone, act->now), o->id, &spent, err);
        if (rc == NS_OK && spent + most > limits.per_month) {
            rc = above(o, spent + most, limits.per_month, NS_MSG_order_over_month, err);
        }
    }
    return rc;
}

/* ---- the shelf ---- */

static ns_rc shelve(const struct ns_act *act, const struct ns_order *o, const struct ns_order_line *l, int64_t pieces,
                    struct ns_err *err) {
    struct ns_child child;
    ns_rc rc = ns_child_get(act->db, o->child_id, act->arena, &child, err);
    if (rc != NS_OK) {
        return rc;
    }
    bool worn = l->product == NS_PRODUCT_DIAPER || l->product == NS_PRODUCT_TRAINING_PANTS ||
                l->product == NS_PRODUCT_SWIMWEAR;
    enum ns_size size = l->size == NS_NONE ? child.current_size : (enum ns_size)l->size;
    struct ns_inventory_item item = {
        .id = ns_id_new(act->env), .child_id = o->child_id, .product_type = l->product, .brand = "",
        .product_name = l->name, .size = worn || l->size != NS_NONE ? ns_size_name(size) : "",
        .quantity_total = pieces, .quantity_remaining = pieces, .quantity_available = pieces,
        .purchase_date = act->now, .has_cost = l->price != NS_NONE, .cost = l->price == NS_NONE ? 0 : l->price * l->packs,
        .expiry_date = NS_TIME_NONE, .expiry_day = NS_DATE_NONE, .opened_date = NS_TIME_NONE,
        .quality_rating = NS_NONE, .would_rebuy = NS_NONE, .created_at = act->now};
    struct ns_action_row way_back = {.id = ns_id_new(act->env), .kind = NS_ACTION_STOCK, .step = "ITEM_NEW",
                                     .child_id = o->child_id, .entity_id = item.id, .data = "{}", .at = act->now,
                                     .user_id = act->actor.user};
    rc = ns_row_item_add(act->db, &item, false, err);
    if (rc == NS_OK) {
        rc = ns_row_action_add(act->db, &way_back, err);
    }
    if (rc == NS_OK) {
        rc = ns_audit_append(act->db, act->env, act->now, &act->actor, "INVENTORY_CREATED", "inventory_item", item.id,
                             ns_arena_printf(act->arena, "{\"order\":\"%s\"}", o->number), err);
    }
    return rc;
}

static ns_rc stock(const struct ns_act *act, const struct ns_order_report *report, struct ns_order_moved *m,
                   struct ns_err *err) {
    struct ns_order_line *lines = NULL;
    int count = 0;
    ns_rc rc = NS_OK;
    if (m->order.stocked_at != NS_TIME_NONE) {
        return NS_OK;
    }
    rc = ns_row_order_lines(act->db, m->order.seq, act->arena, &lines, &count, err);
    for (int i = 0; rc == NS_OK && i < count; i++) {
        int in_pack = lines[i].pieces != NS_NONE ? lines[i].pieces : report->pieces;
        if (in_pack == NS_NONE) {
            m->unshelved++;
            continue;
        }
        rc = shelve(act, &m->order, &lines[i], (int64_t)in_pack * lines[i].packs, err);
        m->shelved += (int64_t)in_pack * lines[i].packs;
    }
    m->order.stocked_at = act->now;
    return rc;
}

/* ---- one step ---- */

static ns_rc refuse(const struct ns_order *o, enum ns_step step, struct ns_err *err) {
    return ns_err_say(err, NS_E_CONFLICT, step == NS_STEP_LAPSED      ? NS_MSG_order_lapsed
                                          : step == NS_STEP_NO_WINDOW ? NS_MSG_order_no_window
                                                                      : NS_MSG_order_not_now,
                      o->number, NULL, NULL);
}

static ns_rc take_report(const struct ns_act *act, const struct ns_order_report *r, struct ns_order_entry *e,
                         struct ns_err *err) {
    ns_rc rc = order_text(act, r->message, 500, &e->message, err);
    if (rc == NS_OK) {
        rc = order_text(act, r->reference, 80, &e->reference, err);
    }
    if (rc == NS_OK) {
        rc = order_text(act, r->tracking_number, 80, &e->tracking_number, err);
    }
    if (rc == NS_OK) {
        rc = order_url(act, r->tracking_url, &e->tracking_url, err);
    }
    if (rc == NS_OK && ((r->paid != NS_NONE && (r->paid < 0 || r->paid > 1000000)) ||
                        (r->pieces != NS_NONE && (r->pieces < 1 || r->pieces > 1000)))) {
        rc = ns_err_say(err, NS_E_INPUT, NS_MSG_order_report_odd, NULL, NULL, NULL);
    }
    return rc;
}

static void mark_times(struct ns_order *o, enum ns_order_event event, ns_time now, ns_id user) {
    if (event == NS_DO_APPROVE) {
        o->approved_at = now;
        o->approved_by = user;
    } else if (event == NS_DO_STOP) {
        o->approved_at = NS_TIME_NONE;
        o->approved_by = (ns_id){{0}};
    } else if (event == NS_DO_ABSENT) {
        o->retries++;
        o->last_retry_at = now;
    }
    switch (ns_order_status_of(o->state)) {
    case NS_STATUS_CONFIRMED: o->confirmed_at = now; break;
    case NS_STATUS_SHIPPED: o->shipped_at = now; break;
    case NS_STATUS_DELIVERED: o->delivered_at = event == NS_DO_DELIVER ? now : o->delivered_at; break;
    case NS_STATUS_CANCELLED: o->cancelled_at = now; break;
    case NS_STATUS_PENDING:
    case NS_STATUS_AUTHORIZED:
    case NS_STATUS_PROCESSING:
    case NS_STATUS_IN_TRANSIT:
    case NS_STATUS_FAILED:
    case NS_STATUS_REFUNDED:
    case NS_STATUS_COUNT: break;
    }
}

static void mark(struct ns_order *o, const struct ns_order_entry *e, const struct ns_order_report *r) {
    o->retailer_order_id = e->reference != NULL ? e->reference : o->retailer_order_id;
    o->tracking_number = e->tracking_number != NULL ? e->tracking_number : o->tracking_number;
    o->tracking_url = e->tracking_url != NULL ? e->tracking_url : o->tracking_url;
    o->estimated_delivery = r->estimated_delivery != NS_TIME_NONE ? r->estimated_delivery : o->estimated_delivery;
    o->paid = r->paid != NS_NONE ? r->paid : o->paid;
    if (e->event == NS_DO_FAIL || e->event == NS_DO_CANCEL || e->event == NS_DO_DECLINE) {
        o->failure_reason = e->message;
    }
    if (e->event == NS_DO_APPROVE) {
        o->agreed = o->price_known ? o->total : r->agreed != NS_NONE ? r->agreed : o->agreed;
    }
}

/* What the order does in the world follows in the same transaction. */
static ns_rc settle(const struct ns_act *act, const struct ns_order_report *report, const struct ns_step_result *r,
                    struct ns_order_moved *m, struct ns_err *err) {
    ns_rc rc = NS_OK;
    if ((r->acts & NS_ACT_STOCK) != 0) {
        rc = stock(act, report, m, err);
    }
    if (rc == NS_OK && ns_order_over(m->order.state)) {
        rc = ns_row_order_needs_free(act->db, m->order.seq, err);
    }
    if (rc == NS_OK) {
        rc = ns_row_order_write(act->db, &m->order, err);
    }
    return rc;
}

ns_rc order_apply(const struct ns_act *act, enum ns_order_event event, const struct ns_order_report *report,
                  struct ns_order_moved *m, struct ns_err *err) {
    struct ns_order *o = &m->order;
    struct ns_order_facts facts = {.now = act->now, .proposed_at = o->proposed_at, .approved_at = o->approved_at,
                                   .places = o->places, .paid = o->paid != NS_NONE && o->paid > 0};
    struct ns_order_entry e = {.id = ns_id_new(act->env), .event = event,
                               .previous = (int)ns_order_status_of(o->state), .source = report->source,
                               .estimated_delivery = report->estimated_delivery, .actor = act->actor.user,
                               .at = act->now};
    struct ns_step_result r = ns_order_step(o->state, event, &facts);
    m->moved = r.step == NS_STEP_MOVED;
    if (!m->moved && r.step != NS_STEP_LATE) {
        return refuse(o, r.step, err);
    }
    ns_rc rc = take_report(act, report, &e, err);
    if (rc == NS_OK && m->moved && event == NS_DO_APPROVE) {
        rc = check_limits(act, o, report->agreed, err);
    }
    if (rc != NS_OK || (!m->moved && !ns_order_reports(event))) {
        return rc; /* a wish come true already leaves no trace */
    }
    o->state = r.to;
    e.moved = m->moved;
    e.status = ns_order_status_of(r.to);
    rc = ns_row_order_entry_add(act->db, o->seq, &e, err);
    if (rc == NS_OK && m->moved) {
        o->updated_at = act->now;
        mark_times(o, event, act->now, act->actor.user);
        mark(o, &e, report);
        rc = settle(act, report, &r, m, err);
    }
    if (rc == NS_OK) {
        rc = order_audit(act, ns_arena_printf(act->arena, "ORDER_%s%s", ns_order_event_name(event),
                                              m->moved ? "" : "_AGAIN"), o, err);
    }
    return rc;
}

ns_rc ns_order_happen(const struct ns_act *act, ns_id order, enum ns_order_event event,
                      const struct ns_order_report *report, struct ns_order_moved *out, struct ns_err *err) {
    *out = (struct ns_order_moved){0};
    ns_rc rc = ns_db_begin(act->db, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = ns_order_get(act->db, order, NULL, act->arena, &out->order, err);
    if (rc == NS_OK) {
        rc = order_apply(act, event, report, out, err);
    }
    return order_end(act, rc, err);
}

ns_rc ns_order_tick(const struct ns_act *act, struct ns_order *out, bool *some, struct ns_err *err) {
    struct ns_order_report quiet = {.source = NS_TOLD_BY_SCHEDULER, .estimated_delivery = NS_TIME_NONE, .paid = NS_NONE,
                                    .agreed = NS_NONE, .pieces = NS_NONE};
    struct ns_order_moved m = {0};
    *some = false;
    ns_rc rc = ns_db_begin(act->db, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = ns_row_order_due(act->db, act->now, act->arena, &m.order, some, err);
    if (rc == NS_OK && *some) {
        rc = order_apply(act, m.order.state == NS_ORDER_PROPOSED ? NS_DO_EXPIRE : NS_DO_WINDOW_OVER, &quiet, &m, err);
        *out = m.order;
    }
    return order_end(act, rc, err);
}

ns_rc ns_order_rate(const struct ns_act *act, ns_id order, int score, const char *note, struct ns_order *out,
                    struct ns_err *err) {
    if (score < 1 || score > 5) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_order_score, NULL, NULL, NULL);
    }
    ns_rc rc = ns_db_begin(act->db, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = ns_order_get(act->db, order, NULL, act->arena, out, err);
    if (rc == NS_OK && out->state != NS_ORDER_DELIVERED && out->state != NS_ORDER_RETURNED) {
        rc = ns_err_say(err, NS_E_CONFLICT, NS_MSG_order_rate_early, out->number, NULL, NULL);
    }
    if (rc == NS_OK) {
        out->score = score;
        rc = order_text(act, note, 500, &out->score_note, err);
    }
    if (rc == NS_OK) {
        out->updated_at = act->now;
        rc = ns_row_order_write(act->db, out, err);
    }
    if (rc == NS_OK) {
        rc = order_audit(act, "ORDER_RATED", out, err);
    }
    return order_end(act, rc, err);
}
