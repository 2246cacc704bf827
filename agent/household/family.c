/* family.c: weights, marks in the calendar, birth before term, delivery times. */
#include "agent/household/act.h"

#include "agent/forecast/size.h"

#define AHEAD_MAX 366
#define EARLY_MAX 125 /* days: a child born at 22 weeks */
#define DELIVERY_MAX 14

/* A whole day between birth and `ahead` days from now. */
static ns_rc check_day(const struct ns_act *act, const struct ns_child *child, ns_date day, int ahead,
                       struct ns_err *err) {
    char text[NS_DATE_TEXT];
    ns_date_format(day, text);
    if (day < child->date_of_birth - 1) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_hh_day_before_birth, text, NULL, NULL);
    }
    if (day > ns_act_today(act) + ahead) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_hh_day_ahead, text, NULL, NULL);
    }
    return NS_OK;
}

/* The child of the act, inside a transaction and with the consent that its data needs. */
static ns_rc begin(const struct ns_act *act, ns_id id, struct ns_child *child, struct ns_err *err) {
    ns_rc rc = ns_db_begin(act->db, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = ns_consent_need(act->db, act->now, NS_CONSENT_CHILD_DATA, err);
    return rc == NS_OK ? act_child(act, id, child, err) : rc;
}

/* Pounds taken for kilograms, a slipped comma, another child's weight: far from any child of that age. A child born early
 * may weigh little for long. */
static ns_rc check_weight(const struct ns_child *child, const struct ns_measurement *m, struct ns_err *err) {
    int age = m->local_day - child->date_of_birth;
    double usual = ns_size_median(NS_FORECAST_SEX_UNKNOWN, age);
    double most = usual * (age < 730 ? 2 : 3);
    if (m->weight_g == NS_NONE || (m->weight_g >= usual * (age < 90 ? 0.08 : 0.25) && m->weight_g <= most)) {
        return NS_OK;
    }
    char shown[32], about[32];
    snprintf(shown, sizeof shown, "%g", m->weight_g / 1000.0);
    snprintf(about, sizeof about, "%d", (int)lround(usual / 1000));
    return ns_err_say(err, NS_E_INPUT, NS_MSG_hh_weight_age, shown, about, NULL);
}

static ns_rc write_measurement(const struct ns_act *act, const struct ns_measurement *m, struct ns_err *err) {
    ns_date last = NS_DATE_NONE;
    ns_rc rc = ns_row_measured_last(act->db, m->child_id, &last, err);
    if (rc == NS_OK) {
        rc = ns_row_measurement_add(act->db, m, err);
    }
    if (rc == NS_OK && (last == NS_DATE_NONE || m->local_day >= last)) {
        rc = ns_row_child_measured(act->db, m, act->now, err);
    }
    return rc == NS_OK ? act_audit(act, "MEASUREMENT_ADDED", "child", m->child_id, NULL, err) : rc;
}

ns_rc ns_measurement_add(const struct ns_act *act, const struct ns_measure_input *in,
                         struct ns_measurement *out, struct ns_err *err) {
    struct ns_child child;
    *out = (struct ns_measurement){.id = ns_id_new(act->env), .child_id = in->child_id, .created_at = act->now};
    out->local_day = in->day == NS_DATE_NONE ? ns_act_today(act) : in->day;
    ns_rc rc = act_measure(in->weight_kg, 0.3, 40, 1000, NS_MSG_hh_weight_range, &out->weight_g, err);
    if (rc == NS_OK) {
        rc = act_measure(in->height_cm, 20, 150, 10, NS_MSG_hh_height_range, &out->height_mm, err);
    }
    if (rc == NS_OK && out->weight_g == NS_NONE && out->height_mm == NS_NONE) {
        rc = ns_err_say(err, NS_E_INPUT, NS_MSG_hh_nothing_measured, NULL, NULL, NULL);
    }
    if (rc != NS_OK) {
        return rc;
    }
    rc = begin(act, in->child_id, &child, err);
    if (rc == NS_OK) {
        rc = check_day(act, &child, out->local_day, 0, err);
    }
    if (rc == NS_OK) {
        rc = check_weight(&child, out, err);
    }
    return act_end(act, rc == NS_OK ? write_measurement(act, out, err) : rc, err);
}

ns_rc ns_measurement_list(struct ns_db *db, ns_id child, struct ns_arena *arena,
                          const struct ns_measurement **out, int *count, struct ns_err *err) {
    struct ns_measurement *list = NULL;
    ns_rc rc = ns_row_measurements(db, child, arena, &list, count, err);
    *out = list;
    return rc;
}

static ns_rc check_mark(const struct ns_act *act, const struct ns_child *child, const struct ns_mark *m,
                        struct ns_err *err) {
    bool open = m->last_day == NS_DATE_NONE;
    ns_rc rc = check_day(act, child, m->first_day, AHEAD_MAX, err);
    if (rc == NS_OK && open && m->kind != NS_CHILD_MARK_DAYCARE) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_hh_mark_open, NULL, NULL, NULL);
    }
    if (rc == NS_OK && !open) {
        rc = check_day(act, child, m->last_day, 5 * AHEAD_MAX, err);
    }
    if (rc == NS_OK && !open && m->last_day < m->first_day) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_hh_mark_order, NULL, NULL, NULL);
    }
    if (rc == NS_OK && (m->weekdays < 0 || m->weekdays > 127)) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_hh_mark_weekdays, NULL, NULL, NULL);
    }
    return rc;
}

