/* plans.h: what is sold: tiers, prices, features, limits. One constant table.
 * Threads: pure. */
#pragma once
#include "shared/base/arena.h"
#include "shared/model/plan.h"
#include "shared/text/message.h"

#define NS_TRIAL_DAYS 14
#define NS_GRACE_DAYS 7        /* after a failed payment */
#define NS_OFFLINE_DAYS 14     /* past the period's end without word from the processor */
#define NS_COOLING_OFF_DAYS 14 /* of a yearly plan */
#define NS_UNLIMITED (-1)

struct ns_plan {
    enum ns_tier tier;
    bool yearly;
    const char *id;      /* "premium_monthly" */
    ns_money price;      /* before tax; a yearly twin takes its price from the configuration */
    int children;
    int family_members;
    int suggestions;     /* NS_UNLIMITED */
    bool price_alerts;
    bool automation;
    enum ns_msg name;
    enum ns_msg description;
};
const struct ns_plan *ns_plan_of(enum ns_tier tier); /* the monthly one */
const struct ns_plan *ns_plan_at(size_t i);          /* NULL past the last */
/* NULL: no such id. Takes "premium_monthly" and the bare tier of either vocabulary. */
const struct ns_plan *ns_plan_find(struct ns_str id);

struct ns_plan_feature {
    const char *id;
    enum ns_tier from; /* the lowest tier that has it */
    enum ns_msg name;
};
const struct ns_plan_feature *ns_plan_feature_at(size_t i); /* NULL past the last */
/* NULL: unknown. smart_reorder_suggestions is read as reorder_suggestions. */
const struct ns_plan_feature *ns_plan_feature_find(struct ns_str id);
/* {"predictions":true,...} of a tier, in the arena. */
const char *ns_plan_features_json(enum ns_tier tier, struct ns_arena *arena);
const char *ns_tier_app_name(enum ns_tier tier); /* FREE, STANDARD, PREMIUM, FAMILY */
