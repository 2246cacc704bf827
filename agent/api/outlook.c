/* outlook.c: what if, how right were we, shared shelves, supplies, replays. All only read: what is
 * asked about is copied here on the loop, the model runs on the pool, the answer is told here. */
#include "agent/household/outlook.h"
#include "agent/api/context.h"
#include "agent/household/prediction.h"

#include <stdio.h>

#define ROOT(name) void name(const struct gql_call *call, const void *none, struct gql_out *out)
#define SICK_MOST 60
#define SPAN_MOST 180
#define MARKS_MOST 5 /* sick, closed twice, away twice */

/* One demand and run-out, whatever it is of. */
struct outlook {
    struct ns_forecast_sum demand;
    bool has_runout;
    ns_date runout[3];
    ns_date reorder;
};

static const struct outlook *outlook_of(struct ns_arena *arena, const struct ns_forecast *f) {
    struct outlook *o = NS_NEW(arena, struct outlook);
    o->demand = f->total[NS_FORECAST_DAYS - 1];
    o->has_runout = f->has_runout;
    o->runout[0] = f->runout_q10;
    o->runout[1] = f->runout_median;
    o->runout[2] = f->runout_q90;
    o->reorder = f->reorder_date;
    return o;
}

static const char *filled(struct ns_arena *arena, enum ns_lang lang, enum ns_msg msg, const char *const *args,
                          size_t count) {
    struct ns_buf buf = NS_BUF(2000);
    ns_msg_format(&buf, lang, msg, args, count);
    const char *text = ns_arena_copy(arena, ns_buf_view(&buf));
    ns_buf_fini(&buf);
    return text;
}

static const char *day_text(struct ns_arena *arena, enum ns_lang lang, ns_date day) {
    struct ns_buf buf = NS_BUF(60);
    ns_text_date(&buf, lang, day, false);
    const char *text = ns_arena_copy(arena, ns_buf_view(&buf));
    ns_buf_fini(&buf);
    return text;
}

static const char *whole(struct ns_arena *arena, double value) {
    return ns_arena_printf(arena, "%ld", lround(value));
}

/* ---- a question to the model ---- */

struct question {
    struct ns_job job; /* first: a job is its question */
    struct api_ctx *ctx;
    ns_rc (*model)(struct question *q); /* on the pool; the operation's arena is its own meanwhile */
    void (*tell)(const struct question *q, struct gql_out *out);
    struct ns_prediction_request *request;
    struct ns_shelves *shelves;
    struct ns_scenario_input input;
    struct ns_scenario scenario;
    int days;
    struct ns_review review;
    const struct ns_shelf *list;
    int count;
    struct ns_replay replay;
    ns_rc rc;
    struct ns_err err;
};

static void model_work(struct ns_job *job) {
    struct question *q = (struct question *)job;
    q->rc = q->model(q);
}

static void answer(struct question *q, struct gql_out *out) {
    ns_prediction_free(q->request);
    ns_shelves_free(q->shelves);
    if (q->rc != NS_OK) {
        api_fail(q->ctx, out, q->rc, &q->err);
    } else {
        q->tell(q, out);
    }
}

/* Also when who asked has gone: the operation then ends without a word. */
static void modelled(struct ns_job *job) {
    struct question *q = (struct question *)job;
    struct gql_out out = {0};
    answer(q, &out);
    q->ctx->resume(q->ctx, &out); /* may free the arena and q with it */
}

static struct question *question_begin(struct api_ctx *ctx, ns_rc (*model)(struct question *),
                                       void (*tell)(const struct question *, struct gql_out *)) {
    struct question *q = NS_NEW(ctx->arena, struct question);
    q->job = (struct ns_job){.run = model_work, .done = modelled};
    q->ctx = ctx;
    q->model = model;
    q->tell = tell;
    return q;
}

/* With the outcome of the reading; a refusal is told at once. */
static void question_ask(struct question *q, ns_rc rc, struct gql_out *out) {
    struct ns_api *api = q->ctx->api;
    if (rc == NS_OK && !api->closing && ns_executor_submit(api->s.pool, &q->job) == NS_OK) {
        gql_pending(out); /* q is the pool's now, and not looked at: it may have failed there already */
        return;
    }
    q->rc = rc != NS_OK ? rc : ns_err_note(&q->err, NS_E_BUSY, "the queue of the pool is full");
    answer(q, out);
}

