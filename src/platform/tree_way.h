/* SPDX-License-Identifier: MIT */
/* What tree.c shares with tree_posix.c and tree_win32.c: the way to a place in a tree. */
#pragma once

#include "platform/fs_place.h"
#include "platform/tree.h"

enum { TREE_DEPTH = 64 };

typedef struct Way {
    FsPlace place;
    const Tree *tree;
    struct Held *held; /* what holds the folder, where its descriptor does not */
    Arena arena;
} Way;

/* The folder of that path is held, with nothing else in the place of those above it. "" is the root, in itself. On
 * success the way is the caller's to close. */
MUST_CHECK bool tree_way_open(const Tree *tree, const char *path, Way *ret_way, Error *err);
void tree_way_close(Way *way);

/* Parts of the path, none of which leads elsewhere. */
MUST_CHECK bool tree_split(const char *path, Arena *arena, StringList *ret_parts, Error *err);

/* As file_move_at() and file_remove_at(), but the first one over what is there, a link as such; the names of the folder
 * are on the disk then. */
MUST_CHECK bool tree_move_over_at(const FsPlace *from, const FsPlace *to, Error *err);
MUST_CHECK bool tree_remove_flushed_at(const FsPlace *place, Error *err);
