/* refusals.c: the honest answer of every root field whose part is not set up on this agent.
 *
 * A mutation, and a query whose answer has a field `success`, says success false and what is
 * missing; another query is null, an empty list or an empty page, or an error NOT_SET_UP where
 * the schema allows neither. Nothing is ever made up: no object of a type named here exists, so
 * its reader gives only what says "nothing". A part that is there binds its own resolvers and
 * readers after these and so takes their place (api.c).
 * Threads: loop thread. */
#include "agent/api/context.h"

#include <string.h>

/* What is missing, for the person who asked. */
struct missing {
    uint16_t field;
    enum ns_msg what;
};
static const struct missing missing[] = {
    {GQL_F_Mutation_signUp, NS_MSG_api_no_accounts},
    {GQL_F_Mutation_signIn, NS_MSG_api_no_accounts},
    {GQL_F_Mutation_changePassword, NS_MSG_api_no_accounts},
    {GQL_F_Mutation_resetPassword, NS_MSG_api_no_accounts},
    {GQL_F_Mutation_completePasswordReset, NS_MSG_api_no_accounts},
    {GQL_F_Mutation_updateProfile, NS_MSG_api_no_accounts},
    {GQL_F_Query_complianceReport, NS_MSG_api_no_privacy},
    {GQL_F_Query_retentionPolicies, NS_MSG_api_no_privacy},
    {GQL_F_Mutation_deleteUserAccount, NS_MSG_api_no_privacy},
    {GQL_F_Mutation_updateRetentionPolicy, NS_MSG_api_no_privacy},
    {GQL_F_Query_onboardingStatus, NS_MSG_api_no_children},
    {GQL_F_Mutation_completeOnboardingStep, NS_MSG_api_no_children},
    {GQL_F_Mutation_completeOnboarding, NS_MSG_api_no_children},
    {GQL_F_Mutation_setupAutoReorder, NS_MSG_api_no_reorder},
    {GQL_F_Mutation_shareReorderSuggestion, NS_MSG_api_no_reorder},
    {GQL_F_Query_myFamilies, NS_MSG_api_no_family},
    {GQL_F_Query_familyDetails, NS_MSG_api_no_family},
    {GQL_F_Query_familyMembers, NS_MSG_api_no_family},
    {GQL_F_Query_pendingInvitations, NS_MSG_api_no_family},
    {GQL_F_Query_familyPresence, NS_MSG_api_no_family},
    {GQL_F_Mutation_createFamily, NS_MSG_api_no_family},
    {GQL_F_Mutation_inviteCaregiver, NS_MSG_api_no_family},
    {GQL_F_Mutation_acceptInvitation, NS_MSG_api_no_family},
    {GQL_F_Mutation_addChildToFamily, NS_MSG_api_no_family},
    {GQL_F_Mutation_updatePresence, NS_MSG_api_no_family},
    {GQL_F_Query_getUsageAnalytics, NS_MSG_api_no_analytics},
    {GQL_F_Query_getWeeklyTrends, NS_MSG_api_no_analytics},
    {GQL_F_Query_getDailySummary, NS_MSG_api_no_analytics},
    {GQL_F_Query_getUsagePatterns, NS_MSG_api_no_analytics},
    {GQL_F_Query_getInventoryInsights, NS_MSG_api_no_analytics},
    {GQL_F_Query_getAnalyticsDashboard, NS_MSG_api_no_analytics},
    {GQL_F_Query_getEnhancedAnalyticsDashboard, NS_MSG_api_no_analytics},
};

static const char *words(const struct api_ctx *ctx, uint16_t field) {
    for (size_t i = 0; i < NS_COUNT(missing); i++) {
        if (missing[i].field == field) {
            return ns_msg(ctx->lang, missing[i].what);
        }
    }
    return ns_msg(ctx->lang, NS_MSG_api_not_served);
}

static bool has_field(uint16_t type, const char *name) {
    return gql_schema_field(&gql_schema_nestsync, type, ns_str_of(name)) != GQL_NONE;
}

