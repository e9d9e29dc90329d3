/* SPDX-License-Identifier: MIT */
/* Files on Windows. What somebody else has open for a moment (virus scanners, indexers, another HyperPoint that reads)
 * is tried again, see fs_try_again(). Every step that changes the disk asks fs_fault_point(). Who may read a file is
 * what its folder says, so FsPrivacy changes nothing here; the machine-wide folder is made in state_win32.c.
 * Windows SDK, "File Management Functions"; "Naming Files, Paths, and Namespaces". */
#include "platform/fs_win32.h"

#include "base/alloc.h"
#include "base/check.h"
#include "platform/error_win32.h"
#include "platform/fs_kind.h"
#include "platform/process.h"
#include "platform/random.h"

#include <stdlib.h>
#include <string.h>

enum { SHARE_ALL = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE };

/* The byte that stands for the whole file when it is locked: far behind its end, because what is locked on Windows
 * cannot be read by others, and the text in a lock file is for them. */
enum { LOCK_BYTE_HIGH = 0x7FFFFFFF };

struct FsLock {
    HANDLE file;
    char *path;
};

/* ---- paths ---- */

const char *fs_join(Arena *arena, const char *folder, const char *name)
{
    size_t length = strlen(folder);
    bool has_separator = length > 0 && strchr("/\\:", folder[length - 1]) != NULL;
    char *path = arena_printf(arena, "%s%s%s", folder, length > 0 && !has_separator ? "\\" : "", name);
    for (char *p = path + length; *p != '\0'; p++) {
        if (*p == '/')
            *p = '\\';
    }
    return path;
}

