#include "agent/sync/outbox.h"
#include "agent/store/rows.h"
#include "agent/sync/plant.h"
#include "shared/crypto/crypto.h"

#include <stdio.h>
#include <string.h>

#define FIRST_WAIT (NS_SECOND / 2)
#define MOST_WAIT NS_HOUR
#define LOCKED_WAIT NS_HOUR
#define AFTER_MOST (24 * 3600)
#define STORED_FAULT "a stored fault"

/* ---- what an answer means ---- */

enum ns_outbox_verdict ns_outbox_judge(const struct ns_outbox_answer *a) {
    if (!a->arrived) {
        return PLANTED(NS_PLANT_TIMEOUT_FAILS) ? NS_VERDICT_FAILED : NS_VERDICT_AGAIN;
    }
    if (a->status >= 200 && a->status < 300) {
        return NS_VERDICT_DONE;
    }
    if (a->status == 401) {
        return NS_VERDICT_LOCKED;
    }
    if (a->status >= 500 && a->replayed) {
        return PLANTED(NS_PLANT_STORED_500_FINAL) ? NS_VERDICT_FAILED : NS_VERDICT_LOOK_UP;
    }
    if (a->should_retry == 1) {
        return NS_VERDICT_AGAIN;
    }
    if (a->status == 409 || a->status == 429 || a->status >= 500) {
        return a->should_retry == 0 && a->status >= 500 ? NS_VERDICT_LOOK_UP : NS_VERDICT_AGAIN;
    }
    if (a->status < 400) {
        return NS_VERDICT_LOOK_UP; /* a redirect or less: no answer of the processor's */
    }
    return NS_VERDICT_FAILED;
}

/* min(cap, base * 2^n) with full jitter from the environment; the other side's word is a floor. */
static ns_time wait_for(const struct ns_act *act, int tries, const struct ns_outbox_answer *a) {
    uint32_t dice;
    ns_time most = FIRST_WAIT;
    for (int i = 1; i < tries && most < MOST_WAIT; i++) {
        most *= 2;
    }
    most = most < MOST_WAIT ? most : MOST_WAIT;
    ns_env_random(act->env, &dice, sizeof dice);
    ns_time wait = most / 2 + (ns_time)(dice % 1000) * (most / 2000);
    if (a != NULL && a->retry_after_s >= 0) {
        int64_t said = a->retry_after_s < AFTER_MOST ? a->retry_after_s : AFTER_MOST;
        wait = wait < said * NS_SECOND ? said * NS_SECOND : wait;
    }
    return wait;
}

/* ---- transactions ---- */

static ns_rc begin(const struct ns_act *act, bool *own, struct ns_err *err) {
    *own = !ns_db_in_transaction(act->db);
    return *own ? ns_db_begin(act->db, err) : NS_OK;
}

static ns_rc end(const struct ns_act *act, bool own, ns_rc rc, struct ns_err *err) {
    if (own && rc == NS_OK) {
        return ns_db_commit(act->db, err);
    }
    if (own) {
        ns_db_rollback(act->db);
    }
    return rc;
}

static ns_rc audit(const struct ns_act *act, const char *action, const struct ns_intent *i, struct ns_err *err) {
    struct ns_actor actor = act->actor;
    actor.user = ns_id_is_zero(actor.user) ? i->actor : actor.user;
    const char *detail = ns_arena_printf(
        act->arena, "{\"kind\":\"%s\",\"amountCents\":%lld,\"key\":\"%s\",\"request\":\"%s\",\"try\":%d}", i->kind,
        (long long)(i->amount == NS_NONE ? 0 : i->amount), i->key, i->request_id == NULL ? "" : i->request_id,
        i->tries);
    return ns_audit_append(act->db, act->env, act->now, &actor, action, "intent", i->id, detail, err);
}

/* ---- adding ---- */

