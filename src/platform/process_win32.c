/* SPDX-License-Identifier: MIT */
/* The program's surroundings on Windows. Where journals are kept: state_win32.c. */
#include "platform/process.h"

#include "base/ascii.h"
#include "base/check.h"
#include "platform/error_win32.h"
#include "platform/fs.h"
#include "platform/win32.h"

#include <cpuid.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

bool process_program_folder(Arena *arena, const char **ret_folder, Error *err)
{
    enum { LONGEST_PATH = 32768 }; /* in UTF-16 units, as Windows limits it */
    wchar_t *wide = ARENA_NEW_ARRAY(arena, wchar_t, LONGEST_PATH);
    DWORD length = GetModuleFileNameW(NULL, wide, LONGEST_PATH);
    const char *path;
    if (length == 0 || length == LONGEST_PATH)
        return error_set_win32(err, GetLastError(), "cannot find the program's own folder");
    if (!fs_canonical_path(utf8_from_wide(arena, wide), arena, &path, err))
        return false;
    const char *separator = strrchr(path, '\\');
    CHECK(separator != NULL && separator > path);
    bool is_root = separator[-1] == ':';
    *ret_folder = arena_strndup(arena, path, (size_t) (separator - path) + is_root);
    return true;
}

const char *process_environment(const char *name, Arena *arena)
{
    const wchar_t *wide_name = wide_from_utf8(arena, name);
    DWORD size = GetEnvironmentVariableW(wide_name, NULL, 0);
    wchar_t *value = ARENA_NEW_ARRAY(arena, wchar_t, (size_t) size + 1);
    DWORD length = GetEnvironmentVariableW(wide_name, value, size);
    return length > 0 && length < size ? utf8_from_wide(arena, value) : NULL;
}

uint64_t process_id(void)
{
    return GetCurrentProcessId();
}

const char *process_computer_name(Arena *arena)
{
    wchar_t name[256];
    DWORD size = COUNT_OF(name);
    if (!GetComputerNameExW(ComputerNameDnsHostname, name, &size) || size == 0)
        return "this computer";
    return utf8_from_wide(arena, name);
}

/* The C library has no descriptor for them then. (What is no handle of a file when the process starts is closed to it,
 * so a later file's handle is never mistaken for one.) */
void process_fill_standard_streams(void)
{
    FILE *streams[] = { stdin, stdout, stderr };
    for (size_t i = 0; i < COUNT_OF(streams); i++) {
        if (_fileno(streams[i]) < 0)
            (void) freopen("NUL", streams[i] == stdin ? "w" : "r", streams[i]); /* else its uses fail as they are */
    }
}

static Cancel interrupted; /* a control handler can be handed nothing */

/* Called by the system in a thread of its own. */
static BOOL WINAPI on_control(DWORD event)
{
    cancel_request(&interrupted);
    if (event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT)
        return TRUE;
    /* When the window is closed or the user logs off, the process ends as soon as this returns, and some seconds later
     * in any case. Until then the step in flight can come to its end and the GPUs can be put back, and nothing more. */
    cancel_request(&interrupted);
    Sleep(INFINITE);
    return TRUE;
}

Cancel *process_cancel_on_interrupt(void)
{
    static bool installed;
    if (!installed)
        CHECK(SetConsoleCtrlHandler(on_control, TRUE));
    installed = true;
    return &interrupted;
}

/* A partition that Hyper-V made, and that may make none itself. Bare Windows and hosts, which run on Hyper-V as well,
 * may. Microsoft, "Hypervisor Top Level Functional Specification": leaves 0x40000001 and 0x40000003. */
static bool is_guest(void)
{
    enum { INTERFACE = 0x40000001, FEATURES = 0x40000003, CREATE_PARTITIONS = 1 };
    const unsigned hypervisor_present = 1u << 31, hyper_v = 0x31237648; /* "Hv#1" */
    unsigned a, b, c, d;
    __cpuid(1, a, b, c, d);
    if ((c & hypervisor_present) == 0)
        return false;
    __cpuid((unsigned) INTERFACE, a, b, c, d);
    if (a != hyper_v)
        return false;
    __cpuid((unsigned) FEATURES, a, b, c, d);
    return (b & CREATE_PARTITIONS) == 0;
}

bool process_windows_drive(Arena *arena, const char **ret_drive, Error *err)
{
    wchar_t folder[MAX_PATH + 1];
    UINT length = GetSystemWindowsDirectoryW(folder, COUNT_OF(folder));
    if (length == 0 || length >= COUNT_OF(folder))
        return error_set_win32(err, GetLastError(), "cannot tell where Windows is");
    const char *path = utf8_from_wide(arena, folder);
    if (!ascii_equals(path + 1, ":\\Windows"))
        return error_set(err, ERR_UNSUPPORTED, "Windows is in '%s', and drivers look for themselves in \\Windows",
                         path);
    *ret_drive = arena_strndup(arena, path, strlen("C:\\"));
    return true;
}

bool process_guest_drive(Arena *arena, const char **ret_drive, Error *err)
{
    if (is_guest())
        return process_windows_drive(arena, ret_drive, err);
    (void) error_set(err, ERR_STATE, "this computer is no Hyper-V guest");
    return error_advise(err, ADVICE_NAME_ROOT_AS_HERE, NULL);
}

/* Windows SDK, "Privilege Constants". Unverified: that MoveFileExW() opens files in the way to which this right
 * applies, as reimplementations of it do. */
void process_use_restore_right(void)
{
    HANDLE token;
    TOKEN_PRIVILEGES rights = { .PrivilegeCount = 1, .Privileges = { { .Attributes = SE_PRIVILEGE_ENABLED } } };
    if (!LookupPrivilegeValueW(NULL, L"SeRestorePrivilege", &rights.Privileges[0].Luid) ||
        !OpenProcessToken(GetCurrentProcess(), TOKEN_ADJUST_PRIVILEGES, &token))
        return;                                                         /* not an administrator's process */
    (void) AdjustTokenPrivileges(token, FALSE, &rights, 0, NULL, NULL); /* what then cannot be renamed is told */
    (void) CloseHandle(token);
}

void process_trust_system_libraries(void)
{
    (void) SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32); /* what cannot be had is no reason to stop */
}
