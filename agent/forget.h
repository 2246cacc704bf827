/* forget.h: an erased child in the copies of the store: rewritten without it, and searched.
 *
 * Every round of backups looks into the copies it can reach for anybody who was erased, so that a disk
 * which was not plugged in is put right when it next is. Threads: any, a connection of its own. */
#pragma once
#include "agent/store/db.h"

struct ns_env;

struct ns_forget {
    ns_id child;
    ns_time now;
    uint8_t *key; /* NS_KEY_BYTES of locked memory: the child's, in the file at hand, which is searched for it */
};
/* The key stands nowhere in the file. */
ns_rc ns_forget_search(const struct ns_forget *f, const char *path, struct ns_err *err) NS_MUST_USE;
/* *found false: the child is not in it, and nothing was changed. */
ns_rc ns_forget_in_copy(const struct ns_forget *f, const char *folder, const char *name, bool *found,
                        struct ns_err *err) NS_MUST_USE;
/* data: the folder of the store, where the list of the erased lies. Failures are logged and tried again. */
void ns_forget_in_folder(const struct ns_env *env, const char *data, const char *folder, ns_time now);
