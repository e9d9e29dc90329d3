/* SPDX-License-Identifier: MIT */
/* Paths as Windows gets them: always in their long form ("\\?\C:\..."), so that no length limit applies. Users see the
 * usual one. Windows SDK, "Naming Files, Paths, and Namespaces". */
#pragma once

#include "base/arena.h"

#include <stddef.h>
#include <wchar.h>

/* The long form of a path, absolute, with "." and ".." taken out. Names of devices stay what they are. */
wchar_t *native_path(Arena *arena, const char *path);

/* As users write it. */
const char *native_shown(Arena *arena, const wchar_t *native);

/* Length of "\\?\C:\" or "\\?\UNC\server\share\": what is above has no folders to make. */
size_t native_root_length(const wchar_t *native);

/* The folder of a native path; a root is its own. */
wchar_t *native_folder(Arena *arena, const wchar_t *native);

/* The three texts as one. */
wchar_t *native_join(Arena *arena, const wchar_t *a, const wchar_t *b, const wchar_t *c);
