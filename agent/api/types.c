/* types.c: what each object type of the schema reads from its struct. */
#include "agent/api/orders.h"
#include "agent/api/plan.h"
#include "agent/household/import.h"

#include <stdio.h>

#define GET(name)                                                                              \
    static void name(const struct gql_call *call, const void *object, struct gql_out *out)

/* ---- the home and its people ---- */

GET(get_user) {
    const struct ns_user *u = object;
    switch (call->field) {
    case GQL_F_UserProfile_id: gql_id(out, u->id); break;
    case GQL_F_UserProfile_email: gql_cstr(out, u->email); break;
    case GQL_F_UserProfile_firstName: gql_cstr(out, u->first_name); break;
    case GQL_F_UserProfile_lastName: gql_cstr(out, u->last_name); break;
    case GQL_F_UserProfile_displayName: gql_cstr(out, u->display_name); break;
    case GQL_F_UserProfile_phoneNumber: gql_cstr(out, u->phone_number); break;
    case GQL_F_UserProfile_timezone: gql_cstr(out, u->timezone); break;
    case GQL_F_UserProfile_language: gql_cstr(out, u->language); break;
    case GQL_F_UserProfile_currency: gql_cstr(out, u->currency); break;
    case GQL_F_UserProfile_province: gql_cstr(out, u->province); break;
    case GQL_F_UserProfile_postalCode: gql_cstr(out, u->postal_code); break;
    case GQL_F_UserProfile_status: gql_enum(out, (int)u->status); break;
    case GQL_F_UserProfile_emailVerified: gql_bool(out, u->email_verified); break;
    case GQL_F_UserProfile_onboardingCompleted: gql_bool(out, u->onboarding_completed); break;
    default: gql_time(out, u->created_at);
    }
}

GET(get_home) {
    const struct ns_household *h = object;
    const struct api_ctx *ctx = call->ctx;
    switch (call->field) {
    case GQL_F_Household_id: gql_id(out, h->id); break;
    case GQL_F_Household_province: gql_enum(out, (int)h->province); break;
    case GQL_F_Household_timezone: gql_cstr(out, h->timezone); break;
    case GQL_F_Household_language: gql_cstr(out, h->language); break;
    case GQL_F_Household_demo: gql_bool(out, h->demo); break;
    case GQL_F_Household_ownerName: gql_cstr(out, h->owner_name); break;
    case GQL_F_Household_today: gql_date(out, ctx->today); break;
    default: gql_time(out, h->created_at);
    }
}

static void brands(const struct gql_call *call, const struct ns_child *c, struct gql_out *out) {
    if (c->brand_count == NS_NONE) {
        gql_null(out);
        return;
    }
    struct gql_out *items = NS_NEW_N(call->arena, struct gql_out, (size_t)c->brand_count);
    for (int i = 0; i < c->brand_count; i++) {
        gql_cstr(&items[i], c->preferred_brands[i]);
    }
    gql_list(out, items, (size_t)c->brand_count);
}

