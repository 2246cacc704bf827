/* state.h: everything the console shows, as plain structs.
 *
 * tui/link fills the data part through events (app.h), the reducer alone changes the rest, views
 * only read. Texts are UTF-8 with a closing NUL, cut at a character border by whoever fills
 * them; views clean control characters. Numbers that may be absent have a NONE value, and views
 * then say the reason in words. Times are UTC instants; local days and minutes stand beside
 * them because no part of the console but tui/link knows the household's zone.
 * Memory: one flat value without pointers; copy it freely. Threads: loop thread. */
#pragma once
#include "shared/base/id.h"
#include "shared/base/money.h"
#include "shared/base/time.h"
#include "shared/text/message.h"
#include "tui/keys/input.h"
#include "tui/theme/theme.h"

#define NS_APP_CHILDREN 10
#define NS_APP_NAME 64
#define NS_APP_TEXT 128
#define NS_APP_DAYS 90      /* history kept per child */
#define NS_APP_FORECAST 30
#define NS_APP_LOGS 200
#define NS_APP_STOCK 100
#define NS_APP_PROBLEMS 20
#define NS_APP_PARTS 12
#define NS_APP_UNDO 50
#define NS_APP_NOTES 6
#define NS_APP_NUMBER_NONE INT32_MIN /* an absent number of any unit */

enum ns_app_screen {
    NS_SCREEN_HOME,
    NS_SCREEN_LOG,
    NS_SCREEN_NEXT,
    NS_SCREEN_STOCK,
    NS_SCREEN_PLAN,
    NS_SCREEN_PAIR,
    NS_SCREEN_SUPPORT,
    NS_SCREEN_COUNT
};

enum ns_app_link_state { /* connection to the agent */
    NS_LINK_STARTING,    /* never heard yet; what is shown comes from the saved state */
    NS_LINK_LIVE,
    NS_LINK_CATCHING_UP, /* connected, sending the queue or reading anew */
    NS_LINK_SILENT,      /* connected, but it does not answer */
    NS_LINK_OFFLINE
};

/* In the order of DiaperSizeType: 0 newborn, 1..7. */
#define NS_APP_SIZES 8

enum ns_app_confidence { /* PredictionConfidenceEnum */
    NS_CONFIDENCE_VERY_LOW,
    NS_CONFIDENCE_LOW,
    NS_CONFIDENCE_MEDIUM,
    NS_CONFIDENCE_HIGH,
    NS_CONFIDENCE_VERY_HIGH
};

enum ns_app_day_status { NS_DAY_OK, NS_DAY_GAP, NS_DAY_PARTIAL };

struct ns_app_day { /* one local day of the log */
    ns_date date;
    int16_t count;
    int16_t wet;
    int16_t soiled;
    uint8_t status; /* enum ns_app_day_status */
};

struct ns_app_forecast_day { /* hundredths of a change */
    ns_date date;
    int32_t expected;
    int32_t lower;
    int32_t upper;
};

enum ns_app_model { NS_MODEL_COLD_START, NS_MODEL_FLAT, NS_MODEL_TREND, NS_MODEL_YEARLY };

struct ns_app_prediction { /* newest ConsumptionPrediction of a child */
    bool present;
    ns_time created;
    enum ns_app_model model;
    enum ns_app_confidence confidence;        /* confidenceLevel */
    enum ns_app_confidence runout_confidence; /* shown on Home: how sure the date is */
    int32_t rate;          /* hundredths of a change a day */
    int32_t demand30;      /* changes */
    int32_t demand30_lower;
    int32_t demand30_upper;
    int32_t mae;           /* hundredths, or NONE */
    int32_t r_squared;     /* hundredths, or NONE */
    int32_t coverage;      /* per cent of past days inside the 80 % band, or NONE */
    int32_t size_change;   /* probability in per cent, or NONE */
    int8_t new_size;       /* 0..7, -1 unknown */
    ns_date size_change_on;   /* NS_DATE_NONE: unknown */
    ns_date runout;           /* NS_DATE_NONE: beyond the horizon, or nothing ever stocked */
    ns_date runout_earliest;
    ns_date runout_latest;    /* NS_DATE_NONE: beyond the horizon */
    ns_date reorder_by;
    int32_t stock;            /* usable diapers when computed */
    int32_t training_days;
    int32_t training_points;
    bool alert;               /* the forecast went astray lately */
    int32_t packs;            /* to buy; NONE: not known */
    int32_t pack_pieces;
    uint8_t forecast_count;
    uint8_t note_count;
    struct ns_app_forecast_day forecast[NS_APP_FORECAST];
    char notes[NS_APP_NOTES][48]; /* message keys (ConsumptionPrediction.notes); unknown ones are not shown */
};

