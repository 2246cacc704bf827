#include "agent/privacy/audit.h"

#include "agent/store/rows.h"
#include "shared/base/env.h"
#include "shared/crypto/crypto.h"

#include <string.h>

static void put_number(struct ns_buf *b, uint64_t v) {
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(v >> (8 * i));
    }
    ns_buf_add(b, bytes, sizeof bytes);
}

/* Length first, so that no two lines share their bytes; absent and empty differ. */
static void put_text(struct ns_buf *b, const char *text) {
    size_t n = text != NULL ? strlen(text) : 0;
    put_number(b, text != NULL ? n : UINT64_MAX);
    if (n > 0) {
        ns_buf_add(b, text, n);
    }
}

void ns_audit_digest(const struct ns_audit_entry *e, uint8_t out[NS_DIGEST]) {
    struct ns_buf b = NS_BUF(1 << 20);
    ns_buf_text(&b, "nestsync audit 1");
    put_number(&b, (uint64_t)e->seq);
    ns_buf_add(&b, e->id.b, sizeof e->id.b);
    put_number(&b, (uint64_t)e->at);
    ns_buf_add(&b, e->actor_id.b, sizeof e->actor_id.b);
    ns_buf_add(&b, e->device_id.b, sizeof e->device_id.b);
    put_text(&b, e->action);
    put_text(&b, e->entity);
    ns_buf_add(&b, e->entity_id.b, sizeof e->entity_id.b);
    put_text(&b, e->detail);
    ns_buf_add(&b, e->previous, NS_DIGEST);
    memset(out, 0, NS_DIGEST);
    if (!b.failed) {
        ns_crypto_sha256(out, b.data, b.len);
    }
    ns_buf_fini(&b);
}

ns_rc ns_audit_append(struct ns_db *db, const struct ns_env *env, ns_time now,
                      const struct ns_actor *actor, const char *action, const char *entity,
                      ns_id entity_id, const char *detail, struct ns_err *err) {
    struct ns_audit_entry e = {
        .id = ns_id_new(env),
        .at = now,
        .actor_id = actor->user,
        .device_id = actor->device,
        .action = action,
        .entity = entity,
        .entity_id = entity_id,
        .detail = detail,
    };
    if (!ns_db_in_transaction(db)) {
        return ns_err_note(err, NS_E_INTERNAL, "an audit line outside of its change");
    }
    ns_rc rc = ns_row_audit_head(db, &e.seq, e.previous, err);
    if (rc != NS_OK) {
        return rc;
    }
    e.seq++;
    ns_audit_digest(&e, e.digest);
    return ns_row_audit_add(db, &e, err);
}

struct walk {
    struct ns_audit_state *state;
    uint8_t previous[NS_DIGEST];
    int64_t expected;
};

static bool check_line(void *self, const struct ns_audit_entry *e) {
    struct walk *w = self;
    uint8_t digest[NS_DIGEST];
    ns_audit_digest(e, digest);
    w->state->lines++;
    if (e->seq != w->expected || memcmp(e->previous, w->previous, NS_DIGEST) != 0 ||
        memcmp(e->digest, digest, NS_DIGEST) != 0) {
        w->state->intact = false;
        w->state->broken_at = w->expected;
        return false;
    }
    memcpy(w->previous, digest, NS_DIGEST);
    w->expected++;
    return true;
}

ns_rc ns_audit_verify(struct ns_db *db, struct ns_audit_state *out, struct ns_err *err) {
    int64_t head_seq = 0;
    struct walk w = {.state = out, .expected = 1};
    *out = (struct ns_audit_state){.intact = true};
    ns_rc rc = ns_row_audit_walk(db, check_line, &w, err);
    if (rc == NS_OK) {
        rc = ns_row_audit_head(db, &head_seq, out->head, err);
    }
    if (rc == NS_OK && out->intact &&
        (head_seq != w.expected - 1 || memcmp(out->head, w.previous, NS_DIGEST) != 0)) {
        out->intact = false; /* the tail was cut or grew behind our back */
        out->broken_at = w.expected;
    }
    return rc;
}

ns_rc ns_audit_list(struct ns_db *db, const struct ns_audit_filter *filter,
                    struct ns_arena *arena, struct ns_audit_page *out, struct ns_err *err) {
    struct ns_audit_entry *entries = NULL;
    int limit = filter->limit < 0 ? 0 : filter->limit > 500 ? 500 : filter->limit;
    struct ns_audit_span span = {filter->entity, filter->actor_id, filter->since,
                                 filter->before_seq, limit + 1};
    *out = (struct ns_audit_page){0};
    ns_rc rc = ns_row_audit_page(db, &span, arena, &entries, &out->count, &out->total, err);
    out->more = out->count > limit;
    out->count = out->more ? limit : out->count;
    out->entries = entries;
    return rc;
}

ns_rc ns_audit_since(struct ns_db *db, int64_t seq, int limit, struct ns_arena *arena,
                     struct ns_audit_entry **out, int *count, struct ns_err *err) {
    return ns_row_audit_since(db, seq, limit, arena, out, count, err);
}

ns_rc ns_audit_head(struct ns_db *db, int64_t *seq, uint8_t digest[NS_DIGEST],
                    struct ns_err *err) {
    return ns_row_audit_head(db, seq, digest, err);
}
