/* SPDX-License-Identifier: MIT */
#include "platform/registry_watch.h"

bool registry_watch_open(const char *key, RegistryWatch **ret_watch, Error *err)
{
    (void) key;
    (void) ret_watch;
    return error_set(err, ERR_UNSUPPORTED, "this system has no registry");
}

void registry_watch_wait(RegistryWatch *watch, int64_t timeout_ms)
{
    (void) watch;
    (void) timeout_ms;
}

void registry_watch_wake(RegistryWatch *watch)
{
    (void) watch;
}

void registry_watch_close(RegistryWatch *watch)
{
    (void) watch;
}
