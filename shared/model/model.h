/* model.h: the plain structs of a household, named as in schema/schema.graphql.
 *
 * Ownership: texts belong to the arena that was passed to the loading function; NULL where an
 * optional text is absent, a zero ns_id, NS_TIME_NONE, NS_DATE_NONE or NS_NONE for the rest.
 * Threads: values. */
#pragma once
#include "shared/base/id.h"
#include "shared/base/money.h"
#include "shared/base/time.h"
#include "shared/model/enums.h"
#include "shared/model/size.h"

#include <math.h>

/* Who acts, for rights, consent and the audit trail. */
struct ns_actor {
    ns_id user;   /* zero: the agent itself */
    ns_id device; /* zero: none known */
    enum ns_role role;
};

struct ns_household {
    ns_id id;
    enum ns_province province;
    const char *timezone;
    const char *language; /* "en" or "fr" */
    bool demo;
    ns_id owner_id;
    const char *owner_name;
    ns_time created_at;
};

struct ns_user {
    ns_id id;
    const char *email; /* "" when none was given */
    const char *first_name;
    const char *last_name;
    const char *display_name;
    const char *phone_number;
    const char *timezone;
    const char *language;
    const char *currency;
    const char *province;
    const char *postal_code;
    enum ns_user_status status;
    enum ns_role role;
    bool email_verified;
    bool onboarding_completed;
    ns_time created_at;
};

struct ns_device {
    ns_id id;
    ns_id user_id;
    const char *name;
    const char *platform;
    const char *last_address;
    ns_time paired_at;
    ns_time last_seen_at;
    ns_time revoked_at;
};

struct ns_child {
    ns_id id;
    const char *name;
    ns_date date_of_birth;
    int gender; /* enum ns_gender or NS_NONE */
    enum ns_size current_size;
    int weight_g;  /* NS_NONE: not known */
    int height_mm; /* NS_NONE: not known */
    int daily_usage_count;
    bool has_sensitive_skin;
    bool has_allergies;
    const char *allergies_notes;
    const char *const *preferred_brands; /* brand_count texts */
    int brand_count;                     /* NS_NONE: never told */
    const char *special_needs;
    bool onboarding_completed;
    ns_time created_at;
};

struct ns_inventory_item {
    ns_id id;
    ns_id child_id;
    enum ns_product_type product_type;
    const char *brand;
    const char *product_name;
    const char *size; /* "SIZE_3" for everything worn; as written for the rest */
    int64_t quantity_total;
    int64_t quantity_remaining;
    int64_t quantity_reserved;
    int64_t quantity_available; /* max(0, remaining - reserved) */
    ns_time purchase_date;
    bool has_cost;
    ns_money cost;
    ns_time expiry_date;
    ns_date expiry_day; /* its local day; expired from the day after */
    const char *storage_location;
    bool is_opened;
    ns_time opened_date;
    const char *notes;
    int quality_rating; /* 1..5 or NS_NONE */
    int would_rebuy;    /* 0, 1 or NS_NONE */
    ns_time created_at;
};

struct ns_usage_log {
    ns_id id;
    ns_id child_id;
    ns_id inventory_item_id; /* zero: nothing was taken from the cupboard */
    enum ns_usage_type usage_type;
    ns_time logged_at;
    ns_date local_day;
    int64_t quantity_used;
    int context; /* enum ns_usage_context or NS_NONE */
    const char *caregiver_name;
    int was_wet;     /* 0, 1 or NS_NONE */
    int was_soiled;  /* 0, 1 or NS_NONE */
    int had_leakage; /* 0, 1 or NS_NONE */
    const char *diaper_condition;
    int product_rating;            /* NS_NONE */
    int64_t time_since_last_change; /* minutes; NS_NONE for the first */
    int change_duration;           /* NS_NONE */
    const char *notes;
    const char *health_notes;
    ns_time created_at;
};

struct ns_usage_day {
    ns_date date;
    int count;
    int wet;
    int soiled;
    enum ns_day_status status;
    bool confirmed; /* a parent said so */
};

