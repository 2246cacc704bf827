/* export.h: what the home holds about its people, in forms that can be taken along.
 *
 * JSON has every table a person has a right to (agent/store/export.h); CSV is the log in the form
 * `nestsync import` reads. Each export is one moment of the store and one line of the audit trail.
 * Threads: the act's connection. */
#pragma once
#include "agent/household/household.h"
#include "agent/store/export.h"
#include "shared/base/buf.h"

enum ns_export_format { NS_EXPORT_JSON, NS_EXPORT_CSV };
#define NS_EXPORT_MOST ((size_t)1 << 30)

/* Appends to out (its maximum is the limit: NS_E_LIMIT). what->child must exist when given. */
ns_rc ns_household_export(const struct ns_act *act, enum ns_export_format format,
                          const struct ns_export_what *what, struct ns_buf *out, struct ns_err *err) NS_MUST_USE;