GET(get_child) {
    const struct ns_child *c = object;
    const struct api_ctx *ctx = call->ctx;
    switch (call->field) {
    case GQL_F_ChildProfile_id: gql_id(out, c->id); break;
    case GQL_F_ChildProfile_name: gql_cstr(out, c->name); break;
    case GQL_F_ChildProfile_dateOfBirth: gql_date(out, c->date_of_birth); break;
    case GQL_F_ChildProfile_gender:
        if (c->gender == NS_NONE) {
            gql_null(out);
        } else {
            gql_enum(out, c->gender);
        }
        break;
    case GQL_F_ChildProfile_currentDiaperSize: gql_enum(out, (int)c->current_size); break;
    case GQL_F_ChildProfile_currentWeightKg:
        if (c->weight_g == NS_NONE) {
            gql_null(out);
        } else {
            gql_float(out, c->weight_g / 1000.0);
        }
        break;
    case GQL_F_ChildProfile_currentHeightCm:
        if (c->height_mm == NS_NONE) {
            gql_null(out);
        } else {
            gql_float(out, c->height_mm / 10.0);
        }
        break;
    case GQL_F_ChildProfile_dailyUsageCount: gql_int(out, c->daily_usage_count); break;
    case GQL_F_ChildProfile_hasSensitiveSkin: gql_bool(out, c->has_sensitive_skin); break;
    case GQL_F_ChildProfile_hasAllergies: gql_bool(out, c->has_allergies); break;
    case GQL_F_ChildProfile_allergiesNotes: gql_cstr(out, c->allergies_notes); break;
    case GQL_F_ChildProfile_preferredBrands: brands(call, c, out); break;
    case GQL_F_ChildProfile_specialNeeds: gql_cstr(out, c->special_needs); break;
    case GQL_F_ChildProfile_onboardingCompleted: gql_bool(out, c->onboarding_completed); break;
    case GQL_F_ChildProfile_province:
        gql_cstr(out, ns_id_is_zero(ctx->api->owner.user) ? NULL : ns_province_name(ctx->api->province));
        break;
    case GQL_F_ChildProfile_createdAt: gql_time(out, c->created_at); break;
    case GQL_F_ChildProfile_ageInDays: gql_int(out, ns_child_age_days(c, ctx->today)); break;
    case GQL_F_ChildProfile_ageInMonths: gql_int(out, ns_child_age_months(c, ctx->today)); break;
    case GQL_F_ChildProfile_weeklyUsage: gql_int(out, (int64_t)c->daily_usage_count * 7); break;
    default: gql_int(out, (int64_t)c->daily_usage_count * 30);
    }
}

/* ---- cupboard and log ---- */

static void optional_int(struct gql_out *out, int64_t value) {
    if (value == NS_NONE) {
        gql_null(out);
    } else {
        gql_int(out, value);
    }
}

static void optional_bool(struct gql_out *out, int value) {
    if (value == NS_NONE) {
        gql_null(out);
    } else {
        gql_bool(out, value != 0);
    }
}

GET(get_item) {
    const struct ns_inventory_item *i = object;
    const struct api_ctx *ctx = call->ctx;
    switch (call->field) {
    case GQL_F_InventoryItem_id: gql_id(out, i->id); break;
    case GQL_F_InventoryItem_childId: gql_id(out, i->child_id); break;
    case GQL_F_InventoryItem_productType: gql_enum(out, (int)i->product_type); break;
    case GQL_F_InventoryItem_brand: gql_cstr(out, i->brand); break;
    case GQL_F_InventoryItem_productName: gql_cstr(out, i->product_name); break;
    case GQL_F_InventoryItem_size: gql_cstr(out, i->size); break;
    case GQL_F_InventoryItem_quantityTotal: gql_int(out, i->quantity_total); break;
    case GQL_F_InventoryItem_quantityRemaining: gql_int(out, i->quantity_remaining); break;
    case GQL_F_InventoryItem_quantityReserved: gql_int(out, i->quantity_reserved); break;
    case GQL_F_InventoryItem_purchaseDate: gql_time(out, i->purchase_date); break;
    case GQL_F_InventoryItem_costCad:
        if (i->has_cost) {
            gql_money(out, i->cost);
        } else {
            gql_null(out);
        }
        break;
    case GQL_F_InventoryItem_expiryDate: gql_time(out, i->expiry_date); break;
    case GQL_F_InventoryItem_storageLocation: gql_cstr(out, i->storage_location); break;
    case GQL_F_InventoryItem_isOpened: gql_bool(out, i->is_opened); break;
    case GQL_F_InventoryItem_openedDate: gql_time(out, i->opened_date); break;
    case GQL_F_InventoryItem_notes: gql_cstr(out, i->notes); break;
    case GQL_F_InventoryItem_qualityRating: optional_int(out, i->quality_rating); break;
    case GQL_F_InventoryItem_wouldRebuy: optional_bool(out, i->would_rebuy); break;
    case GQL_F_InventoryItem_createdAt: gql_time(out, i->created_at); break;
    case GQL_F_InventoryItem_quantityAvailable: gql_int(out, i->quantity_available); break;
    case GQL_F_InventoryItem_usagePercentage:
        gql_float(out, i->quantity_total <= 0
                           ? 0.0
                           : 100.0 * (double)(i->quantity_total - i->quantity_remaining) /
                                 (double)i->quantity_total);
        break;
    case GQL_F_InventoryItem_isExpired: gql_bool(out, ns_item_expired(i, ctx->today)); break;
    default:
        if (i->expiry_day == NS_DATE_NONE) {
            gql_null(out);
        } else {
            gql_int(out, i->expiry_day - ctx->today);
        }
    }
}

