#include "agent/household/preferences.h"

#include "agent/household/act.h"

#define MAX_ORDER_MOST ((ns_money)1000000)

static const char *const field_names[] = {
    "autoReorderEnabled", "reorderThresholdDays", "maxOrderAmountCad", "preferredRetailers",
    "preferredBrands", "sizePreferences", "preferredDeliveryDays", "deliveryInstructions",
    "emergencyContactOnDelivery", "notifyBeforeOrder", "notifyOrderPlaced", "notifyDeliveryUpdates",
    "notificationAdvanceHours", "useGrowthPrediction", "useSeasonalAdjustments",
    "predictionConfidenceThreshold"};

/* {"fields":["preferredBrands"]}: which, never what. */
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

static ns_rc out_of_range(int value, int msg, struct ns_err *err) {
    char shown[16];
    snprintf(shown, sizeof shown, "%d", value);
    return ns_err_say(err, NS_E_INPUT, msg, shown, NULL, NULL);
}

static ns_rc take_numbers(const struct ns_preferences_input *in, struct ns_preferences *p, struct ns_err *err) {
    const struct ns_preferences *to = &in->to;
    if ((in->set & NS_PREF_THRESHOLD_DAYS) != 0) {
        if (to->threshold_days < 1 || to->threshold_days > 60) {
            return out_of_range(to->threshold_days, NS_MSG_hh_pref_threshold, err);
        }
        p->threshold_days = to->threshold_days;
    }
    if ((in->set & NS_PREF_MAX_ORDER) != 0) {
        if (!in->max_order_read || to->max_order < 1 || to->max_order > MAX_ORDER_MOST) {
            return ns_err_say(err, NS_E_INPUT, NS_MSG_hh_pref_amount, NULL, NULL, NULL);
        }
        p->max_order = to->max_order;
    }
    if ((in->set & NS_PREF_ADVANCE) != 0) {
        if (to->advance_hours < 0 || to->advance_hours > 168) {
            return out_of_range(to->advance_hours, NS_MSG_hh_pref_advance, err);
        }
        p->advance_hours = to->advance_hours;
    }
    return NS_OK;
}

static ns_rc take_lists(const struct ns_act *act, const struct ns_preferences_input *in,
                        struct ns_preferences *p, struct ns_err *err) {
    if ((in->set & NS_PREF_RETAILERS) != 0) {
        unsigned seen = 0;
        p->retailer_count = 0;
        for (int i = 0; i < in->retailer_count; i++) {
            if ((seen & 1u << in->retailers[i]) == 0) {
                seen |= 1u << in->retailers[i];
                p->retailers[p->retailer_count++] = (enum ns_retailer_type)in->retailers[i];
            }
        }
    }
    if ((in->set & NS_PREF_DELIVERY_DAYS) != 0) {
        p->delivery_days = 0;
        for (int i = 0; i < in->delivery_day_count; i++) {
            int64_t day = in->delivery_days[i];
            if (day < 0 || day > 6) {
                return out_of_range((int)day, NS_MSG_hh_pref_days, err);
            }
            p->delivery_days |= 1 << day;
        }
    }
    if ((in->set & NS_PREF_BRANDS) != 0) {
        if (in->to.brand_count > NS_PREFERENCES_BRANDS) {
            return ns_err_say(err, NS_E_INPUT, NS_MSG_hh_brands_many, "20", NULL, NULL);
        }
        const char **list = NS_NEW_N(act->arena, const char *, (size_t)in->to.brand_count);
        for (int i = 0; i < in->to.brand_count; i++) {
            ns_rc rc = act_text(act, in->to.brands[i], 100, true, NS_MSG_hh_field_brand, &list[i], err);
            if (rc != NS_OK) {
                return rc;
            }
        }
        p->brands = list;
        p->brand_count = in->to.brand_count;
    }
    return NS_OK;
}

static ns_rc take_texts(const struct ns_act *act, const struct ns_preferences_input *in,
                        struct ns_preferences *p, struct ns_err *err) {
    if ((in->set & NS_PREF_SIZES) != 0) {
        if (!in->sizes_read || strlen(in->to.sizes) > NS_PREFERENCES_SIZES_MOST) {
            return ns_err_say(err, NS_E_INPUT, NS_MSG_hh_pref_sizes, NULL, NULL, NULL);
        }
        p->sizes = in->to.sizes;
    }
    return (in->set & NS_PREF_INSTRUCTIONS) == 0
               ? NS_OK : act_text(act, in->to.instructions != NULL ? in->to.instructions : "", 500, false,
                                  NS_MSG_hh_field_instructions, &p->instructions, err);
}

static void take_switches(const struct ns_preferences_input *in, struct ns_preferences *p) {
    const struct {
        uint32_t bit;
        bool from;
        bool *to;
    } rows[] = {{NS_PREF_AUTO, in->to.auto_reorder, &p->auto_reorder},
                {NS_PREF_EMERGENCY, in->to.emergency_contact, &p->emergency_contact},
                {NS_PREF_NOTIFY_BEFORE, in->to.notify_before, &p->notify_before},
                {NS_PREF_NOTIFY_PLACED, in->to.notify_placed, &p->notify_placed},
                {NS_PREF_NOTIFY_DELIVERY, in->to.notify_delivery, &p->notify_delivery},
                {NS_PREF_GROWTH, in->to.use_growth, &p->use_growth},
                {NS_PREF_SEASONS, in->to.use_seasons, &p->use_seasons}};
    for (size_t i = 0; i < NS_COUNT(rows); i++) {
        *rows[i].to = (in->set & rows[i].bit) != 0 ? rows[i].from : *rows[i].to;
    }
    p->threshold = (in->set & NS_PREF_CONFIDENCE) != 0 ? in->to.threshold : p->threshold;
}

static ns_rc change(const struct ns_act *act, const struct ns_preferences_input *in,
                    struct ns_preferences *out, struct ns_err *err) {
    struct ns_child child;
    bool found = false;
    ns_rc rc = ns_consent_need(act->db, act->now, NS_CONSENT_CHILD_DATA, err);
    if (rc == NS_OK) {
        rc = act_child(act, in->child_id, &child, err);
    }
    if (rc == NS_OK) {
        rc = ns_row_preferences(act->db, in->child_id, act->arena, out, &found, err);
    }
    if (rc == NS_OK && found && in->create) {
        return ns_err_say(err, NS_E_CONFLICT, NS_MSG_hh_preferences_there, child.name, NULL, NULL);
    }
    if (rc == NS_OK) {
        rc = take_numbers(in, out, err);
    }
    if (rc == NS_OK) {
        rc = take_lists(act, in, out, err);
    }
    if (rc == NS_OK) {
        rc = take_texts(act, in, out, err);
    }
    if (rc != NS_OK) {
        return rc;
    }
    take_switches(in, out);
    out->updated_at = act->now;
    if (!found) {
        out->id = ns_id_new(act->env);
        out->created_at = act->now;
    }
    rc = ns_row_preferences_put(act->db, out, err);
    return rc == NS_OK ? act_audit(act, "PREFERENCES_SET", "child", in->child_id, fields_json(act, in->set), err) : rc;
}

ns_rc ns_preferences_set(const struct ns_act *act, const struct ns_preferences_input *in,
                         struct ns_preferences *out, struct ns_err *err) {
    ns_rc rc = ns_db_begin(act->db, err);
    return rc != NS_OK ? rc : act_end(act, change(act, in, out, err), err);
}
