/* SPDX-License-Identifier: MIT */
/* Threads, and the one thing they meet at: a monitor, a lock to wait in. */
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct Thread Thread;

/* Runs work(context) in a new thread. Each thread that was started must be joined. */
MUST_CHECK bool thread_start(void (*work)(void *context), void *context, Thread **ret_thread, Error *err);

/* Waits for its end and frees it. NULL is fine. */
void thread_join(Thread *thread);

/* Processors this process may use, at least 1. */
size_t thread_processor_count(void);

typedef struct Monitor Monitor;

Monitor *monitor_create(void);
void monitor_destroy(Monitor *monitor);

void monitor_enter(Monitor *monitor);
void monitor_leave(Monitor *monitor);

/* Inside only: leaves, waits for monitor_wake_all(), enters again. May return without having been woken: ask in a
 * loop for what is waited for. */
void monitor_wait(Monitor *monitor);
void monitor_wake_all(Monitor *monitor);
