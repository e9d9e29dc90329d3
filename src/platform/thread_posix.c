/* SPDX-License-Identifier: MIT */
#include "platform/thread.h"

#include "base/alloc.h"
#include "base/check.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

struct Thread {
    pthread_t id;
    void (*work)(void *context);
    void *context;
};

struct Monitor {
    pthread_mutex_t mutex;
    pthread_cond_t condition;
};

static void *run(void *argument)
{
    Thread *thread = argument;
    thread->work(thread->context);
    return NULL;
}

bool thread_start(void (*work)(void *context), void *context, Thread **ret_thread, Error *err)
{
    Thread *thread = alloc_zeroed(sizeof(*thread));
    thread->work = work;
    thread->context = context;
    /* Signals stay with the thread that began: it is the one that asks whether to stop. */
    sigset_t all, before;
    (void) sigfillset(&all);
    CHECK(pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
    int result = pthread_create(&thread->id, NULL, run, thread);
    CHECK(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
    if (result != 0) {
        free(thread);
        return error_set_errno(err, result, "cannot start a thread");
    }
    *ret_thread = thread;
    return true;
}

void thread_join(Thread *thread)
{
    if (thread == NULL)
        return;
    CHECK(pthread_join(thread->id, NULL) == 0);
    free(thread);
}

size_t thread_processor_count(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 1 ? (size_t) count : 1;
}

Monitor *monitor_create(void)
{
    Monitor *monitor = alloc_zeroed(sizeof(*monitor));
    CHECK(pthread_mutex_init(&monitor->mutex, NULL) == 0 && pthread_cond_init(&monitor->condition, NULL) == 0);
    return monitor;
}

void monitor_destroy(Monitor *monitor)
{
    if (monitor == NULL)
        return;
    CHECK(pthread_cond_destroy(&monitor->condition) == 0 && pthread_mutex_destroy(&monitor->mutex) == 0);
    free(monitor);
}

void monitor_enter(Monitor *monitor)
{
    CHECK(pthread_mutex_lock(&monitor->mutex) == 0);
}

void monitor_leave(Monitor *monitor)
{
    CHECK(pthread_mutex_unlock(&monitor->mutex) == 0);
}

void monitor_wait(Monitor *monitor)
{
    CHECK(pthread_cond_wait(&monitor->condition, &monitor->mutex) == 0);
}

void monitor_wake_all(Monitor *monitor)
{
    CHECK(pthread_cond_broadcast(&monitor->condition) == 0);
}
