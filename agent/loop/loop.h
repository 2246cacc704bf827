/* loop.h: the event loop and the threads that work for it.
 *
 * One loop thread owns all state but the writing connection. Executors run jobs elsewhere and
 * hand each one back to the loop: run() on a worker, then done() on the loop thread, in the
 * order of finishing (with one worker: in order of submission). A job owns its data; nobody
 * else touches it between submit and done.
 * Ownership: new/free; callers own jobs. Threads: everything is for the loop thread but
 * ns_loop_post, which any thread may call. */
#pragma once
#include "shared/base/err.h"

struct ns_loop;
struct ns_timer;
struct ns_executor;
struct event_base;

typedef void ns_loop_fn(void *arg);

ns_rc ns_loop_new(struct ns_loop **out, struct ns_err *err) NS_MUST_USE;
void ns_loop_free(struct ns_loop *loop); /* NULL is fine; runs what was posted */
struct event_base *ns_loop_base(struct ns_loop *loop); /* borrowed, for agent/net */
void ns_loop_run(struct ns_loop *loop); /* until stop */
void ns_loop_stop(struct ns_loop *loop);
/* Run fn(arg) on the loop thread soon. Order is kept. */
void ns_loop_post(struct ns_loop *loop, ns_loop_fn *fn, void *arg);
/* Run what was posted so far, now. For shutting down, from the loop thread. */
void ns_loop_flush(struct ns_loop *loop);
ns_rc ns_loop_on_signal(struct ns_loop *loop, int signal_number, ns_loop_fn *fn, void *arg,
                        struct ns_err *err) NS_MUST_USE;

/* One-shot; set again to repeat. Setting a running timer moves it. */
struct ns_timer *ns_timer_new(struct ns_loop *loop, ns_loop_fn *fn, void *arg);
void ns_timer_set(struct ns_timer *timer, int64_t milliseconds);
void ns_timer_cancel(struct ns_timer *timer);
void ns_timer_free(struct ns_timer *timer); /* NULL is fine */

struct ns_job {
    void (*run)(struct ns_job *job);  /* on a worker */
    void (*done)(struct ns_job *job); /* on the loop thread; may free the job */
    struct ns_job *next;              /* of the executor */
    struct ns_executor *executor;     /* of the executor */
};

/* threads: 1 makes an ordered writer. most: jobs that may wait. */
ns_rc ns_executor_new(struct ns_loop *loop, const char *name, int threads, size_t most,
                      struct ns_executor **out, struct ns_err *err) NS_MUST_USE;
/* NS_E_BUSY when the queue is full or the executor is closing: then done is not called. */
ns_rc ns_executor_submit(struct ns_executor *executor, struct ns_job *job) NS_MUST_USE;
size_t ns_executor_waiting(struct ns_executor *executor);
/* Finish what was accepted, call every done, join the threads, free. NULL is fine. */
void ns_executor_free(struct ns_executor *executor);
