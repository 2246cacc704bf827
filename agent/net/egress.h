/* egress.h: the one door out of the house. Deny by default.
 *
 * A destination is declared with its purpose, jurisdiction, consent and, for each of its paths,
 * the names of the fields that may leave. A payload is built from that list, never by removal,
 * and checked against it once more before the first byte; every request and every refusal is a
 * line of a journal that cannot be changed. Bodies are not kept, their hash is.
 * Memory: the gate borrows its settings. Threads: building and checking are pure; permit writes
 * on the writing connection. */
#pragma once
#include "agent/store/outbox.h"
#include "shared/base/env.h"
#include "shared/text/message.h"

enum ns_egress_consent {
    NS_EGRESS_NO_CONSENT, /* nothing of the family leaves */
    NS_EGRESS_PURCHASE,   /* a person agreed to this very purchase, or to the plan it belongs to */
    NS_EGRESS_SHARING,    /* the DATA_SHARING consent is alive */
};

/* One call that may be made. `{}` in a path stands for one id of the other side. */
struct ns_egress_call {
    const char *method;
    const char *path;
    const char *const *fields; /* NULL-terminated; `[]` stands for any index */
};
struct ns_egress_destination {
    const char *id;           /* "stripe" */
    const char *jurisdiction; /* "CA", "US" */
    const char *base_url;     /* unless the configuration names another */
    enum ns_egress_consent consent;
    enum ns_msg purpose;
    enum ns_msg stops;        /* what does not work without it */
    const struct ns_egress_call *calls; /* method NULL ends */
};
const struct ns_egress_destination *ns_egress_destination_at(size_t i); /* NULL past the last */
const struct ns_egress_destination *ns_egress_find(const char *id);
const struct ns_egress_call *ns_egress_call_find(const struct ns_egress_destination *d,
                                                 const char *method, const char *path);

struct ns_egress_value {
    const char *name;
    const char *value; /* NULL: absent; "": takes the field away on the other side */
};
/* The body of a call, in the order of its list. A value the list does not name: NS_E_DENIED. */
ns_rc ns_egress_build(const struct ns_egress_call *call, const struct ns_egress_value *values,
                      size_t count, struct ns_buf *out, struct ns_err *err) NS_MUST_USE;

struct ns_egress {
    bool canada_only;
    const char *base_url; /* of the one destination that is configured otherwise; NULL: none */
    const char *base_of;
};
struct ns_egress_request {
    const char *destination;
    const char *method;
    const char *path; /* with its query, as sent */
    struct ns_str body;
    bool agreed;      /* to the purchase */
    ns_id agreement;  /* the consent line or intent that says so */
};
/* Writes the journal line and answers whether the bytes may leave: NS_OK, NS_E_DENIED, NS_E_CONSENT.
 * Inside or outside a transaction; the line stands in either case when the caller commits. */
ns_rc ns_egress_permit(const struct ns_egress *gate, struct ns_db *db, ns_time now,
                       const struct ns_egress_request *request, struct ns_err *err) NS_MUST_USE;
/* https, or http to this very machine. */
bool ns_egress_url_ok(const char *base_url);
/* Does --canada-only hold this place back? */
bool ns_egress_held(const struct ns_egress *gate, const struct ns_egress_destination *d);
/* What stops under --canada-only, a line each. */
void ns_egress_stops(struct ns_buf *out, enum ns_lang lang);
