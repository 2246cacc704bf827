/* household.h: what a family does at home, as functions: children, stock, changes, days, undo.
 *
 * Every mutation is one transaction with its audit line inside and answers either whole or not
 * at all; expected refusals carry a catalogue message. Rights are checked before (agent/api),
 * consent is checked here. Results live in act->arena. Threads: the connection's; mutations want
 * the writing connection. Nothing here knows threads or GraphQL. */
#pragma once
#include "agent/privacy/audit.h"
#include "agent/privacy/consent.h"
#include "shared/calendar/zone.h"
#include "shared/model/model.h"
#include "shared/text/message.h"

/* One act of one person: what every function below needs. */
struct ns_act {
    struct ns_db *db;
    const struct ns_env *env;   /* ids */
    const struct ns_zone *zone; /* of the household; see ns_household_zone */
    ns_time now;
    struct ns_actor actor;
    struct ns_arena *arena;
};

/* --- the home ------------------------------------------------------------------------------ */

/* *found false before set-up. */
ns_rc ns_household_get(struct ns_db *db, struct ns_arena *arena, struct ns_household *out,
                       bool *found, struct ns_err *err) NS_MUST_USE;
/* Its zone; America/Toronto before set-up. */
ns_rc ns_household_zone(struct ns_db *db, const struct ns_zone **out, struct ns_err *err) NS_MUST_USE;
static inline ns_date ns_act_today(const struct ns_act *act) {
    return ns_zone_local_day(act->zone, act->now);
}

struct ns_setup_input {
    const char *display_name;
    const char *province; /* "QC" */
    const char *timezone; /* NULL: of the province */
    const char *language; /* NULL: "en" */
    const char *email;    /* NULL: none */
    bool demo;
};
/* Makes the owner (FAMILY_CORE). NS_E_CONFLICT when the home has one. */
ns_rc ns_household_set_up(const struct ns_act *act, const struct ns_setup_input *in,
                          struct ns_user *out, struct ns_err *err) NS_MUST_USE;
ns_rc ns_user_get(struct ns_db *db, ns_id id, struct ns_arena *arena, struct ns_user *out,
                  struct ns_err *err) NS_MUST_USE; /* NS_E_NOT_FOUND */
/* The device a socket or session stands for: made at first sight, its last visit kept. */
ns_rc ns_device_seen(const struct ns_act *act, ns_id user, const char *name, const char *platform,
                     const char *address, ns_id *out, struct ns_err *err) NS_MUST_USE;
ns_rc ns_device_list(struct ns_db *db, struct ns_arena *arena, const struct ns_device **out,
                     int *count, struct ns_err *err) NS_MUST_USE;

/* --- children ------------------------------------------------------------------------------ */

/* Bits of ns_child_input.set: which fields were given. */
enum {
    NS_CHILD_NAME = 1 << 0,
    NS_CHILD_BIRTH = 1 << 1,
    NS_CHILD_GENDER = 1 << 2,
    NS_CHILD_SIZE = 1 << 3,
    NS_CHILD_WEIGHT = 1 << 4,
    NS_CHILD_HEIGHT = 1 << 5,
    NS_CHILD_DAILY = 1 << 6,
    NS_CHILD_SKIN = 1 << 7,
    NS_CHILD_ALLERGIES = 1 << 8,
    NS_CHILD_ALLERGY_NOTES = 1 << 9,
    NS_CHILD_BRANDS = 1 << 10,
    NS_CHILD_NEEDS = 1 << 11,
};
struct ns_child_input {
    uint32_t set;
    const char *name;
    ns_date date_of_birth;
    int gender; /* enum ns_gender or NS_NONE */
    enum ns_size current_size;
    double weight_kg; /* NAN takes the value away */
    double height_cm;
    int daily_usage_count;
    bool has_sensitive_skin;
    bool has_allergies;
    const char *allergies_notes;
    const char *const *preferred_brands;
    int brand_count;
    const char *special_needs;
};
ns_rc ns_child_create(const struct ns_act *act, const struct ns_child_input *in,
                      struct ns_child *out, ns_id *action, struct ns_err *err) NS_MUST_USE;
ns_rc ns_child_update(const struct ns_act *act, ns_id child, const struct ns_child_input *in,
                      struct ns_child *out, ns_id *action, struct ns_err *err) NS_MUST_USE;
ns_rc ns_child_get(struct ns_db *db, ns_id child, struct ns_arena *arena, struct ns_child *out,
                   struct ns_err *err) NS_MUST_USE; /* NS_E_NOT_FOUND, also for deleted ones */
/* Oldest entry first. */
ns_rc ns_child_list(struct ns_db *db, struct ns_arena *arena, const struct ns_child **out,
                    int *count, struct ns_err *err) NS_MUST_USE;
int ns_child_age_days(const struct ns_child *child, ns_date today);   /* 0 before birth */
int ns_child_age_months(const struct ns_child *child, ns_date today); /* whole months */

/* --- stock --------------------------------------------------------------------------------- */

