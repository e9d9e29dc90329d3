/* SPDX-License-Identifier: MIT */
/* A tree of files that others have made or can change while it is worked in: a guest's disk, a package's folder. Every
 * path is relative to the root, with '/' between its parts, and is walked part by part with each folder held open, so
 * that what is looked at is what is used. A link or junction in the place of a folder is refused (ERR_STATE), and so is
 * a path that climbs (ERR_INVALID): nothing outside of the root is ever reached, whatever is exchanged meanwhile.
 *
 * Linux: openat() with O_NOFOLLOW for each part, and the change itself relative to the last folder. Windows: each
 * folder is opened without leave to rename or remove it, and looked at by its handle, before the next one is; the one
 * that was gone to last, and those above it, stay open, since the next file mostly lies beside it.
 * Unverified: that NTFS lets nobody make a junction of an empty folder that is held like that.
 *
 * Functions do what those of the same name in files.h and fs.h do. Several threads may use one tree. */
#pragma once

#include "platform/files.h"

typedef struct Tree Tree;

/* The root is the real folder of that path (fs_canonical_path()): ERR_STATE for a link, ERR_NOT_FOUND for nothing. */
MUST_CHECK bool tree_open(const char *root, Tree **ret_tree, Error *err);

/* NULL is fine. */
void tree_close(Tree *tree);

const char *tree_root(const Tree *tree);

/* The path with the root before it: to be shown, and for those who only look. */
const char *tree_full(const Tree *tree, const char *path, Arena *arena);

/* "" is the root. Something missing, or missing folders above it, is success, with FILE_NONE. */
MUST_CHECK bool tree_status(const Tree *tree, const char *path, FileStatus *ret_status, Error *err);
MUST_CHECK bool tree_list(const Tree *tree, const char *path, Arena *arena, StringList *ret_names, Error *err);

/* Plain files only. */
MUST_CHECK bool tree_read(const Tree *tree, const char *path, size_t limit, Arena *arena, char **ret_data,
                          size_t *ret_size, Error *err);
MUST_CHECK bool tree_open_file(const Tree *tree, const char *path, FileStream **ret_stream, Error *err);
MUST_CHECK bool tree_create_file(const Tree *tree, const char *path, FileStream **ret_stream, Error *err);

/* As fs_replace_file() and fs_remove_file(): what was done survives a power cut. A link is replaced, or removed, as
 * such. */
MUST_CHECK bool tree_replace_file(const Tree *tree, const char *path, const void *data, size_t size, Error *err);
MUST_CHECK bool tree_remove_file(const Tree *tree, const char *path, Error *err);

MUST_CHECK bool tree_make_folder(const Tree *tree, const char *path, Error *err);
MUST_CHECK bool tree_make_folders(const Tree *tree, const char *path, Error *err);
MUST_CHECK bool tree_move(const Tree *tree, const char *from, const char *to, Error *err);
MUST_CHECK bool tree_remove(const Tree *tree, const char *path, Error *err);
MUST_CHECK bool tree_remove_folder(const Tree *tree, const char *path, Error *err);
MUST_CHECK bool tree_remove_tree(const Tree *tree, const char *path, Error *err);

MUST_CHECK bool tree_flush_all(const Tree *tree, Error *err);
MUST_CHECK bool tree_free_space(const Tree *tree, uint64_t *ret_bytes, Error *err);

/* The error for what is in the place of the folder "path". Returns false. */
bool tree_refuse(const char *path, bool is_link, Error *err);

/* Keeps everybody else on this computer who locks that folder out, whoever they are, and leaves nothing behind, however
 * the process ends. On Windows that holds for a share, too, because the lock is a file that is open to nobody else
 * (HyperPoint.lock, which goes with its handle). ERR_BUSY: somebody has it. A disk on which folders cannot be locked
 * (some shares on Linux): success, and NULL. */
typedef struct TreeLock TreeLock;

MUST_CHECK bool tree_lock(const Tree *tree, const char *folder, TreeLock **ret_lock, Error *err);

/* NULL is fine. */
void tree_unlock(TreeLock *lock);
