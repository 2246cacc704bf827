/* table.h: every command of nestsync with its options: the one source of the parser, the help in
 * both languages, the man page and the completions.
 *
 * A command may have sub-commands ("stock add"): the longest chain of words that stands in the
 * table wins. Memory: constant tables; parsed arguments borrow argv. Threads: pure. */
#pragma once
#include "shared/text/message.h"

enum ns_cli_id {
    NS_CLI_CONSOLE, /* no word at all */
    NS_CLI_STATUS,
    NS_CLI_LOG,
    NS_CLI_LOG_FIX,
    NS_CLI_LOG_REMOVE,
    NS_CLI_LOG_WEIGHT,
    NS_CLI_LOG_SICK,
    NS_CLI_LOG_DAYCARE,
    NS_CLI_LOG_CLOSED,
    NS_CLI_LOG_TRAVEL,
    NS_CLI_LOG_TIGHT,
    NS_CLI_MARKS,
    NS_CLI_MARKS_REMOVE,
    NS_CLI_PREFERENCES,
    NS_CLI_STOCK,
    NS_CLI_STOCK_ADD,
    NS_CLI_STOCK_COUNT,
    NS_CLI_STOCK_REMOVE,
    NS_CLI_STOCK_DELIVERY,
    NS_CLI_PREDICT,
    NS_CLI_CHILDREN,
    NS_CLI_CHILDREN_ADD,
    NS_CLI_CHILDREN_EDIT,
    NS_CLI_CHILDREN_REMOVE,
    NS_CLI_IMPORT,
    NS_CLI_UNDO,
    NS_CLI_NOTICES,
    NS_CLI_CONSENT,
    NS_CLI_DEVICES,
    NS_CLI_DEVICES_PAIR,
    NS_CLI_DEVICES_RENAME,
    NS_CLI_DEVICES_REVOKE,
    NS_CLI_DEVICES_PANIC,
    NS_CLI_DEVICES_NETWORK,
    NS_CLI_GRAPHQL,
    NS_CLI_AUDIT,
    NS_CLI_AUDIT_VERIFY,
    NS_CLI_DOCTOR,
    NS_CLI_SUPPORT,
    NS_CLI_INIT,
    NS_CLI_STORE,
    NS_CLI_BACKUP,
    NS_CLI_RESTORE,
    NS_CLI_EXPORT,
    NS_CLI_PRIVACY,
    NS_CLI_PRIVACY_ERASE,
    NS_CLI_FORECAST,
    NS_CLI_HOLIDAYS,
    NS_CLI_TAX,
    NS_CLI_CONFIG_CHECK,
    NS_CLI_PLAN,
    NS_CLI_PLAN_CHOOSE,
    NS_CLI_PLAN_STOP,
    NS_CLI_PLAN_RESUME,
    NS_CLI_PLAN_MOVE,
    NS_CLI_PLAN_CARD,
    NS_CLI_ORDERS,
    NS_CLI_ORDERS_STATES,
    NS_CLI_ORDERS_SUGGEST,
    NS_CLI_ORDERS_PAUSE,
    NS_CLI_ORDER,
    NS_CLI_ORDER_NEW,
    NS_CLI_ORDER_APPROVE,
    NS_CLI_ORDER_STOP,
    NS_CLI_ORDER_CANCEL,
    NS_CLI_ORDER_TOLD,
    NS_CLI_ORDER_RATE,
    NS_CLI_BILLS,
    NS_CLI_RECEIPT,
    NS_CLI_PRODUCTS,
    NS_CLI_PRODUCTS_SCAN,
    NS_CLI_PRICES,
    NS_CLI_PRICES_ADD,
    NS_CLI_PRICES_COMPARE,
    NS_CLI_PRICES_HISTORY,
    NS_CLI_COMPLETION,
    NS_CLI_HELP,
    NS_CLI_DEMO,
    NS_CLI_MAN
};

