/* SPDX-License-Identifier: MIT */
/* How files are opened on Windows: with patience where somebody else has them for a moment, and only what is a file.
 * Windows SDK, "File Management Functions"; "Naming Files, Paths, and Namespaces". */
#include "platform/fs_win32.h"

#include "base/compiler.h"
#include "platform/error_win32.h"
#include "platform/fs_kind.h"

/* Ten tries, 25 ms after the first, 50 ms after the second...: together 1.1 seconds (as SQLite does, os_win.c). */
enum { TRIES = 10, PAUSE_STEP_MS = 25 };

bool fs_may(FsStep step, const char *path)
{
    int fault = fs_fault_point(step, path);
    if (fault != 0)
        SetLastError(WIN32_ERRNO | (DWORD) fault);
    return fault == 0;
}

bool fs_try_again(unsigned tries, bool also_denied)
{
    DWORD cause = GetLastError();
    bool transient = cause == ERROR_SHARING_VIOLATION || cause == ERROR_LOCK_VIOLATION ||
                     (also_denied && cause == ERROR_ACCESS_DENIED);
    if (!transient || tries >= TRIES || !fs_may(FS_STEP_TRY_AGAIN, ""))
        return false;
    Sleep(tries * PAUSE_STEP_MS);
    return true;
}

/* SECURITY_IDENTIFICATION: a pipe that somebody put there in place of a file cannot act as this user. */
HANDLE fs_open_native(const wchar_t *path, DWORD access, DWORD sharing, DWORD disposition, DWORD flags)
{
    bool only_read = access == GENERIC_READ;
    DWORD all_flags = FILE_ATTRIBUTE_NORMAL | SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION | flags;
    for (unsigned tries = 1;; tries++) {
        HANDLE file = CreateFileW(path, access, sharing, NULL, disposition, all_flags, NULL);
        if (file != INVALID_HANDLE_VALUE || !fs_try_again(tries, only_read))
            return file;
    }
}

bool fs_is_device_name(const wchar_t *native)
{
    static const wchar_t *const trees[] = { L"UNC\\", L"Volume{", L"GLOBALROOT\\" };
    if (wcsncmp(native, L"\\\\.\\", 4) != 0 && wcsncmp(native, L"\\\\?\\", 4) != 0)
        return false;
    for (size_t i = 0; i < COUNT_OF(trees); i++) {
        if (_wcsnicmp(native + 4, trees[i], wcslen(trees[i])) == 0)
            return false;
    }
    return native[4] == L'\0' || native[5] != L':' || native[6] != L'\\';
}

/* NULL: a plain file. Disks and volumes say that they are files, but have none of a file's properties. A file that is
 * stored in a special way, and read as any other, is a reparse point, too: when links were followed, it is that. */
static const char *kind_of(HANDLE file, bool no_follow)
{
    DWORD type = GetFileType(file);
    BY_HANDLE_FILE_INFORMATION status;
    if (type == FILE_TYPE_PIPE)
        return "a pipe";
    if (type != FILE_TYPE_DISK || !GetFileInformationByHandle(file, &status) ||
        (status.dwFileAttributes & FILE_ATTRIBUTE_DEVICE) != 0)
        return "a device";
    return no_follow && (status.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0 ? "a link" : NULL;
}

/* By its name, before anything is opened. */
static const char *kind_of_name(const wchar_t *native, bool no_follow)
{
    if (fs_is_device_name(native))
        return "a device";
    DWORD attributes = GetFileAttributesW(native);
    if (attributes == INVALID_FILE_ATTRIBUTES)
        return NULL;
    if (no_follow && (attributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0)
        return "a link";
    return (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0 ? "a folder" : NULL;
}

bool fs_check_file(const char *path, Error *err)
{
    Arena arena = ARENA_INIT;
    const char *kind = kind_of_name(native_path(&arena, path), false);
    arena_release(&arena);
    return kind == NULL || fs_refuse_kind(path, kind, err);
}

bool fs_open_plain(const char *path, DWORD access, DWORD sharing, DWORD disposition, bool no_follow, HANDLE *ret_file,
                   Error *err)
{
    Arena arena = ARENA_INIT;
    const wchar_t *native = native_path(&arena, path);
    const char *kind = kind_of_name(native, no_follow);
    HANDLE file = INVALID_HANDLE_VALUE;
    if (kind == NULL && (access == GENERIC_READ || fs_may(FS_STEP_OPEN, path)))
        file = fs_open_native(native, access, sharing, disposition, no_follow ? FILE_FLAG_OPEN_REPARSE_POINT : 0);
    DWORD cause = GetLastError();
    arena_release(&arena);
    if (kind == NULL && file == INVALID_HANDLE_VALUE)
        return error_set_win32(err, cause, "cannot open '%s'", path);
    if (kind == NULL)
        kind = kind_of(file, no_follow);
    if (kind == NULL) {
        *ret_file = file;
        return true;
    }
    if (file != INVALID_HANDLE_VALUE)
        (void) CloseHandle(file); /* nothing was done to it */
    return fs_refuse_kind(path, kind, err);
}
