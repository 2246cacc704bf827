/* json.c: cJSON behind the house's own names. struct ns_json is a cJSON node. */
#include "shared/wire/json.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const cJSON *node(const struct ns_json *value) {
    return (const cJSON *)(const void *)value;
}

static const struct ns_json *ours(const cJSON *item) {
    return (const struct ns_json *)(const void *)item;
}

/* cJSON recurses: refuse depth before it does. It also takes every control character for a
 * blank and lets them stand in texts, which JSON does not. */
static ns_rc look_over(struct ns_str text) {
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool blank = !quoted && (c == '\t' || c == '\n' || c == '\r');
        if (c < 0x20 && !blank) {
            return NS_E_INPUT;
        }
        if (quoted && c == '\\') {
            i++;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (!quoted && (c == '{' || c == '[') && ++depth > NS_JSON_DEPTH) {
            return NS_E_LIMIT;
        } else if (!quoted && (c == '}' || c == ']')) {
            depth--;
        }
    }
    return NS_OK;
}

ns_rc ns_json_read(struct ns_str text, size_t max_bytes, struct ns_json **out,
                   struct ns_err *err) {
    *out = NULL;
    ns_rc rc = text.n > max_bytes ? NS_E_LIMIT : look_over(text);
    if (rc != NS_OK) {
        return ns_err_note(err, rc,
                           rc == NS_E_LIMIT ? "JSON too long or too deep"
                                            : "a control character in JSON");
    }
    const char *end = NULL;
    cJSON *root = cJSON_ParseWithLengthOpts(text.p != NULL ? text.p : "", text.n, &end, false);
    if (root == NULL) {
        return ns_err_note(err, NS_E_INPUT, "not JSON");
    }
    struct ns_str rest = {end, text.n - (size_t)(end - text.p)};
    if (ns_str_trim(rest).n > 0) {
        cJSON_Delete(root);
        return ns_err_note(err, NS_E_INPUT, "something follows the JSON value");
    }
    *out = (struct ns_json *)(void *)root;
    return NS_OK;
}

void ns_json_free(struct ns_json *root) {
    cJSON_Delete((cJSON *)(void *)root);
}

const struct ns_json *ns_json_get(const struct ns_json *object, const char *name) {
    return ours(cJSON_GetObjectItemCaseSensitive(node(object), name));
}

const struct ns_json *ns_json_path(const struct ns_json *object, const char *dotted) {
    struct ns_str rest = ns_str_of(dotted);
    while (object != NULL && rest.p != NULL) {
        char name[64];
        if (!ns_str_copy(ns_str_cut(&rest, '.'), name, sizeof name)) {
            return NULL;
        }
        object = ns_json_get(object, name);
    }
    return object;
}

const struct ns_json *ns_json_first(const struct ns_json *list) {
    const cJSON *item = node(list);
    return item != NULL && (cJSON_IsArray(item) || cJSON_IsObject(item)) ? ours(item->child)
                                                                        : NULL;
}

const struct ns_json *ns_json_next(const struct ns_json *element) {
    return element != NULL ? ours(node(element)->next) : NULL;
}

const char *ns_json_name(const struct ns_json *member) {
    return member != NULL && node(member)->string != NULL ? node(member)->string : "";
}

size_t ns_json_count(const struct ns_json *list) {
    size_t n = 0;
    for (const struct ns_json *e = ns_json_first(list); e != NULL; e = ns_json_next(e)) {
        n++;
    }
    return n;
}

bool ns_json_is_null(const struct ns_json *value) {
    return value == NULL || cJSON_IsNull(node(value));
}

bool ns_json_is_list(const struct ns_json *value) {
    return cJSON_IsArray(node(value));
}

bool ns_json_is_object(const struct ns_json *value) {
    return cJSON_IsObject(node(value));
}

const char *ns_json_text(const struct ns_json *value) {
    return cJSON_GetStringValue(node(value));
}

bool ns_json_bool(const struct ns_json *value, bool otherwise) {
    return cJSON_IsBool(node(value)) ? cJSON_IsTrue(node(value)) != 0 : otherwise;
}

int64_t ns_json_int(const struct ns_json *value, int64_t otherwise) {
    if (!cJSON_IsNumber(node(value))) {
        return otherwise;
    }
    double d = node(value)->valuedouble;
    if (!(fabs(d) <= 9007199254740992.0) || d != floor(d)) {
        return otherwise;
    }
    return (int64_t)d;
}