enum ns_cli_opt_id {
    NS_OPT_HELP,
    NS_OPT_VERSION,
    NS_OPT_LANG,
    NS_OPT_HOME,
    NS_OPT_JSON,
    NS_OPT_PLAIN,
    NS_OPT_SUPPORT,
    NS_OPT_SCREEN,
    NS_OPT_AT,
    NS_OPT_MINUTES_AGO,
    NS_OPT_COUNT,
    NS_OPT_LEAK,
    NS_OPT_NOTE,
    NS_OPT_SIZE,
    NS_OPT_BRAND,
    NS_OPT_WHERE,
    NS_OPT_NOW,
    NS_OPT_BORN,
    NS_OPT_NAME,
    NS_OPT_USAGE,
    NS_OPT_WEIGHT,
    NS_OPT_CHILD,
    NS_OPT_YES,
    NS_OPT_DAY_FIRST,
    NS_OPT_MONTH_FIRST,
    NS_OPT_UNDO,
    NS_OPT_GRANT,
    NS_OPT_WITHDRAW,
    NS_OPT_VARIABLES,
    NS_OPT_PASSPHRASE_FD,
    NS_OPT_MACHINE_KEY,
    NS_OPT_NO_MACHINE_KEY,
    NS_OPT_PROVINCE,
    NS_OPT_CSV,
    NS_OPT_ON,
    NS_OPT_UNTIL,
    NS_OPT_DAYS,
    NS_OPT_EARLY,
    NS_OPT_EXPLAIN,
    NS_OPT_WHAT_IF,
    NS_OPT_REPLAY,
    NS_OPT_HOUSEHOLD,
    NS_OPT_SUPPLIES,
    NS_OPT_AS_DOCUMENTED,
    NS_OPT_HTML,
    NS_OPT_PAYMENTS,
    NS_OPT_ENV_FILE,
    NS_OPT_PRODUCT,
    NS_OPT_AUTO,
    NS_OPT_THRESHOLD,
    NS_OPT_MOST,
    NS_OPT_SHOPS,
    NS_OPT_BRANDS,
    NS_OPT_DELIVERY_DAYS,
    NS_OPT_INSTRUCTIONS,
    NS_OPT_NOTICE,
    NS_OPT_GROWTH,
    NS_OPT_SEASONS,
    NS_OPT_SURENESS,
    NS_OPT_UNLOCK,
    NS_OPT_READ,
    NS_OPT_SHOP,
    NS_OPT_PAID,
    NS_OPT_BARCODE,
    NS_OPT_DELIVERY,
    NS_OPT_FREE_FROM,
    NS_OPT_PACKS,
    NS_OPT_PIECES,
    NS_OPT_RECEIPT,
    NS_OPT_LINK,
    NS_OPT_COUNT_ALL
};

struct ns_cli_option {
    const char *name;          /* without the two dashes */
    char letter;               /* 0: none */
    enum ns_msg value;         /* name of the value; NONE: a switch */
    enum ns_msg help;
    const char *choices;       /* words separated by blanks, for completion; NULL: anything */
};

#define NS_CLI_OPTIONS 12
struct ns_cli_command {
    enum ns_cli_id id;
    const char *name;          /* "stock add" */
    enum ns_msg operands;      /* as shown: "KIND CHILD"; NONE: none */
    int operand_min;
    int operand_max;           /* -1: everything that follows is the command's own */
    enum ns_msg help;          /* one line */
    enum ns_msg detail;        /* more, for its own help and the man page; NONE: nothing */
    bool hidden;
    const char *choices;       /* words for the first operand */
    int option_count;
    uint8_t options[NS_CLI_OPTIONS]; /* enum ns_cli_opt_id; the global ones belong to all */
};

extern const struct ns_cli_option ns_cli_options[NS_OPT_COUNT_ALL];
extern const struct ns_cli_command ns_cli_commands[];
extern const size_t ns_cli_command_count;
extern const uint8_t ns_cli_global_options[];
extern const size_t ns_cli_global_option_count;

#define NS_CLI_OPERANDS 64
struct ns_cli_args {
    const struct ns_cli_command *command;
    enum ns_lang lang;         /* --lang, else as handed in */
    bool given[NS_OPT_COUNT_ALL];
    const char *value[NS_OPT_COUNT_ALL];
    int operand_count;
    const char *operand[NS_CLI_OPERANDS];
    int rest_count;            /* operand_max < 0: argv from the command's last word on */
    char **rest;
};

/* Refusals name the word that was not understood and the nearest one that exists. */
ns_rc ns_cli_parse(int argc, char **argv, enum ns_lang lang, struct ns_cli_args *out,
                   struct ns_err *err) NS_MUST_USE;

/* The language of the locale variables (LC_ALL, LC_MESSAGES, LANG), first that is set. */
enum ns_lang ns_cli_locale_lang(const char *lc_all, const char *lc_messages, const char *lang);

const struct ns_cli_command *ns_cli_find(const char *name); /* NULL: none */

/* Without command: the overview. */
void ns_cli_help(struct ns_buf *out, enum ns_lang lang, const struct ns_cli_command *command);
void ns_cli_man(struct ns_buf *out, enum ns_lang lang);     /* nestsync(1) */
void ns_cli_man_ini(struct ns_buf *out, enum ns_lang lang); /* nestsync.ini(5) */
/* As help and manual write them: "-h, --help", "log [KIND] [CHILD]". */
void ns_cli_option_words(struct ns_buf *out, enum ns_lang lang, const struct ns_cli_option *o);
void ns_cli_command_words(struct ns_buf *out, enum ns_lang lang, const struct ns_cli_command *c);
enum ns_cli_shell { NS_SHELL_BASH, NS_SHELL_ZSH, NS_SHELL_FISH };
void ns_cli_completion(struct ns_buf *out, enum ns_cli_shell shell, enum ns_lang lang);
