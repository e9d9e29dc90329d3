/* SPDX-License-Identifier: MIT */
#include "drivers/install/installed_index.h"

#include "drivers/package/source.h"

#include <stdlib.h>
#include <string.h>

#define AFTER_ALL_HASHES "~"

static int compare(const char *key, const char *sha256, const IndexedFile *file)
{
    int order = strcmp(key, file->key);
    return order != 0 ? order : strcmp(sha256, file->file->sha256);
}

static int compare_files(const void *a, const void *b)
{
    return compare(((const IndexedFile *) a)->key, ((const IndexedFile *) a)->file->sha256, b);
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
    size_t low = 0, high = index->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(key, sha256, &index->items[middle]) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
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
    return place < index->count && compare(key, sha256, &index->items[place]) == 0;
}