static void refuse(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    const struct api_ctx *ctx = call->ctx;
    struct gql_ref ref = gql_schema_nestsync.fields[call->field].ref;
    const char *text = words(ctx, call->field);
    bool non_null = gql_ref_non_null(ref);
    if (has_field(ref.type, "success")) {
        struct api_response *r = NS_NEW(call->arena, struct api_response);
        *r = (struct api_response){.message = text, .error = text};
        gql_object(out, r);
    } else if (gql_ref_list(non_null ? gql_ref_inner(ref) : ref)) {
        gql_list(out, NULL, 0);
    } else if (!non_null) {
        gql_null(out);
    } else if (has_field(ref.type, "pageInfo") || has_field(ref.type, "hasNextPage")) {
        gql_object(out, api_connection_of(call->arena, NULL, 0, 0, 0, 0));
    } else {
        gql_fail(out, GQL_CODE_NOT_SET_UP, text);
    }
}

/* Reads an answer of refuse(): success false with the words, or an empty page. */
static void get_refusal(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct gql_field_def *f = &gql_schema_nestsync.fields[call->field];
    const struct api_ctx *ctx = call->ctx;
    bool refused = has_field(f->owner, "success");
    if (refused && (strcmp(f->name, "message") == 0 || strcmp(f->name, "error") == 0)) {
        gql_cstr(out, ((const struct api_response *)object)->message);
    } else if (!gql_ref_non_null(f->ref)) {
        gql_null(out);
    } else if (gql_ref_list(gql_ref_inner(f->ref))) {
        gql_list(out, NULL, 0);
    } else if (f->ref.type == GQL_T_Boolean) {
        gql_bool(out, false);
    } else if (f->ref.type == GQL_T_Int) {
        gql_int(out, 0);
    } else if (f->ref.type == GQL_T_PageInfo) {
        gql_object(out, object);
    } else {
        gql_fail(out, GQL_CODE_NOT_SET_UP, ns_msg(ctx->lang, NS_MSG_api_not_served));
    }
}

