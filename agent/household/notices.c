#include "agent/household/notices.h"

#include "agent/household/act.h"
#include "agent/household/prediction.h"
#include "agent/store/money.h"

#define NEWS_DAYS 7 /* an event older than this is no news any more */
#define MOST_FACTS 256

/* One thing that is so. */
struct fact {
    enum ns_notice_kind kind;
    const char *subject;
    ns_id child;
    int64_t amount;
    ns_date day;
    const char *words;
};
struct facts {
    struct fact list[MOST_FACTS];
    int count;
};

enum ns_notice_priority ns_notice_priority(enum ns_notice_kind kind) {
    if (kind == NS_NOTICE_OUT_OF_STOCK || kind == NS_NOTICE_PAYMENT_FAILED || kind == NS_NOTICE_GRACE_OVER) {
        return NS_NOTICE_CRITICAL;
    }
    return kind == NS_NOTICE_EXPIRING || kind == NS_NOTICE_NO_CHANGE || kind == NS_NOTICE_TEST ? NS_NOTICE_OPTIONAL
                                                                                                : NS_NOTICE_IMPORTANT;
}

static bool is_state(enum ns_notice_kind kind) {
    return kind <= NS_NOTICE_BACKUP_FAILED;
}

bool ns_notice_wanted(const struct ns_notice_preferences *p, enum ns_notice_kind kind) {
    static const uint32_t by_priority[] = {NS_NOTIFY_CRITICAL, NS_NOTIFY_IMPORTANT, NS_NOTIFY_OPTIONAL};
    uint32_t need = NS_NOTIFY_ON | by_priority[ns_notice_priority(kind)];
    need |= kind == NS_NOTICE_OUT_OF_STOCK || kind == NS_NOTICE_LOW_STOCK || kind == NS_NOTICE_ORDER_NOW
                ? (uint32_t)NS_NOTIFY_STOCK : 0;
    need |= kind == NS_NOTICE_EXPIRING ? (uint32_t)NS_NOTIFY_EXPIRY : 0;
    need |= kind == NS_NOTICE_NO_CHANGE ? (uint32_t)NS_NOTIFY_CHANGE : 0;
    return (p->switches & need) == need;
}

static bool is_quiet(const struct ns_notice_preferences *p, int minute) {
    if ((p->switches & NS_NOTIFY_QUIET) == 0 || p->quiet_from == NS_NONE || p->quiet_until == NS_NONE) {
        return false;
    }
    return p->quiet_from <= p->quiet_until ? minute >= p->quiet_from && minute < p->quiet_until
                                           : minute >= p->quiet_from || minute < p->quiet_until;
}

bool ns_notice_may(const struct ns_notice_preferences *p, enum ns_notice_priority priority,
                   int local_minute, int told) {
    return priority == NS_NOTICE_CRITICAL || (!is_quiet(p, local_minute) && told < p->daily_limit);
}

/* ---- what is so ---- */

static void add(struct facts *f, struct fact fact) {
    if (f->count < MOST_FACTS) {
        f->list[f->count++] = fact;
    }
}

static const char *of_child(const struct ns_act *act, ns_id id) {
    char text[NS_ID_TEXT];
    ns_id_format(id, text);
    return ns_arena_copy(act->arena, ns_str_of(text));
}

static ns_rc expiring(const struct ns_act *act, ns_id child, int days, struct facts *f, struct ns_err *err) {
    struct ns_item_page page;
    ns_date today = ns_act_today(act), soonest = NS_DATE_NONE;
    int64_t pieces = 0;
    ns_rc rc = ns_item_list(act->db, child, NS_NONE, 500, 0, act->arena, &page, err);
    for (int i = 0; rc == NS_OK && i < page.count; i++) {
        const struct ns_inventory_item *item = &page.items[i];
        ns_date day = item->expiry_date == NS_TIME_NONE ? NS_DATE_NONE : ns_zone_local_day(act->zone, item->expiry_date);
        if (day != NS_DATE_NONE && day >= today && day <= today + days && item->quantity_remaining > 0) {
            pieces += item->quantity_remaining;
            soonest = soonest == NS_DATE_NONE || day < soonest ? day : soonest;
        }
    }
    if (rc == NS_OK && pieces > 0) {
        add(f, (struct fact){NS_NOTICE_EXPIRING, of_child(act, child), child, pieces, soonest, NULL});
    }
    return rc;
}

