/* SPDX-License-Identifier: MIT */
/* The session: a simulated host in a state file (or in memory), shared with whoever else has it open.
 *
 * Each verb locks "FILE.lock" (the file itself is replaced as a whole, so a lock on it would be lost), reads the
 * file again if it is another one than last time, lets the host answer, and writes the file if something changed.
 * What cannot be written has not happened: the host in memory is dropped, and read again by the next verb. */
#include "cim/sim/sim_session.h"

#include "base/alloc.h"
#include "base/check.h"
#include "base/limits.h"
#include "cim/schema.h"
#include "platform/fs.h"
#include "sim/host.h"

#include <stdlib.h>
#include <string.h>

/* After that many changes the host in memory is made anew from its text, which gives back what was replaced. */
enum { CHANGES_UNTIL_COMPACTION = 4000 };

typedef struct SimSession {
    CimSession base;
    char *file;    /* "": in memory */
    char *lock_file;
    char *variant;
    char *label;
    SimHost *host; /* NULL: to be read */
    FsStamp stamp; /* of the file that the host is the content of */
    FsLock *lock;
    uint64_t saved_changes; /* of the host, as the file has them */
} SimSession;

static const CimSessionOps sim_ops;

static SimSession *sim_from(CimSession *session)
{
    CHECK(session->ops == &sim_ops);
    return (SimSession *) session;
}

static bool is_in_memory(const SimSession *sim)
{
    return *sim->file == '\0';
}

static void drop_host(SimSession *sim)
{
    sim_host_destroy(sim->host);
    sim->host = NULL;
    sim->stamp = (FsStamp){ 0 };
}

static void keep_host(SimSession *sim, SimHost *host)
{
    sim_host_destroy(sim->host);
    sim->host = host;
    sim->saved_changes = sim_host_changes(host);
}

/* ---- the file ---- */

/* The stamp of the file that has just been written; none if somebody who edits without the lock was quicker. */
static FsStamp stamp_of_written(const SimSession *sim, const char *text, size_t size, Arena *scratch)
{
    FsStamp stamp = fs_stamp(sim->file);
    Error err;
    char *found;
    size_t found_size;
    bool is_ours = fs_read_file(sim->file, size, scratch, &found, &found_size, &err) && found_size == size &&
                   memcmp(found, text, size) == 0;
    return is_ours ? stamp : (FsStamp){ 0 };
}

static bool save(SimSession *sim, Error *err)
{
    Arena scratch = ARENA_INIT;
    const char *text;
    size_t size;
    bool ok = sim_host_write(sim->host, &scratch, &text, &size, err) &&
              fs_replace_file(sim->file, text, size, FS_SHARED, err);
    if (ok) {
        sim->stamp = stamp_of_written(sim, text, size, &scratch);
        sim->saved_changes = sim_host_changes(sim->host);
    }
    arena_release(&scratch);
    return ok;
}

static bool create_file(SimSession *sim, Error *err)
{
    SimHost *host;
    if (!sim_host_create_sample(sim->variant, sim->base.clock->now_ms(sim->base.clock), &host, err))
        return false;
    keep_host(sim, host);
    return is_in_memory(sim) || save(sim, err);
}

static bool load_file(SimSession *sim, FsStamp stamp, Error *err)
{
    Arena scratch = ARENA_INIT;
    char *text;
    size_t size;
    SimHost *host;
    bool ok = fs_read_file(sim->file, LIMIT_STATE_FILE_BYTES, &scratch, &text, &size, err);
    if (ok && !sim_host_read(text, size, &host, err)) {
        ok = error_prefix(err, "'%s' is not the state of a simulated host", sim->file);
        error_hint(err, "name another file to get a new sample host, or correct this one: its format is in "
                        "docs/simulator.md");
    }
    arena_release(&scratch);
    if (!ok)
        return false;
    keep_host(sim, host);
    sim->stamp = stamp;
    return true;
}

/* The host is what the file holds now. */
static bool refresh(SimSession *sim, Error *err)
{
    if (is_in_memory(sim))
        return sim->host != NULL || create_file(sim, err);
    FsStamp stamp = fs_stamp(sim->file);
    if (fs_stamp_equals(&stamp, &(FsStamp){ 0 }) && !fs_exists(sim->file))
        return create_file(sim, err);
    if (sim->host != NULL && fs_stamp_equals(&stamp, &sim->stamp))
        return true;
    return load_file(sim, stamp, err);
}

static void compact(SimSession *sim)
{
    Arena scratch = ARENA_INIT;
    Error err;
    const char *text;
    size_t size;
    SimHost *host;
    CHECK(sim_host_write(sim->host, &scratch, &text, &size, &err));
    CHECK(sim_host_read(text, size, &host, &err)); /* it reads what it wrote */
    arena_release(&scratch);
    keep_host(sim, host);
}

/* ---- verbs ---- */

/* Waits for the others. */
static bool lock(SimSession *sim, Error *err)
{
    return fs_lock_wait(sim->lock_file, FS_SHARED, &sim->base.cancel, &sim->lock, err);
}

static void unlock(SimSession *sim)
{
    fs_unlock(sim->lock);
    sim->lock = NULL;
}

