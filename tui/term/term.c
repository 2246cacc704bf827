/* term.c: curses. Only stdscr is used; the cells to draw come as a grid, and ncurses finds the
 * cheapest bytes for what changed. */
#include "tui/term/term.h"
#include "shared/base/arena.h"
#include "shared/text/message.h"
#include "shared/text/utf8.h"

#include <curses.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#define PAIRS_MOST 255
#define PASTE_MOST 4096

struct ns_term {
    struct ns_grid shown;
    struct ns_caps caps;
    bool all;             /* draw every cell next time */
    bool mouse_wanted;
    bool title_wanted;
    enum ns_theme theme;  /* of the cells shown */
    short pair_fg[PAIRS_MOST];
    short pair_bg[PAIRS_MOST];
    int pairs;
    const struct ns_grid *painting;
    bool pasting;
    size_t paste_len;
    char paste[PASTE_MOST];
};

/* The crash handler uses only these; written once, before the handler is installed or curses
 * starts. */
static struct termios saved_termios;
static volatile sig_atomic_t have_termios;
static volatile sig_atomic_t screen_on;

/* Mouse and paste off, cursor on, colours back, alternate screen left: harmless when already so. */
static const char off_sequence[] = "\033[?1000l\033[?1002l\033[?1006l\033[?2004l\033[0m"
                                   "\033[?25h\033[?1049l\r\n";
static const char paste_on[] = "\033[?2004h";
static const char paste_off[] = "\033[?2004l";

static void put_bytes(const char *bytes, size_t n) {
    while (n > 0) {
        ssize_t wrote = write(STDOUT_FILENO, bytes, n);
        if (wrote <= 0) {
            return;
        }
        bytes += wrote;
        n -= (size_t)wrote;
    }
}

static void on_crash(int signal_number) {
    if (screen_on) {
        put_bytes(off_sequence, sizeof off_sequence - 1);
        if (have_termios) {
            tcsetattr(STDIN_FILENO, TCSANOW, &saved_termios);
        }
    }
    /* SA_RESETHAND put the default action back. */
    raise(signal_number);
}

void ns_term_guard(void) {
    static char stack[64 * 1024];
    const stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    sigaltstack(&alternate, NULL);
    have_termios = tcgetattr(STDIN_FILENO, &saved_termios) == 0;
    static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    for (size_t i = 0; i < NS_COUNT(signals); i++) {
        struct sigaction action = {.sa_handler = on_crash,
                                   .sa_flags = (int)(SA_ONSTACK | SA_RESETHAND | SA_NODEFER)};
        sigemptyset(&action.sa_mask);
        sigaction(signals[i], &action, NULL);
    }
}

/* True when the terminal's character set is UTF-8. */
static bool set_locale(void) {
    if (setlocale(LC_CTYPE, "") == NULL || strcmp(nl_langinfo(CODESET), "UTF-8") != 0) {
        const char *wanted = getenv("LC_ALL");
        wanted = wanted != NULL && wanted[0] != '\0' ? wanted : getenv("LC_CTYPE");
        wanted = wanted != NULL && wanted[0] != '\0' ? wanted : getenv("LANG");
        bool asks_utf8 = wanted != NULL && (strcasestr(wanted, "utf-8") != NULL ||
                                            strcasestr(wanted, "utf8") != NULL);
        /* The person wants UTF-8 but their locale is not generated on this machine. */
        if (!asks_utf8 || setlocale(LC_CTYPE, "C.UTF-8") == NULL) {
            setlocale(LC_CTYPE, "C");
            return false;
        }
    }
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static void mouse_set(struct ns_term *term, bool on) {
    term->caps.mouse = on;
    mousemask(on ? BUTTON1_PRESSED | BUTTON1_CLICKED | BUTTON4_PRESSED | BUTTON5_PRESSED : 0, NULL);
}

static void screen_begin(struct ns_term *term) {
    raw();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    intrflush(stdscr, FALSE);
    mouseinterval(0);
    set_escdelay(25);
    curs_set(0);
    mouse_set(term, term->mouse_wanted);
    put_bytes(paste_on, sizeof paste_on - 1);
    screen_on = 1;
}

ns_rc ns_term_open(struct ns_term **out, const struct ns_term_setup *setup, struct ns_err *err) {
    *out = NULL;
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        return ns_err_say(err, NS_E_USAGE, NS_MSG_err_no_terminal, NULL, NULL, NULL);
    }
    bool utf8 = set_locale();
    have_termios = tcgetattr(STDIN_FILENO, &saved_termios) == 0;
    const char *name = getenv("TERM");
    SCREEN *screen = newterm(name, stdout, stdin);
    if (screen == NULL) {
        return ns_err_say(err, NS_E_CONFIG, NS_MSG_err_term_unknown, name == NULL ? "" : name, NULL,
                          NULL);
    }
    set_term(screen);
    struct ns_term *term = ns_xcalloc(1, sizeof *term);
    term->caps.unicode = utf8 && !setup->force_ascii;
    bool linux_console = name != NULL && strcmp(name, "linux") == 0;
    term->caps.braille = term->caps.unicode && !linux_console; /* its font has no braille */
    term->mouse_wanted = setup->mouse;
    term->title_wanted = setup->title;
    if (has_colors() && !setup->no_colour) {
        start_color();
        use_default_colors();
        term->caps.colours = COLORS >= 256 ? 256 : COLORS >= 16 ? 16 : COLORS >= 8 ? 8 : 0;
    }
    term->all = true;
    screen_begin(term);
    define_key("\033[200~", KEY_MAX - 2);
    define_key("\033[201~", KEY_MAX - 1);
    *out = term;
    return NS_OK;
}

