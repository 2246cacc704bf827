/* console.c: the loop: terminal, agent, signals and clock into the reducer, its commands out,
 * views onto the screen. One thread; nothing here waits but poll. */
#include "tui/cli/console.h"
#include "shared/base/arena.h"
#include "shared/base/env.h"
#include "tui/app/layout.h"
#include "tui/cli/init.h"
#include "tui/link/link.h"
#include "tui/term/term.h"
#include "tui/view/view.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define FRAME_US 50000 /* news are drawn at most 20 times a second */
#define ONCE_MS 15000  /* without a terminal: how long the agent may take for everything */

struct console {
    struct ns_cli *cli;
    struct ns_term *term; /* NULL: no terminal, the screen is printed once */
    struct ns_link *link;
    struct ns_seal seal;
    struct ns_app_state state;
    struct ns_grid grid;
    bool dirty;
    bool counting; /* a pairing window's seconds */
    bool running;
    int64_t drawn_us;
    int signals;
    int timer;
    char title[128]; /* the terminal's, as last written */
};

static void carry_out(struct console *c, const struct ns_cmds *cmds);

/* One event through the reducer; the clock goes first, so that "now" is never stale. */
static void step(struct console *c, const struct ns_event *event) {
    struct ns_cmds cmds = {0};
    ns_time now = ns_env_now(c->cli->env);
    struct ns_event tick = {.kind = NS_EVENT_TICK,
                            .now = now,
                            .utc_offset_s = ns_link_utc_offset(c->link, now)};
    c->dirty |= ns_app_step(&c->state, &tick, &cmds);
    c->dirty |= ns_app_step(&c->state, event, &cmds);
    carry_out(c, &cmds);
}

static void on_link_event(void *self, const struct ns_event *event) {
    step(self, event);
}

static const char *theme_word(enum ns_theme theme) {
    return ns_theme_key(theme);
}

static void save_settings(struct console *c) {
    struct ns_settings *s = &c->cli->settings;
    struct ns_buf text = NS_BUF(1 << 14);
    /* A theme the file does not know keeps the old value: it is a choice for this evening. */
    (void)!ns_settings_set(s, NS_SET_LANGUAGE, ns_str_of(ns_lang_code(c->state.lang)), NULL);
    (void)!ns_settings_set(s, NS_SET_THEME, ns_str_of(theme_word(c->state.theme)), NULL);
    (void)!ns_settings_set(s, NS_SET_MOUSE, ns_str_of(c->state.caps.mouse ? "on" : "off"), NULL);
    ns_settings_write(s, &text);
    if (text.data != NULL && !text.failed) {
        const struct ns_env *env = c->cli->env;
        (void)!env->write_file(env->self, c->cli->paths.console_ini, text.data, text.len, 0600, NULL);
    }
    ns_buf_fini(&text);
}

static void resized(struct console *c) {
    struct ns_event resize = {.kind = NS_EVENT_RESIZE};
    ns_term_resize(c->term);
    ns_term_size(c->term, &resize.rows, &resize.cols);
    step(c, &resize);
    c->dirty = true;
}

static void carry_out(struct console *c, const struct ns_cmds *cmds) {
    for (size_t i = 0; i < cmds->count; i++) {
        const struct ns_cmd *cmd = &cmds->list[i];
        switch (cmd->kind) {
        case NS_CMD_SAVE_SETTINGS: save_settings(c); break;
        case NS_CMD_MOUSE:
            if (c->term != NULL) {
                ns_term_mouse(c->term, c->state.caps.mouse);
            }
            break;
        case NS_CMD_REDRAW:
            if (c->term != NULL) {
                ns_term_redraw(c->term);
                c->dirty = true;
            }
            break;
        case NS_CMD_SUSPEND:
            if (c->term != NULL) {
                ns_term_suspend(c->term);
                resized(c); /* nobody told us while we slept */
            }
            break;
        case NS_CMD_QUIT: c->running = false; break;
        case NS_CMD_LOAD:
        case NS_CMD_LOG:
        case NS_CMD_UNDO:
        case NS_CMD_FIX:
        case NS_CMD_TAKE_OUT:
        case NS_CMD_STOCK_SET:
        case NS_CMD_STOCK_ADD:
        case NS_CMD_PREDICT:
        case NS_CMD_PAIR:
        case NS_CMD_NETWORK:
        case NS_CMD_DEVICE_RENAME:
        case NS_CMD_DEVICE_REVOKE:
        case NS_CMD_PLAN_COST:
        case NS_CMD_PLAN_BUY:
        case NS_CMD_PLAN_CHANGE:
        case NS_CMD_PLAN_STOP:
        case NS_CMD_PLAN_RESUME:
        case NS_CMD_PLAN_MOVE:
        case NS_CMD_PLAN_CARD:
        case NS_CMD_RECONNECT: ns_link_command(c->link, cmd); break;
        }
    }
}

