/* parts.h: what the files of agent/billing share. Internal. */
#pragma once
#include "agent/billing/billing.h"
#include "agent/store/money.h"
#include "agent/store/rows.h"
#include "shared/base/env.h"

#include <string.h>

/* Opens a transaction unless the caller has one; *own says whose it is. */
static inline ns_rc billing_begin(const struct ns_act *act, bool *own, struct ns_err *err) {
    *own = !ns_db_in_transaction(act->db);
    return *own ? ns_db_begin(act->db, err) : NS_OK;
}

static inline ns_rc billing_end(const struct ns_act *act, bool own, ns_rc rc, struct ns_err *err) {
    if (own && rc == NS_OK) {
        return ns_db_commit(act->db, err);
    }
    if (own) {
        ns_db_rollback(act->db);
    }
    return rc;
}

/* The owner of the home, and whether it is a demo. */
ns_rc billing_owner(const struct ns_act *act, struct ns_household *home, struct ns_err *err);
/* Price, rates and features of a tier in a province on the day of act. */
ns_rc billing_price(const struct ns_act *act, struct ns_subscription *s, struct ns_err *err);
ns_rc billing_audit(const struct ns_act *act, const char *action, const struct ns_subscription *s,
                    struct ns_err *err);
bool billing_terminal(enum ns_pay_status status);
/* Told once, as a line the console and the phones show. */
ns_rc billing_notice(const struct ns_act *act, const char *kind, const char *subject,
                     const char *detail, struct ns_err *err);
