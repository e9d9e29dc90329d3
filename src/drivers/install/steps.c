/* SPDX-License-Identifier: MIT */
#include "drivers/install/steps.h"

#include "base/ascii.h"
#include "drivers/install/installed_index.h"
#include "drivers/install/values.h"
#include "platform/random.h"
#include "platform/text.h"

#include <inttypes.h>
#include <string.h>

typedef struct Builder {
    const InstallJob *job;
    InstallTarget *target;
    const InstallPlan *plan;
    const char *own, *work; /* on the disk, relative to the root */
    const char *run;        /* a name that no run before had: what was in use may still lie where that put it */
    InstallJournal *journal;
    InstalledPackage record;
} Builder;

const char *install_fresh_name(Arena *arena, const char *folder, size_t index)
{
    return arena_printf(arena, "%s/%zu", folder, index);
}

static InstallStep *add_step(Builder *b, const TargetFile *file, const char *fresh, const char *old)
{
    InstallStep step = { .path = file->path, .fresh = fresh, .old = old, .was = file->status };
    InstallSteps *steps = &b->journal->steps;
    ARRAY_PUSH(b->job->arena, steps, step);
    return &steps->items[steps->count - 1];
}

/* A place for a file that goes and is not wanted back. */
static const char *old_place(const Builder *b)
{
    return arena_printf(b->job->arena, "%s/old/%s-%zu", b->work, b->run, b->journal->steps.count);
}

/* The original that the package kept there is not wanted any more. */
static bool drop_original(Builder *b, const InstalledFile *ours, Error *err)
{
    TargetFile original = { .status = { .kind = FILE_NONE } };
    if (ours->original != NULL && !target_find_file(b->target, ours->original, &original, err))
        return false;
    if (original.status.kind != FILE_NONE)
        (void) add_step(b, &original, NULL, old_place(b));
    return true;
}

/* Where a package of ours found nothing, or has left something, there is nothing to keep. */
static bool is_the_guests(const PlannedFile *file)
{
    return file->entry->place == LAYOUT_IN_SYSTEM &&
           (file->ours == NULL || file->ours->before == BEFORE_SAME || file->is_altered);
}

/* The place for a file of the guest's own is a new one each time: what lies at "old" tells that a step was begun. */
static bool step_for_file(Builder *b, const PlannedFile *file, const char *fresh, InstalledFile *installed, Error *err)
{
    const char *old = NULL;
    TargetFile original;
    if (file->target.status.kind != FILE_NONE && is_the_guests(file)) {
        const char *place = arena_printf(b->job->arena, "%s/originals/%s/%s", b->own, b->run, file->target.path);
        if ((file->ours != NULL && !drop_original(b, file->ours, err)) ||
            !target_find_file(b->target, place, &original, err)) /* notes the folders that it needs */
            return false;
        installed->before = BEFORE_ORIGINAL;
        installed->original = old = original.path;
    } else if (file->target.status.kind != FILE_NONE) {
        old = old_place(b);
    }
    add_step(b, &file->target, fresh, old)->file = file;
    return true;
}

static bool add_file(Builder *b, const PlannedFile *file, size_t index, Error *err)
{
    Arena *arena = b->job->arena;
    bool stays = file->action == PLANNED_NEWER || file->action == PLANNED_KEPT;
    const char *fresh = install_fresh_name(arena, arena_printf(arena, "%s/new", b->work), index);
    InstalledFile installed = { .path = file->target.path,
                                .size = file->entry->size,
                                .before = file->action == PLANNED_SAME ? BEFORE_SAME : BEFORE_NOTHING };
    memcpy(installed.sha256, file->sha256, sizeof(installed.sha256));
    if (stays && file->ours == NULL)
        return true; /* the guest's own stays, and stays its own */
    if (install_is_given_up(file) && !drop_original(b, file->ours, err))
        return false;
    if (stays && file->is_altered)
        return true;
    if (stays) {
        installed = *file->ours;
    } else if (file->ours != NULL && !install_is_given_up(file)) {
        installed.before = file->ours->before;
        installed.original = file->ours->original;
    }
    if (file->action == PLANNED_WRITE && !step_for_file(b, file, fresh, &installed, err))
        return false;
    ARRAY_PUSH(arena, &b->record.files, installed);
    return true;
}

