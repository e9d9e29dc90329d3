/* SPDX-License-Identifier: MIT */
/* A stand-in for the Restart Manager, whose functions in Wine find nobody and stop nobody: a DLL that takes the place
 * of rstrtmgr.dll for one program. Who uses which file, the file tells that RESTART_MANAGER_STATE names; a line each:
 *
 *     PROCESS <tab> app | stays | service | critical <tab> NAME <tab> FILE
 *
 * "stays": it does not end when it is asked to. What is done is added to that file's name with ".log": "session",
 * "end", "stop PROCESS", "restart PROCESS". Windows SDK, "Restart Manager". */
#include "base/check.h"
#include "platform/fs_win32.h"
#include "platform/process.h"

#include <restartmanager.h>
#include <stdlib.h>
#include <string.h>

#ifndef ERROR_FAIL_NOACTION_REBOOT /* missing in the headers of mingw-w64 10 */
#define ERROR_FAIL_NOACTION_REBOOT 350
#define ERROR_FAIL_SHUTDOWN 351
#endif

enum { LIMIT = 1024 * 1024, SHUTDOWN_MS = 10000 };

typedef struct Process {
    DWORD id;
    const char *kind, *name, *file;
    bool affected, spared, stopped;
} Process;

/* One session at a time: whoever begins another one has forgotten to end the first. */
static struct {
    DWORD handle; /* 0: none */
    Arena arena;
    struct {
        Process *items;
        size_t count, capacity;
    } processes;
} session;

/* ---- the state ---- */

static void say(const char *what, DWORD process)
{
    Arena arena = ARENA_INIT;
    Error err;
    const char *log = arena_printf(&arena, "%s.log", process_environment("RESTART_MANAGER_STATE", &arena));
    const char *line = process == 0 ? arena_printf(&arena, "%s\n", what)
                                    : arena_printf(&arena, "%s %lu\n", what, (unsigned long) process);
    CHECK(fs_append_file(log, line, &err));
    arena_release(&arena);
}

/* The part up to the tab or the end, which is cut off. */
static char *take_part(char **rest)
{
    char *part = *rest;
    size_t length = strcspn(part, "\t");
    *rest = part + length + (part[length] == '\t');
    part[length] = '\0';
    return part;
}

static void read_state(void)
{
    Error err;
    char *text;
    size_t size;
    const char *file = process_environment("RESTART_MANAGER_STATE", &session.arena);
    CHECK(fs_read_file(file, LIMIT, &session.arena, &text, &size, &err));
    while (*text != '\0') {
        char *line = text, *rest = line;
        size_t length = strcspn(line, "\n");
        CHECK(line[length] == '\n');
        line[length] = '\0';
        text += length + 1;
        Process process = { .id = (DWORD) strtoul(take_part(&rest), NULL, 10) };
        process.kind = take_part(&rest);
        process.name = take_part(&rest);
        process.file = take_part(&rest);
        ARRAY_PUSH(&session.arena, &session.processes, process);
    }
}

static bool is(const Process *process, const char *kind)
{
    return strcmp(process->kind, kind) == 0;
}

/* ---- what programs call ---- */

DWORD WINAPI RmStartSession(DWORD *ret_session, DWORD flags, WCHAR key[])
{
    static DWORD last;
    CHECK(flags == 0 && session.handle == 0);
    session.handle = ++last;
    key[0] = L'x';
    key[1] = L'\0';
    read_state();
    say("session", 0);
    *ret_session = session.handle;
    return ERROR_SUCCESS;
}

DWORD WINAPI RmEndSession(DWORD handle)
{
    CHECK(handle == session.handle);
    say("end", 0);
    arena_release(&session.arena);
    memset(&session, 0, sizeof(session));
    return ERROR_SUCCESS;
}

