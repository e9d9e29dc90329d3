/* SPDX-License-Identifier: MIT */
#include "drivers/install.h"

#include "base/ascii.h"
#include "platform/process.h"
#include "platform/text.h"

#include <inttypes.h>
#include <string.h>

/* What is left free on the disk for records and folders. */
enum { SPACE_RESERVE = 32 * 1024 * 1024 };

/* ---- who else is at it ---- */

static bool lock_root(const InstallJob *job, InstallTarget *target, FsLock **ret_lock, Error *err)
{
    char hash[HASH_TEXT_LENGTH + 1];
    hash_of(target_root(target), strlen(target_root(target)), hash);
    const char *folder = fs_join(job->arena, job->state_folder, "locks");
    const char *file = fs_join(job->arena, folder, arena_printf(job->arena, "install@%.16s.lock", hash));
    if (!fs_make_folders(folder, FS_PRIVATE, err))
        return false;
    if (fs_lock(file, FS_PRIVATE, FS_LOCK_TRY, ret_lock, err))
        return true;
    return err->code != ERR_BUSY
               ? false
               : error_set(err, ERR_BUSY, "another installdrivers is at work in '%s'", target_root(target));
}

/* Files that will be replaced or removed, and are in use. */
static bool check_holders(const InstallJob *job, InstallResult *result, Error *err)
{
    StringList paths = { 0 };
    const InstallPlan *plan = &result->plan;
    for (size_t i = 0; i < plan->files.count; i++) {
        const PlannedFile *file = &plan->files.items[i];
        if (file->action == PLANNED_WRITE && file->target.status.kind == FILE_PLAIN)
            ARRAY_PUSH(job->arena, &paths, file->target.full);
    }
    for (size_t i = 0; i < plan->removals.count; i++) {
        if (plan->removals.items[i].target.status.kind == FILE_PLAIN)
            ARRAY_PUSH(job->arena, &paths, plan->removals.items[i].target.full);
    }
    if (!holders_find(&paths, job->arena, &result->holders, err))
        return false;
    if (result->holders.count == 0 || job->force || job->what_if)
        return true;
    const Holder *first = &result->holders.items[0];
    (void) error_set(err, ERR_BUSY, "'%s' is in use by %s (process %" PRIu64 ")", first->path, first->program,
                     first->process);
    return error_hint(err, "end what uses the files, or repeat with -FORCE; nothing was changed");
}

static bool check_space(const InstallTarget *target, const InstallPlan *plan, Error *err)
{
    uint64_t space, needed = plan->bytes_to_write + SPACE_RESERVE;
    if (plan->files_to_write == 0)
        return true;
    if (!file_free_space(target_root(target), &space, err))
        return false;
    if (space >= needed)
        return true;
    return error_set(err, ERR_NO_SPACE,
                     "the disk of '%s' has %" PRIu64 " MB free, and %" PRIu64
                     " MB are needed, since the old files stay "
                     "until the new ones are complete",
                     target_root(target), space >> 20, (needed >> 20) + 1);
}

/* ---- making the new files ---- */

typedef struct Writing {
    FileStream *stream;
    Hash *hash;
} Writing;

static bool take_piece(void *context, const void *data, size_t size, Error *err)
{
    Writing *writing = context;
    hash_add(writing->hash, data, size);
    return file_write(writing->stream, data, size, err);
}

static const char *fresh_name(Arena *arena, const char *folder, size_t index)
{
    return arena_printf(arena, "%s/%zu", folder, index);
}

static bool write_fresh(InstallWorker *worker, PlannedFile *file, const char *path, Error *err)
{
    Writing writing = { .hash = worker->hash };
    char found[HASH_TEXT_LENGTH + 1];
    if (!file_create(path, &writing.stream, err))
        return false;
    bool ok = package_read(worker->reader, file->entry, take_piece, &writing, err);
    hash_finish(worker->hash, found);
    if (ok && file->expected != NULL && strcmp(found, file->expected->sha256) != 0) {
        (void) error_set(err, ERR_INVALID, "'%s' in the package is not what its manifest says", file->entry->path);
        ok = error_hint(err, "the package was altered; gather or copy it again");
    }
    if (!ok) {
        file_close(writing.stream);
        return false;
    }
    memcpy(file->sha256, found, sizeof(found));
    return file_finish(writing.stream, file->expected != NULL ? file->expected->modified_s : file->entry->modified_s,
                       err);
}