static bool add_removal(Builder *b, const PlannedRemoval *removal, Error *err)
{
    bool is_there = removal->target.status.kind != FILE_NONE;
    TargetFile original = { .status = { .kind = FILE_NONE } };
    if (removal->stays)
        return drop_original(b, removal->ours, err);
    if (removal->ours->original != NULL && !target_find_file(b->target, removal->ours->original, &original, err))
        return false;
    const char *fresh = original.status.kind != FILE_NONE ? original.path : NULL;
    if (is_there || fresh != NULL)
        (void) add_step(b, &removal->target, fresh, is_there ? old_place(b) : NULL);
    return true;
}

static bool record_file(Builder *b, const char *name, TargetFile *ret_file, Error *err)
{
    return target_find_file(b->target, arena_printf(b->job->arena, "%s/%s" LAYOUT_RECORD_ENDING, b->own, name),
                            ret_file, err);
}

/* The record waits among the new files. */
static bool add_record(Builder *b, const InstalledPackage *record, Error *err)
{
    Arena *arena = b->job->arena;
    TargetFile file;
    const char *fresh = arena_printf(arena, "%s/new/record-%zu", b->work, b->journal->steps.count);
    if (!record_file(b, record->name, &file, err))
        return false;
    const char *old = file.status.kind != FILE_NONE ? old_place(b) : NULL;
    add_step(b, &file, fresh, old)->text = installed_format(record, arena);
    return true;
}

static bool is_above_a_file(const InstalledPackage *record, const char *folder)
{
    size_t length = strlen(folder);
    for (size_t i = 0; i < record->files.count; i++) {
        const char *path = record->files.items[i].path;
        if (ascii_starts_with(path, folder) && path[length] == '/')
            return true;
    }
    return false;
}

/* HostDriverStore is cleaned in any case. */
static void add_folder(Builder *b, const char *folder)
{
    StringList *folders = &b->record.folders;
    if (!ascii_starts_with(folder, LAYOUT_HOST_STORE) && is_above_a_file(&b->record, folder) &&
        !text_list_has(folders, folder))
        ARRAY_PUSH(b->job->arena, folders, folder);
}

/* Those that are made for this package, or were for another one. */
static void add_folders(Builder *b)
{
    for (size_t i = 0; i < b->plan->installed.count; i++) {
        const StringList *folders = &b->plan->installed.items[i].folders;
        for (size_t j = 0; j < folders->count; j++)
            add_folder(b, folders->items[j]);
    }
    StringList missing = target_missing_folders(b->target);
    for (size_t i = 0; i < missing.count; i++)
        add_folder(b, missing.items[i]);
}

static bool add_own_record(Builder *b, Error *err)
{
    Arena *arena = b->job->arena;
    const Manifest *manifest = b->plan->manifest;
    InstalledPackage *record = &b->record;
    record->name = b->plan->name;
    record->provider = manifest != NULL ? manifest->provider : "";
    record->driver_version = manifest != NULL ? manifest->driver_version : "";
    record->installed = clock_format_utc(arena, b->job->clock->now_ms(b->job->clock));
    record->values = b->plan->own_values;
    add_folders(b);
    for (size_t i = 0; manifest != NULL && i < manifest->gpus.count; i++)
        ARRAY_PUSH(arena, &record->device_ids, manifest->gpus.items[i].device_id);
    return add_record(b, record, err);
}

/* A file that this package replaced is another one from now on for the other packages that have it. */
static bool take_over_files(const InstalledIndex *from, InstalledPackage *to, Arena *arena)
{
    bool changed = false;
    for (size_t i = 0; i < to->files.count; i++) {
        InstalledFile *file = &to->files.items[i];
        const InstalledFile *other = installed_index_find(from, file->path, arena).first;
        if (other == NULL || strcmp(other->sha256, file->sha256) == 0)
            continue;
        *file = *other;
        changed = true;
    }
    return changed;
}

