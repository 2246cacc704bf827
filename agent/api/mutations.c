/* mutations.c: the root fields that change something. Arguments are read on the loop thread, the
 * work runs on the writer, the answer and the events come back to the loop. */
#include "agent/api/context.h"
#include "agent/api/forecaster.h"
#include "agent/household/import.h"
#include "agent/household/prediction.h"

#include <stdlib.h>
#include <string.h>

#define LOG_MODULE "api"
#include "shared/base/log.h"

#define EVENTS_MOST 3

struct mutation {
    struct ns_job job; /* first: a job is its mutation */
    struct api_ctx *ctx;
    struct ns_act act;
    ns_rc (*work)(struct mutation *m); /* on the writer; fills response, events */
    void (*after)(struct mutation *m); /* on the loop when it succeeded; may be NULL */
    ns_rc rc;
    struct ns_err err;
    struct api_response response;
    enum ns_msg message; /* of success; 0: none */
    struct ns_event events[EVENTS_MOST];
    int event_count;
    ns_id id; /* the argument most of them have */
    union {
        struct ns_setup_input setup;
        struct ns_child_input child;
        struct ns_item_input item;
        struct ns_item_change change;
        struct ns_log_input log;
        struct {
            struct ns_initial_item *items;
            int count;
        } initial;
        struct {
            enum ns_consent_type type;
            bool granted;
            const char *version;
        } consent;
        struct {
            struct ns_str file_name;
            struct ns_str content;
            struct ns_import_options options;
        } import;
        struct {
            ns_date day;
            enum ns_day_status status;
        } day;
    } in;
};

static void note_event(struct mutation *m, enum ns_event_kind kind, ns_id child, ns_id entity) {
    m->events[m->event_count++] =
        (struct ns_event){.kind = kind, .child = child, .entity = entity, .at = m->act.now};
}

static void run_mutation(struct ns_job *job) {
    struct mutation *m = (struct mutation *)job;
    m->rc = m->work(m);
    if (m->rc != NS_OK) {
        ns_db_rollback(m->act.db); /* nothing happens when the function did so itself */
    }
}

static void refused(struct mutation *m) {
    if (m->rc == NS_E_INTERNAL || m->rc == NS_E_IO || m->rc == NS_E_DAMAGED) {
        LOG_ERROR("act=mutation rc=%s note=\"%s\"", ns_rc_key(m->rc), m->err.note);
    }
    if (m->rc == NS_E_FULL || m->rc == NS_E_READONLY || m->rc == NS_E_IO || m->rc == NS_E_DAMAGED) {
        ns_health_bad(m->ctx->api->s.health, NS_HEALTH_STORE, NS_HEALTH_DEGRADED, &m->err);
    }
    const char *text = api_error_text(m->ctx->arena, m->ctx->lang, m->rc, &m->err);
    m->response = (struct api_response){.success = false, .message = text, .error = text};
}

static void mutation_done(struct ns_job *job) {
    struct mutation *m = (struct mutation *)job;
    struct api_ctx *ctx = m->ctx;
    if (m->rc != NS_OK) {
        refused(m);
    } else {
        m->response.success = true;
        ns_health_good(m->ctx->api->s.health, NS_HEALTH_STORE);
        if (m->message != NS_MSG_NONE) {
            m->response.message = ns_msg(ctx->lang, m->message);
        }
        for (int i = 0; i < m->event_count; i++) {
            ns_events_publish(ctx->api->s.events, m->events[i]);
        }
        if (m->after != NULL) {
            m->after(m);
        }
    }
    struct gql_out out = {0};
    gql_object(&out, &m->response);
    ctx->resume(ctx, &out); /* may free the arena and m with it */
}

static struct mutation *begin(const struct gql_call *call, ns_rc (*work)(struct mutation *m)) {
    struct api_ctx *ctx = call->ctx;
    struct mutation *m = NS_NEW(ctx->arena, struct mutation);
    m->job.run = run_mutation;
    m->job.done = mutation_done;
    m->ctx = ctx;
    m->act = api_act(ctx, ctx->api->s.write_db);
    m->work = work;
    return m;
}

