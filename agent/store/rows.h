/* rows.h: the rows of each group of tables, read and written one statement at a time.
 *
 * No rule of the house lives here (agent/household, agent/privacy), and no transaction is opened:
 * the caller does both. Lists are arrays in the arena. Threads: the connection's. */
#pragma once
#include "agent/store/db.h"
#include "shared/model/model.h"

/* --- people.c */
ns_rc ns_row_household(struct ns_db *db, struct ns_arena *arena, struct ns_household *out,
                       bool *found, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_household_add(struct ns_db *db, const struct ns_household *in, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_user(struct ns_db *db, ns_id id, struct ns_arena *arena, struct ns_user *out,
                  bool *found, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_user_add(struct ns_db *db, const struct ns_user *in, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_device_by_name(struct ns_db *db, ns_id user, const char *name, ns_id *out,
                            struct ns_err *err) NS_MUST_USE; /* zero: none */
ns_rc ns_row_device_add(struct ns_db *db, const struct ns_device *in, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_device_touch(struct ns_db *db, ns_id id, const char *address, ns_time now,
                          struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_devices(struct ns_db *db, struct ns_arena *arena, struct ns_device **out, int *count,
                     struct ns_err *err) NS_MUST_USE;

/* --- ledger.c */
struct ns_consent_line {
    ns_id id;
    ns_id user_id;
    enum ns_consent_type type;
    bool granted;
    ns_time at;
    ns_time expires_at;
    const char *version;
    const char *language;
    ns_id device_id;
};
ns_rc ns_row_consent_add(struct ns_db *db, const struct ns_consent_line *in, struct ns_err *err) NS_MUST_USE;
/* The newest line of a kind; found false: never asked. */
ns_rc ns_row_consent(struct ns_db *db, ns_id user, enum ns_consent_type type,
                     struct ns_arena *arena, struct ns_consent_line *out, bool *found,
                     struct ns_err *err) NS_MUST_USE;
/* When it was last granted; NS_TIME_NONE: never. */
ns_rc ns_row_consent_granted_at(struct ns_db *db, ns_id user, enum ns_consent_type type,
                                ns_time *out, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_audit_head(struct ns_db *db, int64_t *seq, uint8_t digest[NS_DIGEST],
                        struct ns_err *err) NS_MUST_USE; /* 0 and zeros: empty */
ns_rc ns_row_audit_add(struct ns_db *db, const struct ns_audit_entry *in, struct ns_err *err) NS_MUST_USE;
/* Lines after seq in order: call visit for each until it answers false. Texts live as long as the
 * call of visit. */
ns_rc ns_row_audit_walk(struct ns_db *db, bool (*visit)(void *, const struct ns_audit_entry *),
                        void *self, struct ns_err *err) NS_MUST_USE;
struct ns_audit_span {
    const char *entity;
    ns_id actor_id;
    ns_time since;
    int64_t before_seq;
    int limit;
};
ns_rc ns_row_audit_page(struct ns_db *db, const struct ns_audit_span *span, struct ns_arena *arena,
                        struct ns_audit_entry **out, int *count, int64_t *total,
                        struct ns_err *err) NS_MUST_USE;

ns_rc ns_row_audit_since(struct ns_db *db, int64_t seq, int limit, struct ns_arena *arena,
                         struct ns_audit_entry **out, int *count, struct ns_err *err) NS_MUST_USE;

/* --- children.c */
ns_rc ns_row_child(struct ns_db *db, ns_id id, struct ns_arena *arena, struct ns_child *out,
                   bool *found, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_children(struct ns_db *db, struct ns_arena *arena, struct ns_child **out, int *count,
                      struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_child_add(struct ns_db *db, const struct ns_child *in, struct ns_err *err) NS_MUST_USE;
/* A list of texts kept as a JSON array. The first answers a string to free, NULL for count < 0. */
char *ns_row_texts_json(const char *const *texts, int count);
ns_rc ns_row_texts(struct ns_db *db, const char *json, struct ns_arena *arena,
                   const char *const **out, int *count, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_child_write(struct ns_db *db, const struct ns_child *in, ns_time now,
                         struct ns_err *err) NS_MUST_USE;

/* --- inventory.c */
ns_rc ns_row_item(struct ns_db *db, ns_id id, struct ns_arena *arena,
                  struct ns_inventory_item *out, bool *found, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_items(struct ns_db *db, ns_id child, int product, int limit, int offset,
                   struct ns_arena *arena, struct ns_inventory_item **out, int *count,
                   int64_t *total, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_item_add(struct ns_db *db, const struct ns_inventory_item *in, bool initial,
                      struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_item_write(struct ns_db *db, const struct ns_inventory_item *in, struct ns_err *err) NS_MUST_USE;
/* The lot to take from on `day`: available, not expired; earliest expiry, oldest purchase. Size
 * NULL: any. */
ns_rc ns_row_item_to_take(struct ns_db *db, ns_id child, enum ns_product_type product,
                          const char *size, ns_date day, ns_id *out, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_item_take(struct ns_db *db, ns_id id, int64_t pieces, ns_time now, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_item_initial(struct ns_db *db, ns_id child, const char *brand, const char *size,
                          ns_date expiry_day, ns_id *out, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_stock(struct ns_db *db, ns_id child, const char *size, ns_date today, int64_t *usable,
                   bool *ever, struct ns_err *err) NS_MUST_USE;

/* --- usage.c */
struct ns_usage_row {
    struct ns_usage_log log;
    ns_id client_key;
    ns_id import_id;
    ns_id user_id;
};
ns_rc ns_row_log_add(struct ns_db *db, const struct ns_usage_row *in, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_log(struct ns_db *db, ns_id id, struct ns_arena *arena, struct ns_usage_log *out,
                 bool *found, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_log_by_key(struct ns_db *db, ns_id client_key, ns_id *out, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_logs(struct ns_db *db, ns_id child, int usage_type, ns_date from_day, int limit,
                  int offset, struct ns_arena *arena, struct ns_usage_log **out, int *count,
                  struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_logs_total(struct ns_db *db, ns_id child, int usage_type, ns_date from_day, int64_t *out,
                        struct ns_err *err) NS_MUST_USE;
/* Changes a day from from_day to to_day; only days with some. */
ns_rc ns_row_day_sums(struct ns_db *db, ns_id child, ns_date from_day, ns_date to_day,
                      struct ns_arena *arena, struct ns_usage_day **out, int *count,
                      struct ns_err *err) NS_MUST_USE;
/* What a parent said: date, status and confirmed are set. */
ns_rc ns_row_day_words(struct ns_db *db, ns_id child, struct ns_arena *arena,
                       struct ns_usage_day **out, int *count, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_day_word_set(struct ns_db *db, ns_id child, ns_date day, enum ns_day_status status,
                          ns_time now, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_last_change(struct ns_db *db, ns_id child, ns_time *out, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_logs_since(struct ns_db *db, ns_id child, ns_time created_after, int64_t *out,
                        struct ns_err *err) NS_MUST_USE;
/* Changes of a child in a span of time, in order, for the import's comparison. */
struct ns_usage_mark {
    ns_time at;
    int wet;    /* 0, 1, NS_NONE */
    int soiled;
};
ns_rc ns_row_marks(struct ns_db *db, ns_id child, ns_time from, ns_time to,
                   struct ns_arena *arena, struct ns_usage_mark **out, int *count,
                   struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_counts(struct ns_db *db, int64_t *children, int64_t *logs, int64_t *audit_lines,
                    struct ns_err *err) NS_MUST_USE;

/* --- usage_fix.c */
/* What stands in a line, for an action's data; NULL: no such line. */
ns_rc ns_row_log_json(struct ns_db *db, ns_id id, struct ns_arena *arena, const char **out,
                      struct ns_err *err) NS_MUST_USE;
/* Writes child, pack, time, day, wet, soiled and leak; the texts move under that child's key. */
ns_rc ns_row_log_change(struct ns_db *db, const struct ns_usage_log *in, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_log_take_out(struct ns_db *db, ns_id id, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_item_put_back(struct ns_db *db, ns_id item, int64_t pieces, struct ns_err *err) NS_MUST_USE;

/* --- actions.c: the way back is written as JSON and read by SQL */
struct ns_action_row {
    ns_id id;
    enum ns_action_kind kind;
    const char *step;
    ns_id child_id;
    ns_id entity_id;
    const char *data;
    ns_time at;
    ns_id user_id;
    bool undone;
};
/* Keeps the newest fifty. */
ns_rc ns_row_action_add(struct ns_db *db, const struct ns_action_row *in, struct ns_err *err) NS_MUST_USE;
/* Zero id: the newest that stands. */
ns_rc ns_row_action(struct ns_db *db, ns_id id, struct ns_arena *arena, struct ns_action_row *out,
                    bool *found, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_action_undone(struct ns_db *db, ns_id id, ns_time now, struct ns_err *err) NS_MUST_USE;
/* Rows as JSON for `data`, taken before the change. */
ns_rc ns_row_child_json(struct ns_db *db, ns_id id, struct ns_arena *arena, const char **out,
                        struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_item_json(struct ns_db *db, ns_id id, struct ns_arena *arena, const char **out,
                       struct ns_err *err) NS_MUST_USE;
/* The ways back. *done false: later acts stand in the way; nothing was changed. */
ns_rc ns_row_undo_log(struct ns_db *db, const struct ns_action_row *a, bool *done, struct ns_err *err) NS_MUST_USE;
/* The line as it was, in place of now_there (NULL: it was taken out). Of usage_fix.c. */
ns_rc ns_row_undo_log_fix(struct ns_db *db, const struct ns_action_row *a,
                          const struct ns_usage_log *now_there, struct ns_err *err) NS_MUST_USE;
/* A newer act of that step on the same thing still stands: it has to be taken back first. */
ns_rc ns_row_action_overtaken(struct ns_db *db, const struct ns_action_row *a, const char *step,
                              bool *yes, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_undo_item_new(struct ns_db *db, const struct ns_action_row *a, bool *done, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_undo_item_change(struct ns_db *db, const struct ns_action_row *a, bool *done, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_undo_initial(struct ns_db *db, const struct ns_action_row *a, bool *done, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_undo_child_new(struct ns_db *db, const struct ns_action_row *a, ns_time now, bool *done, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_undo_child_change(struct ns_db *db, const struct ns_action_row *a, ns_time now, bool *done, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_undo_import(struct ns_db *db, const struct ns_action_row *a, bool *done, struct ns_err *err) NS_MUST_USE;

/* --- imports.c */
ns_rc ns_row_import_add(struct ns_db *db, const struct ns_import_job *in, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_import_events_add(struct ns_db *db, ns_id import, int chunk, const void *bytes,
                               size_t n, struct ns_err *err) NS_MUST_USE;
/* The first chunk not yet written; *chunk -1: none left. */
ns_rc ns_row_import_events(struct ns_db *db, ns_id import, struct ns_arena *arena, int *chunk,
                           struct ns_str *out, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_import_events_done(struct ns_db *db, ns_id import, int chunk, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_import_problem_add(struct ns_db *db, ns_id import, int n, int line,
                                const char *message, const char *const arg[3], struct ns_err *err) NS_MUST_USE;
/* Adds to written and duplicates, sets the state. */
ns_rc ns_row_import_reason_add(struct ns_db *db, ns_id import, int n, const char *message,
                               int64_t lines, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_import_progress(struct ns_db *db, ns_id import, enum ns_import_state state,
                             int64_t written, int64_t duplicates, struct ns_err *err) NS_MUST_USE;
/* Days, gaps, duplicates and total, once the events were looked through. */
ns_rc ns_row_import_counts(struct ns_db *db, const struct ns_import_job *in, struct ns_err *err) NS_MUST_USE;
/* key_of turns a stored message key into its number. id zero: all, newest first. */
ns_rc ns_row_imports(struct ns_db *db, ns_id id, int limit, int (*key_of)(struct ns_str),
                     struct ns_arena *arena, struct ns_import_job **out, int *count,
                     struct ns_err *err) NS_MUST_USE;

/* --- predictions.c */
ns_rc ns_row_prediction_add(struct ns_db *db, const struct ns_prediction *in, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_predictions(struct ns_db *db, ns_id child, int limit, struct ns_arena *arena,
                         struct ns_prediction **out, int *count, int64_t *total,
                         struct ns_err *err) NS_MUST_USE;

/* The newest one made before an instant. */
ns_rc ns_row_prediction_before(struct ns_db *db, ns_id child, ns_time before, struct ns_arena *arena,
                               struct ns_prediction *out, bool *found, struct ns_err *err) NS_MUST_USE;
/* The bytes a prediction was made from. found false: no such prediction, or none were kept. */
ns_rc ns_row_prediction_record(struct ns_db *db, ns_id id, struct ns_arena *arena,
                               struct ns_prediction *out, bool *found, struct ns_err *err) NS_MUST_USE;

/* --- family.c */
ns_rc ns_row_measurement_add(struct ns_db *db, const struct ns_measurement *in, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_measurements(struct ns_db *db, ns_id child, struct ns_arena *arena,
                          struct ns_measurement **out, int *count, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_measured_last(struct ns_db *db, ns_id child, ns_date *out, struct ns_err *err) NS_MUST_USE;
/* Makes a measurement the child's current one. */
ns_rc ns_row_child_measured(struct ns_db *db, const struct ns_measurement *in, ns_time now,
                            struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_mark_add(struct ns_db *db, const struct ns_mark *in, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_mark(struct ns_db *db, ns_id id, struct ns_mark *out, bool *found, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_mark_drop(struct ns_db *db, ns_id id, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_child_marks(struct ns_db *db, ns_id child, struct ns_arena *arena, struct ns_mark **out,
                   int *count, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_days_early(struct ns_db *db, ns_id child, int *out, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_days_early_set(struct ns_db *db, ns_id child, int days, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_delivery(struct ns_db *db, struct ns_delivery *out, bool *found, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_delivery_set(struct ns_db *db, const struct ns_delivery *in, struct ns_err *err) NS_MUST_USE;
ns_rc ns_row_leaks_since(struct ns_db *db, ns_id child, ns_date since, int *out, struct ns_err *err) NS_MUST_USE;
struct ns_pack {
    const char *brand; /* NULL: never bought */
    int64_t pieces;    /* 0: not known */
};
ns_rc ns_row_pack_newest(struct ns_db *db, ns_id child, enum ns_size size, struct ns_arena *arena,
                         struct ns_pack *out, struct ns_err *err) NS_MUST_USE;
/* Logged use of a supply between two days, and what was bought and is left. */
struct ns_supply_rows {
    double used;
    double used_square; /* sum of the days' squares */
    ns_date first_day;  /* NS_DATE_NONE: never logged */
    bool stocked;
    int64_t left;
    int64_t bought;
    ns_time first_purchase;
};
ns_rc ns_row_supply(struct ns_db *db, ns_id child, enum ns_product_type product, enum ns_usage_type usage,
                    ns_date from, ns_date to, struct ns_supply_rows *out, struct ns_err *err) NS_MUST_USE;

/* A growing list in an arena: doubles by copying. */
#define NS_LIST_ROOM(arena, list, count, cap, type)                                            \
    do {                                                                                       \
        if ((count) == (cap)) {                                                                \
            int room_ = (cap) == 0 ? 16 : (cap) * 2;                                           \
            type *more_ = NS_NEW_N((arena), type, (size_t)room_);                              \
            if ((count) > 0) {                                                                 \
                memcpy(more_, (list), (size_t)(count) * sizeof(type));                         \
            }                                                                                  \
            (list) = more_;                                                                    \
            (cap) = room_;                                                                     \
        }                                                                                      \
    } while (0)
