/* parts.h: what the files of agent/order share. Internal. */
#pragma once
#include "agent/order/book.h"
#include "agent/store/rows.h"
#include "shared/base/env.h"
#include "shared/crypto/crypto.h"

#include <stdio.h>
#include <string.h>

/* Commits when rc is NS_OK, else takes everything back. */
ns_rc order_end(const struct ns_act *act, ns_rc rc, struct ns_err *err);
ns_rc order_audit(const struct ns_act *act, const char *action, const struct ns_order *o, struct ns_err *err);
/* One line without control characters; empty gives NULL. */
ns_rc order_text(const struct ns_act *act, const char *in, size_t most, const char **out, struct ns_err *err);
ns_rc order_url(const struct ns_act *act, const char *in, const char **out, struct ns_err *err); /* https only */
/* The event on moved->order, inside the caller's transaction. */
ns_rc order_apply(const struct ns_act *act, enum ns_order_event event, const struct ns_order_report *report,
                  struct ns_order_moved *moved, struct ns_err *err);
/* What a child lacks: its diapers of a size, or a kind of supply. */
ns_rc order_need(const struct ns_act *act, const struct ns_child *child, const struct ns_order_line *line,
                 uint8_t out[32], struct ns_err *err);
