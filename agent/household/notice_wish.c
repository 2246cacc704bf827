/* notice_wish.c: how a person wants to be told, and the words of what is told. */
#include "agent/household/act.h"
#include "agent/household/notices.h"

ns_rc ns_notice_token(const struct ns_act *act, const char *token, const char *platform, struct ns_err *err) {
    static const char *const platforms[] = {"ios", "android", "web"};
    const char *text = NULL;
    bool known = false;
    for (size_t i = 0; i < NS_COUNT(platforms); i++) {
        known |= platform != NULL && strcmp(platform, platforms[i]) == 0;
    }
    if (!known) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_hh_platform_unknown, platform, NULL, NULL);
    }
    ns_rc rc = act_text(act, token, 4096, true, NS_MSG_hh_field_token, &text, err);
    if (rc != NS_OK || (rc = ns_db_begin(act->db, err)) != NS_OK) {
        return rc;
    }
    rc = ns_row_notice_token_put(act->db, act->actor.user, text, platform, act->now, err);
    rc = rc == NS_OK ? act_audit(act, "NOTICE_TOKEN_SET", "user", act->actor.user, NULL, err) : rc;
    return act_end(act, rc, err);
}

/* "7:30" and "07:30:00" as well. */
static ns_rc take_minute(const char *text, int *out, struct ns_err *err) {
    int hour = -1, minute = -1, second = 0;
    char rest = 0;
    int n = text == NULL ? 0 : sscanf(text, "%2d:%2d:%2d%c", &hour, &minute, &second, &rest);
    if (text == NULL) {
        return NS_OK;
    }
    if (n < 2 || n > 3 || hour < 0 || hour > 23 || minute < 0 || minute > 59) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_hh_quiet_time, text, NULL, NULL);
    }
    *out = hour * 60 + minute;
    return NS_OK;
}

static ns_rc take_number(int64_t value, int most, int *out, struct ns_err *err) {
    char shown[24], limit[16];
    if (value == NS_NONE) {
        return NS_OK;
    }
    if (value < 1 || value > most) {
        snprintf(shown, sizeof shown, "%lld", (long long)value);
        snprintf(limit, sizeof limit, "%d", most);
        return ns_err_say(err, NS_E_INPUT, NS_MSG_hh_notice_range, shown, limit, NULL);
    }
    *out = (int)value;
    return NS_OK;
}

static ns_rc take(const struct ns_act *act, const struct ns_notice_wish *in, struct ns_notice_preferences *p,
                  struct ns_err *err) {
    const struct {
        int64_t value;
        int most;
        int *to;
    } numbers[] = {{in->stock_days, 30, &p->stock_days}, {in->change_hours, 12, &p->change_hours},
                   {in->expiry_days, 90, &p->expiry_days}, {in->daily_limit, 50, &p->daily_limit}};
    ns_rc rc = take_minute(in->quiet_from, &p->quiet_from, err);
    rc = rc == NS_OK ? take_minute(in->quiet_until, &p->quiet_until, err) : rc;
    for (size_t i = 0; rc == NS_OK && i < NS_COUNT(numbers); i++) {
        rc = take_number(numbers[i].value, numbers[i].most, numbers[i].to, err);
    }
    if (rc == NS_OK && in->timezone != NULL) {
        const struct ns_zone *zone = ns_zone_find(in->timezone);
        if (zone == NULL) {
            return ns_err_say(err, NS_E_INPUT, NS_MSG_hh_zone_unknown, in->timezone, NULL, NULL);
        }
        p->timezone = ns_zone_name(zone);
    }
    p->switches = (p->switches & ~in->set) | (in->switches & in->set);
    if (rc == NS_OK && (p->switches & NS_NOTIFY_QUIET) != 0 &&
        (p->quiet_from == NS_NONE || p->quiet_until == NS_NONE)) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_hh_quiet_needs, NULL, NULL, NULL);
    }
    if (in->consent != NS_NONE) {
        p->consent_at = in->consent == 0 ? NS_TIME_NONE : p->consent_at != NS_TIME_NONE ? p->consent_at : act->now;
    }
    if (in->marketing_consent != NS_NONE) {
        p->marketing_consent_at = in->marketing_consent == 0                    ? NS_TIME_NONE
                                  : p->marketing_consent_at != NS_TIME_NONE ? p->marketing_consent_at
                                                                            : act->now;
    }
    return rc;
}

