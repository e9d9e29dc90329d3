/* SPDX-License-Identifier: MIT */
#include "drivers/gather/pack_work.h"

#include "base/alloc.h"
#include "base/check.h"
#include "platform/files.h"
#include "platform/process.h"
#include "platform/thread.h"

#include <stdlib.h>
#include <string.h>

/* WINDOW: bytes of files that are begun and not yet taken. Twice that, and the KEPT buffers of the threads, is what
 * packing needs of memory at most. PIECE: fits into a core's cache, so that what was read is hashed and written from
 * there. */
enum { WINDOW = 128 * 1024 * 1024, THREADS_MAX = 16, KEPT = 8 * 1024 * 1024, PIECE = 256 * 1024 };

typedef struct Slot {
    bool is_done;
    ZipPiece piece;
    char sha256[HASH_TEXT_LENGTH + 1];
} Slot;

typedef struct Stream {
    HostFile *file; /* NULL: none is open */
    Hash *hash;
    uint64_t size;
} Stream;

struct PackWork {
    HostFiles *files;
    const Cancel *cancel;
    const Driver *driver;
    const char *folder;
    Slot *slots;
    Stream stream;
    Thread *threads[THREADS_MAX];
    size_t thread_count;
    Monitor *monitor; /* holds all that follows, and the slots */
    size_t next;
    uint64_t in_flight;
    bool is_over;
    Error failure; /* of the first thread that failed */
};

/* What one thread has for itself. */
typedef struct Worker {
    PackWork *work;
    Hash *hash;
    ZipDeflater *deflater;
    char *buffer;
    size_t capacity;
} Worker;

static bool is_streamed(const PackWork *work, size_t index)
{
    return work->folder == NULL && work->driver->files.items[index].size > PACK_WHOLE;
}

/* Nothing of a folder is held until it is taken. */
static uint64_t charge(const PackWork *work, size_t index)
{
    return work->folder == NULL ? work->driver->files.items[index].size : 0;
}

static bool changed(const DriverFile *file, Error *err)
{
    (void) error_set(err, ERR_STATE, "'%s' changed while it was read", file->source);
    return error_hint(err, "a driver update may be going on: try again when it is over");
}

/* ---- the threads ---- */

static void provide(Worker *worker, size_t size)
{
    if (size <= worker->capacity)
        return;
    worker->buffer = alloc_resize(worker->buffer, size);
    worker->capacity = size;
}

static bool deflate_file(Worker *worker, const DriverFile *file, HostFile *open, Slot *slot, Error *err)
{
    /* One byte more shows a file that has grown. */
    size_t size = (size_t) file->size, count;
    provide(worker, size + 1);
    if (!worker->work->files->ops->read(open, worker->buffer, size + 1, &count, err))
        return false;
    if (count != size)
        return changed(file, err);
    hash_add(worker->hash, worker->buffer, size);
    zip_deflate(worker->deflater, worker->buffer, size, &slot->piece);
    return true;
}

static bool copy_data(Worker *worker, const DriverFile *file, HostFile *open, FileStream *target, Error *err)
{
    uint64_t size = 0;
    size_t count;
    do {
        if (!worker->work->files->ops->read(open, worker->buffer, PIECE, &count, err))
            return false;
        hash_add(worker->hash, worker->buffer, count);
        if (count > 0 && !file_write(target, worker->buffer, count, err))
            return false;
        size += count;
    } while (count == PIECE);
    return size == file->size || changed(file, err);
}

static bool copy_file(Worker *worker, const DriverFile *file, HostFile *open, Error *err)
{
    Arena arena = ARENA_INIT;
    FileStream *target;
    provide(worker, PIECE);
    bool ok = file_create(fs_join(&arena, worker->work->folder, file->path), &target, err);
    if (ok) {
        ok = copy_data(worker, file, open, target, err);
        if (ok)
            ok = file_finish_unflushed(target, file->modified_s, err);
        else
            file_close(target);
    }
    arena_release(&arena);
    return ok;
}

static bool do_file(Worker *worker, size_t index, Slot *slot, Error *err)
{
    PackWork *work = worker->work;
    const DriverFile *file = &work->driver->files.items[index];
    HostFile *open;
    if (cancel_is_requested(work->cancel))
        return error_set(err, ERR_CANCELLED, "interrupted");
    if (!work->files->ops->open(work->files, file->source, &open, err))
        return false;
    bool ok = work->folder == NULL ? deflate_file(worker, file, open, slot, err) : copy_file(worker, file, open, err);
    work->files->ops->close_file(open);
    hash_finish(worker->hash, slot->sha256);
    return ok;
}

/* Inside the monitor. False: there is nothing more to do. */
static bool next_file(PackWork *work, size_t *ret_index)
{
    for (;;) {
        while (work->next < work->driver->files.count && is_streamed(work, work->next))
            work->next++;
        if (work->is_over || work->next == work->driver->files.count)
            return false;
        uint64_t size = charge(work, work->next);
        if (work->in_flight == 0 || work->in_flight + size <= WINDOW) {
            *ret_index = work->next++;
            work->in_flight += size;
            return true;
        }
        monitor_wait(work->monitor);
    }
}