DWORD WINAPI RmRegisterResources(DWORD handle, UINT file_count, LPCWSTR files[], UINT application_count,
                                 RM_UNIQUE_PROCESS applications[], UINT service_count, LPCWSTR services[])
{
    CHECK(handle == session.handle && file_count > 0);
    CHECK(application_count == 0 && applications == NULL && service_count == 0 && services == NULL);
    for (size_t i = 0; i < session.processes.count; i++) {
        Process *process = &session.processes.items[i];
        const wchar_t *file = native_path(&session.arena, process->file);
        for (UINT j = 0; j < file_count; j++) {
            const wchar_t *registered = native_path(&session.arena, utf8_from_wide(&session.arena, files[j]));
            process->affected |= CompareStringOrdinal(file, -1, registered, -1, TRUE) == CSTR_EQUAL;
        }
    }
    return ERROR_SUCCESS;
}

static void copy_text(wchar_t *to, size_t size, const char *text)
{
    const wchar_t *wide = wide_from_utf8(&session.arena, text);
    CHECK(wcslen(wide) < size);
    memcpy(to, wide, (wcslen(wide) + 1) * sizeof(*wide));
}

/* The size that is told first is too small by one: as if another program had come meanwhile. */
DWORD WINAPI RmGetList(DWORD handle, UINT *needed, UINT *count, RM_PROCESS_INFO list[], DWORD *reasons)
{
    CHECK(handle == session.handle);
    UINT found = 0, capacity = *count;
    for (size_t i = 0; i < session.processes.count; i++) {
        const Process *process = &session.processes.items[i];
        if (!process->affected)
            continue;
        if (found++ >= capacity)
            continue;
        RM_PROCESS_INFO *info = &list[found - 1];
        *info = (RM_PROCESS_INFO){ .Process = { .dwProcessId = process->id },
                                   .ApplicationType = is(process, "critical")  ? RmCritical
                                                      : is(process, "service") ? RmService
                                                                               : RmConsole };
        copy_text(info->strAppName, CCH_RM_MAX_APP_NAME, process->name);
        if (is(process, "service"))
            copy_text(info->strServiceShortName, CCH_RM_MAX_SVC_NAME, process->name);
    }
    *reasons = RmRebootReasonNone;
    *needed = capacity == 0 && found > 1 ? found - 1 : found;
    *count = found < capacity ? found : capacity;
    return found > capacity ? ERROR_MORE_DATA : ERROR_SUCCESS;
}

DWORD WINAPI RmAddFilter(DWORD handle, LPCWSTR module, RM_UNIQUE_PROCESS *unique, LPCWSTR service,
                         RM_FILTER_ACTION action)
{
    CHECK(handle == session.handle && module == NULL && service == NULL && action == RmNoShutdown);
    for (size_t i = 0; i < session.processes.count; i++)
        session.processes.items[i].spared |= session.processes.items[i].id == unique->dwProcessId;
    return ERROR_SUCCESS;
}

static void end_process(Process *process)
{
    HANDLE handle = OpenProcess(PROCESS_TERMINATE | SYNCHRONIZE, FALSE, process->id);
    CHECK(handle != NULL && TerminateProcess(handle, 0) && WaitForSingleObject(handle, SHUTDOWN_MS) == WAIT_OBJECT_0 &&
          CloseHandle(handle));
    process->stopped = true;
    say("stop", process->id);
}

DWORD WINAPI RmShutdown(DWORD handle, ULONG flags, RM_WRITE_STATUS_CALLBACK status)
{
    CHECK(handle == session.handle && flags == 0 && status == NULL); /* nobody is forced */
    DWORD result = ERROR_SUCCESS;
    for (size_t i = 0; i < session.processes.count; i++) {
        const Process *process = &session.processes.items[i];
        if (process->affected && !process->spared && is(process, "critical"))
            return ERROR_FAIL_NOACTION_REBOOT;
    }
    for (size_t i = 0; i < session.processes.count; i++) {
        Process *process = &session.processes.items[i];
        if (!process->affected || process->spared)
            continue;
        if (is(process, "stays"))
            result = ERROR_FAIL_SHUTDOWN;
        else
            end_process(process);
    }
    return result;
}

DWORD WINAPI RmRestart(DWORD handle, DWORD flags, RM_WRITE_STATUS_CALLBACK status)
{
    CHECK(handle == session.handle && flags == 0 && status == NULL);
    for (size_t i = 0; i < session.processes.count; i++) {
        if (session.processes.items[i].stopped)
            say("restart", session.processes.items[i].id);
    }
    return ERROR_SUCCESS;
}
