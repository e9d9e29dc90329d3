/* SPDX-License-Identifier: MIT */
/* What files_posix.c shares with tree_posix.c: the functions of files.h for a name in an open folder. */
#pragma once

#include "platform/files.h"
#include "platform/fs_posix.h"

MUST_CHECK bool file_status_at(const FsPlace *place, FileStatus *ret_status, Error *err);
MUST_CHECK bool file_open_at(const FsPlace *place, FileStream **ret_stream, Error *err);
MUST_CHECK bool file_create_at(const FsPlace *place, FileStream **ret_stream, Error *err);
MUST_CHECK bool file_make_folder_at(const FsPlace *place, Error *err);
MUST_CHECK bool file_move_at(const FsPlace *from, const FsPlace *to, Error *err);
MUST_CHECK bool file_remove_at(const FsPlace *place, Error *err);
MUST_CHECK bool file_remove_folder_at(const FsPlace *place, Error *err);

/* Of the disk of an open folder. */
MUST_CHECK bool file_flush_opened(int folder, const char *path, Error *err);
MUST_CHECK bool file_free_space_opened(int folder, const char *path, uint64_t *ret_bytes, Error *err);
