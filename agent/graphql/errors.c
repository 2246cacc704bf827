/* errors.c: the error objects of a response. */
#include "agent/graphql/internal.h"

const char *gql_code_text(enum gql_code code) {
    static const char *const text[] = {
#define CODE_TEXT(name) #name,
        GQL_CODES(CODE_TEXT)
#undef CODE_TEXT
    };
    return code < GQL_CODE_COUNT ? text[code] : "INTERNAL";
}

static void write_path(struct ns_buf *out, const struct gql_path *path) {
    if (path->up != NULL) {
        write_path(out, path->up);
        ns_buf_char(out, ',');
    }
    if (path->name.p != NULL) {
        gql_json_string(out, path->name);
    } else {
        ns_buf_fmt(out, "%zu", path->index);
    }
}

static void write_error(struct ns_buf *out, enum gql_code code, const char *message,
                        const struct gql_place_at *places, size_t place_count,
                        const struct gql_path *path, struct ns_str extra) {
    ns_buf_text(out, "{\"message\":");
    gql_json_string(out, ns_str_of(message));
    for (size_t i = 0; i < place_count; i++) {
        ns_buf_fmt(out, "%s{\"line\":%u,\"column\":%u}%s", i == 0 ? ",\"locations\":[" : ",",
                   places[i].line, places[i].column, i + 1 == place_count ? "]" : "");
    }
    if (path != NULL) {
        ns_buf_text(out, ",\"path\":[");
        write_path(out, path);
        ns_buf_char(out, ']');
    }
    ns_buf_fmt(out, ",\"extensions\":{\"code\":\"%s\"", gql_code_text(code));
    if (extra.n > 0) {
        ns_buf_char(out, ',');
        ns_buf_str(out, extra);
    }
    ns_buf_text(out, "}}");
}

bool gql_errors_add(struct gql_errors *e, enum gql_code code, const char *message,
                    const struct gql_place_at *places, size_t place_count,
                    const struct gql_path *path, struct ns_str extra) {
    if (e->count > e->limit) {
        return false;
    }
    if (e->count > 0) {
        ns_buf_char(&e->text, ',');
    }
    if (e->count++ == e->limit) {
        write_error(&e->text, GQL_CODE_TOO_MANY_ERRORS,
                    "Too many errors; the rest is not reported.", NULL, 0, NULL, NS_STR(""));
        return false;
    }
    write_error(&e->text, code, message, places, place_count, path, extra);
    return true;
}

void gql_errors_refuse(struct gql_errors *e, struct ns_buf *response) {
    ns_buf_clear(response);
    ns_buf_text(response, "{\"errors\":[");
    ns_buf_str(response, ns_buf_view(&e->text));
    ns_buf_text(response, "]}");
    if (response->failed || e->text.failed) {
        gql_refusal(response, GQL_CODE_QUERY_TOO_COMPLEX, "The answer is too large.");
    }
}

void gql_refusal(struct ns_buf *response, enum gql_code code, const char *message) {
    ns_buf_clear(response);
    ns_buf_text(response, "{\"errors\":[");
    write_error(response, code, message, NULL, 0, NULL, NS_STR(""));
    ns_buf_text(response, "]}");
}