static bool stage_file(InstallWorker *worker, PlannedFile *file, size_t index, Error *err)
{
    Arena arena = ARENA_INIT;
    bool ok = file->action != PLANNED_WRITE ||
              write_fresh(worker, file, fresh_name(&arena, worker->fresh_folder, index), err);
    arena_release(&arena);
    return ok;
}

/* ---- the record and the journal ---- */

typedef struct Builder {
    const InstallJob *job;
    InstallTarget *target;
    const InstallPlan *plan;
    const char *own, *work; /* on the disk, relative to the root */
    InstallJournal journal;
    InstalledPackage record;
} Builder;

static void add_step(Builder *b, const char *path, const char *fresh, const char *old)
{
    InstallStep step = { .path = path, .fresh = fresh, .old = old };
    ARRAY_PUSH(b->job->arena, &b->journal.steps, step);
}

/* A place for a file that goes and is not wanted back. */
static const char *old_place(const Builder *b)
{
    return arena_printf(b->job->arena, "%s/old/%zu", b->work, b->journal.steps.count);
}

static bool find_original(Builder *b, const char *path, TargetFile *ret_original, Error *err)
{
    return target_find(b->target, arena_printf(b->job->arena, "%s/originals/%s", b->own, path), ret_original, err);
}

static bool step_for_file(Builder *b, const PlannedFile *file, const char *fresh, InstalledBefore *before, Error *err)
{
    const char *old = NULL;
    TargetFile original;
    if (file->target.status.kind == FILE_PLAIN) {
        old = old_place(b);
        if (file->ours == NULL && file->entry->place == LAYOUT_IN_SYSTEM) {
            if (!find_original(b, file->target.path, &original, err))
                return false;
            *before = BEFORE_ORIGINAL;
            if (original.status.kind == FILE_NONE) /* the first one is the original */
                old = original.path;
        }
    }
    add_step(b, file->target.path, fresh, old);
    return true;
}

static bool add_file(Builder *b, const PlannedFile *file, size_t index, Error *err)
{
    Arena *arena = b->job->arena;
    bool is_same = file->action == PLANNED_SAME;
    InstalledBefore before = file->ours != NULL ? file->ours->before : is_same ? BEFORE_SAME : BEFORE_NOTHING;
    if (file->action == PLANNED_WRITE &&
        !step_for_file(b, file, fresh_name(arena, arena_printf(arena, "%s/new", b->work), index), &before, err))
        return false;
    if (file->action != PLANNED_WRITE && !is_same && file->ours == NULL)
        return true; /* the guest's own stays, and stays its own */
    InstalledFile installed = { .path = file->target.path, .size = file->entry->size, .before = before };
    memcpy(installed.sha256, file->sha256, sizeof(installed.sha256));
    if (file->action == PLANNED_NEWER || file->action == PLANNED_SYSTEM)
        installed = *file->ours;
    ARRAY_PUSH(arena, &b->record.files, installed);
    return true;
}

static bool is_in_store(const char *path)
{
    return ascii_starts_with(path, LAYOUT_STORE "/");
}

/* Somebody (Windows Update, a setup program) has put another file in the place of one that others use, too. */
static bool is_altered(const PlannedRemoval *removal, bool *ret_altered, Error *err)
{
    char found[HASH_TEXT_LENGTH + 1];
    *ret_altered = false;
    if (removal->target.status.kind != FILE_PLAIN || is_in_store(removal->target.path))
        return true;
    Hash *hash = hash_create();
    bool ok = install_hash_file(hash, removal->target.full, found, err);
    hash_destroy(hash);
    *ret_altered = ok && strcmp(found, removal->ours->sha256) != 0;
    return ok;
}

static bool add_removal(Builder *b, const PlannedRemoval *removal, Error *err)
{
    bool is_there = removal->target.status.kind == FILE_PLAIN, altered;
    if (!is_altered(removal, &altered, err))
        return false;
    if (altered) {
        Report *report = b->job->report;
        report->warning(
            report, arena_printf(b->job->arena, "'%s' is not the package's any more, and stays", removal->target.full));
        return true;
    }
    TargetFile original = { .status = { .kind = FILE_NONE } };
    if (removal->ours->before == BEFORE_ORIGINAL && !find_original(b, removal->target.path, &original, err))
        return false;
    const char *fresh = original.status.kind == FILE_PLAIN ? original.path : NULL;
    if (is_there || fresh != NULL)
        add_step(b, removal->target.path, fresh, is_there ? old_place(b) : NULL);
    return true;
}

