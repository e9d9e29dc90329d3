/* SPDX-License-Identifier: MIT */
/* Trees that others can change, on POSIX systems: each folder is opened relative to the one above, and never through a
 * link. POSIX.1-2008; flock() is from 4.2BSD. */
#define _XOPEN_SOURCE 700
#define _DARWIN_C_SOURCE /* flock on macOS */
#define _DEFAULT_SOURCE  /* the same in glibc */

#include "platform/tree_way.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "platform/files_posix.h"
#include "platform/fs_posix.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct Tree {
    int folder;
    char *root;
};

struct TreeLock {
    int folder;
};

enum { FOLDER_FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW };

static bool open_folder(const FsPlace *place, int *ret_folder, Error *err)
{
    struct stat status;
    int folder = fs_open_at(place, FOLDER_FLAGS, 0);
    if (folder >= 0) {
        *ret_folder = folder;
        return true;
    }
    int cause = errno;
    if ((cause == ENOTDIR || cause == ELOOP) &&
        fstatat(place->folder, place->name, &status, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISDIR(status.st_mode))
        return tree_refuse(place->path, S_ISLNK(status.st_mode), err);
    return error_set_errno(err, cause, "cannot open folder '%s'", place->path);
}

void tree_way_close(Way *way)
{
    if (way->place.folder != way->tree->folder)
        (void) close(way->place.folder); /* only read */
    arena_release(&way->arena);
}

static bool go_along(const Tree *tree, const StringList *parts, Way *way, Error *err)
{
    const char *path = tree->root;
    for (size_t i = 0; i + 1 < parts->count; i++) {
        int next;
        path = fs_join(&way->arena, path, parts->items[i]);
        FsPlace above = { way->place.folder, parts->items[i], path };
        if (!open_folder(&above, &next, err))
            return false;
        if (way->place.folder != tree->folder)
            (void) close(way->place.folder); /* only read */
        way->place.folder = next;
    }
    const char *name = parts->count > 0 ? parts->items[parts->count - 1] : ".";
    way->place.path = parts->count > 0 ? fs_join(&way->arena, path, name) : path;
    way->place.name = name;
    return true;
}

bool tree_way_open(const Tree *tree, const char *path, Way *ret_way, Error *err)
{
    Way way = { .place = { .folder = tree->folder }, .tree = tree, .arena = ARENA_INIT };
    StringList parts;
    if (tree_split(path, &way.arena, &parts, err) && go_along(tree, &parts, &way, err)) {
        *ret_way = way;
        return true;
    }
    tree_way_close(&way);
    return false;
}

bool tree_open(const char *root, Tree **ret_tree, Error *err)
{
    int folder;
    FsPlace place = { AT_FDCWD, root, root };
    if (!open_folder(&place, &folder, err))
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
    (void) close(tree->folder); /* only read */
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
    int folder;
    if (!tree_way_open(tree, path, &way, err))
        return false;
    bool ok = open_folder(&way.place, &folder, err) &&
              fs_list_opened(folder, way.place.path, LIMIT_FOLDER_NAMES, arena, ret_names, err);
    tree_way_close(&way);
    return ok;
}

/* EINVAL: a file system that cannot flush folders; there is nothing better to do on it. */
static bool flush_folder(const FsPlace *place, Error *err)
{
    return (fs_may(FS_STEP_FLUSH, place->path) && (fs_flush(place->folder) || errno == EINVAL)) ||
           error_set_errno(err, errno, "cannot flush the folder of '%s'", place->path);
}

bool tree_move_over_at(const FsPlace *from, const FsPlace *to, Error *err)
{
    if (fs_may(FS_STEP_RENAME, to->path) && renameat(from->folder, from->name, to->folder, to->name) == 0)
        return flush_folder(to, err);
    return error_set_errno(err, errno, "cannot write '%s'", to->path);
}

bool tree_remove_flushed_at(const FsPlace *place, Error *err)
{
    if (fs_may(FS_STEP_REMOVE, place->path) && unlinkat(place->folder, place->name, 0) == 0)
        return flush_folder(place, err);
    return errno == ENOENT || error_set_errno(err, errno, "cannot remove '%s'", place->path);
}

bool tree_flush_all(const Tree *tree, Error *err)
{
    return file_flush_opened(tree->folder, tree->root, err);
}

bool tree_free_space(const Tree *tree, uint64_t *ret_bytes, Error *err)
{
    return file_free_space_opened(tree->folder, tree->root, ret_bytes, err);
}

/* ---- locks ---- */

static bool lock_folder(int folder, const char *path, bool *ret_locked, Error *err)
{
    while (!fs_may(FS_STEP_LOCK, path) || flock(folder, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EINTR)
            continue;
        if (errno == EWOULDBLOCK)
            return error_set(err, ERR_BUSY, "'%s' is locked by another process", path);
        *ret_locked = false;
        return true;
    }
    *ret_locked = true;
    return true;
}

bool tree_lock(const Tree *tree, const char *folder, TreeLock **ret_lock, Error *err)
{
    Way way;
    int opened;
    bool locked = false;
    if (!tree_way_open(tree, folder, &way, err))
        return false;
    bool ok = open_folder(&way.place, &opened, err);
    if (ok) {
        ok = lock_folder(opened, way.place.path, &locked, err);
        if (!locked)
            (void) close(opened); /* only read */
    }
    tree_way_close(&way);
    if (!ok)
        return false;
    TreeLock *lock = NULL;
    if (locked) {
        lock = alloc_zeroed(sizeof(*lock));
        lock->folder = opened;
    }
    *ret_lock = lock;
    return true;
}

void tree_unlock(TreeLock *lock)
{
    if (lock == NULL)
        return;
    (void) flock(lock->folder, LOCK_UN); /* at once, even if a forked child still has it open */
    (void) close(lock->folder);          /* only read */
    free(lock);
}