/* 32 bytes that follow from home, purpose and cycle: the id and the key are cut from them. */
static ns_rc derive(const struct ns_act *act, const char *purpose, uint8_t out[32], struct ns_err *err) {
    struct ns_household home;
    bool found = false;
    int64_t cycle = 0;
    char text[400];
    ns_rc rc = ns_row_household(act->db, act->arena, &home, &found, err);
    if (rc == NS_OK) {
        rc = ns_row_intent_cycle(act->db, purpose, &cycle, err);
    }
    if (rc == NS_OK && (!found || strlen(purpose) > 300)) {
        rc = ns_err_note(err, NS_E_NOT_SET_UP, "no home to ask for");
    }
    if (rc == NS_OK) {
        char id[NS_ID_TEXT];
        ns_id_format(home.id, id);
        int n = snprintf(text, sizeof text, "%s|%s|%lld", id, purpose, (long long)cycle);
        ns_crypto_sha256(out, text, (size_t)n);
    }
    return rc;
}

ns_rc ns_outbox_op(const struct ns_act *act, const char *purpose, ns_id *out, struct ns_err *err) {
    uint8_t bytes[32];
    ns_rc rc = derive(act, purpose, bytes, err);
    if (rc == NS_OK) {
        *out = ns_id_from_bytes(bytes);
    }
    return rc;
}

static int64_t agreed(int64_t cents) {
#ifdef NS_PLANTED
    if (PLANTED(NS_PLANT_FLOAT_CENTS)) {
        double dollars = (double)cents / 100;
        return (int64_t)(dollars * 100);
    }
#endif
    return cents;
}

static ns_rc add(const struct ns_act *act, const struct ns_intent_input *in, ns_id *out, bool *fresh,
                 struct ns_err *err) {
    struct ns_intent open;
    uint8_t bytes[32];
    bool there = false;
    const char *purpose = in->purpose;
    if (PLANTED(NS_PLANT_NO_PURPOSE)) {
        uint64_t dice;
        ns_env_random(act->env, &dice, sizeof dice);
        purpose = ns_arena_printf(act->arena, "%s/%llx", in->purpose, (unsigned long long)dice);
    }
    ns_rc rc = ns_row_intent_open(act->db, purpose, act->arena, &open, &there, err);
    if (rc == NS_OK && there && open.state == NS_INTENT_HUMAN) { /* nobody knows yet: nothing new */
        return ns_err_say(err, NS_E_CONFLICT, NS_MSG_outbox_unsettled, NULL, NULL, NULL);
    }
    if (rc == NS_OK && there) {
        *out = open.id;
        return NS_OK;
    }
    if (rc == NS_OK) {
        rc = derive(act, purpose, bytes, err);
    }
    if (rc != NS_OK) {
        return rc;
    }
    struct ns_intent i = {.id = ns_id_from_bytes(bytes), .destination = in->destination,
                          .purpose = purpose, .kind = in->kind, .method = in->method,
                          .path = in->path, .body = in->body, .state = NS_INTENT_NEW,
                          .next_at = act->now, .first_sent_at = NS_TIME_NONE, .absent_at = NS_TIME_NONE,
                          .amount = agreed(in->amount), .actor = act->actor.user, .data = in->data,
                          .created_at = act->now};
    struct ns_buf key = NS_BUF(80);
    ns_buf_text(&key, "ns_");
    for (size_t b = 16; b < sizeof bytes; b++) {
        ns_buf_fmt(&key, "%02x", bytes[b]);
    }
    i.key = ns_arena_copy(act->arena, ns_buf_view(&key));
    ns_buf_fini(&key);
    rc = ns_row_intent_add(act->db, &i, err);
    if (rc == NS_OK) {
        rc = audit(act, "INTENT_MADE", &i, err);
    }
    *out = i.id;
    *fresh = true;
    return rc;
}

ns_rc ns_outbox_add(const struct ns_act *act, const struct ns_intent_input *in, ns_id *out, bool *fresh,
                    struct ns_err *err) {
    bool own;
    *fresh = false;
    ns_rc rc = begin(act, &own, err);
    return rc == NS_OK ? end(act, own, add(act, in, out, fresh, err), err) : rc;
}

static ns_rc withdraw(const struct ns_act *act, ns_id id, struct ns_err *err) {
    struct ns_intent i;
    bool found = false;
    ns_rc rc = ns_row_intent(act->db, id, act->arena, &i, &found, err);
    if (rc == NS_OK && (!found || i.state != NS_INTENT_NEW)) {
        rc = ns_err_say(err, NS_E_CONFLICT, NS_MSG_outbox_left, NULL, NULL, NULL);
    }
    if (rc == NS_OK) {
        i.state = NS_INTENT_FAILED;
        i.answer = "withdrawn";
        rc = ns_row_intent_write(act->db, &i, act->now, err);
    }
    return rc == NS_OK ? audit(act, "INTENT_WITHDRAWN", &i, err) : rc;
}

