#include "agent/order/book.h"

#include "agent/order/parts.h"

#define ALPHABET "23456789ABCDEFGHJKMNPQRSTVWXYZ" /* no 0 O 1 I L U */
#define NUMBER_TRIES 20

ns_rc order_end(const struct ns_act *act, ns_rc rc, struct ns_err *err) {
    if (rc == NS_OK) {
        return ns_db_commit(act->db, err);
    }
    ns_db_rollback(act->db);
    return rc;
}

ns_rc order_audit(const struct ns_act *act, const char *action, const struct ns_order *o, struct ns_err *err) {
    const char *detail = ns_arena_printf(
        act->arena, "{\"number\":\"%s\",\"state\":\"%s\",\"totalCents\":%lld,\"agreedCents\":%lld,\"paidCents\":%lld}",
        o->number, ns_order_state_name(o->state), (long long)o->total,
        (long long)(o->agreed == NS_NONE ? 0 : o->agreed), (long long)(o->paid == NS_NONE ? 0 : o->paid));
    return ns_audit_append(act->db, act->env, act->now, &act->actor, action, "order", o->id, detail, err);
}

ns_rc order_text(const struct ns_act *act, const char *in, size_t most, const char **out, struct ns_err *err) {
    struct ns_str text = ns_str_trim(ns_str_of(in));
    *out = NULL;
    if (text.n == 0) {
        return NS_OK;
    }
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (text.n > most || c < 0x20 || c == 0x7f || (c == 0xc2 && i + 1 < text.n && (unsigned char)text.p[i + 1] < 0xa0)) {
            return ns_err_say(err, NS_E_INPUT, NS_MSG_order_text, NULL, NULL, NULL);
        }
    }
    *out = ns_arena_copy(act->arena, text);
    return NS_OK;
}

ns_rc order_url(const struct ns_act *act, const char *in, const char **out, struct ns_err *err) {
    ns_rc rc = order_text(act, in, 2000, out, err);
    if (rc == NS_OK && *out != NULL && (strncmp(*out, "https://", 8) != 0 || strpbrk(*out, " \"<>\\") != NULL)) {
        rc = ns_err_say(err, NS_E_INPUT, NS_MSG_order_url, NULL, NULL, NULL);
    }
    return rc;
}

/* NEST-20261125-AB3DE7: the local day and six characters nobody mistakes for another. */
static ns_rc number(const struct ns_act *act, char out[NS_ORDER_NUMBER], struct ns_err *err) {
    struct ns_civil day = ns_date_civil(ns_act_today(act));
    for (int n = 0; n < NUMBER_TRIES; n++) {
        struct ns_order other;
        uint8_t dice[6];
        bool taken = false;
        ns_env_random(act->env, dice, sizeof dice);
        int at = snprintf(out, NS_ORDER_NUMBER, "NEST-%04d%02d%02d-", day.year, day.month, day.day);
        for (size_t i = 0; i < sizeof dice; i++) {
            out[at + (int)i] = ALPHABET[dice[i] % (sizeof ALPHABET - 1)];
        }
        out[NS_ORDER_NUMBER - 1] = '\0';
        ns_rc rc = ns_row_order_by_number(act->db, out, act->arena, &other, &taken, err);
        if (rc != NS_OK || !taken) {
            return rc;
        }
    }
    return ns_err_note(err, NS_E_INTERNAL, "no free order number");
}

/* ---- needs ---- */

ns_rc order_need(const struct ns_act *act, const struct ns_child *child, const struct ns_order_line *line,
                 uint8_t out[32], struct ns_err *err) {
    struct ns_household home;
    char text[200], home_id[NS_ID_TEXT], child_id[NS_ID_TEXT];
    bool found = false;
    bool worn = line->product == NS_PRODUCT_DIAPER || line->product == NS_PRODUCT_TRAINING_PANTS ||
                line->product == NS_PRODUCT_SWIMWEAR;
    enum ns_size size = line->size == NS_NONE ? child->current_size : (enum ns_size)line->size;
    ns_rc rc = ns_household_get(act->db, act->arena, &home, &found, err);
    if (rc == NS_OK && !found) {
        rc = ns_err_say(err, NS_E_NOT_SET_UP, NS_MSG_hh_not_set_up, NULL, NULL, NULL);
    }
    if (rc == NS_OK) {
        ns_id_format(home.id, home_id);
        ns_id_format(child->id, child_id);
        int n = snprintf(text, sizeof text, "order|%s|%s|%s|%s", home_id, child_id, ns_product_type_name(line->product),
                         worn ? ns_size_name(size) : "");
        ns_crypto_sha256(out, text, (size_t)n);
    }
    return rc;
}

