/* call.c: one blocking request at a time, for commands. */
#include "shared/wire/client.h"
#include "shared/wire/json.h"
#include "shared/wire/link.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

struct call {
    const char *path;
    struct link link;
    int64_t until_us;
};

static ns_rc too_late(const struct call *call, struct ns_err *err) {
    return ns_err_say(err, NS_E_TIMEOUT, NS_MSG_wire_no_answer, call->path, NULL, NULL);
}

/* Wait until one whole answer stands at the front of what came. */
static ns_rc await(struct call *call, struct link_answer *answer, struct ns_err *err) {
    for (;;) {
        ns_rc rc = link_move(&call->link, call->path, err);
        if (rc != NS_OK) {
            return rc;
        }
        int whole = link_answer_read(&call->link, answer);
        if (whole > 0) {
            return NS_OK;
        }
        if (whole < 0) {
            return ns_err_say(err, NS_E_INPUT, NS_MSG_wire_bad_answer, call->path, "HTTP", NULL);
        }
        if (call->link.ended) {
            return ns_err_say(err, NS_E_IO, NS_MSG_wire_lost, call->path, "EOF", NULL);
        }
        int64_t left_us = call->until_us - ns_env_steady_us(ns_env_system());
        if (left_us <= 0) {
            return too_late(call, err);
        }
        struct pollfd ready = {call->link.fd, link_wants(&call->link), 0};
        if (poll(&ready, 1, (int)(left_us / 1000) + 1) < 0) {
            continue; /* interrupted: look at the clock again */
        }
    }
}

ns_rc link_check_health(const struct link_answer *answer, const char *path, char version[32],
                        struct ns_err *err) {
    char said[32];
    struct ns_str text = ns_str_trim(answer->body);
    version[0] = '\0';
    if (answer->status == 503) {
        return ns_err_say(err, NS_E_BUSY, NS_MSG_wire_no_answer, path, NULL, NULL);
    }
    if (answer->status != 200 || !ns_str_starts(text, "ok ") ||
        !ns_str_copy((struct ns_str){text.p + 3, text.n - 3}, said, sizeof said)) {
        return ns_err_say(err, NS_E_INPUT, NS_MSG_wire_bad_answer, path, "healthz", NULL);
    }
    memcpy(version, said, sizeof said);
    if (strcmp(said, NS_VERSION) != 0) {
        return ns_err_say(err, NS_E_VERSION, NS_MSG_wire_other_version, said, NS_VERSION, NULL);
    }
    return NS_OK;
}

static ns_rc begin(struct call *call, const char *path, int timeout_ms, char version[32],
                   struct ns_err *err) {
    struct link_answer answer;
    call->path = path;
    call->until_us = ns_env_steady_us(ns_env_system()) + (int64_t)timeout_ms * 1000;
    ns_rc rc = link_open(&call->link, path, NS_CLIENT_ANSWER_MOST + LINK_HEAD_MOST, err);
    if (rc != NS_OK) {
        return rc;
    }
    ns_buf_text(&call->link.out, LINK_HEALTH_REQUEST);
    rc = await(call, &answer, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = link_check_health(&answer, path, version, err);
    ns_buf_drop(&call->link.in, answer.bytes);
    return rc;
}

ns_rc ns_client_probe(const char *socket_path, int timeout_ms, char version[32],
                      struct ns_err *err) {
    struct call call = {.link = {.fd = -1}};
    char said[32] = "";
    ns_rc rc = begin(&call, socket_path, timeout_ms, said, err);
    if (version != NULL) {
        memcpy(version, said, sizeof said);
    }
    link_close(&call.link);
    return rc;
}

bool link_request_body(struct ns_buf *body, const char *query, const char *variables_json) {
    ns_buf_text(body, "{\"query\":");
    ns_json_quote(body, ns_str_of(query));
    if (variables_json != NULL) {
        struct ns_json *variables = NULL;
        bool good = ns_json_read(ns_str_of(variables_json), NS_CLIENT_ANSWER_MOST, &variables,
                                 NULL) == NS_OK &&
                    ns_json_is_object(variables);
        ns_json_free(variables);
        if (!good) {
            return false;
        }
        ns_buf_text(body, ",\"variables\":");
        ns_buf_text(body, variables_json);
    }
    ns_buf_char(body, '}');
    return !body->failed;
}

static ns_rc take_answer(const struct call *call, const struct link_answer *answer,
                         struct ns_buf *response, struct ns_err *err) {
    char status[16];
    struct ns_str type = link_answer_field(answer, "content-type");
    if (ns_str_starts(type, "application/graphql-response+json") ||
        ns_str_starts(type, "application/json")) {
        return ns_buf_str(response, answer->body)
                   ? NS_OK
                   : ns_err_note(err, NS_E_LIMIT, "answer is too long");
    }
    snprintf(status, sizeof status, "HTTP %d", answer->status);
    return ns_err_say(err, answer->status == 503 ? NS_E_BUSY : NS_E_INPUT,
                      answer->status == 503 ? NS_MSG_wire_no_answer : NS_MSG_wire_bad_answer,
                      call->path, status, NULL);
}

ns_rc ns_client_call(const char *socket_path, enum ns_lang lang, const char *query,
                     const char *variables_json, int timeout_ms, struct ns_buf *response,
                     struct ns_err *err) {
    struct call call = {.link = {.fd = -1}};
    struct ns_buf body = NS_BUF(NS_CLIENT_ANSWER_MOST);
    struct link_answer answer;
    char version[32];
    ns_rc rc = NS_OK;
    if (!link_request_body(&body, query, variables_json)) {
        rc = ns_err_say(err, NS_E_INPUT, NS_MSG_err_input, "variables", NULL, NULL);
        goto out;
    }
    rc = begin(&call, socket_path, timeout_ms, version, err);
    if (rc != NS_OK) {
        goto out;
    }
    ns_buf_fmt(&call.link.out,
               "POST /graphql HTTP/1.1\r\nHost: localhost\r\nAccept-Language: %s-CA\r\n"
               "Accept: application/graphql-response+json, application/json\r\n"
               "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
               ns_lang_code(lang), body.len);
    ns_buf_str(&call.link.out, ns_buf_view(&body));
    rc = await(&call, &answer, err);
    if (rc == NS_OK) {
        rc = take_answer(&call, &answer, response, err);
    }
out:
    link_close(&call.link);
    ns_buf_fini(&body);
    return rc;
}
