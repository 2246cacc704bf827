/* agent.c: find the agent of this home, start it, ask it. */
#include "shared/base/arena.h"
#include "shared/base/env.h"
#include "shared/wire/client.h"
#include "tui/cli/ctx.h"
#include "tui/link/decode.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define READY_MS 60000 /* a passphrase takes a second, a migration with its snapshot longer */
#define ANSWER_MS 20000
#define STOP_MS 15000

bool ns_cli_home_exists(const struct ns_cli *cli) {
    struct stat info;
    return stat(cli->paths.store, &info) == 0;
}

bool ns_cli_home_lost(const struct ns_cli *cli) {
    DIR *folder = ns_cli_home_exists(cli) ? NULL : opendir(cli->paths.backups);
    bool copies = false;
    for (const struct dirent *e = folder == NULL ? NULL : readdir(folder); e != NULL && !copies; e = readdir(folder)) {
        copies = strncmp(e->d_name, "nestsync-", 9) == 0;
    }
    if (folder != NULL) {
        closedir(folder);
    }
    return copies;
}

/* nestsyncd beside this program (also from tui/ to agent/ of a build folder), else in PATH. */
void ns_cli_agent_program(char out[NS_PATH]) {
    static const char *const beside[] = {"nestsyncd", "../agent/nestsyncd"};
    char self[NS_PATH];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(self, '/');
    for (size_t i = 0; slash != NULL && i < NS_COUNT(beside); i++) {
        int len = snprintf(out, NS_PATH, "%.*s/%s", (int)(slash - self), self, beside[i]);
        if (len > 0 && len < NS_PATH && access(out, X_OK) == 0) {
            return;
        }
    }
    snprintf(out, NS_PATH, "nestsyncd");
}

/* The child's side: only async-signal-safe calls between fork and exec. */
static void become_agent(char *const argv[], int ready, int secret, int errors) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setsid(); /* the agent outlives the console and its terminal */
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    dup2(errors, STDERR_FILENO);
    fcntl(ready, F_SETFD, 0);
    if (secret >= 0) {
        fcntl(secret, F_SETFD, 0);
    }
    execvp(argv[0], argv);
    _exit(127);
}

/* Waits for "ready". False: the agent ended or took too long. */
static bool wait_ready(int fd) {
    char text[16];
    size_t n = 0;
    struct timespec begin;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (;;) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        long passed = (now.tv_sec - begin.tv_sec) * 1000 + (now.tv_nsec - begin.tv_nsec) / 1000000;
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (passed >= READY_MS || poll(&p, 1, (int)(READY_MS - passed)) == 0) {
            return false;
        }
        ssize_t got = read(fd, text + n, sizeof text - n);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return false;
        }
        n += (size_t)got;
        if (n >= 5 && memcmp(text, "ready", 5) == 0) {
            return true;
        }
        if (n == sizeof text) {
            return false;
        }
    }
}

static ns_rc rc_of_status(int status) {
    if (WIFEXITED(status)) {
        for (int i = 1; i < (int)NS_RC_COUNT; i++) {
            if (ns_rc_exit_status((ns_rc)i) == WEXITSTATUS(status)) {
                return (ns_rc)i;
            }
        }
    }
    return NS_E_OFFLINE;
}

/* The agent did not get ready: its own last line says why, in the person's language. */
static ns_rc why_not(pid_t pid, int errors, struct ns_err *err) {
    char text[2048];
    int status = 0;
    if (waitpid(pid, &status, WNOHANG) == 0) {
        struct timespec pause = {0, 200 * 1000 * 1000};
        nanosleep(&pause, NULL);
        if (waitpid(pid, &status, WNOHANG) == 0) {
            kill(pid, SIGTERM);
            waitpid(pid, &status, 0);
        }
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
        return ns_err_say(err, NS_E_OFFLINE, NS_MSG_cli_no_agent_program, NULL, NULL, NULL);
    }
    lseek(errors, 0, SEEK_SET);
    ssize_t n = read(errors, text, sizeof text - 1);
    text[n > 0 ? n : 0] = '\0';
    for (char *end = text + strlen(text); end > text && (end[-1] == '\n' || end[-1] == ' ');) {
        *--end = '\0';
    }
    char *last = strrchr(text, '\n');
    last = last != NULL ? last + 1 : text;
    if (last[0] == '<' && last[1] != '\0' && last[2] == '>') {
        last += 3; /* systemd's level prefix */
    }
    if (strncmp(last, "nestsyncd: ", 11) == 0) {
        last += 11;
    }
    char part[3][160] = {{0}};
    for (size_t i = 0; i < 3 && *last != '\0'; i++) {
        ns_decode_text(part[i], sizeof part[i], last);
        last += strlen(part[i]);
    }
    return ns_err_say(err, rc_of_status(status), NS_MSG_cli_agent_not_started, part[0], part[1],
                      part[2]);
}

