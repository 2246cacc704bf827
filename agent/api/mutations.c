/* mutations.c: the root fields that change something. Arguments are read on the loop thread, the
 * work runs on the writer, the answer and the events come back to the loop. */
#include "agent/api/forecaster.h"
#include "agent/api/mutation.h"
#include "agent/household/prediction.h"

#include <stdlib.h>
#include <string.h>

#define LOG_MODULE "api"
#include "shared/base/log.h"

#define ROOT(name)                                                                             \
    static void name(const struct gql_call *call, const void *none, struct gql_out *out)

/* ---- the home ---- */

static ns_rc set_up(struct mutation *m) {
    struct ns_user *user = NS_NEW(m->ctx->arena, struct ns_user);
    ns_rc rc = ns_household_set_up(&m->act, &m->in.setup, user, &m->err);
    if (rc == NS_OK) { /* should it fail here, the keeper tries again */
        rc = ns_billing_ensure(&m->act, m->ctx->api->s.sale, &m->err);
    }
    m->response.payload = user;
    mutation_event(m, NS_EVENT_HOUSEHOLD, (ns_id){{0}}, (ns_id){{0}});
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
    struct mutation *m = mutation_begin(call, set_up);
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
    mutation_submit(m, out);
}

static ns_rc set_consent(struct mutation *m) {
    if (ns_id_is_zero(m->act.actor.user)) {
        return ns_err_say(&m->err, NS_E_NOT_SET_UP, NS_MSG_api_no_home, NULL, NULL, NULL);
    }
    mutation_event(m, NS_EVENT_CONSENT, (ns_id){{0}}, (ns_id){{0}});
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
    struct mutation *m = mutation_begin(call, set_consent);
    const struct gql_value *in = call->args[GQL_A_Mutation_updateConsent_input].items;
    m->in.consent.type =
        (enum ns_consent_type)arg_enum(&in[GQL_I_ConsentUpdateInput_consentType], 0);
    m->in.consent.granted = arg_bool(&in[GQL_I_ConsentUpdateInput_granted], false);
    m->in.consent.version = arg_text(m->ctx->arena, &in[GQL_I_ConsentUpdateInput_consentVersion]);
    if (m->in.consent.version == NULL) {
        m->in.consent.version = "1";
    }
    m->after = after_consent;
    mutation_submit(m, out);
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
    ns_rc rc = ns_billing_need_child(m->act.db, m->act.actor.user, m->ctx->api->s.sale, m->act.now, &m->err);
    if (rc == NS_OK) {
        rc = ns_child_create(&m->act, &m->in.child, child, &m->response.action, &m->err);
    }
    m->response.payload = child;
    mutation_event(m, NS_EVENT_CHILD, child->id, child->id);
    return rc;
}

static ns_rc update_child_work(struct mutation *m) {
    struct ns_child *child = NS_NEW(m->ctx->arena, struct ns_child);
    ns_rc rc = ns_child_update(&m->act, m->id, &m->in.child, child, &m->response.action, &m->err);
    m->response.payload = child;
    mutation_event(m, NS_EVENT_CHILD, m->id, m->id);
    return rc;
}

ROOT(create_child) {
    (void)none;
    struct mutation *m = mutation_begin(call, create_child_work);
    read_child(m->ctx->arena, call->args[GQL_A_Mutation_createChild_input].items, &m->in.child);
    mutation_submit(m, out);
}

ROOT(update_child) {
    (void)none;
    struct mutation *m = mutation_begin(call, update_child_work);
    if (need_id(m->ctx, &call->args[GQL_A_Mutation_updateChild_childId], &m->id, out)) {
        read_child(m->ctx->arena, call->args[GQL_A_Mutation_updateChild_input].items, &m->in.child);
        mutation_submit(m, out);
    }
}

/* ---- cupboard ---- */

static ns_rc create_item_work(struct mutation *m) {
    struct ns_inventory_item *item = NS_NEW(m->ctx->arena, struct ns_inventory_item);
    ns_rc rc = ns_item_create(&m->act, &m->in.item, item, &m->response.action, &m->err);
    m->response.payload = item;
    mutation_event(m, NS_EVENT_INVENTORY, m->in.item.child_id, item->id);
    return rc;
}

/* New stock moves the run-out date, so the child's forecast is made again. */
static void after_stock(struct mutation *m) {
    for (int i = 0; i < m->event_count; i++) {
        if (m->events[i].kind == NS_EVENT_INVENTORY && !ns_id_is_zero(m->events[i].child)) {
            (void)ns_forecaster_request(m->ctx->api->forecaster, m->events[i].child, m->act.actor, NULL,
                                  NULL);
        }
    }
}