bool ns_json_number(const struct ns_json *value, double *out) {
    if (cJSON_IsNumber(node(value))) {
        *out = node(value)->valuedouble;
        return isfinite(*out);
    }
    const char *text = ns_json_text(value);
    if (text == NULL || *text == '\0' || strspn(text, "+-.0123456789eE") != strlen(text)) {
        return false;
    }
    char *end = NULL;
    *out = strtod(text, &end);
    return *end == '\0' && isfinite(*out);
}

void ns_json_write(struct ns_buf *out, const struct ns_json *value, bool pretty) {
    char *text = value == NULL ? NULL
                               : (pretty ? cJSON_Print(node(value))
                                         : cJSON_PrintUnformatted(node(value)));
    ns_buf_text(out, text != NULL ? text : "null");
    cJSON_free(text);
}

/* Past a string that begins at i; text is known to be JSON. */
static size_t skip_string(struct ns_str text, size_t i) {
    for (i++; i < text.n && text.p[i] != '"'; i++) {
        i += text.p[i] == '\\';
    }
    return i + 1;
}

/* Past a value of any kind that begins at i. */
static size_t skip_value(struct ns_str text, size_t i) {
    int depth = 0;
    while (i < text.n) {
        char c = text.p[i];
        if (c == '"') {
            i = skip_string(text, i);
            if (depth == 0) {
                return i;
            }
            continue;
        }
        if (depth == 0 && (c == ',' || c == '}' || c == ']')) {
            return i;
        }
        depth += (c == '{' || c == '[') - (c == '}' || c == ']');
        i++;
        if (depth == 0 && (c == '}' || c == ']')) {
            return i;
        }
    }
    return text.n;
}

struct ns_str ns_json_raw(struct ns_str object, const char *name) {
    const char *open = object.n > 0 ? memchr(object.p, '{', object.n) : NULL;
    size_t i = open != NULL ? (size_t)(open - object.p) + 1 : object.n;
    while (i < object.n) {
        const char *quote = memchr(object.p + i, '"', object.n - i);
        if (quote == NULL) {
            break;
        }
        size_t key = (size_t)(quote - object.p);
        size_t key_end = skip_string(object, key);
        size_t value = key_end;
        while (value < object.n &&
               (object.p[value] == ':' || (unsigned char)object.p[value] <= ' ')) {
            value++;
        }
        size_t end = skip_value(object, value);
        if (end > object.n || key_end > object.n) {
            break;
        }
        if (ns_str_is((struct ns_str){quote + 1, key_end - key - 2}, name)) {
            return ns_str_trim((struct ns_str){object.p + value, end - value});
        }
        i = end;
    }
    return (struct ns_str){0};
}

/* Length of the well-formed UTF-8 character at p, 0 when there is none. */
static size_t utf8_length(const unsigned char *p, size_t n) {
    if (p[0] < 0x80) {
        return 1;
    }
    size_t need = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
    if (p[0] < 0xC2 || p[0] > 0xF4 || need > n) {
        return 0;
    }
    for (size_t i = 1; i < need; i++) {
        if ((p[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    bool overlong = (p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xF0 && p[1] < 0x90);
    bool beyond = (p[0] == 0xED && p[1] > 0x9F) || (p[0] == 0xF4 && p[1] > 0x8F);
    return overlong || beyond ? 0 : need;
}

void ns_json_quote(struct ns_buf *out, struct ns_str text) {
    ns_buf_char(out, '"');
    for (size_t i = 0; i < text.n;) {
        unsigned char c = (unsigned char)text.p[i];
        size_t length = utf8_length((const unsigned char *)text.p + i, text.n - i);
        if (length == 0) {
            ns_buf_text(out, "\xEF\xBF\xBD");
            i++;
        } else if (c == '"' || c == '\\') {
            ns_buf_fmt(out, "\\%c", c);
            i++;
        } else if (c < 0x20 || c == 0x7F) {
            ns_buf_fmt(out, "\\u%04x", c);
            i++;
        } else {
            ns_buf_add(out, text.p + i, length);
            i += length;
        }
    }
    ns_buf_char(out, '"');
}
