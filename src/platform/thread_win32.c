/* SPDX-License-Identifier: MIT */
#include "platform/thread.h"

#include "base/alloc.h"
#include "base/check.h"
#include "platform/error_win32.h"
#include "platform/win32.h"

#include <stdlib.h>

struct Thread {
    HANDLE handle;
    void (*work)(void *context);
    void *context;
};

struct Monitor {
    SRWLOCK lock;
    CONDITION_VARIABLE condition;
};

static DWORD WINAPI run(void *argument)
{
    Thread *thread = argument;
    thread->work(thread->context);
    return 0;
}

bool thread_start(void (*work)(void *context), void *context, Thread **ret_thread, Error *err)
{
    Thread *thread = alloc_zeroed(sizeof(*thread));
    thread->work = work;
    thread->context = context;
    thread->handle = CreateThread(NULL, 0, run, thread, 0, NULL);
    if (thread->handle == NULL) {
        DWORD cause = GetLastError();
        free(thread);
        return error_set_win32(err, cause, "cannot start a thread");
    }
    *ret_thread = thread;
    return true;
}

void thread_join(Thread *thread)
{
    if (thread == NULL)
        return;
    CHECK(WaitForSingleObject(thread->handle, INFINITE) == WAIT_OBJECT_0);
    (void) CloseHandle(thread->handle); /* a handle that is valid */
    free(thread);
}

size_t thread_processor_count(void)
{
    DWORD count = GetActiveProcessorCount(ALL_PROCESSOR_GROUPS);
    return count > 1 ? count : 1;
}

Monitor *monitor_create(void)
{
    Monitor *monitor = alloc_zeroed(sizeof(*monitor));
    InitializeSRWLock(&monitor->lock);
    InitializeConditionVariable(&monitor->condition);
    return monitor;
}

void monitor_destroy(Monitor *monitor)
{
    free(monitor);
}

void monitor_enter(Monitor *monitor)
{
    AcquireSRWLockExclusive(&monitor->lock);
}

void monitor_leave(Monitor *monitor)
{
    ReleaseSRWLockExclusive(&monitor->lock);
}

void monitor_wait(Monitor *monitor)
{
    CHECK(SleepConditionVariableSRW(&monitor->condition, &monitor->lock, INFINITE, 0));
}

void monitor_wake_all(Monitor *monitor)
{
    WakeAllConditionVariable(&monitor->condition);
}