static int secret_pipe(const char *passphrase, struct ns_err *err) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        (void)ns_err_note(err, ns_rc_from_errno(errno), "no pipe for the passphrase");
        return -1;
    }
    size_t n = strlen(passphrase);
    bool whole = write(ends[1], passphrase, n) == (ssize_t)n; /* shorter than a pipe holds */
    close(ends[1]);
    if (!whole) {
        close(ends[0]);
        (void)ns_err_note(err, NS_E_IO, "the passphrase did not fit");
        return -1;
    }
    return ends[0];
}

ns_rc ns_cli_agent_start(struct ns_cli *cli, const char *passphrase, struct ns_err *err) {
    char program[NS_PATH];
    char ready_word[16];
    char secret_word[16];
    int ready[2] = {-1, -1};
    int secret = -1;
    int errors = -1;
    ns_rc rc = NS_OK;
    ns_cli_agent_program(program);
    if (passphrase != NULL && (secret = secret_pipe(passphrase, err)) < 0) {
        return NS_E_IO;
    }
    errors = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (errors < 0) {
        errors = open("/dev/null", O_RDWR | O_CLOEXEC);
    }
    if (pipe2(ready, O_CLOEXEC) != 0) {
        rc = ns_err_note(err, ns_rc_from_errno(errno), "no pipe to the agent");
        goto out;
    }
    snprintf(ready_word, sizeof ready_word, "%d", ready[1]);
    snprintf(secret_word, sizeof secret_word, "%d", secret);
    char lang_word[] = "--lang";
    char home_word[] = "--home";
    char ready_option[] = "--ready-fd";
    char secret_option[] = "--passphrase-fd";
    char lang_value[3];
    char home_value[NS_PATH];
    snprintf(lang_value, sizeof lang_value, "%s", ns_lang_code(cli->lang));
    char *argv[12] = {program, lang_word, lang_value, ready_option, ready_word};
    int argc = 5;
    if (cli->args.value[NS_OPT_HOME] != NULL) {
        snprintf(home_value, sizeof home_value, "%s", cli->paths.data);
        argv[argc++] = home_word;
        argv[argc++] = home_value;
    }
    if (secret >= 0) {
        argv[argc++] = secret_option;
        argv[argc++] = secret_word;
    }
    pid_t pid = fork();
    if (pid == 0) {
        become_agent(argv, ready[1], secret, errors);
    }
    close(ready[1]);
    ready[1] = -1;
    if (pid < 0) {
        rc = ns_err_note(err, ns_rc_from_errno(errno), "no new process");
    } else if (!wait_ready(ready[0])) {
        rc = why_not(pid, errors, err);
    }
out:
    if (ready[0] >= 0) {
        close(ready[0]);
    }
    if (ready[1] >= 0) {
        close(ready[1]);
    }
    if (secret >= 0) {
        close(secret);
    }
    if (errors >= 0) {
        close(errors);
    }
    return rc;
}

static bool key_present(const struct ns_cli *cli) {
    struct stat info;
    return stat(cli->paths.machine_key, &info) == 0;
}

