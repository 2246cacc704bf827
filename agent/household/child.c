#include "agent/household/act.h"
#include "shared/text/utf8.h"

#define DAYS_AHEAD_MAX 270
#define YEARS_BACK_MAX 10
#define BRANDS_MAX 20

static const char *const field_names[] = {
    "name", "dateOfBirth", "gender", "currentDiaperSize", "currentWeightKg", "currentHeightCm",
    "dailyUsageCount", "hasSensitiveSkin", "hasAllergies", "allergiesNotes", "preferredBrands",
    "specialNeeds"};

/* {"fields":["name","gender"]}: which, never what. */
static const char *fields_json(const struct ns_act *act, uint32_t set) {
    struct ns_buf b = NS_BUF(1024);
    ns_buf_text(&b, "{\"fields\":[");
    for (size_t i = 0, n = 0; i < NS_COUNT(field_names); i++) {
        if ((set & (1u << i)) != 0) {
            ns_buf_fmt(&b, "%s\"%s\"", n++ > 0 ? "," : "", field_names[i]);
        }
    }
    ns_buf_text(&b, "]}");
    char *copy = ns_arena_copy(act->arena, ns_buf_view(&b));
    ns_buf_fini(&b);
    return copy;
}

static ns_rc check_birth(const struct ns_act *act, ns_date birth, struct ns_err *err) {
    ns_date today = ns_act_today(act);
    char text[NS_DATE_TEXT], bound[NS_DATE_TEXT];
    if (birth == NS_DATE_NONE) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_hh_birth_missing, NULL, NULL, NULL);
    }
    if (birth > today + DAYS_AHEAD_MAX) {
        ns_date_format(birth, text);
        ns_date_format(today + DAYS_AHEAD_MAX, bound);
        return ns_err_say(err, NS_E_INPUT, NS_MSG_hh_birth_ahead, text, bound, NULL);
    }
    if (birth < today - YEARS_BACK_MAX * 366) {
        ns_date_format(birth, text);
        ns_date_format(today - YEARS_BACK_MAX * 366, bound);
        return ns_err_say(err, NS_E_INPUT, NS_MSG_hh_birth_old, text, bound, NULL);
    }
    return NS_OK;
}

static ns_rc brands(const struct ns_act *act, const struct ns_child_input *in, struct ns_child *c,
                    struct ns_err *err) {
    if (in->brand_count > BRANDS_MAX) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_hh_brands_many, "20", NULL, NULL);
    }
    c->brand_count = in->brand_count;
    c->preferred_brands = NULL;
    if (in->brand_count <= 0) {
        return NS_OK;
    }
    const char **list = NS_NEW_N(act->arena, const char *, (size_t)in->brand_count);
    for (int i = 0; i < in->brand_count; i++) {
        ns_rc rc = act_text(act, in->preferred_brands[i], 100, true, NS_MSG_hh_field_brand,
                            &list[i], err);
        if (rc != NS_OK) {
            return rc;
        }
    }
    c->preferred_brands = list;
    return NS_OK;
}

static ns_rc check_numbers(const struct ns_act *act, const struct ns_child_input *in,
                           struct ns_child *c, struct ns_err *err) {
    ns_rc rc = NS_OK;
    char shown[16];
    if ((in->set & NS_CHILD_BIRTH) != 0) {
        rc = check_birth(act, in->date_of_birth, err);
        c->date_of_birth = in->date_of_birth;
    }
    if (rc == NS_OK && (in->set & NS_CHILD_WEIGHT) != 0) {
        rc = act_measure(in->weight_kg, 0.3, 40, 1000, NS_MSG_hh_weight_range, &c->weight_g, err);
    }
    if (rc == NS_OK && (in->set & NS_CHILD_HEIGHT) != 0) {
        rc = act_measure(in->height_cm, 20, 150, 10, NS_MSG_hh_height_range, &c->height_mm, err);
    }
    if (rc == NS_OK && (in->set & NS_CHILD_DAILY) != 0) {
        if (in->daily_usage_count < 1 || in->daily_usage_count > 20) {
            snprintf(shown, sizeof shown, "%d", in->daily_usage_count);
            rc = ns_err_say(err, NS_E_INPUT, NS_MSG_hh_daily_range, shown, "1", "20");
        }
        c->daily_usage_count = in->daily_usage_count;
    }
    return rc;
}

