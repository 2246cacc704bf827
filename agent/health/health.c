/* health.c: the parts' last reports, the disk, the whole. */
#include "agent/health/health.h"
#include "shared/base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

/* A commit needs room for the WAL (4 MB at most between checkpoints) and a nightly copy. */
#define DISK_LOW ((int64_t)200 << 20)
#define DISK_OUT ((int64_t)16 << 20)

struct report {
    enum ns_health_state state;
    struct ns_err err;
    ns_time last_ok;
};

struct ns_health {
    const struct ns_env *env;
    char *folder;
    ns_time started;
    int64_t started_steady;
    struct report reports[NS_HEALTH_PARTS];
};

static const char *const names[NS_HEALTH_PARTS] = {"store", "forecast", "endpoint", "disk"};

struct ns_health *ns_health_new(const struct ns_env *env, const char *folder) {
    struct ns_health *health = ns_xcalloc(1, sizeof *health);
    health->env = env;
    health->folder = ns_xstrdup(folder);
    health->started = ns_env_now(env);
    health->started_steady = ns_env_steady_us(env);
    for (size_t i = 0; i < NS_HEALTH_PARTS; i++) {
        health->reports[i] = (struct report){.state = NS_HEALTH_UNCONFIGURED,
                                             .last_ok = NS_TIME_NONE};
    }
    return health;
}

void ns_health_free(struct ns_health *health) {
    if (health != NULL) {
        free(health->folder);
        free(health);
    }
}

void ns_health_good_at(struct ns_health *health, enum ns_health_part part, ns_time when) {
    health->reports[part] = (struct report){.state = NS_HEALTH_UP, .last_ok = when};
}

void ns_health_good(struct ns_health *health, enum ns_health_part part) {
    ns_health_good_at(health, part, ns_env_now(health->env));
}

void ns_health_bad(struct ns_health *health, enum ns_health_part part,
                   enum ns_health_state state, const struct ns_err *err) {
    struct report *report = &health->reports[part];
    report->state = state;
    report->err = err != NULL ? *err : (struct ns_err){0};
}

static bool stands(const struct report *report) {
    return report->state != NS_HEALTH_UP && (report->err.rc == NS_E_DAMAGED || report->err.rc == NS_E_READONLY);
}

void ns_health_worked(struct ns_health *health, enum ns_health_part part) {
    const struct report *report = &health->reports[part];
    if (!stands(report) || report->err.rc == NS_E_READONLY) { /* what was written is no longer held */
        ns_health_good(health, part);
    }
}

void ns_health_refused(struct ns_health *health, enum ns_health_part part, const struct ns_err *err) {
    if (!stands(&health->reports[part])) {
        ns_health_bad(health, part, NS_HEALTH_DEGRADED, err);
    }
}

enum ns_health_state ns_health_disk_state(int64_t free_bytes) {
    if (free_bytes < 0) {
        return NS_HEALTH_DEGRADED;
    }
    return free_bytes < DISK_OUT   ? NS_HEALTH_DOWN
           : free_bytes < DISK_LOW ? NS_HEALTH_DEGRADED
                                   : NS_HEALTH_UP;
}

static void put_detail(struct ns_health_component *part, struct ns_buf *text) {
    size_t n = text->len < sizeof part->detail - 1 ? text->len : sizeof part->detail - 1;
    while (n > 0 && n < text->len && ((unsigned char)text->data[n] & 0xC0) == 0x80) {
        n--; /* never half a character */
    }
    if (n > 0) {
        memcpy(part->detail, text->data, n);
    }
    part->detail[n] = '\0';
    ns_buf_fini(text);
}

int64_t ns_health_disk_room(const struct ns_health *health) {
    struct statvfs disk;
    if (statvfs(health->folder, &disk) != 0) {
        return -1;
    }
    uint64_t bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
    return bytes > INT64_MAX ? INT64_MAX : (int64_t)bytes;
}

static void look_at_disk(struct ns_health *health, enum ns_lang lang,
                         struct ns_health_component *part) {
    int64_t room = ns_health_disk_room(health);
    if (room >= 0) {
        health->reports[NS_HEALTH_DISK].last_ok = ns_env_now(health->env);
    }
    part->state = ns_health_disk_state(room);
    part->last_ok = health->reports[NS_HEALTH_DISK].last_ok;
    struct ns_buf text = NS_BUF(1024);
    if (room < 0) {
        ns_buf_text(&text, ns_msg(lang, NS_MSG_health_disk_unknown));
    } else {
        char megabytes[24];
        snprintf(megabytes, sizeof megabytes, "%lld", (long long)(room >> 20));
        NS_MSG_TO(&text, lang, NS_MSG_health_disk_room, megabytes);
    }
    put_detail(part, &text);
}

static void look_at_report(const struct report *report, enum ns_lang lang,
                           struct ns_health_component *part) {
    part->state = report->state;
    part->last_ok = report->last_ok;
    struct ns_buf text = NS_BUF(1024);
    if (report->state == NS_HEALTH_UNCONFIGURED) {
        ns_buf_text(&text, ns_msg(lang, NS_MSG_health_not_yet));
    } else if (report->state != NS_HEALTH_UP && report->err.rc != NS_OK) {
        ns_err_text(&text, lang, &report->err);
    }
    put_detail(part, &text);
}

void ns_health_look(struct ns_health *health, enum ns_lang lang, struct ns_health_view *out) {
    *out = (struct ns_health_view){.started = health->started,
                                   .checked = ns_env_now(health->env)};
    out->uptime_seconds = (ns_env_steady_us(health->env) - health->started_steady) / 1000000;
    for (size_t i = 0; i < NS_HEALTH_PARTS; i++) {
        struct ns_health_component *part = &out->parts[i];
        part->name = names[i];
        if (i == NS_HEALTH_DISK) {
            look_at_disk(health, lang, part);
        } else {
            look_at_report(&health->reports[i], lang, part);
        }
        /* A forecast that failed or was never asked for does not stop the agent. */
        enum ns_health_state counts = part->state == NS_HEALTH_UNCONFIGURED ? NS_HEALTH_UP
                                                                            : part->state;
        if (i == NS_HEALTH_FORECAST && counts == NS_HEALTH_DOWN) {
            counts = NS_HEALTH_DEGRADED;
        }
        if (counts > out->state) {
            out->state = counts;
        }
    }
}
