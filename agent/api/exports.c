/* exports.c: exportUserData: everything inline, or a file for an hour. */
#include "agent/api/exports.h"
#include "agent/api/mutation.h"
#include "agent/household/export.h"
#include "shared/base/env.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOG_MODULE "exports"
#include "shared/base/log.h"

#define SWEEP_MS ((int64_t)60 * 1000)
#define NAME "nestsync-export-"

struct ns_exports {
    struct ns_api *api;
    struct ns_timer *timer;
};

/* ---- files that go again ---- */

/* The name says when: nestsync-export-MICROSECONDS-ID.json. */
static int sweep(struct ns_exports *x) {
    const char *folder = x->api->s.export_folder;
    DIR *dir = folder == NULL ? NULL : opendir(folder);
    int left = 0;
    for (struct dirent *d = dir == NULL ? NULL : readdir(dir); d != NULL; d = readdir(dir)) {
        if (strncmp(d->d_name, NAME, sizeof NAME - 1) != 0) {
            continue;
        }
        long long until = strtoll(d->d_name + sizeof NAME - 1, NULL, 10);
        if (until > ns_env_now(x->api->s.env)) {
            left++;
        } else if (unlinkat(dirfd(dir), d->d_name, 0) == 0) {
            LOG_INFO("an export that lay its hour was removed");
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
    return left;
}

static void look(void *arg) {
    struct ns_exports *x = arg;
    if (sweep(x) > 0) {
        ns_timer_set(x->timer, SWEEP_MS);
    }
}

struct ns_exports *ns_exports_new(struct ns_api *api) {
    struct ns_exports *x = ns_xcalloc(1, sizeof *x);
    x->api = api;
    x->timer = ns_timer_new(api->s.loop, look, x);
    look(x);
    return x;
}

void ns_exports_swept(struct ns_exports *x) {
    ns_timer_set(x->timer, SWEEP_MS);
}

void ns_exports_free(struct ns_exports *x) {
    if (x != NULL) {
        ns_timer_free(x->timer);
        free(x);
    }
}

/* ---- exportUserData ---- */

struct export {
    struct api_response response; /* first, for its readers */
    enum ns_export_format format;
    struct ns_export_what what;
    const char *text; /* inline; else NULL */
    const char *url;
    int64_t bytes;
    ns_time until;
};

/* As a JSON string it must fit an answer, too. */
static bool fits(const struct ns_buf *text) {
    size_t escaped = 0;
    for (size_t i = 0; i < text->len && escaped <= NS_EXPORT_INLINE; i++) {
        unsigned char c = (unsigned char)text->data[i];
        escaped += c == '"' || c == '\\' || c == '\n' ? 2 : c < 0x20 ? 6 : 1;
    }
    return escaped <= NS_EXPORT_INLINE;
}

static ns_rc to_file(struct mutation *m, struct export *x, const struct ns_buf *text) {
    const struct ns_env *env = m->act.env;
    const char *folder = m->ctx->api->s.export_folder;
    char id[NS_ID_TEXT];
    if (folder == NULL) {
        return ns_err_say(&m->err, NS_E_LIMIT, NS_MSG_export_too_large, NULL, NULL, NULL);
    }
    ns_id_format(ns_id_new(env), id);
    x->until = m->act.now + NS_EXPORT_STAYS;
    const char *path = ns_arena_printf(m->act.arena, "%s/" NAME "%lld-%s.%s", folder, (long long)x->until, id,
                                       x->format == NS_EXPORT_CSV ? "csv" : "json");
    ns_rc rc = env->make_dir(env->self, folder, 0700, &m->err);
    if (rc == NS_OK) {
        rc = env->write_file(env->self, path, text->data, text->len, 0600, &m->err);
    }
    x->url = ns_arena_printf(m->act.arena, "file://%s", path);
    return rc;
}

static ns_rc export_work(struct mutation *m) {
    struct export *x = m->own;
    struct ns_buf text = NS_BUF(NS_EXPORT_MOST);
    ns_rc rc = ns_household_export(&m->act, x->format, &x->what, &text, &m->err);
    x->bytes = (int64_t)text.len;
    if (rc == NS_OK && fits(&text)) {
        x->text = ns_arena_copy(m->act.arena, ns_buf_view(&text));
    } else if (rc == NS_OK) {
        rc = to_file(m, x, &text);
    }
    ns_buf_fini(&text);
    return rc;
}

static const void *answer(struct mutation *m) {
    struct export *x = m->own;
    x->response = m->response;
    if (m->rc == NS_OK && x->url != NULL) {
        ns_exports_swept(m->ctx->api->exports);
    }
    return x;
}

static void export_user_data(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct mutation *m = mutation_begin(call, export_work);
    struct export *x = NS_NEW(call->arena, struct export);
    const struct gql_value *in = call->args[GQL_A_Mutation_exportUserData_input].items;
    const char *format = arg_text(call->arena, &in[GQL_I_ExportUserDataInput_format]);
    m->own = x;
    x->until = NS_TIME_NONE;
    x->what.deleted = arg_bool(&in[GQL_I_ExportUserDataInput_includeDeleted], false);
    if (!arg_id(&in[GQL_I_ExportUserDataInput_childId], &x->what.child)) {
        gql_fail(out, GQL_CODE_BAD_USER_INPUT, ns_msg(m->ctx->lang, NS_MSG_hh_child_unknown));
        return;
    }
    if (format != NULL && !ns_str_is_nocase(ns_str_of(format), "json") && !ns_str_is_nocase(ns_str_of(format), "csv")) {
        gql_fail(out, GQL_CODE_BAD_USER_INPUT, ns_msg(m->ctx->lang, NS_MSG_export_format));
        return;
    }
    x->format = format != NULL && ns_str_is_nocase(ns_str_of(format), "csv") ? NS_EXPORT_CSV : NS_EXPORT_JSON;
    m->message = NS_MSG_export_limits;
    m->answer = answer;
    mutation_submit(m, out);
}

static void get_export(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct export *x = object;
    switch (call->field) {
    case GQL_F_ExportUserDataResponse_success: gql_bool(out, x->response.success); break;
    case GQL_F_ExportUserDataResponse_message: gql_cstr(out, x->response.message); break;
    case GQL_F_ExportUserDataResponse_error: gql_cstr(out, x->response.error); break;
    case GQL_F_ExportUserDataResponse_exportUrl: gql_cstr(out, x->url); break;
    case GQL_F_ExportUserDataResponse_exportData: gql_cstr(out, x->text); break;
    case GQL_F_ExportUserDataResponse_exportSizeBytes: gql_int(out, x->bytes); break;
    default: gql_time(out, x->until); break;
    }
}

static const struct gql_root_bind roots[] = {{GQL_F_Mutation_exportUserData, export_user_data}};
static const struct gql_type_bind types[] = {{GQL_T_ExportUserDataResponse, get_export}};
const struct api_part api_exports_part = {roots, NS_COUNT(roots), types, NS_COUNT(types)};