/* What Next can be asked: in words of the agent, in the language of the console. */
#define NS_APP_ANSWERS 20
#define NS_APP_ANSWER 240
enum ns_app_question { NS_ASK_WHY, NS_ASK_SICK, NS_ASK_CLOSED, NS_ASK_TRAVEL, NS_ASK_SECOND, NS_ASK_SUPPLIES };
struct ns_app_answers {
    uint8_t count; /* 0: not read yet */
    struct {
        uint8_t question; /* enum ns_app_question */
        char text[NS_APP_ANSWER];
    } line[NS_APP_ANSWERS];
};

enum ns_next_page { NS_NEXT_CHART, NS_NEXT_TABLE, NS_NEXT_WORDS, NS_NEXT_TOGETHER, NS_NEXT_PAGES };

enum ns_app_kind { NS_CHANGE_WET, NS_CHANGE_DIRTY, NS_CHANGE_BOTH, NS_CHANGE_DRY };

struct ns_app_child {
    ns_id id;
    char name[NS_APP_NAME];
    ns_date birth;
    int8_t size;          /* 0..7 */
    int32_t weight_g;     /* NONE: never weighed */
    int32_t expected;     /* dailyUsageCount */
    int32_t left;         /* usable diapers of the current size; NONE: not read yet */
    bool ever_stocked;
    int32_t today_changes;
    ns_time last_change;  /* NS_TIME_NONE: none yet */
    uint8_t last_kind;    /* enum ns_app_kind */
    struct ns_app_prediction prediction;
    struct ns_app_answers answers;
    uint8_t day_count;
    struct ns_app_day days[NS_APP_DAYS]; /* oldest first; the last may be today */
};

struct ns_app_household {
    bool present;
    bool demo;
    char province[4];
    char owner[NS_APP_NAME];
    ns_date today;
    ns_date clock_old; /* the first day this computer's own clock shows a wrong hour; 0: none within a year */
};

enum ns_app_log_state { NS_LOG_SAVED, NS_LOG_SENDING, NS_LOG_QUEUED, NS_LOG_FAILED };

struct ns_app_log { /* newest first */
    ns_id id;      /* of the usage log; the client key while not yet saved */
    ns_id child;
    ns_time at;
    ns_date day;   /* local */
    int16_t minute; /* local, 0..1439 */
    int16_t gap;   /* minutes since the previous change, -1 unknown */
    uint8_t kind;
    bool leak;
    uint8_t quantity;
    uint8_t state; /* enum ns_app_log_state */
    char by[NS_APP_NAME];
};

struct ns_app_stock {
    ns_id id;
    ns_id child;
    uint8_t product; /* ProductTypeEnum order; 0 diaper, 1 wipes, ... */
    char brand[NS_APP_NAME];
    char name[NS_APP_NAME];
    char where[NS_APP_NAME];
    char size[16];
    int32_t total;
    int32_t remaining;
    int32_t reserved;
    bool opened;
    bool expired;
    ns_date expiry; /* NS_DATE_NONE */
};

enum ns_app_health { NS_HEALTH_UP, NS_HEALTH_DEGRADED, NS_HEALTH_DOWN, NS_HEALTH_UNCONFIGURED };

/* The support view gets this and nothing else: no field of it can hold a name, a note or a
 * date of birth. */