struct ns_item_input {
    ns_id child_id;
    enum ns_product_type product_type;
    const char *brand;
    const char *product_name;
    const char *size;
    int64_t quantity;
    bool has_cost;
    ns_money cost;
    ns_time purchase_date; /* NS_TIME_NONE: now */
    ns_time expiry_date;   /* NS_TIME_NONE: none */
    const char *storage_location;
    const char *notes;
};
ns_rc ns_item_create(const struct ns_act *act, const struct ns_item_input *in,
                     struct ns_inventory_item *out, ns_id *action, struct ns_err *err) NS_MUST_USE;

enum {
    NS_ITEM_REMAINING = 1 << 0,
    NS_ITEM_LOCATION = 1 << 1,
    NS_ITEM_NOTES = 1 << 2,
    NS_ITEM_RATING = 1 << 3,
    NS_ITEM_REBUY = 1 << 4,
};
struct ns_item_change {
    uint32_t set;
    int64_t quantity_remaining;
    const char *storage_location;
    const char *notes;
    int quality_rating;
    int would_rebuy;
};
ns_rc ns_item_update(const struct ns_act *act, ns_id item, const struct ns_item_change *in,
                     struct ns_inventory_item *out, ns_id *action, struct ns_err *err) NS_MUST_USE;

struct ns_initial_item {
    enum ns_size size;
    const char *brand;
    int64_t quantity;
    ns_date purchase_date; /* NS_DATE_NONE: today */
    ns_date expiry_date;
};
/* The stock on the shelf at the start. A repeat corrects the same packs, it adds none. */
ns_rc ns_item_set_initial(const struct ns_act *act, ns_id child, const struct ns_initial_item *in,
                          int count, ns_id *action, struct ns_err *err) NS_MUST_USE;

struct ns_item_page {
    const struct ns_inventory_item *items; /* newest purchase first */
    int count;
    int64_t total;
};
/* product: enum ns_product_type or NS_NONE; limit is clamped to 500. */
ns_rc ns_item_list(struct ns_db *db, ns_id child, int product, int limit, int offset,
                   struct ns_arena *arena, struct ns_item_page *out, struct ns_err *err) NS_MUST_USE;
bool ns_item_expired(const struct ns_inventory_item *item, ns_date today);
/* Diapers of the size, available and not expired. ever: whether any was ever stocked. */
ns_rc ns_household_usable_stock(struct ns_db *db, ns_id child, enum ns_size size, ns_date today,
                                int64_t *out, bool *ever, struct ns_err *err) NS_MUST_USE;

/* --- changes ------------------------------------------------------------------------------- */

struct ns_log_input {
    ns_id child_id;
    enum ns_usage_type usage_type;
    int context; /* NS_NONE */
    const char *caregiver_name;
    int was_wet;     /* 0, 1 or NS_NONE, as the next two */
    int was_soiled;
    int had_leakage;
    const char *diaper_condition;
    const char *notes;
    ns_time logged_at; /* NS_TIME_NONE: now */
    ns_id client_key;  /* made by a client that may repeat itself; zero: none */
};
struct ns_log_result {
    struct ns_usage_log log;
    ns_id action;
    bool repeated;  /* client_key was known: this is the log of the first time */
    bool took_item; /* item below is the changed lot */
    struct ns_inventory_item item;
    int notice;     /* enum ns_msg: what to tell (empty cupboard), or 0 */
};
/* Consent CHILD_DATA needed (NS_E_CONSENT). Takes one piece from the right lot. */
ns_rc ns_log_change(const struct ns_act *act, const struct ns_log_input *in,
                    struct ns_log_result *out, struct ns_err *err) NS_MUST_USE;

enum {
    NS_LOG_CHILD = 1 << 0,
    NS_LOG_AT = 1 << 1,
    NS_LOG_WET = 1 << 2,
    NS_LOG_SOILED = 1 << 3,
    NS_LOG_LEAK = 1 << 4,
};
struct ns_log_fix {
    uint32_t set; /* which of these were given */
    ns_id child_id;
    ns_time logged_at;
    int was_wet; /* 0 or 1, as the next two */
    int was_soiled;
    int had_leakage;
};
/* Corrects a line that stands wrongly in the log. For another child the piece goes back to its
 * pack and is taken from that child's. *before: whose it was. The household's own correction
 * needs no consent. NS_E_NOT_FOUND: no such line. */
ns_rc ns_log_correct(const struct ns_act *act, ns_id log, const struct ns_log_fix *in,
                     struct ns_log_result *out, ns_id *before, struct ns_err *err) NS_MUST_USE;
/* Takes a line out; its piece goes back to its pack. out->log: what stood there. */
ns_rc ns_log_remove(const struct ns_act *act, ns_id log, struct ns_log_result *out,
                    struct ns_err *err) NS_MUST_USE;

