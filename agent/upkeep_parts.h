/* upkeep_parts.h: what the verbs of upkeep.c share; nobody else includes it. */
#pragma once
#include "agent/store/backup.h"
#include "agent/unlock.h"
#include "agent/upkeep.h"
#include "shared/base/env.h"

struct upkeep {
    const struct ns_agent_setup *setup;
    struct ns_paths paths; /* of the store that is worked on */
    int lock;
    struct ns_vault *vault;
    struct ns_db *db;
    struct ns_buf out; /* standard output at the end, or at upkeep_flush */
    enum ns_lang lang;
    ns_time now;
    int count; /* the verb's own words */
    const char *const *words;
    bool by_person; /* a key that lies about is not enough */
};

ns_rc upkeep_lock(struct upkeep *u, struct ns_err *err) NS_MUST_USE; /* no agent runs, none starts */
/* Unlock paths.store, or another file with the keys given; the vault is attached. */
ns_rc upkeep_unlock(struct upkeep *u, const char *file, struct ns_err *err) NS_MUST_USE;
ns_rc upkeep_open(struct upkeep *u, struct ns_err *err) NS_MUST_USE; /* u->db */
void upkeep_flush(struct upkeep *u);
bool upkeep_yes(struct upkeep *u, enum ns_msg question); /* at a terminal; default No */
#define UPKEEP_SAY(u, id, ...)                                                                 \
    do {                                                                                       \
        NS_MSG_TO(&(u)->out, (u)->lang, (id), __VA_ARGS__);                                    \
        ns_buf_char(&(u)->out, '\n');                                                          \
    } while (0)

/* A path, a name in the home's folder, or NULL: the newest. */
ns_rc upkeep_find_backup(const struct upkeep *u, const char *word, char path[NS_PATH],
                         struct ns_err *err) NS_MUST_USE;
/* "5 changes": appended in the form that fits the number. */
void upkeep_count(struct upkeep *u, int64_t n, enum ns_msg one, enum ns_msg other, struct ns_buf *out);
void upkeep_say_facts(struct upkeep *u, enum ns_msg line, const char *path,
                      const struct ns_backup_facts *facts);

ns_rc upkeep_backup(struct upkeep *u, struct ns_err *err) NS_MUST_USE;
ns_rc upkeep_new_epoch(struct upkeep *u, struct ns_err *err) NS_MUST_USE; /* closes u->db */
ns_rc upkeep_erase(struct upkeep *u, struct ns_err *err) NS_MUST_USE;
ns_rc upkeep_rekey(struct upkeep *u, struct ns_err *err) NS_MUST_USE;
ns_rc upkeep_restore(struct upkeep *u, struct ns_err *err) NS_MUST_USE;