struct needs {
    uint8_t need[NS_ORDER_LINES][32];
    int64_t cycle[NS_ORDER_LINES];
    int count;
    ns_id open; /* an order that serves one of them; zero: none */
};

static ns_rc find_needs(const struct ns_act *act, const struct ns_child *child, const struct ns_order_input *in,
                        struct needs *out, struct ns_err *err) {
    ns_rc rc = NS_OK;
    *out = (struct needs){0};
    for (int i = 0; rc == NS_OK && i < in->line_count; i++) {
        uint8_t *need = out->need[out->count];
        bool known = false;
        rc = order_need(act, child, &in->lines[i], need, err);
        for (int j = 0; j < out->count; j++) {
            known = known || memcmp(out->need[j], need, 32) == 0;
        }
        if (rc == NS_OK && !known) {
            ns_id open;
            rc = ns_row_order_need(act->db, need, &out->cycle[out->count], &open, err);
            out->open = ns_id_is_zero(open) ? out->open : open;
            out->count++;
        }
    }
    return rc;
}

static bool same_name(const char *a, const char *b) {
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static ns_rc same_order(const struct ns_act *act, const struct ns_order_input *in, const struct ns_order *o, bool *same,
                        struct ns_err *err) {
    struct ns_order_line *lines = NULL;
    int count = 0;
    ns_rc rc = ns_row_order_lines(act->db, o->seq, act->arena, &lines, &count, err);
    *same = rc == NS_OK && o->retailer == in->retailer && count == in->line_count && ns_id_eq(o->child_id, in->child_id);
    for (int i = 0; *same && i < count; i++) {
        *same = lines[i].packs == in->lines[i].packs && same_name(lines[i].product_id, in->lines[i].product_id) &&
                same_name(lines[i].name, in->lines[i].name);
    }
    return rc;
}

/* ---- making ---- */

static ns_rc check_lines(const struct ns_order_input *in, struct ns_err *err) {
    bool well = in->line_count > 0 && in->line_count <= NS_ORDER_LINES;
    for (int i = 0; well && i < in->line_count; i++) {
        const struct ns_order_line *l = &in->lines[i];
        well = l->packs >= 1 && l->packs <= NS_ORDER_PACKS_MOST && l->name != NULL && l->name[0] != '\0';
    }
    return well ? NS_OK : ns_err_say(err, NS_E_INPUT, NS_MSG_order_products, "50", NULL, NULL);
}

static ns_rc check_ceiling(const struct ns_order_input *in, ns_money total, struct ns_err *err) {
    char price[NS_MONEY_TEXT], most[NS_MONEY_TEXT];
    if (!in->price_known || in->ceiling == NS_NONE || total <= in->ceiling) {
        return NS_OK;
    }
    ns_money_format(total, price);
    ns_money_format(in->ceiling, most);
    return ns_err_say(err, NS_E_LIMIT, NS_MSG_order_above_ceiling, price, most, NULL);
}

static ns_rc insert(const struct ns_act *act, const struct ns_order_input *in, const struct needs *needs,
                    struct ns_order *o, struct ns_err *err) {
    *o = (struct ns_order){
        .id = ns_id_new(act->env), .subscription_id = in->subscription_id, .child_id = in->child_id,
        .retailer = in->retailer, .state = NS_ORDER_PROPOSED, .type = in->type, .products = in->products,
        .price_known = in->price_known, .agreed = in->ceiling, .paid = NS_NONE, .address = in->address,
        .payment_method = in->payment_method, .prediction_id = in->prediction_id, .runout = in->runout,
        .explanation = in->explanation != NULL ? in->explanation : "{}", .created_by = act->actor.user,
        .estimated_delivery = NS_TIME_NONE, .last_retry_at = NS_TIME_NONE, .approved_at = NS_TIME_NONE,
        .confirmed_at = NS_TIME_NONE, .shipped_at = NS_TIME_NONE, .delivered_at = NS_TIME_NONE,
        .cancelled_at = NS_TIME_NONE, .stocked_at = NS_TIME_NONE, .score = NS_NONE, .proposed_at = act->now,
        .created_at = act->now, .updated_at = act->now};
    if (in->price_known) {
        o->subtotal = in->subtotal;
        o->shipping = in->shipping;
        o->tax = in->tax;
        o->total = in->subtotal + in->shipping + in->tax;
    }
    ns_rc rc = check_ceiling(in, o->total, err);
    if (rc == NS_OK) {
        rc = order_url(act, in->checkout_url, &o->checkout_url, err);
    }
    if (rc == NS_OK) {
        rc = number(act, o->number, err);
    }
    if (rc == NS_OK) {
        rc = ns_row_order_add(act->db, o, err);
    }
    for (int i = 0; rc == NS_OK && i < in->line_count; i++) {
        rc = ns_row_order_line_add(act->db, o->seq, i, &in->lines[i], err);
        o->packs += in->lines[i].packs;
    }
    for (int i = 0; rc == NS_OK && i < needs->count; i++) {
        rc = ns_row_order_need_add(act->db, o->seq, needs->need[i], needs->cycle[i], err);
    }
    return rc;
}

static ns_rc create(const struct ns_act *act, const struct ns_order_input *in, struct ns_order *out,
                    enum ns_order_made *made, struct ns_err *err) {
    struct ns_child child;
    struct needs needs;
    bool same = false;
    ns_rc rc = ns_consent_need(act->db, act->now, NS_CONSENT_CHILD_DATA, err);
    if (rc == NS_OK) {
        rc = ns_child_get(act->db, in->child_id, act->arena, &child, err);
    }
    if (rc == NS_OK) {
        rc = find_needs(act, &child, in, &needs, err);
    }
    if (rc == NS_OK && !ns_id_is_zero(needs.open)) {
        rc = ns_order_get(act->db, needs.open, NULL, act->arena, out, err);
        if (rc == NS_OK) {
            rc = same_order(act, in, out, &same, err);
        }
        *made = same ? NS_ORDER_THERE : NS_ORDER_OTHER;
        return rc;
    }
    *made = NS_ORDER_NEW;
    if (rc == NS_OK) {
        rc = insert(act, in, &needs, out, err);
    }
    struct ns_order_entry first = {.id = ns_id_new(act->env), .event = NS_DO_PROPOSE, .moved = true, .previous = NS_NONE,
                                   .status = NS_STATUS_PENDING, .estimated_delivery = NS_TIME_NONE,
                                   .source = ns_id_is_zero(act->actor.user) ? NS_TOLD_BY_SCHEDULER : NS_TOLD_BY_USER,
                                   .actor = act->actor.user, .at = act->now};
    if (rc == NS_OK) {
        rc = ns_row_order_entry_add(act->db, out->seq, &first, err);
    }
    if (rc == NS_OK) {
        rc = order_audit(act, "ORDER_PROPOSE", out, err);
    }
    if (rc == NS_OK && in->approved) {
        struct ns_order_report yes = {.source = NS_TOLD_BY_USER, .estimated_delivery = NS_TIME_NONE, .paid = NS_NONE,
                                      .agreed = in->agreed, .pieces = NS_NONE};
        struct ns_order_moved moved = {.order = *out};
        rc = order_apply(act, NS_DO_APPROVE, &yes, &moved, err);
        *out = moved.order;
    }
    return rc;
}

ns_rc ns_order_create(const struct ns_act *act, const struct ns_order_input *in, struct ns_order *out,
                      enum ns_order_made *made, struct ns_err *err) {
    ns_rc rc = check_lines(in, err);
    if (rc != NS_OK || (rc = ns_db_begin(act->db, err)) != NS_OK) {
        return rc;
    }
    return order_end(act, create(act, in, out, made, err), err);
}

ns_rc ns_order_get(struct ns_db *db, ns_id id, const char *number, struct ns_arena *arena, struct ns_order *out,
                   struct ns_err *err) {
    bool found = false;
    ns_rc rc = ns_id_is_zero(id) ? ns_row_order_by_number(db, number != NULL ? number : "", arena, out, &found, err)
                                 : ns_row_order(db, id, arena, out, &found, err);
    return rc == NS_OK && !found ? ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_order_unknown, NULL, NULL, NULL) : rc;
}

ns_rc ns_order_limits_set(const struct ns_act *act, const struct ns_spending *limits, struct ns_err *err) {
    if ((limits->per_order != NS_NONE && limits->per_order <= 0) ||
        (limits->per_month != NS_NONE && limits->per_month <= 0)) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_order_limit_odd, NULL, NULL, NULL);
    }
    ns_rc rc = ns_db_begin(act->db, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = ns_row_spending_put(act->db, limits, act->now, err);
    if (rc == NS_OK) {
        const char *detail = ns_arena_printf(act->arena, "{\"orderCents\":%lld,\"monthCents\":%lld}",
                                             (long long)limits->per_order, (long long)limits->per_month);
        rc = ns_audit_append(act->db, act->env, act->now, &act->actor, "SPENDING_LIMITS_SET", "household",
                             (ns_id){{0}}, detail, err);
    }
    return order_end(act, rc, err);
}
