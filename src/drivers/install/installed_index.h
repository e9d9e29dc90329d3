/* SPDX-License-Identifier: MIT */
/* Files of installed packages by their paths, whatever the case: records come from outside, and may be long. */
#pragma once

#include "drivers/install/installed.h"

typedef struct IndexedFile {
    const char *key; /* package_key() of its path */
    const InstalledFile *file;
} IndexedFile;

typedef struct InstalledIndex {
    IndexedFile *items; /* sorted by key and hash */
    size_t count, capacity;
} InstalledIndex;

InstalledIndex installed_index_make(const InstalledPackages *packages, Arena *arena);

/* Of that path the files with the first and the last hash: one and the same where all records agree, both NULL where
 * there is none. */
typedef struct IndexedRange {
    const InstalledFile *first, *last;
} IndexedRange;

IndexedRange installed_index_find(const InstalledIndex *index, const char *path, Arena *arena);

/* Some record has that path with that hash. */
bool installed_index_has(const InstalledIndex *index, const char *path, const char *sha256, Arena *arena);
