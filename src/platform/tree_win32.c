/* SPDX-License-Identifier: MIT */
/* Trees that others can change, on Windows. A folder that is open without FILE_SHARE_DELETE can be neither renamed nor
 * removed, nor can those above it; so once each folder on the way is held like that, and is no reparse point, the whole
 * path leads where it says, and the functions of files.h may use it. Sharing counts only for handles that may do more
 * than look at attributes, hence FILE_TRAVERSE.
 * Windows SDK, "CreateFileW", "Reparse Points"; Windows driver kit, "IoCheckShareAccess". */
#include "platform/tree_way.h"

#include "base/alloc.h"
#include "platform/error_win32.h"
#include "platform/fs_win32.h"

#include <stdlib.h>
#include <string.h>

struct Tree {
    HANDLE folder;
    char *root;
};

struct TreeLock {
    HANDLE file;
};

/* Folders, held, and the path of something in the last one. */
typedef struct Way {
    HANDLE held[TREE_DEPTH];
    size_t count;
    const char *path;
    Arena arena;
} Way;

/* By the handle, and by the name: Wine knows links by their names alone. */
static bool check_folder(HANDLE folder, const char *path, const wchar_t *native, Error *err)
{
    FILE_BASIC_INFO status; /* many of these calls are made, and the one that tells all takes longer */
    DWORD by_name = GetFileAttributesW(native);
    if (!GetFileInformationByHandleEx(folder, FileBasicInfo, &status, sizeof(status)))
        return error_set_win32(err, GetLastError(), "cannot look at '%s'", path);
    DWORD attributes = status.FileAttributes | (by_name != INVALID_FILE_ATTRIBUTES ? by_name : 0);
    bool is_link = (attributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0;
    return (!is_link && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0) || tree_refuse(path, is_link, err);
}

static bool hold_folder(const char *path, HANDLE *ret_folder, Error *err)
{
    Arena arena = ARENA_INIT;
    const wchar_t *native = fs_native_path(&arena, path);
    HANDLE folder = fs_open_native(native, FILE_TRAVERSE | FILE_READ_ATTRIBUTES, FILE_SHARE_READ | FILE_SHARE_WRITE,
                                   OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT);
    bool ok = folder != INVALID_HANDLE_VALUE || error_set_win32(err, GetLastError(), "cannot open folder '%s'", path);
    if (ok && !check_folder(folder, path, native, err)) {
        (void) CloseHandle(folder); /* nothing was done to it */
        ok = false;
    }
    arena_release(&arena);
    if (ok)
        *ret_folder = folder;
    return ok;
}

static void way_close(Way *way)
{
    while (way->count > 0)
        (void) CloseHandle(way->held[--way->count]); /* nothing was done to it */
    arena_release(&way->arena);
}

static bool hold_next(Way *way, Error *err)
{
    if (!hold_folder(way->path, &way->held[way->count], err))
        return false;
    way->count++;
    return true;
}

/* On success the way is the caller's to close. */
static bool way_open(const Tree *tree, const char *path, Way *ret_way, Error *err)
{
    Way way = { .path = tree->root, .arena = ARENA_INIT };
    StringList parts;
    bool ok = tree_split(path, &way.arena, &parts, err);
    for (size_t i = 0; ok && i < parts.count; i++) {
        way.path = fs_join(&way.arena, way.path, parts.items[i]);
        ok = i + 1 == parts.count || hold_next(&way, err);
    }
    if (ok)
        *ret_way = way;
    else
        way_close(&way);
    return ok;
}

bool tree_open(const char *root, Tree **ret_tree, Error *err)
{
    HANDLE folder;
    if (!hold_folder(root, &folder, err))
        return false;
    Tree *tree = alloc_zeroed(sizeof(*tree));
    *tree = (Tree){ .folder = folder, .root = alloc_strdup(root) };
    *ret_tree = tree;
    return true;
}

void tree_close(Tree *tree)
{
    if (tree == NULL)
        return;
    (void) CloseHandle(tree->folder); /* nothing was done to it */
    free(tree->root);
    free(tree);
}

const char *tree_root(const Tree *tree)
{
    return tree->root;
}

bool tree_status(const Tree *tree, const char *path, FileStatus *ret_status, Error *err)
{
    Way way;
    Error failure = { .code = ERR_NONE };
    if (!way_open(tree, path, &way, &failure)) {
        *ret_status = (FileStatus){ .kind = FILE_NONE };
        if (failure.code == ERR_NOT_FOUND)
            return true;
        *err = failure;
        return false;
    }
    bool ok = file_status(way.path, ret_status, err);
    way_close(&way);
    return ok;
}

bool tree_list(const Tree *tree, const char *path, Arena *arena, StringList *ret_names, Error *err)
{
    Way way;
    if (!way_open(tree, path, &way, err))
        return false;
    bool ok = hold_next(&way, err) && fs_list_folder(way.path, arena, ret_names, err);
    way_close(&way);
    return ok;
}

bool tree_open_file(const Tree *tree, const char *path, FileStream **ret_stream, Error *err)
{
    Way way;
    if (!way_open(tree, path, &way, err))
        return false;
    bool ok = file_open(way.path, ret_stream, err);
    way_close(&way);
    return ok;
}

bool tree_create_file(const Tree *tree, const char *path, FileStream **ret_stream, Error *err)
{
    Way way;
    if (!way_open(tree, path, &way, err))
        return false;
    bool ok = file_create(way.path, ret_stream, err);
    way_close(&way);
    return ok;
}

bool tree_make_folder(const Tree *tree, const char *path, Error *err)
{
    Way way;
    if (!way_open(tree, path, &way, err))
        return false;
    bool ok = file_make_folder(way.path, err);
    way_close(&way);
    return ok;
}

/* MOVEFILE_WRITE_THROUGH: NTFS has the names on its disk when the call returns. */
static bool move_over(const char *from, const char *to, Error *err)
{
    Arena arena = ARENA_INIT;
    const wchar_t *old = fs_native_path(&arena, from), *fresh = fs_native_path(&arena, to);
    bool ok = fs_may(FS_STEP_RENAME, to) && fs_may(FS_STEP_FLUSH, to);
    for (unsigned tries = 1; ok; tries++) {
        if (MoveFileExW(old, fresh, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH))
            break;
        ok = fs_try_again(tries, true);
    }
    DWORD cause = GetLastError();
    arena_release(&arena);
    return ok || error_set_win32(err, cause, "cannot write '%s'", to);
}

typedef bool Move(const char *from, const char *to, Error *err);

static bool move_by(const Tree *tree, const char *from, const char *to, Move *move, Error *err)
{
    Way old, fresh;
    if (!way_open(tree, from, &old, err))
        return false;
    bool ok = way_open(tree, to, &fresh, err);
    if (ok) {
        ok = move(old.path, fresh.path, err);
        way_close(&fresh);
    }
    way_close(&old);
    return ok;
}

bool tree_move(const Tree *tree, const char *from, const char *to, Error *err)
{
    return move_by(tree, from, to, file_move, err);
}

bool tree_move_over(const Tree *tree, const char *from, const char *to, Error *err)
{
    return move_by(tree, from, to, move_over, err);
}

typedef bool Removal(const char *path, Error *err);

/* Without the folders above it there is nothing to remove. */
static bool remove_by(const Tree *tree, const char *path, Removal *removal, Error *err)
{
    Way way;
    Error failure = { .code = ERR_NONE };
    if (!way_open(tree, path, &way, &failure)) {
        if (failure.code == ERR_NOT_FOUND)
            return true;
        *err = failure;
        return false;
    }
    bool ok = removal(way.path, err);
    way_close(&way);
    return ok;
}

bool tree_remove_file(const Tree *tree, const char *path, Error *err)
{
    return remove_by(tree, path, fs_remove_file, err);
}

bool tree_remove(const Tree *tree, const char *path, Error *err)
{
    return remove_by(tree, path, file_remove, err);
}

bool tree_remove_folder(const Tree *tree, const char *path, Error *err)
{
    return remove_by(tree, path, file_remove_folder, err);
}

bool tree_flush_all(const Tree *tree, Error *err)
{
    return file_flush_all(tree->root, err);
}

bool tree_free_space(const Tree *tree, uint64_t *ret_bytes, Error *err)
{
    return file_free_space(tree->root, ret_bytes, err);
}

/* ---- locks ---- */

/* Another one's file that is about to go answers ERROR_ACCESS_DENIED for a moment. */
static HANDLE open_lock(const char *path)
{
    Arena arena = ARENA_INIT;
    const wchar_t *native = fs_native_path(&arena, path);
    HANDLE file = INVALID_HANDLE_VALUE;
    for (unsigned tries = 1; fs_may(FS_STEP_LOCK, path); tries++) {
        file = CreateFileW(native, GENERIC_WRITE | DELETE, 0, NULL, OPEN_ALWAYS,
                           FILE_ATTRIBUTE_HIDDEN | FILE_FLAG_DELETE_ON_CLOSE | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
        if (file != INVALID_HANDLE_VALUE || GetLastError() == ERROR_SHARING_VIOLATION || !fs_try_again(tries, true))
            break;
    }
    DWORD cause = GetLastError();
    arena_release(&arena);
    SetLastError(cause);
    return file;
}

bool tree_lock(const Tree *tree, const char *folder, TreeLock **ret_lock, Error *err)
{
    Way way;
    if (!way_open(tree, folder, &way, err))
        return false;
    HANDLE file = INVALID_HANDLE_VALUE;
    bool ok = hold_next(&way, err);
    if (ok) {
        const char *path = fs_join(&way.arena, way.path, "HyperPoint.lock");
        file = open_lock(path);
        DWORD cause = GetLastError();
        if (file == INVALID_HANDLE_VALUE && cause == ERROR_SHARING_VIOLATION)
            ok = error_set(err, ERR_BUSY, "'%s' is locked by another process", path);
        else if (file == INVALID_HANDLE_VALUE)
            ok = error_set_win32(err, cause, "cannot lock '%s'", path);
    }
    way_close(&way);
    if (!ok)
        return false;
    TreeLock *lock = alloc_zeroed(sizeof(*lock));
    lock->file = file;
    *ret_lock = lock;
    return true;
}

void tree_unlock(TreeLock *lock)
{
    if (lock == NULL)
        return;
    (void) CloseHandle(lock->file); /* and it is gone */
    free(lock);
}