GET(get_log) {
    const struct ns_usage_log *l = object;
    switch (call->field) {
    case GQL_F_UsageLog_id: gql_id(out, l->id); break;
    case GQL_F_UsageLog_childId: gql_id(out, l->child_id); break;
    case GQL_F_UsageLog_inventoryItemId: gql_id(out, l->inventory_item_id); break;
    case GQL_F_UsageLog_usageType: gql_enum(out, (int)l->usage_type); break;
    case GQL_F_UsageLog_loggedAt: gql_time(out, l->logged_at); break;
    case GQL_F_UsageLog_quantityUsed: gql_int(out, l->quantity_used); break;
    case GQL_F_UsageLog_context:
        if (l->context == NS_NONE) {
            gql_null(out);
        } else {
            gql_enum(out, l->context);
        }
        break;
    case GQL_F_UsageLog_caregiverName: gql_cstr(out, l->caregiver_name); break;
    case GQL_F_UsageLog_wasWet: optional_bool(out, l->was_wet); break;
    case GQL_F_UsageLog_wasSoiled: optional_bool(out, l->was_soiled); break;
    case GQL_F_UsageLog_diaperCondition: gql_cstr(out, l->diaper_condition); break;
    case GQL_F_UsageLog_hadLeakage: optional_bool(out, l->had_leakage); break;
    case GQL_F_UsageLog_productRating: optional_int(out, l->product_rating); break;
    case GQL_F_UsageLog_timeSinceLastChange: optional_int(out, l->time_since_last_change); break;
    case GQL_F_UsageLog_changeDuration: optional_int(out, l->change_duration); break;
    case GQL_F_UsageLog_notes: gql_cstr(out, l->notes); break;
    case GQL_F_UsageLog_healthNotes: gql_cstr(out, l->health_notes); break;
    default: gql_time(out, l->created_at);
    }
}

GET(get_usage_day) {
    const struct ns_usage_day *d = object;
    switch (call->field) {
    case GQL_F_UsageDay_date: gql_date(out, d->date); break;
    case GQL_F_UsageDay_count: gql_int(out, d->count); break;
    case GQL_F_UsageDay_wet: gql_int(out, d->wet); break;
    case GQL_F_UsageDay_soiled: gql_int(out, d->soiled); break;
    default: gql_enum(out, (int)d->status);
    }
}

GET(get_stats) {
    const struct ns_dashboard *d = object;
    const struct api_ctx *ctx = call->ctx;
    switch (call->field) {
    case GQL_F_DashboardStats_daysRemaining:
        if (d->has_days_remaining) {
            gql_int(out, d->days_remaining);
        } else {
            gql_null(out);
        }
        break;
    case GQL_F_DashboardStats_diapersLeft: gql_int(out, d->diapers_left); break;
    case GQL_F_DashboardStats_lastChange:
        if (d->last_change == NS_TIME_NONE) {
            gql_null(out);
        } else {
            struct ns_buf text = NS_BUF(200);
            ns_household_ago(&text, ctx->lang, d->last_change, ctx->now);
            gql_cstr(out, ns_arena_copy(call->arena, ns_buf_view(&text)));
            ns_buf_fini(&text);
        }
        break;
    case GQL_F_DashboardStats_todayChanges: gql_int(out, d->today_changes); break;
    default: gql_cstr(out, ns_size_display(d->current_size));
    }
}

/* ---- predictions ---- */

