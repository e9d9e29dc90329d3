/* SPDX-License-Identifier: MIT */
/* What fs.c shares with fs_posix.c and fs_win32.c. */
#pragma once

#include "platform/fs.h"

/* The error for what is in the place of a file: "a folder", "a pipe"... Returns false. */
bool fs_refuse_kind(const char *path, const char *kind, Error *err);

/* The error for a folder that holds more than that. Returns false. */
bool fs_refuse_names(const char *path, size_t limit, Error *err);
