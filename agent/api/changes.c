/* changes.c: changesSince, for a phone that was away: the audit trail read forward, as kinds and
 * ids. The trail has a line for every change, in its transaction, and is never shortened, so
 * that nothing is missed; what a line was about is read again through the usual queries.
 *
 * A cursor is the number of the newest line told and the beginning of its digest: of another
 * home, or of lines that a restored backup no longer has, it does not fit, and everything is to
 * be read again.
 * Threads: loop thread. */
#include "agent/api/context.h"
#include "agent/events/events.h"
#include "agent/privacy/audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct changes {
    const struct ns_audit_entry *entries;
    int count;
    const char *cursor;
    bool more;
    bool reset;
};

static const char *cursor_of(struct ns_arena *arena, int64_t seq, const uint8_t *digest) {
    return ns_arena_printf(arena, "a%lld.%02x%02x%02x%02x", (long long)seq, digest[0], digest[1],
                           digest[2], digest[3]);
}

/* "a12.0011aabb" */
static bool read_cursor(const char *text, int64_t *seq) {
    char *end = NULL;
    if (text[0] != 'a' || text[1] < '0' || text[1] > '9' || strlen(text) > 40) {
        return false;
    }
    *seq = strtoll(text + 1, &end, 10);
    return *end == '.' && strlen(end) == 9 && strspn(end + 1, "0123456789abcdef") == 8;
}

static ns_rc newest(struct api_ctx *ctx, struct changes *c, struct ns_err *err) {
    int64_t seq = 0;
    uint8_t digest[NS_DIGEST] = {0};
    ns_rc rc = ns_audit_head(ctx->api->s.read_db, &seq, digest, err);
    c->cursor = cursor_of(ctx->arena, seq, digest);
    return rc;
}

/* The line of the cursor itself comes first and shows that it is one of ours. */
static ns_rc since(struct api_ctx *ctx, const char *cursor, int64_t seq, int first,
                   struct changes *c, struct ns_err *err) {
    struct ns_audit_entry *e = NULL;
    int count = 0;
    int skip = seq > 0 ? 1 : 0;
    ns_rc rc = ns_audit_since(ctx->api->s.read_db, seq, first + skip + 1, ctx->arena, &e, &count, err);
    if (rc != NS_OK) {
        return rc;
    }
    if (skip == 1 && (count == 0 || e[0].seq != seq ||
                      strcmp(cursor_of(ctx->arena, seq, e[0].digest), cursor) != 0)) {
        c->reset = true;
        return newest(ctx, c, err);
    }
    c->entries = e + skip;
    c->count = count - skip > first ? first : count - skip;
    c->more = count - skip > first;
    c->cursor = c->count == 0 ? cursor : cursor_of(ctx->arena, c->entries[c->count - 1].seq,
                                                   c->entries[c->count - 1].digest);
    return NS_OK;
}

static void get_since(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    struct changes *c = NS_NEW(ctx->arena, struct changes);
    struct ns_err err = {0};
    const char *cursor = arg_text(ctx->arena, &call->args[GQL_A_Query_changesSince_cursor]);
    int64_t first = arg_int(&call->args[GQL_A_Query_changesSince_first], 200);
    int64_t seq = 0;
    first = first < 1 ? 1 : first > 500 ? 500 : first;
    if (cursor != NULL && !read_cursor(cursor, &seq)) {
        gql_fail(out, GQL_CODE_BAD_USER_INPUT, ns_msg(ctx->lang, NS_MSG_api_bad_changes_cursor));
        return;
    }
    ns_rc rc = cursor == NULL ? newest(ctx, c, &err) : since(ctx, cursor, seq, (int)first, c, &err);
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    gql_object(out, c);
}

static enum ns_event_kind kind_of(const char *entity) {
    static const struct {
        const char *entity;
        enum ns_event_kind kind;
    } kinds[] = {
        {"child", NS_EVENT_CHILD},           {"usage_log", NS_EVENT_USAGE},
        {"inventory_item", NS_EVENT_INVENTORY}, {"prediction", NS_EVENT_PREDICTION},
        {"import", NS_EVENT_IMPORT},         {"consent", NS_EVENT_CONSENT},
        {"subscription", NS_EVENT_PLAN},     {"bill", NS_EVENT_PLAN},
        {"intent", NS_EVENT_PLAN},         {"product", NS_EVENT_PRICE},
        {"order", NS_EVENT_ORDER},
    };
    for (size_t i = 0; i < NS_COUNT(kinds); i++) {
        if (strcmp(kinds[i].entity, entity) == 0) {
            return kinds[i].kind;
        }
    }
    return NS_EVENT_HOUSEHOLD;
}

static void get_changes(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct changes *c = object;
    switch (call->field) {
    case GQL_F_ChangesSince_changes: gql_array(out, c->entries, (size_t)c->count, sizeof *c->entries); break;
    case GQL_F_ChangesSince_cursor: gql_cstr(out, c->cursor); break;
    case GQL_F_ChangesSince_hasMore: gql_bool(out, c->more); break;
    default: gql_bool(out, c->reset);
    }
}

static void get_change(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct ns_audit_entry *e = object;
    switch (call->field) {
    case GQL_F_EntityChange_kind: gql_enum(out, (int)kind_of(e->entity)); break;
    case GQL_F_EntityChange_entity: gql_cstr(out, e->entity); break;
    case GQL_F_EntityChange_entityId: gql_id(out, e->entity_id); break;
    default: gql_time(out, e->at);
    }
}

static const struct gql_root_bind roots[] = {{GQL_F_Query_changesSince, get_since}};
static const struct gql_type_bind types[] = {
    {GQL_T_ChangesSince, get_changes},
    {GQL_T_EntityChange, get_change},
};
const struct api_part api_changes_part = {roots, NS_COUNT(roots), types, NS_COUNT(types)};