static void changes(const struct ns_act *act, const struct ns_child *child, const struct ns_dashboard *d,
                    int hours, struct facts *f) {
    ns_time since = d->last_change == NS_TIME_NONE ? 0 : act->now - d->last_change;
    if (since >= hours * NS_HOUR && since < NS_DAY) { /* whoever logs no longer is not reminded for ever */
        add(f, (struct fact){NS_NOTICE_NO_CHANGE, of_child(act, child->id), child->id, hours, NS_DATE_NONE, NULL});
    }
}

static ns_rc order_now(const struct ns_act *act, const struct ns_child *child, struct facts *f,
                       struct ns_err *err) {
    struct ns_prediction *p = NULL;
    int count = 0;
    int64_t total = 0;
    ns_date today = ns_act_today(act);
    ns_rc rc = ns_row_predictions(act->db, child->id, 1, act->arena, &p, &count, &total, err);
    if (rc == NS_OK && count > 0 && act->now - p[0].created_at < NEWS_DAYS * NS_DAY &&
        p[0].recommended_reorder_date != NS_DATE_NONE && p[0].recommended_reorder_date <= today &&
        p[0].predicted_runout_date != NS_DATE_NONE && p[0].predicted_runout_date > today) {
        add(f, (struct fact){NS_NOTICE_ORDER_NOW, of_child(act, child->id), child->id, 0,
                             p[0].predicted_runout_date, NULL});
    }
    return rc;
}

static ns_rc about_child(const struct ns_act *act, const struct ns_child *child,
                         const struct ns_notice_preferences *p, struct facts *f, struct ns_err *err) {
    struct ns_dashboard d;
    int64_t left = 0;
    bool ever = false;
    ns_rc rc = ns_household_dashboard(act, child->id, &d, err);
    if (rc == NS_OK) {
        rc = ns_household_usable_stock(act->db, child->id, child->current_size, ns_act_today(act), &left, &ever, err);
    }
    if (rc != NS_OK) {
        return rc;
    }
    if (ever && left <= 0) {
        add(f, (struct fact){NS_NOTICE_OUT_OF_STOCK, of_child(act, child->id), child->id, 0, NS_DATE_NONE, NULL});
    } else if (ever && d.has_days_remaining && d.days_remaining <= p->stock_days) {
        add(f, (struct fact){NS_NOTICE_LOW_STOCK, of_child(act, child->id), child->id, d.days_remaining,
                             NS_DATE_NONE, NULL});
    } else {
        rc = order_now(act, child, f, err);
    }
    changes(act, child, &d, p->change_hours, f);
    return rc == NS_OK ? expiring(act, child->id, p->expiry_days, f, err) : rc;
}

/* Without consent nothing is made from children's data. */
static ns_rc about_children(const struct ns_act *act, const struct ns_notice_preferences *p,
                            struct facts *f, struct ns_err *err) {
    const struct ns_child *list = NULL;
    struct ns_err why = {0};
    int count = 0;
    ns_rc rc = ns_consent_need(act->db, act->now, NS_CONSENT_CHILD_DATA, &why);
    if (rc == NS_E_CONSENT) {
        return NS_OK;
    }
    rc = rc == NS_OK ? ns_child_list(act->db, act->arena, &list, &count, err) : rc;
    for (int i = 0; rc == NS_OK && i < count; i++) {
        rc = about_child(act, &list[i], p, f, err);
    }
    return rc;
}