static bool record_file(Builder *b, const char *name, TargetFile *ret_file, Error *err)
{
    return target_find(b->target, arena_printf(b->job->arena, "%s/%s.installed.json", b->own, name), ret_file, err);
}

/* The record waits among the new files. */
static bool add_record(Builder *b, const InstalledPackage *record, Error *err)
{
    Arena *arena = b->job->arena;
    TargetFile file;
    const char *fresh = arena_printf(arena, "%s/new/record-%zu", b->work, b->journal.steps.count);
    const char *text = installed_format(record, arena);
    if (!record_file(b, record->name, &file, err) ||
        !fs_replace_file(target_full(b->target, fresh, arena), text, strlen(text), FS_SHARED, err))
        return false;
    add_step(b, file.path, fresh, file.status.kind == FILE_PLAIN ? old_place(b) : NULL);
    return true;
}

static bool add_own_record(Builder *b, Error *err)
{
    Arena *arena = b->job->arena;
    const Manifest *manifest = b->plan->has_manifest ? &b->plan->manifest : NULL;
    InstalledPackage *record = &b->record;
    record->name = b->plan->source->name;
    record->provider = manifest != NULL ? manifest->provider : "";
    record->driver_version = manifest != NULL ? manifest->driver_version : "";
    record->installed = clock_format_utc(arena, b->job->clock->now_ms(b->job->clock));
    for (size_t i = 0; manifest != NULL && i < manifest->gpus.count; i++)
        ARRAY_PUSH(arena, &record->device_ids, manifest->gpus.items[i].device_id);
    return add_record(b, record, err);
}

/* A file that this package replaced is another one from now on for the other packages that have it. */
static bool take_over(const InstalledPackage *from, InstalledPackage *to)
{
    bool changed = false;
    for (size_t i = 0; i < to->files.count; i++) {
        InstalledFile *file = &to->files.items[i];
        for (size_t j = 0; !is_in_store(file->path) && j < from->files.count; j++) {
            const InstalledFile *other = &from->files.items[j];
            if (is_in_store(other->path) || !text_equals(other->path, file->path) ||
                strcmp(other->sha256, file->sha256) == 0)
                continue;
            file->size = other->size;
            memcpy(file->sha256, other->sha256, sizeof(file->sha256));
            changed = true;
        }
    }
    return changed;
}

/* Installed, and about to go or to be installed anew. */
static bool is_replaced(const InstallPlan *plan, const char *name)
{
    for (size_t i = 0; i < plan->replaced.count; i++) {
        if (text_equals(plan->replaced.items[i], name))
            return true;
    }
    return false;
}

static bool add_records(Builder *b, Error *err)
{
    if (!add_own_record(b, err))
        return false;
    for (size_t i = 0; i < b->plan->installed.count; i++) {
        InstalledPackage *other = &b->plan->installed.items[i];
        if (!is_replaced(b->plan, other->name) && take_over(&b->record, other) && !add_record(b, other, err))
            return false;
    }
    return true;
}

static bool remove_records(Builder *b, Error *err)
{
    for (size_t i = 0; i < b->plan->replaced.count; i++) {
        const char *name = b->plan->replaced.items[i];
        TargetFile file;
        if (b->plan->source != NULL && text_equals(name, b->plan->source->name))
            continue; /* replaced by add_own_record() */
        if (!record_file(b, name, &file, err))
            return false;
        add_step(b, file.path, NULL, old_place(b));
    }
    return true;
}

static bool add_missing_folders(Builder *b, Error *err)
{
    const StringList *missing = target_missing_folders(b->target);
    for (size_t i = 0; i < missing->count; i++) {
        FileStatus status;
        if (!file_status(target_full(b->target, missing->items[i], b->job->arena), &status, err))
            return false;
        if (status.kind == FILE_NONE)
            ARRAY_PUSH(b->job->arena, &b->journal.folders, missing->items[i]);
    }
    return true;
}

static bool build(Builder *b, Error *err)
{
    for (size_t i = 0; i < b->plan->files.count; i++) {
        if (!add_file(b, &b->plan->files.items[i], i, err))
            return false;
    }
    for (size_t i = 0; i < b->plan->removals.count; i++) {
        if (!add_removal(b, &b->plan->removals.items[i], err))
            return false;
    }
    return (b->plan->source == NULL || add_records(b, err)) && remove_records(b, err) && add_missing_folders(b, err);
}

/* ---- doing it ---- */