static void submit(struct mutation *m, struct gql_out *out) {
    if (m->ctx->api->closing ||
        ns_executor_submit(m->ctx->api->s.writer, &m->job) != NS_OK) {
        gql_fail(out, GQL_CODE_TIMEOUT, ns_msg(m->ctx->lang, NS_MSG_api_busy));
        return;
    }
    gql_pending(out);
}

#define ROOT(name) static void name(const struct gql_call *call, const void *none, struct gql_out *out)

/* ---- the home ---- */

static ns_rc set_up(struct mutation *m) {
    struct ns_user *user = NS_NEW(m->ctx->arena, struct ns_user);
    ns_rc rc = ns_household_set_up(&m->act, &m->in.setup, user, &m->err);
    m->response.payload = user;
    note_event(m, NS_EVENT_HOUSEHOLD, (ns_id){{0}}, (ns_id){{0}});
    return rc;
}

static void after_set_up(struct mutation *m) {
    struct ns_err err = {0};
    if (api_refresh_household(m->ctx->api, &err) != NS_OK) {
        LOG_ERROR("act=refresh note=\"%s\"", err.note);
    }
}

ROOT(set_up_household) {
    (void)none;
    struct mutation *m = begin(call, set_up);
    struct ns_arena *arena = m->ctx->arena;
    const struct gql_value *in = call->args[GQL_A_Mutation_setUpHousehold_input].items;
    int province = arg_enum(&in[GQL_I_SetUpHouseholdInput_province], 0);
    m->in.setup = (struct ns_setup_input){
        .display_name = arg_text(arena, &in[GQL_I_SetUpHouseholdInput_displayName]),
        .province = ns_province_name((enum ns_province)province),
        .timezone = arg_text(arena, &in[GQL_I_SetUpHouseholdInput_timezone]),
        .language = arg_text(arena, &in[GQL_I_SetUpHouseholdInput_language]),
        .email = arg_text(arena, &in[GQL_I_SetUpHouseholdInput_email]),
        .demo = arg_bool(&in[GQL_I_SetUpHouseholdInput_demo], false),
    };
    m->after = after_set_up;
    submit(m, out);
}

static ns_rc set_consent(struct mutation *m) {
    if (ns_id_is_zero(m->act.actor.user)) {
        return ns_err_say(&m->err, NS_E_NOT_SET_UP, NS_MSG_api_no_home, NULL, NULL, NULL);
    }
    note_event(m, NS_EVENT_CONSENT, (ns_id){{0}}, (ns_id){{0}});
    return ns_consent_set(m->act.db, m->act.env, m->act.now, &m->act.actor, m->in.consent.type,
                          m->in.consent.granted, m->in.consent.version,
                          ns_lang_code(m->ctx->lang), &m->err);
}

static void after_consent(struct mutation *m) {
    if (m->in.consent.granted) {
        ns_forecaster_check(m->ctx->api->forecaster);
    }
}

ROOT(update_consent) {
    (void)none;
    struct mutation *m = begin(call, set_consent);
    const struct gql_value *in = call->args[GQL_A_Mutation_updateConsent_input].items;
    m->in.consent.type =
        (enum ns_consent_type)arg_enum(&in[GQL_I_ConsentUpdateInput_consentType], 0);
    m->in.consent.granted = arg_bool(&in[GQL_I_ConsentUpdateInput_granted], false);
    m->in.consent.version = arg_text(m->ctx->arena, &in[GQL_I_ConsentUpdateInput_consentVersion]);
    if (m->in.consent.version == NULL) {
        m->in.consent.version = "1";
    }
    m->after = after_consent;
    submit(m, out);
}

/* ---- children ---- */

