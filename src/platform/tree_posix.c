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

/* A folder, held, and a name in it. */
typedef struct Way {
    FsPlace place;
    bool is_root; /* its folder is the tree's, and stays open */
    Arena arena;
} Way;

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

static void way_close(Way *way)
{
    if (!way->is_root)
        (void) close(way->place.folder); /* only read */
    arena_release(&way->arena);
}

/* On success the way is the caller's to close. */
static bool go_along(const Tree *tree, const StringList *parts, Way *way, Error *err)
{
    const char *path = tree->root;
    for (size_t i = 0; i + 1 < parts->count; i++) {
        int next;
        path = fs_join(&way->arena, path, parts->items[i]);
        FsPlace above = { way->place.folder, parts->items[i], path };
        if (!open_folder(&above, &next, err))
            return false;
        if (!way->is_root)
            (void) close(way->place.folder); /* only read */
        way->place.folder = next;
        way->is_root = false;
    }
    const char *name = parts->count > 0 ? parts->items[parts->count - 1] : ".";
    way->place.path = parts->count > 0 ? fs_join(&way->arena, path, name) : path;
    way->place.name = name;
    return true;
}

static bool way_open(const Tree *tree, const char *path, Way *ret_way, Error *err)
{
    Way way = { .place = { .folder = tree->folder }, .is_root = true, .arena = ARENA_INIT };
    StringList parts;
    if (tree_split(path, &way.arena, &parts, err) && go_along(tree, &parts, &way, err)) {
        *ret_way = way;
        return true;
    }
    way_close(&way);
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
    bool ok = file_status_at(&way.place, ret_status, err);
    way_close(&way);
    return ok;
}

bool tree_list(const Tree *tree, const char *path, Arena *arena, StringList *ret_names, Error *err)
{
    Way way;
    int folder;
    if (!way_open(tree, path, &way, err))
        return false;
    bool ok = open_folder(&way.place, &folder, err) &&
              fs_list_opened(folder, way.place.path, LIMIT_FOLDER_NAMES, arena, ret_names, err);
    way_close(&way);
    return ok;
}

bool tree_open_file(const Tree *tree, const char *path, FileStream **ret_stream, Error *err)
{
    Way way;
    if (!way_open(tree, path, &way, err))
        return false;
    bool ok = file_open_at(&way.place, ret_stream, err);
    way_close(&way);
    return ok;
}

bool tree_create_file(const Tree *tree, const char *path, FileStream **ret_stream, Error *err)
{
    Way way;
    if (!way_open(tree, path, &way, err))
        return false;
    bool ok = file_create_at(&way.place, ret_stream, err);
    way_close(&way);
    return ok;
}

bool tree_make_folder(const Tree *tree, const char *path, Error *err)
{
    Way way;
    if (!way_open(tree, path, &way, err))
        return false;
    bool ok = file_make_folder_at(&way.place, err);
    way_close(&way);
    return ok;
}

/* EINVAL: a file system that cannot flush folders; there is nothing better to do on it. */
static bool flush_folder(const FsPlace *place, Error *err)
{
    return (fs_may(FS_STEP_FLUSH, place->path) && (fs_flush(place->folder) || errno == EINVAL)) ||
           error_set_errno(err, errno, "cannot flush the folder of '%s'", place->path);
}

static bool move_over(const FsPlace *from, const FsPlace *to, Error *err)
{
    if (fs_may(FS_STEP_RENAME, to->path) && renameat(from->folder, from->name, to->folder, to->name) == 0)
        return flush_folder(to, err);
    return error_set_errno(err, errno, "cannot write '%s'", to->path);
}

typedef bool Move(const FsPlace *from, const FsPlace *to, Error *err);

static bool move_by(const Tree *tree, const char *from, const char *to, Move *move, Error *err)
{
    Way old, fresh;
    if (!way_open(tree, from, &old, err))
        return false;
    bool ok = way_open(tree, to, &fresh, err);
    if (ok) {
        ok = move(&old.place, &fresh.place, err);
        way_close(&fresh);
    }
    way_close(&old);
    return ok;
}

bool tree_move(const Tree *tree, const char *from, const char *to, Error *err)
{
    return move_by(tree, from, to, file_move_at, err);
}

bool tree_move_over(const Tree *tree, const char *from, const char *to, Error *err)
{
    return move_by(tree, from, to, move_over, err);
}

typedef bool Removal(const FsPlace *place, Error *err);

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
    bool ok = removal(&way.place, err);
    way_close(&way);
    return ok;
}

static bool remove_flushed(const FsPlace *place, Error *err)
{
    if (fs_may(FS_STEP_REMOVE, place->path) && unlinkat(place->folder, place->name, 0) == 0)
        return flush_folder(place, err);
    return errno == ENOENT || error_set_errno(err, errno, "cannot remove '%s'", place->path);
}

bool tree_remove_file(const Tree *tree, const char *path, Error *err)
{
    return remove_by(tree, path, remove_flushed, err);
}

bool tree_remove(const Tree *tree, const char *path, Error *err)
{
    return remove_by(tree, path, file_remove_at, err);
}

bool tree_remove_folder(const Tree *tree, const char *path, Error *err)
{
    return remove_by(tree, path, file_remove_folder_at, err);
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
    if (!way_open(tree, folder, &way, err))
        return false;
    bool ok = open_folder(&way.place, &opened, err);
    if (ok) {
        ok = lock_folder(opened, way.place.path, &locked, err);
        if (!locked)
            (void) close(opened); /* only read */
    }
    way_close(&way);
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