ns_rc ns_outbox_withdraw(const struct ns_act *act, ns_id id, struct ns_err *err) {
    bool own;
    ns_rc rc = begin(act, &own, err);
    return rc == NS_OK ? end(act, own, withdraw(act, id, err), err) : rc;
}

static ns_rc settle(const struct ns_act *act, ns_id id, bool happened, struct ns_err *err) {
    struct ns_intent i;
    bool found = false;
    ns_rc rc = ns_row_intent(act->db, id, act->arena, &i, &found, err);
    if (rc == NS_OK && (!found || i.state != NS_INTENT_HUMAN)) {
        rc = ns_err_note(err, NS_E_NOT_FOUND, "nothing of that id waits for a person");
    }
    if (rc != NS_OK) {
        return rc;
    }
    i.state = happened ? NS_INTENT_DONE : NS_INTENT_FAILED;
    i.answer = "settled by a person";
    rc = ns_row_intent_write(act->db, &i, act->now, err);
    return rc == NS_OK ? audit(act, "INTENT_SETTLED", &i, err) : rc;
}

ns_rc ns_outbox_settle(const struct ns_act *act, ns_id id, bool happened, struct ns_err *err) {
    bool own;
    ns_rc rc = begin(act, &own, err);
    return rc == NS_OK ? end(act, own, settle(act, id, happened, err), err) : rc;
}

/* ---- taking ---- */

/* Now by whatever clock is later: this one, or the other side's as last heard. */
static ns_time latest_now(const struct ns_outbox *box, const struct ns_act *act) {
    ns_time heard = NS_TIME_NONE;
    if (box->heard_date != NS_TIME_NONE) {
        heard = box->heard_date + (ns_env_steady_us(act->env) - box->heard_steady_us);
    }
    return heard > act->now ? heard : act->now;
}

static ns_time apart(ns_time a, ns_time b) {
    return a > b ? a - b : b - a;
}

/* This machine's clock is one the other side agrees with. */
static bool clock_is_heard(const struct ns_outbox *box, const struct ns_act *act) {
    return box->heard_date != NS_TIME_NONE &&
           apart(box->heard_date + (ns_env_steady_us(act->env) - box->heard_steady_us), act->now) < 5 * NS_MINUTE;
}

/* Would the other side surely still know the key? How long ago the first send was is known by the
 * steady clock while this run lasts; over a restart only if both then and now the wall clock
 * agreed with the other side's. Otherwise: look, do not send. */
static bool may_resend(const struct ns_outbox *box, const struct ns_act *act, const struct ns_attempt_row *first) {
    ns_time within = PLANTED(NS_PLANT_LATE_RETRY) ? 30 * NS_HOUR : NS_RESEND_WITHIN;
    ns_time by_wall = latest_now(box, act) - first->at;
    if (PLANTED(NS_PLANT_TRUST_CLOCK)) {
        return act->now - first->at < within;
    }
    if (first->run == box->run) {
        ns_time by_steady = ns_env_steady_us(act->env) - first->steady_us;
        return by_steady < within && (by_wall < within || !first->heard);
    }
    return first->heard && clock_is_heard(box, act) && by_wall >= 0 && by_wall < within;
}

static ns_rc take_lookup(struct ns_outbox *box, const struct ns_act *act, struct ns_attempt *out,
                         struct ns_err *err) {
    struct ns_intent *i = &out->intent;
    const char *path = box->handler.lookup_path(box->handler.self, act, i);
    out->lookup = true;
    out->path = path;
    i->state = NS_INTENT_LOOKUP;
    i->next_at = act->now + NS_LOOKUP_APART; /* should no answer come */
    if (path == NULL || i->lookups >= NS_LOOKUPS_MOST) {
        i->state = NS_INTENT_HUMAN;
        i->answer = "cannot be looked up";
        out->path = NULL;
    }
    ns_rc rc = ns_row_intent_write(act->db, i, act->now, err);
    return rc == NS_OK && i->state == NS_INTENT_HUMAN ? audit(act, "INTENT_NEEDS_A_PERSON", i, err) : rc;
}