static ns_rc about_devices(const struct ns_act *act, struct facts *f, struct ns_err *err) {
    const struct ns_device *list = NULL;
    int count = 0;
    ns_rc rc = ns_device_list(act->db, act->arena, &list, &count, err);
    for (int i = 0; rc == NS_OK && i < count; i++) {
        bool here = list[i].last_address != NULL && strcmp(list[i].last_address, "unix") == 0;
        if (!here && act->now - list[i].paired_at < NEWS_DAYS * NS_DAY) {
            add(f, (struct fact){NS_NOTICE_DEVICE_PAIRED, of_child(act, list[i].id), {{0}}, 0, NS_DATE_NONE,
                                 list[i].name});
        }
    }
    return rc;
}

static ns_rc about_plan(const struct ns_act *act, struct facts *f, struct ns_err *err) {
    struct ns_notice_row *list = NULL;
    int count = 0;
    ns_rc rc = ns_row_notices(act->db, act->now - NEWS_DAYS * NS_DAY, 100, act->arena, &list, &count, err);
    for (int i = 0; rc == NS_OK && i < count; i++) {
        enum ns_notice_kind kind;
        if (!ns_notice_kind_parse(ns_str_of(list[i].kind), &kind) || kind < NS_NOTICE_TRIAL_ENDS) {
            kind = NS_NOTICE_PLAN_NEWS;
        }
        add(f, (struct fact){kind, ns_arena_printf(act->arena, "%s %s", list[i].kind, list[i].subject), {{0}}, 0,
                             NS_DATE_NONE, NULL});
    }
    return rc;
}

static ns_rc gather(const struct ns_act *act, const struct ns_notice_reader *who,
                    const struct ns_notice_preferences *p, bool backup_failed, struct facts *f,
                    struct ns_err *err) {
    ns_rc rc = who->role == NS_ROLE_INSTITUTIONAL ? NS_OK : about_children(act, p, f, err);
    if (rc == NS_OK && who->role == NS_ROLE_FAMILY_CORE) {
        rc = about_devices(act, f, err);
        rc = rc == NS_OK ? about_plan(act, f, err) : rc;
        if (backup_failed) {
            add(f, (struct fact){NS_NOTICE_BACKUP_FAILED, "home", {{0}}, 0, NS_DATE_NONE, NULL});
        }
    }
    return rc;
}

/* ---- what is told ---- */

static const struct fact *fact_of(const struct facts *f, const struct ns_notice *n) {
    for (int i = 0; i < f->count; i++) {
        if (f->list[i].kind == n->kind && strcmp(f->list[i].subject, n->subject) == 0) {
            return &f->list[i];
        }
    }
    return NULL;
}

static bool stands(const struct ns_notice *list, int count, const struct fact *fact) {
    for (int i = 0; i < count; i++) {
        if (list[i].kind == fact->kind && strcmp(list[i].subject, fact->subject) == 0) {
            return true;
        }
    }
    return false;
}

static ns_rc need_transaction(const struct ns_act *act, struct ns_err *err) {
    return ns_db_in_transaction(act->db) ? NS_OK : ns_db_begin(act->db, err);
}