ns_rc ns_mark_add(const struct ns_act *act, const struct ns_mark *in, struct ns_mark *out,
                  struct ns_err *err) {
    struct ns_child child;
    *out = *in;
    out->id = ns_id_new(act->env);
    out->created_at = act->now;
    ns_rc rc = begin(act, in->child_id, &child, err);
    if (rc == NS_OK) {
        rc = check_mark(act, &child, out, err);
    }
    if (rc == NS_OK) {
        rc = ns_row_mark_add(act->db, out, err);
    }
    if (rc == NS_OK) {
        rc = act_audit(act, "MARK_ADDED", "child", in->child_id,
                       ns_arena_printf(act->arena, "{\"kind\":\"%s\"}", ns_child_mark_name(out->kind)), err);
    }
    return act_end(act, rc, err);
}

ns_rc ns_mark_remove(const struct ns_act *act, ns_id id, ns_id *child, struct ns_err *err) {
    struct ns_mark mark = {0};
    bool found = false;
    ns_rc rc = ns_db_begin(act->db, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = ns_row_mark(act->db, id, &mark, &found, err);
    if (rc == NS_OK && !found) {
        rc = ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_hh_mark_unknown, NULL, NULL, NULL);
    }
    *child = mark.child_id;
    if (rc == NS_OK) {
        rc = ns_row_mark_drop(act->db, id, err);
    }
    if (rc == NS_OK) {
        rc = act_audit(act, "MARK_REMOVED", "child", mark.child_id, NULL, err);
    }
    return act_end(act, rc, err);
}

ns_rc ns_mark_list(struct ns_db *db, ns_id child, struct ns_arena *arena,
                   const struct ns_mark **out, int *count, struct ns_err *err) {
    struct ns_mark *list = NULL;
    ns_rc rc = ns_row_child_marks(db, child, arena, &list, count, err);
    *out = list;
    return rc;
}

ns_rc ns_child_days_early(struct ns_db *db, ns_id child, int *out, struct ns_err *err) {
    return ns_row_days_early(db, child, out, err);
}

ns_rc ns_child_set_days_early(const struct ns_act *act, ns_id id, int days, struct ns_err *err) {
    struct ns_child child;
    char shown[16], most[16];
    if (days < 0 || days > EARLY_MAX) {
        snprintf(shown, sizeof shown, "%d", days);
        snprintf(most, sizeof most, "%d", EARLY_MAX);
        return ns_err_say(err, NS_E_INPUT, NS_MSG_hh_early_range, shown, most, NULL);
    }
    ns_rc rc = begin(act, id, &child, err);
    if (rc == NS_OK) {
        rc = ns_row_days_early_set(act->db, id, days, err);
    }
    if (rc == NS_OK) {
        rc = act_audit(act, "BIRTH_TERM_SET", "child", id, NULL, err);
    }
    return act_end(act, rc, err);
}

ns_rc ns_delivery_get(struct ns_db *db, struct ns_delivery *out, bool *found, struct ns_err *err) {
    return ns_row_delivery(db, out, found, err);
}

ns_rc ns_delivery_set(const struct ns_act *act, const struct ns_delivery *in, struct ns_err *err) {
    if (in->early_days < 0 || in->usual_days < in->early_days || in->late_days < in->usual_days ||
        in->late_days > DELIVERY_MAX) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_hh_delivery_range, NULL, NULL, NULL);
    }
    ns_rc rc = ns_db_begin(act->db, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = ns_row_delivery_set(act->db, in, err);
    if (rc == NS_OK) {
        rc = act_audit(act, "DELIVERY_TIMES_SET", "household", (ns_id){{0}}, NULL, err);
    }
    return act_end(act, rc, err);
}
