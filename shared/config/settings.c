/* settings.c: the tables, and the strict reader over them. */
#include "shared/config/settings.h"
#include "shared/base/buf.h"
#include "shared/text/message.h"

#include <stdio.h>
#include <string.h>

const struct ns_setting ns_agent_settings[] = {
    [NS_SET_LOG_LEVEL] = {"log", "level", NS_SETTING_CHOICE, "info", 0, 0, "error|warn|info|debug",
                          NS_MSG_set_log_level},
    [NS_SET_NIGHTLY_HOUR] = {"forecast", "nightly_hour", NS_SETTING_INT, "3", 0, 23, NULL,
                             NS_MSG_set_nightly_hour},
    [NS_SET_FORECAST_EVERY] = {"forecast", "after_logs", NS_SETTING_INT, "10", 1, 1000, NULL,
                               NS_MSG_set_forecast_every},
    [NS_SET_CONNECTIONS] = {"limits", "connections", NS_SETTING_INT, "64", 4, 4096, NULL,
                            NS_MSG_set_connections},
    /* of one caller; mutations count among the requests too */
    [NS_SET_REQUESTS] = {"limits", "requests_per_minute", NS_SETTING_INT, "6000", 60, 1000000,
                         NULL, NS_MSG_set_requests},
    [NS_SET_MUTATIONS] = {"limits", "mutations_per_minute", NS_SETTING_INT, "600", 10, 1000000,
                          NULL, NS_MSG_set_mutations},
    [NS_SET_BACKUP_HOURS] = {"backup", "every_hours", NS_SETTING_INT, "24", 0, 720, NULL,
                             NS_MSG_set_backup_hours},
    [NS_SET_STRIPE_MODE] = {"stripe", "mode", NS_SETTING_CHOICE, "auto", 0, 0,
                            "auto|relay|direct|keyless|off", NS_MSG_set_stripe_mode},
    [NS_SET_STRIPE_URL] = {"stripe", "base_url", NS_SETTING_URL, "https://api.stripe.com", 0, 0, NULL, NS_MSG_set_stripe_url},
    [NS_SET_STRIPE_TAX] = {"stripe", "tax", NS_SETTING_CHOICE, "automatic", 0, 0, "automatic|none", NS_MSG_set_stripe_tax},
    [NS_SET_WITNESS] = {"store", "witness", NS_SETTING_PATH, "", 0, 0, NULL, NS_MSG_set_witness},
    [NS_SET_LAN_INTERFACE] = {"lan", "interface", NS_SETTING_INTERFACE, "", 0, 0, NULL,
                              NS_MSG_set_lan_interface},
    [NS_SET_LAN_PORT] = {"lan", "port", NS_SETTING_INT, "8443", 1024, 65535, NULL,
                         NS_MSG_set_lan_port},
    [NS_SET_JSON_PORT] = {"lan", "json_port", NS_SETTING_INT, "8002", 1024, 65535, NULL, NS_MSG_set_json_port},
    [NS_SET_HANDSHAKES] = {"limits", "handshakes_per_second", NS_SETTING_INT, "20", 5, 5000, NULL,
                           NS_MSG_set_handshakes},
};
const size_t ns_agent_setting_count = NS_COUNT(ns_agent_settings);

const struct ns_setting ns_console_settings[] = {
    [NS_SET_LANGUAGE] = {"look", "language", NS_SETTING_CHOICE, "auto", 0, 0, "auto|en|fr",
                         NS_MSG_set_language},
    [NS_SET_THEME] = {"look", "theme", NS_SETTING_CHOICE, "auto", 0, 0,
                      "auto|dark|light|contrast|night|none", NS_MSG_set_theme},
    [NS_SET_LETTERS] = {"look", "letters", NS_SETTING_CHOICE, "auto", 0, 0, "auto|unicode|ascii",
                        NS_MSG_set_letters},
    [NS_SET_MOUSE] = {"look", "mouse", NS_SETTING_BOOL, "on", 0, 0, NULL, NS_MSG_set_mouse},
    [NS_SET_TITLE] = {"look", "title", NS_SETTING_BOOL, "off", 0, 0, NULL, NS_MSG_set_title},
};
const size_t ns_console_setting_count = NS_COUNT(ns_console_settings);

void ns_settings_defaults(struct ns_settings *s, const struct ns_setting *table, size_t count) {
    *s = (struct ns_settings){.table = table, .count = count};
    for (size_t i = 0; i < count; i++) {
        snprintf(s->value[i], NS_SETTING_VALUE, "%s", table[i].fallback);
    }
}

static bool is_choice(const char *choices, struct ns_str value) {
    struct ns_str rest = ns_str_of(choices);
    while (rest.p != NULL) {
        if (ns_str_eq(ns_str_cut(&rest, '|'), value)) {
            return true;
        }
    }
    return false;
}

/* What a value may be, in words: "0 to 23", "auto, en, fr", "on, off". */
static void allowed(const struct ns_setting *row, char *out, size_t cap) {
    switch (row->type) {
    case NS_SETTING_INT:
        snprintf(out, cap, "%lld–%lld", (long long)row->min, (long long)row->max);
        break;
    case NS_SETTING_BOOL:
        snprintf(out, cap, "on, off");
        break;
    case NS_SETTING_CHOICE:
        snprintf(out, cap, "%s", row->choices);
        for (char *p = out; *p != '\0'; p++) {
            if (*p == '|') {
                *p = ' ';
            }
        }
        break;
    case NS_SETTING_PATH:
        snprintf(out, cap, "/...");
        break;
    case NS_SETTING_INTERFACE:
        snprintf(out, cap, "eth0, wlan0, ...");
        break;
    case NS_SETTING_URL:
        snprintf(out, cap, "https://... http://127.0.0.1...");
        break;
    }
}