static HANDLE open_attributes(const wchar_t *native)
{
    return CreateFileW(native, FILE_READ_ATTRIBUTES, SHARE_ALL, NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
}

/* The native path of what is there, links followed, names as they are on the disk; NULL and GetLastError(). */
static wchar_t *resolve(const wchar_t *native, Arena *arena)
{
    HANDLE file = open_attributes(native);
    if (file == INVALID_HANDLE_VALUE)
        return NULL;
    wchar_t *path = NULL;
    DWORD size = GetFinalPathNameByHandleW(file, NULL, 0, VOLUME_NAME_DOS);
    if (size > 0) {
        path = ARENA_NEW_ARRAY(arena, wchar_t, (size_t) size + 1);
        size = GetFinalPathNameByHandleW(file, path, size + 1, VOLUME_NAME_DOS);
    }
    (void) CloseHandle(file); /* only looked at */
    if (size > 0)
        return path;
    /* Some drivers of RAM disks and network drives cannot tell; then it is what was asked for. */
    size_t length = wcslen(native);
    return arena_memdup(arena, native, (length + 1) * sizeof(*native));
}

static bool canonical_path(const char *path, Arena *arena, wchar_t **ret_native, Error *err)
{
    const wchar_t *native = native_path(arena, path);
    wchar_t *found = resolve(native, arena);
    if (found == NULL) {
        DWORD cause = GetLastError();
        if (cause != ERROR_FILE_NOT_FOUND)
            return error_set_win32(err, cause, "cannot resolve '%s'", path);
        /* What the link points to could come into being anywhere; better to say so than to replace the link. */
        if (GetFileAttributesW(native) != INVALID_FILE_ATTRIBUTES)
            return error_set(err, ERR_NOT_FOUND, "'%s' is a link to something that does not exist", path);
        const wchar_t *asked = native_folder(arena, native);
        const wchar_t *folder = resolve(asked, arena);
        if (folder == NULL)
            return error_set_win32(err, GetLastError(), "cannot resolve '%s'", path);
        const wchar_t *name = native + wcslen(asked);
        bool has_separator = folder[wcslen(folder) - 1] == L'\\';
        found = native_join(arena, folder, has_separator ? L"" : L"\\", *name == L'\\' ? name + 1 : name);
    }
    *ret_native = found;
    return true;
}

bool fs_canonical_path(const char *path, Arena *arena, const char **ret_path, Error *err)
{
    wchar_t *native;
    if (!canonical_path(path, arena, &native, err))
        return false;
    *ret_path = native_shown(arena, native);
    return true;
}

/* ---- reading ---- */

static bool read_all(HANDLE file, const char *path, size_t expected, size_t limit, Arena *arena, char **ret_data,
                     size_t *ret_size, Error *err)
{
    enum { AT_ONCE = 1 << 30 };
    /* One byte more than expected shows the end, one more than allowed shows that there is too much. */
    size_t capacity = (expected < limit ? expected : limit) + 1;
    size_t size = 0;
    char *data = arena_alloc(arena, capacity + 1);
    for (;;) {
        if (size > limit)
            return error_set(err, ERR_INVALID, "'%s' is larger than %zu bytes", path, limit);
        if (size == capacity) {
            capacity = capacity <= limit / 2 ? capacity * 2 : limit + 1;
            char *larger = arena_alloc(arena, capacity + 1);
            memcpy(larger, data, size);
            data = larger;
        }
        size_t wanted = capacity - size;
        DWORD count;
        if (!ReadFile(file, data + size, wanted < AT_ONCE ? (DWORD) wanted : AT_ONCE, &count, NULL))
            return error_set_win32(err, GetLastError(), "cannot read '%s'", path);
        if (count == 0)
            break;
        size += count;
    }
    data[size] = '\0';
    *ret_data = data;
    *ret_size = size;
    return true;
}

bool fs_read_file(const char *path, size_t limit, Arena *arena, char **ret_data, size_t *ret_size, Error *err)
{
    CHECK(limit < SIZE_MAX - 1);
    HANDLE file;
    if (!fs_open_plain(path, GENERIC_READ, SHARE_ALL, OPEN_EXISTING, false, &file, err))
        return false;
    LARGE_INTEGER expected;
    if (!GetFileSizeEx(file, &expected))
        expected.QuadPart = 0; /* the end shows when it comes */
    bool ok = read_all(file, path, (size_t) expected.QuadPart, limit, arena, ret_data, ret_size, err);
    (void) CloseHandle(file); /* only read */
    return ok;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

bool fs_list_folder_upto(const char *path, size_t limit, Arena *arena, StringList *ret_names, Error *err)
{
    const wchar_t *native = native_path(arena, path);
    bool has_separator = *native != L'\0' && native[wcslen(native) - 1] == L'\\';
    const wchar_t *pattern = native_join(arena, native, has_separator ? L"" : L"\\", L"*");
    WIN32_FIND_DATAW entry;
    StringList names = { 0 };
    HANDLE search = FindFirstFileExW(pattern, FindExInfoBasic, &entry, FindExSearchNameMatch, NULL, 0);
    bool more = search != INVALID_HANDLE_VALUE;
    while (more) {
        if (wcscmp(entry.cFileName, L".") != 0 && wcscmp(entry.cFileName, L"..") != 0)
            ARRAY_PUSH(arena, &names, utf8_from_wide(arena, entry.cFileName));
        more = names.count <= limit && FindNextFileW(search, &entry);
    }
    DWORD cause = names.count > limit ? ERROR_NO_MORE_FILES : GetLastError();
    if (search != INVALID_HANDLE_VALUE)
        (void) FindClose(search); /* only read */
    DWORD attributes = search == INVALID_HANDLE_VALUE ? GetFileAttributesW(native) : FILE_ATTRIBUTE_DIRECTORY;
    if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) == 0)
        cause = ERROR_DIRECTORY; /* a file is never to be taken for an empty folder */
    /* ERROR_FILE_NOT_FOUND: nothing fits the pattern, as on an empty drive, which has no "." either. */
    if (cause != ERROR_NO_MORE_FILES && cause != ERROR_FILE_NOT_FOUND)
        return error_set_win32(err, cause, "cannot read folder '%s'", path);
    if (names.count > limit)
        return fs_refuse_names(path, limit, err);
    if (names.count > 0)
        qsort(names.items, names.count, sizeof(names.items[0]), compare_names);
    *ret_names = names;
    return true;
}

bool fs_exists(const char *path)
{
    Arena arena = ARENA_INIT;
    bool exists = GetFileAttributesW(native_path(&arena, path)) != INVALID_FILE_ATTRIBUTES;
    arena_release(&arena);
    return exists;
}