/* A file that cannot be written can be read all the same: it is replaced as a whole, so what is there is whole. */
static bool begin(SimSession *sim, bool reads_only, Error *err)
{
    Error failure;
    if (!is_in_memory(sim) && !lock(sim, &failure) &&
        !(reads_only && failure.code == ERR_DENIED && fs_exists(sim->file))) {
        *err = failure;
        return false;
    }
    if (refresh(sim, err))
        return true;
    drop_host(sim);
    unlock(sim);
    return false;
}

/* The file was not written, but was it replaced? (The flush of its folder may be what failed.) */
static bool was_replaced(const SimSession *sim)
{
    FsStamp stamp = fs_stamp(sim->file);
    return !fs_stamp_equals(&stamp, &sim->stamp);
}

/* Writes what has changed; without the lock, as a reader may be, nothing. ok: the verb itself has succeeded. */
static bool end(SimSession *sim, bool reads_only, bool ok, Error *err)
{
    Error failure = { .code = ERR_DENIED };
    uint64_t changes = sim_host_changes(sim->host);
    if (changes != sim->saved_changes && !is_in_memory(sim) && (sim->lock == NULL || !save(sim, &failure))) {
        if (!reads_only && was_replaced(sim))
            failure.code = ERR_UNKNOWN_OUTCOME;
        drop_host(sim);
        /* A reader only ends jobs that are due; they end again, in the same way, for the next one. */
        if (ok && !(reads_only && failure.code == ERR_DENIED)) {
            *err = failure;
            ok = false;
        }
    } else if (changes > CHANGES_UNTIL_COMPACTION) {
        compact(sim);
    }
    unlock(sim);
    return ok;
}

static int64_t now_ms(const SimSession *sim)
{
    return sim->base.clock->now_ms(sim->base.clock);
}

static bool sim_query(CimSession *session, const char *ns, const char *wql, Arena *arena, CimInstanceList *list,
                      Error *err)
{
    SimSession *sim = sim_from(session);
    if (!begin(sim, true, err))
        return false;
    bool ok = sim_host_query(sim->host, now_ms(sim), ns, wql, arena, list, err);
    return end(sim, true, ok, err);
}

static bool sim_get(CimSession *session, const char *ns, const char *path, Arena *arena, CimInstance **ret_instance,
                    Error *err)
{
    SimSession *sim = sim_from(session);
    if (!begin(sim, true, err))
        return false;
    CimInstance *instance;
    bool ok = sim_host_get(sim->host, now_ms(sim), ns, path, arena, &instance, err);
    if (!end(sim, true, ok, err))
        return false;
    *ret_instance = instance;
    return true;
}

static bool sim_invoke(CimSession *session, const char *ns, const char *path, const char *method, const CimInstance *in,
                       Arena *arena, CimInstance **ret_out, Error *err)
{
    SimSession *sim = sim_from(session);
    CimInstance *out;
    if (!begin(sim, false, err))
        return false;
    bool ok = sim_host_invoke(sim->host, now_ms(sim), ns, path, method, in, arena, &out, err);
    if (!end(sim, false, ok, err))
        return false;
    *ret_out = out;
    return true;
}

static void sim_close(CimSession *session)
{
    SimSession *sim = sim_from(session);
    sim_host_destroy(sim->host);
    free(sim->file);
    free(sim->lock_file);
    free(sim->variant);
    free(sim->label);
    free(sim);
}

static const CimSessionOps sim_ops = {
    .name = "sim",
    .query = sim_query,
    .get = sim_get,
    .invoke = sim_invoke,
    .close = sim_close,
};

static char *join(const char *a, const char *b)
{
    Arena scratch = ARENA_INIT;
    char *text = alloc_strdup(arena_printf(&scratch, "%s%s", a, b));
    arena_release(&scratch);
    return text;
}

bool sim_session_open(const char *file, const char *variant, Clock *clock, CimSession **ret_session, Error *err)
{
    SimSession *sim = alloc_zeroed(sizeof(*sim));
    sim->file = alloc_strdup(file != NULL ? file : "");
    sim->lock_file = join(sim->file, ".lock");
    sim->variant = alloc_strdup(variant != NULL ? variant : "");
    sim->label = join("sim:", sim->file);
    cim_session_init(&sim->base, &sim_ops, sim->label, clock);
    if (!begin(sim, true, err) || !end(sim, true, true, err)) {
        sim_close(&sim->base);
        return false;
    }
    *ret_session = &sim->base;
    return true;
}

static HostFiles *open_drives(const char *file, const char *drives)
{
    Arena scratch = ARENA_INIT;
    size_t length = strlen(file);
    while (length > 0 && strchr("/\\", file[length - 1]) == NULL)
        length--;
    const char *folder = length > 0 ? arena_strndup(&scratch, file, length) : ".";
    bool is_relative = *drives != '/' && strchr(drives, ':') == NULL;
    const char *path = is_relative ? fs_join(&scratch, folder, drives) : drives;
    HostFiles *files = host_files_open_local(arena_printf(&scratch, "%s/", path), "");
    arena_release(&scratch);
    return files;
}

bool sim_files_open(const char *file, HostFiles **ret_files, Error *err)
{
    SimSession sim = { .file = alloc_strdup(file) };
    bool ok = is_in_memory(&sim) || !fs_exists(file) || load_file(&sim, (FsStamp){ 0 }, err);
    const char *drives = sim.host != NULL ? sim_host_drives(sim.host) : NULL;
    if (ok)
        *ret_files = drives != NULL ? open_drives(file, drives) : sim_sample_files();
    sim_host_destroy(sim.host);
    free(sim.file);
    return ok;
}
