#include "agent/billing/plans.h"

#include <string.h>

static const struct ns_plan plans[] = {
    {NS_TIER_FREE, false, "free", 0, 1, 1, 0, false, false, NS_MSG_plan_free, NS_MSG_plan_free_what},
    {NS_TIER_BASIC, false, "standard_monthly", 1999, 1, 2, 30, false, true, NS_MSG_plan_basic,
     NS_MSG_plan_basic_what},
    {NS_TIER_PREMIUM, false, "premium_monthly", 2999, 3, 5, NS_UNLIMITED, true, true,
     NS_MSG_plan_premium, NS_MSG_plan_premium_what},
    {NS_TIER_FAMILY, false, "family_monthly", 3499, 10, 10, NS_UNLIMITED, true, true,
     NS_MSG_plan_family, NS_MSG_plan_family_what},
};

static const struct ns_plan_feature features[] = {
    {"predictions", NS_TIER_BASIC, NS_MSG_feature_predictions},
    {"reorder_suggestions", NS_TIER_BASIC, NS_MSG_feature_reorder},
    {"automation", NS_TIER_BASIC, NS_MSG_feature_automation},
    {"family_sharing", NS_TIER_BASIC, NS_MSG_feature_family_sharing},
    {"basic_analytics", NS_TIER_BASIC, NS_MSG_feature_basic_analytics},
    {"unlimited_reorder_suggestions", NS_TIER_PREMIUM, NS_MSG_feature_unlimited},
    {"advanced_analytics", NS_TIER_PREMIUM, NS_MSG_feature_advanced_analytics},
    {"price_alerts", NS_TIER_PREMIUM, NS_MSG_feature_price_alerts},
    {"price_comparison", NS_TIER_PREMIUM, NS_MSG_feature_price_comparison},
    {"bulk_discounts", NS_TIER_PREMIUM, NS_MSG_feature_bulk},
    {"priority_support", NS_TIER_FAMILY, NS_MSG_feature_support},
};

const struct ns_plan *ns_plan_of(enum ns_tier tier) {
    return (unsigned)tier < NS_COUNT(plans) ? &plans[tier] : &plans[0];
}

const struct ns_plan *ns_plan_at(size_t i) {
    return i < NS_COUNT(plans) ? &plans[i] : NULL;
}

const struct ns_plan *ns_plan_find(struct ns_str id) {
    for (size_t i = 0; i < NS_COUNT(plans); i++) {
        if (ns_str_is(id, plans[i].id) || ns_str_is_nocase(id, ns_tier_name(plans[i].tier)) ||
            ns_str_is_nocase(id, ns_tier_app_name(plans[i].tier))) {
            return &plans[i];
        }
    }
    return NULL;
}

const struct ns_plan_feature *ns_plan_feature_at(size_t i) {
    return i < NS_COUNT(features) ? &features[i] : NULL;
}

const struct ns_plan_feature *ns_plan_feature_find(struct ns_str id) {
    if (ns_str_is(id, "smart_reorder_suggestions")) {
        id = NS_STR("reorder_suggestions");
    }
    for (size_t i = 0; i < NS_COUNT(features); i++) {
        if (ns_str_is(id, features[i].id)) {
            return &features[i];
        }
    }
    return NULL;
}

const char *ns_plan_features_json(enum ns_tier tier, struct ns_arena *arena) {
    struct ns_buf out = NS_BUF(1024);
    int n = 0;
    ns_buf_char(&out, '{');
    for (size_t i = 0; i < NS_COUNT(features); i++) {
        if (features[i].from <= tier) {
            ns_buf_fmt(&out, "%s\"%s\":true", n++ > 0 ? "," : "", features[i].id);
        }
    }
    ns_buf_char(&out, '}');
    const char *copy = ns_arena_copy(arena, ns_buf_view(&out));
    ns_buf_fini(&out);
    return copy;
}

const char *ns_tier_app_name(enum ns_tier tier) {
    return tier == NS_TIER_BASIC ? "STANDARD" : ns_tier_name(tier);
}
