/* context.h: what resolvers share. Private to agent/api. */
#pragma once
#include "agent/api/api.h"
#include "agent/api/caller.h"
#include "agent/api/limits.h"
#include "agent/graphql/graphql.h"
#include "agent/graphql/schema_gen.h"
#include "agent/store/once.h"

#include <math.h>

struct ns_exports;
struct ns_forecaster;
struct ns_order_keeper;
struct ns_notice_keeper;
struct ns_plan_keeper;
struct ns_remover;
struct ns_sessions;

struct ns_api {
    struct ns_api_setup s;
    struct gql_engine *engine;
    struct ns_forecaster *forecaster;
    struct ns_plan_keeper *keeper;
    struct ns_order_keeper *order_keeper;
    struct ns_notice_keeper *notices;
    struct ns_exports *exports;
    struct ns_remover *remover;
    struct ns_operations *operations;
    struct ns_limits *limits;
    const struct ns_zone *zone; /* of the household; read anew when the household changes */
    struct ns_actor owner;      /* zero user before set-up */
    enum ns_province province;
    enum ns_lang lang;          /* of the household */
    struct ns_sessions *sessions;
    ns_id home;                 /* zero before set-up */
    ns_time webhook_refused_at; /* in this run; NS_TIME_NONE */
    struct ns_api_network network;
    bool closing;
};

/* One request: the ctx of its resolvers. */
struct api_ctx {
    struct ns_api *api;
    struct ns_arena *arena;
    struct ns_caller caller;
    struct ns_actor actor; /* caller.actor */
    enum ns_lang lang;
    ns_time now;
    ns_date today;
    struct ns_once once; /* client_id set: the answer now written is to be kept */
    void (*resume)(struct api_ctx *ctx, const struct gql_out *result); /* of a pending root field */
};

/* access.c: the rights of a caller as bits 1 << GQL_E_Access_..., what a stranger may ask, and
 * whether an argument `userId` is somebody else. */
uint32_t api_access(const struct ns_caller *caller);
bool api_may(const struct ns_caller *caller, uint16_t field);
bool api_open_to_anyone(uint16_t root_field);
bool api_names_another(const struct ns_caller *caller, uint16_t root_field,
                       const struct gql_value *args);

/* once.c: the answer of a change under a client's id, to be given again. */
void api_once_keep(struct ns_api *api, const struct ns_once *once, struct ns_str answer);

/* Read owner, zone and language again. */
ns_rc api_refresh_household(struct ns_api *api, struct ns_err *err) NS_MUST_USE;
struct ns_act api_act(struct api_ctx *ctx, struct ns_db *db);

/* ---- answers ---- */

/* Sets an error field with the text of err in the caller's language. */
void api_fail(struct api_ctx *ctx, struct gql_out *out, ns_rc rc, const struct ns_err *err);
const char *api_error_text(struct ns_arena *arena, enum ns_lang lang, ns_rc rc, const struct ns_err *err);
const char *api_text(struct ns_arena *arena, enum ns_lang lang, enum ns_msg msg);
/* value with `decimals` digits as a Decimal; NAN: null. */
void api_decimal(struct gql_out *out, struct ns_arena *arena, double value, int decimals);
/* Enum by its GraphQL name, as model texts hold it. */
void api_enum_named(struct gql_out *out, uint16_t type, const char *name);
void api_day_as_instant(const struct api_ctx *ctx, struct gql_out *out, ns_date day);

/* A page of anything: the object of every ...Connection type. Edge objects are struct api_edge. */
struct api_edge {
    const void *node;
    int64_t position; /* in the whole list, from 0 */
};
struct api_connection {
    const struct api_edge *edges;
    int count;
    int64_t total;
    bool has_next;
    bool has_previous;
    /* Counts the whole list when that is asked for; NULL: total is known. */
    ns_rc (*total_of)(struct api_ctx *ctx, const void *list, int64_t *out, struct ns_err *err);
    const void *list;
};
struct api_connection *api_connection_of(struct ns_arena *arena, const void *first,
                                               size_t size, int count, int64_t offset,
                                               int64_t total);

/* Every ...Response type reads one of these. */
struct api_response {
    bool success;
    const char *message;
    const char *error;
    ns_id action;
    const void *payload;              /* child, item, log, prediction, job, user */
    const struct ns_inventory_item *item; /* LogDiaperChangeResponse.updatedInventoryItems */
    const char *kind;                 /* UndoResponse */
    ns_id child;
};

/* ---- arguments ---- */

bool arg_id(const struct gql_value *v, ns_id *out);          /* false: malformed; absent gives zero */
const char *arg_text(struct ns_arena *arena, const struct gql_value *v); /* NULL: not given */
int64_t arg_int(const struct gql_value *v, int64_t fallback);
bool arg_bool(const struct gql_value *v, bool fallback);
int arg_enum(const struct gql_value *v, int fallback);
int arg_flag(const struct gql_value *v);                      /* 1, 0 or NS_NONE */
double arg_number(const struct gql_value *v);                 /* NAN: null */
ns_time arg_time(const struct gql_value *v);
ns_date arg_date(const struct gql_value *v);
/* Reads a required ID argument; on failure sets out to an error and answers false. */
bool need_id(struct api_ctx *ctx, const struct gql_value *v, ns_id *id, struct gql_out *out);
/* "c12" -> 13: where the next page starts; false when it is no cursor of ours. */
bool arg_after(struct api_ctx *ctx, const struct gql_value *v, int64_t *offset, struct gql_out *out);

