/* SPDX-License-Identifier: MIT */
/* The functions of files.h for a name in a folder that is held: what each platform has, and what files.c (for whole
 * paths) and tree.c (for paths in trees) are made of. */
#pragma once

#include "platform/files.h"

/* "path" is the whole, for messages and fault points. Windows goes by it: nobody can exchange what is above it, as long
 * as the folder is held (tree_win32.c). */
typedef struct FsPlace {
    int folder; /* POSIX: descriptor */
    const char *name, *path;
} FsPlace;

/* What a path names, wherever it leads. */
FsPlace fs_place_of(const char *path);

MUST_CHECK bool file_status_at(const FsPlace *place, FileStatus *ret_status, Error *err);
MUST_CHECK bool file_open_at(const FsPlace *place, FileStream **ret_stream, Error *err);
MUST_CHECK bool file_create_at(const FsPlace *place, FileStream **ret_stream, Error *err);
MUST_CHECK bool file_make_folder_at(const FsPlace *place, Error *err);
MUST_CHECK bool file_move_at(const FsPlace *from, const FsPlace *to, Error *err);
MUST_CHECK bool file_remove_at(const FsPlace *place, Error *err);
MUST_CHECK bool file_remove_folder_at(const FsPlace *place, Error *err);
