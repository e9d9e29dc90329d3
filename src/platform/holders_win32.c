/* SPDX-License-Identifier: MIT */
/* Who has files open: the Restart Manager tells. All files are registered at once, since each registration is slow.
 * Windows SDK, "Restart Manager". Unverified: what it finds of processes in other sessions. */
#include "platform/holders.h"

#include "platform/error_win32.h"
#include "platform/fs_win32.h"

#include <restartmanager.h>

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

/* Who holds which file is told for one file at a time only; so the files are asked for singly if any is held. */
static DWORD find(const wchar_t **files, UINT count, Arena *arena, RM_PROCESS_INFO **ret_list, UINT *ret_count)
{
    DWORD session;
    wchar_t key[CCH_RM_SESSION_KEY + 1] = { 0 };
    DWORD result = RmStartSession(&session, 0, key);
    if (result != ERROR_SUCCESS)
        return result;
    result = RmRegisterResources(session, count, files, 0, NULL, 0, NULL);
    if (result == ERROR_SUCCESS)
        result = get_list(session, arena, ret_list, ret_count);
    (void) RmEndSession(session); /* nothing was shut down in it */
    return result;
}

bool holders_find(const StringList *paths, Arena *arena, HolderList *ret_holders, Error *err)
{
    HolderList holders = { 0 };
    RM_PROCESS_INFO *list;
    UINT count = 0;
    const wchar_t **files = ARENA_NEW_ARRAY(arena, const wchar_t *, paths->count + 1);
    for (size_t i = 0; i < paths->count; i++)
        files[i] = fs_native_path(arena, paths->items[i]);
    DWORD result = paths->count == 0 ? ERROR_SUCCESS : find(files, (UINT) paths->count, arena, &list, &count);
    for (size_t i = 0; result == ERROR_SUCCESS && count > 0 && i < paths->count; i++) {
        UINT own = 0;
        result = find(&files[i], 1, arena, &list, &own);
        for (UINT j = 0; result == ERROR_SUCCESS && j < own; j++) {
            bool is_service = list[j].strServiceShortName[0] != L'\0';
            Holder holder = { .path = paths->items[i],
                              .process = list[j].Process.dwProcessId,
                              .program = utf8_from_wide(arena, is_service ? list[j].strServiceShortName
                                                                          : list[j].strAppName) };
            ARRAY_PUSH(arena, &holders, holder);
        }
    }
    if (result != ERROR_SUCCESS)
        return error_set_win32(err, result, "cannot tell which files are in use");
    *ret_holders = holders;
    return true;
}