static uint64_t join_halves(DWORD high, DWORD low)
{
    return (uint64_t) high << 32 | low;
}

FsStamp fs_stamp(const char *path)
{
    enum { NS_PER_TICK = 100 };
    Arena arena = ARENA_INIT;
    FsStamp stamp = { 0 };
    HANDLE file = open_attributes(native_path(&arena, path));
    BY_HANDLE_FILE_INFORMATION status;
    FILE_BASIC_INFO times;
    if (file != INVALID_HANDLE_VALUE && GetFileInformationByHandle(file, &status) &&
        GetFileInformationByHandleEx(file, FileBasicInfo, &times, sizeof(times)))
        stamp = (FsStamp){ .device = status.dwVolumeSerialNumber,
                           .inode = join_halves(status.nFileIndexHigh, status.nFileIndexLow),
                           .size = join_halves(status.nFileSizeHigh, status.nFileSizeLow),
                           .modified_ns = (uint64_t) times.LastWriteTime.QuadPart * NS_PER_TICK,
                           .changed_ns = (uint64_t) times.ChangeTime.QuadPart * NS_PER_TICK };
    if (file != INVALID_HANDLE_VALUE)
        (void) CloseHandle(file); /* only looked at */
    arena_release(&arena);
    return stamp;
}

/* ---- writing ---- */

static bool write_bytes(HANDLE file, const char *data, size_t size)
{
    enum { AT_ONCE = 1 << 30 };
    while (size > 0) {
        DWORD written;
        if (!WriteFile(file, data, size < AT_ONCE ? (DWORD) size : AT_ONCE, &written, NULL))
            return false;
        data += written;
        size -= written;
    }
    return true;
}

/* Names of files reach the disk in the order in which they changed (NTFS keeps a log of them), and a rename with
 * MOVEFILE_WRITE_THROUGH at once. Unverified: that flushing a folder hurries the rest; it is asked for, and a file
 * system that refuses leaves nothing better to do. "what": the folder, or what in it changed. */
