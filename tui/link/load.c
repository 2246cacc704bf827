/* load.c: what is read from the agent: questions out, answers decoded and handed to the reducer.
 * What asks once per child is handed out whole, when its last answer is there. */
#include "tui/link/decode.h"
#include "tui/link/documents.h"
#include "tui/link/parts.h"

#include <stdlib.h>
#include <string.h>

static void emit_data(struct ns_link *link, const struct ns_app_data *data) {
    ns_link_emit(link, &(struct ns_event){.kind = NS_EVENT_DATA, .data = data});
}

void ns_link_hand_out(struct ns_link *link, enum ns_link_op_kind kind) {
    struct ns_app_data data = {0};
    if (kind == NS_OP_CHILDREN) {
        data.load = NS_LOAD_CHILDREN;
        data.children = link->children;
        data.count = link->child_count;
    } else if (kind == NS_OP_LOGS) { /* with those that wait */
        struct ns_app_log rows[NS_APP_LOGS];
        ns_queue_rows(link, rows, &data.count, NS_APP_LOGS);
        data.load = NS_LOAD_LOGS;
        data.logs = rows;
        emit_data(link, &data);
        return;
    } else {
        data.load = NS_LOAD_STOCK;
        data.stock = link->stock;
        data.count = link->stock_count;
    }
    emit_data(link, &data);
}

static int index_of(const struct ns_link *link, ns_id child) {
    for (size_t i = 0; i < link->child_count; i++) {
        if (ns_id_eq(link->children[i].id, child)) {
            return (int)i;
        }
    }
    return -1;
}

static void take_single(struct ns_link *link, enum ns_link_op_kind kind, ns_id child,
                        const struct ns_json *data) {
    if (kind == NS_OP_PREDICTION) {
        struct ns_app_prediction prediction;
        ns_decode_prediction(data, link->zone, &prediction);
        emit_data(link, &(struct ns_app_data){.load = NS_LOAD_PREDICTION,
                                              .prediction = &prediction,
                                              .child = child});
    } else if (kind == NS_OP_ANSWERS) {
        static struct ns_app_answers answers; /* 4 KB, and one at a time */
        ns_decode_answers(data, &answers);
        emit_data(link, &(struct ns_app_data){.load = NS_LOAD_ANSWERS, .answers = &answers, .child = child});
    } else if (kind == NS_OP_DAYS) {
        struct ns_app_day days[NS_APP_DAYS];
        size_t n = ns_decode_days(data, days, NS_APP_DAYS);
        emit_data(link, &(struct ns_app_data){.load = NS_LOAD_DAYS,
                                              .days = days,
                                              .count = n,
                                              .child = child});
    } else if (kind == NS_OP_DEVICES) {
        static struct ns_app_network network; /* 8 KB, and one at a time */
        ns_decode_network(data, link->zone, &network);
        emit_data(link, &(struct ns_app_data){.load = NS_LOAD_DEVICES, .network = &network});
    } else if (kind == NS_OP_PLAN) {
        static struct ns_app_plan plan; /* 30 KB, and one at a time */
        ns_decode_plan(data, link->zone, &plan);
        emit_data(link, &(struct ns_app_data){.load = NS_LOAD_PLAN, .plan = &plan});
    } else {
        struct ns_app_support support;
        ns_decode_support(data, link->zone, ns_env_now(link->setup.env), &support);
        emit_data(link, &(struct ns_app_data){.load = NS_LOAD_SUPPORT, .support = &support});
    }
}

ns_date ns_link_clock_old(const struct ns_env *env, const struct ns_zone *zone) {
    const char *folder = getenv("TZDIR");
    struct ns_buf path = NS_BUF(600), bytes = NS_BUF(1 << 20);
    struct ns_zone *theirs = NULL;
    ns_date from = NS_DATE_NONE;
    ns_buf_fmt(&path, "%s/%s", folder != NULL && folder[0] == '/' ? folder : "/usr/share/zoneinfo", ns_zone_name(zone));
    if (!path.failed && env->read_file(env->self, path.data, &bytes, NULL) == NS_OK &&
        ns_zone_read(ns_zone_name(zone), bytes.data, bytes.len, &theirs, NULL) == NS_OK) {
        from = ns_zone_differs(zone, theirs, ns_env_now(env), 366);
    }
    free(theirs);
    ns_buf_fini(&path);
    ns_buf_fini(&bytes);
    return from != NS_DATE_NONE ? from : 0;
}

