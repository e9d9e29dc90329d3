/* SPDX-License-Identifier: MIT */
#include "operations/driver_files.h"

#include "base/ascii.h"
#include "drivers/guest/files.h"
#include "drivers/install/installed_index.h"
#include "drivers/install/plan.h"
#include "drivers/install/workers.h"
#include "drivers/package/layout.h"
#include "drivers/package/source.h"
#include "drivers/package/vendor.h"

#include <string.h>

/* ---- what must be there ---- */

static ExpectedFiles list_expected(const DriverFilesRequest *request, Arena *arena)
{
    ExpectedFiles expected = { 0 };
    for (size_t i = 0; request->driver != NULL && i < request->driver->files.count; i++) {
        const DriverFile *file = &request->driver->files.items[i];
        ExpectedFile entry = { .path = file->path,
                               .size = file->size,
                               .modified_s = file->modified_s,
                               .rule = file->rule,
                               .source = file->source };
        ARRAY_PUSH(arena, &expected, entry);
    }
    static const Manifest none;
    expected_add_manifest(&expected, request->manifest != NULL ? request->manifest : &none, arena);
    return expected;
}

static bool is_in_store(const char *path)
{
    return ascii_starts_with(path, LAYOUT_STORE "/");
}

/* The file may have been replaced since, or kept, by the rules of installing. */
static void loosen(ExpectedFile *file)
{
    file->is_loose = !is_in_store(file->path) && (file->rule == RULE_NEWER || vendor_shares_target(file->path));
}

/* By the records of what is installed: what was put there, or that something else was left. */
static void take_records(ExpectedFile *file, const InstalledPackages *packages, const InstalledIndex *index,
                         const Manifest *manifest, Arena *arena)
{
    IndexedRange range = installed_index_find(index, file->path, arena);
    const InstalledFile *found = range.last;
    bool is_installed = false, is_shared = found != NULL && strcmp(range.first->sha256, found->sha256) != 0;
    for (size_t i = 0; manifest != NULL && i < packages->count; i++)
        is_installed = is_installed || strcmp(packages->items[i].name, manifest->name) == 0;
    if (found == NULL || is_shared) {
        file->is_loose = file->is_loose || is_installed || is_shared;
        return;
    }
    file->is_loose = false;
    if (file->sha256 != NULL && strcmp(file->sha256, found->sha256) == 0)
        return;
    file->size = found->size;
    file->sha256 = found->sha256;
    file->modified_s = INT64_MIN / 2; /* not known: the content decides */
}

static bool compare(const ExpectedFiles *expected, FilePlace *place, Arena *arena, DriverFilesResult *ret_result,
                    Error *err)
{
    DriverFilesResult result = { .expected = expected->count };
    if (!files_compare(expected, place, arena, &result.faults, &result.wrong, err))
        return false;
    *ret_result = result;
    return true;
}

/* The hash that tells the right content, or none. */
static bool expected_hash(HostFiles *files, const ExpectedFile *file, char ret_sha256[HASH_TEXT_LENGTH + 1],
                          bool *ret_is_known, Error *err)
{
    *ret_is_known = true;
    if (file->sha256 != NULL)
        memcpy(ret_sha256, file->sha256, HASH_TEXT_LENGTH + 1);
    else if (files != NULL && file->source != NULL)
        return host_files_hash(files, file->source, ret_sha256, err);
    else
        *ret_is_known = false;
    return true;
}

/* ---- a package ---- */

typedef struct PackagePlace {
    FilePlace base;
    HostFiles *files;
    PackageSource *source;
    PackageReader *reader;
    Arena *arena;
} PackagePlace;

static bool find_in_package(FilePlace *base, const ExpectedFile *file, FoundFile *ret_found, Error *err)
{
    const PackagePlace *place = (const PackagePlace *) base;
    (void) err;
    const PackageEntry *entry = package_find(place->source, package_key(file->path, place->arena));
    *ret_found = (FoundFile){ .is_there = entry != NULL, .is_file = true };
    if (entry != NULL) {
        ret_found->size = entry->size;
        ret_found->has_time = entry->modified_s != 0;
        ret_found->modified_s = entry->modified_s;
    }
    return true;
}

static bool add_to_hash(void *context, const void *data, size_t size, Error *err)
{
    (void) err;
    hash_add(context, data, size);
    return true;
}

static bool is_same_in_package(FilePlace *base, const ExpectedFile *file, bool *ret_is_known, bool *ret_is_same,
                               Error *err)
{
    const PackagePlace *place = (const PackagePlace *) base;
    char wanted[HASH_TEXT_LENGTH + 1], found[HASH_TEXT_LENGTH + 1];
    const PackageEntry *entry = package_find(place->source, package_key(file->path, place->arena));
    if (!expected_hash(place->files, file, wanted, ret_is_known, err))
        return false;
    if (!*ret_is_known || entry == NULL)
        return true;
    Hash *hash;
    if (!hash_create(&hash, err))
        return false;
    bool ok = package_read(place->reader, entry, add_to_hash, hash, err);
    hash_finish(hash, found);
    hash_destroy(hash);
    *ret_is_same = ok && strcmp(found, wanted) == 0;
    if (ok || err->code != ERR_INVALID)
        return ok;
    *err = (Error){ .code = ERR_NONE }; /* its data is broken: another one */
    return true;
}

