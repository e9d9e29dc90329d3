/* SPDX-License-Identifier: MIT */
/* Files. Paths are UTF-8, absolute or relative to the working directory; '/' works on every platform.
 * All failures name the path. Everything that writes goes through a fault point, so that tests can make it fail.
 * Only plain files are opened, here and in files.h: a folder, a pipe, a socket or a device in the place of a file is
 * refused with ERR_INVALID, at once, whatever is or is not at its other end. */
#pragma once

#include "base/arena.h"
#include "base/cancel.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Who may read a new file. On Windows always those who may read its folder. */
typedef enum FsPrivacy {
    FS_SHARED,  /* readable by others as the user's settings (umask) say */
    FS_PRIVATE, /* owner only */
} FsPrivacy;

/* Enough to notice that a file was replaced or rewritten. All zero: there is no such file. */
typedef struct FsStamp {
    uint64_t device, inode, size, modified_ns, changed_ns;
} FsStamp;

/* The whole file, NUL-terminated (a NUL inside is kept; ret_size tells the size without the terminator).
 * ERR_NOT_FOUND if there is none, ERR_INVALID when it is larger than "limit" bytes. */
MUST_CHECK bool fs_read_file(const char *path, size_t limit, Arena *arena, char **ret_data, size_t *ret_size,
                             Error *err);

/* Replaces the file as a whole: a new file in the same folder, written, flushed to the disk, renamed over the old one,
 * and the folder flushed. Either the old or the new content is there afterwards, whatever happens. On failure the
 * old file is untouched and the new one removed; only if it was the flush of the folder that failed, the new content
 * is there already. Through a link it is the linked file that is replaced. A shared file keeps its access rights.
 * A process that is killed may leave "<path>.XXXXXXXX.tmp" behind: fs_remove_leftovers(). */
MUST_CHECK bool fs_replace_file(const char *path, const void *data, size_t size, FsPrivacy privacy, Error *err);

/* Removes what a killed fs_replace_file() has left of this file, as far as that is possible. For whoever knows that
 * nobody else is writing it. */
void fs_remove_leftovers(const char *folder, const char *name);

/* Removes a file and flushes its folder; a missing one is success. */
MUST_CHECK bool fs_remove_file(const char *path, Error *err);

/* Makes the folder and the missing ones above it; an existing one is success. */
MUST_CHECK bool fs_make_folders(const char *path, FsPrivacy privacy, Error *err);

/* Adds text to the end of the file, which is made if it is missing. Not through a link, which could lead anywhere. */
MUST_CHECK bool fs_append_file(const char *path, const char *text, Error *err);

/* Names (not paths) of what is in a folder, "." and ".." left out, sorted bytewise. ERR_NOT_FOUND if there is none,
 * ERR_INVALID when it holds more than LIMIT_FOLDER_NAMES, or "limit", things. */
MUST_CHECK bool fs_list_folder(const char *path, Arena *arena, StringList *ret_names, Error *err);
MUST_CHECK bool fs_list_folder_upto(const char *path, size_t limit, Arena *arena, StringList *ret_names, Error *err);

/* The path without links, "." and "..", absolute. A last component that does not exist yet is fine; a link to nothing
 * is ERR_NOT_FOUND. */
MUST_CHECK bool fs_canonical_path(const char *path, Arena *arena, const char **ret_path, Error *err);

/* The stamp of an existing file; zeros if there is none. */
FsStamp fs_stamp(const char *path);
bool fs_stamp_equals(const FsStamp *a, const FsStamp *b);

bool fs_exists(const char *path);

/* What the path leads to is a plain file, or there is nothing: for whoever makes something beside it first. */
MUST_CHECK bool fs_check_file(const char *path, Error *err);

/* "folder/name", with one separator between them: '/', on Windows '\\'. */
const char *fs_join(Arena *arena, const char *folder, const char *name);

/* An advisory lock on a whole file, which is made (privacy as given) if it is missing; not through a link. Held until
 * fs_unlock() or the end of the process, however it ends. Not inherited by children. */
typedef struct FsLock FsLock;

/* ERR_BUSY at once if somebody else holds it. */
MUST_CHECK bool fs_lock(const char *path, FsPrivacy privacy, FsLock **ret_lock, Error *err);

/* Waits for as long as it takes, or until it is cancelled: ERR_CANCELLED. */
MUST_CHECK bool fs_lock_wait(const char *path, FsPrivacy privacy, const Cancel *cancel, FsLock **ret_lock, Error *err);

/* The same beside others who hold it so; for fs_lock() it is held then. */
MUST_CHECK bool fs_lock_shared(const char *path, FsPrivacy privacy, const Cancel *cancel, FsLock **ret_lock,
                               Error *err);

/* Writes the text into the lock file (replacing what is there), for others to read. */
MUST_CHECK bool fs_lock_write(FsLock *lock, const char *text, Error *err);

/* NULL is fine. The file stays. */
void fs_unlock(FsLock *lock);

/* Which step is about to be taken; see fs_fault_point(). */
typedef enum FsStep {
    FS_STEP_OPEN,
    FS_STEP_WRITE,
    FS_STEP_FLUSH,
    FS_STEP_RENAME,
    FS_STEP_REMOVE,
    FS_STEP_MAKE_FOLDER,
    FS_STEP_LOCK,
    FS_STEP_TRY_AGAIN, /* on Windows, after somebody else was in the way; whatever the path, it is "" */
} FsStep;

/* Asked before each step that changes the disk. 0: go on. Otherwise the step fails with this errno value.
 * The product links an implementation that always answers 0 (fs_no_fault.c); test programs may define their own. */
int fs_fault_point(FsStep step, const char *path);
