/* executor.c: worker threads with one queue, results posted back to the loop. */
#include "agent/loop/loop.h"
#include "shared/base/arena.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define THREADS_MOST 16

struct ns_executor {
    struct ns_loop *loop;
    size_t most;
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct ns_job *first;
    struct ns_job *last;
    size_t waiting;
    bool closing;
    int thread_count;
    pthread_t threads[THREADS_MOST];
    char name[16];
};

static void finished(void *arg) {
    struct ns_job *job = arg;
    job->done(job);
}

static struct ns_job *next_job(struct ns_executor *executor) {
    pthread_mutex_lock(&executor->lock);
    while (executor->first == NULL && !executor->closing) {
        pthread_cond_wait(&executor->more, &executor->lock);
    }
    struct ns_job *job = executor->first;
    if (job != NULL) {
        executor->first = job->next;
        executor->waiting--;
        if (executor->first == NULL) {
            executor->last = NULL;
        }
    }
    pthread_mutex_unlock(&executor->lock);
    return job;
}

static void *work(void *arg) {
    struct ns_executor *executor = arg;
    pthread_setname_np(pthread_self(), executor->name);
    for (struct ns_job *job = next_job(executor); job != NULL; job = next_job(executor)) {
        job->run(job);
        ns_loop_post(executor->loop, finished, job);
    }
    return NULL;
}

/* Signals belong to the loop thread, so workers start with all of them blocked. */
static bool start_threads(struct ns_executor *executor, int threads) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (executor->thread_count < threads &&
           pthread_create(&executor->threads[executor->thread_count], NULL, work, executor) == 0) {
        executor->thread_count++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return executor->thread_count == threads;
}

ns_rc ns_executor_new(struct ns_loop *loop, const char *name, int threads, size_t most,
                      struct ns_executor **out, struct ns_err *err) {
    struct ns_executor *executor = ns_xcalloc(1, sizeof *executor);
    executor->loop = loop;
    executor->most = most;
    snprintf(executor->name, sizeof executor->name, "%s", name);
    pthread_mutex_init(&executor->lock, NULL);
    pthread_cond_init(&executor->more, NULL);
    if (threads > THREADS_MOST || !start_threads(executor, threads)) {
        ns_executor_free(executor);
        return ns_err_note(err, NS_E_MEMORY, "threads of %s cannot be started", name);
    }
    *out = executor;
    return NS_OK;
}

ns_rc ns_executor_submit(struct ns_executor *executor, struct ns_job *job) {
    pthread_mutex_lock(&executor->lock);
    bool refused = executor->closing || executor->waiting >= executor->most;
    if (!refused) {
        job->next = NULL;
        job->executor = executor;
        if (executor->last == NULL) {
            executor->first = job;
        } else {
            executor->last->next = job;
        }
        executor->last = job;
        executor->waiting++;
        pthread_cond_signal(&executor->more);
    }
    pthread_mutex_unlock(&executor->lock);
    return refused ? NS_E_BUSY : NS_OK;
}

size_t ns_executor_waiting(struct ns_executor *executor) {
    pthread_mutex_lock(&executor->lock);
    size_t n = executor->waiting;
    pthread_mutex_unlock(&executor->lock);
    return n;
}

void ns_executor_free(struct ns_executor *executor) {
    if (executor == NULL) {
        return;
    }
    pthread_mutex_lock(&executor->lock);
    executor->closing = true;
    pthread_cond_broadcast(&executor->more);
    pthread_mutex_unlock(&executor->lock);
    for (int i = 0; i < executor->thread_count; i++) {
        pthread_join(executor->threads[i], NULL);
    }
    ns_loop_flush(executor->loop);
    pthread_cond_destroy(&executor->more);
    pthread_mutex_destroy(&executor->lock);
    free(executor);
}
