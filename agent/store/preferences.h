/* preferences.h: how far the agent may go on its own for one child, and what its forecast shall
 * reckon with: one row a child, made by a parent.
 *
 * No row: nothing is ordered without being asked for, and ns_preferences_default() holds.
 * Memory: texts live in the arena. Threads: the connection's; writes want a transaction. */
#pragma once
#include "agent/store/db.h"
#include "shared/model/model.h"

#define NS_PREFERENCES_BRANDS 20
#define NS_PREFERENCES_SIZES_MOST 4096 /* bytes of size_preferences */

struct ns_preferences {
    ns_id id;
    ns_id child_id;
    bool auto_reorder;
    int threshold_days; /* order when so many days of supply are left; 1..60 */
    ns_money max_order; /* with taxes and shipping */
    enum ns_retailer_type retailers[NS_RETAILER_COUNT]; /* best first, none twice */
    int retailer_count;                                 /* 0: any */
    const char *const *brands;                          /* best first */
    int brand_count;                                    /* 0: any */
    const char *sizes;          /* a JSON object, as the client gave it; never NULL */
    int delivery_days;          /* bit 0 is Sunday; 0: any */
    const char *instructions;   /* NULL: none */
    bool emergency_contact;
    bool notify_before;
    bool notify_placed;
    bool notify_delivery;
    int advance_hours;          /* notice before an automatic order; 0..168 */
    bool use_growth;            /* the forecast follows the growth curve */
    bool use_seasons;           /* ... and breaks, summer and the time of year */
    enum ns_prediction_confidence threshold; /* no automatic order on a forecast below it */
    ns_time created_at;
    ns_time updated_at;
};

struct ns_preferences ns_preferences_default(ns_id child);
/* found false: no row, *out is the default. */
ns_rc ns_row_preferences(struct ns_db *db, ns_id child, struct ns_arena *arena,
                         struct ns_preferences *out, bool *found, struct ns_err *err) NS_MUST_USE;
/* Of all children who are here, oldest row first. */
ns_rc ns_row_preferences_all(struct ns_db *db, struct ns_arena *arena, struct ns_preferences **out,
                             int *count, struct ns_err *err) NS_MUST_USE;
/* Makes the row of in->child_id or writes it anew; id and created_at of a row stay. */
ns_rc ns_row_preferences_put(struct ns_db *db, const struct ns_preferences *in, struct ns_err *err) NS_MUST_USE;
