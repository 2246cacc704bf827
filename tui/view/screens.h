/* screens.h: one function a screen, into the body's pen. Private to tui/view. */
#pragma once
#include "tui/app/layout.h"
#include "tui/view/view.h"
#include "tui/widget/draw.h"

void ns_screen_home(const struct ns_pen *body, const struct ns_app_state *state, enum ns_form form);
void ns_screen_log(const struct ns_pen *body, const struct ns_app_state *state, enum ns_form form);
void ns_screen_next(const struct ns_pen *body, const struct ns_app_state *state, enum ns_form form);
void ns_screen_stock(const struct ns_pen *body, const struct ns_app_state *state, enum ns_form form);
/* Sees the report and nothing else: there is no name in it to show. */
void ns_screen_support(const struct ns_pen *body, const struct ns_app_support *support, ns_time now,
                       int focus, const struct ns_list *list, enum ns_form form);
void ns_screen_pair(const struct ns_pen *body, const struct ns_app_state *state, enum ns_form form);
void ns_screen_plan(const struct ns_pen *body, const struct ns_app_state *state, enum ns_form form);
/* The question of a dialog about the plan, above its buttons. */
void ns_view_plan_dialog(const struct ns_pen *screen, const struct ns_app_state *state);
/* No and Yes, in the last row of a box. */
void ns_view_yes_no(const struct ns_pen *in, const struct ns_app_state *state);
void ns_overlay_draw(const struct ns_pen *screen, const struct ns_app_state *state);

/* Parts several screens use. */
struct ns_line ns_view_size(enum ns_lang lang, int size);
struct ns_line ns_view_age(enum ns_lang lang, ns_date birth, ns_date today);
struct ns_line ns_view_left(enum ns_lang lang, const struct ns_app_child *child);
/* When it runs out, in the longest form that fits cols: the date is never cut. */
struct ns_line ns_view_runout(const struct ns_pen *pen, const struct ns_app_state *state,
                              const struct ns_app_child *child, int cols);
enum ns_msg ns_view_sure(enum ns_app_confidence confidence);
/* The 80 % range of the run-out day, "8 in 10: 2 Dec – 4 Dec"; one day is said once. Needs
 * runout_earliest. */
struct ns_line ns_view_runout_range(enum ns_lang lang, const struct ns_app_prediction *prediction);
enum ns_role ns_view_urgency(const struct ns_app_state *state, const struct ns_app_child *child);
/* The fan chart of a child; back: days of history wanted. */
void ns_view_fan(const struct ns_pen *pen, const struct ns_app_state *state,
                 const struct ns_app_child *child, int back);
/* The page of Next with all children; from two on. */
void ns_view_together(const struct ns_pen *pen, const struct ns_app_state *state);
void ns_view_empty(const struct ns_pen *body, const struct ns_app_state *state);
/* Newest logs as lines, from `row` for `rows` lines. */
void ns_view_log_lines(const struct ns_pen *pen, const struct ns_app_state *state, int row, int rows,
                       const uint16_t *shown, int count, int top, int focus);