ROOT(create_item) {
    (void)none;
    struct mutation *m = mutation_begin(call, create_item_work);
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
    mutation_submit(m, out);
}

static ns_rc update_item_work(struct mutation *m) {
    struct ns_inventory_item *item = NS_NEW(m->ctx->arena, struct ns_inventory_item);
    ns_rc rc = ns_item_update(&m->act, m->id, &m->in.change, item, &m->response.action, &m->err);
    m->response.payload = item;
    mutation_event(m, NS_EVENT_INVENTORY, item->child_id, m->id);
    return rc;
}

ROOT(update_item) {
    (void)none;
    struct mutation *m = mutation_begin(call, update_item_work);
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
    mutation_submit(m, out);
}

static ns_rc initial_work(struct mutation *m) {
    mutation_event(m, NS_EVENT_INVENTORY, m->id, (ns_id){{0}});
    return ns_item_set_initial(&m->act, m->id, m->in.initial.items, m->in.initial.count,
                               &m->response.action, &m->err);
}

ROOT(set_initial) {
    (void)none;
    struct mutation *m = mutation_begin(call, initial_work);
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
    mutation_submit(m, out);
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
        mutation_event(m, NS_EVENT_USAGE, m->in.log.child_id, result->log.id);
        if (result->took_item) {
            mutation_event(m, NS_EVENT_INVENTORY, m->in.log.child_id, result->item.id);
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
    struct mutation *m = mutation_begin(call, log_work);
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
    mutation_submit(m, out);
}

static ns_rc fixed(struct mutation *m, ns_rc rc, struct ns_log_result *result, ns_id before,
                   enum ns_msg message) {
    if (rc != NS_OK) {
        return rc;
    }
    m->response.action = result->action;
    m->message = result->notice != 0 ? (enum ns_msg)result->notice : message;
    mutation_event(m, NS_EVENT_USAGE, before, result->log.id);
    if (!ns_id_eq(before, result->log.child_id)) {
        mutation_event(m, NS_EVENT_USAGE, result->log.child_id, result->log.id);
    }
    mutation_event(m, NS_EVENT_INVENTORY, result->log.child_id, result->log.inventory_item_id);
    return NS_OK;
}

static ns_rc correct_work(struct mutation *m) {
    struct ns_log_result *result = NS_NEW(m->ctx->arena, struct ns_log_result);
    ns_id before;
    ns_rc rc = ns_log_correct(&m->act, m->id, &m->in.fix, result, &before, &m->err);
    m->response.payload = rc == NS_OK ? &result->log : NULL;
    m->response.item = rc == NS_OK && result->took_item ? &result->item : NULL;
    return fixed(m, rc, result, before, NS_MSG_hh_log_corrected);
}

static ns_rc remove_work(struct mutation *m) {
    struct ns_log_result *result = NS_NEW(m->ctx->arena, struct ns_log_result);
    ns_rc rc = ns_log_remove(&m->act, m->id, result, &m->err);
    return fixed(m, rc, result, result->log.child_id, NS_MSG_hh_log_removed);
}

/* An old line moves the whole forecast: it is made again at once, for both children. */
static void after_fix(struct mutation *m) {
    for (int i = 0; i < m->event_count; i++) {
        if (m->events[i].kind == NS_EVENT_USAGE) {
            (void)ns_forecaster_request(m->ctx->api->forecaster, m->events[i].child, m->act.actor, NULL,
                                        NULL);
        }
    }
}

ROOT(correct_change) {
    (void)none;
    struct mutation *m = mutation_begin(call, correct_work);
    const struct gql_value *in = call->args[GQL_A_Mutation_correctDiaperChange_input].items;
    static const struct {
        uint8_t field;
        uint32_t bit;
    } given[] = {
        {GQL_I_CorrectDiaperChangeInput_childId, NS_LOG_CHILD},
        {GQL_I_CorrectDiaperChangeInput_loggedAt, NS_LOG_AT},
        {GQL_I_CorrectDiaperChangeInput_wasWet, NS_LOG_WET},
        {GQL_I_CorrectDiaperChangeInput_wasSoiled, NS_LOG_SOILED},
        {GQL_I_CorrectDiaperChangeInput_hadLeakage, NS_LOG_LEAK},
    };
    for (size_t i = 0; i < NS_COUNT(given); i++) {
        m->in.fix.set |= gql_given(&in[given[i].field]) ? given[i].bit : 0U;
    }
    if (!need_id(m->ctx, &call->args[GQL_A_Mutation_correctDiaperChange_logId], &m->id, out) ||
        !need_id(m->ctx, &in[GQL_I_CorrectDiaperChangeInput_childId], &m->in.fix.child_id, out)) {
        return;
    }
    m->in.fix.logged_at = arg_time(&in[GQL_I_CorrectDiaperChangeInput_loggedAt]);
    m->in.fix.was_wet = arg_flag(&in[GQL_I_CorrectDiaperChangeInput_wasWet]);
    m->in.fix.was_soiled = arg_flag(&in[GQL_I_CorrectDiaperChangeInput_wasSoiled]);
    m->in.fix.had_leakage = arg_flag(&in[GQL_I_CorrectDiaperChangeInput_hadLeakage]);
    m->after = after_fix;
    mutation_submit(m, out);
}

ROOT(remove_change) {
    (void)none;
    struct mutation *m = mutation_begin(call, remove_work);
    if (need_id(m->ctx, &call->args[GQL_A_Mutation_removeDiaperChange_logId], &m->id, out)) {
        m->after = after_fix;
        mutation_submit(m, out);
    }
}

static ns_rc day_work(struct mutation *m) {
    mutation_event(m, NS_EVENT_USAGE, m->id, (ns_id){{0}});
    return ns_household_confirm_day(&m->act, m->id, m->in.day.day, m->in.day.status, &m->err);
}

static void after_day(struct mutation *m) {
    (void)ns_forecaster_request(m->ctx->api->forecaster, m->id, m->act.actor, NULL, NULL);
}

ROOT(confirm_day) {
    (void)none;
    struct mutation *m = mutation_begin(call, day_work);
    if (!need_id(m->ctx, &call->args[GQL_A_Mutation_confirmUsageDay_childId], &m->id, out)) {
        return;
    }
    m->in.day.day = arg_date(&call->args[GQL_A_Mutation_confirmUsageDay_date]);
    m->in.day.status = (enum ns_day_status)arg_enum(&call->args[GQL_A_Mutation_confirmUsageDay_status], 0);
    m->after = after_day;
    mutation_submit(m, out);
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
        mutation_event(m, result.kind == NS_ACTION_CHILD ? NS_EVENT_CHILD : NS_EVENT_USAGE,
                   result.child_id, result.action);
    }
    mutation_event(m, NS_EVENT_INVENTORY, result.child_id, (ns_id){{0}});
    return NS_OK;
}

