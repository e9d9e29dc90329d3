/* SPDX-License-Identifier: MIT */
/* What fs_posix.c and files_posix.c share. */
#pragma once

#include "platform/fs.h"

#include <sys/types.h>

/* The step may be taken; if not, errno says why. */
bool fs_may(FsStep step, const char *path);

/* open() that nobody inherits and no signal interrupts. */
int fs_open(const char *path, int flags, mode_t mode);

/* Everything at the offset, or errno. */
bool fs_write_at(int fd, const char *data, size_t size, off_t offset);

/* The file's data is on the disk; if not, errno says why. */
bool fs_flush(int fd);
