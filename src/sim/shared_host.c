/* SPDX-License-Identifier: MIT */
#include "sim/shared_host.h"

#include "base/alloc.h"
#include "base/check.h"
#include "base/limits.h"
#include "platform/fs.h"
#include "platform/thread.h"
#include "sim/host.h"
#include "sim/store/captured_files.h"

#include <stdlib.h>
#include <string.h>

/* After that many changes the host in memory is made anew from its text, which gives back what was replaced. */
enum { CHANGES_UNTIL_COMPACTION = 4000 };

struct SharedHost {
    char *file; /* "": in memory */
    char *lock_file;
    char *variant;
    char *identity;
    Monitor *monitor; /* of what follows */
    size_t users;
    SimHost *host;          /* NULL: to be read */
    FsStamp stamp;          /* of the file that the host is the content of */
    uint64_t saved_changes; /* of the host, as the file has them */
    FsLock *lock;           /* of the one who is inside; NULL: a reader without it */
    SharedHostUse use;
};

static bool is_in_memory(const SharedHost *shared)
{
    return *shared->file == '\0';
}

static void drop_host(SharedHost *shared)
{
    sim_host_destroy(shared->host);
    shared->host = NULL;
    shared->stamp = (FsStamp){ 0 };
}

static void keep_host(SharedHost *shared, SimHost *host)
{
    sim_host_destroy(shared->host);
    shared->host = host;
    sim_host_set_file(host, shared->file);
    shared->saved_changes = sim_host_changes(host);
}

/* ---- the file ---- */

/* The stamp of the file that has just been written; none if somebody who edits without the lock was quicker. */
static FsStamp stamp_of_written(const SharedHost *shared, const char *text, size_t size, Arena *scratch)
{
    FsStamp stamp = fs_stamp(shared->file);
    Error err;
    char *found;
    size_t found_size;
    bool is_ours = fs_read_file(shared->file, size, scratch, &found, &found_size, &err) && found_size == size &&
                   memcmp(found, text, size) == 0;
    return is_ours ? stamp : (FsStamp){ 0 };
}

static bool save(SharedHost *shared, Error *err)
{
    Arena scratch = ARENA_INIT;
    const char *text;
    size_t size;
    bool ok = sim_host_write(shared->host, &scratch, &text, &size, err) &&
              fs_replace_file(shared->file, text, size, FS_SHARED, err);
    if (ok) {
        shared->stamp = stamp_of_written(shared, text, size, &scratch);
        shared->saved_changes = sim_host_changes(shared->host);
    }
    arena_release(&scratch);
    return ok;
}

static bool create_file(SharedHost *shared, int64_t now_ms, Error *err)
{
    SimHost *host;
    if (!sim_host_create_sample(shared->variant, now_ms, &host, err))
        return false;
    keep_host(shared, host);
    return is_in_memory(shared) || save(shared, err);
}

static bool read_file(const char *file, SimHost **ret_host, Error *err)
{
    Arena scratch = ARENA_INIT;
    char *text;
    size_t size;
    bool ok = fs_read_file(file, LIMIT_STATE_FILE_BYTES, &scratch, &text, &size, err);
    if (ok && !sim_host_read(text, size, ret_host, err)) {
        ok = error_prefix(err, "'%s' is not the state of a simulated host", file);
        error_hint(err, "name another file to get a new sample host, or correct this one: its format is in "
                        "docs/simulator.md");
    }
    arena_release(&scratch);
    return ok;
}

static bool load_file(SharedHost *shared, FsStamp stamp, Error *err)
{
    SimHost *host;
    if (!read_file(shared->file, &host, err))
        return false;
    keep_host(shared, host);
    shared->stamp = stamp;
    return true;
}

/* The host is what the file holds now. */
static bool refresh(SharedHost *shared, int64_t now_ms, Error *err)
{
    if (is_in_memory(shared))
        return shared->host != NULL || create_file(shared, now_ms, err);
    FsStamp stamp = fs_stamp(shared->file);
    if (fs_stamp_equals(&stamp, &(FsStamp){ 0 }) && !fs_exists(shared->file))
        return create_file(shared, now_ms, err);
    if (shared->host != NULL && fs_stamp_equals(&stamp, &shared->stamp))
        return true;
    return load_file(shared, stamp, err);
}

static void compact(SharedHost *shared)
{
    Arena scratch = ARENA_INIT;
    Error err;
    const char *text;
    size_t size;
    SimHost *host;
    CHECK(sim_host_write(shared->host, &scratch, &text, &size, &err));
    CHECK(sim_host_read(text, size, &host, &err)); /* it reads what it wrote */
    arena_release(&scratch);
    keep_host(shared, host);
}

/* ---- one after the other ---- */

static void let_out(SharedHost *shared)
{
    fs_unlock(shared->lock);
    shared->lock = NULL;
    monitor_leave(shared->monitor);
}

/* The threads of this process come one after the other, so that one of them alone asks for the lock of the file; who is
 * interrupted while it does lets the next one ask. A file that cannot be written can be read all the same: it is
 * replaced as a whole, so what is there is whole. */