/* From --passphrase-fd's open file, else typed without echo. */
ns_rc ns_cli_secret(struct ns_cli *cli, enum ns_msg prompt, char *out, size_t cap,
                    struct ns_err *err) {
    const char *fd_word = cli->args.value[NS_OPT_PASSPHRASE_FD];
    int64_t given = -1;
    if (fd_word != NULL && !ns_str_int(ns_str_of(fd_word), 0, 1 << 16, &given)) {
        return ns_err_say(err, NS_E_USAGE, NS_MSG_cli_bad_value, "passphrase-fd", fd_word, NULL);
    }
    int fd = given >= 0 ? (int)given : open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        return ns_err_say(err, NS_E_KEY, NS_MSG_cli_no_terminal_for_secret, NULL, NULL, NULL);
    }
    struct termios old;
    bool typed = given < 0 && tcgetattr(fd, &old) == 0;
    if (typed) {
        struct termios quiet = old;
        quiet.c_lflag &= ~(tcflag_t)ECHO;
        ns_cli_flush(cli);
        dprintf(fd, "%s ", ns_msg(cli->lang, prompt));
        tcsetattr(fd, TCSAFLUSH, &quiet);
    }
    size_t n = 0;
    char c = '\0';
    ssize_t got = 0;
    while ((got = read(fd, &c, 1)) == 1 && c != '\n') {
        if (n + 1 < cap) {
            out[n++] = c;
        }
    }
    out[n] = '\0';
    if (typed) {
        tcsetattr(fd, TCSAFLUSH, &old);
        dprintf(fd, "\n");
    }
    if (given < 0) {
        close(fd);
    }
    if (n == 0 && got != 1) {
        return ns_err_say(err, NS_E_KEY, NS_MSG_cli_no_secret, NULL, NULL, NULL);
    }
    return NS_OK;
}

ns_rc ns_cli_agent(struct ns_cli *cli, struct ns_err *err) {
    struct ns_err probe = {0};
    ns_rc rc = ns_client_probe(cli->paths.socket, 3000, NULL, &probe);
    if (rc == NS_OK) {
        return NS_OK;
    }
    if (rc != NS_E_OFFLINE) {
        if (err != NULL) {
            *err = probe;
        }
        return rc;
    }
    if (!ns_cli_home_exists(cli)) {
        return ns_err_say(err, NS_E_NOT_SET_UP, ns_cli_home_lost(cli) ? NS_MSG_cli_home_lost : NS_MSG_cli_no_home,
                          cli->paths.store, NULL, NULL);
    }
    if (key_present(cli)) {
        return ns_cli_agent_start(cli, NULL, err);
    }
    char secret[600];
    rc = ns_cli_secret(cli, NS_MSG_cli_passphrase_prompt, secret, sizeof secret, err);
    if (rc == NS_OK) {
        rc = ns_cli_agent_start(cli, secret, err);
    }
    explicit_bzero(secret, sizeof secret);
    return rc;
}

ns_rc ns_cli_agent_stop(struct ns_cli *cli, struct ns_err *err) {
    int fd = open(cli->paths.lock, O_RDONLY | O_CLOEXEC);
    char text[32];
    int64_t pid = 0;
    if (fd < 0) {
        return NS_OK; /* never ran */
    }
    ssize_t n = read(fd, text, sizeof text);
    struct ns_str word = ns_str_trim((struct ns_str){text, n > 0 ? (size_t)n : 0});
    bool free_now = flock(fd, LOCK_EX | LOCK_NB) == 0;
    if (free_now || !ns_str_int(word, 2, INT32_MAX, &pid)) {
        close(fd);
        return NS_OK;
    }
    kill((pid_t)pid, SIGTERM);
    for (int waited = 0; waited < STOP_MS; waited += 20) {
        struct timespec pause = {0, 20 * 1000 * 1000};
        (void)waitpid((pid_t)pid, NULL, WNOHANG); /* ours, when this process started it */
        if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
            (void)waitpid((pid_t)pid, NULL, 0);
            close(fd);
            return NS_OK;
        }
        nanosleep(&pause, NULL);
    }
    close(fd);
    return ns_err_note(err, NS_E_TIMEOUT, "the agent did not stop");
}

ns_rc ns_cli_query(struct ns_cli *cli, const char *document, const char *variables,
                   const char *mutation, struct ns_json **answer, struct ns_err *err) {
    struct ns_buf text = NS_BUF(NS_CLIENT_ANSWER_MOST);
    *answer = NULL;
    ns_rc rc = ns_client_call(cli->paths.socket, cli->lang, document, variables, ANSWER_MS, &text, err);
    if (rc == NS_OK) {
        rc = ns_json_read(ns_buf_view(&text), NS_CLIENT_ANSWER_MOST, answer, err);
    }
    ns_buf_fini(&text);
    return rc == NS_OK ? ns_decode_verdict(*answer, mutation, err) : rc;
}