static ns_rc take_send(const struct ns_outbox *box, const struct ns_act *act, struct ns_attempt *out,
                       struct ns_err *err) {
    struct ns_intent *i = &out->intent;
    struct ns_attempt_row row = {.n = i->tries + 1, .at = act->now, .steady_us = ns_env_steady_us(act->env),
                                 .run = box->run, .heard = clock_is_heard(box, act)};
    ns_crypto_sha256(row.body_hash, i->body, strlen(i->body));
    i->tries++;
    i->state = i->state == NS_INTENT_NEW ? NS_INTENT_SENT : NS_INTENT_UNKNOWN;
    i->first_sent_at = i->first_sent_at == NS_TIME_NONE ? act->now : i->first_sent_at;
    i->next_at = act->now + wait_for(act, i->tries, NULL) + 90 * NS_SECOND; /* the call's own end */
    out->n = i->tries;
    out->path = i->path;
    ns_rc rc = ns_row_attempt_add(act->db, i->id, &row, err);
    if (rc == NS_OK) {
        rc = ns_row_intent_write(act->db, i, act->now, err);
    }
    return rc;
}

/* The gate writes its line with the attempt; a refusal ends the intent before anything left. */
static ns_rc pass_gate(struct ns_outbox *box, const struct ns_act *act, struct ns_attempt *out, struct ns_err *err) {
    struct ns_intent *i = &out->intent;
    const struct ns_egress_request r = {
        .destination = i->destination, .method = out->lookup ? "GET" : i->method, .path = out->path,
        .body = out->lookup ? NS_STR("") : ns_str_of(i->body), .agreed = !ns_id_is_zero(i->actor),
        .agreement = i->id};
    struct ns_err refusal = {0};
    ns_rc rc = ns_egress_permit(box->gate, act->db, act->now, &r, &refusal);
    if (rc != NS_E_DENIED && rc != NS_E_CONSENT) {
        return rc == NS_OK ? NS_OK : ns_err_note(err, rc, "%s", refusal.note);
    }
    i->state = i->tries > 1 || out->lookup ? NS_INTENT_HUMAN : NS_INTENT_FAILED;
    i->answer = "refused by the gate";
    out->path = NULL;
    rc = ns_row_intent_write(act->db, i, act->now, err);
    return rc == NS_OK ? audit(act, "INTENT_REFUSED", i, err) : rc;
}

static ns_rc take(struct ns_outbox *box, const struct ns_act *act, struct ns_attempt *out, bool *some,
                  struct ns_err *err) {
    struct ns_attempt_row first;
    bool due = false, tried = false;
    ns_rc rc = ns_row_intent_due(act->db, act->now, act->arena, &out->intent, &due, err);
    if (rc != NS_OK || !due) {
        return rc;
    }
    rc = ns_row_attempt_first(act->db, out->intent.id, &first, &tried, err);
    if (rc == NS_OK) {
        bool look = out->intent.state == NS_INTENT_LOOKUP ||
                    (tried && !may_resend(box, act, &first));
        rc = look ? take_lookup(box, act, out, err) : take_send(box, act, out, err);
    }
    if (rc == NS_OK && out->path != NULL) {
        rc = pass_gate(box, act, out, err);
    }
    *some = rc == NS_OK && out->path != NULL;
    return rc;
}

ns_rc ns_outbox_take(struct ns_outbox *box, const struct ns_act *act, struct ns_attempt *out, bool *some,
                     struct ns_err *err) {
    bool own;
    *some = false;
    *out = (struct ns_attempt){0};
    ns_rc rc = begin(act, &own, err);
    if (rc != NS_OK) {
        return rc;
    }
    rc = take(box, act, out, some, err);
    if (PLANTED(NS_PLANT_SEND_FIRST) && rc == NS_OK && *some) {
        ns_db_rollback(act->db);
        return NS_OK;
    }
    rc = end(act, own, rc, err);
    *some = *some && rc == NS_OK;
    if (*some && !out->lookup && PLANTED(NS_PLANT_KEY_PER_TRY)) {
        out->intent.key = ns_arena_printf(act->arena, "%s_%d", out->intent.key, out->n);
    }
    if (*some && !out->lookup && PLANTED(NS_PLANT_BODY_MADE_ANEW)) {
        out->intent.body = ns_arena_printf(act->arena, "%s&at=%lld", out->intent.body, (long long)act->now);
    }
    return rc;
}

