/* settings.h: one table of settings -> ini reader, checks, help and man text.
 *
 * A settings file is sections and name = value lines; # and ; begin a comment line. It is read
 * strictly: an unknown section or name, a name twice or a value out of bounds is refused with
 * file, line and remedy, and nothing of the file is used.
 * Pure: text in, values out. Threads: values. */
#pragma once
#include "shared/base/err.h"
#include "shared/base/str.h"

enum ns_setting_type { NS_SETTING_INT, NS_SETTING_BOOL, NS_SETTING_CHOICE, NS_SETTING_PATH, NS_SETTING_URL,
    NS_SETTING_INTERFACE /* letters, digits, . _ -, at most 15; or empty */ };

struct ns_setting {
    const char *section;
    const char *name;
    enum ns_setting_type type;
    const char *fallback;
    int64_t min; /* INT */
    int64_t max;
    const char *choices; /* CHOICE: "auto|en|fr" */
    int help;            /* enum ns_msg */
};

#define NS_SETTINGS_MOST 32
#define NS_SETTING_VALUE 256

struct ns_settings {
    const struct ns_setting *table;
    size_t count;
    char value[NS_SETTINGS_MOST][NS_SETTING_VALUE];
};

/* The two tables there are. Order of rows = enum below. */
enum ns_agent_setting {
    NS_SET_LOG_LEVEL, NS_SET_NIGHTLY_HOUR, NS_SET_FORECAST_EVERY, NS_SET_CONNECTIONS,
    NS_SET_REQUESTS, NS_SET_MUTATIONS, NS_SET_BACKUP_HOURS, NS_SET_STRIPE_MODE, NS_SET_WITNESS,
    NS_SET_LAN_INTERFACE, NS_SET_LAN_PORT, NS_SET_JSON_PORT, NS_SET_HANDSHAKES, NS_SET_STRIPE_URL, NS_SET_STRIPE_TAX
};
enum ns_console_setting { NS_SET_LANGUAGE, NS_SET_THEME, NS_SET_LETTERS, NS_SET_MOUSE, NS_SET_TITLE };
extern const struct ns_setting ns_agent_settings[];
extern const size_t ns_agent_setting_count;
extern const struct ns_setting ns_console_settings[];
extern const size_t ns_console_setting_count;

void ns_settings_defaults(struct ns_settings *s, const struct ns_setting *table, size_t count);
/* file: the name shown in messages. On refusal s keeps its former values. */
ns_rc ns_settings_read(struct ns_settings *s, const char *file, struct ns_str text,
                       struct ns_err *err) NS_MUST_USE;
/* Change one value by row; NS_E_INPUT when it does not fit. */
ns_rc ns_settings_set(struct ns_settings *s, int row, struct ns_str value,
                      struct ns_err *err) NS_MUST_USE;
int64_t ns_settings_int(const struct ns_settings *s, int row);
bool ns_settings_bool(const struct ns_settings *s, int row);
const char *ns_settings_text(const struct ns_settings *s, int row);

struct ns_buf;
/* The file as text, with every value that differs from its default. */
void ns_settings_write(const struct ns_settings *s, struct ns_buf *out);
