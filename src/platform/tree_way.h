/* SPDX-License-Identifier: MIT */
/* What tree.c shares with tree_posix.c and tree_win32.c. */
#pragma once

#include "platform/tree.h"

enum { TREE_DEPTH = 64 };

/* Parts of the path, none of which leads elsewhere. */
MUST_CHECK bool tree_split(const char *path, Arena *arena, StringList *ret_parts, Error *err);

/* The error for what is in the place of the folder "path". Returns false. */
bool tree_refuse(const char *path, bool is_link, Error *err);

/* Renames over what is there, a link as such, and brings the folder's names to the disk. */
MUST_CHECK bool tree_move_over(const Tree *tree, const char *from, const char *to, Error *err);
