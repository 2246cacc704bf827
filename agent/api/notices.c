/* notices.c: the notification fields of the contract over agent/household/notices.h. A person sees
 * their own only. Threads: loop thread. */
#include "agent/api/mutation.h"
#include "agent/api/notice_keeper.h"
#include "agent/household/notices.h"

#include <string.h>

/* What NotificationPreferences reads. */
struct shown {
    struct ns_notice_preferences p;
    const struct ns_notice_token *tokens;
    int token_count;
    const char *zone;
    ns_time since; /* the account's beginning */
};

static ns_rc preferences_of(struct api_ctx *ctx, struct shown **out, struct ns_err *err) {
    struct shown *s = NS_NEW(ctx->arena, struct shown);
    struct ns_db *db = ctx->api->s.read_db;
    struct ns_notice_token *tokens = NULL;
    struct ns_user user;
    ns_rc rc = ns_user_get(db, ctx->actor.user, ctx->arena, &user, err);
    rc = rc == NS_OK ? ns_row_notice_preferences(db, ctx->actor.user, ctx->arena, &s->p, err) : rc;
    rc = rc == NS_OK ? ns_row_notice_tokens(db, ctx->actor.user, ctx->arena, &tokens, &s->token_count, err) : rc;
    if (rc == NS_OK) {
        s->tokens = tokens;
        s->zone = s->p.timezone != NULL ? s->p.timezone : ns_zone_name(ctx->api->zone);
        s->since = s->p.created_at != NS_TIME_NONE ? s->p.created_at : user.created_at;
        s->p.id = ns_id_is_zero(s->p.id) ? user.id : s->p.id;
        *out = s;
    }
    return rc;
}

static void query_preferences(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    struct shown *s = NULL;
    struct ns_err err = {0};
    ns_rc rc = preferences_of(ctx, &s, &err);
    if (rc == NS_E_NOT_FOUND) {
        gql_null(out); /* nobody has moved in yet */
    } else if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
    } else {
        gql_object(out, s);
    }
}

/* A type of the contract stands for these kinds of ours. */
static int type_of(enum ns_notice_kind kind) {
    static const uint8_t types[NS_NOTICE_COUNT] = {
        [NS_NOTICE_OUT_OF_STOCK] = GQL_E_NotificationTypeEnum_STOCK_ALERT,
        [NS_NOTICE_LOW_STOCK] = GQL_E_NotificationTypeEnum_STOCK_ALERT,
        [NS_NOTICE_ORDER_NOW] = GQL_E_NotificationTypeEnum_STOCK_ALERT,
        [NS_NOTICE_EXPIRING] = GQL_E_NotificationTypeEnum_EXPIRY_WARNING,
        [NS_NOTICE_NO_CHANGE] = GQL_E_NotificationTypeEnum_CHANGE_REMINDER,
        [NS_NOTICE_BACKUP_FAILED] = GQL_E_NotificationTypeEnum_SYSTEM_UPDATE,
        [NS_NOTICE_DEVICE_PAIRED] = GQL_E_NotificationTypeEnum_SYSTEM_UPDATE,
        [NS_NOTICE_TRIAL_ENDS] = GQL_E_NotificationTypeEnum_BILLING_UPDATE,
        [NS_NOTICE_TRIAL_ENDED] = GQL_E_NotificationTypeEnum_BILLING_UPDATE,
        [NS_NOTICE_RENEWAL] = GQL_E_NotificationTypeEnum_BILLING_UPDATE,
        [NS_NOTICE_PAYMENT_FAILED] = GQL_E_NotificationTypeEnum_BILLING_UPDATE,
        [NS_NOTICE_GRACE_OVER] = GQL_E_NotificationTypeEnum_BILLING_UPDATE,
        [NS_NOTICE_SECOND_SUBSCRIPTION] = GQL_E_NotificationTypeEnum_BILLING_UPDATE,
        [NS_NOTICE_PLAN_NEWS] = GQL_E_NotificationTypeEnum_BILLING_UPDATE,
        [NS_NOTICE_TEST] = GQL_E_NotificationTypeEnum_SYSTEM_UPDATE,
    };
    return types[kind];
}

