/* notice_keeper.h: looks at what people should be told: after what happens, every quarter of an
 * hour, after a round of backups. One look at a time, on the writer.
 * Ownership: new/close/free by the API. Threads: loop thread. */
#pragma once
#include <stdbool.h>

struct ns_api;
struct ns_notice_keeper;
struct ns_notice_keeper *ns_notice_keeper_new(struct ns_api *api);
void ns_notice_keeper_backup(struct ns_notice_keeper *keeper, bool failed);
void ns_notice_keeper_look(struct ns_notice_keeper *keeper);
void ns_notice_keeper_close(struct ns_notice_keeper *keeper);
void ns_notice_keeper_free(struct ns_notice_keeper *keeper); /* NULL is fine */
