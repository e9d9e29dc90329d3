/* SPDX-License-Identifier: MIT */
#include "drivers/gather/pack.h"

#include "base/ascii.h"
#include "base/check.h"
#include "drivers/package/layout.h"
#include "drivers/gather/pack_work.h"
#include "drivers/package/source_manifest.h"
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
    return pack_work_start(packing->request->files, driver, NULL, &packing->work, err) &&
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
        !pack_work_start(packing->request->files, driver, root, &packing->work, err))
        return false;
    for (size_t i = 0; i < driver->files.count; i++) {
        if (!pack_work_take(packing->work, i, NULL, err))
            return false;
        tell_progress(packing, driver->files.items[i].size);
    }
    return write_manifest(packing, fs_join(arena, root, manifest), err);
}

/* ---- its place ---- */

typedef struct Names {
    const char *final, *fresh, *old;
} Names;

static Names make_names(const PackRequest *request, const char *name, Arena *arena)
{
    const char *ending = request->zip ? ".zip" : "";
    return (Names){
        .final = fs_join(arena, request->folder, arena_printf(arena, "%s%s", name, ending)),
        .fresh = fs_join(arena, request->folder, arena_printf(arena, ".%s%s.new", name, ending)),
        .old = fs_join(arena, request->folder, arena_printf(arena, ".%s%s.old", name, ending)),
    };
}

/* A run that was killed may have left its unfinished package, or the old one on its way out. */
static bool tidy_up(const Names *names, Error *err)
{
    if (fs_exists(names->old) && !fs_exists(names->final) && !file_move(names->old, names->final, err))
        return false;
    return file_remove_tree(names->fresh, err) && file_remove_tree(names->old, err);
}

/* Two drivers of one maker and date have one name. */
static void tell_replaced(const Packing *packing, const char *path)
{
    PackageSource *source;
    Manifest manifest;
    bool has_manifest;
    Error ignored = { .code = ERR_NONE }; /* what cannot be read is nothing to keep */
    if (!fs_exists(path) || !package_open(path, &source, &ignored))
        return;
    const StringList *folders = &packing->driver->manifest.folders;
    if (package_manifest_read(source, packing->arena, &has_manifest, &manifest, &ignored) && has_manifest &&
        manifest.folders.count > 0 && folders->count > 0 && !ascii_equals(manifest.folders.items[0], folders->items[0]))
        packing->request->report->notice(packing->request->report,
                                         arena_printf(packing->arena,
                                                      "'%s' held another driver of this date (%s), and is replaced",
                                                      path, manifest.folders.items[0]));
    package_close(source);
}

static bool move_into_place(const Names *names, const PackRequest *request, Arena *arena, Error *err)
{
    bool replaces = fs_exists(names->final);
    Error ignored = { .code = ERR_NONE };
    if (replaces && !file_move(names->final, names->old, err))
        return false;
    if (!file_move(names->fresh, names->final, err)) {
        /* If the old one cannot go back either, the next run sees to it. */
        (void) (replaces && file_move(names->old, names->final, &ignored));
        return false;
    }
    if (replaces && !file_remove_tree(names->old, &ignored))
        request->report->notice(
            request->report,
            arena_printf(arena, "remains of the old package go with the next run: %s", ignored.message));
    return true;
}

/* Holds the folder, so that what is unfinished there is of a run that was killed, not of one beside this. */
static bool lock_folder(const PackRequest *request, Arena *arena, FsLock **ret_lock, Error *err)
{
    const char *path = fs_join(arena, request->folder, ".hyperpoint.lock");
    if (fs_lock(path, FS_SHARED, FS_LOCK_TRY, ret_lock, err))
        return true;
    if (err->code != ERR_BUSY)
        return false;
    *err = (Error){ .code = ERR_NONE };
    request->report->notice(request->report,
                            arena_printf(arena, "waiting: another run makes packages in '%s'", request->folder));
    return fs_lock(path, FS_SHARED, FS_LOCK_WAIT, ret_lock, err);
}

static bool make_package(Packing *packing, const Names *names, Error *err)
{
    const PackRequest *request = packing->request;
    if (!tidy_up(names, err))
        return false;
    packing->start_us = request->clock->ticks_us(request->clock);
    bool ok = request->zip ? make_zip(packing, names->fresh, err) : make_folder(packing, names->fresh, err);
    pack_work_end(packing->work);
    request->report->progress(request->report, NULL, -1);
    if (ok)
        tell_replaced(packing, names->final);
    ok = ok && move_into_place(names, request, packing->arena, err);
    Error ignored; /* the cause above is what matters */
    if (!ok)
        (void) !file_remove_tree(names->fresh, &ignored);
    return ok;
}

bool pack_driver(const PackRequest *request, const Driver *driver, Arena *arena, const char **ret_path,
                 Manifest *ret_manifest, Error *err)
{
    Packing packing = { .feed = { feed_get, feed_read }, .request = request, .driver = driver, .arena = arena };
    Names names = make_names(request, driver->manifest.name, arena);
    FsLock *lock;
    if (!fs_make_folders(request->folder, FS_SHARED, err) || !lock_folder(request, arena, &lock, err))
        return false;
    bool ok = make_package(&packing, &names, err);
    fs_unlock(lock);
    if (ok) {
        *ret_path = names.final;
        *ret_manifest = packing.manifest;
    }
    return ok;
}
