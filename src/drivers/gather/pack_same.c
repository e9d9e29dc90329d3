/* SPDX-License-Identifier: MIT */
#include "drivers/gather/pack_same.h"

#include "drivers/package/content.h"
#include "drivers/package/source.h"

#include <string.h>

/* The host's file is the one that the manifest tells of. */
static bool is_same_file(const PackRequest *request, const DriverFile *file, const ManifestFile *known, bool *ret_is,
                         Error *err)
{
    char sha256[HASH_TEXT_LENGTH + 1];
    *ret_is = strcmp(file->path, known->path) == 0 && file->size == known->size && file->rule == known->rule;
    if (!*ret_is || content_has_time(file->modified_s, known->modified_s))
        return true;
    if (!host_files_hash(request->files, file->source, sha256, err))
        return false;
    *ret_is = strcmp(sha256, known->sha256) == 0;
    return true;
}

/* All that the manifest tells but its files: compared as it would be written. */
static bool tells_the_same(const Manifest *known, const Driver *driver, Arena *arena)
{
    Manifest a = *known, b = driver->manifest;
    a.files = b.files = (ManifestFiles){ 0 };
    b.name = a.name;
    b.created = a.created;
    b.program = a.program;
    return strcmp(manifest_format(&a, arena), manifest_format(&b, arena)) == 0;
}

static bool is_same_driver(const PackRequest *request, const Driver *driver, const Manifest *known, Arena *arena,
                           bool *ret_is, Error *err)
{
    *ret_is = known->files.count == driver->files.count && tells_the_same(known, driver, arena);
    for (size_t i = 0; *ret_is && i < driver->files.count; i++) {
        if (!is_same_file(request, &driver->files.items[i], &known->files.items[i], ret_is, err))
            return false;
    }
    return true;
}

/* The package has exactly the files of its manifest. */
static bool is_whole(const PackageSource *source, const Manifest *known, Arena *arena, bool *ret_is, Error *err)
{
    PackageReader *reader;
    *ret_is = source->entries.count == known->files.count + 1;
    if (!*ret_is)
        return true;
    if (!package_reader_open(source, &reader, err))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && *ret_is && i < known->files.count; i++) {
        const ManifestFile *file = &known->files.items[i];
        const PackageEntry *entry = package_find(source, package_key(file->path, arena));
        *ret_is = entry != NULL;
        ok = entry == NULL || content_is_expected(reader, entry, file, ret_is, err);
    }
    package_reader_close(reader);
    return ok;
}

static bool compare(const PackRequest *request, const Driver *driver, const PackageSource *source, Arena *arena,
                    bool *ret_is_same, Error *err)
{
    const Manifest *known = source->manifest;
    *ret_is_same = known != NULL;
    return known == NULL || (is_same_driver(request, driver, known, arena, ret_is_same, err) &&
                             (!*ret_is_same || is_whole(source, known, arena, ret_is_same, err)));
}

bool pack_is_same(const PackRequest *request, const Driver *driver, const char *path, Arena *arena, bool *ret_is_same,
                  Manifest *ret_manifest, Error *err)
{
    PackageSource *source;
    *ret_is_same = false;
    bool ok = package_open(path, arena, &source, err);
    if (ok) {
        ok = compare(request, driver, source, arena, ret_is_same, err);
        if (ok && *ret_is_same)
            *ret_manifest = *source->manifest;
        package_close(source);
    }
    if (ok || (err->code != ERR_INVALID && err->code != ERR_PROTOCOL && err->code != ERR_NOT_FOUND))
        return ok;
    *ret_is_same = false; /* what is broken is made again */
    *err = (Error){ .code = ERR_NONE };
    return true;
}