static void read_brands(struct ns_arena *arena, const struct gql_value *v, struct ns_child_input *in) {
    in->brand_count = NS_NONE;
    if (!gql_given(v)) {
        return;
    }
    const char **brands = NS_NEW_N(arena, const char *, v->count);
    for (uint32_t i = 0; i < v->count; i++) {
        brands[i] = ns_arena_copy(arena, v->items[i].text);
    }
    in->preferred_brands = brands;
    in->brand_count = (int)v->count;
}

/* The two inputs have the same twelve fields in the same order (asserted
 * below), so one reader serves both. */
static void read_child(struct ns_arena *arena, const struct gql_value *f, struct ns_child_input *in) {
    static const struct {
        uint32_t bit;
        bool nullable;
        uint8_t field;
    } rows[] = {
        {NS_CHILD_NAME, false, GQL_I_UpdateChildInput_name},
        {NS_CHILD_BIRTH, false, GQL_I_UpdateChildInput_dateOfBirth},
        {NS_CHILD_GENDER, true, GQL_I_UpdateChildInput_gender},
        {NS_CHILD_SIZE, false, GQL_I_UpdateChildInput_currentDiaperSize},
        {NS_CHILD_WEIGHT, true, GQL_I_UpdateChildInput_currentWeightKg},
        {NS_CHILD_HEIGHT, true, GQL_I_UpdateChildInput_currentHeightCm},
        {NS_CHILD_DAILY, false, GQL_I_UpdateChildInput_dailyUsageCount},
        {NS_CHILD_SKIN, false, GQL_I_UpdateChildInput_hasSensitiveSkin},
        {NS_CHILD_ALLERGIES, false, GQL_I_UpdateChildInput_hasAllergies},
        {NS_CHILD_ALLERGY_NOTES, true, GQL_I_UpdateChildInput_allergiesNotes},
        {NS_CHILD_BRANDS, true, GQL_I_UpdateChildInput_preferredBrands},
        {NS_CHILD_NEEDS, true, GQL_I_UpdateChildInput_specialNeeds},
    };
    for (size_t i = 0; i < NS_COUNT(rows); i++) {
        const struct gql_value *v = &f[rows[i].field];
        if (gql_given(v) || (rows[i].nullable && v->kind == GQL_NULL)) {
            in->set |= rows[i].bit;
        }
    }
    in->name = arg_text(arena, &f[GQL_I_UpdateChildInput_name]);
    in->date_of_birth = arg_date(&f[GQL_I_UpdateChildInput_dateOfBirth]);
    in->gender = arg_enum(&f[GQL_I_UpdateChildInput_gender], NS_NONE);
    in->current_size = (enum ns_size)arg_enum(&f[GQL_I_UpdateChildInput_currentDiaperSize], 0);
    in->weight_kg = arg_number(&f[GQL_I_UpdateChildInput_currentWeightKg]);
    in->height_cm = arg_number(&f[GQL_I_UpdateChildInput_currentHeightCm]);
    /* Beyond int the household refuses it with its own words. */
    int64_t daily = arg_int(&f[GQL_I_UpdateChildInput_dailyUsageCount], 8);
    in->daily_usage_count = daily < INT32_MIN || daily > INT32_MAX ? -1 : (int)daily;
    in->has_sensitive_skin = arg_bool(&f[GQL_I_UpdateChildInput_hasSensitiveSkin], false);
    in->has_allergies = arg_bool(&f[GQL_I_UpdateChildInput_hasAllergies], false);
    in->allergies_notes = arg_text(arena, &f[GQL_I_UpdateChildInput_allergiesNotes]);
    read_brands(arena, &f[GQL_I_UpdateChildInput_preferredBrands], in);
    in->special_needs = arg_text(arena, &f[GQL_I_UpdateChildInput_specialNeeds]);
}