ns_rc ns_notice_wish(const struct ns_act *act, const struct ns_notice_wish *in,
                     struct ns_notice_preferences *out, struct ns_err *err) {
    ns_rc rc = ns_db_begin(act->db, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = ns_row_notice_preferences(act->db, act->actor.user, act->arena, out, err);
    rc = rc == NS_OK ? take(act, in, out, err) : rc;
    if (rc == NS_OK && ns_id_is_zero(out->id)) {
        out->id = ns_id_new(act->env);
        out->created_at = act->now;
    }
    out->updated_at = act->now;
    rc = rc == NS_OK ? ns_row_notice_preferences_put(act->db, out, err) : rc;
    rc = rc == NS_OK ? act_audit(act, "NOTICE_PREFERENCES_SET", "user", act->actor.user, NULL, err) : rc;
    return act_end(act, rc, err);
}

/* ---- words ---- */

void ns_notice_words(const struct ns_notice *n, enum ns_lang lang, struct ns_buf *title, struct ns_buf *text) {
    static const struct {
        enum ns_msg title, text;
    } rows[NS_NOTICE_COUNT] = {
        [NS_NOTICE_OUT_OF_STOCK] = {NS_MSG_notice_out_title, NS_MSG_notice_out},
        [NS_NOTICE_LOW_STOCK] = {NS_MSG_notice_low_title, NS_MSG_notice_low_other},
        [NS_NOTICE_ORDER_NOW] = {NS_MSG_notice_order_title, NS_MSG_notice_order},
        [NS_NOTICE_EXPIRING] = {NS_MSG_notice_expiring_title, NS_MSG_notice_expiring_other},
        [NS_NOTICE_NO_CHANGE] = {NS_MSG_notice_change_title, NS_MSG_notice_change_other},
        [NS_NOTICE_BACKUP_FAILED] = {NS_MSG_notice_backup_title, NS_MSG_notice_backup},
        [NS_NOTICE_DEVICE_PAIRED] = {NS_MSG_notice_device_title, NS_MSG_notice_device},
        [NS_NOTICE_TRIAL_ENDS] = {NS_MSG_notice_plan_title, NS_MSG_notice_trial_ends},
        [NS_NOTICE_TRIAL_ENDED] = {NS_MSG_notice_plan_title, NS_MSG_notice_trial_ended},
        [NS_NOTICE_RENEWAL] = {NS_MSG_notice_plan_title, NS_MSG_notice_renewal},
        [NS_NOTICE_PAYMENT_FAILED] = {NS_MSG_notice_payment_title, NS_MSG_notice_payment},
        [NS_NOTICE_GRACE_OVER] = {NS_MSG_notice_payment_title, NS_MSG_notice_grace_over},
        [NS_NOTICE_SECOND_SUBSCRIPTION] = {NS_MSG_notice_plan_title, NS_MSG_notice_second},
        [NS_NOTICE_PLAN_NEWS] = {NS_MSG_notice_plan_title, NS_MSG_notice_plan_news},
        [NS_NOTICE_TEST] = {NS_MSG_notice_test_title, NS_MSG_notice_test},
    };
    char amount[24], day[NS_DATE_TEXT] = "";
    enum ns_msg id = rows[n->kind].text;
    snprintf(amount, sizeof amount, "%lld", (long long)n->amount);
    if (n->day != NS_DATE_NONE) {
        ns_date_format(n->day, day);
    }
    if (n->kind == NS_NOTICE_LOW_STOCK) {
        id = n->amount == 0 ? NS_MSG_notice_low_today
                            : ns_msg_plural(lang, n->amount, NS_MSG_notice_low_one, NS_MSG_notice_low_other);
    } else if (n->kind == NS_NOTICE_EXPIRING) {
        id = ns_msg_plural(lang, n->amount, NS_MSG_notice_expiring_one, NS_MSG_notice_expiring_other);
    } else if (n->kind == NS_NOTICE_NO_CHANGE) {
        id = ns_msg_plural(lang, n->amount, NS_MSG_notice_change_one, NS_MSG_notice_change_other);
    }
    NS_MSG_TO(title, lang, rows[n->kind].title, NULL);
    NS_MSG_TO(text, lang, id, n->child_name != NULL ? n->child_name : n->words != NULL ? n->words : "", amount, day);
}