bool shared_host_enter(SharedHost *shared, SharedHostUse use, int64_t now_ms, const Cancel *cancel, SimHost **ret_host,
                       Error *err)
{
    Error failure;
    FsLock *lock = NULL;
    monitor_enter(shared->monitor);
    if (!is_in_memory(shared) && !fs_lock_wait(shared->lock_file, FS_SHARED, cancel, &lock, &failure) &&
        !(use == SHARED_HOST_READ && failure.code == ERR_DENIED && fs_exists(shared->file))) {
        monitor_leave(shared->monitor);
        *err = failure;
        return false;
    }
    shared->lock = lock;
    shared->use = use;
    if (refresh(shared, now_ms, err)) {
        *ret_host = shared->host;
        return true;
    }
    drop_host(shared);
    let_out(shared);
    return false;
}

/* The file was not written, but was it replaced? (The flush of its folder may be what failed.) */
static bool was_replaced(const SharedHost *shared)
{
    FsStamp stamp = fs_stamp(shared->file);
    return !fs_stamp_equals(&stamp, &shared->stamp);
}

bool shared_host_leave(SharedHost *shared, bool ok, Error *err)
{
    bool reads_only = shared->use == SHARED_HOST_READ;
    Error failure = { .code = ERR_DENIED };
    uint64_t changes = sim_host_changes(shared->host);
    if (changes != shared->saved_changes && !is_in_memory(shared) &&
        (shared->lock == NULL || !save(shared, &failure))) {
        if (!reads_only && was_replaced(shared))
            failure.code = ERR_UNKNOWN_OUTCOME;
        drop_host(shared);
        /* A reader only ends jobs that are due; they end again, in the same way, for the next one. */
        if (ok && !(reads_only && failure.code == ERR_DENIED)) {
            *err = failure;
            ok = false;
        }
    } else if (changes > CHANGES_UNTIL_COMPACTION) {
        compact(shared);
    }
    let_out(shared);
    return ok;
}

/* ---- its life ---- */

static void destroy(SharedHost *shared)
{
    sim_host_destroy(shared->host);
    monitor_destroy(shared->monitor);
    free(shared->file);
    free(shared->lock_file);
    free(shared->variant);
    free(shared->identity);
    free(shared);
}

/* The path of another file whose lock file is this one's, as it stands in there; NULL: there is none. */
static const char *find_first_path(const SharedHost *shared, Arena *scratch)
{
    Error none;
    char *path;
    size_t size;
    if (!fs_read_file(shared->lock_file, LIMIT_FILE_PATH_BYTES, scratch, &path, &size, &none) || size == 0 ||
        strlen(path) != size)
        return NULL;
    FsStamp own = fs_stamp(shared->lock_file), other = fs_stamp(arena_printf(scratch, "%s.lock", path));
    return fs_stamp_equals(&own, &other) ? path : NULL;
}

/* Inside. A lock file that cannot be written tells nothing: then the host is called by the path it was given. */
static void identify(SharedHost *shared)
{
    Arena scratch = ARENA_INIT;
    Error unwritten;
    const char *first = is_in_memory(shared) ? NULL : find_first_path(shared, &scratch);
    if (first == NULL && shared->lock != NULL)
        (void) !fs_lock_write(shared->lock, shared->file, &unwritten);
    shared->identity = alloc_strdup(first != NULL ? first : shared->file);
    arena_release(&scratch);
}

bool shared_host_open(const char *file, const char *variant, int64_t now_ms, const Cancel *cancel,
                      SharedHost **ret_shared, Error *err)
{
    if (!sim_host_check_variant(variant, err)) /* before there is a lock file */
        return false;
    Arena scratch = ARENA_INIT;
    SharedHost *shared = alloc_zeroed(sizeof(*shared));
    SimHost *host;
    shared->file = alloc_strdup(file != NULL ? file : "");
    shared->lock_file = alloc_strdup(arena_printf(&scratch, "%s.lock", shared->file));
    shared->variant = alloc_strdup(variant != NULL ? variant : "");
    shared->monitor = monitor_create();
    shared->users = 1;
    arena_release(&scratch);
    bool entered = shared_host_enter(shared, SHARED_HOST_READ, now_ms, cancel, &host, err);
    if (entered)
        identify(shared);
    if (!entered || !shared_host_leave(shared, true, err)) {
        destroy(shared);
        return false;
    }
    *ret_shared = shared;
    return true;
}

SharedHost *shared_host_keep(SharedHost *shared)
{
    monitor_enter(shared->monitor);
    shared->users++;
    monitor_leave(shared->monitor);
    return shared;
}

void shared_host_release(SharedHost *shared)
{
    if (shared == NULL)
        return;
    monitor_enter(shared->monitor);
    bool is_last = --shared->users == 0;
    monitor_leave(shared->monitor);
    if (is_last)
        destroy(shared);
}

const char *shared_host_identity(const SharedHost *shared)
{
    return shared->identity;
}

const char *shared_host_file(const SharedHost *shared)
{
    return shared->file;
}

/* ---- its files ---- */

bool shared_host_open_files(const char *file, HostFiles **ret_files, Error *err)
{
    SimHost *host = NULL;
    if (*file != '\0' && fs_exists(file) && !read_file(file, &host, err))
        return false;
    Arena scratch = ARENA_INIT;
    if (host != NULL)
        sim_host_set_file(host, file);
    const char *drives = host != NULL ? sim_host_drives(host, &scratch) : NULL;
    if (drives != NULL)
        *ret_files = host_files_open_local(arena_printf(&scratch, "%s/", drives), "");
    else
        *ret_files = host != NULL && sim_host_is_captured(host) ? captured_files_open(host) : sim_sample_files();
    sim_host_destroy(host);
    arena_release(&scratch);
    return true;
}
