#include "agent/household/act.h"
#include "agent/household/prediction.h"

#define AHEAD_MAX (5 * NS_MINUTE)
#define BACK_MAX (10 * 366 * NS_DAY)

ns_rc act_log_time(const struct ns_act *act, ns_time at, ns_date *day, struct ns_err *err) {
    char text[NS_TIME_TEXT];
    if (at > act->now + AHEAD_MAX || at < act->now - BACK_MAX) {
        ns_time_format(at, text);
        return ns_err_say(err, NS_E_INPUT, at > act->now ? NS_MSG_hh_log_ahead : NS_MSG_hh_log_old,
                          text, NULL, NULL);
    }
    *day = ns_zone_local_day(act->zone, at);
    return NS_OK;
}

static ns_rc check_log(const struct ns_act *act, const struct ns_log_input *in,
                       struct ns_usage_log *log, struct ns_err *err) {
    log->logged_at = in->logged_at == NS_TIME_NONE ? act->now : in->logged_at;
    ns_rc rc = act_log_time(act, log->logged_at, &log->local_day, err);
    if (rc == NS_OK) {
        rc = act_text(act, in->caregiver_name, 100, false, NS_MSG_hh_field_caregiver,
                      &log->caregiver_name, err);
    }
    if (rc == NS_OK) {
        rc = act_text(act, in->diaper_condition, 100, false, NS_MSG_hh_field_condition,
                      &log->diaper_condition, err);
    }
    if (rc == NS_OK) {
        rc = act_text(act, in->notes, 2000, false, NS_MSG_hh_field_notes, &log->notes, err);
    }
    return rc;
}

ns_rc act_take_piece(const struct ns_act *act, const struct ns_child *child,
                     struct ns_log_result *r, bool *opened, struct ns_err *err) {
    enum ns_product_type product = ns_usage_product(r->log.usage_type);
    const char *size = product == NS_PRODUCT_DIAPER ? ns_size_name(child->current_size) : NULL;
    ns_id item;
    bool found = false;
    ns_rc rc = ns_row_item_to_take(act->db, child->id, product, size, r->log.local_day, &item, err);
    if (rc != NS_OK || ns_id_is_zero(item)) {
        r->notice = product == NS_PRODUCT_DIAPER ? NS_MSG_hh_log_no_stock : NS_MSG_hh_log_no_supply;
        return rc;
    }
    rc = ns_row_item(act->db, item, act->arena, &r->item, &found, err);
    if (rc == NS_OK) {
        *opened = !r->item.is_opened;
        rc = ns_row_item_take(act->db, item, r->log.quantity_used, act->now, err);
    }
    if (rc == NS_OK) {
        rc = ns_row_item(act->db, item, act->arena, &r->item, &found, err);
    }
    r->took_item = rc == NS_OK && found;
    r->log.inventory_item_id = item;
    return rc;
}

static ns_rc write_log(const struct ns_act *act, const struct ns_log_input *in,
                       const struct ns_child *child, struct ns_log_result *r, struct ns_err *err) {
    struct ns_usage_row row = {.client_key = in->client_key, .user_id = act->actor.user};
    bool opened = false, found = false;
    ns_rc rc = act_take_piece(act, child, r, &opened, err);
    row.log = r->log;
    if (rc == NS_OK) {
        rc = ns_row_log_add(act->db, &row, err);
    }
    if (rc == NS_OK) {
        rc = act_undoable(act, NS_ACTION_LOG, "LOG", child->id, r->log.id,
                          opened ? "{\"opened\":1}" : "{\"opened\":0}", &r->action, err);
    }
    if (rc == NS_OK) {
        rc = act_audit(act, "USAGE_LOGGED", "usage_log", r->log.id, NULL, err);
    }
    if (rc == NS_OK) {
        rc = ns_row_log(act->db, r->log.id, act->arena, &r->log, &found, err);
    }
    return rc;
}

ns_rc ns_log_change(const struct ns_act *act, const struct ns_log_input *in,
                    struct ns_log_result *out, struct ns_err *err) {
    struct ns_child child;
    ns_id known = {{0}};
    bool found = false;
    *out = (struct ns_log_result){
        .log = {.id = ns_id_new(act->env),
                .child_id = in->child_id,
                .usage_type = in->usage_type,
                .quantity_used = 1,
                .context = in->context,
                .was_wet = in->was_wet,
                .was_soiled = in->was_soiled,
                .had_leakage = in->had_leakage,
                .product_rating = NS_NONE,
                .change_duration = NS_NONE,
                .created_at = act->now},
    };
    ns_rc rc = check_log(act, in, &out->log, err);
    if (rc != NS_OK || (rc = ns_db_begin(act->db, err)) != NS_OK) {
        return rc;
    }
    rc = ns_consent_need(act->db, act->now, NS_CONSENT_CHILD_DATA, err);
    if (rc == NS_OK) {
        rc = act_child(act, in->child_id, &child, err);
    }
    if (rc == NS_OK && !ns_id_is_zero(in->client_key)) {
        rc = ns_row_log_by_key(act->db, in->client_key, &known, err);
    }
    if (rc == NS_OK && !ns_id_is_zero(known)) {
        rc = ns_row_log(act->db, known, act->arena, &out->log, &found, err);
        out->repeated = true;
        if (rc == NS_OK && !ns_id_eq(out->log.child_id, in->child_id)) {
            rc = ns_err_say(err, NS_E_CONFLICT, NS_MSG_hh_log_key, NULL, NULL, NULL);
        }
    } else if (rc == NS_OK) {
        rc = write_log(act, in, &child, out, err);
    }
    return act_end(act, rc, err);
}

