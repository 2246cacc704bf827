/* json.h: JSON text in and out. Reading goes through cJSON after size and depth were checked;
 * cJSON keeps numbers as doubles, so money and decimals travel as strings or are printed from
 * cents by whoever writes them.
 *
 * Ownership: ns_json_read gives a tree to free; everything looked up in it is borrowed. Every
 * reader accepts NULL, so that look-ups can be chained without checks between.
 * Threads: one owner at a time. */
#pragma once
#include "shared/base/buf.h"
#include "shared/base/err.h"

struct ns_json;

#define NS_JSON_DEPTH 64

ns_rc ns_json_read(struct ns_str text, size_t max_bytes, struct ns_json **out,
                   struct ns_err *err) NS_MUST_USE;
void ns_json_free(struct ns_json *root); /* NULL is fine */

/* Member of an object, by its exact name; NULL when absent. */
const struct ns_json *ns_json_get(const struct ns_json *object, const char *name);
/* Members of members: ns_json_at(root, "data.me.id"). */
const struct ns_json *ns_json_path(const struct ns_json *object, const char *dotted);
/* First element of a list (or member of an object), and the one after. */
const struct ns_json *ns_json_first(const struct ns_json *list);
const struct ns_json *ns_json_next(const struct ns_json *element);
const char *ns_json_name(const struct ns_json *member); /* its name in an object */
size_t ns_json_count(const struct ns_json *list);

bool ns_json_is_null(const struct ns_json *value); /* absent counts as null */
bool ns_json_is_list(const struct ns_json *value);
bool ns_json_is_object(const struct ns_json *value);
const char *ns_json_text(const struct ns_json *value); /* NULL when it is no string */
bool ns_json_bool(const struct ns_json *value, bool otherwise);
int64_t ns_json_int(const struct ns_json *value, int64_t otherwise); /* whole numbers only */
bool ns_json_number(const struct ns_json *value, double *out); /* a number or a string of one */

/* Append the value as text again: compact, or indented by two blanks for people. */
void ns_json_write(struct ns_buf *out, const struct ns_json *value, bool pretty);
/* The bytes of a member's value inside the text of an object, as they stand (numbers keep their
 * digits). object must have passed ns_json_read. p NULL: absent, or its name is escaped. */
struct ns_str ns_json_raw(struct ns_str object, const char *name);
/* Append "text" with quotes and escapes; bytes that are no UTF-8 become U+FFFD. */
void ns_json_quote(struct ns_buf *out, struct ns_str text);
