/* SPDX-License-Identifier: MIT */
#include "drivers/gather/pack.h"

#include "base/check.h"
#include "drivers/package/layout.h"
#include "drivers/gather/pack_place.h"
#include "drivers/gather/pack_work.h"
#include "platform/files.h"

#include <inttypes.h>
#include <string.h>

enum { PROGRESS_EVERY_US = 100 * 1000, MIB = 1024 * 1024 };

typedef struct Packing {
    ZipFeed feed;
    const PackRequest *request;
    const Driver *driver;
    Arena *arena;
    PackWork *work;
    Manifest manifest;
    int64_t start_us, shown_us;
    uint64_t done_size;
} Packing;

/* ---- progress ---- */

static void tell_progress(Packing *packing, uint64_t size)
{
    Clock *clock = packing->request->clock;
    int64_t now = clock->ticks_us(clock);
    packing->done_size += size;
    if (now - packing->shown_us < PROGRESS_EVERY_US)
        return;
    packing->shown_us = now;
    Arena arena = ARENA_INIT;
    uint64_t total = packing->driver->total_size, done = packing->done_size;
    uint64_t elapsed_ms = (uint64_t) (now - packing->start_us) / 1000 + 1;
    uint64_t rate = done * 1000 / elapsed_ms; /* bytes per second */
    const char *left = rate > 0 ? arena_printf(&arena, ", %" PRIu64 " s left", (total - done + rate - 1) / rate) : "";
    Report *report = packing->request->report;
    report->progress(report,
                     arena_printf(&arena, "%s: %" PRIu64 " of %" PRIu64 " MB, %" PRIu64 " MB/s%s",
                                  packing->driver->manifest.name, done / MIB, total / MIB, rate / MIB, left),
                     total > 0 ? (int) (done * 100 / total) : -1);
    arena_release(&arena);
}

/* ---- the manifest ---- */

/* All files have been hashed. */
static const char *make_manifest(Packing *packing)
{
    const Driver *driver = packing->driver;
    Manifest manifest = driver->manifest;
    manifest.files = (ManifestFiles){ 0 };
    for (size_t i = 0; i < driver->files.count; i++) {
        const DriverFile *file = &driver->files.items[i];
        ManifestFile entry = {
            .path = file->path, .size = file->size, .modified_s = file->modified_s, .rule = file->rule
        };
        memcpy(entry.sha256, pack_work_hash(packing->work, i), sizeof(entry.sha256));
        ARRAY_PUSH(packing->arena, &manifest.files, entry);
    }
    Clock *clock = packing->request->clock;
    manifest.created = clock_format_utc(packing->arena, clock->now_ms(clock));
    manifest.program = HYPERPOINT_VERSION;
    packing->manifest = manifest;
    return manifest_format(&manifest, packing->arena);
}

/* ---- a zip ---- */

static bool feed_get(ZipFeed *feed, size_t index, ZipPiece *ret_piece, Error *err)
{
    Packing *packing = (Packing *) feed;
    if (index < packing->driver->files.count) {
        if (!pack_work_take(packing->work, index, ret_piece, err))
            return false;
        tell_progress(packing, ret_piece->original_size);
        return true;
    }
    const char *text = make_manifest(packing);
    ZipDeflater *deflater = zip_deflater_create();
    zip_deflate(deflater, text, strlen(text), ret_piece);
    zip_deflater_destroy(deflater);
    return true;
}

static bool feed_read(ZipFeed *feed, size_t index, void *buffer, size_t size, size_t *ret_count, Error *err)
{
    Packing *packing = (Packing *) feed;
    if (!pack_work_stream(packing->work, index, buffer, size, ret_count, err))
        return false;
    tell_progress(packing, *ret_count);
    return true;
}

static bool make_zip(Packing *packing, const char *path, Error *err)
{
    const Driver *driver = packing->driver;
    Clock *clock = packing->request->clock;
    size_t count = driver->files.count;
    ZipEntry *entries = ARENA_NEW_ARRAY(packing->arena, ZipEntry, count + 1);
    for (size_t i = 0; i < count; i++) {
        const DriverFile *file = &driver->files.items[i];
        entries[i] = (ZipEntry){ file->path, file->size, file->modified_s, file->size > PACK_WHOLE };
    }
    entries[count] = (ZipEntry){ .path = manifest_path(driver->manifest.name, packing->arena),
                                 .modified_s = clock->now_ms(clock) / 1000 };
    return pack_work_start(packing->request->files, driver, NULL, packing->request->cancel, &packing->work, err) &&
           zip_write(path, entries, count + 1, &packing->feed, err);
}