static bool take_over_values(const InstalledPackage *from, InstalledPackage *to)
{
    bool changed = false;
    for (size_t i = 0; i < to->values.count; i++) {
        InstallValue *value = &to->values.items[i];
        const InstallValue *other = install_find_value(&from->values, value->key, value->name);
        if (other == NULL || registry_value_equals(&value->after, &other->after))
            continue;
        *value = *other;
        changed = true;
    }
    return changed;
}

static bool add_records(Builder *b, Error *err)
{
    Arena *arena = b->job->arena;
    if (!add_own_record(b, err))
        return false;
    const InstalledPackages own = { .items = &b->record, .count = 1 };
    InstalledIndex index = installed_index_make(&own, arena);
    for (size_t i = 0; i < b->plan->installed.count; i++) {
        InstalledPackage *other = &b->plan->installed.items[i];
        if (install_is_replaced(b->plan, other->name))
            continue;
        bool changed = take_over_files(&index, other, arena);
        changed |= take_over_values(&b->record, other);
        if (changed && !add_record(b, other, err))
            return false;
    }
    return true;
}

static bool remove_records(Builder *b, Error *err)
{
    for (size_t i = 0; i < b->plan->replaced.count; i++) {
        const char *name = b->plan->replaced.items[i];
        TargetFile file;
        if (b->plan->source != NULL && text_equals(name, b->plan->name))
            continue; /* replaced by add_own_record() */
        if (!record_file(b, name, &file, err))
            return false;
        (void) add_step(b, &file, NULL, old_place(b));
    }
    return true;
}

static bool add_missing_folders(Builder *b, Error *err)
{
    StringList missing = target_missing_folders(b->target);
    for (size_t i = 0; i < missing.count; i++) {
        FileStatus status;
        if (!tree_status(target_tree(b->target), missing.items[i], &status, err))
            return false;
        if (status.kind == FILE_NONE)
            ARRAY_PUSH(b->job->arena, &b->journal->folders, missing.items[i]);
    }
    return true;
}

/* What was made for packages that go; whatever is in use by then is not empty, and stays. */
static bool add_leaving_folders(Builder *b, Error *err)
{
    StringList *leaving = &b->journal->leaving;
    for (size_t i = 0; i < b->plan->installed.count; i++) {
        const InstalledPackage *package = &b->plan->installed.items[i];
        for (size_t j = 0; install_is_replaced(b->plan, package->name) && j < package->folders.count; j++) {
            FileStatus status;
            if (!tree_status(target_tree(b->target), package->folders.items[j], &status, err))
                return false;
            if (status.kind == FILE_FOLDER)
                ARRAY_PUSH(b->job->arena, leaving, package->folders.items[j]);
        }
    }
    text_list_sort(leaving); /* the ones above first */
    return true;
}

static const char *random_name(Arena *arena)
{
    uint64_t number;
    random_bytes(&number, sizeof(number));
    return arena_printf(arena, "%016" PRIx64, number);
}

bool install_fill_journal(const InstallJob *job, InstallTarget *target, const InstallPlan *plan,
                          InstallJournal *journal, Error *err)
{
    Builder b = { .job = job, .target = target, .plan = plan, .journal = journal };
    TargetFile own, work;
    if (!target_find(target, LAYOUT_OWN, &own, err) || !target_find(target, INSTALL_WORK, &work, err))
        return false;
    b.own = own.path;
    b.work = work.path;
    b.run = random_name(job->arena);
    for (size_t i = 0; i < plan->files.count; i++) {
        if (!add_file(&b, &plan->files.items[i], i, err))
            return false;
    }
    for (size_t i = 0; i < plan->removals.count; i++) {
        if (!add_removal(&b, &plan->removals.items[i], err))
            return false;
    }
    return (plan->source == NULL || add_records(&b, err)) && remove_records(&b, err) && add_missing_folders(&b, err) &&
           add_leaving_folders(&b, err);
}
