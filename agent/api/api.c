/* api.c: puts engine, forecaster and operations together. */
#include "agent/api/api.h"
#include "agent/api/context.h"
#include "agent/api/exports.h"
#include "agent/api/forecaster.h"
#include "agent/api/notice_keeper.h"
#include "agent/api/operations.h"
#include "agent/api/orders.h"
#include "agent/api/plan_keeper.h"
#include "agent/api/remove.h"
#include "agent/api/sessions.h"
#include "agent/household/import.h"

#include <stdlib.h>

#define LOG_MODULE "api"
#include "shared/base/log.h"

ns_rc api_refresh_household(struct ns_api *api, struct ns_err *err) {
    struct ns_arena arena = {0};
    struct ns_household home;
    bool found = false;
    ns_rc rc = ns_household_get(api->s.read_db, &arena, &home, &found, err);
    if (rc == NS_OK && found) {
        api->owner = (struct ns_actor){.user = home.owner_id, .device = api->owner.device,
                                       .role = NS_ROLE_FAMILY_CORE};
        api->home = home.id;
        api->province = home.province;
        (void)ns_lang_parse(ns_str_of(home.language), &api->lang);
    }
    if (rc == NS_OK) {
        rc = ns_household_zone(api->s.read_db, &api->zone, err);
    }
    ns_arena_fini(&arena);
    return rc;
}

static const struct gql_scalar_bind scalars[] = {
    {GQL_T_Date, gql_scalar_date},       {GQL_T_DateTime, gql_scalar_datetime},
    {GQL_T_Decimal, gql_scalar_decimal}, {GQL_T_JSON, gql_scalar_json},
    {GQL_T_Money, gql_scalar_money},
};

/* Subscription roots have no resolver: operations.c makes their objects. */
static const struct gql_root_bind subscription_binds[] = {
    {GQL_F_Subscription_householdChanges, NULL},
    {GQL_F_Subscription_predictionUpdates, NULL},
    {GQL_F_Subscription_importUpdates, NULL},
    {GQL_F_Subscription_subscriptionBillingEvents, NULL},
    {GQL_F_Subscription_subscriptionStatusUpdates, NULL},
    {GQL_F_Subscription_orderStatusUpdates, NULL},
};

static const struct api_part *const parts[] = {&api_refusals_part, &api_changes_part, &api_witness_part, &api_leaving_part, &api_tax_part, &api_plan_part, &api_plan_types_part,
                                               &api_plan_change_part, &api_devices_part, &api_step_up_part, &api_preferences_part,
                                               &api_products_part, &api_comparison_part, &api_retailers_part,
                                               &api_orders_part, &api_order_types_part, &api_suggestions_part, &api_notices_part, &api_exports_part, &api_remove_part};

/* A root field nobody thought of must not reach a family. */
static ns_rc all_answered(const struct gql_root_bind *roots, size_t count, struct ns_err *err) {
    const struct gql_schema *s = &gql_schema_nestsync;
    const uint16_t owners[] = {s->query, s->mutation};
    for (size_t o = 0; o < NS_COUNT(owners); o++) {
        const struct gql_type_def *t = &s->types[owners[o]];
        for (uint16_t f = t->first; f < t->first + t->count; f++) {
            size_t i = 0;
            while (i < count && roots[i].field != f) {
                i++;
            }
            if (i == count) {
                return ns_err_note(err, NS_E_CONFIG, "api: nothing answers %s.%s", t->name,
                                   s->fields[f].name);
            }
        }
    }
    return NS_OK;
}

/* The tables of every area, one after the other. */
struct binds {
    struct gql_root_bind *roots;
    size_t root_count;
    struct gql_type_bind *types;
    size_t type_count;
};

static void add_binds(struct binds *b, const struct api_part *part) {
    for (size_t i = 0; i < part->root_count; i++) {
        b->roots[b->root_count++] = part->roots[i];
    }
    for (size_t i = 0; i < part->type_count; i++) {
        b->types[b->type_count++] = part->types[i];
    }
}

static ns_rc make_engine(struct ns_api *api, struct ns_err *err) {
    const struct api_part first[] = {
        {api_query_binds, api_query_bind_count, api_type_binds, api_type_bind_count},
        {api_mutation_binds, api_mutation_bind_count, NULL, 0},
        {subscription_binds, NS_COUNT(subscription_binds), NULL, 0},
    };
    /* Twice: what was refused may be bound again by the part that is there. */
    struct binds b = {.roots = ns_xcalloc(2 * gql_schema_nestsync.field_count, sizeof *b.roots),
                      .types = ns_xcalloc(2 * gql_schema_nestsync.type_count, sizeof *b.types)};
    for (size_t i = 0; i < NS_COUNT(first); i++) {
        add_binds(&b, &first[i]);
    }
    for (size_t i = 0; i < NS_COUNT(parts); i++) {
        add_binds(&b, parts[i]);
    }
    struct gql_config config = {
        .schema = &gql_schema_nestsync,
        .roots = b.roots,
        .root_count = b.root_count,
        .types = b.types,
        .type_count = b.type_count,
        .scalars = scalars,
        .scalar_count = NS_COUNT(scalars),
        .denied = ns_msg(NS_LANG_EN, NS_MSG_api_not_yours),
        .not_served = ns_msg(NS_LANG_EN, NS_MSG_api_not_served),
    };
    ns_rc rc = all_answered(b.roots, b.root_count, err);
    if (rc == NS_OK) {
        rc = gql_engine_new(&config, &api->engine, err);
    }
    free(b.roots);
    free(b.types);
    return rc;
}

