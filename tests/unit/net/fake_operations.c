#include "tests/unit/net/fake_operations.h"

#include "shared/wire/json.h"

#include <string.h>

#define ANSWER NS_STR("{\"data\":{\"now\":1}}")
#define ERRORS NS_STR("{\"errors\":[{\"message\":\"no\"}]}")

static struct ns_op *place(struct fake_operations *fake, ns_op_fn *fn, void *arg,
                           bool subscription) {
    for (int i = 0; i < FAKE_MOST; i++) {
        if (fake->ops[i].fn == NULL) {
            fake->ops[i] = (struct fake_op){fn, arg, subscription};
            return (struct ns_op *)(void *)&fake->ops[i];
        }
    }
    return NULL;
}

static struct ns_op *begin(struct fake_operations *fake, const struct ns_op_request *request,
                           const char *query, ns_op_fn *fn, void *arg) {
    bool subscription = strncmp(query, "subscription", 12) == 0;
    bool mutation = strncmp(query, "mutation", 8) == 0;
    unsigned kind = subscription ? NS_OP_SUBSCRIPTION : mutation ? NS_OP_MUTATION : NS_OP_QUERY;
    if (strcmp(query, "too often") == 0) {
        fn(arg, NS_OP_LIMITED, ERRORS);
    } else if (strcmp(query, "wrong") == 0) {
        fn(arg, NS_OP_REFUSED, ERRORS);
    } else if ((request->allowed & kind) == 0) {
        fn(arg, NS_OP_WRONG_KIND, ERRORS);
    } else if (subscription || strcmp(query, "{ later }") == 0) {
        return place(fake, fn, arg, subscription);
    } else {
        fn(arg, NS_OP_NEXT, ANSWER);
        fn(arg, NS_OP_DONE, NS_STR(""));
    }
    return NULL;
}

static struct ns_op *start(void *self, const struct ns_op_request *request, ns_op_fn *fn,
                           void *arg) {
    struct fake_operations *fake = self;
    struct ns_json *root = NULL;
    struct ns_op *op = NULL;
    fake->started++;
    fake->last_caller = request->caller;
    if (!ns_str_copy(request->body, fake->last_body, sizeof fake->last_body)) {
        fake->last_body[0] = '\0';
    }
    const char *query = NULL;
    if (ns_json_read(request->body, 1 << 24, &root, NULL) == NS_OK) {
        query = ns_json_text(ns_json_get(root, "query"));
    }
    if (query == NULL) {
        fn(arg, NS_OP_MALFORMED, ERRORS);
    } else {
        op = begin(fake, request, query, fn, arg);
    }
    ns_json_free(root);
    return op;
}

static void cancel(void *self, struct ns_op *op) {
    struct fake_operations *fake = self;
    ((struct fake_op *)(void *)op)->fn = NULL;
    fake->cancelled++;
}

/* Nothing is held here: events go out when the test makes them. */
static bool resume(void *self, struct ns_op *op) {
    struct fake_operations *fake = self;
    (void)op;
    fake->resumed++;
    return false;
}

/* One token holds. */
static bool prove(void *self, struct ns_str authorization, struct ns_op_caller *caller) {
    (void)self;
    bool good = ns_str_is(authorization, "Bearer good");
    caller->who.auth = good ? NS_AUTH_BEARER : NS_AUTH_NONE;
    caller->who.stale = !good;
    return good;
}

static struct ns_allowance allowance(void *self, const struct ns_op_caller *caller) {
    (void)self;
    (void)caller;
    return (struct ns_allowance){100, 99, 1};
}

void fake_init(struct fake_operations *fake) {
    memset(fake, 0, sizeof *fake);
    fake->operations = (struct ns_operations){fake, start, cancel, resume, prove, allowance};
}

int fake_running(const struct fake_operations *fake) {
    int n = 0;
    for (int i = 0; i < FAKE_MOST; i++) {
        n += fake->ops[i].fn != NULL;
    }
    return n;
}

static void end(struct fake_op *op, bool answer) {
    ns_op_fn *fn = op->fn;
    if (answer) {
        fn(op->arg, NS_OP_NEXT, ANSWER);
    }
    if (op->fn != NULL) {
        op->fn = NULL;
        fn(op->arg, NS_OP_DONE, NS_STR(""));
    }
}

void fake_finish(struct fake_operations *fake) {
    for (int i = 0; i < FAKE_MOST; i++) {
        if (fake->ops[i].fn != NULL && !fake->ops[i].subscription) {
            end(&fake->ops[i], true);
        }
    }
}

void fake_event(struct fake_operations *fake, struct ns_str payload) {
    for (int i = 0; i < FAKE_MOST; i++) {
        if (fake->ops[i].fn != NULL && fake->ops[i].subscription) {
            fake->ops[i].fn(fake->ops[i].arg, NS_OP_NEXT, payload);
        }
    }
}

void fake_complete(struct fake_operations *fake) {
    for (int i = 0; i < FAKE_MOST; i++) {
        if (fake->ops[i].fn != NULL && fake->ops[i].subscription) {
            end(&fake->ops[i], false);
        }
    }
}

void fake_too_slow(struct fake_operations *fake) {
    struct fake_op first = fake->ops[0];
    fake->ops[0].fn = NULL;
    first.fn(first.arg, NS_OP_SLOW, NS_STR(""));
}
