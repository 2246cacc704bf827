/* message.c: look up, fill in and format for a language. */
#include "shared/text/message.h"
#include "shared/text/catalogue_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool ns_lang_parse(struct ns_str text, enum ns_lang *out) {
    *out = NS_LANG_EN;
    if (text.n < 2 || (text.n > 2 && text.p[2] != '-' && text.p[2] != '_' && text.p[2] != '.')) {
        return false;
    }
    struct ns_str language = {text.p, 2};
    if (ns_str_is_nocase(language, "fr")) {
        *out = NS_LANG_FR;
        return true;
    }
    return ns_str_is_nocase(language, "en");
}

const char *ns_lang_code(enum ns_lang lang) {
    return lang == NS_LANG_FR ? "fr" : "en";
}

const char *ns_msg(enum ns_lang lang, enum ns_msg id) {
    return ns_msg_rows[(unsigned)id < NS_MSG_COUNT ? id : 0].text[lang == NS_LANG_FR];
}

const char *ns_msg_key(enum ns_msg id) {
    return ns_msg_rows[(unsigned)id < NS_MSG_COUNT ? id : 0].key;
}

static bool ends_in_stop(const char *text) {
    size_t n = text != NULL ? strlen(text) : 0;
    return n > 1 && text[n - 1] == '.' && text[n - 2] != '.';
}

bool ns_msg_format(struct ns_buf *out, enum ns_lang lang, enum ns_msg id,
                   const char *const *args, size_t arg_count) {
    const char *p = ns_msg(lang, id);
    while (*p != '\0') {
        size_t plain = strcspn(p, "{");
        ns_buf_add(out, p, plain);
        p += plain;
        if (*p == '{') {
            size_t i = (size_t)(p[1] - '0'); /* the build checked the shape */
            if (i < arg_count && args[i] != NULL) {
                ns_buf_text(out, args[i]);
            }
            p += 3;
            /* "until {0}." of a date that ends in a stop of its own, as "3 déc." */
            p += p[0] == '.' && (p[1] == '\0' || p[1] == ' ') && i < arg_count && ends_in_stop(args[i]);
        }
    }
    return !out->failed;
}

enum ns_msg ns_msg_plural(enum ns_lang lang, int64_t n, enum ns_msg one, enum ns_msg other) {
    bool single = n == 1 || n == -1 || (lang == NS_LANG_FR && n == 0);
    return single ? one : other;
}

#define WORD_MARK '\x01' /* no text a person types begins with it */

const char *ns_err_word(enum ns_msg id, char out[NS_ERR_WORD]) {
    (void)snprintf(out, NS_ERR_WORD, "%c%d", WORD_MARK, (int)id);
    return out;
}

static const char *err_arg(enum ns_lang lang, const char *arg) {
    return arg[0] == WORD_MARK ? ns_msg(lang, (enum ns_msg)strtol(arg + 1, NULL, 10)) : arg;
}

bool ns_err_text(struct ns_buf *out, enum ns_lang lang, const struct ns_err *err) {
    if (err->msg > NS_MSG_NONE && err->msg < NS_MSG_COUNT) {
        const char *args[NS_ERR_ARGS];
        for (size_t i = 0; i < NS_ERR_ARGS; i++) {
            args[i] = err_arg(lang, err->arg[i]);
        }
        return ns_msg_format(out, lang, (enum ns_msg)err->msg, args, NS_ERR_ARGS);
    }
    if (err->rc == NS_E_BUSY || err->rc == NS_E_TIMEOUT || err->rc == NS_E_CANCELLED) {
        return ns_msg_format(out, lang, NS_MSG_err_busy, NULL, 0);
    }
    if (err->note[0] != '\0' && err->rc != NS_E_INTERNAL) {
        return NS_MSG_TO(out, lang, NS_MSG_err_input, err->note);
    }
    return ns_msg_format(out, lang, NS_MSG_err_internal, NULL, 0);
}

static void grouped(struct ns_buf *out, uint64_t n, const char *mark) {
    char digits[24];
    size_t len = 0;
    do {
        digits[len++] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    while (len > 0) {
        ns_buf_char(out, digits[--len]);
        if (len > 0 && len % 3 == 0) {
            ns_buf_text(out, mark);
        }
    }
}

void ns_text_money(struct ns_buf *out, enum ns_lang lang, ns_money cents) {
    uint64_t size = cents < 0 ? 0 - (uint64_t)cents : (uint64_t)cents;
    if (cents < 0) {
        ns_buf_char(out, '-');
    }
    if (lang == NS_LANG_EN) {
        ns_buf_char(out, '$');
    }
    grouped(out, size / 100, lang == NS_LANG_FR ? "\u00a0" : ",");
    ns_buf_fmt(out, "%c%02u", lang == NS_LANG_FR ? ',' : '.', (unsigned)(size % 100));
    if (lang == NS_LANG_FR) {
        ns_buf_text(out, "\u00a0$");
    }
}

void ns_text_fixed(struct ns_buf *out, enum ns_lang lang, int64_t value, int decimals) {
    uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    uint64_t unit = 1;
    for (int i = 0; i < decimals; i++) {
        unit *= 10;
    }
    if (value < 0) {
        ns_buf_char(out, '-');
    }
    grouped(out, size / unit, lang == NS_LANG_FR ? "\u00a0" : ",");
    if (decimals > 0) {
        ns_buf_fmt(out, "%c%0*llu", lang == NS_LANG_FR ? ',' : '.', decimals,
                   (unsigned long long)(size % unit));
    }
}

const char *ns_text_weekday(enum ns_lang lang, int monday_is_0) {
    static const char *const names[2][7] = {
        {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"},
        {"lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."}};
    return names[lang == NS_LANG_FR][monday_is_0 % 7];
}

void ns_text_date(struct ns_buf *out, enum ns_lang lang, ns_date day, bool long_form) {
    static const char *const month[2][12] = {
        {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
        {"janv.", "févr.", "mars", "avr.", "mai", "juin", "juill.", "août", "sept.", "oct.",
         "nov.", "déc."}};
    struct ns_civil c = ns_date_civil(day);
    ns_buf_fmt(out, "%s %d %s", ns_text_weekday(lang, ns_date_weekday(day)), c.day,
               month[lang == NS_LANG_FR][c.month - 1]);
    if (long_form) {
        ns_buf_fmt(out, " %d", c.year);
    }
}

void ns_text_span(struct ns_buf *out, enum ns_lang lang, ns_date first, ns_date last) {
    struct ns_buf from = NS_BUF(60), to = NS_BUF(60);
    ns_text_date(&from, lang, first, false);
    if (last != NS_DATE_NONE) {
        ns_text_date(&to, lang, last, false);
    }
    (void)NS_MSG_TO(out, lang, last == NS_DATE_NONE ? NS_MSG_span_from : first == last ? NS_MSG_span_on : NS_MSG_span_between,
                    from.data, to.data);
    ns_buf_fini(&from);
    ns_buf_fini(&to);
}
