/* out.c: lines, numbers and dates of the commands. */
#include "shared/base/env.h"
#include "tui/cli/ctx.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void write_all(int fd, const char *p, size_t n) {
    while (n > 0) {
        ssize_t done = write(fd, p, n);
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done <= 0) {
            return; /* the reader has gone: nothing to tell anyone */
        }
        p += done;
        n -= (size_t)done;
    }
}

void ns_cli_flush(struct ns_cli *cli) {
    write_all(STDOUT_FILENO, cli->out.data, cli->out.len);
    ns_buf_clear(&cli->out);
}

void ns_cli_line(struct ns_cli *cli, enum ns_msg id) {
    ns_buf_fmt(&cli->out, "%s\n", ns_msg(cli->lang, id));
}

void ns_cli_clean(struct ns_buf *out, const char *text) {
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
        bool c1 = p[0] == 0xC2 && p[1] >= 0x80 && p[1] < 0xA0;
        if (*p < 0x20 || *p == 0x7F || c1) {
            ns_buf_char(out, '?');
            p += c1;
        } else {
            ns_buf_char(out, (char)*p);
        }
    }
}

static void move(struct ns_buf *from, char *out, size_t cap) {
    if (!ns_str_copy(ns_buf_view(from), out, cap)) {
        out[0] = '\0';
    }
    ns_buf_fini(from);
}

void ns_cli_date(struct ns_cli *cli, char out[48], ns_date day) {
    out[0] = '\0';
    if (day != NS_DATE_NONE) {
        struct ns_buf text = NS_BUF(48);
        ns_text_date(&text, cli->lang, day, false);
        move(&text, out, 48);
    }
}

void ns_cli_clock(struct ns_cli *cli, char out[48], ns_time t) {
    out[0] = '\0';
    if (t != NS_TIME_NONE) {
        struct ns_buf text = NS_BUF(48);
        int minute = ns_zone_local_minute(cli->zone, t);
        ns_text_date(&text, cli->lang, ns_zone_local_day(cli->zone, t), false);
        ns_buf_fmt(&text, " %02d:%02d", minute / 60, minute % 60);
        move(&text, out, 48);
    }
}

void ns_cli_hundredths(struct ns_cli *cli, char out[32], int32_t value, int decimals) {
    struct ns_buf text = NS_BUF(32);
    int32_t unit = decimals == 0 ? 100 : decimals == 1 ? 10 : 1;
    ns_text_fixed(&text, cli->lang, (value + unit / 2) / unit, decimals);
    move(&text, out, 32);
}

const char *ns_cli_size_word(struct ns_cli *cli, int size, char out[32]) {
    if (size <= 0) {
        return ns_msg(cli->lang, NS_MSG_cli_size_newborn);
    }
    snprintf(out, 32, "%d", size);
    return out;
}

enum ns_msg ns_cli_kind_word(int kind) {
    static const enum ns_msg words[] = {NS_MSG_cli_kind_wet, NS_MSG_cli_kind_dirty,
                                        NS_MSG_cli_kind_both, NS_MSG_cli_kind_dry};
    return words[kind < 0 || kind > 3 ? 3 : kind];
}

enum ns_msg ns_cli_confidence_word(int level) {
    static const enum ns_msg words[] = {NS_MSG_cli_sure_very_low, NS_MSG_cli_sure_low,
                                        NS_MSG_cli_sure_medium, NS_MSG_cli_sure_high,
                                        NS_MSG_cli_sure_very_high};
    return words[level < 0 || level > 4 ? 0 : level];
}

/* "name": with the comma that what stands before asks for. */
static void json_name(struct ns_buf *out, const char *name) {
    if (out->len > 0 && strchr("{[,:", out->data[out->len - 1]) == NULL) {
        ns_buf_char(out, ',');
    }
    ns_buf_fmt(out, "\"%s\":", name);
}

void ns_cli_json_date(struct ns_buf *out, const char *name, ns_date day) {
    char text[NS_DATE_TEXT];
    json_name(out, name);
    if (day == NS_DATE_NONE) {
        ns_buf_text(out, "null");
        return;
    }
    ns_date_format(day, text);
    ns_buf_fmt(out, "\"%s\"", text);
}

void ns_cli_json_time(struct ns_buf *out, const char *name, ns_time t) {
    char text[NS_TIME_TEXT];
    json_name(out, name);
    if (t == NS_TIME_NONE) {
        ns_buf_text(out, "null");
        return;
    }
    ns_time_format(t, text);
    ns_buf_fmt(out, "\"%s\"", text);
}

void ns_cli_json_text(struct ns_buf *out, const char *name, const char *text) {
    json_name(out, name);
    ns_json_quote(out, ns_str_of(text));
}

void ns_cli_json_bool(struct ns_buf *out, const char *name, bool value) {
    json_name(out, name);
    ns_buf_text(out, value ? "true" : "false");
}

void ns_cli_json_number(struct ns_buf *out, const char *name, int32_t value, int32_t scale) {
    json_name(out, name);
    if (value == NS_APP_NUMBER_NONE) {
        ns_buf_text(out, "null");
    } else if (scale == 100) {
        ns_buf_fmt(out, "%s%d.%02d", value < 0 ? "-" : "", (value < 0 ? -value : value) / 100,
                   (value < 0 ? -value : value) % 100);
    } else {
        ns_buf_fmt(out, "%d", (int)value);
    }
}

int ns_cli_fail(struct ns_cli *cli, const struct ns_err *err) {
    struct ns_buf text = NS_BUF(4096);
    struct ns_buf clean = NS_BUF(4096);
    ns_buf_text(&text, "nestsync: ");
    ns_err_text(&text, cli->lang, err);
    ns_cli_clean(&clean, text.failed ? "nestsync" : text.data);
    ns_buf_char(&clean, '\n');
    write_all(STDERR_FILENO, clean.data, clean.len);
    ns_buf_fini(&clean);
    ns_buf_fini(&text);
    return ns_rc_exit_status(err->rc != NS_OK ? err->rc : NS_E_INTERNAL);
}

/* "y", "yes", "o", "oui"; anything else, also nothing, is No. */
bool ns_cli_ask_yes(struct ns_cli *cli, enum ns_msg question) {
    if (!isatty(STDIN_FILENO)) {
        return false;
    }
    ns_buf_fmt(&cli->out, "%s ", ns_msg(cli->lang, question));
    ns_cli_flush(cli);
    char line[32] = "";
    if (fgets(line, sizeof line, stdin) == NULL) {
        return false;
    }
    struct ns_str word = ns_str_trim(ns_str_of(line));
    return ns_str_is_nocase(word, "y") || ns_str_is_nocase(word, "yes") ||
           ns_str_is_nocase(word, "o") || ns_str_is_nocase(word, "oui");
}
