/* help.c: help and completions, made from the table. The manual pages are in man.c. */
#include "tui/cli/table.h"

#include <string.h>

/* Columns a text takes; the catalogue's texts have no wide and no combining characters. */
static size_t columns(const char *text) {
    size_t n = 0;
    for (; *text != '\0'; text++) {
        n += ((unsigned char)*text & 0xC0) != 0x80;
    }
    return n;
}

static void pad(struct ns_buf *out, size_t used, size_t width) {
    do {
        ns_buf_char(out, ' ');
    } while (++used < width);
}

void ns_cli_option_words(struct ns_buf *out, enum ns_lang lang, const struct ns_cli_option *o) {
    if (o->letter != 0) {
        ns_buf_fmt(out, "-%c, ", o->letter);
    }
    ns_buf_fmt(out, "--%s", o->name);
    if (o->value != NS_MSG_NONE) {
        ns_buf_fmt(out, " %s", ns_msg(lang, o->value));
    }
}

static void option_line(struct ns_buf *out, enum ns_lang lang, int option) {
    struct ns_buf words = NS_BUF(200);
    ns_cli_option_words(&words, lang, &ns_cli_options[option]);
    ns_buf_fmt(out, "  %s", words.data);
    pad(out, columns(words.data), 26);
    ns_buf_fmt(out, "%s\n", ns_msg(lang, ns_cli_options[option].help));
    ns_buf_fini(&words);
}

static void global_lines(struct ns_buf *out, enum ns_lang lang) {
    ns_buf_fmt(out, "\n%s\n", ns_msg(lang, NS_MSG_cli_help_global));
    for (size_t i = 0; i < ns_cli_global_option_count; i++) {
        option_line(out, lang, ns_cli_global_options[i]);
    }
}

void ns_cli_command_words(struct ns_buf *out, enum ns_lang lang,
                          const struct ns_cli_command *c) {
    ns_buf_text(out, c->name);
    if (c->operands != NS_MSG_NONE) {
        ns_buf_fmt(out, " %s", ns_msg(lang, c->operands));
    }
}

static void overview(struct ns_buf *out, enum ns_lang lang) {
    ns_buf_fmt(out, "%s\n\n%s\n", ns_msg(lang, NS_MSG_cli_help_usage),
               ns_msg(lang, NS_MSG_cli_help_commands));
    for (size_t i = 0; i < ns_cli_command_count; i++) {
        const struct ns_cli_command *c = &ns_cli_commands[i];
        if (c->hidden) {
            continue;
        }
        const char *name = c->name[0] != '\0' ? c->name : ns_msg(lang, NS_MSG_cli_help_nothing);
        ns_buf_fmt(out, "  %s", name);
        pad(out, columns(name), 16);
        ns_buf_fmt(out, "%s\n", ns_msg(lang, c->help));
    }
    for (int i = 0; i < ns_cli_find("")->option_count; i++) {
        if (i == 0) {
            ns_buf_fmt(out, "\n%s\n", ns_msg(lang, NS_MSG_cli_help_console));
        }
        option_line(out, lang, ns_cli_find("")->options[i]);
    }
    global_lines(out, lang);
    ns_buf_fmt(out, "\n%s\n", ns_msg(lang, NS_MSG_cli_help_more));
}

void ns_cli_help(struct ns_buf *out, enum ns_lang lang, const struct ns_cli_command *command) {
    if (command == NULL || command->name[0] == '\0') {
        overview(out, lang);
        return;
    }
    ns_buf_text(out, "nestsync ");
    ns_cli_command_words(out, lang, command);
    ns_buf_fmt(out, "\n    %s\n", ns_msg(lang, command->help));
    if (command->detail != NS_MSG_NONE) {
        ns_buf_fmt(out, "    %s\n", ns_msg(lang, command->detail));
    }
    if (command->option_count > 0) {
        ns_buf_fmt(out, "\n%s\n", ns_msg(lang, NS_MSG_cli_help_options));
        for (int i = 0; i < command->option_count; i++) {
            option_line(out, lang, command->options[i]);
        }
    }
    if (command->operand_max >= 0) {
        global_lines(out, lang);
    }
}

/* ---- completions -------------------------------------------------------------------------- */

/* 'text' for a shell: a quote ends, is written and begins again (bash, zsh); fish escapes it. */
static void quoted(struct ns_buf *out, const char *text, enum ns_cli_shell shell) {
    ns_buf_char(out, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            ns_buf_text(out, shell == NS_SHELL_FISH ? "\\'" : "'\\''");
        } else {
            ns_buf_char(out, *text);
        }
    }
    ns_buf_char(out, '\'');
}

/* Does the command have a sub-command, and is this a first word of its own? */
static bool first_word(const struct ns_cli_command *c, struct ns_str *word) {
    struct ns_str rest = ns_str_of(c->name);
    *word = ns_str_cut(&rest, ' ');
    return word->n > 0 && !c->hidden && (rest.p == NULL || ns_str_is(*word, "audit"));
}