struct ns_log_page {
    const struct ns_usage_log *logs; /* newest first */
    int count;
    bool more; /* beyond these */
};
/* usage_type: enum ns_usage_type or NS_NONE; days_back counts today; limit is clamped to 500. */
ns_rc ns_log_list(const struct ns_act *act, ns_id child, int usage_type, int days_back, int limit,
                  int offset, struct ns_log_page *out, struct ns_err *err) NS_MUST_USE;
/* How many there are; counting years of them takes longer than reading a page. */
ns_rc ns_log_total(const struct ns_act *act, ns_id child, int usage_type, int days_back,
                   int64_t *out, struct ns_err *err) NS_MUST_USE;

struct ns_dashboard {
    bool has_days_remaining;
    int64_t days_remaining;
    int64_t diapers_left;
    ns_time last_change; /* NS_TIME_NONE: never */
    int64_t today_changes;
    enum ns_size current_size;
    double rate; /* pieces a day */
};
ns_rc ns_household_dashboard(const struct ns_act *act, ns_id child, struct ns_dashboard *out,
                             struct ns_err *err) NS_MUST_USE;
/* "2 hours ago": display text of an instant in the past. */
void ns_household_ago(struct ns_buf *out, enum ns_lang lang, ns_time then, ns_time now);

/* --- days ---------------------------------------------------------------------------------- */

struct ns_series {
    const struct ns_usage_day *days; /* first logged day .. today, every day */
    int count;
};
/* The daily series by forecasting.md C1: first day and today PARTIAL, a run of empty days after
 * a day with 3 or more (and before one, if any) GAP, a parent's word over both. */
ns_rc ns_household_series(struct ns_db *db, ns_id child, ns_date today, struct ns_arena *arena,
                          struct ns_series *out, struct ns_err *err) NS_MUST_USE;
/* The last days_back days with today, each present; days before the first log are GAP. */
ns_rc ns_household_usage_days(struct ns_db *db, ns_id child, ns_date today, int days_back,
                              struct ns_arena *arena, struct ns_series *out,
                              struct ns_err *err) NS_MUST_USE;
ns_rc ns_household_confirm_day(const struct ns_act *act, ns_id child, ns_date day,
                               enum ns_day_status status, struct ns_err *err) NS_MUST_USE;

/* --- undo ---------------------------------------------------------------------------------- */

struct ns_undo_result {
    ns_id action;
    enum ns_action_kind kind;
    ns_id child_id;
    int message; /* enum ns_msg: what was taken back */
};
/* Zero id: the newest act that still stands. NS_E_NOT_FOUND when there is none, NS_E_CONFLICT
 * when later acts build on it. */
ns_rc ns_household_undo(const struct ns_act *act, ns_id action, struct ns_undo_result *out,
                        struct ns_err *err) NS_MUST_USE;

struct ns_household_counts {
    int64_t children;
    int64_t logs;
    int64_t audit_lines;
    int schema_version;
    int64_t bytes;
};
ns_rc ns_household_count(struct ns_db *db, struct ns_household_counts *out,
                         struct ns_err *err) NS_MUST_USE;

/* --- what families tell besides ------------------------------------------------------------- */

struct ns_measure_input {
    ns_id child_id;
    double weight_kg; /* NAN: not measured, as the next */
    double height_cm;
    ns_date day;      /* NS_DATE_NONE: today */
};
/* Keeps the measurement; the newest becomes the child's current weight and height. */
ns_rc ns_measurement_add(const struct ns_act *act, const struct ns_measure_input *in,
                         struct ns_measurement *out, struct ns_err *err) NS_MUST_USE;
/* Oldest day first. */
ns_rc ns_measurement_list(struct ns_db *db, ns_id child, struct ns_arena *arena,
                          const struct ns_measurement **out, int *count, struct ns_err *err) NS_MUST_USE;

/* in->id is not read. Days up to a year ahead; NS_DATE_NONE as last day is an open end, which
 * DAYCARE alone may have. */
ns_rc ns_mark_add(const struct ns_act *act, const struct ns_mark *in, struct ns_mark *out,
                  struct ns_err *err) NS_MUST_USE;
ns_rc ns_mark_remove(const struct ns_act *act, ns_id mark, ns_id *child, struct ns_err *err) NS_MUST_USE;
ns_rc ns_mark_list(struct ns_db *db, ns_id child, struct ns_arena *arena,
                   const struct ns_mark **out, int *count, struct ns_err *err) NS_MUST_USE;

/* Days before term; 0: born at term. */
ns_rc ns_child_days_early(struct ns_db *db, ns_id child, int *out, struct ns_err *err) NS_MUST_USE;
ns_rc ns_child_set_days_early(const struct ns_act *act, ns_id child, int days, struct ns_err *err) NS_MUST_USE;

/* *found false: never told; forecasts then use the usual times. */
ns_rc ns_delivery_get(struct ns_db *db, struct ns_delivery *out, bool *found, struct ns_err *err) NS_MUST_USE;
ns_rc ns_delivery_set(const struct ns_act *act, const struct ns_delivery *in, struct ns_err *err) NS_MUST_USE;