static const struct gql_root_bind roots[] = {
    {GQL_F_Mutation_signUp, refuse},
    {GQL_F_Mutation_signIn, refuse},
    {GQL_F_Mutation_changePassword, refuse},
    {GQL_F_Mutation_resetPassword, refuse},
    {GQL_F_Mutation_completePasswordReset, refuse},
    {GQL_F_Mutation_updateProfile, refuse},
    {GQL_F_Query_complianceReport, refuse},
    {GQL_F_Query_retentionPolicies, refuse},
    {GQL_F_Mutation_deleteUserAccount, refuse},
    {GQL_F_Mutation_updateRetentionPolicy, refuse},
    {GQL_F_Query_onboardingStatus, refuse},
    {GQL_F_Mutation_completeOnboardingStep, refuse},
    {GQL_F_Mutation_completeOnboarding, refuse},
    {GQL_F_Mutation_setupAutoReorder, refuse},
    {GQL_F_Mutation_shareReorderSuggestion, refuse},
    {GQL_F_Query_myFamilies, refuse},
    {GQL_F_Query_familyDetails, refuse},
    {GQL_F_Query_familyMembers, refuse},
    {GQL_F_Query_pendingInvitations, refuse},
    {GQL_F_Query_familyPresence, refuse},
    {GQL_F_Mutation_createFamily, refuse},
    {GQL_F_Mutation_inviteCaregiver, refuse},
    {GQL_F_Mutation_acceptInvitation, refuse},
    {GQL_F_Mutation_addChildToFamily, refuse},
    {GQL_F_Mutation_updatePresence, refuse},
    {GQL_F_Query_getUsageAnalytics, refuse},
    {GQL_F_Query_getWeeklyTrends, refuse},
    {GQL_F_Query_getDailySummary, refuse},
    {GQL_F_Query_getUsagePatterns, refuse},
    {GQL_F_Query_getInventoryInsights, refuse},
    {GQL_F_Query_getAnalyticsDashboard, refuse},
    {GQL_F_Query_getEnhancedAnalyticsDashboard, refuse},
};
static const struct gql_type_bind types[] = {
    {GQL_T_AcceptInvitationResponse, get_refusal},
    {GQL_T_AddChildToFamilyResponse, get_refusal},
    {GQL_T_AffiliateInfo, get_refusal},
    {GQL_T_AnalyticsDashboard, get_refusal},
    {GQL_T_AnalyticsDashboardResponse, get_refusal},
    {GQL_T_AuthResponse, get_refusal},
    {GQL_T_AutoReorder, get_refusal},
    {GQL_T_AutoReorderResponse, get_refusal},
    {GQL_T_CaregiverInvitation, get_refusal},
    {GQL_T_CaregiverInvitationConnection, get_refusal},
    {GQL_T_CaregiverPresence, get_refusal},
    {GQL_T_ComplianceReport, get_refusal},
    {GQL_T_ConsentRecords, get_refusal},
    {GQL_T_CostAnalysis, get_refusal},
    {GQL_T_CustomerReview, get_refusal},
    {GQL_T_CustomerReviews, get_refusal},
    {GQL_T_DailySummaryResponse, get_refusal},
    {GQL_T_DailyUsageSummary, get_refusal},
    {GQL_T_DeleteUserAccountResponse, get_refusal},
    {GQL_T_DeliveryOption, get_refusal},
    {GQL_T_DetailedPeakHours, get_refusal},
    {GQL_T_DeviceInfo, get_refusal},
    {GQL_T_EfficiencyScore, get_refusal},
    {GQL_T_EnhancedAnalyticsDashboard, get_refusal},
    {GQL_T_EnhancedAnalyticsDashboardResponse, get_refusal},
    {GQL_T_Family, get_refusal},
    {GQL_T_FamilyConnection, get_refusal},
    {GQL_T_FamilyMember, get_refusal},
    {GQL_T_FamilyMemberConnection, get_refusal},
    {GQL_T_FamilyResponse, get_refusal},
    {GQL_T_FamilySettings, get_refusal},
    {GQL_T_HealthInsight, get_refusal},
    {GQL_T_HourlyUsageDistribution, get_refusal},
    {GQL_T_InventoryInsight, get_refusal},
    {GQL_T_InventoryInsights, get_refusal},
    {GQL_T_InventoryInsightsResponse, get_refusal},
    {GQL_T_InviteCaregiverResponse, get_refusal},
    {GQL_T_MemberPermissions, get_refusal},
    {GQL_T_OnboardingStatusResponse, get_refusal},
    {GQL_T_OnboardingWizardStep, get_refusal},
    {GQL_T_PairedDevice, get_refusal},
    {GQL_T_PaymentComplianceData, get_refusal},
    {GQL_T_PaymentMethodComplianceData, get_refusal},
    {GQL_T_PeakHourRange, get_refusal},
    {GQL_T_PersonSummary, get_refusal},
    {GQL_T_PredictionInsight, get_refusal},
    {GQL_T_PresenceResponse, get_refusal},
    {GQL_T_QualityInsights, get_refusal},
    {GQL_T_QuickOrderOption, get_refusal},
    {GQL_T_ReorderTrigger, get_refusal},
    {GQL_T_RetailerPriceUpdate, get_refusal},
    {GQL_T_RetentionPolicy, get_refusal},
    {GQL_T_ShareRecipient, get_refusal},
    {GQL_T_ShareSuggestionResponse, get_refusal},
    {GQL_T_SharedSuggestion, get_refusal},
    {GQL_T_SizePredictions, get_refusal},
    {GQL_T_StockAlert, get_refusal},
    {GQL_T_SubscriptionComplianceData, get_refusal},
    {GQL_T_SuggestedOrder, get_refusal},
    {GQL_T_TrendDataPoint, get_refusal},
    {GQL_T_UpcomingPurchase, get_refusal},
    {GQL_T_UsageAnalytics, get_refusal},
    {GQL_T_UsageAnalyticsResponse, get_refusal},
    {GQL_T_UsageDataPoint, get_refusal},
    {GQL_T_UsagePattern, get_refusal},
    {GQL_T_UsagePatternsResponse, get_refusal},
    {GQL_T_UserSession, get_refusal},
    {GQL_T_WeekendPattern, get_refusal},
    {GQL_T_WeeklyPatterns, get_refusal},
    {GQL_T_WeeklyTrendPoint, get_refusal},
    {GQL_T_WeeklyTrends, get_refusal},
    {GQL_T_WeeklyTrendsResponse, get_refusal},
};
const struct api_part api_refusals_part = {roots, NS_COUNT(roots), types, NS_COUNT(types)};