void ns_term_close(struct ns_term *term) {
    if (term == NULL) {
        return;
    }
    mousemask(0, NULL);
    put_bytes(paste_off, sizeof paste_off - 1);
    curs_set(1);
    endwin();
    screen_on = 0;
    if (have_termios) {
        tcsetattr(STDIN_FILENO, TCSADRAIN, &saved_termios);
    }
    ns_grid_fini(&term->shown);
    explicit_bzero(term->paste, sizeof term->paste);
    free(term);
}

int ns_term_fd(const struct ns_term *term) {
    (void)term;
    return STDIN_FILENO;
}

struct ns_caps ns_term_caps(const struct ns_term *term) {
    return term->caps;
}

void ns_term_size(const struct ns_term *term, int *rows, int *cols) {
    (void)term;
    getmaxyx(stdscr, *rows, *cols);
}

static uint32_t special(wint_t key) {
    switch (key) {
    case KEY_UP:
        return NS_KEY_UP;
    case KEY_DOWN:
        return NS_KEY_DOWN;
    case KEY_LEFT:
        return NS_KEY_LEFT;
    case KEY_RIGHT:
        return NS_KEY_RIGHT;
    case KEY_HOME:
        return NS_KEY_HOME;
    case KEY_END:
        return NS_KEY_END;
    case KEY_PPAGE:
        return NS_KEY_PAGE_UP;
    case KEY_NPAGE:
        return NS_KEY_PAGE_DOWN;
    case KEY_DC:
        return NS_KEY_DELETE;
    case KEY_BTAB:
        return NS_KEY_BACKTAB;
    case KEY_BACKSPACE:
        return NS_KEY_BACKSPACE;
    case KEY_ENTER:
        return NS_KEY_ENTER;
    case KEY_F(1):
        return NS_KEY_F1;
    default:
        return NS_KEY_NONE;
    }
}

static bool read_mouse(struct ns_event *out) {
    MEVENT event;
    if (getmouse(&event) != OK) {
        return false;
    }
    out->kind = NS_EVENT_MOUSE;
    out->mouse.row = event.y;
    out->mouse.col = event.x;
    if (event.bstate & BUTTON4_PRESSED) {
        out->mouse.action = NS_MOUSE_WHEEL_UP;
    } else if (event.bstate & BUTTON5_PRESSED) {
        out->mouse.action = NS_MOUSE_WHEEL_DOWN;
    } else if (event.bstate & (BUTTON1_PRESSED | BUTTON1_CLICKED)) {
        out->mouse.action = NS_MOUSE_PRESS;
    } else {
        return false;
    }
    return true;
}

static void paste_add(struct ns_term *term, wint_t key) {
    char bytes[4];
    size_t n = ns_utf8_put((uint32_t)key, bytes);
    if (term->paste_len + n <= sizeof term->paste) {
        memcpy(term->paste + term->paste_len, bytes, n);
        term->paste_len += n;
    }
}

bool ns_term_read(struct ns_term *term, struct ns_event *out) {
    wint_t key;
    int kind;
    while ((kind = get_wch(&key)) != ERR) {
        *out = (struct ns_event){.kind = NS_EVENT_KEY};
        if (kind == KEY_CODE_YES) {
            if (key == KEY_MAX - 2) {
                term->pasting = true;
                term->paste_len = 0;
            } else if (key == KEY_MAX - 1 && term->pasting) {
                term->pasting = false;
                out->kind = NS_EVENT_PASTE;
                out->paste = (struct ns_str){term->paste, term->paste_len};
                return true;
            } else if (key == KEY_MOUSE) {
                if (read_mouse(out)) {
                    return true;
                }
            } else if (!term->pasting && (out->key = special(key)) != NS_KEY_NONE) {
                return true;
            }
            continue; /* KEY_RESIZE and keys without a meaning */
        }
        if (term->pasting) {
            paste_add(term, key);
            continue;
        }
        out->key = key == '\n' ? NS_KEY_ENTER : key == 8 ? NS_KEY_BACKSPACE : (uint32_t)key;
        return true;
    }
    return false;
}