struct ns_app_support {
    bool present;
    ns_time read_at;
    char version[24];
    int64_t uptime_s;
    enum ns_app_health agent;
    enum ns_app_health store;
    int64_t store_bytes;
    int32_t schema_version;
    ns_time last_verified; /* NS_TIME_NONE: never */
    int32_t children;
    int64_t usage_count;
    int64_t audit_count;
    bool audit_intact;
    int32_t predictions_fresh;
    int32_t forecast_ms; /* NONE: none yet */
    int32_t connections;
    uint8_t problem_count;
    struct {
        ns_time at;
        ns_date day;    /* local */
        int16_t minute;
        char level[12];
        char part[24];
        char text[160];
    } problems[NS_APP_PROBLEMS];
    uint8_t part_count;
    struct {
        char name[24];
        enum ns_app_health state;
    } parts[NS_APP_PARTS];
};

#define NS_APP_DEVICES 32
#define NS_APP_NETWORKS 8
struct ns_app_device {
    ns_id id;
    char name[NS_APP_NAME];
    char may[NS_APP_TEXT]; /* in words of the agent */
    ns_time seen;          /* NS_TIME_NONE: never */
    ns_date seen_day;      /* local */
    int16_t seen_minute;
    bool current;          /* this computer */
    bool connected;
};

struct ns_app_network { /* how phones reach the home */
    bool present;
    bool fixed;            /* nestsync.conf names it */
    bool listening;
    char interface[20];    /* empty: off */
    char problem[NS_APP_TEXT];
    char address[48];      /* the first; as in an address line of a browser */
    int32_t port;
    uint8_t choice_count;
    char choice[NS_APP_NETWORKS][20];
    uint8_t device_count;
    struct ns_app_device device[NS_APP_DEVICES];
};

struct ns_app_pairing { /* a window that was opened here */
    char code[12];  /* empty: none */
    ns_time closes;
};

#define NS_APP_BILLS 40
#define NS_APP_PLANS 4
#define NS_APP_URL 600
#define NS_APP_TAXES 4 /* GST, HST, PST, QST */
#define NS_APP_MONEY_NONE INT64_MIN
#define NS_APP_LOST 12

enum ns_app_standing { /* SubscriptionStatus.standing */
    NS_STANDING_FREE,
    NS_STANDING_SELF_HOSTED, /* nobody sells plans here: no payment service is set up */
    NS_STANDING_PRACTICE,
    NS_STANDING_TRIAL,
    NS_STANDING_PAID,
    NS_STANDING_ENDING,
    NS_STANDING_GRACE,
    NS_STANDING_UNPAID,
    NS_STANDING_TRIAL_OVER,
    NS_STANDING_ENDED,
    NS_STANDING_COUNT
};
enum ns_app_waiting { NS_WAITING_NONE, NS_WAITING_REQUEST, NS_WAITING_PAGE, NS_WAITING_PERSON };
enum ns_app_bill_state { NS_BILL_OPEN, NS_BILL_PAID, NS_BILL_FAILED, NS_BILL_GIVEN_BACK };

struct ns_app_bill {
    ns_id id;
    ns_date day;   /* local */
    ns_date from;  /* what it pays for; NS_DATE_NONE: not known */
    ns_date until;
    uint8_t state; /* enum ns_app_bill_state */
    char number[40];
    char what[NS_APP_TEXT]; /* in words of the agent */
    char province[4];
    char url[240];          /* of the seller's own invoice; empty: none */
    ns_money subtotal;
    ns_money total;
    ns_money refund;              /* NONE: nothing given back */
    ns_money tax[NS_APP_TAXES];   /* NONE: not charged */
};

struct ns_app_tier { /* a plan that can be taken */
    char id[32];
    char name[NS_APP_NAME];
    char what[NS_APP_TEXT];
    ns_money price;
};

