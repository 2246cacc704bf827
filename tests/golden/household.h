/* household.h: a state as the console holds it one March night: two children, sixty days. */
#pragma once
#include "tui/app/app.h"

/* Without data: as at start. With: read, live, at 02:14 on Friday 13 March 2026. */
void golden_empty(struct ns_app_state *state, int rows, int cols, enum ns_lang lang, bool ascii);
void golden_household(struct ns_app_state *state, int rows, int cols, enum ns_lang lang, bool ascii);
/* The same home with `count` children (2 to NS_APP_CHILDREN). */
void golden_family(struct ns_app_state *state, int count, int rows, int cols, enum ns_lang lang, bool ascii);
/* On the page of phones: p was pressed and the agent opened a window. */
void golden_pairing(struct ns_app_state *state);
/* The plan's page: another plan was chosen and its cost came; the card's page came. */
void golden_plan_cost(struct ns_app_state *state);
void golden_plan_page(struct ns_app_state *state);
void golden_key(struct ns_app_state *state, uint32_t key); /* commands are thrown away */
