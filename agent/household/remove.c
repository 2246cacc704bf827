#include "agent/household/remove.h"
#include "agent/household/act.h"
#include "agent/store/erase.h"

/* Compared exactly, blanks at both ends aside. */
static ns_rc check_words(const struct ns_act *act, const char *typed, const char *name, struct ns_err *err) {
    const char *wanted = ns_arena_printf(act->arena, "DELETE %s", name);
    struct ns_str want = ns_str_trim(ns_str_of(wanted)), given = ns_str_trim(ns_str_of(typed == NULL ? "" : typed));
    if (given.n != want.n || memcmp(given.p, want.p, want.n) != 0) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_remove_words, wanted, NULL, NULL);
    }
    return NS_OK;
}

ns_rc ns_item_remove(const struct ns_act *act, const struct ns_remove_input *in, struct ns_removed *out,
                     struct ns_err *err) {
    struct ns_inventory_item item = {0};
    bool found = false, done = false;
    *out = (struct ns_removed){0};
    ns_rc rc = ns_db_begin(act->db, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = ns_row_item(act->db, in->id, act->arena, &item, &found, err);
    if (rc == NS_OK && !found) {
        rc = ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_hh_item_unknown, NULL, NULL, NULL);
    }
    if (rc == NS_OK) {
        rc = check_words(act, in->words, ns_arena_printf(act->arena, "%s %s", item.brand, item.size), err);
    }
    if (rc == NS_OK) {
        out->child = item.child_id;
        rc = ns_row_removed(act->db, NS_REMOVE_ITEM, in->id, act->now, &done, err);
    }
    if (rc == NS_OK) {
        rc = act_undoable(act, NS_ACTION_STOCK, "ITEM_GONE", item.child_id, in->id, "{}", &out->action, err);
    }
    if (rc == NS_OK) {
        rc = act_audit(act, "INVENTORY_REMOVED", "inventory_item", in->id, NULL, err);
    }
    return act_end(act, rc, err);
}

static ns_rc erase(const struct ns_act *act, ns_id child, ns_forgetting_fn *before, void *self, int64_t *rows,
                   struct ns_err *err) {
    struct ns_erased erased = {0};
    ns_rc rc = before == NULL ? NS_OK : before(self, child, err); /* first: a list too long does no harm */
    if (rc == NS_OK) {
        rc = ns_row_child_erase(act->db, child, act->now, &erased, err);
    }
    *rows = erased.rows;
    return rc == NS_OK ? act_audit(act, "CHILD_ERASED", "child", child, NULL, err) : rc;
}

static ns_rc take_out(const struct ns_act *act, ns_id child, ns_id *action, struct ns_err *err) {
    bool done = false;
    ns_rc rc = ns_row_removed(act->db, NS_REMOVE_CHILD, child, act->now, &done, err);
    if (rc == NS_OK) {
        rc = act_undoable(act, NS_ACTION_CHILD, "CHILD_GONE", child, child, "{}", action, err);
    }
    return rc == NS_OK ? act_audit(act, "CHILD_REMOVED", "child", child, NULL, err) : rc;
}

ns_rc ns_child_remove(const struct ns_act *act, const struct ns_remove_input *in, ns_forgetting_fn *before, void *self,
                      struct ns_removed *out, struct ns_err *err) {
    struct ns_child child;
    *out = (struct ns_removed){.child = in->id};
    ns_rc rc = ns_db_begin(act->db, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = act_child(act, in->id, &child, err);
    if (rc == NS_OK) {
        rc = check_words(act, in->words, child.name, err);
    }
    if (rc == NS_OK) {
        rc = ns_row_holdings(act->db, in->id, &out->holds, err);
    }
    if (rc == NS_OK) {
        rc = in->erase ? erase(act, in->id, before, self, &out->rows, err) : take_out(act, in->id, &out->action, err);
    }
    return act_end(act, rc, err);
}

ns_rc ns_removed_over(const struct ns_act *act, ns_forgetting_fn *before, void *self, int *children,
                      struct ns_err *err) {
    ns_id *ids = NULL;
    int count = 0;
    int64_t rows = 0;
    *children = 0;
    ns_time bound = act->now - NS_REMOVED_DAYS * NS_DAY;
    ns_rc rc = ns_row_removed_children(act->db, bound, act->arena, &ids, &count, err);
    for (int i = 0; rc == NS_OK && i < count; i++) {
        rc = ns_db_begin(act->db, err);
        if (rc == NS_OK) {
            rc = act_end(act, erase(act, ids[i], before, self, &rows, err), err);
        }
        *children += rc == NS_OK ? 1 : 0;
    }
    if (rc == NS_OK) {
        rc = ns_db_begin(act->db, err);
    }
    return rc == NS_OK ? act_end(act, ns_row_removed_items_drop(act->db, bound, &rows, err), err) : rc;
}
