/* JSON in and out: what was read and written again reads as the same text; raw members of what
 * was accepted are JSON themselves; a quoted text is JSON whatever its bytes. */
#include "shared/wire/json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MOST 65536

static void check_members(struct ns_str text, const struct ns_json *root) {
    const struct ns_json *first = ns_json_is_object(root) ? ns_json_first(root) : NULL;
    struct ns_json *value = NULL;
    struct ns_str raw = first != NULL ? ns_json_raw(text, ns_json_name(first))
                                      : (struct ns_str){0};
    if (raw.p == NULL) {
        return; /* no member, or its name is written with escapes */
    }
    if (ns_json_read(raw, MOST, &value, NULL) != NS_OK) {
        abort();
    }
    ns_json_free(value);
}

static void check_rewrite(const struct ns_json *root) {
    struct ns_buf once = NS_BUF((size_t)8 << 20);
    struct ns_buf twice = NS_BUF((size_t)8 << 20);
    struct ns_json *again = NULL;
    ns_json_write(&once, root, false);
    if (ns_json_read(ns_buf_view(&once), once.max, &again, NULL) != NS_OK) {
        abort();
    }
    ns_json_write(&twice, again, false);
    if (!ns_str_eq(ns_buf_view(&once), ns_buf_view(&twice))) {
        abort();
    }
    ns_json_free(again);
    ns_buf_fini(&once);
    ns_buf_fini(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    char *bytes = malloc(n + (n == 0));
    struct ns_json *root = NULL;
    struct ns_buf quoted = NS_BUF((size_t)8 << 20);
    if (n > 0) {
        memcpy(bytes, data, n);
    }
    struct ns_str text = {bytes, n};
    if (ns_json_read(text, MOST, &root, NULL) == NS_OK) {
        check_members(text, root);
        check_rewrite(root);
        ns_json_free(root);
    }
    ns_json_quote(&quoted, text);
    if (ns_json_read(ns_buf_view(&quoted), quoted.max, &root, NULL) != NS_OK ||
        ns_json_text(root) == NULL) {
        abort();
    }
    ns_json_free(root);
    ns_buf_fini(&quoted);
    free(bytes);
    return 0;
}