/* "NestSync: Théo 2 d", who runs out first; only with the setting, and only when it changes. */
static void show_title(struct console *c) {
    const struct ns_app_child *first = NULL;
    int32_t least = 0;
    for (int i = 0; i < c->state.child_count && !c->state.support_only; i++) {
        int32_t days = ns_app_days_left(&c->state, &c->state.children[i]);
        if (days != NS_APP_NUMBER_NONE && (first == NULL || days < least)) {
            first = &c->state.children[i];
            least = days;
        }
    }
    char number[16];
    char title[sizeof c->title];
    snprintf(number, sizeof number, "%d", (int)least);
    struct ns_buf text = NS_BUF(sizeof title);
    ns_buf_text(&text, ns_msg(c->state.lang, NS_MSG_app_name));
    if (first != NULL) {
        ns_buf_fmt(&text, ": %s ", first->name);
        NS_MSG_TO(&text, c->state.lang, NS_MSG_small_days, number);
    }
    ns_str_copy(ns_buf_view(&text), title, sizeof title);
    ns_buf_fini(&text);
    if (strcmp(title, c->title) != 0) {
        memcpy(c->title, title, sizeof title);
        ns_term_title(c->term, title);
    }
}

static void draw(struct console *c) {
    if (ns_settings_bool(&c->cli->settings, NS_SET_TITLE)) {
        show_title(c);
    }
    ns_view_draw(&c->grid, &c->state);
    ns_term_paint(c->term, &c->grid, c->state.theme);
    c->dirty = false;
    c->drawn_us = ns_env_steady_us(c->cli->env);
}

/* ---- setting up --------------------------------------------------------------------------- */

bool ns_console_utf8(void) {
    const char *const names[] = {getenv("LC_ALL"), getenv("LC_CTYPE"), getenv("LANG")};
    for (size_t i = 0; i < NS_COUNT(names); i++) {
        if (names[i] != NULL && names[i][0] != '\0') {
            return strcasestr(names[i], "utf-8") != NULL || strcasestr(names[i], "utf8") != NULL;
        }
    }
    return false;
}

struct ns_term_setup ns_console_term_setup(const struct ns_cli *cli) {
    const char *no_colour = getenv("NO_COLOR");
    return (struct ns_term_setup){
        .force_ascii = strcmp(ns_settings_text(&cli->settings, NS_SET_LETTERS), "ascii") == 0,
        .no_colour = no_colour != NULL && no_colour[0] != '\0',
        .mouse = ns_settings_bool(&cli->settings, NS_SET_MOUSE),
        .title = ns_settings_bool(&cli->settings, NS_SET_TITLE)};
}

enum ns_theme ns_console_theme(const struct ns_cli *cli) {
    enum ns_theme theme = NS_THEME_DARK;
    (void)ns_theme_parse(ns_str_of(ns_settings_text(&cli->settings, NS_SET_THEME)), &theme);
    return theme;
}

static void set_up(struct console *c, struct ns_cli *cli, int rows, int cols, struct ns_caps caps) {
    struct ns_app_setup setup = {.lang = cli->lang,
                                 .theme = ns_console_theme(cli),
                                 .caps = caps,
                                 .support_only = cli->args.given[NS_OPT_SUPPORT],
                                 .rows = rows,
                                 .cols = cols};
    bool known = false;
    const char *screen = cli->args.value[NS_OPT_SCREEN];
    setup.screen = ns_app_screen_parse(ns_str_of(screen), &known);
    if (!known) {
        setup.screen = NS_SCREEN_HOME;
    }
    ns_env_random(cli->env, setup.seed, sizeof setup.seed);
    ns_app_init(&c->state, &setup);
    c->seal = (struct ns_seal){.env = cli->env,
                               .key_path = cli->paths.machine_key,
                               .state_path = cli->paths.console_state};
    const struct ns_link_setup link = {.env = cli->env,
                                       .lang = cli->lang,
                                       .socket_path = cli->paths.socket,
                                       .seal = ns_seal_possible(&c->seal) ? &c->seal : NULL,
                                       .support_only = setup.support_only,
                                       .self = c,
                                       .event = on_link_event};
    c->link = ns_link_new(&link);
    c->running = true;
    c->dirty = true;
}

static void begin(struct console *c) {
    struct ns_event start = {.kind = NS_EVENT_START};
    step(c, &start);
    ns_link_start(c->link);
}

