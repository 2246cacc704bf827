/* term.h: the one module that knows curses: screen, colours, keys, mouse, suspend, crash.
 *
 * Life: ns_term_guard() first of all (before any signal setup of main), then open, then paint
 * and read as often as wanted, then close. main owns the loop: it polls ns_term_fd() and calls
 * ns_term_read; SIGWINCH comes by signalfd, then ns_term_resize. SIGTSTP is never used: ctrl-z
 * arrives as a key and main calls ns_term_suspend.
 * Memory: one terminal per process. Threads: loop thread; the crash handler may run anywhere. */
#pragma once
#include "shared/base/err.h"
#include "tui/app/app.h"
#include "tui/cell/grid.h"

struct ns_term;

struct ns_term_setup {
    bool force_ascii;
    bool no_colour;   /* NO_COLOR or --mono */
    bool mouse;
    bool title;       /* off by default: shoulders see it */
};

/* Handlers for SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT that put the terminal back and
 * raise the signal again. Call once, early. */
void ns_term_guard(void);

/* False for a terminal that is known and cannot move its cursor (TERM=dumb): no screens there. */
bool ns_term_has_cursor(void);

/* Block SIGWINCH, SIGTERM, SIGHUP and SIGINT before this call and take them by signalfd. */
ns_rc ns_term_open(struct ns_term **out, const struct ns_term_setup *setup, struct ns_err *err)
    NS_MUST_USE;
void ns_term_close(struct ns_term *term); /* NULL is fine; the screen is as it was before */
int ns_term_fd(const struct ns_term *term); /* readable: call ns_term_read */
struct ns_caps ns_term_caps(const struct ns_term *term);
void ns_term_size(const struct ns_term *term, int *rows, int *cols);

/* The next key, paste or mouse event that is ready; false when there is none. A paste borrows
 * memory of the terminal until the next call. */
bool ns_term_read(struct ns_term *term, struct ns_event *out);
void ns_term_paint(struct ns_term *term, const struct ns_grid *grid, enum ns_theme theme);
void ns_term_redraw(struct ns_term *term);  /* the next paint draws every cell */
void ns_term_resize(struct ns_term *term);  /* asks the kernel for the size */
void ns_term_mouse(struct ns_term *term, bool on);
void ns_term_title(struct ns_term *term, const char *title); /* nothing unless set up with title */
void ns_term_suspend(struct ns_term *term); /* stops the process; returns after fg */
