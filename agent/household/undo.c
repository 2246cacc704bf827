#include "agent/household/act.h"
#include "agent/store/remove.h"

struct way_back {
    const char *step;
    ns_rc (*run)(const struct ns_act *, const struct ns_action_row *, bool *, struct ns_err *);
    enum ns_msg message;
    const char *entity;
};

static ns_rc undo_log(const struct ns_act *act, const struct ns_action_row *a, bool *done,
                      struct ns_err *err) {
    return ns_row_undo_log(act->db, a, done, err);
}
static ns_rc undo_log_fix(const struct ns_act *act, const struct ns_action_row *a, bool *done,
                          struct ns_err *err) {
    struct ns_usage_log there;
    bool later = false, found = false;
    ns_rc rc = ns_row_action_overtaken(act->db, a, a->step, &later, err);
    if (rc == NS_OK && !later) {
        rc = ns_row_log(act->db, a->entity_id, act->arena, &there, &found, err);
    }
    *done = !later;
    return rc == NS_OK && !later ? ns_row_undo_log_fix(act->db, a, found ? &there : NULL, err) : rc;
}
static ns_rc undo_item_new(const struct ns_act *act, const struct ns_action_row *a, bool *done,
                           struct ns_err *err) {
    return ns_row_undo_item_new(act->db, a, done, err);
}
static ns_rc undo_item_change(const struct ns_act *act, const struct ns_action_row *a, bool *done,
                              struct ns_err *err) {
    return ns_row_undo_item_change(act->db, a, done, err);
}
static ns_rc undo_initial(const struct ns_act *act, const struct ns_action_row *a, bool *done,
                          struct ns_err *err) {
    return ns_row_undo_initial(act->db, a, done, err);
}
static ns_rc undo_child_new(const struct ns_act *act, const struct ns_action_row *a, bool *done,
                            struct ns_err *err) {
    return ns_row_undo_child_new(act->db, a, act->now, done, err);
}
static ns_rc undo_child_change(const struct ns_act *act, const struct ns_action_row *a, bool *done,
                               struct ns_err *err) {
    return ns_row_undo_child_change(act->db, a, act->now, done, err);
}
static ns_rc undo_import(const struct ns_act *act, const struct ns_action_row *a, bool *done,
                         struct ns_err *err) {
    return ns_row_undo_import(act->db, a, done, err);
}

static ns_rc undo_item_gone(const struct ns_act *act, const struct ns_action_row *a, bool *done,
                            struct ns_err *err) {
    return ns_row_removed(act->db, NS_REMOVE_ITEM, a->entity_id, NS_TIME_NONE, done, err);
}
static ns_rc undo_child_gone(const struct ns_act *act, const struct ns_action_row *a, bool *done,
                             struct ns_err *err) {
    return ns_row_removed(act->db, NS_REMOVE_CHILD, a->entity_id, NS_TIME_NONE, done, err);
}

static const struct way_back ways[] = {
    {"LOG", undo_log, NS_MSG_hh_undone_log, "usage_log"},
    {"LOG_FIX", undo_log_fix, NS_MSG_hh_undone_fix, "usage_log"},
    {"ITEM_NEW", undo_item_new, NS_MSG_hh_undone_stock, "inventory_item"},
    {"ITEM_CHANGE", undo_item_change, NS_MSG_hh_undone_stock, "inventory_item"},
    {"INITIAL", undo_initial, NS_MSG_hh_undone_stock, "child"},
    {"CHILD_NEW", undo_child_new, NS_MSG_hh_undone_child, "child"},
    {"CHILD_CHANGE", undo_child_change, NS_MSG_hh_undone_child, "child"},
    {"ITEM_GONE", undo_item_gone, NS_MSG_undone_item_gone, "inventory_item"},
    {"CHILD_GONE", undo_child_gone, NS_MSG_undone_child_gone, "child"},
    {"IMPORT", undo_import, NS_MSG_hh_undone_import, "import"},
};

static ns_rc take_back(const struct ns_act *act, const struct ns_action_row *a,
                       struct ns_undo_result *out, struct ns_err *err) {
    for (size_t i = 0; i < NS_COUNT(ways); i++) {
        if (strcmp(a->step, ways[i].step) != 0) {
            continue;
        }
        bool done = false;
        ns_rc rc = ways[i].run(act, a, &done, err);
        if (rc == NS_OK && !done) {
            rc = ns_err_say(err, NS_E_CONFLICT, NS_MSG_hh_undo_overtaken, NULL, NULL, NULL);
        }
        if (rc == NS_OK) {
            rc = ns_row_action_undone(act->db, a->id, act->now, err);
        }
        if (rc == NS_OK) {
            rc = act_audit(act, "UNDONE", ways[i].entity, a->entity_id,
                           ns_arena_printf(act->arena, "{\"step\":\"%s\"}", a->step), err);
        }
        *out = (struct ns_undo_result){a->id, a->kind, a->child_id, (int)ways[i].message};
        return rc;
    }
    return ns_err_note(err, NS_E_INTERNAL, "no way back for step %s", a->step);
}

ns_rc ns_household_undo(const struct ns_act *act, ns_id action, struct ns_undo_result *out,
                        struct ns_err *err) {
    struct ns_action_row a;
    bool found = false;
    *out = (struct ns_undo_result){0};
    ns_rc rc = ns_db_begin(act->db, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = ns_row_action(act->db, action, act->arena, &a, &found, err);
    if (rc == NS_OK && !found) {
        rc = ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_hh_undo_none, NULL, NULL, NULL);
    }
    if (rc == NS_OK && a.undone) {
        rc = ns_err_say(err, NS_E_CONFLICT, NS_MSG_hh_undo_twice, NULL, NULL, NULL);
    }
    if (rc == NS_OK) {
        rc = take_back(act, &a, out, err);
    }
    return act_end(act, rc, err);
}