/* An answer to nothing that was asked: its text goes where answers go. */
static void tell(struct console *c, const struct ns_err *trouble) {
    struct ns_app_done done = {.ok = false};
    struct ns_buf text = NS_BUF(1000);
    ns_err_text(&text, c->cli->lang, trouble);
    ns_str_copy(ns_buf_view(&text), done.text, sizeof done.text);
    ns_buf_fini(&text);
    struct ns_event event = {.kind = NS_EVENT_DONE, .done = &done};
    step(c, &event);
}

static void tear_down(struct console *c) {
    ns_link_free(c->link);
    ns_grid_fini(&c->grid);
    if (c->signals >= 0) {
        close(c->signals);
    }
    if (c->timer >= 0) {
        close(c->timer);
    }
}

/* ---- with a terminal ---------------------------------------------------------------------- */

static int open_signals(sigset_t *old) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGWINCH);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, old);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Rings when the next minute of the wall clock begins, or the next second of a pairing window;
 * nothing else wakes an idle console. */
static void set_minute(const struct console *c) {
    ns_time every = c->state.pairing.code[0] != '\0' ? NS_SECOND : NS_MINUTE;
    ns_time left = every - ns_env_now(c->cli->env) % every;
    struct itimerspec when = {.it_value = {.tv_sec = left / NS_SECOND,
                                           .tv_nsec = (left % NS_SECOND) * 1000 + 1}};
    timerfd_settime(c->timer, 0, &when, NULL);
}

static void take_signals(struct console *c) {
    struct signalfd_siginfo info;
    while (read(c->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGWINCH) {
            resized(c);
        } else {
            c->running = false;
        }
    }
}

static bool take_keys(struct console *c) {
    struct ns_event event;
    bool any = false;
    while (c->running && ns_term_read(c->term, &event)) {
        step(c, &event);
        any = true;
    }
    if (any) {
        ns_link_watch(c->link, true);
    }
    return any;
}

/* Milliseconds until something must happen without any descriptor: the agent's timer or a frame
 * that was held back. */
static int patience(const struct console *c) {
    int wait = ns_link_timeout_ms(c->link);
    if (c->dirty) {
        int64_t left = (c->drawn_us + FRAME_US - ns_env_steady_us(c->cli->env)) / 1000;
        int frame = left < 0 ? 0 : (int)left + 1;
        wait = wait < 0 || frame < wait ? frame : wait;
    }
    return wait;
}

static void turn(struct console *c) {
    struct pollfd fds[] = {{.fd = ns_term_fd(c->term), .events = POLLIN},
                           {.fd = c->signals, .events = POLLIN},
                           {.fd = c->timer, .events = POLLIN},
                           {.fd = ns_link_fd(c->link), .events = ns_link_wants(c->link)}};
    int ready = poll(fds, NS_COUNT(fds), patience(c));
    bool key = false;
    if (ready < 0 && errno != EINTR) {
        c->running = false;
        return;
    }
    if ((fds[0].revents & (POLLHUP | POLLERR)) != 0 && (fds[0].revents & POLLIN) == 0) {
        c->running = false; /* the terminal has gone */
        return;
    }
    if (fds[1].revents != 0) {
        take_signals(c);
        key = true; /* a resize is drawn at once */
    }
    if (fds[0].revents != 0) {
        key |= take_keys(c);
    }
    if (fds[2].revents != 0) {
        uint64_t rings;
        (void)!read(c->timer, &rings, sizeof rings);
        set_minute(c);
        struct ns_event tick = {.kind = NS_EVENT_TICK,
                                .now = ns_env_now(c->cli->env)};
        tick.utc_offset_s = ns_link_utc_offset(c->link, tick.now);
        step(c, &tick);
        ns_link_watch(c->link, false);
    }
    if (fds[3].revents != 0 || ns_link_timeout_ms(c->link) == 0) {
        ns_link_pump(c->link);
    }
    if (c->counting != (c->state.pairing.code[0] != '\0')) {
        c->counting = !c->counting;
        set_minute(c);
    }
    bool due = ns_env_steady_us(c->cli->env) - c->drawn_us >= FRAME_US;
    if (c->running && c->dirty && (key || due)) {
        draw(c);
    }
}