static void prediction_notes(const struct gql_call *call, const struct ns_prediction *p,
                             struct gql_out *out) {
    struct gql_out *items = NS_NEW_N(call->arena, struct gql_out, (size_t)p->note_count);
    for (int i = 0; i < p->note_count; i++) {
        gql_cstr(&items[i], p->notes[i]);
    }
    gql_list(out, items, (size_t)p->note_count);
}

GET(get_prediction) {
    const struct ns_prediction *p = object;
    const struct api_ctx *ctx = call->ctx;
    struct ns_arena *arena = call->arena;
    switch (call->field) {
    case GQL_F_ConsumptionPrediction_id: gql_id(out, p->id); break;
    case GQL_F_ConsumptionPrediction_childId: gql_id(out, p->child_id); break;
    case GQL_F_ConsumptionPrediction_modelVersion: gql_cstr(out, p->model_version); break;
    case GQL_F_ConsumptionPrediction_predictionDate: gql_time(out, p->prediction_date); break;
    case GQL_F_ConsumptionPrediction_predictionHorizonDays: gql_int(out, p->horizon_days); break;
    case GQL_F_ConsumptionPrediction_confidenceLevel:
        api_enum_named(out, GQL_T_PredictionConfidenceEnum, p->confidence_level);
        break;
    case GQL_F_ConsumptionPrediction_meanAbsoluteError:
        api_decimal(out, arena, p->mean_absolute_error, 2);
        break;
    case GQL_F_ConsumptionPrediction_rSquaredScore:
        api_decimal(out, arena, p->r_squared_score, 2);
        break;
    case GQL_F_ConsumptionPrediction_currentConsumptionRate:
        api_decimal(out, arena, p->current_consumption_rate, 2);
        break;
    case GQL_F_ConsumptionPrediction_predictedConsumption30d:
        gql_int(out, p->predicted_consumption_30d);
        break;
    case GQL_F_ConsumptionPrediction_predictedRunoutDate:
        api_day_as_instant(ctx, out, p->predicted_runout_date);
        break;
    case GQL_F_ConsumptionPrediction_recommendedReorderDate:
        api_day_as_instant(ctx, out, p->recommended_reorder_date);
        break;
    case GQL_F_ConsumptionPrediction_sizeChangeProbability:
        api_decimal(out, arena, p->size_change_probability, 4);
        break;
    case GQL_F_ConsumptionPrediction_predictedNewSize: gql_cstr(out, p->predicted_new_size); break;
    case GQL_F_ConsumptionPrediction_sizeChangeEstimatedDate:
        api_day_as_instant(ctx, out, p->size_change_estimated_date);
        break;
    case GQL_F_ConsumptionPrediction_growthAdjustmentFactor:
        api_decimal(out, arena, p->growth_adjustment_factor, 4);
        break;
    case GQL_F_ConsumptionPrediction_seasonalAdjustmentFactor:
        api_decimal(out, arena, p->seasonal_adjustment_factor, 4);
        break;
    case GQL_F_ConsumptionPrediction_featureImportance:
        gql_raw(out, ns_str_of(p->feature_importance));
        break;
    case GQL_F_ConsumptionPrediction_trainingDataPoints: gql_int(out, p->training_data_points); break;
    case GQL_F_ConsumptionPrediction_trainingPeriodDays: gql_int(out, p->training_period_days); break;
    case GQL_F_ConsumptionPrediction_lastUsageDate:
        api_day_as_instant(ctx, out, p->last_usage_date);
        break;
    case GQL_F_ConsumptionPrediction_dailyForecast:
        gql_array(out, p->days, (size_t)p->day_count, sizeof *p->days);
        break;
    case GQL_F_ConsumptionPrediction_runoutEarliestDate:
        api_day_as_instant(ctx, out, p->runout_earliest_date);
        break;
    case GQL_F_ConsumptionPrediction_runoutLatestDate:
        api_day_as_instant(ctx, out, p->runout_latest_date);
        break;
    case GQL_F_ConsumptionPrediction_runoutConfidence:
        api_enum_named(out, GQL_T_PredictionConfidenceEnum, p->runout_confidence);
        break;
    case GQL_F_ConsumptionPrediction_demand30dLower: gql_int(out, p->demand_30d_lower); break;
    case GQL_F_ConsumptionPrediction_demand30dUpper: gql_int(out, p->demand_30d_upper); break;
    case GQL_F_ConsumptionPrediction_intervalCoverage:
        api_decimal(out, arena, p->interval_coverage, 2);
        break;
    case GQL_F_ConsumptionPrediction_modelKind: gql_cstr(out, p->model_kind); break;
    case GQL_F_ConsumptionPrediction_notes: prediction_notes(call, p, out); break;
    case GQL_F_ConsumptionPrediction_stockAtPrediction: gql_int(out, p->stock_at_prediction); break;
    case GQL_F_ConsumptionPrediction_createdAt: gql_time(out, p->created_at); break;
    default: api_get_prediction_more(call, p, out);
    }
}

