/* http_graphql.c: status codes and media types after the GraphQL-over-HTTP working draft. With
 * application/json every well-formed request is 200; with application/graphql-response+json a
 * refused one is 400. */
#include "agent/api/http_graphql.h"

#include "agent/api/transport_sse.h"
#include "agent/net/http.h"
#include "shared/base/arena.h"
#include "shared/wire/json.h"
#include "shared/wire/ws.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TYPE_JSON "application/json; charset=utf-8"
#define TYPE_GRAPHQL "application/graphql-response+json; charset=utf-8"
#define PARAMETER_MOST (NS_HTTP_TARGET_MOST + 1)

struct http_operation {
    struct ns_exchange *x; /* NULL: answered */
    const struct ns_operations *operations;
    bool graphql_type;     /* the answer goes as application/graphql-response+json */
    bool get;
};

static void answer_text(struct ns_exchange *x, int status, const char *extra, const char *text) {
    ns_exchange_respond(x, status, "text/plain; charset=utf-8", extra, ns_str_of(text));
}

struct ns_op_caller ns_http_graphql_proven(const struct ns_operations *operations, const struct ns_exchange *x) {
    struct ns_op_caller caller = ns_http_graphql_caller(x);
    struct ns_str authorization = ns_exchange_header(x, "authorization");
    if (caller.who.auth == NS_AUTH_NONE && authorization.p != NULL) {
        (void)operations->prove(operations->self, authorization, &caller);
    }
    return caller;
}

void ns_http_graphql_allowance(const struct ns_operations *operations, const struct ns_op_caller *caller,
                               char *out, size_t cap) {
    struct ns_allowance left = operations->allowance(operations->self, caller);
    snprintf(out, cap, "RateLimit-Limit: %lld\r\nRateLimit-Remaining: %lld\r\nRateLimit-Reset: %lld\r\n",
             (long long)left.limit, (long long)left.remaining, (long long)left.reset_s);
}

/* Every answer says what the caller may still ask. extra: more header lines, or NULL. */
static void answer(struct http_operation *o, int status, const char *extra,
                   struct ns_str payload) {
    char lines[256];
    if (o->x == NULL) {
        return;
    }
    const struct ns_op_caller caller = ns_http_graphql_proven(o->operations, o->x);
    ns_http_graphql_allowance(o->operations, &caller, lines, sizeof lines);
    size_t n = strlen(lines);
    snprintf(lines + n, sizeof lines - n, "%s", extra != NULL ? extra : "");
    ns_exchange_respond(o->x, status, o->graphql_type ? TYPE_GRAPHQL : TYPE_JSON, lines, payload);
    o->x = NULL;
}

/* {"errors":[..]} made here, for requests the operations never see. */
static void answer_refusal(const struct ns_operations *operations, struct ns_exchange *x,
                           bool graphql_type, int status, enum ns_msg message) {
    struct http_operation o = {.x = x, .operations = operations, .graphql_type = graphql_type};
    struct ns_buf body = NS_BUF(4096);
    ns_buf_text(&body, "{\"errors\":[{\"message\":");
    ns_json_quote(&body, ns_str_of(ns_msg(ns_http_graphql_caller(x).lang, message)));
    ns_buf_text(&body, ",\"extensions\":{\"code\":\"BAD_USER_INPUT\"}}]}");
    answer(&o, status, NULL, ns_buf_view(&body));
    ns_buf_fini(&body);
}

/* ---- what the caller wants ------------------------------------------------------------- */

/* The user of a Unix peer; of any other a hash (FNV-1a) of its address, never a small number. */
static uint64_t bucket_of(const struct ns_peer *peer) {
    uint64_t hash = 14695981039346656037u;
    for (const char *c = peer->address; *c != '\0'; c++) {
        hash = (hash ^ (uint8_t)*c) * 1099511628211u;
    }
    return peer->kind == NS_PEER_UNIX ? peer->uid : hash | UINT64_C(1) << 63;
}

struct ns_op_caller ns_http_graphql_caller(const struct ns_exchange *x) {
    bool local = ns_exchange_peer(x)->kind == NS_PEER_UNIX;
    struct ns_op_caller caller = {.who.auth = local ? NS_AUTH_LOCAL : NS_AUTH_NONE,
                                  .uid = ns_exchange_peer(x)->uid,
                                  .bucket = bucket_of(ns_exchange_peer(x)),
                                  .lang = NS_LANG_EN,
                                  .may_introspect = local};
    struct ns_str rest = ns_exchange_header(x, "accept-language");
    while (rest.p != NULL) { /* first one we speak; clients list them by preference */
        struct ns_str item = ns_str_cut(&rest, ',');
        if (ns_lang_parse(ns_str_trim(ns_str_cut(&item, ';')), &caller.lang)) {
            break;
        }
    }
    return caller;
}