/* ---- what if ---- */

static ns_rc scenario_model(struct question *q) {
    return ns_scenario_run(q->request, &q->input, &q->scenario, &q->err);
}

static void scenario_tell(const struct question *q, struct gql_out *out) {
    gql_object(out, &q->scenario);
}

static bool span(struct ns_scenario_input *in, struct ns_use_mark *marks, enum ns_mark_kind kind,
                 ns_date first, ns_date last) {
    if (first == NS_DATE_NONE && last == NS_DATE_NONE) {
        return true;
    }
    if (first == NS_DATE_NONE || last == NS_DATE_NONE || last < first || last - first > SPAN_MOST) {
        return false;
    }
    marks[in->mark_count++] = (struct ns_use_mark){kind, first, last, 0};
    return true;
}

/* A number of days from today on. */
static bool ahead_days(const struct api_ctx *ctx, struct ns_scenario_input *in, struct ns_use_mark *marks,
                       enum ns_mark_kind kind, const struct gql_value *v) {
    int64_t days = arg_int(v, 0);
    if (days == 0) {
        return true;
    }
    return days > 0 && days <= SPAN_MOST && span(in, marks, kind, ctx->today, ctx->today + (ns_date)days - 1);
}

static bool read_scenario(const struct api_ctx *ctx, const struct gql_value *v,
                          struct ns_use_mark *marks, struct ns_scenario_input *in) {
    int64_t sick = arg_int(&v[GQL_I_ForecastScenarioInput_sickDays], 0);
    in->marks = marks;
    in->newcomer = arg_date(&v[GQL_I_ForecastScenarioInput_secondChildBorn]);
    if (sick < 0 || sick > SICK_MOST) {
        return false;
    }
    if (sick > 0) {
        marks[in->mark_count++] =
            (struct ns_use_mark){NS_MARK_ILL, ctx->today, ctx->today + (ns_date)sick - 1, 0};
    }
    bool sane = in->newcomer == NS_DATE_NONE ||
                (in->newcomer > ctx->today - 366 && in->newcomer < ctx->today + 366);
    if (gql_given(&v[GQL_I_ForecastScenarioInput_secondChildInDays])) {
        int64_t ahead = v[GQL_I_ForecastScenarioInput_secondChildInDays].integer;
        sane = ahead >= 0 && ahead < 366;
        in->newcomer = sane ? ctx->today + (ns_date)ahead : NS_DATE_NONE;
    }
    return sane && ahead_days(ctx, in, marks, NS_MARK_CARE_CLOSED, &v[GQL_I_ForecastScenarioInput_daycareClosedDays]) &&
           ahead_days(ctx, in, marks, NS_MARK_AWAY, &v[GQL_I_ForecastScenarioInput_travelDays]) &&
           span(in, marks, NS_MARK_CARE_CLOSED, arg_date(&v[GQL_I_ForecastScenarioInput_daycareClosedFrom]),
                arg_date(&v[GQL_I_ForecastScenarioInput_daycareClosedTo])) &&
           span(in, marks, NS_MARK_AWAY, arg_date(&v[GQL_I_ForecastScenarioInput_travelFrom]),
                arg_date(&v[GQL_I_ForecastScenarioInput_travelTo]));
}

ROOT(api_query_scenario) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    struct ns_act act = api_act(ctx, ctx->api->s.read_db);
    struct question *q = question_begin(ctx, scenario_model, scenario_tell);
    struct ns_use_mark *marks = NS_NEW_N(ctx->arena, struct ns_use_mark, MARKS_MOST);
    ns_id child;
    if (!need_id(ctx, &call->args[GQL_A_Query_forecastScenario_childId], &child, out)) {
        return;
    }
    if (!read_scenario(ctx, call->args[GQL_A_Query_forecastScenario_input].items, marks, &q->input)) {
        gql_fail(out, GQL_CODE_BAD_USER_INPUT, api_text(ctx->arena, ctx->lang, NS_MSG_outlook_bad_span));
        return;
    }
    question_ask(q, ns_prediction_load(&act, child, &q->request, &q->err), out);
}