GET(get_forecast_day) {
    const struct ns_prediction_day *d = object;
    switch (call->field) {
    case GQL_F_ForecastDay_date: gql_date(out, d->date); break;
    case GQL_F_ForecastDay_expected: api_decimal(out, call->arena, d->expected, 2); break;
    case GQL_F_ForecastDay_lower: api_decimal(out, call->arena, d->lower, 2); break;
    default: api_decimal(out, call->arena, d->upper, 2);
    }
}

/* ---- subscription dashboard: what exists of it ---- */

GET(get_dashboard) {
    const struct plan_dashboard *d = object;
    switch (call->field) {
    case GQL_F_SubscriptionDashboard_recentPredictions: api_page_nodes(call, d->predictions, out); break;
    case GQL_F_SubscriptionDashboard_analytics: gql_object(out, d); break;
    case GQL_F_SubscriptionDashboard_currentSubscription:
        gql_object(out, d->view->now.has ? &d->view->now.subscription : NULL);
        break;
    case GQL_F_SubscriptionDashboard_activePreferences: api_page_nodes(call, d->preferences, out); break;
    case GQL_F_SubscriptionDashboard_recentOrders:
        gql_array(out, d->orders, (size_t)d->order_count, sizeof *d->orders);
        break;
    case GQL_F_SubscriptionDashboard_usageThisPeriod: gql_raw(out, NS_STR("{}")); break;
    default: gql_time(out, plan_next_billing(d->view));
    }
}

/* ---- consent and audit ---- */

GET(get_consent) {
    const struct ns_consent *c = object;
    switch (call->field) {
    case GQL_F_UserConsent_consentType: gql_enum(out, (int)c->type); break;
    case GQL_F_UserConsent_status: gql_enum(out, (int)c->status); break;
    case GQL_F_UserConsent_grantedAt: gql_time(out, c->granted_at); break;
    case GQL_F_UserConsent_withdrawnAt: gql_time(out, c->withdrawn_at); break;
    case GQL_F_UserConsent_expiresAt: gql_time(out, c->expires_at); break;
    default: gql_cstr(out, c->version);
    }
}

GET(get_audit) {
    const struct ns_audit_entry *e = object;
    switch (call->field) {
    case GQL_F_AuditEntry_id: gql_id(out, e->id); break;
    case GQL_F_AuditEntry_at: gql_time(out, e->at); break;
    case GQL_F_AuditEntry_actorId: gql_id(out, e->actor_id); break;
    case GQL_F_AuditEntry_actorName: gql_cstr(out, e->actor_name); break;
    case GQL_F_AuditEntry_deviceId: gql_id(out, e->device_id); break;
    case GQL_F_AuditEntry_action: gql_cstr(out, e->action); break;
    case GQL_F_AuditEntry_entity: gql_cstr(out, e->entity); break;
    case GQL_F_AuditEntry_entityId: gql_id(out, e->entity_id); break;
    case GQL_F_AuditEntry_detail:
        if (e->detail == NULL) {
            gql_null(out);
        } else {
            gql_raw(out, ns_str_of(e->detail));
        }
        break;
    default: {
        char *hex = ns_arena_alloc(call->arena, NS_DIGEST * 2 + 1);
        for (size_t i = 0; i < NS_DIGEST; i++) {
            snprintf(hex + 2 * i, 3, "%02x", e->digest[i]);
        }
        gql_cstr(out, hex);
    }
    }
}