static bool flush_folder(const wchar_t *native, const char *what, Error *err)
{
    if (!fs_may(FS_STEP_FLUSH, what))
        return error_set_win32(err, GetLastError(), "cannot flush the folder of '%s'", what);
    HANDLE folder =
        CreateFileW(native, GENERIC_WRITE, SHARE_ALL, NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    if (folder != INVALID_HANDLE_VALUE) {
        (void) FlushFileBuffers(folder); /* as above */
        (void) CloseHandle(folder);      /* nothing was written */
    }
    return true;
}

/* Closes and deletes what was not finished; GetLastError() stays. */
static void discard(HANDLE file, const wchar_t *native)
{
    DWORD cause = GetLastError();
    if (file != INVALID_HANDLE_VALUE)
        (void) CloseHandle(file); /* what failed before is what matters, here and below */
    (void) DeleteFileW(native);
    SetLastError(cause);
}

/* Makes the new file beside the one it will replace. On failure there is none, and GetLastError() tells. */
static bool write_new_file(const wchar_t *native, const char *path, const void *data, size_t size)
{
    HANDLE file = INVALID_HANDLE_VALUE;
    if (fs_may(FS_STEP_OPEN, path))
        file = fs_open_native(native, GENERIC_WRITE, 0, CREATE_NEW, 0);
    if (file == INVALID_HANDLE_VALUE)
        return false;
    if (fs_may(FS_STEP_WRITE, path) && write_bytes(file, data, size) && fs_may(FS_STEP_FLUSH, path) &&
        FlushFileBuffers(file)) {
        if (CloseHandle(file))
            return true;
        file = INVALID_HANDLE_VALUE;
    }
    discard(file, native);
    return false;
}

/* Gives the new file the access rights that the old one has. Where none can be read, the file system has none, or
 * there is no old file. */
static bool copy_rights(const wchar_t *from, const wchar_t *to, Arena *arena)
{
    DWORD size = 0;
    (void) GetFileSecurityW(from, DACL_SECURITY_INFORMATION, NULL, 0, &size); /* asks for the size */
    PSECURITY_DESCRIPTOR rights = arena_alloc(arena, size);
    return size == 0 || !GetFileSecurityW(from, DACL_SECURITY_INFORMATION, rights, size, &size) ||
           SetFileSecurityW(to, DACL_SECURITY_INFORMATION, rights);
}

static bool rename_over(const wchar_t *from, const wchar_t *to)
{
    for (unsigned tries = 1;; tries++) {
        if (MoveFileExW(from, to, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH))
            return true;
        if (!fs_try_again(tries, true))
            return false;
    }
}

bool fs_replace_file(const char *path, const void *data, size_t size, FsPrivacy privacy, Error *err)
{
    Arena arena = ARENA_INIT;
    char guid[GUID_TEXT_LENGTH + 1];
    random_guid(guid);
    wchar_t *target = NULL;
    bool ok = canonical_path(path, &arena, &target, err);
    if (ok && fs_is_device_name(target)) {
        ok = fs_refuse_kind(path, "a device", err);
    } else if (ok) {
        const wchar_t *ending = wide_from_utf8(&arena, arena_printf(&arena, ".%.8s.tmp", guid));
        const wchar_t *new_path = native_join(&arena, target, ending, L"");
        ok = write_new_file(new_path, path, data, size);
        if (ok && !((privacy != FS_SHARED || copy_rights(target, new_path, &arena)) && fs_may(FS_STEP_RENAME, path) &&
                    rename_over(new_path, target))) {
            ok = false;
            discard(INVALID_HANDLE_VALUE, new_path);
        }
        ok = ok ? flush_folder(native_folder(&arena, target), path, err)
                : error_set_win32(err, GetLastError(), "cannot write '%s'", path);
    }
    arena_release(&arena);
    return ok;
}

static bool remove_file(const wchar_t *native)
{
    for (unsigned tries = 1;; tries++) {
        if (DeleteFileW(native))
            return true;
        if (!fs_try_again(tries, true))
            return false;
    }
}

bool fs_remove_file(const char *path, Error *err)
{
    Arena arena = ARENA_INIT;
    const wchar_t *native = native_path(&arena, path);
    bool ok = true;
    if (fs_may(FS_STEP_REMOVE, path) && remove_file(native)) {
        ok = flush_folder(native_folder(&arena, native), path, err);
    } else {
        DWORD cause = GetLastError();
        if (cause != ERROR_FILE_NOT_FOUND && cause != ERROR_PATH_NOT_FOUND)
            ok = error_set_win32(err, cause, "cannot remove '%s'", path);
    }
    arena_release(&arena);
    return ok;
}

/* An existing folder is success; a file of that name is not. */
static bool make_folder(const wchar_t *native, Arena *arena, Error *err)
{
    DWORD attributes = GetFileAttributesW(native);
    if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0)
        return true;
    const char *path = native_shown(arena, native);
    if (attributes != INVALID_FILE_ATTRIBUTES)
        return error_set_win32(err, ERROR_DIRECTORY, "cannot make folder '%s'", path);
    if (fs_may(FS_STEP_MAKE_FOLDER, path) && CreateDirectoryW(native, NULL))
        return flush_folder(native_folder(arena, native), path, err);
    DWORD cause = GetLastError();
    return cause == ERROR_ALREADY_EXISTS || error_set_win32(err, cause, "cannot make folder '%s'", path);
}

bool fs_make_folders(const char *path, FsPrivacy privacy, Error *err)
{
    (void) privacy; /* as the folder above says */
    Arena arena = ARENA_INIT;
    wchar_t *native = native_path(&arena, path);
    size_t length = wcslen(native);
    bool ok = true;
    for (size_t i = native_root_length(native); ok && i < length; i++) {
        if (native[i] != L'\\')
            continue;
        native[i] = L'\0';
        ok = make_folder(native, &arena, err);
        native[i] = L'\\';
    }
    ok = ok && make_folder(native, &arena, err);
    arena_release(&arena);
    return ok;
}