bool driver_files_in_package(const DriverFilesRequest *request, const char *path, Arena *arena,
                             DriverFilesResult *ret_result, Error *err)
{
    PackagePlace place = { .base = { request->cancel, find_in_package, is_same_in_package },
                           .files = request->files,
                           .arena = arena };
    ExpectedFiles expected = list_expected(request, arena);
    if (!package_open(path, arena, &place.source, err))
        return false;
    bool ok = package_reader_open(place.source, &place.reader, err);
    if (ok) {
        ok = compare(&expected, &place.base, arena, ret_result, err);
        package_reader_close(place.reader);
    }
    package_close(place.source);
    return ok;
}

/* ---- a disk ---- */

typedef struct DiskPlace {
    FilePlace base;
    HostFiles *files;
    InstallTarget *target;
    Hash *hash;
} DiskPlace;

static bool find_on_disk(FilePlace *base, const ExpectedFile *file, FoundFile *ret_found, Error *err)
{
    TargetFile there;
    *ret_found = (FoundFile){ .is_there = true };
    if (!target_find_file(((DiskPlace *) base)->target, file->path, &there, err)) {
        if (err->code != ERR_STATE)
            return false;
        *err = (Error){ .code = ERR_NONE }; /* a link, or something else that is no file */
        return true;
    }
    *ret_found = (FoundFile){ .is_there = there.status.kind != FILE_NONE,
                              .is_file = there.status.kind != FILE_LINK,
                              .size = there.status.size,
                              .has_time = true,
                              .modified_s = there.status.modified_s };
    return true;
}

static bool is_same_on_disk(FilePlace *base, const ExpectedFile *file, bool *ret_is_known, bool *ret_is_same,
                            Error *err)
{
    DiskPlace *place = (DiskPlace *) base;
    char wanted[HASH_TEXT_LENGTH + 1], found[HASH_TEXT_LENGTH + 1];
    TargetFile there;
    if (!expected_hash(place->files, file, wanted, ret_is_known, err))
        return false;
    if (!*ret_is_known)
        return true;
    if (!target_find_file(place->target, file->path, &there, err) ||
        !install_hash_file(target_tree(place->target), there.path, place->hash, found, err))
        return false;
    *ret_is_same = strcmp(found, wanted) == 0;
    return true;
}

bool driver_files_on_disk(const DriverFilesRequest *request, const Tree *disk, Arena *arena,
                          DriverFilesResult *ret_result, Error *err)
{
    DiskPlace place = { .base = { request->cancel, find_on_disk, is_same_on_disk }, .files = request->files };
    ExpectedFiles expected = list_expected(request, arena);
    InstalledPackages packages;
    bool ok =
        target_open(disk, arena, &place.target, err) && install_read_packages(place.target, arena, &packages, err);
    InstalledIndex index = { 0 };
    if (ok)
        index = installed_index_make(&packages, arena);
    for (size_t i = 0; ok && i < expected.count; i++) {
        loosen(&expected.items[i]);
        if (!is_in_store(expected.items[i].path))
            take_records(&expected.items[i], &packages, &index, request->manifest, arena);
    }
    ok = ok && hash_create(&place.hash, err) && compare(&expected, &place.base, arena, ret_result, err);
    hash_destroy(place.hash);
    return ok;
}

/* ---- a running guest ---- */

typedef struct GuestPlace {
    FilePlace base;
    GuestFiles found;
    Arena *arena;
} GuestPlace;

static bool find_in_guest(FilePlace *base, const ExpectedFile *file, FoundFile *ret_found, Error *err)
{
    const GuestPlace *place = (const GuestPlace *) base;
    (void) err;
    const GuestFile *found = guest_files_find(&place->found, file->path, place->arena);
    *ret_found = (FoundFile){ .is_there = found != NULL, .is_file = true };
    if (found != NULL)
        ret_found->size = found->has_size ? found->size : file->size;
    return true;
}

bool driver_files_in_guest(const DriverFilesRequest *request, CimSession *guest, const char *store, Arena *arena,
                           DriverFilesResult *ret_result, Error *err)
{
    GuestPlace place = { .base = { request->cancel, find_in_guest, NULL }, .arena = arena };
    ExpectedFiles expected = list_expected(request, arena);
    StringList paths = { 0 };
    for (size_t i = 0; i < expected.count; i++) {
        loosen(&expected.items[i]);
        ARRAY_PUSH(arena, &paths, expected.items[i].path);
    }
    return guest_files_read(guest, store, &paths, arena, &place.found, err) &&
           compare(&expected, &place.base, arena, ret_result, err);
}
