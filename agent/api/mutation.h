/* mutation.h: one mutation on its way: arguments read on the loop thread, work on the writer,
 * answer and events back on the loop. Private to agent/api.
 * Ownership: a mutation lives in its request's arena. Threads: `work` runs on the writer and
 * touches nothing but its mutation; all else is the loop thread's. */
#pragma once
#include "agent/api/context.h"
#include "agent/household/import.h"

#define EVENTS_MOST 3

struct mutation {
    struct ns_job job; /* first: a job is its mutation */
    struct api_ctx *ctx;
    struct ns_act act;
    ns_rc (*work)(struct mutation *m); /* on the writer; fills response, events */
    void (*after)(struct mutation *m); /* on the loop when it succeeded; may be NULL */
    struct ns_once once; /* client_id NULL: may happen as often as it is asked */
    const char *replay;  /* it was done before: that answer */
    ns_rc rc;
    struct ns_err err;
    struct api_response response;
    enum ns_msg message; /* of success; 0: none */
    struct ns_event events[EVENTS_MOST];
    int event_count;
    /* The object of the answer, made on the loop from response; NULL: response itself. */
    const void *(*answer)(struct mutation *m);
    /* After the work succeeded: true when it takes the answer over and calls mutation_resume() once, on
     * the loop, before the agent ends. May be NULL. */
    bool (*hold)(struct mutation *m);
    bool resumed; /* its second half: what was committed is not asked for again */
    void *own; /* arguments of an area with a file of its own */
    ns_id id; /* the argument most of them have */
    union {
        struct ns_setup_input setup;
        struct ns_child_input child;
        struct ns_item_input item;
        struct ns_item_change change;
        struct ns_log_input log;
        struct ns_log_fix fix;
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
        struct ns_measure_input measure;
        struct ns_mark mark;
        struct ns_delivery delivery;
        int days_early;
    } in;
};

struct mutation *mutation_begin(const struct gql_call *call,
                                ns_rc (*work)(struct mutation *m));
/* Hands it to the writer; the field stays pending until it comes back. */
void mutation_submit(struct mutation *m, struct gql_out *out);
/* once.c */
void mutation_once(struct mutation *m, const struct gql_call *call);
bool mutation_was_done(struct mutation *m);
/* A held mutation goes on: m->work again on the writer, then its answer. */
void mutation_resume(struct mutation *m);
/* To be published once it succeeded. */
void mutation_event(struct mutation *m, enum ns_event_kind kind, ns_id child, ns_id entity);

/* mutations_import.c */
void mutation_stage_import(const struct gql_call *call, const void *none, struct gql_out *out);
void mutation_commit_import(const struct gql_call *call, const void *none, struct gql_out *out);

/* family.c */
void mutation_measure(const struct gql_call *call, const void *none, struct gql_out *out);
void mutation_add_mark(const struct gql_call *call, const void *none, struct gql_out *out);
void mutation_remove_mark(const struct gql_call *call, const void *none, struct gql_out *out);
void mutation_born_early(const struct gql_call *call, const void *none, struct gql_out *out);
void mutation_delivery(const struct gql_call *call, const void *none, struct gql_out *out);