bool fs_append_file(const char *path, const char *text, Error *err)
{
    HANDLE file;
    if (!fs_open_plain(path, FILE_APPEND_DATA, SHARE_ALL, OPEN_ALWAYS, true, &file, err))
        return false;
    bool ok = true;
    if (!fs_may(FS_STEP_WRITE, path) || !write_bytes(file, text, strlen(text)))
        ok = error_set_win32(err, GetLastError(), "cannot write '%s'", path);
    if (!CloseHandle(file) && ok)
        ok = error_set_win32(err, GetLastError(), "cannot write '%s'", path);
    return ok;
}

/* ---- locks ---- */

/* Asks again and again instead of waiting inside LockFileEx(), which Ctrl-C could not end. */
static bool lock_file(HANDLE file, const char *path, DWORD kind, bool wait, const Cancel *cancel, Error *err)
{
    DWORD pause_ms = 1;
    for (;;) {
        OVERLAPPED where = { .OffsetHigh = LOCK_BYTE_HIGH };
        if (fs_may(FS_STEP_LOCK, path) &&
            LockFileEx(file, kind | LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &where))
            return true;
        DWORD cause = GetLastError();
        if (cause != ERROR_LOCK_VIOLATION && cause != ERROR_IO_PENDING)
            return error_set_win32(err, cause, "cannot lock '%s'", path);
        if (!wait)
            return error_set(err, ERR_BUSY, "'%s' is locked by another process", path);
        if (cancel_is_requested(cancel))
            return error_set(err, ERR_CANCELLED, "interrupted while waiting for '%s'", path);
        Sleep(pause_ms);
        pause_ms = pause_ms < 32 ? pause_ms * 2 : pause_ms;
    }
}

/* Nobody may remove or rename the file while it is open here (no FILE_SHARE_DELETE), so that what is locked is always
 * the file of that name. The handle is not inherited: there are no security attributes that would say so. */
static bool open_lock(const char *path, FsPrivacy privacy, DWORD kind, bool wait, const Cancel *cancel,
                      FsLock **ret_lock, Error *err)
{
    (void) privacy; /* as the folder says */
    HANDLE file;
    if (!fs_open_plain(path, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, OPEN_ALWAYS, true, &file,
                       err))
        return false;
    if (!lock_file(file, path, kind, wait, cancel, err)) {
        (void) CloseHandle(file); /* nothing was written */
        return false;
    }
    FsLock *lock = alloc_zeroed(sizeof(*lock));
    *lock = (FsLock){ .file = file, .path = alloc_strdup(path) };
    *ret_lock = lock;
    return true;
}

bool fs_lock(const char *path, FsPrivacy privacy, FsLock **ret_lock, Error *err)
{
    return open_lock(path, privacy, LOCKFILE_EXCLUSIVE_LOCK, false, NULL, ret_lock, err);
}

bool fs_lock_wait(const char *path, FsPrivacy privacy, const Cancel *cancel, FsLock **ret_lock, Error *err)
{
    return open_lock(path, privacy, LOCKFILE_EXCLUSIVE_LOCK, true, cancel, ret_lock, err);
}

bool fs_lock_shared(const char *path, FsPrivacy privacy, const Cancel *cancel, FsLock **ret_lock, Error *err)
{
    return open_lock(path, privacy, 0, true, cancel, ret_lock, err);
}

bool fs_lock_write(FsLock *lock, const char *text, Error *err)
{
    LARGE_INTEGER start = { .QuadPart = 0 };
    if (fs_may(FS_STEP_WRITE, lock->path) && SetFilePointerEx(lock->file, start, NULL, FILE_BEGIN) &&
        write_bytes(lock->file, text, strlen(text)) && SetEndOfFile(lock->file))
        return true;
    return error_set_win32(err, GetLastError(), "cannot write lock file '%s'", lock->path);
}

void fs_unlock(FsLock *lock)
{
    if (lock == NULL)
        return;
    OVERLAPPED where = { .OffsetHigh = LOCK_BYTE_HIGH };
    (void) UnlockFileEx(lock->file, 0, 1, 0, &where); /* at once; closing alone may take the system a moment */
    (void) CloseHandle(lock->file);                   /* its text is for information only */
    free(lock->path);
    free(lock);
}