/* The local socket stands for one device: this computer. Made before any other thread runs. */
static ns_rc know_this_computer(struct ns_api *api, struct ns_err *err) {
    if (ns_id_is_zero(api->owner.user)) {
        return NS_OK;
    }
    struct ns_arena arena = {0};
    struct ns_act act = {.db = api->s.write_db, .env = api->s.env, .zone = api->zone,
                         .now = ns_env_now(api->s.env), .actor = api->owner, .arena = &arena};
    ns_rc rc = ns_device_seen(&act, api->owner.user, "console", "linux", "unix",
                              &api->owner.device, err);
    ns_arena_fini(&arena);
    return rc == NS_E_READONLY ? NS_OK : rc; /* a store that is held can still be read */
}

/* Imports that a stop or a crash interrupted go on where they were. */
static void resume_imports(struct ns_api *api) {
    struct ns_arena arena = {0};
    const struct ns_import_job *jobs = NULL;
    int count = 0;
    if (ns_import_list(api->s.read_db, 100, &arena, &jobs, &count, NULL) == NS_OK) {
        for (int i = 0; i < count; i++) {
            if (jobs[i].state == NS_IMPORT_IS_WRITING) {
                api_import_continue(api, jobs[i].id, api->owner);
            }
        }
    }
    ns_arena_fini(&arena);
}

ns_rc ns_api_new(const struct ns_api_setup *setup, struct ns_api **out, struct ns_err *err) {
    struct ns_api *api = ns_xcalloc(1, sizeof *api);
    api->webhook_refused_at = NS_TIME_NONE;
    api->s = *setup;
    api->owner.role = NS_ROLE_FAMILY_CORE;
    ns_rc rc = api_refresh_household(api, err);
    if (rc == NS_OK) {
        rc = know_this_computer(api, err);
    }
    if (rc == NS_OK) {
        rc = make_engine(api, err);
    }
    if (rc == NS_OK) {
        rc = ns_sessions_new(api, &api->sessions, err);
    }
    if (rc != NS_OK) {
        gql_engine_free(api->engine);
        free(api);
        return rc;
    }
    const struct ns_limit kinds[NS_LIMIT_KINDS] = {
        [NS_LIMIT_REQUESTS] = {setup->requests_per_minute, 60},
        [NS_LIMIT_MUTATIONS] = {setup->mutations_per_minute, 60},
        [NS_LIMIT_REFRESHES] = {30, 60},
        [NS_LIMIT_ORDERS] = {6, 3600},
        [NS_LIMIT_EXPORTS] = {2, 86400},
        [NS_LIMIT_IMPORTS] = {10, 86400},
    };
    api->limits = ns_limits_new(kinds);
    api->operations = api_operations_new(api);
    api->forecaster = ns_forecaster_new(api);
    api->keeper = ns_plan_keeper_new(api);
    api->order_keeper = ns_order_keeper_new(api);
    api->notices = ns_notice_keeper_new(api);
    api->exports = ns_exports_new(api);
    api->remover = ns_remover_new(api);
    resume_imports(api);
    ns_forecaster_check(api->forecaster);
    *out = api;
    return NS_OK;
}

void ns_api_set_network(struct ns_api *api, const struct ns_api_network *network) {
    api->network = *network;
}

struct ns_operations *ns_api_operations(struct ns_api *api) {
    return api->operations;
}

void ns_api_backup_ran(struct ns_api *api, bool failed) {
    ns_notice_keeper_backup(api->notices, failed);
}

void ns_api_close(struct ns_api *api) {
    api->closing = true;
    ns_forecaster_close(api->forecaster);
    ns_plan_keeper_close(api->keeper);
    ns_order_keeper_close(api->order_keeper);
    ns_notice_keeper_close(api->notices);
    ns_remover_close(api->remover);
    api_operations_close(api->operations);
}

void ns_api_free(struct ns_api *api) {
    if (api == NULL) {
        return;
    }
    api_operations_free(api->operations);
    ns_forecaster_free(api->forecaster);
    ns_plan_keeper_free(api->keeper);
    ns_order_keeper_free(api->order_keeper);
    ns_notice_keeper_free(api->notices);
    ns_exports_free(api->exports);
    ns_remover_free(api->remover);
    gql_engine_free(api->engine);
    ns_limits_free(api->limits);
    ns_sessions_free(api->sessions);
    free(api);
}