void ns_link_take(struct ns_link *link, enum ns_link_op_kind kind, ns_id child,
                  const struct ns_json *data) {
    int i = index_of(link, child);
    switch (kind) {
    case NS_OP_HOUSEHOLD: {
        struct ns_app_household home;
        if (ns_decode_household(data, &home, &link->zone, link->timezone) && link->zone != NULL) {
            home.clock_old = ns_link_clock_old(link->setup.env, link->zone);
        }
        emit_data(link, &(struct ns_app_data){.load = NS_LOAD_HOUSEHOLD, .household = &home});
        break;
    }
    case NS_OP_CHILDREN:
        link->child_count = ns_decode_children(data, link->children, NS_APP_CHILDREN);
        break;
    case NS_OP_STATE:
        if (i >= 0) {
            ns_decode_child_state(data, &link->children[i]);
        }
        break;
    case NS_OP_LOGS:
        ns_decode_logs(data, link->zone, link->logs, &link->log_count, NS_APP_LOGS);
        break;
    case NS_OP_STOCK:
        ns_decode_stock(data, link->zone, link->stock, &link->stock_count, NS_APP_STOCK);
        break;
    case NS_OP_PREDICTION:
    case NS_OP_ANSWERS:
    case NS_OP_DAYS:
    case NS_OP_SUPPORT:
    case NS_OP_DEVICES:
    case NS_OP_PLAN:
        take_single(link, kind, child, data);
        break;
    case NS_OP_NONE:
    case NS_OP_ZONE:
    case NS_OP_CHANGES:
    case NS_OP_SEND:
    case NS_OP_ACT:
        break;
    }
}

/* ---- questions ---------------------------------------------------------------------------- */

static void ask_for(struct ns_link *link, enum ns_link_op_kind kind, const char *document,
                    ns_id child) {
    char id[NS_ID_TEXT];
    char vars[120];
    struct ns_buf text = NS_BUF(sizeof vars);
    ns_id_format(child, id);
    ns_buf_fmt(&text, kind == NS_OP_LOGS ? "{\"child\":\"%s\",\"days\":30,\"limit\":200}"
                                         : "{\"child\":\"%s\"}",
               id);
    (void)ns_link_ask(link, kind, document, text.data, child);
    ns_buf_fini(&text);
}

/* One question a child; the batch is handed out when the last answer is there. */
static void ask_each(struct ns_link *link, struct ns_link_batch *batch, enum ns_link_op_kind kind,
                     const char *document, enum ns_link_op_kind whole) {
    batch->waiting = (int)link->child_count;
    for (size_t i = 0; i < link->child_count; i++) {
        ask_for(link, kind, document, link->children[i].id);
    }
    if (link->child_count == 0) {
        ns_link_hand_out(link, whole);
    }
}

static void load_logs(struct ns_link *link) {
    if (link->logs_batch.waiting > 0) {
        link->logs_batch.again = true;
        return;
    }
    link->log_count = 0;
    ask_each(link, &link->logs_batch, NS_OP_LOGS, NS_DOC_LOGS, NS_OP_LOGS);
}

static void load_stock(struct ns_link *link) {
    if (link->stock_batch.waiting > 0) {
        link->stock_batch.again = true;
        return;
    }
    link->stock_count = 0;
    ask_each(link, &link->stock_batch, NS_OP_STOCK, NS_DOC_STOCK, NS_OP_STOCK);
}

static void load_children(struct ns_link *link) {
    if (link->children_batch.waiting > 0) {
        link->children_batch.again = true;
        return;
    }
    link->children_batch.waiting = 1;
    link->listing = true;
    (void)ns_link_ask(link, NS_OP_CHILDREN, NS_DOC_CHILDREN, NULL, (ns_id){{0}});
}