/* ---- imports, changes ---- */

GET(get_import) {
    const struct ns_import_job *j = object;
    switch (call->field) {
    case GQL_F_ImportJob_id: gql_id(out, j->id); break;
    case GQL_F_ImportJob_childId: gql_id(out, j->child_id); break;
    case GQL_F_ImportJob_fileName: gql_cstr(out, j->file_name); break;
    case GQL_F_ImportJob_format: gql_enum(out, (int)j->format); break;
    case GQL_F_ImportJob_state: gql_enum(out, (int)j->state); break;
    case GQL_F_ImportJob_dayOrder:
        gql_cstr(out, ns_arena_printf(call->arena, "%s (%s)", j->day_order, j->day_reason));
        break;
    case GQL_F_ImportJob_firstDate: gql_date(out, j->first_date); break;
    case GQL_F_ImportJob_lastDate: gql_date(out, j->last_date); break;
    case GQL_F_ImportJob_days: gql_int(out, j->days); break;
    case GQL_F_ImportJob_changes: gql_int(out, j->changes); break;
    case GQL_F_ImportJob_duplicates: gql_int(out, j->duplicates); break;
    case GQL_F_ImportJob_gapDays: gql_int(out, j->gap_days); break;
    case GQL_F_ImportJob_refusedLines: gql_int(out, j->refused_lines); break;
    case GQL_F_ImportJob_problems:
        gql_array(out, j->problems, (size_t)j->problem_count, sizeof *j->problems);
        break;
    case GQL_F_ImportJob_reasons:
        gql_array(out, j->reasons, (size_t)j->reason_count, sizeof *j->reasons);
        break;
    case GQL_F_ImportJob_written: gql_int(out, j->written); break;
    case GQL_F_ImportJob_total: gql_int(out, j->total); break;
    default: gql_time(out, j->created_at);
    }
}

GET(get_import_problem) {
    const struct ns_import_problem *p = object;
    const struct api_ctx *ctx = call->ctx;
    if (call->field == GQL_F_ImportProblem_line) {
        gql_int(out, p->line);
        return;
    }
    struct ns_buf text = NS_BUF(1000);
    ns_import_problem_text(&text, ctx->lang, p);
    gql_cstr(out, ns_arena_copy(call->arena, ns_buf_view(&text)));
    ns_buf_fini(&text);
}

GET(get_import_reason) {
    const struct ns_import_reason *r = object;
    const struct api_ctx *ctx = call->ctx;
    if (call->field == GQL_F_ImportReason_lines) {
        gql_int(out, r->count);
    } else {
        gql_cstr(out, ns_msg(ctx->lang, ns_import_reason_word(r->msg)));
    }
}

GET(get_change) {
    const struct ns_event *e = object;
    switch (call->field) {
    case GQL_F_HouseholdChange_sequence: gql_int(out, e->sequence); break;
    case GQL_F_HouseholdChange_kind: gql_enum(out, (int)e->kind); break;
    case GQL_F_HouseholdChange_childId: gql_id(out, e->child); break;
    default: gql_time(out, e->at);
    }
}

/* ---- responses ---- */

/* Every response type has success, message and error, and one or two fields of its own. */
GET(get_response) {
    const struct api_response *r = object;
    const char *name = gql_schema_nestsync.fields[call->field].name;
    struct ns_str field = ns_str_of(name);
    if (ns_str_is(field, "success")) {
        gql_bool(out, r->success);
    } else if (ns_str_is(field, "message")) {
        gql_cstr(out, r->message);
    } else if (ns_str_is(field, "error")) {
        gql_cstr(out, r->error);
    } else if (ns_str_is(field, "actionId")) {
        gql_id(out, r->action);
    } else if (ns_str_is(field, "kind")) {
        gql_cstr(out, r->kind);
    } else if (ns_str_is(field, "childId")) {
        gql_id(out, r->child);
    } else if (ns_str_is(field, "updatedInventoryItems")) {
        gql_array(out, r->item, r->item == NULL ? 0 : 1, sizeof *r->item);
    } else if (ns_str_is(field, "recommendations") && r->payload != NULL) {
        api_prediction_advice(call, r->payload, out);
    } else {
        gql_object(out, r->payload);
    }
}

