/* log.c: log lines and the ring of the last warnings. */
#include "shared/base/log.h"
#include "shared/base/env.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static atomic_int most = NS_LOG_INFO;
static pthread_mutex_t ring_lock = PTHREAD_MUTEX_INITIALIZER;
static struct ns_log_entry ring[NS_LOG_KEPT];
static size_t ring_count; /* ever written */

void ns_log_set_level(enum ns_log_level level) {
    atomic_store(&most, (int)level);
}

/* Control characters would let outside text forge lines or move a terminal's cursor. */
static void clean(char *text) {
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7F) {
            *text = '?';
        }
    }
}

static void keep(enum ns_log_level level, const char *module, const char *text) {
    pthread_mutex_lock(&ring_lock);
    struct ns_log_entry *entry = &ring[ring_count % NS_LOG_KEPT];
    entry->at = ns_env_now(ns_env_system());
    entry->level = level;
    snprintf(entry->module, sizeof entry->module, "%s", module);
    snprintf(entry->text, sizeof entry->text, "%s", text);
    ring_count++;
    pthread_mutex_unlock(&ring_lock);
}

void ns_log(enum ns_log_level level, const char *module, const char *format, ...) {
    if ((int)level > atomic_load(&most)) {
        return;
    }
    char text[NS_LOG_LINE];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    clean(text);
    char line[NS_LOG_LINE + 64];
    int n = snprintf(line, sizeof line, "<%d>%s: %s\n", (int)level, module, text);
    if (n > 0) {
        size_t len = (size_t)n < sizeof line ? (size_t)n : sizeof line - 1;
        ssize_t put = write(STDERR_FILENO, line, len);
        (void)put; /* nowhere left to complain */
    }
    if (level <= NS_LOG_WARN) {
        keep(level, module, text);
    }
}

size_t ns_log_recent(struct ns_log_entry *out, size_t cap) {
    pthread_mutex_lock(&ring_lock);
    size_t n = ring_count < NS_LOG_KEPT ? ring_count : NS_LOG_KEPT;
    if (n > cap) {
        n = cap;
    }
    for (size_t i = 0; i < n; i++) {
        out[i] = ring[(ring_count - 1 - i) % NS_LOG_KEPT];
    }
    pthread_mutex_unlock(&ring_lock);
    return n;
}

static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static uint64_t key;

static void make_key(void) {
    ns_env_random(ns_env_system(), &key, sizeof key);
}

/* FNV-1a under a random start value: enough to tell two people apart inside one log, useless
 * for looking a name up in another. */
void ns_log_private(const char *text, char out[9]) {
    pthread_once(&key_once, make_key);
    uint64_t h = 14695981039346656037ULL ^ key;
    for (; *text != '\0'; text++) {
        h = (h ^ (unsigned char)*text) * 1099511628211ULL;
    }
    snprintf(out, 9, "%08x", (unsigned)(h >> 32));
}
