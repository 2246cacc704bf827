/* home.h: a small home in memory (or a file) for tests: owner, consent, one child. */
#pragma once
#include "agent/household/import.h"
#include "agent/household/prediction.h"
#include "agent/store/migrate.h"
#include "tests/harness/fixture.h"
#include "tests/harness/venv.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

struct home {
    struct venv venv;
    struct ns_arena arena;
    struct ns_db *db;
    struct ns_act act;
    struct ns_child child;
    struct ns_err err;
};

#define OK(call)                                                                               \
    do {                                                                                       \
        ns_err_clear(&h.err);                                                                  \
        ns_rc rc_ = (call);                                                                    \
        cr_assert_eq(rc_, NS_OK, "%s: %s %s %s", #call, ns_rc_key(rc_), h.err.note,            \
                     h.err.msg != 0 ? ns_msg_key((enum ns_msg)h.err.msg) : "");                \
    } while (0)
#define REFUSED(call, code, message)                                                           \
    do {                                                                                       \
        ns_err_clear(&h.err);                                                                  \
        ns_rc rc_ = (call);                                                                    \
        cr_assert_eq(rc_, (code), "%s: %s", #call, ns_rc_key(rc_));                            \
        cr_assert_eq(h.err.msg, (int)(message), "%s: %s", #call,                               \
                     ns_msg_key((enum ns_msg)h.err.msg));                                      \
        cr_assert_not(ns_db_in_transaction(h.db));                                             \
    } while (0)

static inline ns_time home_noon(int year, int month, int day) {
    return (ns_time)ns_date_of((struct ns_civil){year, month, day}) * NS_DAY + 17 * NS_HOUR;
}

static inline void home_tick(struct home *h, ns_time span) {
    venv_advance(&h->venv, span);
    h->act.now = h->venv.now;
}

static inline void home_open(struct home *hp, const char *path, bool consent) {
    struct home h = {0};
    memset(hp, 0, sizeof *hp);
    venv_init(&hp->venv, home_noon(2026, 6, 15), 7);
    h.err = (struct ns_err){0};
    struct ns_migrate_options o = {.now = hp->venv.now};
    OK(ns_db_open(path, NULL, &hp->db, &h.err));
    OK(ns_migrate_up(hp->db, &o, &h.err));
    hp->act = (struct ns_act){.db = hp->db, .env = &hp->venv.env,
                              .zone = ns_zone_find("America/Toronto"), .now = hp->venv.now,
                              .arena = &hp->arena};
    struct ns_user owner;
    struct ns_setup_input setup = {.display_name = test_user().display_name, .province = "ON"};
    OK(ns_household_set_up(&hp->act, &setup, &owner, &h.err));
    hp->act.actor = (struct ns_actor){.user = owner.id, .role = NS_ROLE_FAMILY_CORE};
    if (consent) {
        OK(ns_consent_set(hp->db, hp->act.env, hp->act.now, &hp->act.actor, NS_CONSENT_CHILD_DATA,
                          true, "1", "en", &h.err));
    }
    struct ns_child_input child = {.set = NS_CHILD_NAME | NS_CHILD_BIRTH | NS_CHILD_SIZE,
                                   .name = test_child().name,
                                   .date_of_birth = test_child().birth,
                                   .current_size = NS_SIZE_3};
    OK(ns_child_create(&hp->act, &child, &hp->child, NULL, &h.err));
}

static inline void home_close(struct home *h) {
    ns_db_close(h->db);
    ns_arena_fini(&h->arena);
    venv_fini(&h->venv);
}

static inline struct ns_log_input home_log(const struct home *h) {
    return (struct ns_log_input){.child_id = h->child.id, .usage_type = NS_USAGE_DIAPER_CHANGE,
                                 .context = NS_NONE, .was_wet = 1, .was_soiled = 0,
                                 .had_leakage = NS_NONE, .logged_at = NS_TIME_NONE};
}

static inline struct ns_item_input home_pack(const struct home *h, int64_t quantity) {
    return (struct ns_item_input){.child_id = h->child.id, .product_type = NS_PRODUCT_DIAPER,
                                  .brand = "Maple", .size = "Size 3", .quantity = quantity,
                                  .purchase_date = NS_TIME_NONE, .expiry_date = NS_TIME_NONE};
}

static inline int64_t home_stock(struct home *hp) {
    struct home h = *hp;
    int64_t left = 0;
    bool ever = false;
    OK(ns_household_usable_stock(h.db, h.child.id, NS_SIZE_3, ns_act_today(&h.act), &left, &ever,
                                 &h.err));
    return left;
}

static inline int64_t home_logs(struct home *hp) {
    struct home h = *hp;
    struct ns_household_counts counts;
    OK(ns_household_count(h.db, &counts, &h.err));
    return counts.logs;
}

static inline bool home_chain_intact(struct home *hp) {
    struct home h = *hp;
    struct ns_audit_state state;
    OK(ns_audit_verify(h.db, &state, &h.err));
    return state.intact;
}