/* Checks what was given and puts it into c. */
static ns_rc take_input(const struct ns_act *act, const struct ns_child_input *in,
                        struct ns_child *c, struct ns_err *err) {
    ns_rc rc = NS_OK;
    if ((in->set & NS_CHILD_NAME) != 0) {
        rc = act_text(act, in->name, 100, true, NS_MSG_hh_field_child_name, &c->name, err);
        if (rc == NS_OK && !ns_utf8_has_letter(ns_str_of(c->name))) {
            rc = ns_err_say(err, NS_E_INPUT, NS_MSG_hh_child_name_odd, c->name, NULL, NULL);
        }
    }
    if (rc == NS_OK) {
        rc = check_numbers(act, in, c, err);
    }
    if (rc == NS_OK && (in->set & NS_CHILD_ALLERGY_NOTES) != 0) {
        rc = act_text(act, in->allergies_notes, 2000, false, NS_MSG_hh_field_notes,
                      &c->allergies_notes, err);
    }
    if (rc == NS_OK && (in->set & NS_CHILD_NEEDS) != 0) {
        rc = act_text(act, in->special_needs, 2000, false, NS_MSG_hh_field_notes,
                      &c->special_needs, err);
    }
    if (rc == NS_OK && (in->set & NS_CHILD_BRANDS) != 0) {
        rc = brands(act, in, c, err);
    }
    if ((in->set & NS_CHILD_GENDER) != 0) {
        c->gender = in->gender;
    }
    if ((in->set & NS_CHILD_SIZE) != 0) {
        c->current_size = in->current_size;
    }
    if ((in->set & NS_CHILD_SKIN) != 0) {
        c->has_sensitive_skin = in->has_sensitive_skin;
    }
    if ((in->set & NS_CHILD_ALLERGIES) != 0) {
        c->has_allergies = in->has_allergies;
    }
    return rc;
}

ns_rc ns_child_create(const struct ns_act *act, const struct ns_child_input *in,
                      struct ns_child *out, ns_id *action, struct ns_err *err) {
    struct ns_child_input given = *in;
    struct ns_household home;
    bool found = false;
    given.set |= NS_CHILD_NAME | NS_CHILD_BIRTH | NS_CHILD_SIZE; /* required */
    if ((in->set & NS_CHILD_BIRTH) == 0) {
        given.date_of_birth = NS_DATE_NONE;
    }
    *out = (struct ns_child){
        .id = ns_id_new(act->env),
        .gender = NS_NONE,
        .weight_g = NS_NONE,
        .height_mm = NS_NONE,
        .daily_usage_count = 8,
        .brand_count = NS_NONE,
        .created_at = act->now,
    };
    if ((in->set & NS_CHILD_SIZE) == 0) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_hh_size_missing, NULL, NULL, NULL);
    }
    ns_rc rc = take_input(act, &given, out, err);
    if (rc != NS_OK || (rc = ns_db_begin(act->db, err)) != NS_OK) {
        return rc;
    }
    rc = ns_row_household(act->db, act->arena, &home, &found, err);
    if (rc == NS_OK && !found) {
        rc = ns_err_say(err, NS_E_NOT_SET_UP, NS_MSG_hh_not_set_up, NULL, NULL, NULL);
    }
    if (rc == NS_OK) {
        rc = ns_row_child_add(act->db, out, err);
    }
    if (rc == NS_OK) {
        rc = act_undoable(act, NS_ACTION_CHILD, "CHILD_NEW", out->id, out->id, "{}", action, err);
    }
    if (rc == NS_OK) {
        rc = act_audit(act, "CHILD_CREATED", "child", out->id, fields_json(act, given.set), err);
    }
    return act_end(act, rc, err);
}

ns_rc ns_child_update(const struct ns_act *act, ns_id child, const struct ns_child_input *in,
                      struct ns_child *out, ns_id *action, struct ns_err *err) {
    const char *was = NULL;
    ns_rc rc = ns_db_begin(act->db, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = act_child(act, child, out, err);
    if (rc == NS_OK) {
        rc = take_input(act, in, out, err);
    }
    if (rc == NS_OK) {
        rc = ns_row_child_json(act->db, child, act->arena, &was, err);
    }
    if (rc == NS_OK) {
        rc = ns_row_child_write(act->db, out, act->now, err);
    }
    if (rc == NS_OK) {
        rc = act_undoable(act, NS_ACTION_CHILD, "CHILD_CHANGE", child, child, was, action, err);
    }
    if (rc == NS_OK) {
        rc = act_audit(act, "CHILD_UPDATED", "child", child, fields_json(act, in->set), err);
    }
    return act_end(act, rc, err);
}

ns_rc ns_child_get(struct ns_db *db, ns_id child, struct ns_arena *arena, struct ns_child *out,
                   struct ns_err *err) {
    bool found = false;
    ns_rc rc = ns_row_child(db, child, arena, out, &found, err);
    if (rc == NS_OK && !found) {
        rc = ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_hh_child_unknown, NULL, NULL, NULL);
    }
    return rc;
}

ns_rc ns_child_list(struct ns_db *db, struct ns_arena *arena, const struct ns_child **out,
                    int *count, struct ns_err *err) {
    struct ns_child *list = NULL;
    ns_rc rc = ns_row_children(db, arena, &list, count, err);
    *out = list;
    return rc;
}

int ns_child_age_days(const struct ns_child *child, ns_date today) {
    return today > child->date_of_birth ? today - child->date_of_birth : 0;
}

int ns_child_age_months(const struct ns_child *child, ns_date today) {
    if (today <= child->date_of_birth) {
        return 0;
    }
    struct ns_civil b = ns_date_civil(child->date_of_birth), t = ns_date_civil(today);
    int last = ns_month_days(t.year, t.month);
    int due = b.day > last ? last : b.day; /* born on the 31st: the last day of short months */
    return (t.year - b.year) * 12 + t.month - b.month - (t.day < due ? 1 : 0);
}
