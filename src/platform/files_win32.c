/* SPDX-License-Identifier: MIT */
/* Trees of files on Windows. Junctions, links and whatever else is a reparse point is FILE_LINK: where it leads is not
 * looked at. Windows SDK, "File Management Functions", "Reparse Points". */
#include "platform/file_stream.h"
#include "platform/fs_place.h"
#include "platform/fs_win32.h"

#include "platform/error_win32.h"

#include <string.h>

enum { SHARE_ALL = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, AT_ONCE = 1 << 30 };

/* ---- what is there ---- */

FsPlace fs_place_of(const char *path)
{
    return (FsPlace){ .path = path };
}

static uint64_t join_halves(DWORD high, DWORD low)
{
    return (uint64_t) high << 32 | low;
}

/* 100 ns since 1601 and seconds since 1970. */
#define TICKS_PER_SECOND INT64_C(10000000)
#define SECONDS_TO_1970 INT64_C(11644473600)

static int64_t seconds_of(FILETIME time)
{
    return (int64_t) join_halves(time.dwHighDateTime, time.dwLowDateTime) / TICKS_PER_SECOND - SECONDS_TO_1970;
}

bool file_status_at(const FsPlace *place, FileStatus *ret_status, Error *err)
{
    const char *path = place->path;
    Arena arena = ARENA_INIT;
    WIN32_FILE_ATTRIBUTE_DATA data;
    BOOL found = GetFileAttributesExW(native_path(&arena, path), GetFileExInfoStandard, &data);
    DWORD cause = GetLastError();
    arena_release(&arena);
    if (!found) {
        if (cause != ERROR_FILE_NOT_FOUND && cause != ERROR_PATH_NOT_FOUND)
            return error_set_win32(err, cause, "cannot look at '%s'", path);
        *ret_status = (FileStatus){ .kind = FILE_NONE };
        return true;
    }
    DWORD attributes = data.dwFileAttributes;
    FileKind kind = (attributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0 ? FILE_LINK
                    : (attributes & FILE_ATTRIBUTE_DEVICE) != 0      ? FILE_OTHER
                    : (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0   ? FILE_FOLDER
                                                                     : FILE_PLAIN;
    *ret_status = (FileStatus){ .kind = kind,
                                .size = join_halves(data.nFileSizeHigh, data.nFileSizeLow),
                                .modified_s = seconds_of(data.ftLastWriteTime),
                                .stamp = kind == FILE_LINK || kind == FILE_OTHER ? (FsStamp){ 0 } : fs_stamp(path) };
    return true;
}

/* ---- streams ---- */

static HANDLE handle(const FileStream *stream)
{
    return (HANDLE) stream->native;
}

typedef HANDLE WINAPI FindFirstName(const wchar_t *file, DWORD flags, DWORD *length, wchar_t *ret_name);
typedef BOOL WINAPI FindNextName(HANDLE search, DWORD *length, wchar_t *ret_name);

/* Wine 8 does not have it, and ends a program that calls what it does not have. */
static void (*kernel_function(const char *name))(void)
{
    return (void (*)(void)) GetProcAddress(GetModuleHandleW(L"kernel32.dll"), name);
}

/* One of the file's names begins with the folder's. Names come as on their disk, without its letter:
 * "\Windows\WinSxS\...". */
static bool has_name_below(const wchar_t *file, const wchar_t *folder, Arena *arena)
{
    enum { LONGEST = 32768 };
    FindFirstName *find_first = (FindFirstName *) kernel_function("FindFirstFileNameW");
    FindNextName *find_next = (FindNextName *) kernel_function("FindNextFileNameW");
    if (find_first == NULL || find_next == NULL)
        return false;
    wchar_t *name = ARENA_NEW_ARRAY(arena, wchar_t, LONGEST);
    int length = (int) wcslen(folder);
    bool found = false;
    DWORD size = LONGEST;
    HANDLE search = find_first(file, 0, &size, name);
    for (BOOL more = search != INVALID_HANDLE_VALUE; more && !found;) {
        found = CompareStringOrdinal(name, length, folder, length, TRUE) == CSTR_EQUAL && name[length] == L'\\';
        size = LONGEST;
        more = find_next(search, &size, name);
    }
    if (search != INVALID_HANDLE_VALUE)
        (void) FindClose(search);
    return found;
}

bool file_is_linked_below(const char *path, const char *folder)
{
    enum { PREFIX = 6 }; /* "\\?\C:" */
    Arena arena = ARENA_INIT;
    const wchar_t *below = native_path(&arena, folder);
    bool found = wcslen(below) > PREFIX && below[PREFIX - 1] == L':' && /* a share has no other names to tell */
                 has_name_below(native_path(&arena, path), below + PREFIX, &arena);
    arena_release(&arena);
    return found;
}

bool file_open_at(const FsPlace *place, FileStream **ret_stream, Error *err)
{
    const char *path = place->path;
    HANDLE file;
    if (!fs_open_plain(path, GENERIC_READ, SHARE_ALL, OPEN_EXISTING, true, &file, err))
        return false;
    *ret_stream = file_stream_create((intptr_t) file, path);
    return true;
}

bool file_create_at(const FsPlace *place, FileStream **ret_stream, Error *err)
{
    const char *path = place->path;
    HANDLE file;
    if (!fs_open_plain(path, GENERIC_WRITE, 0, CREATE_NEW, true, &file, err)) {
        bool exists =
            err->code == ERR_INVALID || (err->source == ERROR_SOURCE_WIN32 && err->native == ERROR_FILE_EXISTS);
        return exists ? error_set(err, ERR_STATE, "'%s' is there already", path) : false;
    }
    *ret_stream = file_stream_create((intptr_t) file, path);
    return true;
}

bool file_read_at(const FileStream *stream, uint64_t offset, void *buffer, size_t size, size_t *ret_count, Error *err)
{
    size_t done = 0;
    while (done < size) {
        uint64_t at = offset + done;
        OVERLAPPED where = { .Offset = (DWORD) at, .OffsetHigh = (DWORD) (at >> 32) };
        DWORD count, wanted = size - done < AT_ONCE ? (DWORD) (size - done) : (DWORD) AT_ONCE;
        if (!ReadFile(handle(stream), (char *) buffer + done, wanted, &count, &where)) {
            if (GetLastError() == ERROR_HANDLE_EOF)
                break;
            return error_set_win32(err, GetLastError(), "cannot read '%s'", stream->path);
        }
        if (count == 0)
            break;
        done += count;
    }
    *ret_count = done;
    return true;
}

bool file_write_at(FileStream *stream, uint64_t offset, const void *data, size_t size, Error *err)
{
    const char *bytes = data;
    bool ok = fs_may(FS_STEP_WRITE, stream->path);
    while (ok && size > 0) {
        OVERLAPPED where = { .Offset = (DWORD) offset, .OffsetHigh = (DWORD) (offset >> 32) };
        DWORD written = 0;
        ok = WriteFile(handle(stream), bytes, size < AT_ONCE ? (DWORD) size : (DWORD) AT_ONCE, &written, &where);
        bytes += written;
        size -= written;
        offset += written;
    }
    return ok || error_set_win32(err, GetLastError(), "cannot write '%s'", stream->path);
}

bool file_flush(FileStream *stream, Error *err)
{
    return (fs_may(FS_STEP_FLUSH, stream->path) && FlushFileBuffers(handle(stream))) ||
           error_set_win32(err, GetLastError(), "cannot flush '%s'", stream->path);
}

bool file_finish_unflushed(FileStream *stream, int64_t modified_s, Error *err)
{
    uint64_t ticks = (uint64_t) ((modified_s + SECONDS_TO_1970) * TICKS_PER_SECOND);
    FILETIME time = { .dwLowDateTime = (DWORD) ticks, .dwHighDateTime = (DWORD) (ticks >> 32) };
    bool ok = modified_s == 0 || SetFileTime(handle(stream), NULL, NULL, &time);
    DWORD cause = GetLastError();
    if (!CloseHandle(handle(stream)) && ok) {
        ok = false;
        cause = GetLastError();
    }
    if (!ok)
        (void) error_set_win32(err, cause, "cannot write '%s'", stream->path);
    file_stream_destroy(stream);
    return ok;
}

/* Flushing a whole disk needs rights that installers have and others lack, so each file is flushed by itself, here. */
bool file_finish(FileStream *stream, int64_t modified_s, Error *err)
{
    if (FlushFileBuffers(handle(stream)))
        return file_finish_unflushed(stream, modified_s, err);
    (void) error_set_win32(err, GetLastError(), "cannot write '%s'", stream->path);
    file_close(stream);
    return false;
}

void file_close(FileStream *stream)
{
    if (stream == NULL)
        return;
    (void) CloseHandle(handle(stream)); /* only read, or worth nothing */
    file_stream_destroy(stream);
}

/* ---- trees ---- */

bool file_make_folder_at(const FsPlace *place, Error *err)
{
    const char *path = place->path;
    Arena arena = ARENA_INIT;
    bool ok = fs_may(FS_STEP_MAKE_FOLDER, path) && CreateDirectoryW(native_path(&arena, path), NULL);
    DWORD cause = GetLastError();
    arena_release(&arena);
    return ok || error_set_win32(err, cause, "cannot make folder '%s'", path);
}

static bool rename_native(const wchar_t *from, const wchar_t *to)
{
    for (unsigned tries = 1;; tries++) {
        if (MoveFileExW(from, to, MOVEFILE_WRITE_THROUGH))
            return true;
        if (!fs_try_again(tries, true))
            return false;
    }
}

/* A loaded library can get another name, though it can neither be written nor removed. */
bool file_move_at(const FsPlace *old, const FsPlace *fresh, Error *err)
{
    const char *from = old->path, *to = fresh->path;
    Arena arena = ARENA_INIT;
    bool ok = fs_may(FS_STEP_RENAME, from) && rename_native(native_path(&arena, from), native_path(&arena, to));
    DWORD cause = GetLastError();
    arena_release(&arena);
    if (!ok && (cause == ERROR_ALREADY_EXISTS || cause == ERROR_FILE_EXISTS))
        return error_set(err, ERR_STATE, "cannot move '%s': '%s' is there already", from, to);
    return ok || error_set_win32(err, cause, "cannot move '%s' to '%s'", from, to);
}

/* Files were flushed in file_finish(), names in file_move() (MOVEFILE_WRITE_THROUGH); NTFS writes its log in order. */
bool file_flush_all(const char *folder, Error *err)
{
    return fs_may(FS_STEP_FLUSH, folder) ||
           error_set_win32(err, GetLastError(), "cannot flush the disk of '%s'", folder);
}

bool file_free_space(const char *folder, uint64_t *ret_bytes, Error *err)
{
    Arena arena = ARENA_INIT;
    ULARGE_INTEGER bytes;
    bool ok = GetDiskFreeSpaceExW(native_path(&arena, folder), &bytes, NULL, NULL);
    DWORD cause = GetLastError();
    arena_release(&arena);
    if (!ok)
        return error_set_win32(err, cause, "cannot tell the free space of '%s'", folder);
    *ret_bytes = bytes.QuadPart;
    return true;
}

/* A junction or link to a folder goes as a folder does, without what it leads to. Files that came from elsewhere may be
 * read-only, which hinders nobody who renames them. */
static bool remove_native(const wchar_t *native, DWORD attributes)
{
    bool is_folder = (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
    if (!is_folder && (attributes & FILE_ATTRIBUTE_READONLY) != 0)
        (void) SetFileAttributesW(native, FILE_ATTRIBUTE_NORMAL); /* if that fails, so does what follows */
    for (unsigned tries = 1;; tries++) {
        if (is_folder ? RemoveDirectoryW(native) : DeleteFileW(native))
            return true;
        if (!fs_try_again(tries, false))
            return false;
    }
}

bool file_remove_folder_at(const FsPlace *place, Error *err)
{
    const char *path = place->path;
    Arena arena = ARENA_INIT;
    bool ok = fs_may(FS_STEP_REMOVE, path) && remove_native(native_path(&arena, path), FILE_ATTRIBUTE_DIRECTORY);
    DWORD cause = GetLastError();
    arena_release(&arena);
    if (ok || cause == ERROR_FILE_NOT_FOUND || cause == ERROR_PATH_NOT_FOUND)
        return true;
    if (cause == ERROR_DIR_NOT_EMPTY)
        return error_set(err, ERR_STATE, "folder '%s' is not empty", path);
    return error_set_win32(err, cause, "cannot remove folder '%s'", path);
}

bool file_remove_at(const FsPlace *place, Error *err)
{
    const char *path = place->path;
    Arena arena = ARENA_INIT;
    const wchar_t *native = native_path(&arena, path);
    DWORD attributes = GetFileAttributesW(native);
    if (attributes == INVALID_FILE_ATTRIBUTES)
        attributes = FILE_ATTRIBUTE_NORMAL; /* the removal tells why */
    bool ok = fs_may(FS_STEP_REMOVE, path) && remove_native(native, attributes);
    DWORD cause = GetLastError();
    arena_release(&arena);
    return ok || cause == ERROR_FILE_NOT_FOUND || cause == ERROR_PATH_NOT_FOUND ||
           error_set_win32(err, cause, "cannot remove '%s'", path);
}