static bool check_same(const TargetFile *file, Error *err)
{
    FileStatus now;
    if (!file_status(file->full, &now, err))
        return false;
    if (now.kind == file->status.kind && fs_stamp_equals(&now.stamp, &file->status.stamp))
        return true;
    return error_set(err, ERR_STATE, "'%s' was changed by somebody else meanwhile", file->full);
}

static bool check_unchanged(const InstallPlan *plan, Error *err)
{
    for (size_t i = 0; i < plan->files.count; i++) {
        if (!check_same(&plan->files.items[i].target, err))
            return false;
    }
    for (size_t i = 0; i < plan->removals.count; i++) {
        if (!check_same(&plan->removals.items[i].target, err))
            return false;
    }
    return true;
}

static bool begin(const InstallJob *job, Builder *b, Error *err)
{
    TargetFile journal;
    if (!target_find(b->target, INSTALL_JOURNAL, &journal, err))
        return false;
    b->work = arena_strndup(job->arena, journal.path, strlen(journal.path) - strlen("/journal.json"));
    b->own = arena_strndup(job->arena, b->work, strlen(b->work) - strlen("/work"));
    const char *work = target_full(b->target, b->work, job->arena);
    return fs_make_folders(fs_join(job->arena, work, "new"), FS_SHARED, err) &&
           fs_make_folders(fs_join(job->arena, work, "old"), FS_SHARED, err);
}

static bool stage(const InstallJob *job, Builder *b, InstallPlan *plan, Error *err)
{
    if (!begin(job, b, err))
        return false;
    const char *fresh_folder = arena_printf(job->arena, "%s/new", target_full(b->target, b->work, job->arena));
    return (plan->source == NULL ||
            install_for_each(plan, fresh_folder, stage_file, "unpacking and checking", job->report, err)) &&
           build(b, err) && check_unchanged(plan, err);
}

static bool apply(const InstallJob *job, InstallTarget *target, const char *what, InstallResult *result, Error *err)
{
    Builder b = { .job = job, .target = target, .plan = &result->plan, .journal = { .what = what } };
    if (!stage(job, &b, &result->plan, err)) {
        Error failure = { .code = ERR_NONE };
        if (!swap_clean(target, job->arena, &failure))
            job->report->warning(job->report,
                                 arena_printf(job->arena, "leftovers remain until the next run: %s", failure.message));
        return false;
    }
    return swap_files(target, &b.journal, job->report, job->arena, &result->state, err);
}

static bool recover_first(const InstallJob *job, InstallTarget *target, Error *err)
{
    const char *what;
    if (!swap_recover(target, job->report, job->arena, &what, err))
        return false;
    if (what != NULL)
        job->report->notice(job->report, arena_printf(job->arena, "the interrupted %s has been undone", what));
    return true;
}

static bool refuse_unfinished(const InstallJob *job, InstallTarget *target, Error *err)
{
    const char *what;
    if (!swap_unfinished(target, job->arena, &what, err))
        return false;
    if (what == NULL)
        return true;
    (void) error_set(err, ERR_STATE, "an interrupted %s has to be undone first", what);
    return error_hint(err, "installdrivers -RECOVER does so");
}

/* The guest's folder, nothing half done in it, nobody else at it. *ret_lock NULL with what_if. */
static bool enter(const InstallJob *job, InstallTarget **ret_target, FsLock **ret_lock, Error *err)
{
    *ret_lock = NULL;
    if (!target_open(job->root, job->arena, ret_target, err))
        return false;
    if (job->what_if)
        return refuse_unfinished(job, *ret_target, err);
    if (!lock_root(job, *ret_target, ret_lock, err))
        return false;
    /* What recovery changes is not what has been looked at so far. */
    return recover_first(job, *ret_target, err) && target_open(job->root, job->arena, ret_target, err);
}

static bool install(const InstallJob *job, InstallTarget *target, const PackageSource *source, InstallResult *result,
                    Error *err)
{
    InstallPlan *plan = &result->plan;
    if (!install_plan(source, target, job->report, job->arena, plan, err) || !check_space(target, plan, err) ||
        !check_holders(job, result, err))
        return false;
    bool nothing = plan->files_to_write == 0 && plan->removals.count == 0 && is_replaced(plan, source->name);
    if (nothing || job->what_if)
        return true;
    return apply(job, target, arena_printf(job->arena, "installation of '%s'", source->name), result, err);
}