ROOT(undo) {
    (void)none;
    struct mutation *m = mutation_begin(call, undo_work);
    if (need_id(m->ctx, &call->args[GQL_A_Mutation_undo_actionId], &m->id, out)) {
        m->after = after_stock;
        mutation_submit(m, out);
    }
}

/* ---- forecast on demand ---- */

struct wanted_forecast {
    struct api_ctx *ctx;
    struct api_response response;
};

static void forecast_answer(struct wanted_forecast *w, ns_rc rc, const struct ns_err *err,
                            const struct ns_prediction *prediction, struct gql_out *out) {
    if (rc == NS_OK) {
        w->response = (struct api_response){.success = true, .payload = prediction};
    } else {
        w->response = (struct api_response){
            .message = api_error_text(w->ctx->arena, w->ctx->lang, rc, err)};
    }
    gql_object(out, &w->response);
}

static void forecast_made(void *arg, ns_rc rc, const struct ns_err *err,
                          const struct ns_prediction *prediction) {
    struct wanted_forecast *w = arg;
    struct gql_out out = {0};
    forecast_answer(w, rc, err, prediction, &out);
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
    if (ns_forecaster_request(ctx->api->forecaster, child, ctx->actor, forecast_made, w)) {
        gql_pending(out);
        return;
    }
    struct ns_err busy = {0};
    forecast_answer(w, ns_err_note(&busy, NS_E_BUSY, "the queue of the writer is full"), &busy, NULL, out);
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
    {GQL_F_Mutation_correctDiaperChange, correct_change},
    {GQL_F_Mutation_removeDiaperChange, remove_change},
    {GQL_F_Mutation_confirmUsageDay, confirm_day},
    {GQL_F_Mutation_undo, undo},
    {GQL_F_Mutation_recordMeasurement, mutation_measure},
    {GQL_F_Mutation_addChildMark, mutation_add_mark},
    {GQL_F_Mutation_removeChildMark, mutation_remove_mark},
    {GQL_F_Mutation_setBornEarly, mutation_born_early},
    {GQL_F_Mutation_setDeliveryTimes, mutation_delivery},
    {GQL_F_Mutation_triggerPredictionUpdate, trigger_prediction},
    {GQL_F_Mutation_stageImport, mutation_stage_import},
    {GQL_F_Mutation_commitImport, mutation_commit_import},
};
const size_t api_mutation_bind_count = NS_COUNT(api_mutation_binds);
