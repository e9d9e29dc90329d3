/* SPDX-License-Identifier: MIT */
#include "operations/driver_files.h"

#include "base/ascii.h"
#include "drivers/guest/files.h"
#include "drivers/install/installed_index.h"
#include "drivers/install/owner.h"
#include "drivers/install/plan.h"
#include "drivers/install/workers.h"
#include "drivers/package/layout.h"
#include "drivers/package/match.h"
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
        ret_found->has_time = entry->modified_s != 0 && file->sha256 == NULL; /* else its content tells */
        ret_found->modified_s = entry->modified_s;
    }
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
    bool ok = package_hash(place->reader, entry, found, err);
    *ret_is_same = ok && strcmp(found, wanted) == 0;
    if (ok || err->code != ERR_INVALID)
        return ok;
    *err = (Error){ .code = ERR_NONE }; /* its data is broken: another one */
    return true;
}

static bool has_fault(const FileFaults *faults, const char *path)
{
    for (size_t i = 0; i < faults->count; i++) {
        if (ascii_equals(faults->items[i].path, path))
            return true;
    }
    return false;
}

/* What installdrivers refuses the package for. */
static void add_mismatches(const PackageSource *source, Arena *arena, DriverFilesResult *result)
{
    static const char *const words[] = { [MISMATCH_LACKS] = "is missing",
                                         [MISMATCH_UNLISTED] = "is not in the package's manifest",
                                         [MISMATCH_ALTERED] = "is not as the package's manifest tells" };
    if (source->manifest == NULL)
        return;
    PackageMatch match = package_match(source, arena);
    size_t known = result->faults.count;
    for (size_t i = 0; i < match.mismatches.count; i++) {
        const PackageMismatch *mismatch = &match.mismatches.items[i];
        FileFault fault = { .path = arena_strdup(arena, mismatch->path), .fault = words[mismatch->kind] };
        const FileFaults before = { .items = result->faults.items, .count = known };
        if (mismatch->kind == MISMATCH_LACKS || has_fault(&before, fault.path))
            continue; /* told already */
        ARRAY_PUSH(arena, &result->faults, fault);
        result->expected += mismatch->kind == MISMATCH_UNLISTED;
        result->wrong++;
    }
}

