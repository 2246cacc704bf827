/* upkeep_backup.c: nestsync backup now|list|verify|target. */
#include "agent/backups.h"
#include "agent/privacy/residency.h"
#include "agent/upkeep_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static ns_rc usage(const char *word, struct ns_err *err) {
    return ns_err_say(err, NS_E_USAGE, NS_MSG_backup_usage, word, NULL, NULL);
}

static void number(int64_t n, char out[24]) {
    snprintf(out, 24, "%lld", (long long)n);
}

static bool word_is(const struct upkeep *u, int i, const char *word) {
    return i < u->count && strcmp(u->words[i], word) == 0;
}

/* ---- now ---- */

static void told(void *self, const char *path, ns_rc rc, const struct ns_err *err) {
    struct upkeep *u = self;
    if (rc == NS_OK) {
        UPKEEP_SAY(u, NS_MSG_backup_made, path);
        return;
    }
    struct ns_buf why = NS_BUF(2048);
    ns_err_text(&why, u->lang, err);
    UPKEEP_SAY(u, NS_MSG_backup_skipped, path, why.data != NULL ? why.data : "");
    ns_buf_fini(&why);
}

static ns_rc now(struct upkeep *u, struct ns_err *err) {
    const struct ns_backups_round round = {.store = u->paths.store, .folder = u->paths.backups, .now = u->now,
                                           .tell = told, .self = u};
    ns_rc rc = upkeep_open(u, err);
    return rc == NS_OK ? ns_backups_round(&round, err) : rc;
}

/* ---- list ---- */

static ns_rc list(struct upkeep *u, struct ns_err *err) {
    struct ns_arena arena = {0};
    struct ns_backup *all = NULL;
    int count = 0;
    bool json = word_is(u, 1, "--json");
    ns_rc rc = ns_backup_list(u->paths.backups, &arena, &all, &count, err);
    for (int i = 0; rc == NS_OK && i < count; i++) {
        char at[NS_TIME_TEXT], bytes[24];
        ns_time_format(all[i].at, at);
        number(all[i].bytes / 1024, bytes);
        if (json) {
            ns_buf_fmt(&u->out, "%s{\"name\":\"%s\",\"at\":\"%s\",\"bytes\":%lld,\"beforeMigration\":%s",
                       i == 0 ? "[" : ",", all[i].name, at, (long long)all[i].bytes,
                       all[i].before > 0 ? "" : "null");
            if (all[i].before > 0) {
                ns_buf_fmt(&u->out, "%d", all[i].before);
            }
            ns_buf_char(&u->out, '}');
        } else {
            UPKEEP_SAY(u, all[i].before > 0 ? NS_MSG_backup_row_before : NS_MSG_backup_row, at, bytes, all[i].name);
        }
    }
    if (rc == NS_OK && json) {
        ns_buf_text(&u->out, count == 0 ? "[]\n" : "]\n");
    } else if (rc == NS_OK && count == 0) {
        UPKEEP_SAY(u, NS_MSG_backup_none, u->paths.backups);
    }
    ns_arena_fini(&arena);
    return rc;
}

/* ---- verify ---- */

static ns_rc newest(const struct upkeep *u, char path[NS_PATH], struct ns_err *err) {
    struct ns_arena arena = {0};
    struct ns_backup *all = NULL;
    int count = 0;
    ns_rc rc = ns_backup_list(u->paths.backups, &arena, &all, &count, err);
    if (rc == NS_OK && count == 0) {
        rc = ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_backup_none, u->paths.backups, NULL, NULL);
    } else if (rc == NS_OK && snprintf(path, NS_PATH, "%s/%s", u->paths.backups, all[0].name) >= NS_PATH) {
        rc = ns_err_note(err, NS_E_LIMIT, "a path is too long");
    }
    ns_arena_fini(&arena);
    return rc;
}

/* A path, a name in the home's folder, or NULL: the newest. */
ns_rc upkeep_find_backup(const struct upkeep *u, const char *word, char path[NS_PATH], struct ns_err *err) {
    if (word == NULL) {
        return newest(u, path, err);
    }
    const char *form = strchr(word, '/') == NULL && access(word, F_OK) != 0 ? "%s/%s" : "%.0s%s";
    if (snprintf(path, NS_PATH, form, u->paths.backups, word) >= NS_PATH) {
        return ns_err_note(err, NS_E_LIMIT, "a path is too long");
    }
    return access(path, F_OK) == 0 ? NS_OK : ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_backup_no_file, path, NULL, NULL);
}

void upkeep_count(struct upkeep *u, int64_t n, enum ns_msg one, enum ns_msg other, struct ns_buf *out) {
    char text[24];
    number(n, text);
    NS_MSG_TO(out, u->lang, ns_msg_plural(u->lang, n, one, other), text);
}