static ns_date first_day(const struct ns_act *act, int days_back) {
    return ns_act_today(act) - act_clamp(days_back, 1, 36600) + 1;
}

ns_rc ns_log_list(const struct ns_act *act, ns_id child, int usage_type, int days_back, int limit,
                  int offset, struct ns_log_page *out, struct ns_err *err) {
    struct ns_usage_log *logs = NULL;
    int most = act_clamp(limit, 0, 500);
    *out = (struct ns_log_page){0};
    ns_rc rc = ns_row_logs(act->db, child, usage_type, first_day(act, days_back), most + 1,
                           act_clamp(offset, 0, INT32_MAX), act->arena, &logs, &out->count, err);
    out->logs = logs;
    out->more = out->count > most;
    out->count -= out->more;
    return rc;
}

ns_rc ns_log_total(const struct ns_act *act, ns_id child, int usage_type, int days_back,
                   int64_t *out, struct ns_err *err) {
    return ns_row_logs_total(act->db, child, usage_type, first_day(act, days_back), out, err);
}

/* Pieces a day: the newest forecast, else the last 7 full days when they hold 14 changes, else
 * what the parents expect. */
static ns_rc current_rate(const struct ns_act *act, const struct ns_child *child, double *out,
                          struct ns_err *err) {
    struct ns_prediction prediction;
    struct ns_usage_day *days = NULL;
    ns_date today = ns_act_today(act);
    bool found = false;
    int count = 0, sum = 0;
    *out = child->daily_usage_count;
    ns_rc rc = ns_prediction_newest(act->db, child->id, act->arena, &prediction, &found, err);
    if (rc != NS_OK || found) {
        *out = found ? prediction.current_consumption_rate : *out;
        return rc;
    }
    rc = ns_row_day_sums(act->db, child->id, today - 7, today - 1, act->arena, &days, &count, err);
    for (int i = 0; i < count; i++) {
        sum += days[i].count;
    }
    if (sum >= 14) {
        *out = sum / 7.0;
    }
    return rc;
}

ns_rc ns_household_dashboard(const struct ns_act *act, ns_id child_id, struct ns_dashboard *out,
                             struct ns_err *err) {
    struct ns_child child;
    struct ns_usage_day *days = NULL;
    ns_date today = ns_act_today(act);
    bool ever = false;
    int count = 0;
    *out = (struct ns_dashboard){.last_change = NS_TIME_NONE};
    ns_rc rc = act_child(act, child_id, &child, err);
    if (rc != NS_OK) {
        return rc;
    }
    out->current_size = child.current_size;
    rc = ns_household_usable_stock(act->db, child_id, child.current_size, today,
                                   &out->diapers_left, &ever, err);
    if (rc == NS_OK) {
        rc = ns_row_last_change(act->db, child_id, &out->last_change, err);
    }
    if (rc == NS_OK) {
        rc = ns_row_day_sums(act->db, child_id, today, today, act->arena, &days, &count, err);
    }
    if (rc == NS_OK) {
        out->today_changes = count > 0 ? days[0].count : 0;
        rc = current_rate(act, &child, &out->rate, err);
    }
    out->has_days_remaining = rc == NS_OK && (out->diapers_left == 0 || out->rate > 0);
    if (out->has_days_remaining && out->diapers_left > 0) {
        out->days_remaining = (int64_t)floor((double)out->diapers_left / out->rate);
    }
    return rc;
}

void ns_household_ago(struct ns_buf *out, enum ns_lang lang, ns_time then, ns_time now) {
    static const struct {
        ns_time unit;
        enum ns_msg one, other;
    } steps[] = {
        {NS_DAY, NS_MSG_hh_ago_day_one, NS_MSG_hh_ago_day_other},
        {NS_HOUR, NS_MSG_hh_ago_hour_one, NS_MSG_hh_ago_hour_other},
        {NS_MINUTE, NS_MSG_hh_ago_minute_one, NS_MSG_hh_ago_minute_other},
    };
    for (size_t i = 0; i < NS_COUNT(steps); i++) {
        int64_t n = (now - then) / steps[i].unit;
        if (n >= 1) {
            char shown[24];
            snprintf(shown, sizeof shown, "%lld", (long long)n);
            NS_MSG_TO(out, lang, ns_msg_plural(lang, n, steps[i].one, steps[i].other), shown);
            return;
        }
    }
    ns_buf_text(out, ns_msg(lang, NS_MSG_hh_ago_now));
}