/* The list of children is known: what waited for it may go. */
static void children_listed(struct ns_link *link) {
    link->listing = false;
    if (link->want_logs) {
        link->want_logs = false;
        load_logs(link);
    }
    if (link->want_stock) {
        link->want_stock = false;
        load_stock(link);
    }
    link->children_batch.waiting = 0;
    ask_each(link, &link->children_batch, NS_OP_STATE, NS_DOC_CHILD_STATE, NS_OP_CHILDREN);
}

static void batch_step(struct ns_link *link, struct ns_link_batch *batch,
                       enum ns_link_op_kind whole, void (*again)(struct ns_link *)) {
    if (batch->waiting == 0 || --batch->waiting > 0) {
        return;
    }
    bool repeat = batch->again;
    batch->again = false;
    ns_link_hand_out(link, whole);
    if (repeat) {
        again(link);
    }
}

/* An answer to a question of this file, or its refusal: data was taken before. */
void ns_load_answered(struct ns_link *link, enum ns_link_op_kind kind) {
    switch ((int)kind) {
    case NS_OP_CHILDREN:
        children_listed(link);
        break;
    case NS_OP_STATE:
        batch_step(link, &link->children_batch, NS_OP_CHILDREN, load_children);
        break;
    case NS_OP_LOGS:
        batch_step(link, &link->logs_batch, NS_OP_LOGS, load_logs);
        break;
    case NS_OP_STOCK:
        batch_step(link, &link->stock_batch, NS_OP_STOCK, load_stock);
        break;
    default:
        break;
    }
}

void ns_load_forget(struct ns_link *link) {
    link->children_batch = (struct ns_link_batch){0};
    link->logs_batch = (struct ns_link_batch){0};
    link->stock_batch = (struct ns_link_batch){0};
    link->want_logs = false;
    link->want_stock = false;
    link->listing = false;
}

static void load_per_child(struct ns_link *link, const struct ns_cmd *cmd,
                           enum ns_link_op_kind kind, const char *document) {
    if (!ns_id_is_zero(cmd->child)) {
        ask_for(link, kind, document, cmd->child);
        return;
    }
    for (size_t i = 0; i < link->child_count; i++) {
        ask_for(link, kind, document, link->children[i].id);
    }
}

void ns_load_command(struct ns_link *link, const struct ns_cmd *cmd) {
    static const ns_id none = {{0}};
    if (!ns_link_connected(link)) {
        return; /* the reducer asks again when the connection is live */
    }
    switch (cmd->load) {
    case NS_LOAD_HOUSEHOLD:
        (void)ns_link_ask(link, NS_OP_HOUSEHOLD, NS_DOC_HOUSEHOLD, NULL, none);
        break;
    case NS_LOAD_CHILDREN:
        load_children(link);
        break;
    case NS_LOAD_PREDICTION:
        load_per_child(link, cmd, NS_OP_PREDICTION, NS_DOC_PREDICTION);
        break;
    case NS_LOAD_ANSWERS:
        load_per_child(link, cmd, NS_OP_ANSWERS, NS_DOC_ANSWERS);
        break;
    case NS_LOAD_DAYS:
        load_per_child(link, cmd, NS_OP_DAYS, NS_DOC_DAYS);
        break;
    case NS_LOAD_LOGS:
        if (link->listing) {
            link->want_logs = true;
        } else {
            load_logs(link);
        }
        break;
    case NS_LOAD_STOCK:
        if (link->listing) {
            link->want_stock = true;
        } else {
            load_stock(link);
        }
        break;
    case NS_LOAD_SUPPORT:
        (void)ns_link_ask(link, NS_OP_SUPPORT, NS_DOC_SUPPORT, NULL, none);
        break;
    case NS_LOAD_DEVICES:
        (void)ns_link_ask(link, NS_OP_DEVICES, NS_DOC_DEVICES, NULL, none);
        break;
    case NS_LOAD_PLAN:
        (void)ns_link_ask(link, NS_OP_PLAN, NS_DOC_PLAN, NULL, none);
        break;
    }
}