_Static_assert((int)GQL_I_CreateChildInput_name == (int)GQL_I_UpdateChildInput_name &&
                   (int)GQL_I_CreateChildInput_specialNeeds ==
                       (int)GQL_I_UpdateChildInput_specialNeeds &&
                   (int)GQL_I_CreateChildInput_dailyUsageCount ==
                       (int)GQL_I_UpdateChildInput_dailyUsageCount &&
                   (int)GQL_I_CreateChildInput_preferredBrands ==
                       (int)GQL_I_UpdateChildInput_preferredBrands,
               "read_child reads both inputs");

static ns_rc create_child_work(struct mutation *m) {
    struct ns_child *child = NS_NEW(m->ctx->arena, struct ns_child);
    ns_rc rc = ns_child_create(&m->act, &m->in.child, child, &m->response.action, &m->err);
    m->response.payload = child;
    note_event(m, NS_EVENT_CHILD, child->id, child->id);
    return rc;
}

static ns_rc update_child_work(struct mutation *m) {
    struct ns_child *child = NS_NEW(m->ctx->arena, struct ns_child);
    ns_rc rc = ns_child_update(&m->act, m->id, &m->in.child, child, &m->response.action, &m->err);
    m->response.payload = child;
    note_event(m, NS_EVENT_CHILD, m->id, m->id);
    return rc;
}

ROOT(create_child) {
    (void)none;
    struct mutation *m = begin(call, create_child_work);
    read_child(m->ctx->arena, call->args[GQL_A_Mutation_createChild_input].items, &m->in.child);
    submit(m, out);
}

ROOT(update_child) {
    (void)none;
    struct mutation *m = begin(call, update_child_work);
    if (need_id(m->ctx, &call->args[GQL_A_Mutation_updateChild_childId], &m->id, out)) {
        read_child(m->ctx->arena, call->args[GQL_A_Mutation_updateChild_input].items, &m->in.child);
        submit(m, out);
    }
}

/* ---- cupboard ---- */

static ns_rc create_item_work(struct mutation *m) {
    struct ns_inventory_item *item = NS_NEW(m->ctx->arena, struct ns_inventory_item);
    ns_rc rc = ns_item_create(&m->act, &m->in.item, item, &m->response.action, &m->err);
    m->response.payload = item;
    note_event(m, NS_EVENT_INVENTORY, m->in.item.child_id, item->id);
    return rc;
}

/* New stock moves the run-out date, so the child's forecast is made again. */
static void after_stock(struct mutation *m) {
    for (int i = 0; i < m->event_count; i++) {
        if (m->events[i].kind == NS_EVENT_INVENTORY && !ns_id_is_zero(m->events[i].child)) {
            ns_forecaster_request(m->ctx->api->forecaster, m->events[i].child, m->act.actor, NULL,
                                  NULL);
        }
    }
}

ROOT(create_item) {
    (void)none;
    struct mutation *m = begin(call, create_item_work);
    struct ns_arena *arena = m->ctx->arena;
    const struct gql_value *in = call->args[GQL_A_Mutation_createInventoryItem_input].items;
    const struct gql_value *cost = &in[GQL_I_CreateInventoryItemInput_costCad];
    if (!need_id(m->ctx, &in[GQL_I_CreateInventoryItemInput_childId], &m->id, out)) {
        return;
    }
    m->in.item = (struct ns_item_input){
        .child_id = m->id,
        .product_type =
            (enum ns_product_type)arg_enum(&in[GQL_I_CreateInventoryItemInput_productType], 0),
        .brand = arg_text(arena, &in[GQL_I_CreateInventoryItemInput_brand]),
        .product_name = arg_text(arena, &in[GQL_I_CreateInventoryItemInput_productName]),
        .size = arg_text(arena, &in[GQL_I_CreateInventoryItemInput_size]),
        .quantity = arg_int(&in[GQL_I_CreateInventoryItemInput_quantityTotal], 0),
        .has_cost = gql_given(cost),
        .cost = arg_int(cost, 0),
        .purchase_date = arg_time(&in[GQL_I_CreateInventoryItemInput_purchaseDate]),
        .expiry_date = arg_time(&in[GQL_I_CreateInventoryItemInput_expiryDate]),
        .storage_location = arg_text(arena, &in[GQL_I_CreateInventoryItemInput_storageLocation]),
        .notes = arg_text(arena, &in[GQL_I_CreateInventoryItemInput_notes]),
    };
    m->after = after_stock;
    submit(m, out);
}

