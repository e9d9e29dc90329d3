/* SPDX-License-Identifier: MIT */
#include "operations/update_package.h"

#include "base/ascii.h"
#include "drivers/package/source.h"
#include "platform/files.h"

#include <string.h>

enum { PIECE_SIZE = 1 << 16 };

bool update_package_hash(UpdatePackage *package, const Cancel *cancel, Error *err)
{
    unsigned char piece[PIECE_SIZE];
    FileStream *stream = NULL;
    Hash *hash = NULL;
    uint64_t size = 0;
    size_t count = PIECE_SIZE;
    bool ok = file_open(package->path, &stream, err) && hash_create(&hash, err);
    while (ok && count == PIECE_SIZE) {
        ok = cancel_is_requested(cancel) ? error_set(err, ERR_CANCELLED, "interrupted")
                                         : file_read(stream, piece, sizeof(piece), &count, err);
        if (ok)
            hash_add(hash, piece, count);
        size += count;
    }
    if (ok)
        hash_finish(hash, package->sha256);
    hash_destroy(hash);
    file_close(stream);
    package->size = size;
    return ok;
}

static bool hash_manifest(const char *path, char ret_text[HASH_TEXT_LENGTH + 1], Error *err)
{
    Arena arena = ARENA_INIT;
    PackageSource *source = NULL;
    bool ok = package_open(path, &arena, &source, err) && package_hash_manifest(source, ret_text, err);
    package_close(source);
    arena_release(&arena);
    return ok;
}

bool update_package_make(const GatherRequest *request, const Driver *driver, Arena *arena, UpdatePackage *ret_package,
                         Error *err)
{
    GatheredPackage made;
    UpdatePackage package;
    FileStatus status;
    if (!gather_pack(request, driver, arena, &made, err))
        return false;
    package = (UpdatePackage){ .name = made.name, .path = made.path };
    if (!file_status(made.path, &status, err) || !hash_manifest(made.path, package.manifest, err))
        return false;
    package.size = status.size;
    *ret_package = package;
    return true;
}

bool update_package_is_there(const UpdatePackage *package, const GuestAgent *agent)
{
    for (size_t i = 0; i < agent->package_count; i++) {
        if (strcmp(agent->packages[i].sha256, package->manifest) == 0)
            return true;
    }
    return false;
}

/* ---- the cache ---- */

typedef struct Zip {
    const char *path;
    FileStatus status;
} Zip;

typedef struct Zips {
    Zip *items;
    size_t count, capacity;
} Zips;

static uint64_t find_zips(const char *folder, Arena *arena, Zips *zips)
{
    Error ignored = { .code = ERR_NONE }; /* what cannot be looked at is left alone */
    StringList names;
    uint64_t total = 0;
    if (!fs_list_folder(folder, arena, &names, &ignored))
        return 0;
    for (size_t i = 0; i < names.count; i++) {
        Zip zip = { .path = fs_join(arena, folder, names.items[i]) };
        if (!ascii_ends_with(names.items[i], ".zip") || !file_status(zip.path, &zip.status, &ignored) ||
            zip.status.kind != FILE_PLAIN)
            continue;
        total += zip.status.size;
        ARRAY_PUSH(arena, zips, zip);
    }
    return total;
}

static void trim(const char *folder, uint64_t limit, Report *report)
{
    Arena arena = ARENA_INIT;
    Zips zips = { 0 };
    uint64_t total = find_zips(folder, &arena, &zips);
    while (total > limit && zips.count > 0) {
        size_t oldest = 0;
        Error err = { .code = ERR_NONE };
        for (size_t i = 1; i < zips.count; i++) {
            if (zips.items[i].status.modified_s < zips.items[oldest].status.modified_s)
                oldest = i;
        }
        Zip zip = zips.items[oldest];
        zips.items[oldest] = zips.items[--zips.count];
        if (file_remove(zip.path, &err))
            total -= zip.status.size;
        else
            report_warning(report, "an old package stays: %s", err.message);
    }
    arena_release(&arena);
}

bool update_cache_hold(const char *folder, uint64_t limit, const Cancel *cancel, Report *report, FsLock **ret_held,
                       Error *err)
{
    Arena arena = ARENA_INIT;
    FsLock *alone = NULL;
    Error busy = { .code = ERR_NONE };
    const char *path = fs_join(&arena, folder, ".hyperpoint.use");
    bool ok = fs_make_folders(folder, FS_SHARED, err);
    if (ok && fs_lock(path, FS_SHARED, &alone, &busy))
        trim(folder, limit, report);
    fs_unlock(alone);
    ok = ok && fs_lock_shared(path, FS_SHARED, cancel, ret_held, err);
    arena_release(&arena);
    return ok;
}
