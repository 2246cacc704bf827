/* preferences.h: what a parent allows and asks of the agent's ordering and forecast, per child.
 * Rules of household.h: one transaction with its audit line, consent checked here. */
#pragma once
#include "agent/household/household.h"
#include "agent/store/preferences.h"

/* Which members of the input were given. */
enum {
    NS_PREF_AUTO = 1 << 0,
    NS_PREF_THRESHOLD_DAYS = 1 << 1,
    NS_PREF_MAX_ORDER = 1 << 2,
    NS_PREF_RETAILERS = 1 << 3,
    NS_PREF_BRANDS = 1 << 4,
    NS_PREF_SIZES = 1 << 5,
    NS_PREF_DELIVERY_DAYS = 1 << 6,
    NS_PREF_INSTRUCTIONS = 1 << 7,
    NS_PREF_EMERGENCY = 1 << 8,
    NS_PREF_NOTIFY_BEFORE = 1 << 9,
    NS_PREF_NOTIFY_PLACED = 1 << 10,
    NS_PREF_NOTIFY_DELIVERY = 1 << 11,
    NS_PREF_ADVANCE = 1 << 12,
    NS_PREF_GROWTH = 1 << 13,
    NS_PREF_SEASONS = 1 << 14,
    NS_PREF_CONFIDENCE = 1 << 15,
};
struct ns_preferences_input {
    uint32_t set;
    bool create; /* NS_E_CONFLICT when the child has some; else what is there or the defaults change */
    ns_id child_id;
    struct ns_preferences to; /* the members named in set; delivery_days, retailers: below */
    const int *retailers;     /* enum ns_retailer_type; a name told twice counts once */
    int retailer_count;
    const int64_t *delivery_days; /* 0 is Sunday */
    int delivery_day_count;
    bool max_order_read; /* the amount was one */
    bool sizes_read;     /* the JSON was an object */
};
ns_rc ns_preferences_set(const struct ns_act *act, const struct ns_preferences_input *in,
                         struct ns_preferences *out, struct ns_err *err) NS_MUST_USE;
