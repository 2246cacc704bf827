/* Loop, executors and the event bus. A plain program: threads and Criterion do not mix. */
#include "agent/events/events.h"
#include "agent/loop/loop.h"
#include "shared/base/arena.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int number;
static int failures;

static void check(bool good, const char *what) {
    printf("%s %d - %s\n", good ? "ok" : "not ok", ++number, what);
    failures += !good;
}

struct unit {
    struct ns_job job;
    int value;
    struct run *run;
};

struct run {
    struct ns_loop *loop;
    pthread_t loop_thread;
    int order[200];
    int done;
    int expected;
    bool wrong_thread;
    atomic_int running;
    atomic_int together;
};

static void unit_run(struct ns_job *job) {
    struct unit *unit = (struct unit *)job;
    int now = atomic_fetch_add(&unit->run->running, 1) + 1;
    int most = atomic_load(&unit->run->together);
    while (now > most && !atomic_compare_exchange_weak(&unit->run->together, &most, now)) {
    }
    unit->value *= 2;
    atomic_fetch_sub(&unit->run->running, 1);
}

static void unit_done(struct ns_job *job) {
    struct unit *unit = (struct unit *)job;
    struct run *run = unit->run;
    run->wrong_thread |= !pthread_equal(pthread_self(), run->loop_thread);
    run->order[run->done++] = unit->value;
    if (run->done == run->expected) {
        ns_loop_stop(run->loop);
    }
    free(unit);
}

static struct unit *unit_new(struct run *run, int value) {
    struct unit *unit = ns_xcalloc(1, sizeof *unit);
    unit->job.run = unit_run;
    unit->job.done = unit_done;
    unit->value = value;
    unit->run = run;
    return unit;
}

static void writer_keeps_order(void) {
    struct run run = {.loop_thread = pthread_self(), .expected = 100};
    struct ns_executor *writer;
    check(ns_loop_new(&run.loop, NULL) == NS_OK, "a loop is made");
    check(ns_executor_new(run.loop, "writer", 1, 1000, &writer, NULL) == NS_OK, "a writer starts");
    for (int i = 0; i < 100; i++) {
        struct unit *unit = unit_new(&run, i);
        if (ns_executor_submit(writer, &unit->job) != NS_OK) {
            free(unit);
        }
    }
    ns_loop_run(run.loop);
    bool ordered = run.done == 100;
    for (int i = 0; i < run.done; i++) {
        ordered &= run.order[i] == 2 * i;
    }
    check(ordered, "one thread runs and answers in order of submission");
    check(!run.wrong_thread, "done is called on the loop thread");
    check(atomic_load(&run.together) == 1, "never two at once");
    ns_executor_free(writer);
    ns_loop_free(run.loop);
}

static void closing_finishes_what_was_accepted(void) {
    struct run run = {.loop_thread = pthread_self(), .expected = -1};
    struct ns_executor *pool;
    check(ns_loop_new(&run.loop, NULL) == NS_OK &&
              ns_executor_new(run.loop, "pool", 4, 100, &pool, NULL) == NS_OK,
          "a pool starts");
    int accepted = 0;
    for (int i = 0; i < 150; i++) {
        struct unit *unit = unit_new(&run, i);
        if (ns_executor_submit(pool, &unit->job) == NS_OK) {
            accepted++;
        } else {
            free(unit);
        }
    }
    ns_executor_free(pool);
    check(accepted >= 100 && run.done == accepted, "every accepted job was run and handed back");
    ns_loop_free(run.loop);
}

static void stop_at_once(void *arg) {
    ns_loop_stop(arg);
}

struct counter {
    struct ns_loop *loop;
    struct ns_timer *timer;
    int fired;
};

static void tick(void *arg) {
    struct counter *counter = arg;
    if (++counter->fired == 3) {
        ns_loop_stop(counter->loop);
    } else {
        ns_timer_set(counter->timer, 1);
    }
}

static void timers_and_signals(void) {
    struct counter counter = {0};
    check(ns_loop_new(&counter.loop, NULL) == NS_OK, "a loop for timers");
    counter.timer = ns_timer_new(counter.loop, tick, &counter);
    ns_timer_set(counter.timer, 1);
    ns_loop_run(counter.loop);
    check(counter.fired == 3, "a timer fires once a setting");
    check(ns_loop_on_signal(counter.loop, SIGUSR1, stop_at_once, counter.loop, NULL) == NS_OK,
          "a signal is watched");
    kill(getpid(), SIGUSR1);
    ns_loop_run(counter.loop);
    check(true, "the signal stopped the loop");
    ns_timer_free(counter.timer);
    ns_loop_free(counter.loop);
}

struct heard {
    struct ns_events *bus;
    struct ns_listener *self;
    int64_t last;
    int count;
};

static void hear(void *arg, const struct ns_event *event) {
    struct heard *heard = arg;
    heard->last = event->sequence;
    if (++heard->count == 2) {
        ns_events_forget(heard->bus, heard->self);
    }
}

static void bus(void) {
    struct ns_events *events = ns_events_new();
    struct heard a = {.bus = events};
    struct heard b = {.bus = events};
    a.self = ns_events_listen(events, hear, &a);
    b.self = ns_events_listen(events, hear, &b);
    ns_events_publish(events, (struct ns_event){.kind = NS_EVENT_USAGE});
    ns_events_forget(events, b.self);
    ns_events_publish(events, (struct ns_event){.kind = NS_EVENT_USAGE});
    ns_events_publish(events, (struct ns_event){.kind = NS_EVENT_USAGE});
    check(a.count == 2 && a.last == 2, "a listener may leave while it is told");
    check(b.count == 1 && ns_events_sequence(events) == 3, "events are numbered");
    ns_events_free(events);
}

int main(void) {
    writer_keeps_order();
    closing_finishes_what_was_accepted();
    timers_and_signals();
    bus();
    printf("1..%d\n", number);
    return failures == 0 ? 0 : 1;
}