/* Types that can be selected but of which no object exists before their area does. */
GET(get_nothing) {
    (void)call;
    (void)object;
    gql_null(out);
}

const struct gql_type_bind api_type_binds[] = {
    {GQL_T_ChildConnection, api_get_edges},
    {GQL_T_InventoryConnection, api_get_edges},
    {GQL_T_UsageLogConnection, api_get_edges},
    {GQL_T_ConsentConnection, api_get_edges},
    {GQL_T_AuditConnection, api_get_edges},
    {GQL_T_ChildEdge, api_get_edge},
    {GQL_T_InventoryItemEdge, api_get_edge},
    {GQL_T_UsageLogEdge, api_get_edge},
    {GQL_T_ConsentEdge, api_get_edge},
    {GQL_T_AuditEdge, api_get_edge},
    {GQL_T_PageInfo, api_get_page_info},
    {GQL_T_ConsumptionPredictionConnection, api_get_prediction_connection},
    {GQL_T_UserProfile, get_user},
    {GQL_T_Household, get_home},
    {GQL_T_ChildProfile, get_child},
    {GQL_T_InventoryItem, get_item},
    {GQL_T_UsageLog, get_log},
    {GQL_T_UsageDay, get_usage_day},
    {GQL_T_DashboardStats, get_stats},
    {GQL_T_ConsumptionPrediction, get_prediction},
    {GQL_T_SystemMetrics, api_get_metrics},
    {GQL_T_PredictionMetrics, api_get_metrics},
    {GQL_T_MetricAlert, api_get_metrics},
    {GQL_T_SubscriptionMetrics, api_get_metrics},
    {GQL_T_OrderMetrics, api_get_metrics},
    {GQL_T_ConfidenceCount, api_get_metrics},
    {GQL_T_TierCount, get_nothing},
    {GQL_T_RetailerMetrics, get_nothing},
    {GQL_T_Measurement, api_get_family},
    {GQL_T_ChildMark, api_get_family},
    {GQL_T_DeliveryTimes, api_get_family},
    {GQL_T_ForecastOutlook, api_get_outlook},
    {GQL_T_ForecastScenario, api_get_outlook},
    {GQL_T_ForecastReview, api_get_outlook},
    {GQL_T_SizeOutlook, api_get_outlook},
    {GQL_T_SupplyOutlook, api_get_outlook},
    {GQL_T_PredictionReplay, api_get_outlook},
    {GQL_T_ForecastDay, get_forecast_day},
    {GQL_T_SubscriptionDashboard, get_dashboard},
    {GQL_T_UserConsent, get_consent},
    {GQL_T_AuditEntry, get_audit},
    {GQL_T_ImportJob, get_import},
    {GQL_T_ImportProblem, get_import_problem},
    {GQL_T_ImportReason, get_import_reason},
    {GQL_T_HouseholdChange, get_change},
    {GQL_T_MutationResponse, get_response},
    {GQL_T_ChildResponse, get_response},
    {GQL_T_LogDiaperChangeResponse, get_response},
    {GQL_T_InventoryItemResponse, get_response},
    {GQL_T_PredictionResponse, get_response},
    {GQL_T_ChildMarkResponse, get_response},
    {GQL_T_UserProfileResponse, get_response},
    {GQL_T_UndoResponse, get_response},
    {GQL_T_ImportResponse, get_response},
    {GQL_T_SystemHealth, api_health_get},
    {GQL_T_ComponentHealth, api_health_get},
    {GQL_T_SupportReport, api_health_get},
    {GQL_T_SupportProblem, api_health_get},
    {GQL_T_ReorderTransaction, get_nothing},
};
const size_t api_type_bind_count = NS_COUNT(api_type_binds);
