/* SPDX-License-Identifier: MIT */
/* Who has files open, and how they let go: the Restart Manager. All files are registered at once, since each
 * registration is slow. Windows SDK, "Restart Manager". Unverified: what it finds of processes in other sessions, which
 * it never stops. */
#include "platform/holders.h"

#include "platform/error_win32.h"
#include "platform/fs_win32.h"

#include <restartmanager.h>

/* Windows SDK: "Critical system services" and processes; to ask for their end makes RmShutdown() stop nobody at all.
 * These two are missing in the headers of mingw-w64 10. */
DWORD WINAPI RmAddFilter(DWORD session, LPCWSTR module, RM_UNIQUE_PROCESS *process, LPCWSTR service,
                         RM_FILTER_ACTION action);
#ifndef ERROR_FAIL_NOACTION_REBOOT
#define ERROR_FAIL_NOACTION_REBOOT 350
#define ERROR_FAIL_SHUTDOWN 351
#endif

typedef struct RestartManager {
    Holders holders; /* first: callers hand it back */
    bool in_session; /* from stop() to restart() */
    DWORD session;
} RestartManager;

static DWORD start_session(const wchar_t **files, UINT count, DWORD *ret_session)
{
    wchar_t key[CCH_RM_SESSION_KEY + 1] = { 0 };
    DWORD result = RmStartSession(ret_session, 0, key);
    if (result != ERROR_SUCCESS)
        return result;
    result = RmRegisterResources(*ret_session, count, files, 0, NULL, 0, NULL);
    if (result != ERROR_SUCCESS)
        (void) RmEndSession(*ret_session); /* nothing was done in it */
    return result;
}

/* The list may grow between the call that tells its size and the one that gets it. */
static DWORD get_list(DWORD session, Arena *arena, RM_PROCESS_INFO **ret_list, UINT *ret_count)
{
    UINT needed = 0, count = 0;
    RM_PROCESS_INFO *list = NULL;
    DWORD reasons, result;
    do {
        count = needed;
        list = ARENA_NEW_ARRAY(arena, RM_PROCESS_INFO, count + 1);
        result = RmGetList(session, &needed, &count, list, &reasons);
    } while (result == ERROR_MORE_DATA);
    *ret_list = list;
    *ret_count = count;
    return result;
}

/* Unverified: that the Restart Manager knows "\\?\"; so only paths that are too long for others have it. */
static const wchar_t **native_paths(const StringList *paths, Arena *arena)
{
    const wchar_t **files = ARENA_NEW_ARRAY(arena, const wchar_t *, paths->count + 1);
    for (size_t i = 0; i < paths->count; i++) {
        const wchar_t *plain = wide_from_utf8(arena, paths->items[i]);
        files[i] = wcslen(plain) < MAX_PATH ? plain : native_path(arena, paths->items[i]);
    }
    return files;
}

static DWORD list_holders(const wchar_t **files, UINT count, Arena *arena, RM_PROCESS_INFO **ret_list, UINT *ret_count)
{
    DWORD session;
    DWORD result = start_session(files, count, &session);
    if (result != ERROR_SUCCESS)
        return result;
    result = get_list(session, arena, ret_list, ret_count);
    (void) RmEndSession(session); /* nothing was stopped in it */
    return result;
}

static void add_holder(const RM_PROCESS_INFO *process, const char *path, Arena *arena, HolderList *found)
{
    bool is_service = process->strServiceShortName[0] != L'\0';
    Holder holder = { .path = path,
                      .process = process->Process.dwProcessId,
                      .program = utf8_from_wide(arena, is_service ? process->strServiceShortName : process->strAppName),
                      .is_service = is_service };
    ARRAY_PUSH(arena, found, holder);
}

/* Who holds which file is told for one file at a time only: the list is halved as long as any of it is held. */
static DWORD find_among(const wchar_t **files, const char *const *paths, size_t count, Arena *arena, HolderList *found)
{
    RM_PROCESS_INFO *list;
    UINT holders;
    if (count == 0)
        return ERROR_SUCCESS;
    DWORD result = list_holders(files, (UINT) count, arena, &list, &holders);
    if (result != ERROR_SUCCESS || holders == 0)
        return result;
    if (count == 1) {
        for (UINT i = 0; i < holders; i++)
            add_holder(&list[i], paths[0], arena, found);
        return ERROR_SUCCESS;
    }
    size_t half = count / 2;
    result = find_among(files, paths, half, arena, found);
    return result != ERROR_SUCCESS ? result : find_among(files + half, paths + half, count - half, arena, found);
}

static bool find(Holders *holders, const StringList *paths, Arena *arena, HolderList *ret_holders, Error *err)
{
    (void) holders;
    HolderList found = { 0 };
    DWORD result = find_among(native_paths(paths, arena), paths->items, paths->count, arena, &found);
    if (result != ERROR_SUCCESS)
        return error_set_win32(err, result, "cannot tell which files are in use");
    *ret_holders = found;
    return true;
}

/* Critical processes cannot end; without this RmShutdown() would stop none of the others either. */
static DWORD spare_critical(DWORD session, Arena *arena)
{
    RM_PROCESS_INFO *list;
    UINT count;
    DWORD result = get_list(session, arena, &list, &count);
    for (UINT i = 0; result == ERROR_SUCCESS && i < count; i++) {
        const wchar_t *service = list[i].strServiceShortName;
        if (list[i].ApplicationType != RmCritical)
            continue;
        result = *service != L'\0' ? RmAddFilter(session, NULL, NULL, service, RmNoShutdown)
                                   : RmAddFilter(session, NULL, &list[i].Process, NULL, RmNoShutdown);
    }
    return result;
}

static bool stop(Holders *holders, const StringList *paths, Error *err)
{
    RestartManager *manager = (RestartManager *) holders;
    Arena arena = ARENA_INIT;
    DWORD result = start_session(native_paths(paths, &arena), (UINT) paths->count, &manager->session);
    if (result == ERROR_SUCCESS) {
        manager->in_session = true;
        result = spare_critical(manager->session, &arena);
        if (result == ERROR_SUCCESS)
            result = RmShutdown(manager->session, 0, NULL);
    }
    arena_release(&arena);
    if (result == ERROR_FAIL_SHUTDOWN || result == ERROR_FAIL_NOACTION_REBOOT)
        return error_set(err, ERR_BUSY, "not every program that uses the files has ended");
    return result == ERROR_SUCCESS || error_set_win32(err, result, "cannot ask the programs that use the files to end");
}

static bool restart(Holders *holders, Error *err)
{
    RestartManager *manager = (RestartManager *) holders;
    if (!manager->in_session)
        return true;
    DWORD result = RmRestart(manager->session, 0, NULL);
    (void) RmEndSession(manager->session); /* what was stopped runs again, or cannot be made to */
    manager->in_session = false;
    return result == ERROR_SUCCESS || error_set_win32(err, result, "not all that was stopped runs again");
}

Holders *holders_system(void)
{
    static RestartManager manager = { .holders = { .find = find, .stop = stop, .restart = restart } };
    return &manager.holders;
}