static ns_rc update_item_work(struct mutation *m) {
    struct ns_inventory_item *item = NS_NEW(m->ctx->arena, struct ns_inventory_item);
    ns_rc rc = ns_item_update(&m->act, m->id, &m->in.change, item, &m->response.action, &m->err);
    m->response.payload = item;
    note_event(m, NS_EVENT_INVENTORY, item->child_id, m->id);
    return rc;
}

ROOT(update_item) {
    (void)none;
    struct mutation *m = begin(call, update_item_work);
    struct ns_arena *arena = m->ctx->arena;
    const struct gql_value *in = call->args[GQL_A_Mutation_updateInventoryItem_input].items;
    const struct gql_value *remaining = &in[GQL_I_UpdateInventoryItemInput_quantityRemaining];
    const struct gql_value *where = &in[GQL_I_UpdateInventoryItemInput_storageLocation];
    const struct gql_value *notes = &in[GQL_I_UpdateInventoryItemInput_notes];
    const struct gql_value *rating = &in[GQL_I_UpdateInventoryItemInput_qualityRating];
    const struct gql_value *rebuy = &in[GQL_I_UpdateInventoryItemInput_wouldRebuy];
    struct ns_item_change *change = &m->in.change;
    if (!need_id(m->ctx, &call->args[GQL_A_Mutation_updateInventoryItem_inventoryItemId], &m->id, out)) {
        return;
    }
    change->set = (gql_given(remaining) ? NS_ITEM_REMAINING : 0U) |
                  (where->kind != GQL_ABSENT ? NS_ITEM_LOCATION : 0U) |
                  (notes->kind != GQL_ABSENT ? NS_ITEM_NOTES : 0U) |
                  (rating->kind != GQL_ABSENT ? NS_ITEM_RATING : 0U) |
                  (rebuy->kind != GQL_ABSENT ? NS_ITEM_REBUY : 0U);
    change->quantity_remaining = arg_int(remaining, 0);
    change->storage_location = arg_text(arena, where);
    change->notes = arg_text(arena, notes);
    change->quality_rating = (int)arg_int(rating, NS_NONE);
    change->would_rebuy = arg_flag(rebuy);
    m->after = after_stock;
    submit(m, out);
}

static ns_rc initial_work(struct mutation *m) {
    note_event(m, NS_EVENT_INVENTORY, m->id, (ns_id){{0}});
    return ns_item_set_initial(&m->act, m->id, m->in.initial.items, m->in.initial.count,
                               &m->response.action, &m->err);
}

ROOT(set_initial) {
    (void)none;
    struct mutation *m = begin(call, initial_work);
    const struct gql_value *list = &call->args[GQL_A_Mutation_setInitialInventory_inventoryItems];
    if (!need_id(m->ctx, &call->args[GQL_A_Mutation_setInitialInventory_childId], &m->id, out)) {
        return;
    }
    struct ns_initial_item *items = NS_NEW_N(m->ctx->arena, struct ns_initial_item, list->count);
    for (uint32_t i = 0; i < list->count; i++) {
        const struct gql_value *in = list->items[i].items;
        items[i] = (struct ns_initial_item){
            .size = (enum ns_size)arg_enum(&in[GQL_I_InitialInventoryInput_diaperSize], 0),
            .brand = arg_text(m->ctx->arena, &in[GQL_I_InitialInventoryInput_brand]),
            .quantity = arg_int(&in[GQL_I_InitialInventoryInput_quantity], 0),
            .purchase_date = arg_date(&in[GQL_I_InitialInventoryInput_purchaseDate]),
            .expiry_date = arg_date(&in[GQL_I_InitialInventoryInput_expiryDate]),
        };
    }
    m->in.initial.items = items;
    m->in.initial.count = (int)list->count;
    m->after = after_stock;
    submit(m, out);
}

