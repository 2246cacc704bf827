/* loop.c: libevent's base, posted calls, timers and signals. */
#include "agent/loop/loop.h"
#include "shared/base/arena.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define SIGNALS_MOST 8

struct posted {
    struct posted *next;
    ns_loop_fn *fn;
    void *arg;
};

struct signal_hook {
    struct event *event;
    ns_loop_fn *fn;
    void *arg;
};

struct ns_loop {
    struct event_base *base;
    int wake_fd; /* eventfd: posts since the last wake */
    struct event *wake;
    pthread_mutex_t lock; /* of first and last */
    struct posted *first;
    struct posted *last;
    struct signal_hook hooks[SIGNALS_MOST];
    size_t hook_count;
};

struct ns_timer {
    struct event *event;
    ns_loop_fn *fn;
    void *arg;
};

static struct posted *take_all(struct ns_loop *loop) {
    pthread_mutex_lock(&loop->lock);
    struct posted *list = loop->first;
    loop->first = NULL;
    loop->last = NULL;
    pthread_mutex_unlock(&loop->lock);
    return list;
}

static void run_posted(struct ns_loop *loop) {
    struct posted *list = take_all(loop);
    while (list != NULL) {
        struct posted *next = list->next;
        list->fn(list->arg);
        free(list);
        list = next;
    }
}

static void on_wake(evutil_socket_t fd, short what, void *arg) {
    (void)what;
    uint64_t count;
    ssize_t got = read((int)fd, &count, sizeof count);
    (void)got; /* EAGAIN: somebody read it before us, the list tells */
    run_posted(arg);
}

ns_rc ns_loop_new(struct ns_loop **out, struct ns_err *err) {
    struct ns_loop *loop = ns_xcalloc(1, sizeof *loop);
    pthread_mutex_init(&loop->lock, NULL);
    loop->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct event_config *config = event_config_new();
    if (config != NULL) {
        event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
        loop->base = event_base_new_with_config(config);
        event_config_free(config);
    }
    if (loop->base != NULL && loop->wake_fd >= 0) {
        loop->wake = event_new(loop->base, loop->wake_fd, EV_READ | EV_PERSIST, on_wake, loop);
    }
    if (loop->wake == NULL || event_add(loop->wake, NULL) != 0) {
        ns_loop_free(loop);
        return ns_err_note(err, NS_E_INTERNAL, "event loop: %s", strerror(errno));
    }
    *out = loop;
    return NS_OK;
}

void ns_loop_free(struct ns_loop *loop) {
    if (loop == NULL) {
        return;
    }
    ns_loop_flush(loop);
    for (size_t i = 0; i < loop->hook_count; i++) {
        event_free(loop->hooks[i].event);
    }
    if (loop->wake != NULL) {
        event_free(loop->wake);
    }
    if (loop->base != NULL) {
        event_base_free(loop->base);
    }
    if (loop->wake_fd >= 0) {
        close(loop->wake_fd);
    }
    pthread_mutex_destroy(&loop->lock);
    free(loop);
}

struct event_base *ns_loop_base(struct ns_loop *loop) {
    return loop->base;
}

void ns_loop_run(struct ns_loop *loop) {
    event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY);
}

void ns_loop_stop(struct ns_loop *loop) {
    event_base_loopbreak(loop->base);
}

void ns_loop_post(struct ns_loop *loop, ns_loop_fn *fn, void *arg) {
    struct posted *call = ns_xcalloc(1, sizeof *call);
    call->fn = fn;
    call->arg = arg;
    pthread_mutex_lock(&loop->lock);
    if (loop->last == NULL) {
        loop->first = call;
    } else {
        loop->last->next = call;
    }
    loop->last = call;
    pthread_mutex_unlock(&loop->lock);
    const uint64_t one = 1;
    ssize_t put = write(loop->wake_fd, &one, sizeof one);
    (void)put; /* EAGAIN: the counter is full, so a wake is due anyway */
}

void ns_loop_flush(struct ns_loop *loop) {
    while (loop->first != NULL) {
        run_posted(loop);
    }
}

static void on_signal(evutil_socket_t number, short what, void *arg) {
    (void)number;
    (void)what;
    const struct signal_hook *hook = arg;
    hook->fn(hook->arg);
}

ns_rc ns_loop_on_signal(struct ns_loop *loop, int signal_number, ns_loop_fn *fn, void *arg,
                        struct ns_err *err) {
    if (loop->hook_count == SIGNALS_MOST) {
        return ns_err_note(err, NS_E_INTERNAL, "too many signals");
    }
    struct signal_hook *hook = &loop->hooks[loop->hook_count];
    *hook = (struct signal_hook){.fn = fn, .arg = arg};
    hook->event = evsignal_new(loop->base, signal_number, on_signal, hook);
    if (hook->event == NULL || event_add(hook->event, NULL) != 0) {
        if (hook->event != NULL) {
            event_free(hook->event);
        }
        return ns_err_note(err, NS_E_INTERNAL, "signal %d cannot be watched", signal_number);
    }
    loop->hook_count++;
    return NS_OK;
}

static void on_timer(evutil_socket_t fd, short what, void *arg) {
    (void)fd;
    (void)what;
    const struct ns_timer *timer = arg;
    timer->fn(timer->arg);
}

struct ns_timer *ns_timer_new(struct ns_loop *loop, ns_loop_fn *fn, void *arg) {
    struct ns_timer *timer = ns_xcalloc(1, sizeof *timer);
    timer->fn = fn;
    timer->arg = arg;
    timer->event = evtimer_new(loop->base, on_timer, timer);
    if (timer->event == NULL) {
        abort(); /* libevent's own allocation failed */
    }
    return timer;
}

void ns_timer_set(struct ns_timer *timer, int64_t milliseconds) {
    struct timeval delay = {.tv_sec = milliseconds / 1000, .tv_usec = milliseconds % 1000 * 1000};
    evtimer_add(timer->event, &delay);
}

void ns_timer_cancel(struct ns_timer *timer) {
    evtimer_del(timer->event);
}

void ns_timer_free(struct ns_timer *timer) {
    if (timer != NULL) {
        event_free(timer->event);
        free(timer);
    }
}
