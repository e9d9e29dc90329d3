/* SPDX-License-Identifier: MIT */
#include "platform/registry_watch.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "platform/error_win32.h"
#include "platform/win32.h"

#include <stdlib.h>

enum { LONGEST_WAIT_MS = 24 * 60 * 60 * 1000 };

struct RegistryWatch {
    HKEY key;
    HANDLE changed, woken;
};

static LSTATUS listen(RegistryWatch *watch)
{
    return RegNotifyChangeKeyValue(watch->key, FALSE, REG_NOTIFY_CHANGE_LAST_SET | REG_NOTIFY_CHANGE_NAME,
                                   watch->changed, TRUE);
}

bool registry_watch_open(const char *key, RegistryWatch **ret_watch, Error *err)
{
    Arena arena = ARENA_INIT;
    RegistryWatch *watch = alloc_zeroed(sizeof(*watch));
    LSTATUS result = RegCreateKeyExW(HKEY_LOCAL_MACHINE, wide_from_utf8(&arena, key), 0, NULL, 0,
                                     KEY_NOTIFY | KEY_WOW64_64KEY, NULL, &watch->key, NULL);
    arena_release(&arena);
    watch->changed = CreateEventW(NULL, FALSE, FALSE, NULL);
    watch->woken = CreateEventW(NULL, FALSE, FALSE, NULL);
    if (result == ERROR_SUCCESS)
        result = watch->changed == NULL || watch->woken == NULL ? (LSTATUS) GetLastError() : listen(watch);
    if (result != ERROR_SUCCESS) {
        registry_watch_close(watch);
        return error_set_win32(err, (uint32_t) result, "cannot watch the registry key '%s'", key);
    }
    *ret_watch = watch;
    return true;
}

/* Listens again before anybody looks at what has changed, so that nothing is missed. A key that was removed meanwhile
 * tells no more; whoever waits looks after the time that he gives. */
void registry_watch_wait(RegistryWatch *watch, int64_t timeout_ms)
{
    HANDLE handles[] = { watch->changed, watch->woken };
    DWORD limit = (DWORD) (timeout_ms < LONGEST_WAIT_MS ? timeout_ms : LONGEST_WAIT_MS);
    if (WaitForMultipleObjects(COUNT_OF(handles), handles, FALSE, limit) == WAIT_OBJECT_0)
        (void) listen(watch);
}

void registry_watch_wake(RegistryWatch *watch)
{
    (void) SetEvent(watch->woken); /* it cannot fail */
}

void registry_watch_close(RegistryWatch *watch)
{
    if (watch == NULL)
        return;
    if (watch->key != NULL)
        (void) RegCloseKey(watch->key); /* only listened to */
    if (watch->changed != NULL)
        (void) CloseHandle(watch->changed);
    if (watch->woken != NULL)
        (void) CloseHandle(watch->woken);
    free(watch);
}