static void summary(const struct gql_call *call, const struct ns_scenario *s, struct gql_out *out) {
    const struct api_ctx *ctx = call->ctx;
    struct ns_arena *arena = call->arena;
    enum ns_lang lang = ctx->lang;
    const char *list[3];
    int n = 0;
    double more = s->after.total_mean - s->before.total_mean;
    const char *demand[] = {whole(arena, fabs(more)), whole(arena, s->after.total_mean)};
    list[n++] = filled(arena, lang, fabs(more) < 0.5 ? NS_MSG_outlook_same
                                    : more > 0       ? NS_MSG_outlook_more
                                                     : NS_MSG_outlook_less, demand, 2);
    if (s->before.has_runout && s->after.has_runout) {
        const char *runout[] = {day_text(arena, lang, s->after.runout_median),
                                day_text(arena, lang, s->before.runout_median)};
        list[n++] = filled(arena, lang, s->after.runout_median == s->before.runout_median
                                            ? NS_MSG_outlook_runout_same : NS_MSG_outlook_runout, runout, 2);
    }
    if (s->has_newcomer) {
        const char *young[] = {whole(arena, s->newcomer.total_mean), whole(arena, s->newcomer.total_q10),
                               whole(arena, s->newcomer.total_q90)};
        list[n++] = filled(arena, lang, NS_MSG_outlook_newcomer, young, 3);
    }
    api_words_list(out, arena, list, n);
}

static void get_scenario(const struct gql_call *call, const struct ns_scenario *s, struct gql_out *out) {
    switch (call->field) {
    case GQL_F_ForecastScenario_before: gql_object(out, outlook_of(call->arena, &s->before)); break;
    case GQL_F_ForecastScenario_after: gql_object(out, outlook_of(call->arena, &s->after)); break;
    case GQL_F_ForecastScenario_newcomer:
        gql_object(out, s->has_newcomer ? outlook_of(call->arena, &s->newcomer) : NULL);
        break;
    default: summary(call, s, out);
    }
}

static void get_outlook(const struct outlook *o, uint16_t field, struct gql_out *out) {
    ns_date none = NS_DATE_NONE;
    switch (field) {
    case GQL_F_ForecastOutlook_demand30d: gql_int(out, lround(o->demand.mean)); break;
    case GQL_F_ForecastOutlook_demand30dLower: gql_int(out, o->demand.q10); break;
    case GQL_F_ForecastOutlook_demand30dUpper: gql_int(out, o->demand.q90); break;
    case GQL_F_ForecastOutlook_runoutEarliestDate: gql_date(out, o->has_runout ? o->runout[0] : none); break;
    case GQL_F_ForecastOutlook_runoutDate: gql_date(out, o->has_runout ? o->runout[1] : none); break;
    case GQL_F_ForecastOutlook_runoutLatestDate: gql_date(out, o->has_runout ? o->runout[2] : none); break;
    default: gql_date(out, o->reorder);
    }
}

/* ---- how right were we ---- */

static ns_rc review_model(struct question *q) {
    return ns_review_run(q->request, q->days, &q->review, &q->err);
}

static void review_tell(const struct question *q, struct gql_out *out) {
    gql_object(out, q->review.has ? &q->review : NULL);
}

ROOT(api_query_review) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    struct ns_act act = api_act(ctx, ctx->api->s.read_db);
    struct question *q = question_begin(ctx, review_model, review_tell);
    ns_id child;
    if (!need_id(ctx, &call->args[GQL_A_Query_forecastReview_childId], &child, out)) {
        return;
    }
    int64_t days = arg_int(&call->args[GQL_A_Query_forecastReview_days], 30);
    q->days = days < 1 || days > 30 ? 30 : (int)days;
    question_ask(q, ns_prediction_load(&act, child, &q->request, &q->err), out);
}

static const char *review_words(const struct gql_call *call, const struct ns_review *r) {
    const struct api_ctx *ctx = call->ctx;
    struct ns_arena *arena = call->arena;
    const char *args[] = {whole(arena, r->expected), whole(arena, r->used), whole(arena, r->inside),
                          whole(arena, r->days), day_text(arena, ctx->lang, r->first_day)};
    return filled(arena, ctx->lang, NS_MSG_outlook_review, args, NS_COUNT(args));
}