static uint32_t kinds_of(int type) {
    uint32_t kinds = 0;
    for (int k = 0; k < NS_NOTICE_COUNT; k++) {
        kinds |= type == NS_NONE || type_of((enum ns_notice_kind)k) == type ? 1U << k : 0;
    }
    return kinds;
}

static int64_t within(int64_t value, int64_t low, int64_t high) {
    return value < low ? low : value > high ? high : value;
}

static void query_history(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    struct ns_err err = {0};
    struct ns_notice *list = NULL;
    int count = 0;
    int64_t total = 0;
    int64_t days = within(arg_int(&call->args[GQL_A_Query_getNotificationHistory_daysBack], 30), 1, 366);
    int limit = (int)within(arg_int(&call->args[GQL_A_Query_getNotificationHistory_limit], 50), 0, 500);
    int64_t offset = within(arg_int(&call->args[GQL_A_Query_getNotificationHistory_offset], 0), 0, 1000000);
    int type = arg_enum(&call->args[GQL_A_Query_getNotificationHistory_notificationType], NS_NONE);
    ns_rc rc = ns_row_notice_list(ctx->api->s.read_db, ctx->actor.user, kinds_of(type), ctx->now - days * NS_DAY,
                                  limit, (int)offset, ctx->arena, &list, &count, &total, &err);
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    gql_object(out, api_connection_of(ctx->arena, list, sizeof *list, count, offset, total));
}

/* ---- changes ---- */

static const void *answer_preferences(struct mutation *m) {
    struct shown *s = NULL;
    struct ns_err err = {0};
    if (m->rc == NS_OK && preferences_of(m->ctx, &s, &err) == NS_OK) {
        m->response.payload = s;
    }
    return &m->response;
}

static ns_rc work_wish(struct mutation *m) {
    struct ns_notice_preferences now;
    return ns_notice_wish(&m->act, m->own, &now, &m->err);
}

static void look_again(struct mutation *m) {
    ns_notice_keeper_look(m->ctx->api->notices);
}

static int64_t number_or_none(const struct gql_value *v) {
    return gql_given(v) ? arg_int(v, 0) : NS_NONE;
}

#define WISH(name) (&f[GQL_I_UpdateNotificationPreferencesInput_##name])

static void update_preferences(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    const struct gql_value *f = call->args[GQL_A_Mutation_updateNotificationPreferences_input].items;
    struct mutation *m = mutation_begin(call, work_wish);
    struct ns_arena *arena = m->ctx->arena;
    struct ns_notice_wish *in = NS_NEW(arena, struct ns_notice_wish);
    const struct {
        const struct gql_value *value;
        uint32_t bit;
    } switches[] = {
        {WISH(notificationsEnabled), NS_NOTIFY_ON},          {WISH(criticalNotifications), NS_NOTIFY_CRITICAL},
        {WISH(importantNotifications), NS_NOTIFY_IMPORTANT}, {WISH(optionalNotifications), NS_NOTIFY_OPTIONAL},
        {WISH(pushNotifications), NS_NOTIFY_PUSH},           {WISH(emailNotifications), NS_NOTIFY_EMAIL},
        {WISH(smsNotifications), NS_NOTIFY_SMS},             {WISH(quietHoursEnabled), NS_NOTIFY_QUIET},
        {WISH(stockAlertEnabled), NS_NOTIFY_STOCK},          {WISH(changeReminderEnabled), NS_NOTIFY_CHANGE},
        {WISH(expiryWarningEnabled), NS_NOTIFY_EXPIRY},      {WISH(healthTipsEnabled), NS_NOTIFY_TIPS},
        {WISH(marketingEnabled), NS_NOTIFY_MARKETING},
    };
    for (size_t i = 0; i < NS_COUNT(switches); i++) {
        in->set |= gql_given(switches[i].value) ? switches[i].bit : 0;
        in->switches |= arg_bool(switches[i].value, false) ? switches[i].bit : 0;
    }
    in->stock_days = number_or_none(WISH(stockAlertThreshold));
    in->change_hours = number_or_none(WISH(changeReminderIntervalHours));
    in->expiry_days = number_or_none(WISH(expiryWarningDays));
    in->daily_limit = number_or_none(WISH(dailyNotificationLimit));
    in->quiet_from = arg_text(arena, WISH(quietHoursStart));
    in->quiet_until = arg_text(arena, WISH(quietHoursEnd));
    in->timezone = arg_text(arena, WISH(userTimezone));
    in->consent = arg_flag(WISH(notificationConsentGranted));
    in->marketing_consent = arg_flag(WISH(marketingConsentGranted));
    m->own = in;
    m->message = NS_MSG_api_notice_saved;
    m->after = look_again;
    m->answer = answer_preferences;
    mutation_submit(m, out);
}