/* trouble: why the agent is not there; NULL: it is. */
static ns_rc with_terminal(struct ns_cli *cli, const struct ns_err *trouble, struct ns_err *err) {
    struct console *c = ns_xcalloc(1, sizeof *c);
    c->cli = cli;
    c->timer = -1;
    sigset_t old;
    ns_term_guard();
    c->signals = open_signals(&old);
    c->timer = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    struct ns_term_setup setup = ns_console_term_setup(cli);
    ns_rc rc = ns_term_open(&c->term, &setup, err);
    if (rc == NS_OK) {
        int rows = 24;
        int cols = 80;
        ns_term_size(c->term, &rows, &cols);
        set_up(c, cli, rows, cols, ns_term_caps(c->term));
        begin(c);
        if (trouble != NULL) {
            tell(c, trouble);
        }
        draw(c);
        set_minute(c);
        while (c->running) {
            turn(c);
        }
        ns_term_close(c->term);
    }
    sigprocmask(SIG_SETMASK, &old, NULL);
    tear_down(c);
    free(c);
    return rc;
}

/* ---- without a terminal ------------------------------------------------------------------- */

static bool complete(const struct console *c) {
    if (!ns_link_idle(c->link)) {
        return false;
    }
    return c->state.support_only ? c->state.support.present
                                 : c->state.children_read && c->state.logs_read && c->state.stock_read;
}

/* The whole screen once, as text. */
static ns_rc printed(struct ns_cli *cli, struct ns_err *err) {
    struct console *c = ns_xcalloc(1, sizeof *c);
    c->cli = cli;
    c->signals = -1;
    c->timer = -1;
    struct ns_caps caps = {.unicode = ns_console_utf8(), .braille = ns_console_utf8()};
    set_up(c, cli, 24, 80, caps);
    c->state.theme = NS_THEME_NONE;
    begin(c);
    int64_t until = ns_env_steady_us(cli->env) + (int64_t)ONCE_MS * 1000;
    while (!complete(c) && ns_env_steady_us(cli->env) < until) {
        struct pollfd p = {.fd = ns_link_fd(c->link), .events = ns_link_wants(c->link)};
        int wait = ns_link_timeout_ms(c->link);
        poll(&p, 1, wait < 0 || wait > 200 ? 200 : wait);
        ns_link_pump(c->link);
    }
    ns_rc rc = NS_OK;
    if (complete(c)) {
        ns_view_draw(&c->grid, &c->state);
        ns_grid_to_text(&c->grid, &cli->out);
    } else {
        rc = ns_err_say(err, NS_E_TIMEOUT, NS_MSG_err_agent_away, cli->paths.socket, NULL, NULL);
    }
    tear_down(c);
    free(c);
    return rc;
}

/* An agent that hangs or cannot start just now: what was shown last is there, changes can be
 * logged, and the console finds the agent when it is back. */
static bool offline_start(const struct ns_cli *cli, ns_rc why) {
    const struct ns_seal seal = {.env = cli->env,
                                 .key_path = cli->paths.machine_key,
                                 .state_path = cli->paths.console_state};
    return ns_rc_may_retry(why) && !cli->args.given[NS_OPT_SUPPORT] && ns_seal_possible(&seal) &&
           access(cli->paths.console_state, R_OK) == 0;
}

/* ---- the command -------------------------------------------------------------------------- */

ns_rc ns_cli_console(struct ns_cli *cli, struct ns_err *err) {
    bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    bool plain = cli->args.given[NS_OPT_PLAIN];
    if (!ns_cli_home_exists(cli) && !ns_cli_home_lost(cli) && terminal) {
        bool finished;
        ns_rc made = ns_init_new(cli, &finished, err);
        if (made != NS_OK || (!finished && !plain)) {
            return made; /* left before the end: taken up at the next start */
        }
    }
    struct ns_err why = {0};
    ns_rc rc = ns_cli_agent(cli, &why);
    if (rc == NS_OK) {
        rc = ns_cli_home(cli, &why);
    }
    if (rc == NS_E_NOT_SET_UP && terminal) {
        rc = ns_init_plain(cli, true, err);
    } else if (rc != NS_OK && !(terminal && !plain && ns_term_has_cursor() && offline_start(cli, rc))) {
        if (err != NULL) {
            *err = why;
        }
        return rc;
    } else if (rc != NS_OK) {
        return with_terminal(cli, &why, err);
    }
    if (rc != NS_OK) {
        return rc;
    }
    if (plain && cli->args.given[NS_OPT_SUPPORT]) {
        return ns_cli_support(cli, err);
    }
    if (plain) {
        return ns_console_plain(cli, err);
    }
    if (terminal && !ns_term_has_cursor()) {
        const char *name = getenv("TERM");
        NS_SAY(cli, NS_MSG_cli_term_plain, name != NULL ? name : "");
        return printed(cli, err);
    }
    return terminal ? with_terminal(cli, NULL, err) : printed(cli, err);
}
