/* processor.h: a payment processor as one must expect it: keys are kept for 24 hours, faults are
 * stored and replayed, lists lag behind. It lives in true time. */
#pragma once
#include "shared/base/id.h"
#include "shared/base/str.h"
#include "shared/base/time.h"

#define PROC_MOST 64

struct proc_object {
    char id[24];
    char op[NS_ID_TEXT];
    ns_time created;
    ns_time visible; /* in lists, from then on */
    int64_t cents;   /* taken */
    bool cancelled;
};
struct proc_key {
    char key[96];
    char body[1024];
    ns_time created;
    int status;
    char answer[256];
};
struct proc {
    struct proc_object object[PROC_MOST];
    int objects;
    struct proc_key key[PROC_MOST * 2];
    int keys;
    uint32_t (*dice)(void *self, uint32_t below);
    void *dice_self;
    uint32_t fault; /* out of 1000 */
    const char *violation; /* the first thing that must never happen */
};
struct proc_answer {
    int status;
    char body[4096];
    bool replayed;
};
void proc_post(struct proc *p, ns_time now, const char *key, const char *body, struct proc_answer *out);
void proc_list(struct proc *p, ns_time now, struct proc_answer *out);
int proc_live(const struct proc *p);
