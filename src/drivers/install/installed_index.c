/* SPDX-License-Identifier: MIT */
#include "drivers/install/installed_index.h"

#include "base/sorted.h"
#include "drivers/package/source.h"

#include <stdlib.h>
#include <string.h>

#define AFTER_ALL_HASHES "~"

typedef struct Wanted {
    const char *key, *sha256;
} Wanted;

static int compare(const void *wanted, const void *indexed)
{
    const Wanted *x = wanted;
    const IndexedFile *file = indexed;
    int order = strcmp(x->key, file->key);
    return order != 0 ? order : strcmp(x->sha256, file->file->sha256);
}

static int compare_files(const void *a, const void *b)
{
    const IndexedFile *file = a;
    return compare(&(Wanted){ file->key, file->file->sha256 }, b);
}

InstalledIndex installed_index_make(const InstalledPackages *packages, Arena *arena)
{
    InstalledIndex index = { 0 };
    for (size_t i = 0; i < packages->count; i++) {
        const InstalledPackage *package = &packages->items[i];
        for (size_t j = 0; j < package->files.count; j++) {
            IndexedFile file = { package_key(package->files.items[j].path, arena), &package->files.items[j] };
            ARRAY_PUSH(arena, &index, file);
        }
    }
    if (index.count > 0)
        qsort(index.items, index.count, sizeof(*index.items), compare_files);
    return index;
}

/* How many come before that key and hash. */
static size_t place_of(const InstalledIndex *index, const char *key, const char *sha256)
{
    return sorted_place(&(Wanted){ key, sha256 }, index->items, index->count, sizeof(IndexedFile), compare);
}

IndexedRange installed_index_find(const InstalledIndex *index, const char *path, Arena *arena)
{
    const char *key = package_key(path, arena);
    size_t first = place_of(index, key, ""), end = place_of(index, key, AFTER_ALL_HASHES);
    return first == end ? (IndexedRange){ NULL, NULL }
                        : (IndexedRange){ index->items[first].file, index->items[end - 1].file };
}

bool installed_index_has(const InstalledIndex *index, const char *path, const char *sha256, Arena *arena)
{
    const char *key = package_key(path, arena);
    size_t place = place_of(index, key, sha256);
    return place < index->count && compare(&(Wanted){ key, sha256 }, &index->items[place]) == 0;
}
