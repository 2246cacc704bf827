/* kept.c: the last answers and the waiting changes, as one JSON text under a seal. */
#include "tui/link/parts.h"

#include <stdlib.h>
#include <string.h>

static struct ns_link_kept *slot(struct ns_link *link, enum ns_link_op_kind kind, ns_id child) {
    for (size_t i = 0; i < link->kept_count; i++) {
        if (link->kept[i].kind == kind && ns_id_eq(link->kept[i].child, child)) {
            return &link->kept[i];
        }
    }
    if (link->kept_count == NS_LINK_KEPT) {
        return NULL;
    }
    struct ns_link_kept *kept = &link->kept[link->kept_count++];
    *kept = (struct ns_link_kept){.kind = kind, .child = child};
    return kept;
}

void ns_kept_put(struct ns_link *link, enum ns_link_op_kind kind, ns_id child,
                 const struct ns_json *data) {
    if (link->setup.seal == NULL || link->setup.support_only) {
        return;
    }
    struct ns_link_kept *kept = slot(link, kind, child);
    struct ns_buf text = NS_BUF(1 << 20);
    ns_json_write(&text, data, false);
    if (kept == NULL || text.failed) {
        ns_buf_fini(&text);
        return;
    }
    free(kept->text);
    kept->text = ns_buf_take(&text);
}

void ns_kept_free(struct ns_link *link) {
    for (size_t i = 0; i < link->kept_count; i++) {
        free(link->kept[i].text);
    }
    link->kept_count = 0;
}

static void write_change(struct ns_buf *out, const struct ns_link_change *c) {
    char key[NS_ID_TEXT];
    char child[NS_ID_TEXT];
    char at[NS_TIME_TEXT];
    ns_id_format(c->key, key);
    ns_id_format(c->child, child);
    ns_time_format(c->at, at);
    ns_buf_fmt(out,
               "{\"key\":\"%s\",\"child\":\"%s\",\"at\":\"%s\",\"kind\":%d,\"leak\":%s}",
               key, child, at, (int)c->kind, c->leak ? "true" : "false");
}

void ns_kept_save(struct ns_link *link) {
    link->save_us = 0;
    link->kept_queue = link->queue_count > 0;
    if (link->setup.seal == NULL || link->setup.support_only) {
        return;
    }
    struct ns_buf text = NS_BUF(NS_SEAL_MOST);
    ns_buf_text(&text, "{\"version\":1,\"queue\":[");
    for (size_t i = 0; i < link->queue_count; i++) {
        ns_buf_text(&text, i > 0 ? "," : "");
        write_change(&text, &link->queue[i]);
    }
    ns_buf_text(&text, "],\"answers\":[");
    for (size_t i = 0; i < link->kept_count; i++) {
        char child[NS_ID_TEXT];
        ns_id_format(link->kept[i].child, child);
        ns_buf_fmt(&text, "%s{\"kind\":%d,\"child\":\"%s\",\"data\":", i > 0 ? "," : "",
                   (int)link->kept[i].kind, child);
        ns_buf_text(&text, link->kept[i].text);
        ns_buf_char(&text, '}');
    }
    ns_buf_text(&text, "]}");
    if (!text.failed) {
        /* Keeping is a comfort: without it the console works on, so a failure is no error. */
        (void)!ns_seal_write(link->setup.seal, ns_buf_view(&text), NULL);
    }
    ns_buf_fini(&text);
}

static void read_change(struct ns_link *link, const struct ns_json *item) {
    struct ns_link_change c = {0};
    const char *key = ns_json_text(ns_json_get(item, "key"));
    const char *child = ns_json_text(ns_json_get(item, "child"));
    const char *at = ns_json_text(ns_json_get(item, "at"));
    int64_t kind = ns_json_int(ns_json_get(item, "kind"), -1);
    if (link->queue_count == NS_LINK_QUEUE || key == NULL || child == NULL || at == NULL ||
        !ns_id_parse(ns_str_of(key), &c.key) || !ns_id_parse(ns_str_of(child), &c.child) ||
        !ns_time_parse(ns_str_of(at), &c.at) || kind < 0 || kind > NS_CHANGE_DRY) {
        return;
    }
    c.kind = (uint8_t)kind;
    c.leak = ns_json_bool(ns_json_get(item, "leak"), false);
    /* Another console may have sent it since this was written, or this one before it was killed:
     * the agent knows the key and logs it once, but an undo has to wait for its answer. */
    c.maybe_sent = true;
    c.told = true; /* its row says so */
    link->queue[link->queue_count++] = c;
}

void ns_kept_load(struct ns_link *link) {
    struct ns_buf text = NS_BUF(NS_SEAL_MOST + 1);
    struct ns_json *root = NULL;
    if (link->setup.seal == NULL || link->setup.support_only ||
        ns_seal_read(link->setup.seal, &text, NULL) != NS_OK ||
        ns_json_read(ns_buf_view(&text), NS_SEAL_MOST, &root, NULL) != NS_OK) {
        ns_buf_fini(&text);
        return;
    }
    for (const struct ns_json *e = ns_json_first(ns_json_get(root, "queue")); e != NULL;
         e = ns_json_next(e)) {
        read_change(link, e);
    }
    for (const struct ns_json *e = ns_json_first(ns_json_get(root, "answers")); e != NULL;
         e = ns_json_next(e)) {
        int64_t kind = ns_json_int(ns_json_get(e, "kind"), -1);
        const char *child_text = ns_json_text(ns_json_get(e, "child"));
        ns_id child = {{0}};
        if (kind < NS_OP_HOUSEHOLD || kind > NS_OP_STOCK || child_text == NULL ||
            !ns_id_parse(ns_str_of(child_text), &child)) {
            continue;
        }
        ns_kept_put(link, (enum ns_link_op_kind)kind, child, ns_json_get(e, "data"));
    }
    link->kept_queue = link->queue_count > 0;
    /* Hand out in the order in which one depends on another, whatever the order on disk. */
    for (int kind = NS_OP_HOUSEHOLD; kind <= NS_OP_STOCK; kind++) {
        for (size_t i = 0; i < link->kept_count; i++) {
            struct ns_json *data = NULL;
            if (link->kept[i].kind == (enum ns_link_op_kind)kind &&
                ns_json_read(ns_str_of(link->kept[i].text), 1 << 20, &data, NULL) == NS_OK) {
                ns_link_take(link, link->kept[i].kind, link->kept[i].child, data);
                ns_json_free(data);
            }
        }
        if (kind == NS_OP_STATE && link->child_count > 0) {
            ns_link_hand_out(link, NS_OP_CHILDREN);
        } else if ((kind == NS_OP_LOGS && link->log_count + link->queue_count > 0) ||
                   (kind == NS_OP_STOCK && link->stock_count > 0)) {
            ns_link_hand_out(link, (enum ns_link_op_kind)kind);
        }
    }
    ns_json_free(root);
    ns_buf_fini(&text);
}
