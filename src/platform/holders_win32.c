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

static const wchar_t **native_paths(const StringList *paths, Arena *arena)
{
    const wchar_t **files = ARENA_NEW_ARRAY(arena, const wchar_t *, paths->count + 1);
    for (size_t i = 0; i < paths->count; i++)
        files[i] = fs_native_path(arena, paths->items[i]);
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

/* Who holds which file is told for one file at a time only; so the files are asked for singly if any is held. */
static bool find(Holders *holders, const StringList *paths, Arena *arena, HolderList *ret_holders, Error *err)
{
    (void) holders;
    HolderList found = { 0 };
    RM_PROCESS_INFO *list;
    UINT count = 0;
    const wchar_t **files = native_paths(paths, arena);
    DWORD result = paths->count == 0 ? ERROR_SUCCESS : list_holders(files, (UINT) paths->count, arena, &list, &count);
    for (size_t i = 0; result == ERROR_SUCCESS && count > 0 && i < paths->count; i++) {
        UINT own = 0;
        result = list_holders(&files[i], 1, arena, &list, &own);
        for (UINT j = 0; result == ERROR_SUCCESS && j < own; j++) {
            bool is_service = list[j].strServiceShortName[0] != L'\0';
            Holder holder = { .path = paths->items[i],
                              .process = list[j].Process.dwProcessId,
                              .program =
                                  utf8_from_wide(arena, is_service ? list[j].strServiceShortName : list[j].strAppName),
                              .is_service = is_service };
            ARRAY_PUSH(arena, &found, holder);
        }
    }
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
        if (list[i].ApplicationType == RmCritical)
            result = RmAddFilter(session, NULL, &list[i].Process, NULL, RmNoShutdown);
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