static void get_review(const struct gql_call *call, const struct ns_review *r, struct gql_out *out) {
    switch (call->field) {
    case GQL_F_ForecastReview_firstDay: gql_date(out, r->first_day); break;
    case GQL_F_ForecastReview_lastDay: gql_date(out, r->last_day); break;
    case GQL_F_ForecastReview_days: gql_int(out, r->days); break;
    case GQL_F_ForecastReview_expected: api_decimal(out, call->arena, r->expected, 1); break;
    case GQL_F_ForecastReview_lower: api_decimal(out, call->arena, r->lower, 1); break;
    case GQL_F_ForecastReview_upper: api_decimal(out, call->arena, r->upper, 1); break;
    case GQL_F_ForecastReview_used: gql_int(out, lround(r->used)); break;
    case GQL_F_ForecastReview_daysInside: gql_int(out, r->inside); break;
    case GQL_F_ForecastReview_meanError: api_decimal(out, call->arena, r->mean_error, 2); break;
    default: gql_cstr(out, review_words(call, r));
    }
}

/* ---- the household together ---- */

static ns_rc shelves_model(struct question *q) {
    return ns_shelves_run(q->shelves, q->ctx->arena, &q->list, &q->count, &q->err);
}

static void shelves_tell(const struct question *q, struct gql_out *out) {
    gql_array(out, q->list, (size_t)q->count, sizeof *q->list);
}

ROOT(api_query_shelves) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    struct ns_act act = api_act(ctx, ctx->api->s.read_db);
    struct question *q = question_begin(ctx, shelves_model, shelves_tell);
    question_ask(q, ns_shelves_load(&act, &q->shelves, &q->err), out);
}

static void get_shelf(const struct gql_call *call, const struct ns_shelf *s, struct gql_out *out) {
    switch (call->field) {
    case GQL_F_SizeOutlook_size: gql_cstr(out, ns_size_display(s->size)); break;
    case GQL_F_SizeOutlook_childIds: {
        struct gql_out *ids = NS_NEW_N(call->arena, struct gql_out, (size_t)s->child_count);
        for (int i = 0; i < s->child_count; i++) {
            gql_id(&ids[i], s->children[i]);
        }
        gql_list(out, ids, (size_t)s->child_count);
        break;
    }
    case GQL_F_SizeOutlook_stock:
        if (s->stock_known) {
            gql_int(out, s->stock);
        } else {
            gql_null(out);
        }
        break;
    default: gql_object(out, outlook_of(call->arena, &s->forecast));
    }
}

ROOT(api_query_supplies) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    struct ns_act act = api_act(ctx, ctx->api->s.read_db);
    const struct ns_supply_line *list = NULL;
    struct ns_err err = {0};
    int count = 0;
    ns_id child;
    if (!need_id(ctx, &call->args[GQL_A_Query_supplyOutlook_childId], &child, out)) {
        return;
    }
    ns_rc rc = ns_supply_list(&act, child, &list, &count, &err);
    if (rc != NS_OK) {
        api_fail(ctx, out, rc, &err);
        return;
    }
    gql_array(out, list, (size_t)count, sizeof *list);
}

/* "Wipes: 144 left, 8 a day. Should last until ... Order by ..." */
static const char *supply_words(const struct gql_call *call, const struct ns_supply_line *s) {
    const struct api_ctx *ctx = call->ctx;
    bool wipes = s->product == NS_PRODUCT_WIPES;
    struct ns_buf text = NS_BUF(2000), span = NS_BUF(200), rate = NS_BUF(40);
    const char *left = whole(call->arena, (double)s->left);
    if (!(s->supply.rate > 0)) {
        (void)NS_MSG_TO(&text, ctx->lang, wipes ? NS_MSG_supply_wipes_new : NS_MSG_supply_cream_new, left);
    } else {
        ns_text_fixed(&rate, ctx->lang, llround(s->supply.rate * 10), 1);
        (void)NS_MSG_TO(&text, ctx->lang, wipes ? NS_MSG_supply_wipes : NS_MSG_supply_cream, left, rate.data);
    }
    if (s->supply.rate > 0 && s->supply.has_runout) {
        ns_text_span(&span, ctx->lang, s->supply.runout_q10, s->supply.runout_q90);
        ns_buf_char(&text, ' ');
        (void)NS_MSG_TO(&text, ctx->lang, NS_MSG_supply_lasts, day_text(call->arena, ctx->lang, s->supply.runout_median), span.data);
    }
    if (s->supply.rate > 0 && s->supply.reorder_date != NS_DATE_NONE) {
        bool today = s->supply.reorder_date <= ctx->today;
        ns_buf_char(&text, ' ');
        (void)NS_MSG_TO(&text, ctx->lang, today ? NS_MSG_cli_outlook_order_today : NS_MSG_cli_outlook_order,
                        day_text(call->arena, ctx->lang, s->supply.reorder_date));
    }
    const char *copy = ns_arena_copy(call->arena, ns_buf_view(&text));
    ns_buf_fini(&text);
    ns_buf_fini(&span);
    ns_buf_fini(&rate);
    return copy;
}

