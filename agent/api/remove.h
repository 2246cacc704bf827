/* remove.h: forgets by itself, once an hour looked after, what was removed thirty days ago. Threads: loop thread. */
#pragma once
#include "agent/api/context.h"

struct ns_remover;
struct ns_remover *ns_remover_new(struct ns_api *api);
void ns_remover_close(struct ns_remover *remover);
void ns_remover_free(struct ns_remover *remover); /* after the writer; NULL is fine */