bool install_package(const InstallJob *job, const PackageSource *source, InstallResult *result, Error *err)
{
    InstallTarget *target;
    FsLock *lock;
    *result = (InstallResult){ .state = SWAP_UNTOUCHED };
    bool ok = enter(job, &target, &lock, err) && install(job, target, source, result, err);
    fs_unlock(lock);
    return ok;
}

bool install_uninstall(const InstallJob *job, const char *name, InstallResult *result, Error *err)
{
    InstallTarget *target;
    FsLock *lock;
    *result = (InstallResult){ .state = SWAP_UNTOUCHED };
    const char *what = arena_printf(job->arena, "removal of '%s'", name);
    bool ok = enter(job, &target, &lock, err) && install_plan_removal(name, target, job->arena, &result->plan, err) &&
              check_holders(job, result, err) && (job->what_if || apply(job, target, what, result, err));
    fs_unlock(lock);
    return ok;
}

bool install_recover(const InstallJob *job, const char **ret_what, Error *err)
{
    InstallTarget *target;
    FsLock *lock = NULL;
    bool ok = target_open(job->root, job->arena, &target, err);
    if (ok && job->what_if)
        ok = swap_unfinished(target, job->arena, ret_what, err);
    else if (ok)
        ok = lock_root(job, target, &lock, err) && swap_recover(target, job->report, job->arena, ret_what, err);
    fs_unlock(lock);
    return ok;
}

/* ---- looking ---- */

/* Of a file that several packages have, one package's is there. */
static bool is_of_another(const InstalledPackages *packages, const char *path, const char *sha256)
{
    for (size_t i = 0; i < packages->count; i++) {
        const InstalledPackage *package = &packages->items[i];
        for (size_t j = 0; j < package->files.count; j++) {
            if (text_equals(package->files.items[j].path, path) && strcmp(package->files.items[j].sha256, sha256) == 0)
                return true;
        }
    }
    return false;
}

/* What is wrong with the file, or NULL. */
static bool verify_file(InstallTarget *target, const InstalledPackages *all, const InstalledFile *file, Hash *hash,
                        const char **ret_problem, Error *err)
{
    char found[HASH_TEXT_LENGTH + 1];
    TargetFile there;
    *ret_problem = NULL;
    if (!target_find(target, file->path, &there, err))
        return false;
    if (there.status.kind == FILE_NONE) {
        *ret_problem = "is missing";
        return true;
    }
    if (!install_hash_file(hash, there.full, found, err))
        return false;
    if (strcmp(found, file->sha256) != 0 && !is_of_another(all, file->path, found))
        *ret_problem = "was changed";
    return true;
}

static bool verify_package(const InstallJob *job, InstallTarget *target, const InstalledPackages *all,
                           const InstalledPackage *package, InstallProblems *problems, Error *err)
{
    Hash *hash = hash_create();
    bool ok = true;
    for (size_t i = 0; ok && i < package->files.count; i++) {
        InstallProblem problem = { .package = package->name, .path = package->files.items[i].path };
        job->report->progress(job->report, "verifying", (int) (i * 100 / package->files.count));
        ok = verify_file(target, all, &package->files.items[i], hash, &problem.problem, err);
        if (ok && problem.problem != NULL)
            ARRAY_PUSH(job->arena, problems, problem);
    }
    job->report->progress(job->report, NULL, -1);
    hash_destroy(hash);
    return ok;
}

bool install_verify(const InstallJob *job, const char *name, InstalledPackages *ret_packages,
                    InstallProblems *ret_problems, Error *err)
{
    InstallTarget *target;
    InstalledPackages all, chosen = { 0 };
    InstallProblems problems = { 0 };
    if (!target_open(job->root, job->arena, &target, err) || !refuse_unfinished(job, target, err) ||
        !install_read_packages(target, job->arena, &all, err))
        return false;
    for (size_t i = 0; i < all.count; i++) {
        if (name != NULL && !text_equals(name, all.items[i].name))
            continue;
        ARRAY_PUSH(job->arena, &chosen, all.items[i]);
        if (!verify_package(job, target, &all, &all.items[i], &problems, err))
            return false;
    }
    if (chosen.count == 0 && name != NULL)
        return error_set(err, ERR_NOT_FOUND, "no package '%s' is installed in '%s'", name, target_root(target));
    if (chosen.count == 0)
        return error_set(err, ERR_NOT_FOUND, "no package is installed in '%s'", target_root(target));
    *ret_packages = chosen;
    *ret_problems = problems;
    return true;
}
