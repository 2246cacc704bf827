/* demo.h: a practice household: one child from a real log, an older sibling simulated.
 *
 * The log is schema/data/usage/real_a.csv, compiled in. Its last day becomes today; all days
 * move by the same number, so that its rhythm from day to day is kept. Weekdays move with it
 * unless the distance happens to be whole weeks: a newborn's log has no working week to lose.
 * Pure but for ns_cli_demo. */
#pragma once
#include "shared/base/buf.h"
#include "shared/base/err.h"
#include "shared/base/time.h"

extern const unsigned char ns_demo_log[];
extern const size_t ns_demo_log_bytes;

#define NS_DEMO_SIBLING_DAYS 120
#define NS_DEMO_SIBLING_AGE 870 /* days: 2 years and 4 months */

/* `date,time,type` text with every date moved so that the last is `today`; lines of today after
 * `minute` are left out. *first receives the first day after moving. NS_E_INPUT: no such log. */
ns_rc ns_demo_shift(struct ns_str csv, ns_date today, int minute, struct ns_buf *out,
                    ns_date *first, struct ns_err *err) NS_MUST_USE;

/* The sibling, from a fixed seed: five changes a day give or take one (one in five days has one
 * more, one in five one less), one fewer on Tuesdays and Thursdays (daycare keeps its own), at
 * six usual hours give or take forty minutes; the change after breakfast is soiled, each other
 * one with a chance of one in twelve. */
void ns_demo_sibling(ns_date today, int minute, struct ns_buf *out);
