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
#include "platform/thread.h"

#include <stdlib.h>
#include <string.h>

/* A folder, held open together with those above it as long as somebody uses it. */
typedef struct Held {
    HANDLE folder;
    char *path; /* relative to the root */
    struct Held *above;
    size_t users; /* those below it are, too */
} Held;

/* What is held for the tree itself. */
typedef struct Cache {
    Monitor *monitor; /* of what follows, and of what is in each Held */
    Held *last;       /* the folder that was gone to last: the next one is mostly the same, or near */
} Cache;

struct Tree {
    char *root;
    Cache *cache;
};

struct TreeLock {
    HANDLE file;
};

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
    const wchar_t *native = native_path(&arena, path);
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

/* The rest of the functions here that have a Held are called inside of the monitor. */

static Held *keep(Held *held)
{
    held->users++;
    return held;
}

static void let_go(Held *held)
{
    while (held != NULL && --held->users == 0) {
        Held *above = held->above;
        (void) CloseHandle(held->folder); /* nothing was done to it */
        free(held->path);
        free(held);
        held = above;
    }
}

/* The folder above becomes the new one's. On failure it stays the caller's. */
static bool hold_below(const Tree *tree, Held *above, const char *path, Held **ret_held, Error *err)
{
    HANDLE folder;
    Arena arena = ARENA_INIT;
    bool ok = hold_folder(tree_full(tree, path, &arena), &folder, err);
    arena_release(&arena);
    if (!ok)
        return false;
    Held *held = alloc_zeroed(sizeof(*held));
    *held = (Held){ .folder = folder, .path = alloc_strdup(path), .above = above, .users = 1 };
    *ret_held = held;
    return true;
}

static bool is_at_or_above(const Held *held, const char *path)
{
    size_t length = strlen(held->path);
    return length == 0 || (strncmp(held->path, path, length) == 0 && (path[length] == '/' || path[length] == '\0'));
}

/* Holds the folder of that path, each one above it before the next. Nothing else is held for the tree then: whoever
 * removes or moves a folder has gone to the one above it. */
static bool go_to(const Tree *tree, const char *path, Held **ret_folder, Error *err)
{
    Arena arena = ARENA_INIT;
    bool ok = true;
    Held *held = tree->cache->last;
    while (!is_at_or_above(held, path))
        held = held->above;
    held = keep(held);
    for (size_t done = strlen(held->path); ok && path[done] != '\0';) {
        done += path[done] == '/';
        done += strcspn(path + done, "/");
        ok = hold_below(tree, held, arena_strndup(&arena, path, done), &held, err);
    }
    arena_release(&arena);
    let_go(tree->cache->last);
    tree->cache->last = held;
    if (ok)
        *ret_folder = keep(held);
    return ok;
}

static bool go_inside(const Tree *tree, const char *path, Held **ret_folder, Error *err)
{
    monitor_enter(tree->cache->monitor);
    bool ok = go_to(tree, path, ret_folder, err);
    monitor_leave(tree->cache->monitor);
    return ok;
}

void tree_way_close(Way *way)
{
    monitor_enter(way->tree->cache->monitor);
    let_go(way->held);
    monitor_leave(way->tree->cache->monitor);
    arena_release(&way->arena);
}

/* "is_folder": the folder itself is held. */
static bool way_to(const Tree *tree, const char *path, bool is_folder, Way *ret_way, Error *err)
{
    Way way = { .tree = tree, .arena = ARENA_INIT };
    StringList parts;
    const char *end = is_folder ? NULL : strrchr(path, '/');
    const char *folder = is_folder ? path : arena_strndup(&way.arena, path, end != NULL ? (size_t) (end - path) : 0);
    way.place.path = tree_full(tree, path, &way.arena);
    if (tree_split(path, &way.arena, &parts, err) && go_inside(tree, folder, &way.held, err)) {
        *ret_way = way;
        return true;
    }
    arena_release(&way.arena);
    return false;
}

bool tree_way_open(const Tree *tree, const char *path, Way *ret_way, Error *err)
{
    return way_to(tree, path, false, ret_way, err);
}

bool tree_open(const char *root, Tree **ret_tree, Error *err)
{
    Tree *tree = alloc_zeroed(sizeof(*tree));
    tree->root = alloc_strdup(root);
    tree->cache = alloc_zeroed(sizeof(*tree->cache));
    tree->cache->monitor = monitor_create();
    if (hold_below(tree, NULL, "", &tree->cache->last, err)) {
        *ret_tree = tree;
        return true;
    }
    tree_close(tree);
    return false;
}

void tree_close(Tree *tree)
{
    if (tree == NULL)
        return;
    let_go(tree->cache->last);
    monitor_destroy(tree->cache->monitor);
    free(tree->cache);
    free(tree->root);
    free(tree);
}

const char *tree_root(const Tree *tree)
{
    return tree->root;
}

bool tree_list(const Tree *tree, const char *path, Arena *arena, StringList *ret_names, Error *err)
{
    Way way;
    if (!way_to(tree, path, true, &way, err))
        return false;
    bool ok = fs_list_folder(way.place.path, arena, ret_names, err);
    tree_way_close(&way);
    return ok;
}

/* MOVEFILE_WRITE_THROUGH: NTFS has the names on its disk when the call returns. */
bool tree_move_over_at(const FsPlace *old_place, const FsPlace *fresh_place, Error *err)
{
    const char *from = old_place->path, *to = fresh_place->path;
    Arena arena = ARENA_INIT;
    const wchar_t *old = native_path(&arena, from), *fresh = native_path(&arena, to);
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

bool tree_remove_flushed_at(const FsPlace *place, Error *err)
{
    return fs_remove_file(place->path, err);
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
    const wchar_t *native = native_path(&arena, path);
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
    if (!way_to(tree, folder, true, &way, err))
        return false;
    const char *path = fs_join(&way.arena, way.place.path, "HyperPoint.lock");
    HANDLE file = open_lock(path);
    DWORD cause = GetLastError();
    bool ok = file != INVALID_HANDLE_VALUE;
    if (!ok && cause == ERROR_SHARING_VIOLATION)
        (void) error_set(err, ERR_BUSY, "'%s' is locked by another process", path);
    else if (!ok)
        (void) error_set_win32(err, cause, "cannot lock '%s'", path);
    tree_way_close(&way);
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