static ns_rc work_token(struct mutation *m) {
    const char *const *in = m->own;
    return ns_notice_token(&m->act, in[0], in[1], &m->err);
}

static void register_token(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    const struct gql_value *f = call->args[GQL_A_Mutation_registerDeviceToken_input].items;
    struct mutation *m = mutation_begin(call, work_token);
    const char **in = NS_NEW_N(m->ctx->arena, const char *, 2);
    in[0] = arg_text(m->ctx->arena, &f[GQL_I_RegisterDeviceTokenInput_deviceToken]);
    in[1] = arg_text(m->ctx->arena, &f[GQL_I_RegisterDeviceTokenInput_platform]);
    m->own = in;
    m->message = NS_MSG_notice_no_channel;
    m->answer = answer_preferences;
    mutation_submit(m, out);
}


static ns_rc work_mark(struct mutation *m) {
    static const char *const actions[] = {"opened", "clicked", "dismissed"};
    const char *action = m->own;
    for (size_t i = 0; i < NS_COUNT(actions); i++) {
        if (strcmp(action, actions[i]) == 0) {
            return ns_notice_mark(&m->act, m->id, (enum ns_notice_seen)i, &m->err);
        }
    }
    return ns_err_say(&m->err, NS_E_INPUT, NS_MSG_api_notice_action, action, NULL, NULL);
}

static void tell_notice(struct mutation *m) {
    ns_events_publish(m->ctx->api->s.events, (struct ns_event){.kind = NS_EVENT_NOTICE, .entity = m->id, .at = m->act.now});
}

static void mark_read(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct mutation *m = mutation_begin(call, work_mark);
    const char *action = arg_text(m->ctx->arena, &call->args[GQL_A_Mutation_markNotificationRead_action]);
    if (need_id(m->ctx, &call->args[GQL_A_Mutation_markNotificationRead_notificationId], &m->id, out)) {
        m->own = ns_arena_copy(m->ctx->arena, ns_str_of(action == NULL ? "" : action));
        m->after = tell_notice;
        mutation_submit(m, out);
    }
}

static ns_rc work_test(struct mutation *m) {
    struct ns_notice *n = NS_NEW(m->act.arena, struct ns_notice);
    ns_rc rc = ns_notice_test(&m->act, m->own, n, &m->err);
    m->response.payload = rc == NS_OK ? n : NULL;
    return rc;
}

static void test_notice(const struct gql_call *call, const void *none, struct gql_out *out) {
    (void)none;
    struct mutation *m = mutation_begin(call, work_test);
    const char *message = arg_text(m->ctx->arena, &call->args[GQL_A_Mutation_testNotification_message]);
    m->own = ns_arena_copy(m->ctx->arena, ns_str_of(message == NULL ? "" : message));
    m->after = tell_notice;
    mutation_submit(m, out);
}

/* ---- fields ---- */

static void put_minute(struct gql_out *out, struct ns_arena *arena, int minute) {
    gql_cstr(out, minute == NS_NONE ? NULL : ns_arena_printf(arena, "%02d:%02d", minute / 60, minute % 60));
}

