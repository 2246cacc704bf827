/* erased.h: who was erased stays erased: a restore of a copy that was out of reach leaves them out.
 *
 * The file "erased" beside the store holds a hash of each erased child's id, a line each: it outlives
 * the store and says nothing about anybody. Threads: main's. */
#pragma once
#include "agent/store/db.h"

struct ns_env;

ns_rc ns_erased_note(const struct ns_env *env, const char *folder, ns_id child, struct ns_err *err) NS_MUST_USE;
/* On a store of the newest layout; *count: how many were taken out again. */
ns_rc ns_erased_apply(const struct ns_env *env, const char *folder, struct ns_db *db, ns_time now,
                      int *count, struct ns_err *err) NS_MUST_USE;
/* Those of the list who still have a key in this store. */
ns_rc ns_erased_in(const struct ns_env *env, const char *folder, struct ns_db *db, struct ns_arena *arena,
                   ns_id **out, int *count, struct ns_err *err) NS_MUST_USE;
bool ns_erased_any(const struct ns_env *env, const char *folder);
