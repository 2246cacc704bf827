/* man.c: the manual pages nestsync(1) and nestsync.ini(5), made from the tables of commands,
 * keys, settings and exit codes. docs/man holds what they print; a test keeps it current. */
#include "shared/config/settings.h"
#include "tui/cli/table.h"
#include "tui/keys/keys.h"

#include <string.h>

/* roff: a minus is an option's dash, a line must not begin with a dot or an apostrophe. */
static void roff(struct ns_buf *out, const char *text) {
    if (*text == '.' || *text == '\'') {
        ns_buf_text(out, "\\&");
    }
    for (; *text != '\0'; text++) {
        if (*text == '-') {
            ns_buf_text(out, "\\-");
        } else if (*text == '\\') {
            ns_buf_text(out, "\\e");
        } else {
            ns_buf_char(out, *text);
        }
    }
}

static void man_entry(struct ns_buf *out, const char *term, const char *text) {
    ns_buf_text(out, ".TP\n.B ");
    roff(out, term);
    ns_buf_char(out, '\n');
    roff(out, text);
    ns_buf_char(out, '\n');
}

static void man_option(struct ns_buf *out, enum ns_lang lang, int option) {
    struct ns_buf words = NS_BUF(200);
    ns_cli_option_words(&words, lang, &ns_cli_options[option]);
    man_entry(out, words.data, ns_msg(lang, ns_cli_options[option].help));
    ns_buf_fini(&words);
}

static void man_section(struct ns_buf *out, enum ns_lang lang, enum ns_msg title) {
    ns_buf_fmt(out, ".SH \"%s\"\n", ns_msg(lang, title));
}

static void man_paragraph(struct ns_buf *out, enum ns_lang lang, enum ns_msg text) {
    ns_buf_text(out, ".PP\n");
    roff(out, ns_msg(lang, text));
    ns_buf_char(out, '\n');
}

static void man_commands(struct ns_buf *out, enum ns_lang lang) {
    for (size_t i = 0; i < ns_cli_command_count; i++) {
        const struct ns_cli_command *c = &ns_cli_commands[i];
        if (c->hidden || c->name[0] == '\0') {
            continue;
        }
        struct ns_buf words = NS_BUF(200);
        ns_cli_command_words(&words, lang, c);
        man_entry(out, words.data, ns_msg(lang, c->help));
        ns_buf_fini(&words);
        if (c->detail != NS_MSG_NONE) {
            roff(out, ns_msg(lang, c->detail));
            ns_buf_char(out, '\n');
        }
        if (c->option_count > 0) {
            ns_buf_text(out, ".RS\n");
            for (int o = 0; o < c->option_count; o++) {
                man_option(out, lang, c->options[o]);
            }
            ns_buf_text(out, ".RE\n");
        }
    }
}

static void man_exit_codes(struct ns_buf *out) {
    for (int i = 0; i < (int)NS_RC_COUNT; i++) {
        char number[16];
        struct ns_buf text = NS_BUF(sizeof number);
        ns_buf_fmt(&text, "%d", ns_rc_exit_status((ns_rc)i));
        man_entry(out, text.data, ns_rc_key((ns_rc)i));
        ns_buf_fini(&text);
    }
}

/* The console's keys, each once; where it works is said by ? on the screen itself. */
static void man_keys(struct ns_buf *out, enum ns_lang lang) {
    for (size_t i = 0; i < ns_key_count; i++) {
        const struct ns_key_row *k = &ns_key_rows[i];
        char name[12];
        struct ns_buf words = NS_BUF(60);
        ns_key_name(lang, k->key, name);
        ns_buf_text(&words, name);
        if (k->key2 != 0) {
            ns_key_name(lang, k->key2, name);
            ns_buf_fmt(&words, ", %s", name);
        }
        man_entry(out, words.data, ns_msg(lang, k->help));
        ns_buf_fini(&words);
    }
}