static void bash_words(struct ns_buf *out, const struct ns_cli_command *c) {
    for (int i = 0; i < c->option_count; i++) {
        ns_buf_fmt(out, " --%s", ns_cli_options[c->options[i]].name);
    }
}

static void bash_values(struct ns_buf *out) {
    ns_buf_text(out, "    case $before in\n");
    for (int i = 0; i < NS_OPT_COUNT_ALL; i++) {
        const struct ns_cli_option *o = &ns_cli_options[i];
        if (o->choices != NULL) {
            ns_buf_fmt(out, "    --%s) COMPREPLY=($(compgen -W '%s' -- \"$word\")); return ;;\n",
                       o->name, o->choices);
        }
    }
    ns_buf_text(out, "    --home) COMPREPLY=($(compgen -d -- \"$word\")); return ;;\n"
                     "    esac\n");
}

static void bash_completion(struct ns_buf *out) {
    ns_buf_text(out, "# bash completion of nestsync: source it, or save it as\n"
                     "# ~/.local/share/bash-completion/completions/nestsync\n"
                     "_nestsync() {\n"
                     "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
                     "    local command=${COMP_WORDS[1]} second=${COMP_WORDS[2]} all='");
    for (size_t i = 0; i < ns_cli_global_option_count; i++) {
        ns_buf_fmt(out, "%s--%s", i == 0 ? "" : " ",
                   ns_cli_options[ns_cli_global_options[i]].name);
    }
    ns_buf_text(out, "'\n");
    bash_values(out);
    ns_buf_text(out, "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
                     "        COMPREPLY=($(compgen -W \"");
    for (size_t i = 0; i < ns_cli_command_count; i++) {
        struct ns_str word;
        if (first_word(&ns_cli_commands[i], &word)) {
            ns_buf_fmt(out, "%.*s ", (int)word.n, word.p);
        }
    }
    bash_words(out, ns_cli_find(""));
    ns_buf_text(out, " $all\" -- \"$word\"))\n        return\n    fi\n"
                     "    case \"$command $second\" in\n");
    for (int pass = 0; pass < 2; pass++) { /* two words before one: the first pattern wins */
        for (size_t i = 0; i < ns_cli_command_count; i++) {
            const struct ns_cli_command *c = &ns_cli_commands[i];
            bool two = strchr(c->name, ' ') != NULL;
            if (c->hidden || c->name[0] == '\0' || two != (pass == 0)) {
                continue;
            }
            ns_buf_fmt(out, two ? "    '%s') " : "    '%s '*) ", c->name);
            ns_buf_text(out, "COMPREPLY=($(compgen -W \"");
            ns_buf_text(out, c->choices != NULL ? c->choices : "");
            bash_words(out, c);
            ns_buf_text(out, " $all\" -- \"$word\")) ;;\n");
        }
    }
    ns_buf_text(out, "    'audit '*) COMPREPLY=($(compgen -W verify -- \"$word\")) ;;\n"
                     "    esac\n"
                     "    case $command in\n"
                     "    import|store|forecast) COMPREPLY+=($(compgen -f -- \"$word\")) ;;\n"
                     "    esac\n"
                     "}\n"
                     "complete -o filenames -F _nestsync nestsync\n");
}

static void zsh_options(struct ns_buf *out, enum ns_lang lang, const uint8_t *list, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const struct ns_cli_option *o = &ns_cli_options[list[i]];
        struct ns_buf spec = NS_BUF(600);
        ns_buf_fmt(&spec, "--%s[%s]", o->name, ns_msg(lang, o->help));
        if (o->value != NS_MSG_NONE) {
            ns_buf_fmt(&spec, ":%s:", ns_msg(lang, o->value));
            if (o->choices != NULL) {
                ns_buf_fmt(&spec, "(%s)", o->choices);
            } else if (list[i] == NS_OPT_HOME) {
                ns_buf_text(&spec, "_directories");
            } else {
                ns_buf_char(&spec, ' ');
            }
        }
        ns_buf_char(out, ' ');
        quoted(out, spec.data, NS_SHELL_ZSH);
        ns_buf_fini(&spec);
    }
}