bool driver_files_in_package(const DriverFilesRequest *request, const char *path, Arena *arena,
                             DriverFilesResult *ret_result, Error *err)
{
    PackagePlace place = { .base = { request->cancel, find_in_package, is_same_in_package, NULL },
                           .files = request->files,
                           .arena = arena };
    ExpectedFiles expected = list_expected(request, arena);
    if (!package_open(path, arena, &place.source, err))
        return false;
    bool ok = package_reader_open(place.source, &place.reader, err);
    if (ok) {
        ok = compare(&expected, &place.base, arena, ret_result, err);
        if (ok)
            add_mismatches(place.source, arena, ret_result);
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
    InstalledIndex records; /* of this driver */
    Hash *hash;
    Arena *arena;
} DiskPlace;

/* The first of the folders above that is none, or the place itself. */
static bool find_obstacle(InstallTarget *target, const char *path, Arena *arena, const char **ret_obstacle, Error *err)
{
    TargetFile there;
    for (const char *end = strchr(path, '/'); end != NULL; end = strchr(end + 1, '/')) {
        const char *folder = arena_strndup(arena, path, (size_t) (end - path));
        if (!target_find(target, folder, &there, err))
            return false;
        *ret_obstacle = folder;
        if (there.status.kind != FILE_FOLDER)
            return true;
    }
    *ret_obstacle = path;
    return true;
}

static bool find_on_disk(FilePlace *base, const ExpectedFile *file, FoundFile *ret_found, Error *err)
{
    const DiskPlace *place = (const DiskPlace *) base;
    TargetFile there;
    *ret_found = (FoundFile){ .is_there = true };
    if (!target_find_file(place->target, file->path, &there, err)) {
        if (err->code != ERR_STATE)
            return false;
        *err = (Error){ .code = ERR_NONE }; /* a link on the way, or something else that is no file */
        return find_obstacle(place->target, file->path, place->arena, &ret_found->obstacle, err);
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
    char wanted[HASH_TEXT_LENGTH + 1] = "", found[HASH_TEXT_LENGTH + 1];
    TargetFile there;
    *ret_is_known = true;
    if (!file->is_recorded && !expected_hash(place->files, file, wanted, ret_is_known, err))
        return false;
    if (!*ret_is_known)
        return true;
    if (!target_find_file(place->target, file->path, &there, err) ||
        !install_hash_file(target_tree(place->target), there.path, place->hash, found, err))
        return false;
    *ret_is_same = file->is_recorded ? installed_index_has(&place->records, file->path, found, place->arena)
                                     : strcmp(found, wanted) == 0;
    return true;
}

/* Tables and texts never tell whose they are. */
static bool is_owned_on_disk(FilePlace *base, const ExpectedFile *file, bool *ret_is_owned, Error *err)
{
    DiskPlace *place = (DiskPlace *) base;
    TargetFile there;
    PeVersion version;
    Owner owner;
    *ret_is_owned = !ascii_ends_with(file->path, ".dll") && !ascii_ends_with(file->path, ".exe");
    if (*ret_is_owned)
        return true;
    if (!target_find_file(place->target, file->path, &there, err) ||
        !owner_look(target_tree(place->target), &there, false, &version, &owner, err))
        return false;
    *ret_is_owned = owner != OWNER_UNKNOWN;
    return true;
}

/* Those of other drivers tell nothing about this one. */
static bool read_records(InstallTarget *target, const char *folder, Arena *arena, InstalledPackages *ret_packages,
                         Error *err)
{
    InstalledPackages all, of_driver = { 0 };
    if (!install_read_packages(target, arena, &all, err))
        return false;
    for (size_t i = 0; i < all.count; i++) {
        if (installed_has_folder(&all.items[i], folder, arena))
            ARRAY_PUSH(arena, &of_driver, all.items[i]);
    }
    *ret_packages = of_driver;
    return true;
}

/* What was put there; where records have nothing of it, something else was left. */
static void take_records(ExpectedFile *file, const InstalledIndex *records, Arena *arena)
{
    IndexedRange range = installed_index_find(records, file->path, arena);
    if (range.first == NULL) {
        file->is_loose = file->is_loose || records->count > 0;
        return;
    }
    bool agree = strcmp(range.first->sha256, range.last->sha256) == 0;
    file->is_loose = false;
    file->is_recorded = !agree || file->sha256 == NULL || strcmp(file->sha256, range.first->sha256) != 0;
}

bool driver_files_on_disk(const DriverFilesRequest *request, const Tree *disk, Arena *arena,
                          DriverFilesResult *ret_result, Error *err)
{
    DiskPlace place = { .base = { request->cancel, find_on_disk, is_same_on_disk, is_owned_on_disk },
                        .files = request->files,
                        .arena = arena };
    ExpectedFiles expected = list_expected(request, arena);
    InstalledPackages packages = { 0 };
    bool ok = target_open(disk, /* foreseen= */ NULL, arena, &place.target, err) &&
              read_records(place.target, request->folder, arena, &packages, err);
    place.records = installed_index_make(&packages, arena);
    for (size_t i = 0; ok && i < expected.count; i++) {
        loosen(&expected.items[i]);
        if (!is_in_store(expected.items[i].path))
            take_records(&expected.items[i], &place.records, arena);
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
    GuestPlace place = { .base = { request->cancel, find_in_guest, NULL, NULL }, .arena = arena };
    ExpectedFiles expected = list_expected(request, arena);
    StringList paths = { 0 };
    for (size_t i = 0; i < expected.count; i++) {
        loosen(&expected.items[i]);
        ARRAY_PUSH(arena, &paths, expected.items[i].path);
    }
    return guest_files_read(guest, store, &paths, arena, &place.found, err) &&
           compare(&expected, &place.base, arena, ret_result, err);
}
