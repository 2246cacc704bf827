/* init.c: the first evening in the terminal: the wizard's commands carried out, its answers fed
 * back. Each command is short or shows its progress; the frame that says "working" is drawn
 * first. */
#include "tui/cli/init.h"
#include "shared/base/arena.h"
#include "shared/base/env.h"
#include "shared/crypto/crypto.h"
#include "tui/cli/console.h"
#include "tui/cli/import.h"
#include "tui/cli/newhome.h"
#include "tui/link/decode.h"
#include "tui/view/view.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct evening {
    struct ns_cli *cli;
    struct ns_term *term;
    struct ns_grid grid;
    struct ns_wizard wizard;
    struct ns_newhome home;
    struct ns_import_view job;
    struct ns_json *answer;
    ns_id child;
    bool owner_made;
    bool running;
    bool finished;
};

static void draw(struct evening *e) {
    ns_view_wizard(&e->grid, &e->wizard);
    ns_term_paint(e->term, &e->grid, e->wizard.theme);
}

static void carry_out(struct evening *e, const struct ns_wizard_cmd *cmd);

static void feed(struct evening *e, const struct ns_wizard_event *event) {
    struct ns_wizard_cmd cmd;
    if (ns_wizard_step(&e->wizard, event, &cmd)) {
        carry_out(e, &cmd);
    }
}

/* Words for the reducer: borrowed pointers into a copy that is wiped at once. */
static void give_words(struct evening *e) {
    char copy[NS_WORDS_TEXT];
    const char *words[NS_WORDS];
    size_t count = 0;
    memcpy(copy, e->home.words, sizeof copy);
    for (char *p = copy; count < NS_WORDS && *p != '\0';) {
        words[count++] = p;
        p += strcspn(p, " ");
        if (*p != '\0') {
            *p++ = '\0';
        }
    }
    feed(e, &(struct ns_wizard_event){.kind = NS_WIZARD_GOT_WORDS, .words = words, .word_count = count});
    ns_crypto_wipe(copy, sizeof copy);
}

static void give_preview(struct evening *e) {
    struct ns_wizard_preview p = {.present = true,
                                  .first = e->job.first,
                                  .last = e->job.last,
                                  .days = (int32_t)e->job.days,
                                  .changes = (int32_t)e->job.changes,
                                  .gaps = (int32_t)e->job.gaps,
                                  .duplicates = (int32_t)e->job.duplicates,
                                  .refused = (int32_t)e->job.refused};
    const char *slash = strrchr(e->wizard.field[NS_FIELD_PATH], '/');
    ns_decode_text(p.file, sizeof p.file, slash != NULL ? slash + 1 : e->wizard.field[NS_FIELD_PATH]);
    ns_decode_text(p.format, sizeof p.format, ns_import_format_title(e->job.format));
    struct ns_str rest = ns_str_of(e->job.order);
    (void)!ns_str_copy(ns_str_cut(&rest, ' '), p.day_order, sizeof p.day_order);
    for (int i = 0; i < e->job.problem_count && i < NS_WIZARD_PROBLEMS; i++) {
        ns_decode_text(p.problem[i], sizeof p.problem[i], e->job.problem[i]);
        p.problem_count++;
    }
    ns_decode_text(p.reasons, sizeof p.reasons, e->job.reasons);
    feed(e, &(struct ns_wizard_event){.kind = NS_WIZARD_GOT_PREVIEW, .preview = &p});
}

static void on_progress(void *self, const struct ns_import_view *job) {
    struct evening *e = self;
    feed(e, &(struct ns_wizard_event){.kind = NS_WIZARD_PROGRESS, .done = job->written, .total = job->total});
    draw(e);
}

