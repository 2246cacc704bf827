/* app.h: the console's reducer: state + event -> state and commands.
 *
 * Pure: no clock, socket, file, curses or random source. tui/main feeds events and carries out
 * the commands through tui/link and tui/term; views draw the state afterwards.
 * Every command that needs an answer has a client key; the answer comes back as a DONE event
 * with the same key. Memory: events and commands borrow nothing beyond the call.
 * Threads: loop thread. */
#pragma once
#include "tui/app/state.h"

enum ns_app_load { /* what to read from the agent */
    NS_LOAD_HOUSEHOLD,
    NS_LOAD_CHILDREN,   /* children with stock left, today, last change */
    NS_LOAD_PREDICTION, /* newest prediction, per child */
    NS_LOAD_ANSWERS,    /* why and what if, per child, when Next shows them */
    NS_LOAD_DAYS,       /* 90 days, per child */
    NS_LOAD_LOGS,       /* newest logs of all children */
    NS_LOAD_STOCK,
    NS_LOAD_SUPPORT,
    NS_LOAD_DEVICES,    /* and the network they come over */
    NS_LOAD_PLAN        /* with bills and the other plans */
};

enum ns_cmd_kind {
    NS_CMD_LOAD,         /* load, child (zero id: all children) */
    NS_CMD_LOG,          /* log: logDiaperChange with key as idempotency key */
    NS_CMD_UNDO,         /* undo_key: key of the act; undo_action: what the agent called it, zero
                          * while unknown: then remove it from the queue, or wait for its answer */
    NS_CMD_FIX,          /* item: the log; child, at, change, leak: as it shall stand */
    NS_CMD_TAKE_OUT,     /* item: the log */
    NS_CMD_STOCK_SET,    /* item, count */
    NS_CMD_STOCK_ADD,    /* child, size, brand, count */
    NS_CMD_PREDICT,      /* child */
    NS_CMD_PAIR,         /* open a window for one phone */
    NS_CMD_NETWORK,      /* text: the interface; empty: none */
    NS_CMD_DEVICE_RENAME,/* item, text */
    NS_CMD_DEVICE_REVOKE,/* item; zero: all but this computer */
    NS_CMD_PLAN_COST,    /* text: a plan; what changing to it costs now */
    NS_CMD_PLAN_BUY,     /* text: a plan; brand: the province */
    NS_CMD_PLAN_CHANGE,  /* text: a plan */
    NS_CMD_PLAN_STOP,
    NS_CMD_PLAN_RESUME,
    NS_CMD_PLAN_MOVE,    /* text: a province */
    NS_CMD_PLAN_CARD,    /* a page to change the card on */
    NS_CMD_RECONNECT,    /* try now instead of at the next timer */
    NS_CMD_SAVE_SETTINGS,/* language, theme and mouse changed: write console.ini */
    NS_CMD_MOUSE,        /* on or off: caps.mouse */
    NS_CMD_REDRAW,       /* paint everything anew */
    NS_CMD_SUSPEND,
    NS_CMD_QUIT
};

struct ns_cmd {
    enum ns_cmd_kind kind;
    enum ns_app_load load;
    ns_id key;           /* client key of LOG, UNDO, FIX, TAKE_OUT, STOCK_*, PREDICT */
    ns_id child;
    ns_id item;
    ns_id undo_key;
    ns_id undo_action;
    ns_time at;          /* LOG, FIX: when it happened */
    uint8_t change;      /* LOG, FIX: enum ns_app_kind */
    bool leak;
    int8_t size;         /* STOCK_ADD: 0..7 */
    int32_t count;
    char brand[NS_APP_NAME];
    char text[NS_APP_NAME];
};

#define NS_CMD_MOST 40 /* one step never makes more */
struct ns_cmds {
    size_t count;
    struct ns_cmd list[NS_CMD_MOST];
};

enum ns_event_kind {
    NS_EVENT_START,      /* first event: asks for the first loads */
    NS_EVENT_KEY,
    NS_EVENT_PASTE,
    NS_EVENT_MOUSE,
    NS_EVENT_RESIZE,
    NS_EVENT_TICK,       /* now and the zone's offset; once a minute and before other events */
    NS_EVENT_DATA,
    NS_EVENT_DONE,
    NS_EVENT_CONNECTION,
    NS_EVENT_CHANGED     /* householdChanges said so: read again */
};

enum ns_app_change { /* ChangeKind */
    NS_CHANGED_HOUSEHOLD,
    NS_CHANGED_CHILD,
    NS_CHANGED_USAGE,
    NS_CHANGED_INVENTORY,
    NS_CHANGED_PREDICTION,
    NS_CHANGED_IMPORT,
    NS_CHANGED_CONSENT,
    NS_CHANGED_PLAN
};

/* One decoded answer. Exactly the pointer that belongs to `load` is set; it is borrowed. */
struct ns_app_data {
    enum ns_app_load load;
    const struct ns_app_household *household;
    const struct ns_app_child *children; /* prediction and days inside are ignored: kept by id */
    const struct ns_app_prediction *prediction;
    const struct ns_app_answers *answers;
    const struct ns_app_day *days;
    const struct ns_app_log *logs;
    const struct ns_app_stock *stock;
    const struct ns_app_support *support;
    const struct ns_app_network *network;
    const struct ns_app_plan *plan;
    size_t count;  /* of children, days, logs, stock */
    ns_id child;   /* PREDICTION, DAYS: whose */
};

struct ns_app_done {
    ns_id key;
    bool ok;
    bool queued;       /* LOG: kept for later, the agent is away */
    bool no_stock;     /* LOG: saved, but no diaper was left to take */
    ns_id action;      /* what undo takes; zero: cannot be undone */
    ns_id log;         /* LOG: id of the usage log */
    struct ns_app_pairing pairing; /* PAIR */
    struct ns_app_plan_answer plan; /* PLAN_* */
    char text[200];    /* not ok: what the person reads, in their language */
};

struct ns_event {
    enum ns_event_kind kind;
    uint32_t key;
    struct ns_str paste;
    struct ns_mouse mouse;
    int rows;
    int cols;
    ns_time now;
    int32_t utc_offset_s;
    const struct ns_app_data *data;
    const struct ns_app_done *done;
    enum ns_app_link_state link;
    int32_t queued;
    enum ns_app_change change;
    ns_id child;       /* CHANGED: zero when it concerns the home */
};

struct ns_app_setup {
    enum ns_lang lang;
    enum ns_theme theme;
    struct ns_caps caps;
    bool support_only;
    bool first_run;      /* show the hints */
    uint64_t seed[2];    /* random: client keys come from it */
    int rows;
    int cols;
    enum ns_app_screen screen; /* to open: restored session */
};

void ns_app_init(struct ns_app_state *state, const struct ns_app_setup *setup);

/* Adds to cmds (the caller clears it). Returns true when anything visible may have changed. */
bool ns_app_step(struct ns_app_state *state, const struct ns_event *event, struct ns_cmds *cmds);

enum ns_app_screen ns_app_screen_parse(struct ns_str word, bool *known);
const char *ns_app_screen_word(enum ns_app_screen screen); /* "home", "log", ... */