/* ---- answers ---- */

static void hear_clock(struct ns_outbox *box, const struct ns_act *act, const struct ns_outbox_answer *a) {
    if (a->arrived && a->date != NS_TIME_NONE) {
        box->heard_date = a->date;
        box->heard_steady_us = ns_env_steady_us(act->env);
    }
}

static ns_rc finish(const struct ns_act *act, struct ns_intent *i, enum ns_intent_state state,
                    const char *action, struct ns_err *err) {
    i->state = state;
    ns_rc rc = ns_row_intent_write(act->db, i, act->now, err);
    return rc == NS_OK ? audit(act, action, i, err) : rc;
}

static ns_rc again(const struct ns_act *act, struct ns_intent *i, enum ns_intent_state state, ns_time wait,
                   struct ns_err *err) {
    i->state = state;
    i->next_at = act->now + wait;
    return ns_row_intent_write(act->db, i, act->now, err);
}

static ns_rc sent(struct ns_outbox *box, const struct ns_act *act, struct ns_intent *i,
                  const struct ns_outbox_answer *a, struct ns_err *err) {
    ns_rc rc;
    switch (ns_outbox_judge(a)) {
    case NS_VERDICT_DONE:
        rc = box->handler.done(box->handler.self, act, i, a, err);
        if (rc == NS_E_INPUT) { /* an answer that cannot be read says nothing: look it up */
            ns_err_clear(err);
            return again(act, i, NS_INTENT_LOOKUP, NS_LOOKUP_APART, err);
        }
        return rc == NS_OK ? finish(act, i, NS_INTENT_DONE, "INTENT_DONE", err) : rc;
    case NS_VERDICT_FAILED:
        rc = box->handler.failed(box->handler.self, act, i, a, err);
        i->answer = ns_arena_printf(act->arena, "refused with %d", a->status);
        return rc == NS_OK ? finish(act, i, NS_INTENT_FAILED, "INTENT_FAILED", err) : rc;
    case NS_VERDICT_AGAIN:
        return again(act, i, NS_INTENT_UNKNOWN, wait_for(act, i->tries, a), err);
    case NS_VERDICT_LOOK_UP:
        i->answer = a->replayed ? STORED_FAULT : i->answer;
        return again(act, i, NS_INTENT_LOOKUP, NS_LOOKUP_APART, err);
    case NS_VERDICT_LOCKED:
        break;
    }
    return again(act, i, i->state == NS_INTENT_SENT ? NS_INTENT_UNKNOWN : i->state, LOCKED_WAIT, err);
}

static bool is_stored_fault(const struct ns_intent *i) {
    return i->answer != NULL && strcmp(i->answer, STORED_FAULT) == 0;
}

/* Was it absent at the look before this one, long enough ago by the steady clock? Else that is
 * noted; a restart forgets it, which costs one more look. */
static bool absent_before(struct ns_outbox *box, const struct ns_intent *i, int64_t steady) {
    struct ns_absent *slot = &box->absent[0];
    for (size_t k = 0; k < NS_COUNT(box->absent); k++) {
        if (ns_id_eq(box->absent[k].id, i->id)) {
            slot = &box->absent[k];
            break;
        }
        slot = box->absent[k].steady_us < slot->steady_us ? &box->absent[k] : slot;
    }
    bool second = ns_id_eq(slot->id, i->id) && slot->look == i->lookups - 1 &&
                  steady - slot->steady_us >= NS_LOOKUP_APART;
    *slot = (struct ns_absent){i->id, i->lookups, steady};
    return second;
}

/* Nothing was found. While the key is surely remembered the same bytes go once more. Otherwise it is
 * believed when two looks agree, far enough from each other and from the last send that whatever was
 * under way has become visible. */
