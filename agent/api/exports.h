/* exports.h: files of exports too large for an answer: they lie an hour in the home's own folder,
 * readable by nobody else, and are then removed; also what an earlier run left. Threads: loop thread. */
#pragma once
#include "agent/api/context.h"

#define NS_EXPORT_INLINE ((size_t)5 << 20)
#define NS_EXPORT_STAYS NS_HOUR

struct ns_exports *ns_exports_new(struct ns_api *api);
void ns_exports_swept(struct ns_exports *exports); /* a file was added: look again in time */
void ns_exports_free(struct ns_exports *exports);  /* NULL is fine */