/* ---- log ---- */

static ns_rc log_work(struct mutation *m) {
    struct ns_log_result *result = NS_NEW(m->ctx->arena, struct ns_log_result);
    ns_rc rc = ns_log_change(&m->act, &m->in.log, result, &m->err);
    if (rc != NS_OK) {
        return rc;
    }
    m->response.payload = &result->log;
    m->response.action = result->action;
    m->response.item = result->took_item ? &result->item : NULL;
    m->message = (enum ns_msg)result->notice;
    if (!result->repeated) {
        note_event(m, NS_EVENT_USAGE, m->in.log.child_id, result->log.id);
        if (result->took_item) {
            note_event(m, NS_EVENT_INVENTORY, m->in.log.child_id, result->item.id);
        }
    }
    return NS_OK;
}

static void after_log(struct mutation *m) {
    if (m->event_count > 0) {
        ns_forecaster_logged(m->ctx->api->forecaster, m->in.log.child_id);
    }
}

ROOT(log_change) {
    (void)none;
    struct mutation *m = begin(call, log_work);
    struct ns_arena *arena = m->ctx->arena;
    const struct gql_value *in = call->args[GQL_A_Mutation_logDiaperChange_input].items;
    ns_id key;
    if (!need_id(m->ctx, &in[GQL_I_LogDiaperChangeInput_childId], &m->id, out) ||
        !need_id(m->ctx, &in[GQL_I_LogDiaperChangeInput_clientKey], &key, out)) {
        return;
    }
    m->in.log = (struct ns_log_input){
        .child_id = m->id,
        .usage_type = (enum ns_usage_type)arg_enum(&in[GQL_I_LogDiaperChangeInput_usageType], 0),
        .context = arg_enum(&in[GQL_I_LogDiaperChangeInput_context], NS_NONE),
        .caregiver_name = arg_text(arena, &in[GQL_I_LogDiaperChangeInput_caregiverName]),
        .was_wet = arg_flag(&in[GQL_I_LogDiaperChangeInput_wasWet]),
        .was_soiled = arg_flag(&in[GQL_I_LogDiaperChangeInput_wasSoiled]),
        .had_leakage = arg_flag(&in[GQL_I_LogDiaperChangeInput_hadLeakage]),
        .diaper_condition = arg_text(arena, &in[GQL_I_LogDiaperChangeInput_diaperCondition]),
        .notes = arg_text(arena, &in[GQL_I_LogDiaperChangeInput_notes]),
        .logged_at = arg_time(&in[GQL_I_LogDiaperChangeInput_loggedAt]),
        .client_key = key,
    };
    m->after = after_log;
    submit(m, out);
}

static ns_rc day_work(struct mutation *m) {
    note_event(m, NS_EVENT_USAGE, m->id, (ns_id){{0}});
    return ns_household_confirm_day(&m->act, m->id, m->in.day.day, m->in.day.status, &m->err);
}

static void after_day(struct mutation *m) {
    ns_forecaster_request(m->ctx->api->forecaster, m->id, m->act.actor, NULL, NULL);
}

ROOT(confirm_day) {
    (void)none;
    struct mutation *m = begin(call, day_work);
    if (!need_id(m->ctx, &call->args[GQL_A_Mutation_confirmUsageDay_childId], &m->id, out)) {
        return;
    }
    m->in.day.day = arg_date(&call->args[GQL_A_Mutation_confirmUsageDay_date]);
    m->in.day.status = (enum ns_day_status)arg_enum(&call->args[GQL_A_Mutation_confirmUsageDay_status], 0);
    m->after = after_day;
    submit(m, out);
}