static ns_rc absent(struct ns_outbox *box, const struct ns_act *act, struct ns_intent *i, struct ns_err *err) {
    struct ns_attempt_row first;
    bool tried = false;
    ns_rc rc = ns_row_attempt_first(act->db, i->id, &first, &tried, err);
    if (rc != NS_OK) {
        return rc;
    }
    if (tried && may_resend(box, act, &first) && !is_stored_fault(i)) {
        return again(act, i, NS_INTENT_UNKNOWN, 0, err);
    }
    if (!absent_before(box, i, ns_env_steady_us(act->env)) && !PLANTED(NS_PLANT_ABSENT_ONCE)) {
        return again(act, i, NS_INTENT_LOOKUP, NS_LOOKUP_APART, err);
    }
    struct ns_outbox_answer none = {.should_retry = NS_NONE, .retry_after_s = -1, .date = NS_TIME_NONE};
    i->answer = "never arrived";
    rc = box->handler.failed(box->handler.self, act, i, &none, err);
    return rc == NS_OK ? finish(act, i, NS_INTENT_FAILED, "INTENT_ABSENT", err) : rc;
}

static ns_rc looked(struct ns_outbox *box, const struct ns_act *act, struct ns_intent *i,
                    const struct ns_outbox_answer *a, struct ns_err *err) {
    enum ns_lookup found = NS_LOOKUP_UNCLEAR;
    i->lookups += a->arrived; /* a dead line says nothing and costs nothing */
    if (ns_outbox_judge(a) == NS_VERDICT_DONE) {
        ns_rc rc = box->handler.looked(box->handler.self, act, i, a, &found, err);
        if (rc == NS_E_INPUT) {
            ns_err_clear(err);
            found = NS_LOOKUP_UNCLEAR;
        } else if (rc != NS_OK) {
            return rc;
        }
    }
    switch (found) {
    case NS_LOOKUP_FOUND:
        return finish(act, i, NS_INTENT_DONE, "INTENT_FOUND", err);
    case NS_LOOKUP_ABSENT:
        return absent(box, act, i, err);
    case NS_LOOKUP_UNCLEAR:
        break;
    }
    return again(act, i, NS_INTENT_LOOKUP, wait_for(act, i->lookups + 8, a), err);
}

static ns_rc answered(struct ns_outbox *box, const struct ns_act *act, const struct ns_attempt *attempt,
                      const struct ns_outbox_answer *a, struct ns_err *err) {
    struct ns_intent i;
    bool found = false;
    ns_rc rc = ns_row_intent(act->db, attempt->intent.id, act->arena, &i, &found, err);
    bool over = i.state == NS_INTENT_DONE || i.state == NS_INTENT_FAILED || i.state == NS_INTENT_HUMAN;
    if (rc != NS_OK || !found || over) {
        return rc;
    }
    if (PLANTED(NS_PLANT_SEND_FIRST)) {
        i.tries = i.tries == 0 ? 1 : i.tries;
        i.first_sent_at = i.first_sent_at == NS_TIME_NONE ? act->now : i.first_sent_at;
    }
    i.request_id = a->request_id != NULL ? a->request_id : i.request_id;
    if (attempt->lookup) {
        return i.state == NS_INTENT_LOOKUP ? looked(box, act, &i, a, err) : NS_OK;
    }
    bool done = ns_outbox_judge(a) == NS_VERDICT_DONE;
    if (i.state == NS_INTENT_LOOKUP && !done) {
        return NS_OK; /* being looked up: only good news of a late answer counts */
    }
    return sent(box, act, &i, a, err);
}

ns_rc ns_outbox_answered(struct ns_outbox *box, const struct ns_act *act, const struct ns_attempt *attempt,
                         const struct ns_outbox_answer *answer, struct ns_err *err) {
    bool own;
    hear_clock(box, act, answer);
    if (PLANTED(NS_PLANT_EFFECT_APART) && !attempt->lookup && ns_outbox_judge(answer) == NS_VERDICT_DONE) {
        struct ns_intent i = attempt->intent;
        i.state = NS_INTENT_DONE;
        ns_rc early = ns_row_intent_write(act->db, &i, act->now, err);
        return early == NS_OK ? box->handler.done(box->handler.self, act, &i, answer, err) : early;
    }
    ns_rc rc = begin(act, &own, err);
    return rc == NS_OK ? end(act, own, answered(box, act, attempt, answer, err), err) : rc;
}

void ns_outbox_init(struct ns_outbox *box, const struct ns_env *env, const struct ns_egress *gate,
                    struct ns_outbox_handler handler) {
    *box = (struct ns_outbox){.gate = gate, .handler = handler, .heard_date = NS_TIME_NONE};
    ns_env_random(env, &box->run, sizeof box->run);
}