/* The q of a media range in thousandths; 1000 when it has none or a broken one. */
static int range_quality(struct ns_str parameters) {
    struct ns_str rest = parameters;
    while (rest.p != NULL) {
        struct ns_str value = ns_str_trim(ns_str_cut(&rest, ';'));
        struct ns_str name = ns_str_cut(&value, '=');
        if (!ns_str_is_nocase(ns_str_trim(name), "q") || value.n == 0) {
            continue;
        }
        value = ns_str_trim(value);
        if (value.p[0] == '1') {
            return 1000;
        }
        int quality = 0;
        int weight = 100;
        for (size_t i = 2; i < value.n && i < 5 && weight > 0; i++, weight /= 10) {
            quality += value.p[i] >= '0' && value.p[i] <= '9' ? (value.p[i] - '0') * weight : 0;
        }
        return quality;
    }
    return 1000;
}

/* A range that ends in a star, such as the one of all texts. */
static bool is_family(struct ns_str range, const char *type) {
    size_t n = strcspn(type, "/") + 1;
    return range.n == n + 1 && range.p[n] == '*' && strncasecmp(range.p, type, n) == 0;
}

/* Quality the Accept header gives to a type; *exact: by its own name. -1: the
 * header does not mention it. The most specific range counts. */
static int quality_of(struct ns_str accept, const char *type, bool *exact) {
    int best = -1;
    int best_rank = 0;
    struct ns_str rest = accept;
    while (rest.p != NULL) {
        struct ns_str parameters = ns_str_cut(&rest, ',');
        struct ns_str range = ns_str_trim(ns_str_cut(&parameters, ';'));
        int rank = ns_str_is_nocase(range, type)              ? 3
                   : is_family(range, type)                     ? 2
                   : ns_str_is(range, "*/*")                  ? 1
                                                              : 0;
        if (rank > best_rank) {
            best_rank = rank;
            best = range_quality(parameters);
        }
    }
    *exact = best_rank == 3;
    return best;
}

int ns_http_graphql_quality(struct ns_str accept, const char *type) {
    bool exact = false;
    return quality_of(accept, type, &exact);
}

/* false: nothing we have is acceptable. Without the header JSON is sent. */
static bool choose_type(const struct ns_exchange *x, bool *graphql_type) {
    struct ns_str accept = ns_exchange_header(x, "accept");
    bool exact_graphql = false;
    bool exact_json = false;
    *graphql_type = false;
    if (accept.p == NULL || accept.n == 0) {
        return true;
    }
    int graphql = quality_of(accept, "application/graphql-response+json", &exact_graphql);
    int json = quality_of(accept, "application/json", &exact_json);
    if (graphql > 0 && ((exact_graphql && graphql >= json) || json <= 0)) {
        *graphql_type = true;
        return true;
    }
    return json > 0;
}

static bool is_json_type(struct ns_str content_type) {
    struct ns_str rest = content_type;
    if (!ns_str_is_nocase(ns_str_trim(ns_str_cut(&rest, ';')), "application/json")) {
        return false;
    }
    while (rest.p != NULL) {
        struct ns_str value = ns_str_trim(ns_str_cut(&rest, ';'));
        struct ns_str name = ns_str_cut(&value, '=');
        if (ns_str_is_nocase(name, "charset") && !ns_str_is_nocase(value, "utf-8") &&
            !ns_str_is_nocase(value, "\"utf-8\"")) {
            return false;
        }
    }
    return true;
}

/* ---- the operation --------------------------------------------------------------------- */

static void op_event(void *arg, enum ns_op_event event, struct ns_str payload) {
    struct http_operation *o = arg;
    switch (event) {
    case NS_OP_NEXT:
        answer(o, 200, NULL, payload);
        return; /* DONE follows */
    case NS_OP_DONE:
        answer(o, 500, NULL, NS_STR("{\"errors\":[{\"message\":\"no answer\"}]}"));
        break;
    case NS_OP_MALFORMED:
        answer(o, 400, NULL, payload);
        break;
    case NS_OP_WRONG_KIND:
        if (o->get) {
            answer(o, 405, "Allow: POST\r\n", payload);
            break;
        }
        answer(o, o->graphql_type ? 400 : 200, NULL, payload);
        break;
    case NS_OP_LIMITED:
        answer(o, 429, "Retry-After: 1\r\n", payload);
        break;
    case NS_OP_EXPIRED: /* between the look at the token and the start */
        answer(o, 401, NULL,
               NS_STR("{\"errors\":[{\"message\":\"Authentication required\","
                      "\"extensions\":{\"code\":\"UNAUTHENTICATED\"}}]}"));
        break;
    case NS_OP_SLOW: /* no subscription comes this way */
    case NS_OP_REFUSED:
        answer(o, o->graphql_type ? 400 : 200, NULL, payload);
        break;
    }
    free(o);
}

