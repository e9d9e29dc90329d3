/* SPDX-License-Identifier: MIT */
#include "drivers/install/stage.h"

#include "drivers/install/steps.h"
#include "drivers/install/workers.h"

#include <string.h>

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

static bool write_fresh(InstallWorker *worker, PlannedFile *file, const char *path, Error *err)
{
    Writing writing = { .hash = worker->hash };
    char found[HASH_TEXT_LENGTH + 1];
    if (!tree_create_file(worker->plan->tree, path, &writing.stream, err))
        return false;
    bool ok = package_read(worker->reader, file->entry, take_piece, &writing, err);
    hash_finish(worker->hash, found);
    if (ok && file->expected != NULL && strcmp(found, file->expected->sha256) != 0) {
        (void) error_set(err, ERR_INVALID, "'%s' in the package is not what its manifest says", file->entry->path);
        ok = package_hint_damaged(err);
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
              write_fresh(worker, file, install_fresh_name(&arena, worker->fresh_folder, index), err);
    arena_release(&arena);
    return ok;
}

/* The folders for the new files and for the old ones. *ret_fresh is relative to the root. */
static bool make_work_folders(const InstallJob *job, InstallTarget *target, const char **ret_fresh, Error *err)
{
    TargetFile work;
    if (!target_find(target, INSTALL_WORK, &work, err))
        return false;
    *ret_fresh = arena_printf(job->arena, "%s/new", work.path);
    return tree_make_folders(target_tree(target), *ret_fresh, err) &&
           tree_make_folders(target_tree(target), arena_printf(job->arena, "%s/old", work.path), err);
}

static bool write_records(const Tree *tree, const InstallJournal *journal, Error *err)
{
    for (size_t i = 0; i < journal->steps.count; i++) {
        const InstallStep *step = &journal->steps.items[i];
        if (step->text != NULL && !tree_replace_file(tree, step->fresh, step->text, strlen(step->text), err))
            return false;
    }
    return true;
}

bool install_stage(const InstallJob *job, InstallTarget *target, InstallPlan *plan, InstallJournal *journal, Error *err)
{
    const char *fresh_folder;
    return make_work_folders(job, target, &fresh_folder, err) &&
           (plan->source == NULL || install_for_each(plan, fresh_folder, stage_file, "unpacking and checking",
                                                     job->cancel, job->report, err)) &&
           install_fill_journal(job, target, plan, journal, err) &&
           write_records(target_tree(target), journal, err);
}

static bool hash_file(InstallWorker *worker, PlannedFile *file, size_t index, Error *err)
{
    (void) index;
    return file->action != PLANNED_WRITE || file->sha256[0] != '\0' || install_hash_entry(worker, file, err);
}

bool install_foresee(const InstallJob *job, InstallTarget *target, InstallPlan *plan, Error *err)
{
    InstallJournal journal = { .values = plan->values };
    return job->foreseen == NULL ||
           ((plan->source == NULL || install_for_each(plan, /* fresh_folder= */ NULL, hash_file, "reading the package",
                                                      job->cancel, job->report, err)) &&
            install_fill_journal(job, target, plan, &journal, err) &&
            foreseen_add(job->foreseen, target, plan, &journal, err));
}