static ns_rc write_one(const struct ns_act *act, const struct ns_notice_preferences *p,
                       struct ns_notice *n, struct ns_err *err) {
    struct ns_notice_token *tokens = NULL;
    int token_count = 0;
    ns_rc rc = need_transaction(act, err);
    if (rc == NS_OK) {
        rc = ns_row_notice_add(act->db, n, err);
    }
    if (rc == NS_OK) {
        rc = ns_row_notice_tokens(act->db, p->user_id, act->arena, &tokens, &token_count, err);
    }
    /* Channels that somebody asked for and the agent has not are written down as what they are. */
    const bool asked[] = {[NS_NOTICE_BY_PUSH] = token_count > 0 && (p->switches & NS_NOTIFY_PUSH) != 0,
                          [NS_NOTICE_BY_EMAIL] = !ns_id_is_zero(p->id) && p->consent_at != NS_TIME_NONE &&
                                                 (p->switches & NS_NOTIFY_EMAIL) != 0,
                          [NS_NOTICE_BY_SMS] = (p->switches & NS_NOTIFY_SMS) != 0};
    for (int c = 0; rc == NS_OK && c < NS_NOTICE_BY_IN_APP; c++) {
        if (asked[c]) {
            struct ns_notice copy = *n;
            copy.id = ns_id_new(act->env);
            copy.channel = (enum ns_notice_channel)c;
            copy.status = NS_NOTICE_IS_FAILED;
            copy.delivered_at = NS_TIME_NONE;
            rc = ns_row_notice_add(act->db, &copy, err);
        }
    }
    return rc;
}

static ns_rc tell(const struct ns_act *act, const struct ns_notice_preferences *p, const struct facts *f,
                  bool *changed, struct ns_err *err) {
    struct ns_notice *now = NULL;
    int count = 0;
    ns_rc rc = ns_row_notice_standing(act->db, p->user_id, act->arena, &now, &count, err);
    for (int i = 0; rc == NS_OK && i < count; i++) {
        if (is_state(now[i].kind) && fact_of(f, &now[i]) == NULL) {
            rc = need_transaction(act, err);
            rc = rc == NS_OK ? ns_row_notice_end(act->db, now[i].id, act->now, err) : rc;
        }
    }
    for (int i = 0; rc == NS_OK && i < f->count; i++) {
        const struct fact *fact = &f->list[i];
        if (!ns_notice_wanted(p, fact->kind) || stands(now, count, fact)) {
            continue;
        }
        struct ns_notice n = {.id = ns_id_new(act->env), .user_id = p->user_id, .kind = fact->kind,
                              .subject = fact->subject, .child_id = fact->child, .amount = fact->amount,
                              .day = fact->day, .words = fact->words, .channel = NS_NOTICE_BY_IN_APP,
                              .status = NS_NOTICE_IS_PENDING, .created_at = act->now,
                              .delivered_at = NS_TIME_NONE};
        rc = write_one(act, p, &n, err);
        *changed = true;
    }
    return rc;
}

static uint32_t not_critical(void) {
    uint32_t kinds = 0;
    for (int k = 0; k < NS_NOTICE_COUNT; k++) {
        kinds |= ns_notice_priority((enum ns_notice_kind)k) == NS_NOTICE_CRITICAL ? 0 : 1U << k;
    }
    return kinds;
}

/* What waits goes out once it may. */
static ns_rc deliver(const struct ns_act *act, const struct ns_notice_preferences *p, bool *changed,
                     struct ns_err *err) {
    struct ns_notice *list = NULL;
    const struct ns_zone *own = p->timezone == NULL ? NULL : ns_zone_find(p->timezone);
    const struct ns_zone *zone = own != NULL ? own : act->zone;
    int count = 0, told = 0;
    ns_rc rc = ns_row_notice_waiting(act->db, p->user_id, act->arena, &list, &count, err);
    if (rc == NS_OK && count > 0) {
        rc = ns_row_notice_told(act->db, p->user_id, not_critical(),
                                ns_zone_day_start(zone, ns_zone_local_day(zone, act->now)), &told, err);
    }
    for (int i = 0; rc == NS_OK && i < count; i++) {
        enum ns_notice_priority priority = ns_notice_priority(list[i].kind);
        if (ns_notice_may(p, priority, ns_zone_local_minute(zone, act->now), told)) {
            told += priority != NS_NOTICE_CRITICAL;
            *changed = true;
            rc = need_transaction(act, err);
            rc = rc == NS_OK ? ns_row_notice_deliver(act->db, list[i].id, act->now, err) : rc;
        }
    }
    return rc;
}

