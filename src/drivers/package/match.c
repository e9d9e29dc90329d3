/* SPDX-License-Identifier: MIT */
#include "drivers/package/match.h"

#include <stdlib.h>
#include <string.h>

typedef struct ListedFile {
    const char *key;
    const ManifestFile *file;
} ListedFile;

static int compare_listed(const void *a, const void *b)
{
    return strcmp(((const ListedFile *) a)->key, ((const ListedFile *) b)->key);
}

bool package_is_manifest(const PackageSource *source, const PackageEntry *entry, Arena *arena)
{
    return entry->place == LAYOUT_IN_OWN &&
           strcmp(entry->key, package_key(manifest_path(source->name, arena), arena)) == 0;
}

static void add(PackageMatch *match, PackageMismatchKind kind, const char *path, Arena *arena)
{
    PackageMismatch mismatch = { kind, path };
    ARRAY_PUSH(arena, &match->mismatches, mismatch);
}

/* Both are sorted by key. */
PackageMatch package_match(const PackageSource *source, Arena *arena)
{
    size_t count = source->manifest->files.count, next = 0;
    PackageMatch match = { .listed = ARENA_NEW_ARRAY(arena, const ManifestFile *, source->entries.count + 1) };
    ListedFile *listed = ARENA_NEW_ARRAY(arena, ListedFile, count + 1);
    for (size_t i = 0; i < count; i++) {
        const ManifestFile *file = &source->manifest->files.items[i];
        listed[i] = (ListedFile){ package_key(file->path, arena), file };
    }
    qsort(listed, count, sizeof(*listed), compare_listed);
    for (size_t i = 0; i < source->entries.count; i++) {
        const PackageEntry *entry = &source->entries.items[i];
        if (package_is_manifest(source, entry, arena))
            continue;
        for (; next < count && strcmp(listed[next].key, entry->key) < 0; next++)
            add(&match, MISMATCH_LACKS, listed[next].file->path, arena);
        if (next == count || strcmp(listed[next].key, entry->key) > 0) {
            add(&match, MISMATCH_UNLISTED, entry->path, arena);
            continue;
        }
        match.listed[i] = listed[next++].file;
        if (match.listed[i]->size != entry->size)
            add(&match, MISMATCH_ALTERED, entry->path, arena);
    }
    for (; next < count; next++)
        add(&match, MISMATCH_LACKS, listed[next].file->path, arena);
    return match;
}
