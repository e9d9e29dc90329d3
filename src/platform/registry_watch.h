/* SPDX-License-Identifier: MIT */
/* Waiting for a change of one key of this Windows' registry. Elsewhere there is none: ERR_UNSUPPORTED. Source: Windows
 * SDK, "RegNotifyChangeKeyValue". */
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct RegistryWatch RegistryWatch;

/* The key, below HKEY_LOCAL_MACHINE, is made if it is missing. Changes count from here on. */
MUST_CHECK bool registry_watch_open(const char *key, RegistryWatch **ret_watch, Error *err);

/* Until a value of the key has changed since the last wait, somebody wakes it, or the time has passed. */
void registry_watch_wait(RegistryWatch *watch, int64_t timeout_ms);

/* From any thread. What wakes nobody wakes the next one who waits. */
void registry_watch_wake(RegistryWatch *watch);

/* NULL is fine. */
void registry_watch_close(RegistryWatch *watch);
