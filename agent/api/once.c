/* once.c: a change under an id its client made up happens once (agent/store/once.h).
 *
 * The writer asks first, so that of two equal requests the second always sees the first; the
 * line goes in with the change; the answer's text follows when it has been written.
 * Threads: as each function says. */
#include "agent/api/mutation.h"

#include <stdlib.h>
#include <string.h>

#define LOG_MODULE "api"
#include "shared/base/log.h"

#define ANSWER_MOST ((size_t)256 << 10) /* a longer one is not kept */

static uint64_t mix(uint64_t h, const void *bytes, size_t n) {
    for (size_t i = 0; i < n; i++) {
        h = (h ^ ((const unsigned char *)bytes)[i]) * 1099511628211ULL;
    }
    return h;
}

/* FNV-1a over what was asked: kinds and lengths too, so that no two requests look alike by
 * running together. It guards against a client's mistake, not against an attacker. */
static uint64_t mix_value(uint64_t h, const struct gql_value *v) {
    h = mix(h, &v->kind, sizeof v->kind);
    switch ((enum gql_value_kind)v->kind) {
    case GQL_BOOL:
        return mix(h, &v->boolean, sizeof v->boolean);
    case GQL_INT:
    case GQL_FLOAT:
    case GQL_STRING:
    case GQL_NUMBER:
    case GQL_ENUM:
        h = mix(h, &v->integer, sizeof v->integer);
        h = mix(h, &v->text.n, sizeof v->text.n);
        return mix(h, v->text.p, v->text.n);
    case GQL_LIST:
    case GQL_INPUT:
        h = mix(h, &v->count, sizeof v->count);
        for (uint32_t i = 0; i < v->count; i++) {
            h = mix_value(h, &v->items[i]);
        }
        return h;
    case GQL_MAP:
        for (uint32_t i = 0; i < v->count; i++) {
            h = mix(h, v->entries[i].key.p, v->entries[i].key.n);
            h = mix_value(h, &v->entries[i].value);
        }
        return h;
    case GQL_ABSENT:
    case GQL_NULL:
    case GQL_VARIABLE:
        break;
    }
    return h;
}

/* Loop thread. */
void mutation_once(struct mutation *m, const struct gql_call *call) {
    const struct gql_field_def *f = &gql_schema_nestsync.fields[call->field];
    uint64_t digest = 14695981039346656037ULL;
    for (uint16_t a = 0; call->args != NULL && a < f->arg_count; a++) {
        if (strcmp(gql_schema_nestsync.args[f->first_arg + a].name, "clientMutationId") == 0) {
            m->once.client_id = arg_text(m->ctx->arena, &call->args[a]);
        } else {
            digest = mix_value(digest, &call->args[a]);
        }
    }
    m->once.user = m->ctx->actor.user;
    m->once.field = f->name;
    m->once.digest = (int64_t)(digest >> 1);
    if (ns_id_is_zero(m->once.user)) { /* nobody to keep it for: the home is not set up */
        m->once.client_id = NULL;
    }
}

static ns_rc add_line(struct ns_db *db, void *arg, struct ns_err *err) {
    const struct mutation *m = arg;
    return ns_row_once_add(db, &m->once, m->act.now, err);
}

/* Writer. True: it was done before (or cannot be told apart), and m says what. */
bool mutation_was_done(struct mutation *m) {
    struct ns_once before;
    bool found = false;
    if (m->once.client_id == NULL) {
        return false;
    }
    m->rc = ns_row_once_find(m->act.db, m->once.user, m->once.client_id, m->act.now,
                             m->act.arena, &before, &found, &m->err);
    if (m->rc != NS_OK || !found) {
        ns_db_before_commit(m->act.db, m->rc == NS_OK ? add_line : NULL, m);
        return m->rc != NS_OK;
    }
    if (strcmp(before.field, m->once.field) != 0 || before.digest != m->once.digest) {
        m->rc = ns_err_say(&m->err, NS_E_CONFLICT, NS_MSG_api_once_other, NULL, NULL, NULL);
    } else if (before.answer == NULL) {
        m->rc = ns_err_say(&m->err, NS_E_CONFLICT, NS_MSG_api_once_done, NULL, NULL, NULL);
    }
    m->replay = m->rc == NS_OK ? before.answer : NULL;
    return true;
}

/* ---- the answer, once it is written ---- */

struct keeping {
    struct ns_job job; /* first */
    struct ns_db *db;
    ns_id user;
    char *client_id;
    char *answer;
};

static void keep(struct ns_job *job) {
    struct keeping *k = (struct keeping *)job;
    struct ns_err err = {0};
    if (ns_row_once_answer(k->db, k->user, k->client_id, k->answer, &err) != NS_OK) {
        LOG_WARN("act=keep-answer note=\"%s\"", err.note);
    }
}

static void kept(struct ns_job *job) {
    struct keeping *k = (struct keeping *)job;
    free(k->client_id);
    free(k->answer);
    free(k);
}

static char *copy(const char *p, size_t n) {
    char *out = ns_xcalloc(n + 1, 1);
    memcpy(out, p, n);
    return out;
}

/* Answers that open a door: given once, and kept nowhere. */
static bool tells_a_secret(const char *field) {
    static const char *const secret[] = {"pairDevice",        "refreshToken",      "openPairing",
                                         "signIn",            "signUp",            "createSubscription",
                                         "subscribe",         "createSetupIntent", "openBillingPortal"};
    for (size_t i = 0; i < NS_COUNT(secret); i++) {
        if (strcmp(field, secret[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Loop thread; before the answer is delivered, so that whoever heard it can ask again for it. */
void api_once_keep(struct ns_api *api, const struct ns_once *once, struct ns_str answer) {
    if (answer.n == 0 || answer.n > ANSWER_MOST || tells_a_secret(once->field)) {
        return;
    }
    struct keeping *k = ns_xcalloc(1, sizeof *k);
    *k = (struct keeping){.job = {.run = keep, .done = kept},
                          .db = api->s.write_db,
                          .user = once->user,
                          .client_id = copy(once->client_id, strlen(once->client_id)),
                          .answer = copy(answer.p, answer.n)};
    if (ns_executor_submit(api->s.writer, &k->job) != NS_OK) {
        kept(&k->job);
    }
}
