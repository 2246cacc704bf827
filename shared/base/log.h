/* log.h: one line an event on standard error, systemd's level prefix first, key=value after.
 *
 * A line never holds a name, a note, a birth date, a secret or SQL values. What belongs to a
 * person is logged as NS_LOG_PRIVATE(text): a short keyed hash, stable while the process runs.
 * The last warnings and errors are kept in a ring for health and the support screen.
 * Threads: any (a line is one write; the ring has its own lock). */
#pragma once
#include "shared/base/time.h"

#include <stddef.h>

enum ns_log_level { NS_LOG_ERROR = 3, NS_LOG_WARN = 4, NS_LOG_INFO = 6, NS_LOG_DEBUG = 7 };

#define NS_LOG_LINE 240
#define NS_LOG_KEPT 32

struct ns_log_entry {
    ns_time at;
    enum ns_log_level level;
    char module[16];
    char text[NS_LOG_LINE];
};

void ns_log_set_level(enum ns_log_level most); /* default NS_LOG_INFO */
void ns_log(enum ns_log_level level, const char *module, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Newest first; returns how many were copied. */
size_t ns_log_recent(struct ns_log_entry *out, size_t cap);

/* Eight hex characters standing for a private text; out must hold 9 bytes. */
void ns_log_private(const char *text, char out[9]);

/* Each .c that logs defines LOG_MODULE before these are used. */
#define LOG_ERROR(...) ns_log(NS_LOG_ERROR, LOG_MODULE, __VA_ARGS__)
#define LOG_WARN(...) ns_log(NS_LOG_WARN, LOG_MODULE, __VA_ARGS__)
#define LOG_INFO(...) ns_log(NS_LOG_INFO, LOG_MODULE, __VA_ARGS__)
#define LOG_DEBUG(...) ns_log(NS_LOG_DEBUG, LOG_MODULE, __VA_ARGS__)
