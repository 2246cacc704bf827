/* backup_files.c: the copies in a folder: which are there, which stay. */
#include "agent/store/backup.h"
#include "agent/store/rows.h"
#include "shared/base/env.h"
#include "shared/text/message.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEWEST 3
#define DAYS 7
#define WEEKS 4
#define MONTHS 12
#define MIGRATION_DAYS 7

/* 20260615T170000Z */
static bool read_stamp(const char *p, ns_time *out) {
    char text[32];
    if (strlen(p) < 16 || p[8] != 'T' || p[15] != 'Z') {
        return false;
    }
    snprintf(text, sizeof text, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", p, p + 4, p + 6, p + 9, p + 11, p + 13);
    return ns_time_parse(ns_str_of(text), out);
}

/* nestsync-STAMP.db, or pre-NNNN-STAMP.db and pre-NNNN-STAMP-K.db */
static bool read_name(const char *name, struct ns_backup *out) {
    size_t n = strlen(name);
    if (n >= NS_BACKUP_NAME || n < 4 || strcmp(name + n - 3, ".db") != 0) {
        return false;
    }
    *out = (struct ns_backup){0};
    memcpy(out->name, name, n + 1);
    if (strncmp(name, "nestsync-", 9) == 0) {
        return n == 9 + 16 + 3 && read_stamp(name + 9, &out->at);
    }
    int64_t number;
    if (strncmp(name, "pre-", 4) != 0 || n < 9 + 16 + 3 || !ns_str_int((struct ns_str){name + 4, 4}, 1, 9999, &number)) {
        return false;
    }
    out->before = (int)number;
    return read_stamp(name + 9, &out->at);
}

static int newer_first(const void *a, const void *b) {
    const struct ns_backup *x = a, *y = b;
    return x->at != y->at ? (x->at < y->at ? 1 : -1) : strcmp(y->name, x->name);
}

ns_rc ns_backup_list(const char *folder, struct ns_arena *arena, struct ns_backup **out,
                     int *count, struct ns_err *err) {
    struct ns_backup *list = NULL;
    int n = 0, cap = 0;
    *out = NULL;
    *count = 0;
    DIR *dir = opendir(folder);
    if (dir == NULL) {
        return errno == ENOENT ? NS_OK
                               : ns_err_say(err, ns_rc_from_errno(errno), NS_MSG_store_io, folder,
                                            strerror(errno), NULL);
    }
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        struct ns_backup b;
        struct stat st;
        if (read_name(e->d_name, &b) && fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(st.st_mode)) {
            b.bytes = st.st_size;
            NS_LIST_ROOM(arena, list, n, cap, struct ns_backup);
            list[n++] = b;
        }
    }
    closedir(dir);
    if (n > 1) {
        qsort(list, (size_t)n, sizeof *list, newer_first);
    }
    *out = list;
    *count = n;
    return NS_OK;
}

/* One more of a kind is kept when its period is another than the last kept one's. */
static bool first_of(int64_t period, int64_t *last, int *left) {
    if (*left == 0 || period == *last) {
        return false;
    }
    *last = period;
    (*left)--;
    return true;
}

void ns_backup_keep(const struct ns_backup *list, int count, ns_time now, bool *keep) {
    int64_t day = INT64_MIN, week = INT64_MIN, month = INT64_MIN;
    int days = DAYS, weeks = WEEKS, months = MONTHS;
    int newest = NEWEST;
    for (int i = 0; i < count; i++) {
        const struct ns_backup *b = &list[i];
        ns_date date = (ns_date)(b->at / NS_DAY);
        if (b->before > 0) {
            keep[i] = now - b->at < MIGRATION_DAYS * NS_DAY;
            continue;
        }
        struct ns_civil c = ns_date_civil(date);
        bool d = first_of(date, &day, &days);
        bool w = first_of(date - ns_date_weekday(date), &week, &weeks);
        bool m = first_of((int64_t)c.year * 12 + c.month, &month, &months);
        keep[i] = newest > 0 || d || w || m;
        newest -= newest > 0 ? 1 : 0;
    }
}

/* Hidden names ending in .part, .part-journal: nobody else makes such. Under the folder's lock. */
static void sweep_parts(int folder) {
    DIR *dir = fdopendir(dup(folder));
    if (dir == NULL) {
        return;
    }
    rewinddir(dir);
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        if (strncmp(e->d_name, ".nestsync-", 10) == 0 && strstr(e->d_name, ".part") != NULL) {
            unlinkat(folder, e->d_name, 0);
        }
    }
    closedir(dir);
}

ns_rc ns_backup_rotate(const char *folder, ns_time now, int *removed, struct ns_err *err) {
    struct ns_arena arena = {0};
    struct ns_backup *list = NULL;
    int count = 0;
    *removed = 0;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return ns_err_say(err, ns_rc_from_errno(errno), NS_MSG_store_io, folder, strerror(errno), NULL);
    }
    flock(fd, LOCK_EX);
    sweep_parts(fd);
    ns_rc rc = ns_backup_list(folder, &arena, &list, &count, err);
    if (rc == NS_OK && count > 0) {
        bool *keep = NS_NEW_N(&arena, bool, (size_t)count);
        ns_backup_keep(list, count, now, keep);
        for (int i = 0; i < count; i++) {
            if (!keep[i] && unlinkat(fd, list[i].name, 0) == 0) {
                (*removed)++;
            }
        }
        fsync(fd);
    }
    close(fd);
    ns_arena_fini(&arena);
    return rc;
}
