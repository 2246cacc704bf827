/* err.c: the table behind err.h. */
#include "shared/base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *key;
    bool retry;
    int exit_status;
    int http_status;
} rows[NS_RC_COUNT] = {
#define NS_RC_ROW(code, key, retry, exit_status, http) [code] = {key, retry, exit_status, http},
    NS_RC_LIST(NS_RC_ROW)
#undef NS_RC_ROW
};

static bool known(ns_rc rc) {
    return (unsigned)rc < NS_RC_COUNT;
}

const char *ns_rc_key(ns_rc rc) {
    return known(rc) ? rows[rc].key : "internal";
}

int ns_rc_exit_status(ns_rc rc) {
    return known(rc) ? rows[rc].exit_status : rows[NS_E_INTERNAL].exit_status;
}

int ns_rc_http_status(ns_rc rc) {
    return known(rc) ? rows[rc].http_status : rows[NS_E_INTERNAL].http_status;
}

bool ns_rc_may_retry(ns_rc rc) {
    return known(rc) && rows[rc].retry;
}

/* Copy text and cut it where a UTF-8 character begins, so that a long name stays printable. */
static void copy_cut(char *out, size_t cap, const char *text) {
    size_t n = strlen(text);
    if (n >= cap) {
        n = cap - 1;
        while (n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80) {
            n--;
        }
    }
    memcpy(out, text, n);
    out[n] = '\0';
}

ns_rc ns_err_note(struct ns_err *err, ns_rc rc, const char *format, ...) {
    if (err == NULL || err->rc != NS_OK) {
        return rc;
    }
    err->rc = rc;
    va_list args;
    va_start(args, format);
    vsnprintf(err->note, sizeof err->note, format, args);
    va_end(args);
    return rc;
}

ns_rc ns_err_say(struct ns_err *err, ns_rc rc, int msg, const char *a0, const char *a1,
                 const char *a2) {
    if (err == NULL || err->rc != NS_OK) {
        return rc;
    }
    err->rc = rc;
    err->msg = msg;
    const char *const args[NS_ERR_ARGS] = {a0, a1, a2};
    for (size_t i = 0; i < NS_ERR_ARGS && args[i] != NULL; i++) {
        copy_cut(err->arg[i], sizeof err->arg[i], args[i]);
    }
    return rc;
}

void ns_err_clear(struct ns_err *err) {
    if (err != NULL) {
        *err = (struct ns_err){0};
    }
}