void upkeep_say_facts(struct upkeep *u, enum ns_msg line, const char *path, const struct ns_backup_facts *f) {
    char newest_text[NS_TIME_TEXT] = "-";
    struct ns_buf children = NS_BUF(200), logs = NS_BUF(200);
    upkeep_count(u, f->children, NS_MSG_count_child_one, NS_MSG_count_child_other, &children);
    upkeep_count(u, f->logs, NS_MSG_count_change_one, NS_MSG_count_change_other, &logs);
    if (f->newest != NS_TIME_NONE) {
        ns_time_format(f->newest, newest_text);
    }
    UPKEEP_SAY(u, line, path, children.data, logs.data, newest_text);
    ns_buf_fini(&children);
    ns_buf_fini(&logs);
}

static ns_rc verify(struct upkeep *u, struct ns_err *err) {
    char path[NS_PATH];
    struct ns_backup_facts facts;
    ns_rc rc = upkeep_find_backup(u, u->count > 1 ? u->words[1] : NULL, path, err);
    if (rc == NS_OK) {
        rc = upkeep_unlock(u, path, err);
    }
    if (rc == NS_OK) {
        rc = ns_backup_check(path, "nest", &facts, err);
    }
    if (rc == NS_OK) {
        upkeep_say_facts(u, NS_MSG_backup_sound, path, &facts);
    }
    return rc;
}

/* ---- targets ---- */

static ns_rc target_list(struct upkeep *u, struct ns_err *err) {
    struct ns_arena arena = {0};
    struct ns_backup_target *all = NULL;
    int count = 0;
    ns_rc rc = ns_backup_targets(u->db, &arena, &all, &count, err);
    for (int i = 0; rc == NS_OK && i < count; i++) {
        UPKEEP_SAY(u, all[i].network ? NS_MSG_backup_target_network : NS_MSG_backup_target_disk, all[i].path,
                   all[i].jurisdiction);
    }
    if (rc == NS_OK && count == 0) {
        UPKEEP_SAY(u, NS_MSG_backup_target_none, "");
    }
    ns_arena_fini(&arena);
    return rc;
}

static bool is_country(const char *word) {
    return strlen(word) == 2 && word[0] >= 'A' && word[0] <= 'Z' && word[1] >= 'A' && word[1] <= 'Z';
}

static ns_rc target_add(struct upkeep *u, struct ns_err *err) {
    const char *country = NULL;
    bool said = false;
    for (int i = 3; i < u->count; i++) {
        if (word_is(u, i, "--jurisdiction") && i + 1 < u->count && is_country(u->words[i + 1])) {
            country = u->words[++i];
        } else if (word_is(u, i, "--network")) {
            said = true;
        } else {
            return usage(u->words[i], err);
        }
    }
    char *full = realpath(u->words[2], NULL);
    if (full == NULL || access(full, W_OK | X_OK) != 0) {
        free(full);
        return ns_err_say(err, NS_E_NOT_FOUND, NS_MSG_backup_no_folder, u->words[2], NULL, NULL);
    }
    struct ns_backup_target target = {full, country != NULL ? country : "CA", said || ns_backup_on_network(full)};
    ns_rc rc = target.network && country == NULL
                   ? ns_err_say(err, NS_E_USAGE, NS_MSG_backup_say_where, full, NULL, NULL)
                   : ns_residency_backup(u->db, u->now, &target, err);
    if (rc == NS_OK) {
        rc = ns_backup_target_add(u->db, &target, u->now, err);
    }
    if (rc == NS_OK) {
        UPKEEP_SAY(u, NS_MSG_backup_target_added, full, target.jurisdiction);
    }
    free(full);
    return rc;
}

static ns_rc target(struct upkeep *u, struct ns_err *err) {
    bool shows = u->count == 1 || word_is(u, 1, "list");
    bool adds = word_is(u, 1, "add") && u->count > 2, removes = word_is(u, 1, "remove") && u->count == 3;
    if (!shows && !adds && !removes) {
        return usage(u->words[1], err);
    }
    ns_rc rc = upkeep_open(u, err);
    if (rc != NS_OK) {
        return rc;
    }
    return shows ? target_list(u, err) : adds ? target_add(u, err) : ns_backup_target_remove(u->db, u->words[2], err);
}

ns_rc upkeep_backup(struct upkeep *u, struct ns_err *err) {
    if (word_is(u, 0, "now") && u->count == 1) {
        return now(u, err);
    }
    if (word_is(u, 0, "list") && (u->count == 1 || (u->count == 2 && word_is(u, 1, "--json")))) {
        return list(u, err);
    }
    if (word_is(u, 0, "verify") && u->count <= 2) {
        return verify(u, err);
    }
    if (word_is(u, 0, "target")) {
        return target(u, err);
    }
    return usage(u->count > 0 ? u->words[0] : "", err);
}
