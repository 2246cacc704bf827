/* The outbox step by step: one open intent, the same bytes, what each answer means. */
#include "agent/sync/outbox.h"
#include "agent/billing/billing.h"
#include "tests/unit/household/home.h"

struct heard {
    int done, failed, looked;
    enum ns_lookup finds;
    ns_rc done_rc;
};

static ns_rc on_done(void *self, const struct ns_act *act, const struct ns_intent *i,
                     const struct ns_outbox_answer *a, struct ns_err *err) {
    (void)act, (void)i, (void)a, (void)err;
    struct heard *h = self;
    h->done++;
    return h->done_rc;
}
static ns_rc on_failed(void *self, const struct ns_act *act, const struct ns_intent *i,
                       const struct ns_outbox_answer *a, struct ns_err *err) {
    (void)act, (void)i, (void)a, (void)err;
    ((struct heard *)self)->failed++;
    return NS_OK;
}
static const char *lookup_path(void *self, const struct ns_act *act, const struct ns_intent *i) {
    (void)self, (void)act, (void)i;
    return "/v1/subscriptions?customer=cus_1";
}
static ns_rc on_looked(void *self, const struct ns_act *act, const struct ns_intent *i,
                       const struct ns_outbox_answer *a, enum ns_lookup *out, struct ns_err *err) {
    (void)act, (void)i, (void)a, (void)err;
    struct heard *h = self;
    h->looked++;
    *out = h->finds;
    return NS_OK;
}

struct desk {
    struct home h;
    struct ns_egress gate;
    struct ns_outbox box;
    struct heard heard;
    struct ns_attempt attempt;
};

static const struct ns_intent_input wish = {
    "stripe", "subscription", "SUBSCRIBE", "POST", "/v1/subscriptions", "customer=cus_1&items[0][price]=price_basic", 1999, NULL};

static void open_desk(struct desk *d) {
    memset(d, 0, sizeof *d);
    home_open(&d->h, ":memory:", true);
    const struct ns_outbox_handler handler = {&d->heard, on_done, on_failed, lookup_path, on_looked};
    ns_outbox_init(&d->box, d->h.act.env, &d->gate, handler);
}

static ns_id ask(struct desk *d, bool *fresh) {
    ns_id id;
    struct ns_err err = {0};
    cr_assert_eq(ns_outbox_add(&d->h.act, &wish, &id, fresh, &err), NS_OK, "%s", err.note);
    return id;
}

static bool take(struct desk *d) {
    bool some;
    struct ns_err err = {0};
    cr_assert_eq(ns_outbox_take(&d->box, &d->h.act, &d->attempt, &some, &err), NS_OK, "%s", err.note);
    return some;
}

static void answer(struct desk *d, struct ns_outbox_answer a) {
    struct ns_err err = {0};
    a.should_retry = a.should_retry == 0 ? NS_NONE : a.should_retry;
    a.retry_after_s = a.retry_after_s == 0 ? -1 : a.retry_after_s;
    a.date = a.arrived ? d->h.act.now : NS_TIME_NONE;
    cr_assert_eq(ns_outbox_answered(&d->box, &d->h.act, &d->attempt, &a, &err), NS_OK, "%s", err.note);
}

static struct ns_intent row(struct desk *d, ns_id id) {
    struct ns_intent i;
    bool found;
    struct ns_err err = {0};
    cr_assert_eq(ns_row_intent(d->h.db, id, &d->h.arena, &i, &found, &err), NS_OK);
    cr_assert(found);
    return i;
}