/* ---- tables ---- */

extern const struct gql_root_bind api_query_binds[];
extern const size_t api_query_bind_count;
extern const struct gql_root_bind api_mutation_binds[];
extern const size_t api_mutation_bind_count;
extern const struct gql_type_bind api_type_binds[];
extern const size_t api_type_bind_count;

/* What a newer area adds: its root fields and the types only it knows. */
struct api_part {
    const struct gql_root_bind *roots;
    size_t root_count;
    const struct gql_type_bind *types;
    size_t type_count;
};
extern const struct api_part api_refusals_part; /* refusals.c: first, so that others win */
extern const struct api_part api_changes_part; /* changes.c */
extern const struct api_part api_leaving_part; /* leaving.c */
extern const struct api_part api_witness_part; /* witness.c */
extern const struct api_part api_tax_part; /* tax.c */
extern const struct api_part api_devices_part; /* devices.c */
extern const struct api_part api_step_up_part; /* step_up.c */
extern const struct api_part api_orders_part, api_order_types_part; /* orders.c, order_types.c */
extern const struct api_part api_suggestions_part; /* suggestions.c */
extern const struct api_part api_preferences_part; /* preferences.c */
extern const struct api_part api_products_part, api_comparison_part, api_retailers_part; /* products.c, comparison.c, retailers.c */
extern const struct api_part api_remove_part; /* remove.c */
extern const struct api_part api_exports_part; /* exports.c */
extern const struct api_part api_notices_part; /* notices.c */
extern const struct api_part api_plan_part, api_plan_types_part, api_plan_change_part; /* plan*.c */

/* Dollars as written in a Float argument, rounded half up to the cent; false: no such amount. */
bool arg_dollars(const struct gql_value *v, ns_money *out);

/* The object of SystemHealth and SupportReport. */
const void *api_health_report(struct api_ctx *ctx);
const void *api_support_report(struct api_ctx *ctx, struct ns_err *err);

struct ns_operations *api_operations_new(struct ns_api *api);
void api_operations_recheck(struct ns_operations *operations); /* whose proof was taken back? */
/* How many subscriptions a device holds open. */
int api_operations_held_by(struct ns_operations *operations, ns_id device);
void api_operations_close(struct ns_operations *operations); /* ends subscriptions */
void api_operations_free(struct ns_operations *operations);

/* Field readers of the page types (pages.c). */
void api_get_edges(const struct gql_call *call, const void *object, struct gql_out *out);
void api_get_edge(const struct gql_call *call, const void *object, struct gql_out *out);
void api_get_page_info(const struct gql_call *call, const void *object, struct gql_out *out);
void api_get_prediction_connection(const struct gql_call *call, const void *object,
                                   struct gql_out *out);
void api_page_nodes(const struct gql_call *call, const struct api_connection *c,
                    struct gql_out *out);

/* family.c: weights, marks, delivery times. */
void api_query_measurements(const struct gql_call *call, const void *none, struct gql_out *out);
void api_query_marks(const struct gql_call *call, const void *none, struct gql_out *out);
void api_query_delivery(const struct gql_call *call, const void *none, struct gql_out *out);
void api_get_family(const struct gql_call *call, const void *object, struct gql_out *out);
/* outlook.c: what if, how right, shared shelves, supplies, replays. */
void api_query_scenario(const struct gql_call *call, const void *none, struct gql_out *out);
void api_query_review(const struct gql_call *call, const void *none, struct gql_out *out);
void api_query_shelves(const struct gql_call *call, const void *none, struct gql_out *out);
void api_query_supplies(const struct gql_call *call, const void *none, struct gql_out *out);
void api_query_replay(const struct gql_call *call, const void *none, struct gql_out *out);
void api_get_outlook(const struct gql_call *call, const void *object, struct gql_out *out);
/* preferences.c: those of one child; zero: of all. */
ns_rc api_preferences(struct api_ctx *ctx, ns_id child, const struct api_connection **out, struct ns_err *err) NS_MUST_USE;
/* metrics.c: systemMetrics. */
void api_query_metrics(const struct gql_call *call, const void *none, struct gql_out *out);
void api_get_metrics(const struct gql_call *call, const void *object, struct gql_out *out);
/* explain.c: a prediction in plain words, and its newer fields. */
void api_get_prediction_more(const struct gql_call *call, const void *prediction, struct gql_out *out);
void api_prediction_advice(const struct gql_call *call, const void *prediction, struct gql_out *out); /* what to do */
void api_words_list(struct gql_out *out, struct ns_arena *arena, const char *const *words, int count);

/* Field reader of the health and support types. */
void api_health_get(const struct gql_call *call, const void *object, struct gql_out *out);

/* Go on writing an import: after its first chunk, or after a restart. */
void api_import_continue(struct ns_api *api, ns_id import, struct ns_actor actor);