/* Pairs are made as they are needed; pair 0 is the terminal's own. */
static short pair_of(struct ns_term *term, short fg, short bg) {
    if (fg < 0 && bg < 0) {
        return 0;
    }
    for (int i = 0; i < term->pairs; i++) {
        if (term->pair_fg[i] == fg && term->pair_bg[i] == bg) {
            return (short)(i + 1);
        }
    }
    if (term->pairs >= PAIRS_MOST || term->pairs + 1 >= COLOR_PAIRS) {
        return 0;
    }
    init_pair((short)(term->pairs + 1), fg, bg);
    term->pair_bg[term->pairs] = bg;
    term->pair_fg[term->pairs++] = fg;
    return (short)term->pairs;
}

static void paint_cell(void *self, int row, int col, const struct ns_cell *cell) {
    struct ns_term *term = self;
    struct ns_style style = ns_theme_style(term->theme, (enum ns_role)cell->role, term->caps.colours);
    attr_t attrs = A_NORMAL;
    attrs |= (style.attrs & NS_ATTR_BOLD) ? A_BOLD : 0;
    attrs |= (style.attrs & NS_ATTR_DIM) ? A_DIM : 0;
    attrs |= (style.attrs & NS_ATTR_UNDERLINE) ? A_UNDERLINE : 0;
    attrs |= (style.attrs & NS_ATTR_REVERSE) ? A_REVERSE : 0;
    wchar_t text[NS_CELL_MARKS + 2] = {(wchar_t)cell->cp};
    /* curses moves its cursor by the C library's width: where that differs from ours the
     * character cannot be shown safely. */
    if (cell->cp >= 0x80 && wcwidth(text[0]) != cell->width) {
        for (int i = 0; i < cell->width; i++) {
            text[i] = L'?';
        }
        if (cell->width == 2) {
            cchar_t one;
            const wchar_t mark[2] = {L'?', 0};
            setcchar(&one, mark, attrs, pair_of(term, style.fg, style.bg), NULL);
            mvadd_wch(row, col + 1, &one);
        }
        text[1] = 0;
    } else {
        for (int i = 0; i < NS_CELL_MARKS && cell->mark[i] != 0; i++) {
            if (wcwidth((wchar_t)cell->mark[i]) != 0) {
                break;
            }
            text[i + 1] = (wchar_t)cell->mark[i];
        }
    }
    cchar_t wide;
    if (setcchar(&wide, text, attrs, pair_of(term, style.fg, style.bg), NULL) == OK) {
        mvadd_wch(row, col, &wide);
    }
}

void ns_term_paint(struct ns_term *term, const struct ns_grid *grid, enum ns_theme theme) {
    bool all = term->all || theme != term->theme;
    term->theme = theme;
    if (all) {
        erase();
    }
    size_t changed = ns_grid_diff(all ? NULL : &term->shown, grid, paint_cell, term);
    if (changed > 0 || all) {
        int rows;
        int cols;
        getmaxyx(stdscr, rows, cols);
        move(rows - 1, cols - 1);
        refresh();
    }
    ns_grid_copy(&term->shown, grid);
    term->all = false;
}

void ns_term_redraw(struct ns_term *term) {
    term->all = true;
    clearok(curscr, TRUE);
}

void ns_term_resize(struct ns_term *term) {
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0) {
        resizeterm(size.ws_row, size.ws_col);
    }
    ns_term_redraw(term);
}

void ns_term_mouse(struct ns_term *term, bool on) {
    term->mouse_wanted = on;
    mouse_set(term, on);
}

void ns_term_title(struct ns_term *term, const char *title) {
    if (!term->title_wanted || tigetflag("hs") != 1) {
        const char *name = getenv("TERM");
        if (!term->title_wanted || name == NULL ||
            (strncmp(name, "xterm", 5) != 0 && strncmp(name, "tmux", 4) != 0)) {
            return;
        }
    }
    char clean[128];
    size_t n = 0;
    struct ns_str rest = ns_str_of(title);
    uint32_t cp;
    while (n + 4 < sizeof clean && ns_utf8_next_clean(&rest, &cp)) {
        n += ns_utf8_put(cp, clean + n);
    }
    put_bytes("\033]0;", 4);
    put_bytes(clean, n);
    put_bytes("\a", 1);
}

void ns_term_suspend(struct ns_term *term) {
    put_bytes(paste_off, sizeof paste_off - 1);
    mousemask(0, NULL);
    endwin();
    screen_on = 0;
    raise(SIGSTOP);
    refresh();
    screen_begin(term);
    ns_term_resize(term);
}