struct ns_measurement {
    ns_id id;
    ns_id child_id;
    ns_date local_day;
    int weight_g;  /* NS_NONE: not measured */
    int height_mm; /* NS_NONE: not measured */
    ns_time created_at;
};

/* A mark in the calendar of a child, past or to come. */
struct ns_mark {
    ns_id id;
    ns_id child_id;
    enum ns_child_mark kind;
    ns_date first_day;
    ns_date last_day; /* NS_DATE_NONE: open end */
    int weekdays;     /* of DAYCARE: bit 0 Monday .. bit 6 Sunday; 0: Monday to Friday */
    ns_time created_at;
};

/* Days a delivery takes: one in ten, half, nine in ten have come by then. */
struct ns_delivery {
    int early_days;
    int usual_days;
    int late_days;
};

struct ns_consent {
    enum ns_consent_type type;
    enum ns_consent_status status;
    ns_time granted_at;
    ns_time withdrawn_at;
    ns_time expires_at;
    const char *version;
};

#define NS_DIGEST 32

struct ns_audit_entry {
    int64_t seq;
    ns_id id;
    ns_time at;
    ns_id actor_id;
    const char *actor_name; /* looked up, not part of the chain */
    ns_id device_id;
    const char *action;
    const char *entity;
    ns_id entity_id;
    const char *detail; /* JSON: field names and counts, never contents; NULL: none */
    uint8_t previous[NS_DIGEST];
    uint8_t digest[NS_DIGEST];
};

struct ns_prediction_day {
    ns_date date;
    double expected;
    double lower;
    double upper;
};

/* consumption_predictions. A number that could not be measured is NAN. */
struct ns_prediction {
    ns_id id;
    ns_id child_id;
    const char *model_version;
    ns_time prediction_date;
    int horizon_days;
    const char *confidence_level; /* PredictionConfidenceEnum */
    double mean_absolute_error;
    double r_squared_score;
    double current_consumption_rate;
    int predicted_consumption_30d;
    ns_date predicted_runout_date;
    ns_date recommended_reorder_date;
    double size_change_probability;
    const char *predicted_new_size; /* "Size 4" */
    ns_date size_change_estimated_date;
    double growth_adjustment_factor;
    double seasonal_adjustment_factor;
    const char *feature_importance; /* JSON object */
    int training_data_points;
    int training_period_days;
    ns_date last_usage_date;
    ns_date runout_earliest_date;
    ns_date runout_latest_date;
    const char *runout_confidence;
    int demand_30d_lower;
    int demand_30d_upper;
    double interval_coverage;
    const char *model_kind;
    const char *const *notes; /* message keys */
    int note_count;
    int64_t stock_at_prediction;
    double log_level; /* prior of a younger sibling */
    int64_t seed;            /* 0: nothing is drawn */
    const char *data_hash;   /* SHA-256 of record; NULL: made before records were kept */
    const char *result_hash;
    const char *settings;    /* JSON object */
    int packs_to_buy;        /* NS_NONE: the stock is not known */
    int pack_pieces;
    int packs_held_back;
    int weighings;           /* behind the size-change date; 0: from age alone */
    double week_accuracy;
    struct ns_str record;    /* read by ns_row_prediction_record only */
    const struct ns_prediction_day *days;
    int day_count;
    ns_time created_at;
};

struct ns_import_problem {
    int line;
    int msg; /* enum ns_msg */
    const char *arg[3];
};

struct ns_import_reason {
    int msg; /* enum ns_msg, of the problem */
    int64_t count;
};

struct ns_import_job {
    ns_id id;
    ns_id child_id;
    const char *file_name;
    enum ns_import_format format;
    enum ns_import_state state;
    const char *day_order;  /* "ISO", "DAY_FIRST", "MONTH_FIRST" */
    const char *day_reason; /* "written", "field", "order", "asked" */
    ns_date first_date;
    ns_date last_date;
    int64_t days;
    int64_t changes;
    int64_t duplicates;
    int64_t gap_days;
    int64_t refused_lines;
    const struct ns_import_problem *problems; /* the first twenty */
    int problem_count;
    const struct ns_import_reason *reasons; /* of all refused lines; most frequent first */
    int reason_count;
    int64_t written;
    int64_t total;
    ns_time created_at;
};
