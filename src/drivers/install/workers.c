/* SPDX-License-Identifier: MIT */
#include "drivers/install/workers.h"

#include "base/alloc.h"
#include "platform/thread.h"

#include <stdlib.h>

/* Each has up to PACKAGE_WHOLE bytes of packed and of unpacked data in memory. */
enum { MOST_WORKERS = 4, HASH_PIECE = 256 * 1024 };

typedef struct Pool {
    InstallPlan *plan;
    const char *fresh_folder;
    InstallWork *work;
    const char *what;
    const Cancel *cancel;
    Monitor *monitor; /* of what follows */
    size_t next;
    uint64_t done_bytes;
    bool failed;
    Error error;
} Pool;

static void pool_fail(Pool *pool, const Error *err)
{
    monitor_enter(pool->monitor);
    if (!pool->failed) {
        pool->failed = true;
        pool->error = *err;
    }
    monitor_leave(pool->monitor);
}

/* The next file, or false when there is none or somebody has failed. */
static bool pool_next(Pool *pool, uint64_t done_bytes, size_t *ret_index, uint64_t *ret_total_done)
{
    monitor_enter(pool->monitor);
    pool->done_bytes += done_bytes;
    *ret_total_done = pool->done_bytes;
    bool more = !pool->failed && pool->next < pool->plan->files.count;
    if (more)
        *ret_index = pool->next++;
    monitor_leave(pool->monitor);
    return more;
}

static bool work_on(Pool *pool, InstallWorker *worker, Report *report, Error *err)
{
    uint64_t total = pool->plan->source->total_size, done;
    uint64_t just_done = 0;
    for (size_t i; pool_next(pool, just_done, &i, &done);) {
        if (report != NULL)
            report->progress(report, pool->what, total == 0 ? 100 : (int) (done * 100 / total));
        if (cancel_is_requested(pool->cancel))
            return error_set(err, ERR_CANCELLED, "interrupted");
        PlannedFile *file = &pool->plan->files.items[i];
        if (!pool->work(worker, file, i, err))
            return false;
        just_done = file->entry->size;
    }
    return true;
}

/* "report": of the thread that may use it. */
static void run_worker(Pool *pool, Report *report)
{
    Error err = { .code = ERR_NONE };
    InstallWorker worker = { .plan = pool->plan, .fresh_folder = pool->fresh_folder };
    if (!hash_create(&worker.hash, &err) || !package_reader_open(pool->plan->source, &worker.reader, &err) ||
        !work_on(pool, &worker, report, &err))
        pool_fail(pool, &err);
    package_reader_close(worker.reader);
    hash_destroy(worker.hash);
}

static void run_thread(void *context)
{
    run_worker(context, NULL);
}

bool install_for_each(InstallPlan *plan, const char *fresh_folder, InstallWork *work, const char *what,
                      const Cancel *cancel, Report *report, Error *err)
{
    Pool pool = { .plan = plan, .fresh_folder = fresh_folder, .work = work, .what = what, .cancel = cancel };
    pool.monitor = monitor_create();
    size_t wanted = thread_processor_count();
    wanted = wanted < MOST_WORKERS ? wanted : MOST_WORKERS;
    Thread *threads[MOST_WORKERS] = { NULL };
    for (size_t i = 1; i < wanted; i++) {
        Error failure = { .code = ERR_NONE };
        if (!thread_start(run_thread, &pool, &threads[i], &failure))
            break; /* fewer do as well */
    }
    run_worker(&pool, report);
    for (size_t i = 1; i < wanted; i++)
        thread_join(threads[i]);
    monitor_destroy(pool.monitor);
    report->progress(report, NULL, -1);
    if (pool.failed)
        *err = pool.error;
    return !pool.failed;
}

bool install_hash_file(const Tree *tree, const char *path, Hash *hash, char ret_text[HASH_TEXT_LENGTH + 1], Error *err)
{
    FileStream *file;
    if (!tree_open_file(tree, path, &file, err))
        return false;
    unsigned char *piece = alloc_resize(NULL, HASH_PIECE);
    size_t count = 0;
    bool ok;
    do {
        ok = file_read(file, piece, HASH_PIECE, &count, err);
        if (ok)
            hash_add(hash, piece, count);
    } while (ok && count == HASH_PIECE);
    char text[HASH_TEXT_LENGTH + 1];
    hash_finish(hash, ok ? ret_text : text);
    free(piece);
    file_close(file);
    return ok;
}