/* The words are in the parent's hands: now the home may come to be. */
static ns_rc settle_and_consent(struct evening *e, struct ns_err *err) {
    ns_rc rc = e->home.settled && e->owner_made ? NS_OK : ns_newhome_settle(&e->home, err);
    if (rc == NS_OK && !e->owner_made) {
        rc = ns_newhome_owner(e->cli, e->wizard.field[NS_FIELD_NAME], ns_wizard_province(&e->wizard), false, err);
        e->owner_made = rc == NS_OK;
    }
    return rc == NS_OK ? ns_newhome_consent(e->cli, e->wizard.consent, err) : rc;
}

static ns_rc perform(struct evening *e, const struct ns_wizard_cmd *cmd, struct ns_err *err) {
    struct ns_wizard *w = &e->wizard;
    switch (cmd->kind) {
    case NS_WIZARD_CMD_CREATE:
        ns_newhome_drop(&e->home); /* of an earlier try that went back */
        return ns_newhome_create(&e->home, e->cli, w->field[NS_FIELD_PASS1],
                                 !e->cli->args.given[NS_OPT_NO_MACHINE_KEY], err);
    case NS_WIZARD_CMD_CONSENT: return settle_and_consent(e, err);
    case NS_WIZARD_CMD_CHILD:
        return ns_newhome_child(e->cli, w->field[NS_FIELD_CHILD], ns_wizard_birth(w), w->size,
                                ns_wizard_usage(w), &e->child, err);
    case NS_WIZARD_CMD_STOCK:
        return ns_newhome_stock(e->cli, e->child, w->size, w->field[NS_FIELD_BRAND],
                                ns_wizard_stock(w), err);
    case NS_WIZARD_CMD_STAGE:
        ns_json_free(e->answer);
        e->answer = NULL;
        return ns_import_stage_file(e->cli, e->child, w->field[NS_FIELD_PATH], "AUTO", &e->job, &e->answer, err);
    case NS_WIZARD_CMD_COMMIT:
        return ns_import_write(e->cli, &e->job, on_progress, e, &e->answer, err);
    case NS_WIZARD_CMD_FINISH:
    case NS_WIZARD_CMD_QUIT: return NS_OK;
    }
    return NS_OK;
}

static void carry_out(struct evening *e, const struct ns_wizard_cmd *cmd) {
    if (cmd->kind == NS_WIZARD_CMD_FINISH || cmd->kind == NS_WIZARD_CMD_QUIT) {
        e->finished = cmd->kind == NS_WIZARD_CMD_FINISH;
        e->running = false;
        return;
    }
    struct ns_err err = {0};
    e->cli->lang = e->wizard.lang;
    draw(e);
    ns_rc rc = perform(e, cmd, &err);
    if (rc != NS_OK) {
        struct ns_buf text = NS_BUF(2000);
        ns_err_text(&text, e->wizard.lang, &err);
        feed(e, &(struct ns_wizard_event){.kind = NS_WIZARD_FAILED, .text = text.data});
        ns_buf_fini(&text);
    } else if (cmd->kind == NS_WIZARD_CMD_CREATE) {
        give_words(e);
    } else if (cmd->kind == NS_WIZARD_CMD_STAGE) {
        give_preview(e);
    } else {
        feed(e, &(struct ns_wizard_event){.kind = NS_WIZARD_DONE});
    }
}

static void take_keys(struct evening *e) {
    struct ns_event in;
    while (e->running && ns_term_read(e->term, &in)) {
        if (in.kind == NS_EVENT_KEY) {
            feed(e, &(struct ns_wizard_event){.kind = NS_WIZARD_KEY, .key = in.key});
        } else if (in.kind == NS_EVENT_PASTE) {
            feed(e, &(struct ns_wizard_event){.kind = NS_WIZARD_PASTE, .paste = in.paste});
        }
    }
}

static void resized(struct evening *e) {
    struct ns_wizard_event event = {.kind = NS_WIZARD_RESIZE};
    ns_term_resize(e->term);
    ns_term_size(e->term, &event.rows, &event.cols);
    feed(e, &event);
}