static void zsh_completion(struct ns_buf *out, enum ns_lang lang) {
    ns_buf_text(out, "#compdef nestsync\n# save as _nestsync in a folder of $fpath\n"
                     "_nestsync() {\n    local -a all commands\n    all=(");
    zsh_options(out, lang, ns_cli_global_options, ns_cli_global_option_count);
    ns_buf_text(out, ")\n    commands=(");
    for (size_t i = 0; i < ns_cli_command_count; i++) {
        struct ns_str word;
        const struct ns_cli_command *c = &ns_cli_commands[i];
        if (first_word(c, &word)) {
            struct ns_buf spec = NS_BUF(300);
            ns_buf_fmt(&spec, "%.*s:%s", (int)word.n, word.p, ns_msg(lang, c->help));
            ns_buf_char(out, ' ');
            quoted(out, spec.data, NS_SHELL_ZSH);
            ns_buf_fini(&spec);
        }
    }
    ns_buf_text(out, ")\n    if (( CURRENT == 2 )); then\n"
                     "        _describe nestsync commands\n        _arguments $all");
    zsh_options(out, lang, ns_cli_find("")->options, (size_t)ns_cli_find("")->option_count);
    ns_buf_text(out, "\n        return\n    fi\n    case \"$words[2] $words[3]\" in\n");
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < ns_cli_command_count; i++) {
            const struct ns_cli_command *c = &ns_cli_commands[i];
            bool two = strchr(c->name, ' ') != NULL;
            if (c->hidden || c->name[0] == '\0' || two != (pass == 0)) {
                continue;
            }
            ns_buf_fmt(out, two ? "    '%s') _arguments $all" : "    '%s '*) _arguments $all",
                       c->name);
            zsh_options(out, lang, c->options, (size_t)c->option_count);
            if (c->choices != NULL) {
                ns_buf_fmt(out, " '2: :(%s)'", c->choices);
            }
            if (c->id == NS_CLI_IMPORT || c->operand_max < 0) {
                ns_buf_text(out, " '*:file:_files'");
            }
            ns_buf_text(out, " ;;\n");
        }
    }
    ns_buf_text(out, "    esac\n}\n_nestsync \"$@\"\n");
}

static void fish_option(struct ns_buf *out, enum ns_lang lang, int option, const char *when) {
    const struct ns_cli_option *o = &ns_cli_options[option];
    ns_buf_text(out, "complete -c nestsync");
    if (when != NULL) {
        ns_buf_fmt(out, " -n '%s'", when);
    }
    ns_buf_fmt(out, " -l %s", o->name);
    if (o->letter != 0) {
        ns_buf_fmt(out, " -s %c", o->letter);
    }
    if (o->value != NS_MSG_NONE) {
        ns_buf_text(out, " -x");
        if (o->choices != NULL) {
            ns_buf_fmt(out, " -a '%s'", o->choices);
        }
    }
    ns_buf_text(out, " -d ");
    quoted(out, ns_msg(lang, o->help), NS_SHELL_FISH);
    ns_buf_char(out, '\n');
}

static void fish_completion(struct ns_buf *out, enum ns_lang lang) {
    ns_buf_text(out, "# save as ~/.config/fish/completions/nestsync.fish\n"
                     "complete -c nestsync -f\n");
    for (size_t i = 0; i < ns_cli_global_option_count; i++) {
        fish_option(out, lang, ns_cli_global_options[i], NULL);
    }
    for (size_t i = 0; i < ns_cli_command_count; i++) {
        const struct ns_cli_command *c = &ns_cli_commands[i];
        struct ns_str word;
        if (first_word(c, &word)) {
            ns_buf_fmt(out, "complete -c nestsync -n __fish_use_subcommand -a %.*s -d ",
                       (int)word.n, word.p);
            quoted(out, ns_msg(lang, c->help), NS_SHELL_FISH);
            ns_buf_char(out, '\n');
        }
        if (c->hidden) {
            continue;
        }
        struct ns_str rest = ns_str_of(c->name);
        struct ns_str first = ns_str_cut(&rest, ' ');
        struct ns_buf when = NS_BUF(200);
        if (c->name[0] == '\0') {
            ns_buf_text(&when, "__fish_use_subcommand");
        } else {
            ns_buf_fmt(&when, "__fish_seen_subcommand_from %.*s", (int)first.n, first.p);
        }
        if (rest.p != NULL) {
            ns_buf_fmt(&when, "; and __fish_seen_subcommand_from %.*s", (int)rest.n, rest.p);
        }
        for (int o = 0; o < c->option_count; o++) {
            fish_option(out, lang, c->options[o], when.data);
        }
        if (c->choices != NULL) {
            ns_buf_fmt(out, "complete -c nestsync -n '%s' -a '%s'\n", when.data, c->choices);
        }
        if (c->id == NS_CLI_IMPORT || c->operand_max < 0) {
            ns_buf_fmt(out, "complete -c nestsync -n '%s' -F\n", when.data);
        }
        ns_buf_fini(&when);
    }
}

void ns_cli_completion(struct ns_buf *out, enum ns_cli_shell shell, enum ns_lang lang) {
    switch (shell) {
    case NS_SHELL_BASH: bash_completion(out); break;
    case NS_SHELL_ZSH: zsh_completion(out, lang); break;
    case NS_SHELL_FISH: fish_completion(out, lang); break;
    }
}