static void start(const struct ns_operations *operations, struct ns_exchange *x,
                  struct ns_str body, bool graphql_type, bool get) {
    struct http_operation *o = ns_xcalloc(1, sizeof *o);
    struct ns_op_request request = {
        .body = body,
        .allowed = get ? NS_OP_QUERY : NS_OP_QUERY | NS_OP_MUTATION,
        .caller = ns_http_graphql_proven(operations, x),
    };
    *o = (struct http_operation){
        .x = x, .operations = operations, .graphql_type = graphql_type, .get = get};
    operations->start(operations->self, &request, op_event, o);
}

/* Append ,"name":value for a parameter; quoted: a text, else JSON that must hold. */
static bool add_parameter(struct ns_buf *body, struct ns_str query, const char *name,
                          bool quoted) {
    char value[PARAMETER_MOST];
    size_t n = 0;
    bool bad = false;
    if (!ns_http_parameter(query, name, value, sizeof value, &n, &bad)) {
        return true;
    }
    struct ns_str text = {value, n};
    struct ns_json *json = NULL;
    if (bad) {
        return false;
    }
    if (n == 0 && strcmp(name, "query") != 0) {
        return true; /* an empty parameter is none */
    }
    if (!quoted && ns_json_read(text, n, &json, NULL) != NS_OK) {
        return false;
    }
    ns_json_free(json);
    ns_buf_fmt(body, "%s\"%s\":", body->len > 1 ? "," : "", name);
    if (quoted) {
        ns_json_quote(body, text);
    } else {
        ns_buf_str(body, text);
    }
    return true;
}

/* The fault of a request, or 0; body: what it asks. */
static int read_request(struct ns_exchange *x, bool get, struct ns_buf *body, enum ns_msg *why) {
    if (get) {
        struct ns_str query = ns_exchange_query(x);
        ns_buf_char(body, '{');
        bool good = add_parameter(body, query, "query", true) &&
                    add_parameter(body, query, "operationName", true) &&
                    add_parameter(body, query, "variables", false) &&
                    add_parameter(body, query, "extensions", false);
        ns_buf_char(body, '}');
        *why = NS_MSG_http_bad_parameters;
        return good ? 0 : 400;
    }
    struct ns_str text = ns_str_trim(ns_exchange_body(x));
    if (!is_json_type(ns_exchange_header(x, "content-type"))) {
        *why = NS_MSG_http_not_json;
        return 415;
    }
    *why = NS_MSG_http_no_batch;
    return text.n > 0 && text.p[0] == '[' ? 400 : 0;
}

bool ns_http_graphql_request(const struct ns_operations *operations, struct ns_exchange *x, bool get,
                             struct ns_buf *body) {
    enum ns_msg why;
    int status = read_request(x, get, body, &why);
    if (status != 0) {
        answer_refusal(operations, x, false, status, why);
    } else if (!get) {
        ns_buf_str(body, ns_exchange_body(x));
    }
    return status == 0;
}

static void serve_operation(const struct ns_operations *operations, struct ns_exchange *x,
                            bool graphql_type, bool get) {
    struct ns_buf body = NS_BUF(PARAMETER_MOST * 8);
    enum ns_msg why;
    int status = read_request(x, get, &body, &why);
    if (status != 0) {
        answer_refusal(operations, x, graphql_type, status, why);
    } else {
        start(operations, x, get ? ns_buf_view(&body) : ns_exchange_body(x), graphql_type, get);
    }
    ns_buf_fini(&body);
}

static void serve_graphql(const struct ns_operations *operations, struct ns_exchange *x) {
    struct ns_str method = ns_exchange_method(x);
    bool graphql_type = false;
    bool get = ns_str_is(method, "GET");
    if (!get && !ns_str_is(method, "POST")) {
        answer_text(x, 405, "Allow: GET, POST\r\n", "405: GET or POST\n");
    } else if (!choose_type(x, &graphql_type)) {
        answer_text(x, 406, NULL,
                    "406: application/graphql-response+json or application/json\n");
    } else {
        serve_operation(operations, x, graphql_type, get);
    }
}

void ns_http_graphql_serve(const struct ns_operations *operations, struct ns_exchange *x) {
    struct ns_str path = ns_exchange_path(x);
    struct ns_str method = ns_exchange_method(x);
    if (ns_str_is(path, "/graphql")) {
        serve_graphql(operations, x);
    } else if (ns_str_is(path, "/graphql/stream")) {
        ns_transport_sse_serve(operations, x);
    } else if (!ns_str_is(path, "/healthz")) {
        answer_text(x, 404, NULL, "404: /graphql and /healthz are served here\n");
    } else if (!ns_str_is(method, "GET") && !ns_str_is(method, "HEAD")) {
        answer_text(x, 405, "Allow: GET, HEAD\r\n", "405: GET or HEAD\n");
    } else {
        answer_text(x, 200, NULL, "ok " NS_VERSION "\n");
    }
}