static void get_preferences(const struct gql_call *call, const void *object, struct gql_out *out) {
    static const struct {
        uint16_t field;
        uint32_t bit;
    } switches[] = {
        {GQL_F_NotificationPreferences_notificationsEnabled, NS_NOTIFY_ON},
        {GQL_F_NotificationPreferences_criticalNotifications, NS_NOTIFY_CRITICAL},
        {GQL_F_NotificationPreferences_importantNotifications, NS_NOTIFY_IMPORTANT},
        {GQL_F_NotificationPreferences_optionalNotifications, NS_NOTIFY_OPTIONAL},
        {GQL_F_NotificationPreferences_pushNotifications, NS_NOTIFY_PUSH},
        {GQL_F_NotificationPreferences_emailNotifications, NS_NOTIFY_EMAIL},
        {GQL_F_NotificationPreferences_smsNotifications, NS_NOTIFY_SMS},
        {GQL_F_NotificationPreferences_quietHoursEnabled, NS_NOTIFY_QUIET},
        {GQL_F_NotificationPreferences_stockAlertEnabled, NS_NOTIFY_STOCK},
        {GQL_F_NotificationPreferences_changeReminderEnabled, NS_NOTIFY_CHANGE},
        {GQL_F_NotificationPreferences_expiryWarningEnabled, NS_NOTIFY_EXPIRY},
        {GQL_F_NotificationPreferences_healthTipsEnabled, NS_NOTIFY_TIPS},
        {GQL_F_NotificationPreferences_marketingEnabled, NS_NOTIFY_MARKETING},
    };
    const struct shown *s = object;
    const struct ns_notice_preferences *p = &s->p;
    for (size_t i = 0; i < NS_COUNT(switches); i++) {
        if (call->field == switches[i].field) {
            gql_bool(out, (p->switches & switches[i].bit) != 0);
            return;
        }
    }
    switch (call->field) {
    case GQL_F_NotificationPreferences_id: gql_id(out, p->id); break;
    case GQL_F_NotificationPreferences_userId: gql_id(out, p->user_id); break;
    case GQL_F_NotificationPreferences_quietHoursStart: put_minute(out, call->arena, p->quiet_from); break;
    case GQL_F_NotificationPreferences_quietHoursEnd: put_minute(out, call->arena, p->quiet_until); break;
    case GQL_F_NotificationPreferences_stockAlertThreshold: gql_int(out, p->stock_days); break;
    case GQL_F_NotificationPreferences_changeReminderIntervalHours: gql_int(out, p->change_hours); break;
    case GQL_F_NotificationPreferences_expiryWarningDays: gql_int(out, p->expiry_days); break;
    case GQL_F_NotificationPreferences_deviceTokens:
        gql_array(out, s->tokens, (size_t)s->token_count, sizeof *s->tokens);
        break;
    case GQL_F_NotificationPreferences_userTimezone: gql_cstr(out, s->zone); break;
    case GQL_F_NotificationPreferences_dailyNotificationLimit: gql_int(out, p->daily_limit); break;
    case GQL_F_NotificationPreferences_notificationConsentGranted: gql_bool(out, p->consent_at != NS_TIME_NONE); break;
    case GQL_F_NotificationPreferences_notificationConsentDate: gql_time(out, p->consent_at); break;
    case GQL_F_NotificationPreferences_marketingConsentGranted: gql_bool(out, p->marketing_consent_at != NS_TIME_NONE); break;
    case GQL_F_NotificationPreferences_marketingConsentDate: gql_time(out, p->marketing_consent_at); break;
    case GQL_F_NotificationPreferences_createdAt: gql_time(out, s->since); break;
    default: gql_time(out, p->updated_at);
    }
}

static void get_token(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct ns_notice_token *t = object;
    gql_cstr(out, call->field == GQL_F_DeviceToken_deviceToken ? t->token : t->platform);
}

static void put_words(const struct gql_call *call, const struct ns_notice *n, struct gql_out *out) {
    const struct api_ctx *ctx = call->ctx;
    struct ns_buf title = NS_BUF(1000), text = NS_BUF(4000);
    ns_notice_words(n, ctx->lang, &title, &text);
    gql_cstr(out, ns_arena_copy(call->arena, ns_buf_view(call->field == GQL_F_NotificationDeliveryLog_title ? &title : &text)));
    ns_buf_fini(&title);
    ns_buf_fini(&text);
}