static ns_rc undo_work(struct mutation *m) {
    struct ns_undo_result result = {0};
    ns_rc rc = ns_household_undo(&m->act, m->id, &result, &m->err);
    if (rc != NS_OK) {
        return rc;
    }
    m->response.kind = ns_action_kind_name(result.kind);
    m->response.child = result.child_id;
    m->response.action = result.action;
    m->message = (enum ns_msg)result.message;
    if (result.kind != NS_ACTION_STOCK) {
        note_event(m, result.kind == NS_ACTION_CHILD ? NS_EVENT_CHILD : NS_EVENT_USAGE,
                   result.child_id, result.action);
    }
    note_event(m, NS_EVENT_INVENTORY, result.child_id, (ns_id){{0}});
    return NS_OK;
}

ROOT(undo) {
    (void)none;
    struct mutation *m = begin(call, undo_work);
    if (need_id(m->ctx, &call->args[GQL_A_Mutation_undo_actionId], &m->id, out)) {
        m->after = after_stock;
        submit(m, out);
    }
}

/* ---- forecast on demand ---- */

struct wanted_forecast {
    struct api_ctx *ctx;
    struct api_response response;
};

static void forecast_made(void *arg, ns_rc rc, const struct ns_err *err,
                          const struct ns_prediction *prediction) {
    struct wanted_forecast *w = arg;
    if (rc == NS_OK) {
        w->response = (struct api_response){.success = true, .payload = prediction};
    } else {
        w->response = (struct api_response){
            .message = api_error_text(w->ctx->arena, w->ctx->lang, rc, err)};
    }
    struct gql_out out = {0};
    gql_object(&out, &w->response);
    w->ctx->resume(w->ctx, &out);
}

ROOT(trigger_prediction) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    ns_id child;
    if (!need_id(ctx, &call->args[GQL_A_Mutation_triggerPredictionUpdate_childId], &child, out)) {
        return;
    }
    struct wanted_forecast *w = NS_NEW(ctx->arena, struct wanted_forecast);
    w->ctx = ctx;
    ns_forecaster_request(ctx->api->forecaster, child, ctx->actor, forecast_made, w);
    gql_pending(out);
}

/* ---- imports ---- */

static ns_rc stage_work(struct mutation *m) {
    struct ns_import_job *job = NS_NEW(m->ctx->arena, struct ns_import_job);
    ns_rc rc = ns_import_stage(&m->act, m->id, m->in.import.file_name, m->in.import.content,
                               &m->in.import.options, job, &m->err);
    m->response.payload = job;
    note_event(m, NS_EVENT_IMPORT, m->id, job->id);
    return rc;
}

ROOT(stage_import) {
    (void)none;
    struct mutation *m = begin(call, stage_work);
    const struct gql_value *in = call->args[GQL_A_Mutation_stageImport_input].items;
    if (!need_id(m->ctx, &in[GQL_I_StageImportInput_childId], &m->id, out)) {
        return;
    }
    m->in.import.file_name = in[GQL_I_StageImportInput_fileName].text;
    m->in.import.content = in[GQL_I_StageImportInput_content].text;
    m->in.import.options.order =
        (enum ns_day_order)arg_enum(&in[GQL_I_StageImportInput_dayOrder], NS_ORDER_AUTO);
    submit(m, out);
}

/* The chunks after the first, each a job of its own, so that a log in between waits for one
 * chunk at most. */
struct import_run {
    struct ns_job job;
    struct ns_api *api;
    struct ns_actor actor;
    struct ns_arena arena;
    ns_id id;
    struct ns_import_job state;
    bool done;
    ns_rc rc;
    struct ns_err err;
    int64_t told_us;
};

