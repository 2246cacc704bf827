/* message.h: texts for people, in Canadian English and Canadian French.
 *
 * Every user-visible text is a message of shared/text/catalogue/ (one .msg file per area); code names it
 * NS_MSG_<key>. Nothing else may be shown but data. Threads: pure. */
#pragma once
#include "shared/base/buf.h"
#include "shared/base/err.h"
#include "shared/base/money.h"
#include "shared/base/time.h"
#include "shared/text/messages_gen.h"

enum ns_lang { NS_LANG_EN = 0, NS_LANG_FR = 1 };

/* "en", "en-CA", "fr_CA.UTF-8", ...: false and English for anything else. */
bool ns_lang_parse(struct ns_str text, enum ns_lang *out);
const char *ns_lang_code(enum ns_lang lang); /* "en" or "fr" */

const char *ns_msg(enum ns_lang lang, enum ns_msg id); /* the raw text */
const char *ns_msg_key(enum ns_msg id);

/* Append message id with {0}.. replaced by args (NULL counts as empty). */
bool ns_msg_format(struct ns_buf *out, enum ns_lang lang, enum ns_msg id,
                   const char *const *args, size_t arg_count);

/* The same with up to six arguments written in place: NS_MSG_TO(&buf, lang, id, a, b). */
#define NS_MSG_TO(buf, lang, id, ...)                                                          \
    ns_msg_format((buf), (lang), (id), (const char *const[]){__VA_ARGS__},                     \
                  sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

/* Which of a plural pair fits n: French counts 0 and 1 as one, English only 1. */
enum ns_msg ns_msg_plural(enum ns_lang lang, int64_t n, enum ns_msg one, enum ns_msg other);

/* An argument of an error that is itself a text of the catalogue, read in the reader's language. */
#define NS_ERR_WORD 16
const char *ns_err_word(enum ns_msg id, char out[NS_ERR_WORD]);

/* What a person reads of an error: its message, else a general sentence with the note. */
bool ns_err_text(struct ns_buf *out, enum ns_lang lang, const struct ns_err *err);

/* "$1,234.50" or "1 234,50 $" with no-break spaces in French. */
void ns_text_money(struct ns_buf *out, enum ns_lang lang, ns_money cents);
/* value / 10^decimals with `decimals` digits after the language's own mark. */
void ns_text_fixed(struct ns_buf *out, enum ns_lang lang, int64_t value, int decimals);
/* "Tue 17 Mar" / "mar. 17 mars"; long_form adds the year. */
void ns_text_date(struct ns_buf *out, enum ns_lang lang, ns_date day, bool long_form);
const char *ns_text_weekday(enum ns_lang lang, int monday_is_0); /* "Mon", "lun." */
/* "between Tue 17 Mar and Thu 19 Mar", "on Tue 17 Mar"; without a last day "from ... on". */
void ns_text_span(struct ns_buf *out, enum ns_lang lang, ns_date first, ns_date last);