struct ns_app_plan {
    bool present;
    uint8_t standing; /* enum ns_app_standing */
    uint8_t waiting;  /* enum ns_app_waiting */
    ns_date until;    /* when the standing changes by itself; NS_DATE_NONE: never */
    int16_t page_minute; /* a purchase is open until then */
    ns_date next_day; /* of the next charge; NS_DATE_NONE: none */
    char id[32];
    char name[NS_APP_NAME];
    ns_money price;   /* of the next charge, before tax */
    char province[4]; /* whose taxes it bears */
    char brand[24];   /* of the card; empty: none here */
    char last4[8];
    ns_date access_until;        /* when it is stopped now; NS_DATE_NONE: at once */
    uint8_t lost_count;
    char lost[NS_APP_LOST][NS_APP_NAME];
    uint8_t tier_count;
    struct ns_app_tier tier[NS_APP_PLANS];
    uint8_t bill_count;
    struct ns_app_bill bill[NS_APP_BILLS]; /* newest first */
};

struct ns_app_plan_answer { /* what came of a wish about the plan */
    char said[NS_APP_TEXT]; /* in words of the agent; empty: nothing special */
    char url[NS_APP_URL];   /* a page of the payment service to finish on; empty: none */
    bool costs;             /* the three below are set */
    ns_money subtotal;
    ns_money due;           /* below zero: credit on the next bill */
    ns_money tax[NS_APP_TAXES];
};

enum ns_plan_page { NS_PLAN_MAIN, NS_PLAN_TIERS, NS_PLAN_PROVINCES, NS_PLAN_RECEIPT, NS_PLAN_LINK };
#define NS_APP_PROVINCES 13
extern const char *const ns_app_provinces[NS_APP_PROVINCES];

enum ns_app_tone { NS_TONE_INFO, NS_TONE_GOOD, NS_TONE_WARN, NS_TONE_BAD };

struct ns_app_notice { /* the last act, above the keys */
    bool present;
    enum ns_app_tone tone;
    bool undo; /* the line offers u */
    bool kept; /* it says that a change waits for the agent */
    char text[240];
};

struct ns_app_undo { /* newest last */
    ns_id client_key; /* of the request that did it */
    ns_id action;     /* zero until the agent told it */
    ns_id child;
    ns_id target;     /* row id of the usage log, once known */
    uint32_t group;   /* acts of one key press are undone together */
    uint8_t kind;     /* enum ns_app_kind for a log */
    bool log;         /* else a stock change or a corrected line */
    bool fix;
};

enum ns_fix_field { NS_FIX_CHILD, NS_FIX_TIME, NS_FIX_KIND, NS_FIX_LEAK, NS_FIX_OUT, NS_FIX_FIELDS };

enum ns_app_overlay {
    NS_OVERLAY_NONE,
    NS_OVERLAY_HELP,
    NS_OVERLAY_PALETTE,
    NS_OVERLAY_DIALOG,
    NS_OVERLAY_FIX,
    NS_OVERLAY_FORM,   /* add or count stock */
    NS_OVERLAY_LOCKED  /* toddler lock: type the word shown */
};

enum ns_app_form { NS_FORM_COUNT, NS_FORM_ADD, NS_FORM_RENAME };
enum ns_app_dialog {
    NS_DIALOG_TWICE,   /* log it again? */
    NS_DIALOG_FINISH,  /* really used up? */
    NS_DIALOG_REVOKE,  /* throw the device out? */
    NS_DIALOG_PANIC,   /* every device? */
    NS_DIALOG_NETWORK, /* serve phones on this network, or on none? */
    NS_DIALOG_PLAN,    /* take this plan, at this price? */
    NS_DIALOG_PLAN_STOP,
    NS_DIALOG_PLAN_MOVE
};

#define NS_APP_INPUT 80
struct ns_app_input {
    char text[NS_APP_INPUT];
    uint16_t len;
};

