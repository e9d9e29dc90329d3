/* SPDX-License-Identifier: MIT */
/* What files_posix.c shares with tree_posix.c: the disk of an open folder. */
#pragma once

#include "platform/files.h"

MUST_CHECK bool file_flush_opened(int folder, const char *path, Error *err);
MUST_CHECK bool file_free_space_opened(int folder, const char *path, uint64_t *ret_bytes, Error *err);
