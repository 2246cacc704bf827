/* parts.h: what the files of this folder share. Nobody else includes this. */
#pragma once
#include "shared/calendar/zone.h"
#include "shared/wire/json.h"
#include "tui/link/link.h"

#define NS_LINK_OPS 96
#define NS_LINK_QUEUE 500 /* changes that may wait; more than a week of two children */
#define NS_LINK_KEPT (2 + 5 * NS_APP_CHILDREN)

enum ns_link_op_kind {
    NS_OP_NONE,
    NS_OP_ZONE, /* the household, asked first after every connect */
    NS_OP_CHANGES,
    NS_OP_HOUSEHOLD,
    NS_OP_CHILDREN,
    NS_OP_STATE,
    NS_OP_PREDICTION,
    NS_OP_ANSWERS,
    NS_OP_DAYS,
    NS_OP_LOGS,
    NS_OP_STOCK,
    NS_OP_SUPPORT,
    NS_OP_DEVICES,
    NS_OP_PLAN,
    NS_OP_SEND,
    NS_OP_ACT /* undo, stock, predict: answered with DONE */
};

struct ns_link_op {
    uint32_t id;
    enum ns_link_op_kind kind;
    const char *mutation;
    ns_id child;
    ns_id key;
};

struct ns_link_change { /* one change on its way */
    ns_id key; /* the agent logs a key once, however often it is sent */
    ns_id child;
    ns_time at;
    uint8_t kind; /* enum ns_app_kind */
    uint8_t stumbles; /* how often the agent failed at it by its own fault */
    bool leak;
    bool maybe_sent; /* a sending was not answered: the agent may have it */
    bool under_way;
    bool told;       /* that it waits */
    bool undo;       /* take it back as soon as the agent has named it */
    ns_id undo_key;
};

struct ns_link_kept { /* the data of an answer, as text */
    enum ns_link_op_kind kind;
    ns_id child;
    char *text;
};

struct ns_link_batch { /* a load that asks once per child */
    int waiting;
    bool again;
};

struct ns_link {
    struct ns_link_setup setup;
    const struct ns_link_wire *wire;
    struct ns_client *client;
    struct ns_client *dead; /* closed from its own callback; freed after the pump */
    enum ns_app_link_state state;
    int64_t retry_at_us; /* steady; 0: not waiting */
    int retry_ms;
    int64_t ping_us;        /* steady; asked then and not answered yet; 0: not asked */
    int64_t watch_until_us; /* steady; somebody is looking until then */
    int64_t save_us;        /* steady; a change is unanswered: keep it on disk then; 0: nothing to keep */
    const struct ns_zone *zone;
    char timezone[48];
    struct ns_link_op ops[NS_LINK_OPS];
    /* children as the agent listed them last */
    size_t child_count;
    struct ns_app_child children[NS_APP_CHILDREN];
    struct ns_link_batch children_batch;
    struct ns_link_batch logs_batch;
    struct ns_link_batch stock_batch;
    bool listing; /* the list of children is on its way: LOGS and STOCK wait for it */
    bool want_logs;
    bool want_stock;
    size_t log_count;
    struct ns_app_log logs[NS_APP_LOGS];
    size_t stock_count;
    struct ns_app_stock stock[NS_APP_STOCK];
    bool kept_queue;  /* the file on disk has changes in its queue */
    int64_t again_us; /* steady; the agent could not just now: send again then; 0: no */
    size_t queue_count;
    struct ns_link_change queue[NS_LINK_QUEUE];
    size_t kept_count;
    struct ns_link_kept kept[NS_LINK_KEPT];
};

/* link.c */
struct ns_link_op *ns_link_ask(struct ns_link *link, enum ns_link_op_kind kind,
                               const char *document, const char *variables, ns_id child);
bool ns_link_connected(const struct ns_link *link); /* and it answers */
void ns_link_emit(struct ns_link *link, const struct ns_event *event);
void ns_link_emit_done(struct ns_link *link, const struct ns_app_done *done);
void ns_link_emit_connection(struct ns_link *link, enum ns_app_link_state state);
void ns_link_failed(struct ns_link *link, ns_id key, const struct ns_err *err);
void ns_link_away(struct ns_link *link, ns_id key); /* failed: nobody answers */

/* load.c */
void ns_load_command(struct ns_link *link, const struct ns_cmd *cmd);
void ns_load_answered(struct ns_link *link, enum ns_link_op_kind kind);
void ns_load_forget(struct ns_link *link); /* the connection broke: no answer comes any more */
void ns_link_take(struct ns_link *link, enum ns_link_op_kind kind, ns_id child,
                  const struct ns_json *data); /* decode; single pieces are handed out at once */
void ns_link_hand_out(struct ns_link *link, enum ns_link_op_kind kind); /* CHILDREN, LOGS, STOCK */

/* act.c */
void ns_act_command(struct ns_link *link, const struct ns_cmd *cmd);
void ns_act_answered(struct ns_link *link, const struct ns_link_op *op,
                     const struct ns_json *answer);

/* queue.c */
void ns_queue_add(struct ns_link *link, const struct ns_cmd *cmd);
void ns_queue_flush(struct ns_link *link); /* send the next one, or tell that all is sent */
void ns_queue_sent(struct ns_link *link, ns_id key, const struct ns_json *answer);
/* Nobody answers now: tell that the changes wait. lost: the connection broke, send them anew. */
void ns_queue_kept(struct ns_link *link, bool lost);
void ns_queue_rows(const struct ns_link *link, struct ns_app_log *rows, size_t *count, size_t most);
/* An undo of something that is still in the queue. True: dealt with. */
bool ns_queue_undo(struct ns_link *link, const struct ns_cmd *cmd);

/* kept.c */
void ns_kept_put(struct ns_link *link, enum ns_link_op_kind kind, ns_id child,
                 const struct ns_json *data);
void ns_kept_save(struct ns_link *link);
void ns_kept_load(struct ns_link *link); /* queue into the link, answers out as events */
void ns_kept_free(struct ns_link *link);