static ns_rc look(const struct ns_act *act, bool backup_failed, bool *changed, struct ns_err *err) {
    struct ns_notice_reader *people = NULL;
    int count = 0;
    int64_t old = 0;
    ns_time horizon = act->now - NS_NOTICES_KEPT_DAYS * NS_DAY;
    ns_rc rc = ns_row_notice_readers(act->db, act->arena, &people, &count, err);
    for (int i = 0; rc == NS_OK && i < count; i++) {
        struct ns_notice_preferences p;
        struct facts *f = NS_NEW(act->arena, struct facts);
        rc = ns_row_notice_preferences(act->db, people[i].user, act->arena, &p, err);
        rc = rc == NS_OK ? gather(act, &people[i], &p, backup_failed, f, err) : rc;
        rc = rc == NS_OK ? tell(act, &p, f, changed, err) : rc;
        rc = rc == NS_OK ? deliver(act, &p, changed, err) : rc;
    }
    rc = rc == NS_OK ? ns_row_notices_older(act->db, horizon, &old, err) : rc;
    if (rc == NS_OK && old > 0) {
        rc = need_transaction(act, err);
        rc = rc == NS_OK ? ns_row_notices_drop(act->db, horizon, err) : rc;
    }
    return rc;
}

ns_rc ns_notices_look(const struct ns_act *act, bool backup_failed, bool *changed, struct ns_err *err) {
    *changed = false;
    ns_rc rc = look(act, backup_failed, changed, err);
    return ns_db_in_transaction(act->db) ? act_end(act, rc, err) : rc;
}

ns_rc ns_notice_test(const struct ns_act *act, const char *message, struct ns_notice *out,
                     struct ns_err *err) {
    struct ns_notice_preferences p;
    const char *words = NULL;
    char own[NS_ID_TEXT];
    ns_rc rc = act_text(act, message, 500, true, NS_MSG_hh_field_message, &words, err);
    *out = (struct ns_notice){.id = ns_id_new(act->env), .user_id = act->actor.user, .kind = NS_NOTICE_TEST,
                              .words = words, .day = NS_DATE_NONE, .channel = NS_NOTICE_BY_IN_APP,
                              .status = NS_NOTICE_IS_DELIVERED, .created_at = act->now, .delivered_at = act->now,
                              .opened_at = NS_TIME_NONE, .clicked_at = NS_TIME_NONE, .dismissed_at = NS_TIME_NONE};
    ns_id_format(out->id, own);
    out->subject = own;
    rc = rc == NS_OK ? ns_row_notice_preferences(act->db, act->actor.user, act->arena, &p, err) : rc;
    if (rc == NS_OK && (p.switches & NS_NOTIFY_ON) == 0) {
        rc = ns_err_say(err, NS_E_CONFLICT, NS_MSG_hh_notices_off, NULL, NULL, NULL);
    }
    if (rc != NS_OK || (rc = ns_db_begin(act->db, err)) != NS_OK) {
        return rc;
    }
    rc = write_one(act, &p, out, err);
    out->subject = NULL;
    return act_end(act, rc, err);
}

ns_rc ns_notice_mark(const struct ns_act *act, ns_id id, enum ns_notice_seen how, struct ns_err *err) {
    struct ns_notice n;
    bool mine = false;
    ns_rc rc = ns_db_begin(act->db, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = ns_row_notice_find(act->db, act->actor.user, id, act->arena, &n, &mine, err);
    if (rc == NS_OK && !mine) {
        rc = ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_hh_notice_unknown, NULL, NULL, NULL);
    }
    if (rc == NS_OK) {
        rc = ns_row_notice_seen(act->db, id, how == NS_NOTICE_DISMISSED ? NS_TIME_NONE : act->now,
                                how == NS_NOTICE_CLICKED ? act->now : NS_TIME_NONE,
                                how == NS_NOTICE_DISMISSED ? act->now : NS_TIME_NONE, err);
    }
    return act_end(act, rc, err);
}
