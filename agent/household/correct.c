/* correct.c: a change that was logged wrongly, for the wrong child or not at all: corrected or
 * taken out, by whoever may take back. What stood there before comes back by undo. */
#include "agent/household/act.h"

static ns_rc find(const struct ns_act *act, ns_id id, struct ns_usage_log *log, const char **was,
                  struct ns_err *err) {
    bool found = false;
    ns_rc rc = ns_row_log(act->db, id, act->arena, log, &found, err);
    if (rc == NS_OK && !found) {
        return ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_hh_log_gone, NULL, NULL, NULL);
    }
    return rc == NS_OK ? ns_row_log_json(act->db, id, act->arena, was, err) : rc;
}

static ns_rc give_back(const struct ns_act *act, const struct ns_usage_log *log, struct ns_err *err) {
    return ns_id_is_zero(log->inventory_item_id)
               ? NS_OK
               : ns_row_item_put_back(act->db, log->inventory_item_id, log->quantity_used, err);
}

/* To the other child: the piece as well. */
static ns_rc move(const struct ns_act *act, ns_id to, struct ns_log_result *r, struct ns_err *err) {
    struct ns_child child;
    bool opened = false;
    ns_rc rc = act_child(act, to, &child, err);
    if (rc == NS_OK) {
        rc = give_back(act, &r->log, err);
    }
    if (rc == NS_OK) {
        r->log.child_id = to;
        r->log.inventory_item_id = (ns_id){{0}};
        rc = act_take_piece(act, &child, r, &opened, err);
    }
    return rc;
}

static ns_rc correct(const struct ns_act *act, const struct ns_log_fix *in,
                     struct ns_log_result *r, struct ns_err *err) {
    struct ns_usage_log *log = &r->log;
    ns_rc rc = NS_OK;
    if ((in->set & NS_LOG_AT) != 0) {
        log->logged_at = in->logged_at;
        rc = act_log_time(act, in->logged_at, &log->local_day, err);
    }
    log->was_wet = (in->set & NS_LOG_WET) != 0 ? in->was_wet : log->was_wet;
    log->was_soiled = (in->set & NS_LOG_SOILED) != 0 ? in->was_soiled : log->was_soiled;
    log->had_leakage = (in->set & NS_LOG_LEAK) != 0 ? in->had_leakage : log->had_leakage;
    if (rc == NS_OK && (in->set & NS_LOG_CHILD) != 0 && !ns_id_eq(in->child_id, log->child_id)) {
        rc = move(act, in->child_id, r, err);
    }
    return rc == NS_OK ? ns_row_log_change(act->db, log, err) : rc;
}

static ns_rc noted(const struct ns_act *act, const char *what, ns_id child, const char *was,
                   struct ns_log_result *r, struct ns_err *err) {
    ns_rc rc = act_undoable(act, NS_ACTION_LOG, "LOG_FIX", child, r->log.id, was, &r->action, err);
    return rc == NS_OK ? act_audit(act, what, "usage_log", r->log.id, NULL, err) : rc;
}

ns_rc ns_log_correct(const struct ns_act *act, ns_id log, const struct ns_log_fix *in,
                     struct ns_log_result *out, ns_id *before, struct ns_err *err) {
    const char *was = NULL;
    bool found = false;
    *out = (struct ns_log_result){0};
    *before = (ns_id){{0}};
    if (in->set == 0) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_hh_log_nothing, NULL, NULL, NULL);
    }
    ns_rc rc = ns_db_begin(act->db, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = find(act, log, &out->log, &was, err);
    if (rc == NS_OK) {
        *before = out->log.child_id;
        rc = correct(act, in, out, err);
    }
    if (rc == NS_OK) {
        rc = noted(act, "USAGE_CORRECTED", *before, was, out, err);
    }
    if (rc == NS_OK) {
        rc = ns_row_log(act->db, log, act->arena, &out->log, &found, err);
    }
    return act_end(act, rc, err);
}

ns_rc ns_log_remove(const struct ns_act *act, ns_id log, struct ns_log_result *out,
                    struct ns_err *err) {
    const char *was = NULL;
    *out = (struct ns_log_result){0};
    ns_rc rc = ns_db_begin(act->db, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = find(act, log, &out->log, &was, err);
    if (rc == NS_OK) {
        rc = give_back(act, &out->log, err);
    }
    if (rc == NS_OK) {
        rc = ns_row_log_take_out(act->db, log, err);
    }
    if (rc == NS_OK) {
        rc = noted(act, "USAGE_REMOVED", out->log.child_id, was, out, err);
    }
    return act_end(act, rc, err);
}