static void get_supply(const struct gql_call *call, const struct ns_supply_line *s, struct gql_out *out) {
    switch (call->field) {
    case GQL_F_SupplyOutlook_productType: gql_enum(out, (int)s->product); break;
    case GQL_F_SupplyOutlook_left: gql_int(out, s->left); break;
    case GQL_F_SupplyOutlook_fromLogs: gql_bool(out, s->from_logs); break;
    case GQL_F_SupplyOutlook_perDay:
        api_decimal(out, call->arena, s->supply.rate > 0 ? s->supply.rate : (double)NAN, 2);
        break;
    case GQL_F_SupplyOutlook_summary: gql_cstr(out, supply_words(call, s)); break;
    case GQL_F_SupplyOutlook_runoutDate: gql_date(out, s->supply.runout_median); break;
    case GQL_F_SupplyOutlook_runoutEarliestDate: gql_date(out, s->supply.runout_q10); break;
    case GQL_F_SupplyOutlook_runoutLatestDate: gql_date(out, s->supply.runout_q90); break;
    default: gql_date(out, s->supply.reorder_date);
    }
}

/* ---- replay ---- */

static ns_rc replay_model(struct question *q) {
    return ns_replay_run(&q->replay, q->ctx->arena, &q->err);
}

static void replay_tell(const struct question *q, struct gql_out *out) {
    gql_object(out, &q->replay);
}

ROOT(api_query_replay) {
    (void)none;
    struct api_ctx *ctx = call->ctx;
    struct question *q = question_begin(ctx, replay_model, replay_tell);
    ns_id id;
    if (!need_id(ctx, &call->args[GQL_A_Query_predictionReplay_predictionId], &id, out)) {
        return;
    }
    question_ask(q, ns_replay_load(ctx->api->s.read_db, id, ctx->arena, &q->replay, &q->err), out);
}

static void get_replay(const struct gql_call *call, const struct ns_replay *r, struct gql_out *out) {
    switch (call->field) {
    case GQL_F_PredictionReplay_same: gql_bool(out, r->same_bits); break;
    case GQL_F_PredictionReplay_sameData: gql_bool(out, r->same_data); break;
    case GQL_F_PredictionReplay_sameModel: gql_bool(out, r->same_model); break;
    case GQL_F_PredictionReplay_modelVersion: gql_cstr(out, r->stored.model_version); break;
    case GQL_F_PredictionReplay_seed: gql_int(out, r->stored.seed); break;
    case GQL_F_PredictionReplay_dataHash: gql_cstr(out, r->stored.data_hash); break;
    case GQL_F_PredictionReplay_resultHash: gql_cstr(out, r->stored.result_hash); break;
    case GQL_F_PredictionReplay_replayHash: gql_cstr(out, r->result_hash); break;
    case GQL_F_PredictionReplay_settings: gql_raw(out, ns_str_of(r->stored.settings)); break;
    default: gql_object(out, outlook_of(call->arena, &r->forecast));
    }
}

void api_get_outlook(const struct gql_call *call, const void *object, struct gql_out *out) {
    switch (gql_schema_nestsync.fields[call->field].owner) {
    case GQL_T_ForecastOutlook: get_outlook(object, call->field, out); break;
    case GQL_T_ForecastScenario: get_scenario(call, object, out); break;
    case GQL_T_ForecastReview: get_review(call, object, out); break;
    case GQL_T_SizeOutlook: get_shelf(call, object, out); break;
    case GQL_T_SupplyOutlook: get_supply(call, object, out); break;
    default: get_replay(call, object, out);
    }
}
