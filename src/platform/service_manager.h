/* SPDX-License-Identifier: MIT */
/* Services of this Windows. Elsewhere there are none: each function fails with ERR_UNSUPPORTED. */
#pragma once

#include "base/arena.h"
#include "base/error.h"

#include <stdbool.h>

typedef enum ServicePresence {
    SERVICE_IS_ABSENT,
    SERVICE_IS_STOPPED,
    SERVICE_IS_RUNNING, /* or on its way there, or back */
} ServicePresence;

typedef struct ServiceSpec {
    const char *name, *title, *description;
    const char *command;           /* the program with its words, as on a command line */
    const char *const *privileges; /* all that it keeps of its account's ("SeRestorePrivilege"), the last one NULL */
} ServiceSpec;

MUST_CHECK bool service_find(const char *name, ServicePresence *ret_presence, Error *err);

/* Makes the service, or makes an existing one so: a process of its own as LocalSystem, started some time after Windows,
 * and again one minute after it failed. It is not started. */
MUST_CHECK bool service_install(const ServiceSpec *spec, Error *err);

/* What is so already is success. ERR_TIMEOUT: it is on its way after half a minute. */
MUST_CHECK bool service_start(const char *name, Error *err);
MUST_CHECK bool service_stop(const char *name, Error *err);

/* One that is stopped. */
MUST_CHECK bool service_remove(const char *name, Error *err);

/* In the process that Windows has started as the service, from its first thread: runs work() in another one, and tells
 * Windows at once that it runs. stop() is called, from yet another thread, when it is to end soon. Returns when work()
 * has; that returns whether the service ended as it should. ERR_STATE: Windows has not started this process as a
 * service. */
MUST_CHECK bool service_run(const char *name, bool (*work)(void *context), void (*stop)(void *context), void *context,
                            Error *err);