struct ns_app_ui {
    enum ns_app_screen screen;
    enum ns_app_overlay overlay;
    uint8_t child;            /* index in children, kept on the same id when they are read anew */
    uint8_t log_row;
    ns_id log_id;
    uint8_t stock_row;
    ns_id stock_id;
    uint8_t help_row;
    uint8_t palette_row;
    uint8_t support_row;
    uint8_t device_row;
    ns_id device_id;
    uint8_t network_choice;   /* offered next, when off */
    bool qr_dark;             /* i: the square is drawn the other way round */
    uint8_t plan_page;        /* enum ns_plan_page */
    uint8_t bill_row;
    ns_id bill_id;
    uint8_t tier_row;
    uint8_t province_row;
    bool filtering;           /* the / line is open */
    struct ns_app_input filter;
    struct ns_app_input palette;
    uint8_t next_page;        /* v on Next: enum ns_next_page */
    uint8_t answers_asked;    /* 1 + the child whose words were asked for; 0: none */
    uint8_t next_span;        /* 0: 60 days back, 1: 30, 2: 14 */
    uint8_t stock_sort;       /* 0 as stored, 1 least left, 2 name */
    int16_t back_minutes;     /* Log: how far back the next change lies */
    uint8_t times;            /* 1, or 2 after + */
    bool leak;                /* x: the next change leaked */
    bool dialog_yes;          /* false: No is chosen */
    uint8_t dialog;           /* enum ns_app_dialog */
    uint8_t dialog_kind;      /* the change that waits for the answer */
    uint8_t form;
    uint8_t form_field;
    int8_t form_size;
    struct ns_app_input form_brand;
    struct ns_app_input form_count;
    enum ns_msg form_error;
    ns_id form_item;
    struct ns_app_log fix;    /* Enter on Log: the line as it shall stand */
    uint8_t fix_field;        /* enum ns_fix_field */
    bool fix_sure;            /* Enter was pressed once on taking it out */
    bool hints;               /* first-run hints */
    struct ns_app_input lock;
};

struct ns_app_state {
    /* who and where */
    enum ns_lang lang;
    enum ns_theme theme;
    struct ns_caps caps;
    bool support_only;  /* --support: no other screen exists and nothing else is loaded */
    bool big;
    int rows;
    int cols;
    /* clock, from ticks */
    ns_time now;
    int32_t utc_offset_s;
    ns_date today;      /* local */
    int16_t minute;     /* local minute of the day */
    /* connection */
    enum ns_app_link_state link;
    ns_time link_since;     /* since when silent or offline */
    int16_t link_minute;    /* the same, local minute of the day; -1 unknown */
    int32_t queued;         /* changes waiting to be sent */
    int32_t waited;         /* how many did, until the agent has them all */
    /* data */
    struct ns_app_household household;
    uint8_t child_count;
    uint16_t log_count;
    uint16_t stock_count;
    bool children_read;
    bool logs_read;
    bool stock_read;
    struct ns_app_child children[NS_APP_CHILDREN];
    struct ns_app_log logs[NS_APP_LOGS];
    struct ns_app_stock stock[NS_APP_STOCK];
    struct ns_app_support support;
    struct ns_app_network network;
    struct ns_app_pairing pairing;
    struct ns_app_plan plan;
    struct ns_app_plan_answer plan_answer; /* the last: a cost to agree to, or a page */
    /* acts */
    struct ns_app_notice notice;
    ns_time notice_at;
    uint8_t undo_count;
    struct ns_app_undo undo[NS_APP_UNDO];
    uint64_t seed[2];       /* client keys come from these and the counter */
    uint64_t counter;
    uint8_t pending_count;
    struct {                /* requests whose answer is awaited, besides logs */
        ns_id key;
        ns_id child;
        uint8_t what;       /* private to the reducer */
    } pending[16];
    uint32_t predicting;    /* bit per child: a forecast was asked for */
    uint32_t group;         /* of the last act */
    bool quitting;
    struct ns_app_ui ui;
};

/* Index of the child, or -1. */
int ns_app_child_index(const struct ns_app_state *state, ns_id id);
/* The letter that chooses child i: its own initial if free, else the next free letter of its
 * name, else of the alphabet; letters that are keys of any screen are never given. */
uint32_t ns_app_child_letter(const struct ns_app_state *state, int i);
