/* wizard.h: the first evening: `nestsync init` as a pure reducer over its own state.
 *
 * Steps: language, home (name and province), passphrase twice, recovery words shown once, three
 * of them asked for, consent (nothing pre-ticked), child, stock on the shelf, import with a
 * preview, end. The reducer checks every field at once and makes commands; tui/cli/init carries
 * them out and answers with an event. Before CREATE every step can go back; after it the home
 * exists, so back stops there, but for the consent: while no child is made, and as long as it was
 * not given, the later steps lead back to it.
 * Secrets: the passphrase and the words are in this struct only; ns_wizard_fini wipes them.
 * Memory: one flat value. Threads: loop thread. */
#pragma once
#include "tui/app/state.h"

enum ns_wizard_step {
    NS_WIZARD_LANGUAGE,
    NS_WIZARD_HOME,
    NS_WIZARD_PASSPHRASE,
    NS_WIZARD_WORDS,
    NS_WIZARD_WORDS_CHECK,
    NS_WIZARD_CONSENT,
    NS_WIZARD_CHILD,
    NS_WIZARD_STOCK,
    NS_WIZARD_IMPORT,
    NS_WIZARD_PREVIEW,
    NS_WIZARD_END,
    NS_WIZARD_STEPS
};

#define NS_WIZARD_PROBLEMS 3 /* of a preview; more do not fit a small window */
#define NS_WIZARD_TEXT 256
#define NS_WIZARD_WORDS_MOST 24
#define NS_WIZARD_ASKED 3
#define NS_WIZARD_PASSPHRASE_MIN 12 /* characters */
#define NS_WIZARD_PASSPHRASE_MAX 128

enum ns_wizard_field { /* text fields; which step shows them: wizard.c */
    NS_FIELD_NAME,     /* of the parent */
    NS_FIELD_PASS1,
    NS_FIELD_PASS2,
    NS_FIELD_WORD1,
    NS_FIELD_WORD2,
    NS_FIELD_WORD3,
    NS_FIELD_CHILD,
    NS_FIELD_BIRTH,    /* YYYY-MM-DD; also YYYYMMDD and YYYY/MM/DD */
    NS_FIELD_USAGE,    /* changes a day; empty: by age */
    NS_FIELD_COUNT,    /* diapers on the shelf */
    NS_FIELD_BRAND,
    NS_FIELD_PATH,
    NS_FIELD_MOST
};

struct ns_wizard_preview { /* what a file holds, before anything is written */
    bool present;
    char file[NS_APP_TEXT];
    char format[32];     /* as shown: "Baby Buddy", "Huckleberry", "Hatch", "CSV" */
    char day_order[16];  /* ISO, DAY_FIRST, MONTH_FIRST */
    ns_date first;
    ns_date last;
    int32_t days;
    int32_t changes;
    int32_t gaps;
    int32_t duplicates;
    int32_t refused;
    char problem[NS_WIZARD_PROBLEMS][400]; /* "Line 17: what is wrong and what to do" */
    int32_t problem_count;
    char reasons[400];   /* how often each reason; empty: none */
};

enum ns_wizard_cmd_kind {
    NS_WIZARD_CMD_CREATE,  /* lang, province, name, passphrase -> WORDS or FAILED */
    NS_WIZARD_CMD_CONSENT, /* consent (also when false) -> DONE or FAILED */
    NS_WIZARD_CMD_CHILD,   /* child fields -> DONE or FAILED */
    NS_WIZARD_CMD_STOCK,   /* count, brand, size -> DONE or FAILED */
    NS_WIZARD_CMD_STAGE,   /* path -> PREVIEW or FAILED */
    NS_WIZARD_CMD_COMMIT,  /* -> PROGRESS..., DONE or FAILED */
    NS_WIZARD_CMD_FINISH,  /* everything is there: open the console */
    NS_WIZARD_CMD_QUIT
};

struct ns_wizard_cmd {
    enum ns_wizard_cmd_kind kind; /* its arguments are read from the state by the accessors below */
};

enum ns_wizard_event_kind {
    NS_WIZARD_KEY,
    NS_WIZARD_PASTE,
    NS_WIZARD_RESIZE,
    NS_WIZARD_GOT_WORDS,   /* words, word_count */
    NS_WIZARD_GOT_PREVIEW, /* preview */
    NS_WIZARD_PROGRESS,    /* done, total */
    NS_WIZARD_DONE,
    NS_WIZARD_FAILED       /* text: what the person reads */
};

struct ns_wizard_event {
    enum ns_wizard_event_kind kind;
    uint32_t key;
    struct ns_str paste;
    int rows;
    int cols;
    const char *const *words;
    size_t word_count;
    const struct ns_wizard_preview *preview;
    int64_t done;
    int64_t total;
    const char *text;
};

struct ns_wizard_setup {
    enum ns_lang lang;     /* guessed from the locale */
    enum ns_theme theme;
    struct ns_caps caps;
    ns_date today;         /* dates of birth are checked against it */
    uint64_t seed;         /* which three words are asked for */
    char province[4];      /* guessed, or empty */
    int rows;
    int cols;
};

struct ns_wizard {
    enum ns_lang lang;
    enum ns_theme theme;
    struct ns_caps caps;
    int rows;
    int cols;
    ns_date today;
    enum ns_wizard_step step;
    bool busy;             /* a command is under way; only ctrl-c works */
    bool created;          /* the home exists on the disk */
    uint8_t focus;         /* field or choice of the step */
    uint8_t province;      /* index in the province list */
    bool province_chosen;
    bool consent;          /* never set but by the person */
    enum ns_wizard_step after_consent; /* where to go on; LANGUAGE: the child */
    int8_t size;           /* 0..7 */
    bool size_touched;     /* else it follows the date of birth */
    bool child_added;
    bool imported;
    bool show_pass;        /* ctrl-t shows what is typed */
    uint8_t word_count;
    char words[NS_WIZARD_WORDS_MOST][16];
    uint8_t asked[NS_WIZARD_ASKED]; /* 0-based positions, rising */
    uint64_t seed;
    char field[NS_FIELD_MOST][NS_WIZARD_TEXT];
    enum ns_msg error;     /* of the step, with its field in error_field; NONE: fine */
    uint8_t error_field;
    char error_text[240];  /* from the agent; shown when error is NONE and it is not empty */
    int64_t progress_done;
    int64_t progress_total;
    struct ns_wizard_preview preview;
};

void ns_wizard_init(struct ns_wizard *wizard, const struct ns_wizard_setup *setup);
void ns_wizard_fini(struct ns_wizard *wizard); /* wipes */

/* At most one command an event; returns true and fills *cmd when there is one. */
bool ns_wizard_step(struct ns_wizard *wizard, const struct ns_wizard_event *event,
                    struct ns_wizard_cmd *cmd);

bool ns_wizard_can_go_back(const struct ns_wizard *wizard); /* does Esc lead somewhere? */

/* Accessors for whoever carries out a command. */
const char *ns_wizard_province(const struct ns_wizard *wizard); /* "QC", ... */
ns_date ns_wizard_birth(const struct ns_wizard *wizard);        /* NONE when not valid */
int32_t ns_wizard_usage(const struct ns_wizard *wizard);        /* a day, from the age if empty */
bool ns_wizard_words_fit(const struct ns_wizard *wizard); /* the window shows every recovery word */
int32_t ns_wizard_stock(const struct ns_wizard *wizard);

#define NS_WIZARD_PROVINCES 13
extern const char *const ns_wizard_provinces[NS_WIZARD_PROVINCES]; /* codes, by population */
