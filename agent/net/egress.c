#include "agent/net/egress.h"
#include "agent/net/form.h"
#include "agent/privacy/consent.h"
#include "shared/crypto/crypto.h"

#include <string.h>

#define BODY_MOST ((size_t)64 << 10)
#define NAME_MOST 256

/* "items[0][price]" fits "items[0][price]" and "default_tax_rates[3]" fits "default_tax_rates[]". */
static bool name_fits(const char *allowed, const char *name) {
    while (*allowed != '\0') {
        if (allowed[0] == '[' && allowed[1] == ']') {
            if (*name++ != '[') {
                return false;
            }
            size_t digits = strspn(name, "0123456789");
            name += digits <= 4 ? digits : 0;
            allowed += 1; /* its ] is compared below */
        } else if (*allowed++ != *name++) {
            return false;
        }
    }
    return *name == '\0';
}

static bool may_leave(const struct ns_egress_call *call, const char *name) {
    for (size_t i = 0; call->fields[i] != NULL; i++) {
        if (name_fits(call->fields[i], name)) {
            return true;
        }
    }
    return false;
}

ns_rc ns_egress_build(const struct ns_egress_call *call, const struct ns_egress_value *values,
                      size_t count, struct ns_buf *out, struct ns_err *err) {
    for (size_t v = 0; v < count; v++) {
        if (!may_leave(call, values[v].name)) {
            return ns_err_note(err, NS_E_DENIED, "field %s may not leave by %s %s", values[v].name,
                               call->method, call->path);
        }
    }
    for (size_t i = 0; call->fields[i] != NULL; i++) {
        for (size_t v = 0; v < count; v++) {
            if (values[v].value != NULL && name_fits(call->fields[i], values[v].name)) {
                ns_form_add(out, values[v].name, ns_str_of(values[v].value));
            }
        }
    }
    return out->failed ? ns_err_note(err, NS_E_LIMIT, "the request is too large") : NS_OK;
}

/* Host part of http://HOST: this very machine? */
static bool is_loopback(const char *host) {
    static const char *const hosts[] = {"127.0.0.1", "localhost", "[::1]"};
    for (size_t i = 0; i < NS_COUNT(hosts); i++) {
        size_t n = strlen(hosts[i]);
        if (strncmp(host, hosts[i], n) == 0 && (host[n] == '\0' || host[n] == ':' || host[n] == '/')) {
            return true;
        }
    }
    return false;
}

bool ns_egress_url_ok(const char *url) {
    if (strpbrk(url, " \t\r\n@\\#?") != NULL) {
        return false;
    }
    if (strncmp(url, "https://", 8) == 0) {
        return url[8] != '\0' && url[8] != '/';
    }
    return strncmp(url, "http://", 7) == 0 && is_loopback(url + 7);
}

/* Names of the fields, and whether each may leave. bad: the first that may not. */
static bool read_fields(const struct ns_egress_call *call, struct ns_str form, struct ns_buf *names,
                        struct ns_buf *bad) {
    struct ns_buf name = NS_BUF(NAME_MOST);
    struct ns_buf value = NS_BUF(BODY_MOST);
    bool broken = false, well = true;
    while (well && ns_form_next(&form, &name, &value, &broken)) {
        well = !broken && may_leave(call, name.data);
        if (well) {
            ns_buf_fmt(names, "%s%s", names->len > 0 ? " " : "", name.data);
        } else {
            ns_buf_text(bad, broken || name.data == NULL ? "?" : name.data);
        }
    }
    ns_buf_fini(&name);
    ns_buf_fini(&value);
    return well && !names->failed;
}

bool ns_egress_held(const struct ns_egress *gate, const struct ns_egress_destination *d) {
    return gate->canada_only && strcmp(d->jurisdiction, "CA") != 0;
}

struct verdict {
    ns_rc rc;
    const char *outcome;
    const struct ns_egress_destination *to;
    const struct ns_egress_call *call;
};

static struct verdict judge(const struct ns_egress *gate, struct ns_db *db, ns_time now,
                            const struct ns_egress_request *r, struct ns_buf *names, struct ns_buf *bad,
                            struct ns_err *err) {
    struct verdict v = {.rc = NS_E_DENIED, .to = ns_egress_find(r->destination)};
    if (v.to == NULL) {
        v.outcome = "UNDECLARED";
        return v;
    }
    v.call = ns_egress_call_find(v.to, r->method, r->path);
    if (v.call == NULL || r->body.n > BODY_MOST) {
        v.outcome = "UNDECLARED";
        return v;
    }
    const char *query = strchr(r->path, '?');
    bool fields = read_fields(v.call, query == NULL ? NS_STR("") : ns_str_of(query + 1), names, bad) &&
                  read_fields(v.call, r->body, names, bad);
    const char *base = gate->base_url != NULL && strcmp(gate->base_of, v.to->id) == 0 ? gate->base_url
                                                                                      : v.to->base_url;
    if (!fields) {
        v.outcome = "FIELD";
    } else if (!ns_egress_url_ok(base)) {
        v.outcome = "URL";
    } else if (ns_egress_held(gate, v.to)) {
        v.outcome = "CANADA_ONLY";
        (void)ns_err_say(err, NS_E_DENIED, NS_MSG_egress_canada_only, v.to->id, v.to->jurisdiction, NULL);
    } else if (v.to->consent == NS_EGRESS_PURCHASE && !r->agreed) {
        v.rc = NS_E_CONSENT;
        v.outcome = "CONSENT";
    } else if (v.to->consent == NS_EGRESS_SHARING &&
               ns_consent_need(db, now, NS_CONSENT_DATA_SHARING, err) != NS_OK) {
        v.rc = NS_E_CONSENT;
        v.outcome = "CONSENT";
    } else {
        v.rc = NS_OK;
        v.outcome = "ALLOWED";
    }
    return v;
}

ns_rc ns_egress_permit(const struct ns_egress *gate, struct ns_db *db, ns_time now,
                       const struct ns_egress_request *r, struct ns_err *err) {
    struct ns_buf names = NS_BUF((size_t)8 << 10);
    struct ns_buf bad = NS_BUF(NAME_MOST);
    struct verdict v = judge(gate, db, now, r, &names, &bad, err);
    struct ns_egress_line line = {
        .at = now, .destination = v.to == NULL ? "?" : v.to->id,
        .purpose = v.to == NULL ? "?" : ns_msg_key(v.to->purpose),
        .jurisdiction = v.to == NULL ? "?" : v.to->jurisdiction,
        .method = v.call == NULL ? "?" : v.call->method, .path = v.call == NULL ? "?" : v.call->path,
        .fields = names.data == NULL ? "" : names.data, .bytes = (int64_t)(r->body.n + strlen(r->path)),
        .consent_id = r->agreement, .outcome = v.outcome};
    ns_crypto_sha256(line.hash, r->body.p == NULL ? "" : r->body.p, r->body.n);
    ns_rc rc = ns_row_egress_add(db, &line, err);
    if (rc == NS_OK && v.rc != NS_OK) {
        rc = ns_err_note(err, v.rc, "egress refused: %s %s", v.outcome, bad.data == NULL ? "" : bad.data);
    }
    ns_buf_fini(&names);
    ns_buf_fini(&bad);
    return rc;
}
