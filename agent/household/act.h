/* act.h: what the files of this folder share: one transaction around one act. Internal. */
#pragma once
#include "agent/household/household.h"
#include "agent/store/rows.h"
#include "shared/base/env.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Commits when rc is NS_OK, else takes everything back; answers what counts. */
static inline ns_rc act_end(const struct ns_act *act, ns_rc rc, struct ns_err *err) {
    if (rc == NS_OK) {
        return ns_db_commit(act->db, err);
    }
    ns_db_rollback(act->db);
    return rc;
}

/* The audit line of an act, and its line in the list of what can be taken back. */
ns_rc act_audit(const struct ns_act *act, const char *action, const char *entity, ns_id entity_id,
                const char *detail, struct ns_err *err);
ns_rc act_undoable(const struct ns_act *act, enum ns_action_kind kind, const char *step,
                   ns_id child, ns_id entity, const char *data, ns_id *action, struct ns_err *err);

/* A text for one line of a form: trimmed, 1..max characters of valid UTF-8 without controls.
 * NULL and empty give NULL when optional. */
ns_rc act_text(const struct ns_act *act, const char *in, int max, bool required, int field_msg,
               const char **out, struct ns_err *err);
/* A number of low..high in the unit shown, out in whole parts of it (scale 1000: grams of a kg);
 * NAN, not given, is NS_NONE. */
ns_rc act_measure(double value, double low, double high, double scale, int msg, int *out,
                  struct ns_err *err);
/* A log's time: not ahead of the clock, not older than anybody remembers; the local day of it. */
ns_rc act_log_time(const struct ns_act *act, ns_time at, ns_date *day, struct ns_err *err);
/* Takes the log's piece from the right pack of the child. *opened: the pack was full before. */
ns_rc act_take_piece(const struct ns_act *act, const struct ns_child *child,
                     struct ns_log_result *r, bool *opened, struct ns_err *err);
/* The child must exist. */
ns_rc act_child(const struct ns_act *act, ns_id id, struct ns_child *out, struct ns_err *err);

static inline int act_clamp(int value, int low, int high) {
    return value < low ? low : value > high ? high : value;
}