static void get_notice(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct ns_notice *n = object;
    const struct api_ctx *ctx = call->ctx;
    bool failed = n->status == NS_NOTICE_IS_FAILED;
    switch (call->field) {
    case GQL_F_NotificationDeliveryLog_id: gql_id(out, n->id); break;
    case GQL_F_NotificationDeliveryLog_userId: gql_id(out, n->user_id); break;
    case GQL_F_NotificationDeliveryLog_notificationType: gql_enum(out, type_of(n->kind)); break;
    case GQL_F_NotificationDeliveryLog_priority: gql_enum(out, (int)ns_notice_priority(n->kind)); break;
    case GQL_F_NotificationDeliveryLog_channel: gql_enum(out, (int)n->channel); break;
    case GQL_F_NotificationDeliveryLog_title:
    case GQL_F_NotificationDeliveryLog_message: put_words(call, n, out); break;
    case GQL_F_NotificationDeliveryLog_deliveryStatus: gql_enum(out, (int)n->status); break;
    case GQL_F_NotificationDeliveryLog_sentAt:
    case GQL_F_NotificationDeliveryLog_deliveredAt: gql_time(out, n->delivered_at); break;
    case GQL_F_NotificationDeliveryLog_errorCode: gql_cstr(out, failed ? "NO_SUCH_SERVICE" : NULL); break;
    case GQL_F_NotificationDeliveryLog_errorMessage:
        gql_cstr(out, failed ? ns_msg(ctx->lang, NS_MSG_notice_no_channel) : NULL);
        break;
    case GQL_F_NotificationDeliveryLog_dataRetentionDate:
        gql_time(out, n->created_at + NS_NOTICES_KEPT_DAYS * NS_DAY);
        break;
    case GQL_F_NotificationDeliveryLog_openedAt: gql_time(out, n->opened_at); break;
    case GQL_F_NotificationDeliveryLog_clickedAt: gql_time(out, n->clicked_at); break;
    case GQL_F_NotificationDeliveryLog_dismissedAt: gql_time(out, n->dismissed_at); break;
    case GQL_F_NotificationDeliveryLog_createdAt: gql_time(out, n->created_at); break;
    default: gql_null(out); /* what only a delivery service outside has: queue, ids, replies */
    }
}

static void get_response(const struct gql_call *call, const void *object, struct gql_out *out) {
    const struct api_response *r = object;
    switch (call->field) {
    case GQL_F_NotificationPreferencesResponse_success:
    case GQL_F_TestNotificationResponse_success:
    case GQL_F_TestNotificationResponse_testSent: gql_bool(out, r->success); break;
    case GQL_F_NotificationPreferencesResponse_message:
    case GQL_F_TestNotificationResponse_message: gql_cstr(out, r->message); break;
    case GQL_F_NotificationPreferencesResponse_error:
    case GQL_F_TestNotificationResponse_error: gql_cstr(out, r->error); break;
    default: gql_object(out, r->payload);
    }
}

static const struct gql_root_bind roots[] = {
    {GQL_F_Query_getNotificationPreferences, query_preferences},
    {GQL_F_Query_getNotificationHistory, query_history},
    {GQL_F_Mutation_updateNotificationPreferences, update_preferences},
    {GQL_F_Mutation_registerDeviceToken, register_token},
    {GQL_F_Mutation_markNotificationRead, mark_read},
    {GQL_F_Mutation_testNotification, test_notice},
};
static const struct gql_type_bind types[] = {
    {GQL_T_NotificationPreferences, get_preferences},
    {GQL_T_DeviceToken, get_token},
    {GQL_T_NotificationPreferencesResponse, get_response},
    {GQL_T_TestNotificationResponse, get_response},
    {GQL_T_NotificationDeliveryLog, get_notice},
    {GQL_T_NotificationDeliveryLogEdge, api_get_edge},
    {GQL_T_NotificationDeliveryLogConnection, api_get_edges},
};
const struct api_part api_notices_part = {roots, NS_COUNT(roots), types, NS_COUNT(types)};