static bool is_interface(struct ns_str value) {
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '.' || c == '_' || c == '-')) {
            return false;
        }
    }
    return value.n <= 15; /* IFNAMSIZ less its NUL */
}

static bool fits(const struct ns_setting *row, struct ns_str value) {
    int64_t number;
    switch (row->type) {
    case NS_SETTING_INT:
        return ns_str_int(value, row->min, row->max, &number);
    case NS_SETTING_BOOL:
        return ns_str_is(value, "on") || ns_str_is(value, "off");
    case NS_SETTING_CHOICE:
        return is_choice(row->choices, value);
    case NS_SETTING_PATH:
        return value.n == 0 || value.p[0] == '/';
    case NS_SETTING_INTERFACE:
        return is_interface(value);
    case NS_SETTING_URL: /* which ones are allowed is said by who uses it */
        return ns_str_starts(value, "https://") || ns_str_starts(value, "http://");
    }
    return false;
}

ns_rc ns_settings_set(struct ns_settings *s, int row, struct ns_str value, struct ns_err *err) {
    const struct ns_setting *setting = &s->table[row];
    if (!fits(setting, value) || !ns_str_copy(value, s->value[row], NS_SETTING_VALUE)) {
        char words[96];
        allowed(setting, words, sizeof words);
        return ns_err_say(err, NS_E_CONFIG, NS_MSG_config_value, setting->name, words, NULL);
    }
    return NS_OK;
}

static int find(const struct ns_settings *s, struct ns_str section, struct ns_str name) {
    for (size_t i = 0; i < s->count; i++) {
        if (ns_str_is(section, s->table[i].section) && ns_str_is(name, s->table[i].name)) {
            return (int)i;
        }
    }
    return -1;
}

struct reading {
    struct ns_settings next;
    struct ns_str section;
    bool seen[NS_SETTINGS_MOST];
    char place[160]; /* file:line */
    struct ns_err *err;
};

static ns_rc refuse(struct reading *r, enum ns_msg msg, struct ns_str word, const char *extra) {
    char text[96];
    struct ns_str shown = word.n < sizeof text ? word : (struct ns_str){word.p, sizeof text - 1};
    (void)ns_str_copy(shown, text, sizeof text);
    return ns_err_say(r->err, NS_E_CONFIG, (int)msg, r->place, text, extra);
}

static ns_rc take_section(struct reading *r, struct ns_str line) {
    if (line.n < 3 || line.p[line.n - 1] != ']') {
        return refuse(r, NS_MSG_config_line, line, NULL);
    }
    r->section = (struct ns_str){line.p + 1, line.n - 2};
    for (size_t i = 0; i < r->next.count; i++) {
        if (ns_str_is(r->section, r->next.table[i].section)) {
            return NS_OK;
        }
    }
    return refuse(r, NS_MSG_config_unknown, r->section, NULL);
}

static ns_rc take_pair(struct reading *r, struct ns_str line) {
    struct ns_str rest = line;
    struct ns_str name = ns_str_trim(ns_str_cut(&rest, '='));
    if (rest.p == NULL || name.n == 0) {
        return refuse(r, NS_MSG_config_line, line, NULL);
    }
    int row = find(&r->next, r->section, name);
    if (row < 0) {
        return refuse(r, NS_MSG_config_unknown, name, NULL);
    }
    if (r->seen[row]) {
        return refuse(r, NS_MSG_config_twice, name, NULL);
    }
    r->seen[row] = true;
    if (ns_settings_set(&r->next, row, ns_str_trim(rest), NULL) != NS_OK) {
        char words[96];
        allowed(&r->next.table[row], words, sizeof words);
        return refuse(r, NS_MSG_config_bad_value, name, words);
    }
    return NS_OK;
}

ns_rc ns_settings_read(struct ns_settings *s, const char *file, struct ns_str text,
                       struct ns_err *err) {
    struct reading r = {.section = NS_STR(""), .err = err};
    ns_settings_defaults(&r.next, s->table, s->count);
    struct ns_str rest = text;
    for (int line_number = 1; rest.p != NULL && rest.n > 0; line_number++) {
        struct ns_str line = ns_str_trim(ns_str_cut(&rest, '\n'));
        if (line.n == 0 || line.p[0] == '#' || line.p[0] == ';') {
            continue;
        }
        snprintf(r.place, sizeof r.place, "%.140s:%d", file, line_number);
        ns_rc rc = line.p[0] == '[' ? take_section(&r, line) : take_pair(&r, line);
        if (rc != NS_OK) {
            return rc;
        }
    }
    *s = r.next;
    return NS_OK;
}

int64_t ns_settings_int(const struct ns_settings *s, int row) {
    int64_t value = 0;
    /* Every stored value passed fits(); the bounds are those of the table. */
    (void)ns_str_int(ns_str_of(s->value[row]), s->table[row].min, s->table[row].max, &value);
    return value;
}

bool ns_settings_bool(const struct ns_settings *s, int row) {
    return strcmp(s->value[row], "on") == 0;
}

const char *ns_settings_text(const struct ns_settings *s, int row) {
    return s->value[row];
}

void ns_settings_write(const struct ns_settings *s, struct ns_buf *out) {
    const char *section = "";
    for (size_t i = 0; i < s->count; i++) {
        if (strcmp(s->value[i], s->table[i].fallback) == 0) {
            continue;
        }
        if (strcmp(section, s->table[i].section) != 0) {
            section = s->table[i].section;
            ns_buf_fmt(out, "[%s]\n", section);
        }
        ns_buf_fmt(out, "%s = %s\n", s->table[i].name, s->value[i]);
    }
}