void ns_cli_man(struct ns_buf *out, enum ns_lang lang) {
    ns_buf_fmt(out, ".TH NESTSYNC 1 \"\" \"NestSync %s\"\n", NS_VERSION);
    man_section(out, lang, NS_MSG_cli_man_name);
    ns_buf_text(out, "nestsync \\- ");
    roff(out, ns_msg(lang, NS_MSG_cli_man_what));
    ns_buf_char(out, '\n');
    man_section(out, lang, NS_MSG_cli_man_synopsis);
    roff(out, ns_msg(lang, NS_MSG_cli_man_synopsis_text));
    ns_buf_char(out, '\n');
    man_section(out, lang, NS_MSG_cli_man_description);
    man_paragraph(out, lang, NS_MSG_cli_man_text1);
    man_paragraph(out, lang, NS_MSG_cli_man_text2);
    man_section(out, lang, NS_MSG_cli_man_options);
    for (size_t i = 0; i < ns_cli_global_option_count; i++) {
        man_option(out, lang, ns_cli_global_options[i]);
    }
    for (int i = 0; i < ns_cli_find("")->option_count; i++) {
        man_option(out, lang, ns_cli_find("")->options[i]);
    }
    man_section(out, lang, NS_MSG_cli_man_commands);
    man_commands(out, lang);
    man_section(out, lang, NS_MSG_cli_man_keys);
    man_paragraph(out, lang, NS_MSG_cli_man_keys_text);
    man_keys(out, lang);
    man_section(out, lang, NS_MSG_cli_man_exit);
    man_exit_codes(out);
    man_section(out, lang, NS_MSG_cli_man_environment);
    man_entry(out, "NESTSYNC_HOME", ns_msg(lang, NS_MSG_cli_man_env_home));
    man_entry(out, "NO_COLOR", ns_msg(lang, NS_MSG_cli_man_env_colour));
    man_section(out, lang, NS_MSG_cli_man_files);
    man_entry(out, "nestsync.db", ns_msg(lang, NS_MSG_cli_man_file_db));
    man_entry(out, "machine.key", ns_msg(lang, NS_MSG_cli_man_file_key));
    man_entry(out, "console.ini", ns_msg(lang, NS_MSG_cli_man_file_ini));
    man_entry(out, "endpoint.sock", ns_msg(lang, NS_MSG_cli_man_file_sock));
    man_section(out, lang, NS_MSG_cli_man_see);
    ns_buf_text(out, ".BR nestsyncd (8),\n.BR nestsync.ini (5)\n");
}

/* ---- nestsync.ini(5) ---------------------------------------------------------------------- */

static void man_setting(struct ns_buf *out, enum ns_lang lang, const struct ns_setting *row) {
    struct ns_buf term = NS_BUF(300);
    ns_buf_fmt(&term, "%s = ", row->name);
    if (row->type == NS_SETTING_INT) {
        ns_buf_fmt(&term, "%lld..%lld", (long long)row->min, (long long)row->max);
    } else {
        ns_buf_text(&term, row->type == NS_SETTING_BOOL ? "on|off" : row->choices);
    }
    man_entry(out, term.data, ns_msg(lang, (enum ns_msg)row->help));
    roff(out, ns_msg(lang, NS_MSG_cli_man_fallback));
    ns_buf_fmt(out, " %s.\n", row->fallback);
    ns_buf_fini(&term);
}

void ns_cli_man_ini(struct ns_buf *out, enum ns_lang lang) {
    const char *section = "";
    ns_buf_fmt(out, ".TH NESTSYNC.INI 5 \"\" \"NestSync %s\"\n", NS_VERSION);
    man_section(out, lang, NS_MSG_cli_man_name);
    ns_buf_text(out, "console.ini \\- ");
    roff(out, ns_msg(lang, NS_MSG_cli_man_ini_what));
    ns_buf_char(out, '\n');
    man_section(out, lang, NS_MSG_cli_man_description);
    man_paragraph(out, lang, NS_MSG_cli_man_ini_text);
    for (size_t i = 0; i < ns_console_setting_count; i++) {
        const struct ns_setting *row = &ns_console_settings[i];
        if (strcmp(section, row->section) != 0) {
            section = row->section;
            ns_buf_fmt(out, ".SH \"[%s]\"\n", section);
        }
        man_setting(out, lang, row);
    }
    man_section(out, lang, NS_MSG_cli_man_files);
    man_entry(out, "$NESTSYNC_HOME/console.ini", ns_msg(lang, NS_MSG_cli_man_ini_home));
    man_entry(out, "~/.config/nestsync/console.ini", ns_msg(lang, NS_MSG_cli_man_ini_xdg));
    man_section(out, lang, NS_MSG_cli_man_see);
    ns_buf_text(out, ".BR nestsync (1),\n.BR nestsyncd (8)\n");
}
