/* SPDX-License-Identifier: MIT */
/* What fs_posix.c, fs_open_posix.c, files_posix.c and tree_posix.c share. */
#pragma once

#include "platform/fs_place.h"

#include <sys/stat.h>
#include <sys/types.h>

/* The step may be taken; if not, errno says why. */
bool fs_may(FsStep step, const char *path);

/* openat() that nobody inherits and no signal interrupts: for folders, and for files that are new (O_EXCL). */
int fs_open_at(const FsPlace *place, int flags, mode_t mode);
int fs_open(const char *path, int flags, mode_t mode);

/* The same for whatever may be there already, and is to be a plain file: anything else is refused without waiting, as
 * fs.h says. With O_CREAT it is a step (FS_STEP_OPEN), with O_NOFOLLOW a link is refused as well. */
MUST_CHECK bool fs_open_plain_at(const FsPlace *place, int flags, mode_t mode, int *ret_fd, Error *err);
MUST_CHECK bool fs_open_plain(const char *path, int flags, mode_t mode, int *ret_fd, Error *err);

/* What has this mode is a plain file. */
MUST_CHECK bool fs_check_plain(const char *path, mode_t mode, Error *err);

FsStamp fs_stamp_of(const struct stat *status);

/* The names in the folder, which is closed; sorted, and no more than "limit". */
MUST_CHECK bool fs_list_opened(int fd, const char *path, size_t limit, Arena *arena, StringList *ret_names, Error *err);

/* Everything at the offset, or errno. */
bool fs_write_at(int fd, const char *data, size_t size, off_t offset);

/* The file's data is on the disk; if not, errno says why. */
bool fs_flush(int fd);