static void loop(struct evening *e, int signals) {
    while (e->running) {
        draw(e);
        struct pollfd fds[] = {{.fd = ns_term_fd(e->term), .events = POLLIN},
                               {.fd = signals, .events = POLLIN}};
        if (poll(fds, 2, -1) < 0 && errno != EINTR) {
            return;
        }
        struct signalfd_siginfo info;
        while (read(signals, &info, sizeof info) == (ssize_t)sizeof info) {
            if (info.ssi_signo == SIGWINCH) {
                resized(e);
            } else {
                e->running = false;
            }
        }
        if ((fds[0].revents & (POLLHUP | POLLERR)) != 0 && (fds[0].revents & POLLIN) == 0) {
            return;
        }
        take_keys(e);
    }
}

static void prepare(struct evening *e) {
    struct ns_wizard_setup setup = {.lang = e->cli->lang,
                                    .theme = ns_console_theme(e->cli),
                                    .caps = ns_term_caps(e->term),
                                    .rows = 24,
                                    .cols = 80};
    ns_time now = ns_env_now(e->cli->env);
    setup.today = ns_zone_local_day(e->cli->zone, now);
    ns_env_random(e->cli->env, &setup.seed, sizeof setup.seed);
    ns_term_size(e->term, &setup.rows, &setup.cols);
    const char *province = e->cli->args.value[NS_OPT_PROVINCE];
    if (province != NULL) {
        (void)!ns_str_copy(ns_str_of(province), setup.province, sizeof setup.province);
    }
    ns_wizard_init(&e->wizard, &setup);
}

ns_rc ns_init_wizard(struct ns_cli *cli, bool *finished, struct ns_err *err) {
    struct evening *e = ns_xcalloc(1, sizeof *e);
    sigset_t set;
    sigset_t old;
    e->cli = cli;
    e->running = true;
    sigemptyset(&set);
    sigaddset(&set, SIGWINCH);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGINT);
    ns_term_guard();
    sigprocmask(SIG_BLOCK, &set, &old);
    int signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    struct ns_term_setup setup = ns_console_term_setup(cli);
    ns_rc rc = ns_term_open(&e->term, &setup, err);
    if (rc == NS_OK) {
        prepare(e);
        loop(e, signals);
        ns_term_close(e->term);
        *finished = e->finished;
        if (!e->finished && !e->owner_made) {
            rc = ns_err_say(err, NS_E_CANCELLED, NS_MSG_init_ended, NULL, NULL, NULL);
        }
        ns_newhome_drop(&e->home);
        ns_wizard_fini(&e->wizard);
    }
    if (signals >= 0) {
        close(signals);
    }
    sigprocmask(SIG_SETMASK, &old, NULL);
    ns_json_free(e->answer);
    ns_grid_fini(&e->grid);
    free(e);
    return rc;
}

ns_rc ns_init_new(struct ns_cli *cli, bool *finished, struct ns_err *err) {
    bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && ns_term_has_cursor();
    *finished = false;
    return terminal && !cli->args.given[NS_OPT_PLAIN] ? ns_init_wizard(cli, finished, err)
                                                      : ns_init_plain(cli, false, err);
}

ns_rc ns_cli_init(struct ns_cli *cli, struct ns_err *err) {
    if (ns_cli_home_exists(cli)) {
        /* An evening that stopped after the home existed is taken up; a finished home is not. */
        struct ns_err why = {0};
        ns_rc rc = ns_cli_agent(cli, err);
        if (rc != NS_OK) {
            return rc;
        }
        rc = ns_cli_home(cli, &why);
        if (rc == NS_E_NOT_SET_UP) {
            return ns_init_plain(cli, true, err);
        }
        return ns_err_say(err, NS_E_CONFLICT, NS_MSG_init_exists, cli->paths.store, NULL, NULL);
    }
    if (ns_cli_home_lost(cli)) {
        return ns_err_say(err, NS_E_NOT_SET_UP, NS_MSG_cli_home_lost, cli->paths.store, NULL, NULL);
    }
    bool finished;
    ns_rc rc = ns_init_new(cli, &finished, err);
    return rc == NS_OK && finished ? ns_cli_console(cli, err) : rc;
}