/* ---- a folder ---- */

/* The folders of a path, as far as the path before it did not have them: paths are sorted, so folders come together. */
static bool make_folders(const char *root, const char *before, const char *path, Arena *arena, Error *err)
{
    for (const char *end = strchr(path, '/'); end != NULL; end = strchr(end + 1, '/')) {
        size_t length = (size_t) (end - path);
        if (strncmp(before, path, length + 1) == 0)
            continue;
        if (!file_make_folder(fs_join(arena, root, arena_strndup(arena, path, length)), err))
            return false;
    }
    return true;
}

static bool write_manifest(Packing *packing, const char *path, Error *err)
{
    const char *text = make_manifest(packing);
    FileStream *stream;
    if (!file_create(path, &stream, err))
        return false;
    if (file_write(stream, text, strlen(text), err))
        return file_finish_unflushed(stream, 0, err);
    file_close(stream);
    return false;
}

static bool make_folder(Packing *packing, const char *root, Error *err)
{
    const Driver *driver = packing->driver;
    Arena *arena = packing->arena;
    const char *before = "", *manifest = manifest_path(driver->manifest.name, arena);
    if (!file_make_folder(root, err))
        return false;
    for (size_t i = 0; i < driver->files.count; i++) {
        if (!make_folders(root, before, driver->files.items[i].path, arena, err))
            return false;
        before = driver->files.items[i].path;
    }
    /* The store's own folder is there: the driver's is in it. */
    if (!file_make_folder(fs_join(arena, root, LAYOUT_OWN), err) ||
        !pack_work_start(packing->request->files, driver, root, packing->request->cancel, &packing->work, err))
        return false;
    for (size_t i = 0; i < driver->files.count; i++) {
        if (!pack_work_take(packing->work, i, NULL, err))
            return false;
        tell_progress(packing, driver->files.items[i].size);
    }
    return write_manifest(packing, fs_join(arena, root, manifest), err);
}

/* ---- its place ---- */

/* Holds the folder, so that what is unfinished there is of a run that was killed, not of one beside this. */
static bool lock_folder(const PackRequest *request, Arena *arena, FsLock **ret_lock, Error *err)
{
    const char *path = fs_join(arena, request->folder, ".hyperpoint.lock");
    if (fs_lock(path, FS_SHARED, ret_lock, err))
        return true;
    if (err->code != ERR_BUSY)
        return false;
    *err = (Error){ .code = ERR_NONE };
    report_notice(request->report, "waiting: another run makes packages in '%s'", request->folder);
    return fs_lock_wait(path, FS_SHARED, request->cancel, ret_lock, err);
}

static bool make_package(Packing *packing, const PackPlace *place, Error *err)
{
    const PackRequest *request = packing->request;
    if (!pack_place_clear(place, err))
        return false;
    packing->start_us = request->clock->ticks_us(request->clock);
    bool ok = request->zip ? make_zip(packing, place->fresh, err) : make_folder(packing, place->fresh, err);
    pack_work_end(packing->work);
    request->report->progress(request->report, NULL, -1);
    ok = ok && pack_place_take(place, request, err);
    Error ignored; /* the cause above is what matters */
    if (!ok)
        (void) !file_remove_tree(place->fresh, &ignored);
    return ok;
}

static bool pack(const PackRequest *request, const Driver *driver, Arena *arena, PackResult *ret_result, Error *err)
{
    PackPlace place;
    if (!pack_place_choose(request, driver, arena, &place, err))
        return false;
    Driver named = *driver;
    named.manifest.name = place.name;
    Packing packing = { .feed = { feed_get, feed_read }, .request = request, .driver = &named, .arena = arena };
    if (place.is_unchanged ? !pack_place_take(&place, request, err) : !make_package(&packing, &place, err))
        return false;
    *ret_result = (PackResult){ .path = place.final,
                                .manifest = place.is_unchanged ? place.manifest : packing.manifest,
                                .is_unchanged = place.is_unchanged };
    return true;
}

bool pack_driver(const PackRequest *request, const Driver *driver, Arena *arena, PackResult *ret_result, Error *err)
{
    FsLock *lock;
    if (!fs_make_folders(request->folder, FS_SHARED, err) || !lock_folder(request, arena, &lock, err))
        return false;
    bool ok = pack(request, driver, arena, ret_result, err);
    fs_unlock(lock);
    return ok;
}