Test(outbox, what_each_answer_means) {
    static const struct {
        struct ns_outbox_answer a;
        enum ns_outbox_verdict means;
    } facts[] = {
        {{.arrived = true, .status = 200, .should_retry = NS_NONE}, NS_VERDICT_DONE},
        {{.arrived = false, .should_retry = NS_NONE}, NS_VERDICT_AGAIN},
        {{.arrived = true, .status = 409, .should_retry = NS_NONE}, NS_VERDICT_AGAIN},
        {{.arrived = true, .status = 429, .should_retry = NS_NONE}, NS_VERDICT_AGAIN},
        {{.arrived = true, .status = 503, .should_retry = NS_NONE}, NS_VERDICT_AGAIN},
        {{.arrived = true, .status = 500, .should_retry = NS_NONE, .replayed = true}, NS_VERDICT_LOOK_UP},
        {{.arrived = true, .status = 500, .should_retry = 0}, NS_VERDICT_LOOK_UP},
        {{.arrived = true, .status = 400, .should_retry = 1}, NS_VERDICT_AGAIN},
        {{.arrived = true, .status = 400, .should_retry = NS_NONE}, NS_VERDICT_FAILED},
        {{.arrived = true, .status = 402, .should_retry = NS_NONE}, NS_VERDICT_FAILED},
        {{.arrived = true, .status = 404, .should_retry = NS_NONE}, NS_VERDICT_FAILED},
        {{.arrived = true, .status = 401, .should_retry = NS_NONE}, NS_VERDICT_LOCKED},
        {{.arrived = true, .status = 302, .should_retry = NS_NONE}, NS_VERDICT_LOOK_UP},
    };
    for (size_t i = 0; i < NS_COUNT(facts); i++) {
        cr_assert_eq(ns_outbox_judge(&facts[i].a), facts[i].means, "row %zu", i);
    }
}

Test(outbox, taps_share_one_intent_and_a_new_cycle_has_a_new_key) {
    struct desk d;
    bool first, second, third;
    open_desk(&d);
    ns_id a = ask(&d, &first), b = ask(&d, &second);
    cr_assert(first && !second && ns_id_eq(a, b));
    cr_assert(take(&d));
    struct ns_attempt under_way = d.attempt;
    cr_assert_not(take(&d)); /* one at a time, until its own wait is over */
    d.attempt = under_way;
    answer(&d, (struct ns_outbox_answer){.arrived = true, .status = 402});
    cr_assert_eq(row(&d, a).state, NS_INTENT_FAILED);
    cr_assert_eq(d.heard.failed, 1);
    ns_id c = ask(&d, &third);
    cr_assert(third && !ns_id_eq(a, c));
    cr_assert_str_neq(row(&d, a).key, row(&d, c).key);
    home_close(&d.h);
}

Test(outbox, an_unknown_outcome_is_repeated_with_the_same_bytes_for_23_hours_then_looked_up) {
    struct desk d;
    bool fresh;
    int sends = 0;
    char key[100] = "";
    open_desk(&d);
    ns_id id = ask(&d, &fresh);
    ns_time first = d.h.act.now;
    while (d.h.act.now - first < 22 * NS_HOUR + 50 * NS_MINUTE) {
        if (take(&d)) {
            cr_assert_not(d.attempt.lookup);
            cr_assert_str_eq(d.attempt.intent.body, wish.body);
            cr_assert(key[0] == '\0' || strcmp(key, d.attempt.intent.key) == 0);
            strncpy(key, d.attempt.intent.key, sizeof key - 1);
            sends++;
            answer(&d, (struct ns_outbox_answer){.arrived = false});
        }
        home_tick(&d.h, NS_MINUTE);
    }
    cr_assert_gt(sends, 20);
    home_tick(&d.h, 2 * NS_HOUR);
    cr_assert(take(&d));
    cr_assert(d.attempt.lookup);
    d.heard.finds = NS_LOOKUP_FOUND;
    answer(&d, (struct ns_outbox_answer){.arrived = true, .status = 200});
    cr_assert_eq(row(&d, id).state, NS_INTENT_DONE);
    cr_assert_eq(d.heard.done, 0);
    answer(&d, (struct ns_outbox_answer){.arrived = true, .status = 200}); /* the same answer again */
    cr_assert_eq(d.heard.looked, 1);
    home_close(&d.h);
}