/* Inside the monitor. The first failure ends it all. */
static void fail(PackWork *work, const Error *err)
{
    if (!work->is_over)
        work->failure = *err;
    work->is_over = true;
    monitor_wake_all(work->monitor);
}

static void run(void *context)
{
    PackWork *work = context;
    Worker worker = { .work = work };
    Error failure;
    bool can_hash = hash_create(&worker.hash, &failure);
    if (work->folder == NULL)
        worker.deflater = zip_deflater_create();
    size_t index;
    monitor_enter(work->monitor);
    if (!can_hash)
        fail(work, &failure);
    while (next_file(work, &index)) {
        Slot slot = { .is_done = true };
        Error err = { .code = ERR_NONE };
        monitor_leave(work->monitor);
        bool ok = do_file(&worker, index, &slot, &err);
        if (worker.capacity > KEPT) { /* of many threads, that would be a lot */
            free(worker.buffer);
            worker.buffer = NULL;
            worker.capacity = 0;
        }
        monitor_enter(work->monitor);
        work->slots[index] = slot;
        if (!ok)
            fail(work, &err);
        monitor_wake_all(work->monitor);
    }
    monitor_leave(work->monitor);
    hash_destroy(worker.hash);
    zip_deflater_destroy(worker.deflater);
    free(worker.buffer);
}

/* ---- the one who waits for them ---- */

bool pack_work_start(HostFiles *files, const Driver *driver, const char *folder, const Cancel *cancel,
                     PackWork **ret_work, Error *err)
{
    PackWork *work = alloc_zeroed(sizeof(*work));
    *work = (PackWork){
        .files = files, .cancel = cancel, .driver = driver, .folder = folder, .monitor = monitor_create()
    };
    work->slots = alloc_zeroed((driver->files.count + 1) * sizeof(*work->slots));
    size_t count = thread_processor_count();
    for (size_t i = 0; i < count && i < THREADS_MAX; i++) {
        Error failure = { .code = ERR_NONE };
        if (thread_start(run, work, &work->threads[i], &failure)) {
            work->thread_count++;
        } else if (i == 0) {
            *err = failure;
            pack_work_end(work);
            return false;
        } else {
            break; /* fewer will do */
        }
    }
    *ret_work = work;
    return true;
}

bool pack_work_take(PackWork *work, size_t index, ZipPiece *ret_piece, Error *err)
{
    Slot *slot = &work->slots[index];
    monitor_enter(work->monitor);
    while (!slot->is_done && !work->is_over)
        monitor_wait(work->monitor);
    bool ok = !work->is_over;
    if (!ok) {
        *err = work->failure;
    } else {
        work->in_flight -= charge(work, index);
        if (ret_piece != NULL) {
            *ret_piece = slot->piece;
            slot->piece.data = NULL;
        }
        monitor_wake_all(work->monitor);
    }
    monitor_leave(work->monitor);
    return ok;
}

static void close_stream(PackWork *work)
{
    if (work->stream.file != NULL)
        work->files->ops->close_file(work->stream.file);
    hash_destroy(work->stream.hash);
    work->stream = (Stream){ .file = NULL };
}

bool pack_work_stream(PackWork *work, size_t index, void *buffer, size_t size, size_t *ret_count, Error *err)
{
    const DriverFile *file = &work->driver->files.items[index];
    Stream *stream = &work->stream;
    if (cancel_is_requested(work->cancel))
        return error_set(err, ERR_CANCELLED, "interrupted");
    if (work->slots[index].is_done) {
        *ret_count = 0;
        return true;
    }
    if (stream->hash == NULL && !hash_create(&stream->hash, err))
        return false;
    if (stream->file == NULL && !work->files->ops->open(work->files, file->source, &stream->file, err))
        return false;
    if (!work->files->ops->read(stream->file, buffer, size, ret_count, err))
        return false;
    hash_add(stream->hash, buffer, *ret_count);
    stream->size += *ret_count;
    if (*ret_count == size)
        return stream->size <= file->size || changed(file, err);
    if (stream->size != file->size)
        return changed(file, err);
    hash_finish(stream->hash, work->slots[index].sha256);
    work->slots[index].is_done = true;
    close_stream(work);
    return true;
}

const char *pack_work_hash(const PackWork *work, size_t index)
{
    CHECK(work->slots[index].is_done);
    return work->slots[index].sha256;
}

void pack_work_end(PackWork *work)
{
    if (work == NULL)
        return;
    monitor_enter(work->monitor);
    work->is_over = true;
    monitor_wake_all(work->monitor);
    monitor_leave(work->monitor);
    for (size_t i = 0; i < work->thread_count; i++)
        thread_join(work->threads[i]);
    close_stream(work);
    for (size_t i = 0; i < work->driver->files.count; i++)
        free(work->slots[i].piece.data);
    free(work->slots);
    monitor_destroy(work->monitor);
    free(work);
}
