#include "tests/simulate/processor.h"

#include <stdio.h>
#include <string.h>

#define KEEPS (24 * NS_HOUR)

static bool faulty(struct proc *p) {
    return p->dice(p->dice_self, 1000) < p->fault;
}

int proc_live(const struct proc *p) {
    int n = 0;
    for (int i = 0; i < p->objects; i++) {
        n += !p->object[i].cancelled;
    }
    return n;
}

static void describe(const struct proc_object *o, char *out, size_t cap) {
    snprintf(out, cap, "id=%s op=%s cents=%lld state=%s\n", o->id, o->op, (long long)o->cents,
             o->cancelled ? "canceled" : "active");
}

/* The op id that the request carries in its metadata. */
static void op_of(const char *body, char out[NS_ID_TEXT]) {
    const char *at = strstr(body, "metadata[op]=");
    out[0] = '\0';
    if (at != NULL && strlen(at) >= 13 + NS_ID_TEXT - 1) {
        memcpy(out, at + 13, NS_ID_TEXT - 1);
        out[NS_ID_TEXT - 1] = '\0';
    }
}

static void execute(struct proc *p, ns_time now, const char *body, struct proc_answer *out) {
    struct proc_object *o = &p->object[p->objects];
    *o = (struct proc_object){.created = now, .cents = 1999};
    o->visible = now + (ns_time)p->dice(p->dice_self, 600) * NS_SECOND;
    snprintf(o->id, sizeof o->id, "sub_%d", ++p->objects);
    op_of(body, o->op);
    for (int i = 0; i + 1 < p->objects; i++) {
        if (strcmp(p->object[i].op, o->op) == 0) {
            p->violation = "one wish was charged twice";
        }
    }
    if (proc_live(p) > 1 || p->objects == PROC_MOST) {
        p->violation = "two live subscriptions";
    }
    out->status = 200;
    describe(o, out->body, sizeof out->body);
    strncat(out->body, "end\n", sizeof out->body - strlen(out->body) - 1);
}

static struct proc_key *key_of(struct proc *p, ns_time now, const char *key) {
    for (int i = 0; i < p->keys; i++) {
        if (strcmp(p->key[i].key, key) == 0 && now - p->key[i].created < KEEPS) {
            return &p->key[i];
        }
    }
    return NULL;
}

void proc_post(struct proc *p, ns_time now, const char *key, const char *body, struct proc_answer *out) {
    *out = (struct proc_answer){0};
    struct proc_key *k = key_of(p, now, key);
    if (k != NULL) {
        out->status = k->status;
        out->replayed = true;
        snprintf(out->body, sizeof out->body, "%s", k->answer);
        if (strcmp(k->body, body) != 0) {
            out->status = 400;
            p->violation = "other bytes under the same key";
        }
        return;
    }
    if (faulty(p)) { /* before anything ran: nothing is stored */
        static const int codes[] = {429, 409, 503, 500};
        out->status = codes[p->dice(p->dice_self, 4)];
        return;
    }
    if (p->dice(p->dice_self, 1000) < p->fault / 2) {
        out->status = 402;
        snprintf(out->body, sizeof out->body, "declined\n");
    } else if (p->dice(p->dice_self, 1000) < p->fault / 3) { /* stored 500, done or not */
        if (p->dice(p->dice_self, 2) == 0) {
            execute(p, now, body, out);
        }
        out->status = 500;
        out->body[0] = '\0';
    } else {
        execute(p, now, body, out);
    }
    if (p->keys < PROC_MOST * 2) {
        k = &p->key[p->keys++];
        k->created = now;
        k->status = out->status;
        snprintf(k->key, sizeof k->key, "%s", key);
        snprintf(k->body, sizeof k->body, "%s", body);
        snprintf(k->answer, sizeof k->answer, "%.255s", out->body);
    }
}

void proc_list(struct proc *p, ns_time now, struct proc_answer *out) {
    *out = (struct proc_answer){.status = 200};
    if (faulty(p)) {
        out->status = 503;
        return;
    }
    size_t n = 0;
    for (int i = 0; i < p->objects && n + 200 < sizeof out->body; i++) {
        if (now >= p->object[i].visible) {
            describe(&p->object[i], out->body + n, sizeof out->body - n);
            n += strlen(out->body + n);
        }
    }
    snprintf(out->body + n, sizeof out->body - n, "end\n");
}