static void import_chunk(struct ns_job *job) {
    struct import_run *run = (struct import_run *)job;
    ns_arena_reset(&run->arena);
    struct ns_act act = {.db = run->api->s.write_db,
                         .env = run->api->s.env,
                         .zone = run->api->zone,
                         .now = ns_env_now(run->api->s.env),
                         .actor = run->actor,
                         .arena = &run->arena};
    run->rc = ns_import_write_chunk(&act, run->id, &run->state, &run->done, &run->err);
    if (run->rc != NS_OK) {
        ns_db_rollback(act.db);
    }
}

static void tell(struct import_run *run, enum ns_event_kind kind) {
    ns_events_publish(run->api->s.events, (struct ns_event){.kind = kind,
                                                            .child = run->state.child_id,
                                                            .entity = run->id,
                                                            .at = ns_env_now(run->api->s.env)});
}

static void import_chunk_done(struct ns_job *job) {
    struct import_run *run = (struct import_run *)job;
    struct ns_api *api = run->api;
    int64_t now_us = ns_env_steady_us(api->s.env);
    if (run->rc == NS_OK && !run->done) {
        if (now_us - run->told_us >= 100000) {
            run->told_us = now_us;
            tell(run, NS_EVENT_IMPORT);
        }
        if (!api->closing && ns_executor_submit(api->s.writer, &run->job) == NS_OK) {
            return;
        }
    } else if (run->rc != NS_OK) {
        LOG_ERROR("act=import rc=%s note=\"%s\"", ns_rc_key(run->rc), run->err.note);
    } else {
        tell(run, NS_EVENT_IMPORT);
        tell(run, NS_EVENT_USAGE);
        ns_forecaster_request(api->forecaster, run->state.child_id, run->actor, NULL, NULL);
    }
    ns_arena_fini(&run->arena);
    free(run);
}

void api_import_continue(struct ns_api *api, ns_id import, struct ns_actor actor) {
    struct import_run *run = ns_xcalloc(1, sizeof *run);
    run->job.run = import_chunk;
    run->job.done = import_chunk_done;
    run->api = api;
    run->actor = actor;
    run->id = import;
    if (ns_executor_submit(api->s.writer, &run->job) != NS_OK) {
        free(run); /* the store keeps it as WRITING; the next start goes on */
    }
}

static ns_rc commit_work(struct mutation *m) {
    struct ns_import_job *job = NS_NEW(m->ctx->arena, struct ns_import_job);
    bool done = false;
    ns_rc rc = ns_import_write_chunk(&m->act, m->id, job, &done, &m->err);
    m->response.payload = job;
    note_event(m, NS_EVENT_IMPORT, job->child_id, m->id);
    return rc;
}

static void after_commit(struct mutation *m) {
    api_import_continue(m->ctx->api, m->id, m->act.actor);
}

ROOT(commit_import) {
    (void)none;
    struct mutation *m = begin(call, commit_work);
    if (need_id(m->ctx, &call->args[GQL_A_Mutation_commitImport_importId], &m->id, out)) {
        m->after = after_commit;
        submit(m, out);
    }
}

const struct gql_root_bind api_mutation_binds[] = {
    {GQL_F_Mutation_setUpHousehold, set_up_household},
    {GQL_F_Mutation_updateConsent, update_consent},
    {GQL_F_Mutation_createChild, create_child},
    {GQL_F_Mutation_updateChild, update_child},
    {GQL_F_Mutation_createInventoryItem, create_item},
    {GQL_F_Mutation_updateInventoryItem, update_item},
    {GQL_F_Mutation_setInitialInventory, set_initial},
    {GQL_F_Mutation_logDiaperChange, log_change},
    {GQL_F_Mutation_confirmUsageDay, confirm_day},
    {GQL_F_Mutation_undo, undo},
    {GQL_F_Mutation_triggerPredictionUpdate, trigger_prediction},
    {GQL_F_Mutation_stageImport, stage_import},
    {GQL_F_Mutation_commitImport, commit_import},
};
const size_t api_mutation_bind_count = NS_COUNT(api_mutation_binds);
