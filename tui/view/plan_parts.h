/* plan_parts.h: amounts in columns, for the page of the plan and its questions. Private to tui/view. */
#pragma once
#include "tui/view/plan_tax.h"
#include "tui/view/screens.h"

struct ns_line ns_view_money(enum ns_lang lang, ns_money cents);
struct ns_line ns_view_iso(ns_date day); /* 2026-04-01: the same in both languages; empty for none */
/* A label, its amount ending at column `end`. */
void ns_view_amount(const struct ns_pen *pen, int row, int end, const char *label, ns_money cents, enum ns_role role);
/* A price with each of its taxes and the total, a row each; returns the rows taken. */
int ns_view_priced(const struct ns_pen *pen, int row, int end, const char *province, ns_date day,
                   const char *label, ns_money price, enum ns_msg total_label);
/* The same in one row: with tax. */
void ns_view_total(const struct ns_pen *pen, int row, int end, const char *province, ns_date day, const char *label, ns_money price);
/* The taxes that were charged, each on its row; returns the rows taken. */
int ns_view_charged(const struct ns_pen *pen, int row, int end, const char *province, ns_date day,
                    const ns_money tax[NS_APP_TAXES]);
struct ns_line ns_view_standing(const struct ns_app_state *state);
