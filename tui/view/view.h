/* view.h: state -> cells. Pure: no curses, clock, locale or socket. The grid is given the
 * state's size and ASCII mode first; everything is drawn anew each time. */
#pragma once
#include "tui/app/app.h"
#include "tui/app/wizard.h"
#include "tui/cell/grid.h"

/* (Re)makes the grid in the state's size and draws the whole screen. A zeroed grid is fine. */
void ns_view_draw(struct ns_grid *grid, const struct ns_app_state *state);
void ns_view_wizard(struct ns_grid *grid, const struct ns_wizard *wizard);