Test(outbox, after_a_restart_it_looks_before_it_sends) {
    struct desk d;
    bool fresh;
    open_desk(&d);
    ns_id id = ask(&d, &fresh);
    cr_assert(take(&d)); /* and here the power fails */
    const struct ns_outbox_handler handler = d.box.handler;
    ns_outbox_init(&d.box, d.h.act.env, &d.gate, handler);
    d.heard.finds = NS_LOOKUP_ABSENT;
    home_tick(&d.h, NS_HOUR);
    cr_assert(take(&d));
    cr_assert(d.attempt.lookup);
    answer(&d, (struct ns_outbox_answer){.arrived = true, .status = 200});
    cr_assert_eq(row(&d, id).state, NS_INTENT_LOOKUP); /* one look is not believed */
    home_tick(&d.h, 20 * NS_MINUTE);
    cr_assert(take(&d));
    answer(&d, (struct ns_outbox_answer){.arrived = true, .status = 200});
    cr_assert_eq(row(&d, id).state, NS_INTENT_FAILED);
    home_close(&d.h);
}

Test(outbox, what_was_not_sent_can_be_taken_back_and_nothing_else) {
    struct desk d;
    bool fresh;
    struct ns_err err = {0};
    open_desk(&d);
    ns_id id = ask(&d, &fresh);
    cr_assert_eq(ns_outbox_withdraw(&d.h.act, id, &err), NS_OK);
    cr_assert_not(take(&d));
    id = ask(&d, &fresh);
    cr_assert(take(&d));
    cr_assert_eq(ns_outbox_withdraw(&d.h.act, id, &err), NS_E_CONFLICT);
    home_close(&d.h);
}

Test(outbox, the_gate_ends_what_may_not_leave_before_a_byte_does) {
    struct desk d;
    bool fresh;
    open_desk(&d);
    d.gate.canada_only = true;
    ns_id id = ask(&d, &fresh);
    cr_assert_not(take(&d));
    cr_assert_eq(row(&d, id).state, NS_INTENT_FAILED);
    cr_assert_eq(row(&d, id).tries, 1);
    struct ns_audit_state state;
    cr_assert_eq(ns_audit_verify(d.h.db, &state, NULL), NS_OK);
    cr_assert(state.intact);
    home_close(&d.h);
}

Test(outbox, the_other_sides_wait_is_kept_and_a_refused_key_stops_for_an_hour) {
    struct desk d;
    bool fresh;
    open_desk(&d);
    (void)ask(&d, &fresh);
    cr_assert(take(&d));
    answer(&d, (struct ns_outbox_answer){.arrived = true, .status = 429, .retry_after_s = 300});
    home_tick(&d.h, 299 * NS_SECOND);
    cr_assert_not(take(&d));
    home_tick(&d.h, 2 * NS_SECOND);
    cr_assert(take(&d));
    answer(&d, (struct ns_outbox_answer){.arrived = true, .status = 401});
    home_tick(&d.h, 59 * NS_MINUTE);
    cr_assert_not(take(&d));
    home_tick(&d.h, 2 * NS_MINUTE);
    cr_assert(take(&d));
    home_close(&d.h);
}

Test(outbox, what_nobody_can_tell_waits_for_a_person_and_blocks_its_purpose) {
    struct desk d;
    bool fresh;
    struct ns_err err = {0};
    open_desk(&d);
    ns_id id = ask(&d, &fresh), other;
    cr_assert(take(&d));
    ns_outbox_init(&d.box, d.h.act.env, &d.gate, d.box.handler); /* a restart */
    d.heard.finds = NS_LOOKUP_UNCLEAR;
    for (int i = 0; i < 200 && row(&d, id).state != NS_INTENT_HUMAN; i++) {
        home_tick(&d.h, 2 * NS_HOUR);
        if (take(&d)) {
            cr_assert(d.attempt.lookup);
            /* a dead line counts for nothing, an unclear answer does */
            answer(&d, (struct ns_outbox_answer){.arrived = i % 2 == 0, .status = 200});
        }
    }
    cr_assert_eq(row(&d, id).state, NS_INTENT_HUMAN);
    cr_assert_eq(d.heard.looked, NS_LOOKUPS_MOST);
    cr_assert_eq(ns_outbox_add(&d.h.act, &wish, &other, &fresh, &err), NS_E_CONFLICT);
    ns_err_clear(&err);
    cr_assert_eq(ns_outbox_settle(&d.h.act, id, false, &err), NS_OK);
    cr_assert_eq(ns_outbox_add(&d.h.act, &wish, &other, &fresh, &err), NS_OK);
    cr_assert(fresh);
    home_close(&d.h);
}
