#include "agent/billing/entitlement.h"

static struct ns_entitlement have(enum ns_tier tier, enum ns_standing standing, ns_time until) {
    return (struct ns_entitlement){tier, standing, until};
}

static struct ns_entitlement none(enum ns_standing standing) {
    return have(NS_TIER_FREE, standing, NS_TIME_NONE);
}

/* A plan whose period ran out while the processor could not be asked goes on for a while. */
static struct ns_entitlement while_paid(const struct ns_subscription *s, ns_time now) {
    enum ns_standing standing = s->cancel_at_period_end ? NS_STANDS_ENDING : NS_STANDS_PAID;
    if (s->period_end == NS_TIME_NONE || now < s->period_end) {
        return have(s->tier, standing, s->period_end);
    }
    if (s->cancel_at_period_end) {
        return none(NS_STANDS_ENDED);
    }
    ns_time last = s->period_end + NS_OFFLINE_DAYS * NS_DAY;
    return now < last ? have(s->tier, standing, last) : none(NS_STANDS_UNPAID);
}

static struct ns_entitlement while_trying(const struct ns_subscription *s, ns_time now) {
    if (s->trial_end == NS_TIME_NONE || now < s->trial_end) {
        return have(s->tier, s->cancel_at_period_end ? NS_STANDS_ENDING : NS_STANDS_TRIAL, s->trial_end);
    }
    bool continues = s->stripe_subscription_id != NULL && !s->cancel_at_period_end;
    ns_time last = s->trial_end + NS_OFFLINE_DAYS * NS_DAY;
    return continues && now < last ? have(s->tier, NS_STANDS_PAID, last) : none(NS_STANDS_TRIAL_OVER);
}

struct ns_entitlement ns_entitlement_of(bool sold, const struct ns_subscription *s, ns_time now) {
    if (!sold) {
        return have(NS_TIER_FAMILY, NS_STANDS_SELF_HOSTED, NS_TIME_NONE);
    }
    if (s == NULL) {
        return none(NS_STANDS_FREE);
    }
    switch (s->status) {
    case NS_PAY_TRIALING:
        return while_trying(s, now);
    case NS_PAY_ACTIVE:
        return s->source == NS_SOURCE_PRACTICE && !s->cancel_at_period_end
                   ? have(s->tier, NS_STANDS_PRACTICE, s->period_end)
                   : while_paid(s, now);
    case NS_PAY_PAST_DUE:
        return s->grace_until != NS_TIME_NONE && now < s->grace_until
                   ? have(s->tier, NS_STANDS_GRACE, s->grace_until)
                   : none(NS_STANDS_UNPAID);
    case NS_PAY_UNPAID:
    case NS_PAY_INCOMPLETE:
    case NS_PAY_PAUSED:
        return none(NS_STANDS_UNPAID);
    case NS_PAY_CANCELED:
    case NS_PAY_INCOMPLETE_EXPIRED:
    case NS_PAY_COUNT:
        break;
    }
    return none(s->source == NS_SOURCE_TRIAL ? NS_STANDS_TRIAL_OVER : NS_STANDS_ENDED);
}

bool ns_entitled(const struct ns_entitlement *e, const char *feature) {
    const struct ns_plan_feature *f = ns_plan_feature_find(ns_str_of(feature));
    return f != NULL && f->from <= e->tier;
}

const char *ns_standing_name(enum ns_standing standing) {
    static const char *const names[NS_STANDING_COUNT] = {
        "free", "self-hosted", "practice", "trial", "paid", "ending", "grace", "unpaid", "trial-over", "ended"};
    return (unsigned)standing < NS_STANDING_COUNT ? names[standing] : "free";
}
