/* SPDX-License-Identifier: MIT */
#include "drivers/install/swap.h"

#include "base/limits.h"
#include "drivers/install/reboot.h"
#include "drivers/package/layout.h"

#include <string.h>

/* A file, or a link in the place of one: folders are nothing that a step moves. */
static bool exists(const Swap *swap, const char *path, bool *ret_exists, Error *err)
{
    FileStatus status;
    if (!tree_status(swap->tree, path, &status, err))
        return false;
    if (status.kind == FILE_FOLDER || status.kind == FILE_OTHER)
        return error_set(err, ERR_STATE, "'%s' is not a file", tree_full(swap->tree, path, swap->arena));
    *ret_exists = status.kind != FILE_NONE;
    return true;
}

static bool flush(const Swap *swap, Error *err)
{
    swap->report->progress(swap->report, "flushing the disk", -1);
    bool ok = tree_flush_all(swap->tree, err);
    swap->report->progress(swap->report, NULL, -1);
    return ok;
}

/* ---- doing ---- */

static bool make_folders(const Swap *swap, const StringList *folders, Error *err)
{
    for (size_t i = 0; i < folders->count; i++) {
        FileStatus status;
        if (!tree_status(swap->tree, folders->items[i], &status, err) ||
            (status.kind == FILE_NONE && !tree_make_folder(swap->tree, folders->items[i], err)))
            return false;
    }
    return true;
}

/* Those that are empty; the ones below come last. */
static bool remove_folders(const Swap *swap, const StringList *folders, Error *err)
{
    for (size_t i = folders->count; i > 0; i--) {
        Error failure = { .code = ERR_NONE };
        if (!tree_remove_folder(swap->tree, folders->items[i - 1], &failure) && failure.code != ERR_STATE) {
            *err = failure; /* ERR_STATE: somebody uses it */
            return false;
        }
    }
    return true;
}

/* What was taken is what the plan saw there: moved first and looked at then, so that nobody's file is lost that was
 * written in between. Its other times, and its number on some disks, change with the move. */
static bool take(const Swap *swap, const InstallStep *step, Error *err)
{
    FileStatus taken;
    if (!tree_move(swap->tree, step->path, step->old, err) || !tree_status(swap->tree, step->old, &taken, err))
        return false;
    return (taken.kind == step->was.kind && taken.size == step->was.size &&
            taken.stamp.modified_ns == step->was.stamp.modified_ns) ||
           error_set(err, ERR_STATE, "'%s' was changed by somebody else meanwhile",
                     tree_full(swap->tree, step->path, swap->arena));
}

static bool move_files(const Swap *swap, const InstallJournal *journal, Error *err)
{
    ArenaMark mark = arena_mark(swap->arena);
    for (size_t i = 0; i < journal->steps.count; i++) {
        const InstallStep *step = &journal->steps.items[i];
        if ((step->old != NULL && !take(swap, step, err)) ||
            (step->fresh != NULL && !tree_move(swap->tree, step->fresh, step->path, err)))
            return false;
        arena_reset(swap->arena, mark);
    }
    return true;
}

/* A key may have come or gone with its other values. */
static bool is_as_asked(const RegistryValue *now, const RegistryValue *asked)
{
    return asked->state == REGISTRY_VALUE ? registry_value_equals(now, asked) : now->state != REGISTRY_VALUE;
}

static bool write_values(const Swap *swap, const InstallJournal *journal, Error *err)
{
    for (size_t i = 0; i < journal->values.count; i++) {
        const InstallValue *value = &journal->values.items[i];
        RegistryValue now;
        if (!swap->registry->read(swap->registry, value->key, value->name, swap->arena, &now, err))
            return false;
        if (!is_as_asked(&now, &value->before))
            return error_set(err, ERR_STATE, "'%s' of the registry key '%s' was changed by somebody else meanwhile",
                             value->name, value->key);
        if (!swap->registry->write(swap->registry, value->key, value->name, &value->after, err))
            return false;
    }
    return true;
}

static bool do_steps(const Swap *swap, const InstallJournal *journal, Error *err)
{
    return make_folders(swap, &journal->folders, err) && move_files(swap, journal, err) &&
           remove_folders(swap, &journal->leaving, err) && write_values(swap, journal, err) && flush(swap, err);
}

/* ---- undoing ---- */

/* A step that has an old file was begun when that lies there. */
static bool undo_step(const Swap *swap, const InstallStep *step, Error *err)
{
    bool kept = true, waits = true, there = false;
    if (step->old != NULL && !exists(swap, step->old, &kept, err))
        return false;
    if (!kept)
        return true;
    if (step->fresh != NULL && (!exists(swap, step->fresh, &waits, err) || !exists(swap, step->path, &there, err)))
        return false;
    return (waits || !there || tree_move(swap->tree, step->path, step->fresh, err)) &&
           (step->old == NULL || tree_move(swap->tree, step->old, step->path, err));
}

/* Each is as it was, is as it was to be, or (whoever changed it) is left alone. */
static bool undo_values(const Swap *swap, const InstallJournal *journal, Error *err)
{
    for (size_t i = journal->values.count; i > 0; i--) {
        const InstallValue *value = &journal->values.items[i - 1];
        RegistryValue now;
        if (!swap->registry->read(swap->registry, value->key, value->name, swap->arena, &now, err) ||
            (is_as_asked(&now, &value->after) &&
             !swap->registry->write(swap->registry, value->key, value->name, &value->before, err)))
            return false;
    }
    return true;
}

static bool undo_steps(const Swap *swap, const InstallJournal *journal, Error *err)
{
    if (!undo_values(swap, journal, err) || !make_folders(swap, &journal->leaving, err))
        return false;
    ArenaMark mark = arena_mark(swap->arena);
    for (size_t i = journal->steps.count; i > 0; i--) {
        if (!undo_step(swap, &journal->steps.items[i - 1], err))
            return false;
        arena_reset(swap->arena, mark);
    }
    return remove_folders(swap, &journal->folders, err) && tree_flush_all(swap->tree, err);
}

/* ---- cleaning ---- */

/* Removes the folder if neither it nor a folder in it holds a file, and such folders in it in any case. */
static bool remove_empty_folders(const Tree *tree, const char *folder, bool *ret_removed, Error *err)
{
    Arena arena = ARENA_INIT;
    StringList names = { 0 };
    bool ok = tree_list(tree, folder, &arena, &names, err);
    size_t left = 0;
    for (size_t i = 0; ok && i < names.count; i++) {
        const char *path = arena_printf(&arena, "%s/%s", folder, names.items[i]);
        FileStatus status;
        bool removed = false;
        ok = tree_status(tree, path, &status, err) &&
             (status.kind != FILE_FOLDER || remove_empty_folders(tree, path, &removed, err));
        left += !removed;
    }
    if (ok && left == 0)
        ok = tree_remove_folder(tree, folder, err);
    arena_release(&arena);
    *ret_removed = ok && left == 0;
    return ok;
}

bool swap_clean(const Swap *swap, Error *err)
{
    InstallTarget *target; /* as it is now */
    TargetFile store, own, work;
    bool removed;
    if (!target_open(swap->tree, /* foreseen= */ NULL, swap->arena, &target, err) ||
        !target_find(target, LAYOUT_HOST_STORE, &store, err) || !target_find(target, LAYOUT_OWN, &own, err) ||
        !target_find(target, INSTALL_WORK, &work, err))
        return false;
    if (own.status.kind != FILE_NONE)
        return tree_remove_tree(swap->tree, work.path, err) &&
               remove_empty_folders(swap->tree, store.path, &removed, err);
    /* It goes after everything in it: a run may have been cut short in between. */
    Error failure = { .code = ERR_NONE };
    if (tree_remove_folder(swap->tree, store.path, &failure) || failure.code == ERR_STATE)
        return true;
    *err = failure;
    return false;
}

/* ---- the journal ---- */

static bool find_journal(const Swap *swap, TargetFile *ret_file, Error *err)
{
    InstallTarget *target;
    return target_open(swap->tree, /* foreseen= */ NULL, swap->arena, &target, err) &&
           target_find_file(target, INSTALL_JOURNAL, ret_file, err);
}

static JournalFile file_of(const Swap *swap, const TargetFile *file)
{
    return (JournalFile){ .tree = swap->tree, .path = file->path, .limit = LIMIT_INSTALL_JOURNAL_BYTES };
}

static bool write_journal(const Swap *swap, const TargetFile *file, const InstallJournal *journal, Error *err)
{
    JournalFile at = file_of(swap, file);
    return journal_file_write(&at, &installation_kind, journal, &(JournalLabel){ .kind = NULL }, err);
}

/* *ret_sure as journal_file_clear() says. */
static bool clear_journal(const Swap *swap, const TargetFile *file, bool *ret_sure, Error *err)
{
    JournalFile at = file_of(swap, file);
    return journal_file_clear(&at, ret_sure, err);
}

static void clean(const Swap *swap, bool is_sure)
{
    Error err = { .code = ERR_NONE };
    if (!is_sure)
        (void) error_set(&err, ERR_IO, "the disk could not be flushed");
    if (!is_sure || !swap_clean(swap, &err))
        report_warning(swap->report, "leftovers remain until the next run: %s", err.message);
}

static bool hint_unfinished(Error *err, const TargetFile *file)
{
    (void) error_hint(err, "the journal '%s' stands", file->full);
    return error_advise(err, ADVICE_MEND_AND_RECOVER, NULL);
}

/* None is there: kind FILE_NONE. */
static bool read_journal(const Swap *swap, InstallJournal *journal, TargetFile *ret_file, Error *err)
{
    JournalRecord record;
    ret_file->status.kind = FILE_NONE;
    if (!find_journal(swap, ret_file, err))
        return false;
    if (ret_file->status.kind == FILE_NONE)
        return true;
    JournalFile at = file_of(swap, ret_file);
    if (journal_file_read(&at, install_record_kinds, swap->arena, &record, err)) {
        if (record.kind != NULL)
            *journal = *(const InstallJournal *) record.data;
        else
            ret_file->status.kind = FILE_NONE; /* it has just gone */
        return true;
    }
    return error_tells_what_to_do(err)
               ? false
               : error_hint(err,
                            "installdrivers has not written it like that, and changes nothing by it; look at it: it "
                            "tells which files of the guest lie in the folder 'old' beside it; when none is missing, "
                            "remove it");
}

/* ---- the whole ---- */

/* Nothing has been moved, all new files are there. The journal comes first: without moves in the list it is undone. */
static bool wait_for_start(const Swap *swap, InstallJournal *journal, const TargetFile *file, Error *err)
{
    journal->waits = true;
    return make_folders(swap, &journal->folders, err) && tree_flush_all(swap->tree, err) &&
           write_journal(swap, file, journal, err) && reboot_schedule(swap->registry, swap->tree, &journal->steps, err);
}

/* The error stays the first one, and tells of the other. */
static bool fail_steps(const TargetFile *file, const Error *failure, Error *err)
{
    (void) error_append(err, "putting back failed, too: %s", failure->message);
    return hint_unfinished(err, file);
}

/* Steps have failed. True: the whole waits. */
static bool put_back(const Swap *swap, InstallJournal *journal, const TargetFile *file, bool may_wait,
                     SwapState *ret_state, Error *err)
{
    Error failure = { .code = ERR_NONE };
    bool is_sure;
    *ret_state = SWAP_UNFINISHED;
    if (!undo_steps(swap, journal, &failure))
        return fail_steps(file, &failure, err);
    if (may_wait && (err->code == ERR_BUSY || err->code == ERR_DENIED) && swap->registry != NULL) {
        if (wait_for_start(swap, journal, file, &failure)) {
            *ret_state = SWAP_WAITING;
            *err = (Error){ .code = ERR_NONE };
            return true;
        }
        report_warning(swap->report, "cannot wait for the next start of Windows: %s", failure.message);
        if (!reboot_call_off(swap->registry, swap->tree, &failure) || !undo_steps(swap, journal, &failure))
            return fail_steps(file, &failure, err);
    }
    if (!clear_journal(swap, file, &is_sure, &failure))
        return fail_steps(file, &failure, err);
    *ret_state = SWAP_PUT_BACK;
    clean(swap, is_sure);
    return false;
}

bool swap_files(const Swap *swap, InstallJournal *journal, bool may_wait, SwapState *ret_state, Error *err)
{
    TargetFile file;
    bool is_sure;
    *ret_state = SWAP_UNTOUCHED;
    if (!find_journal(swap, &file, err))
        return false;
    if (!write_journal(swap, &file, journal, err)) {
        /* If only the flush failed it is there, and says that nothing has been done yet. */
        Error failure = { .code = ERR_NONE };
        if (clear_journal(swap, &file, &is_sure, &failure))
            clean(swap, is_sure);
        else
            *ret_state = SWAP_UNFINISHED;
        return false;
    }
    if (!do_steps(swap, journal, err) || !clear_journal(swap, &file, &is_sure, err))
        return put_back(swap, journal, &file, may_wait, ret_state, err);
    *ret_state = SWAP_DONE;
    clean(swap, is_sure);
    return true;
}

/* ---- afterwards ---- */

static bool step_is_done(const Swap *swap, const InstallStep *step, bool *ret_done, Error *err)
{
    bool kept = true, waits = false, there = true;
    if ((step->old != NULL && !exists(swap, step->old, &kept, err)) ||
        (step->fresh != NULL && (!exists(swap, step->fresh, &waits, err) || !exists(swap, step->path, &there, err))))
        return false;
    *ret_done = kept && !waits && there;
    return true;
}

/* Of an installation that waits: what Windows has made of it. */
static bool look_at_steps(const Swap *swap, const InstallJournal *journal, SwapFound *ret_found, Error *err)
{
    bool scheduled = false, done = true;
    if (swap->registry != NULL && !reboot_is_scheduled(swap->registry, swap->tree, &scheduled, err))
        return false;
    size_t count = 0;
    for (size_t i = 0; i < journal->steps.count; i++) {
        if (!step_is_done(swap, &journal->steps.items[i], &done, err))
            return false;
        count += done;
    }
    /* A guest that does not run here: its list of moves cannot be read, but as long as nothing has been moved ... */
    bool unknown = swap->registry == NULL && count == 0;
    *ret_found = scheduled || unknown            ? SWAP_FOUND_WAITING
                 : count == journal->steps.count ? SWAP_FOUND_PLACED
                                                 : SWAP_FOUND_UNFINISHED;
    return true;
}

static bool look(const Swap *swap, InstallJournal *journal, TargetFile *ret_file, SwapFound *ret_found, Error *err)
{
    bool ok = read_journal(swap, journal, ret_file, err);
    *ret_found = ret_file->status.kind != FILE_NONE ? SWAP_FOUND_UNFINISHED : SWAP_FOUND_NOTHING;
    if (!ok || ret_file->status.kind == FILE_NONE)
        return ok;
    return !journal->waits || look_at_steps(swap, journal, ret_found, err);
}

bool swap_look(const Swap *swap, SwapFound *ret_found, const char **ret_what, Error *err)
{
    InstallJournal journal = { 0 };
    TargetFile file;
    if (!look(swap, &journal, &file, ret_found, err))
        return false;
    *ret_what = journal.what;
    return true;
}

static bool refuse_offline(const InstallJournal *journal, Error *err)
{
    (void) error_set(err, ERR_STATE, "the %s can only be ended in the running guest", journal->what);
    return error_advise(err, ADVICE_RECOVER_IN_GUEST, NULL);
}

/* The files are in place. The start may have changed whose a value is, though. */
static bool finish_values(const Swap *swap, const InstallJournal *journal, Error *err)
{
    for (size_t i = 0; i < journal->values.count; i++) {
        const InstallValue *value = &journal->values.items[i];
        RegistryValue now;
        if (!swap->registry->read(swap->registry, value->key, value->name, swap->arena, &now, err))
            return false;
        if (registry_value_equals(&now, &value->before)) {
            if (!swap->registry->write(swap->registry, value->key, value->name, &value->after, err))
                return false;
        } else if (!is_as_asked(&now, &value->after)) {
            report_warning(swap->report, "'%s' of the registry key '%s' has been changed meanwhile, and stays",
                           value->name, value->key);
        }
    }
    return true;
}

/* While the list of moves may stand in the registry, a guest that does not run here must stay as it is. */
static bool end(const Swap *swap, const InstallJournal *journal, SwapFound found, Error *err)
{
    if (swap->registry == NULL && (journal->waits || journal->values.count > 0))
        return refuse_offline(journal, err);
    if (found == SWAP_FOUND_PLACED)
        return finish_values(swap, journal, err) && remove_folders(swap, &journal->leaving, err) && flush(swap, err);
    return (found != SWAP_FOUND_WAITING || reboot_call_off(swap->registry, swap->tree, err)) &&
           undo_steps(swap, journal, err);
}

bool swap_recover(const Swap *swap, bool call_off, SwapFound *ret_found, const char **ret_what, Error *err)
{
    InstallJournal journal = { 0 };
    TargetFile file;
    bool is_sure = true;
    if (!look(swap, &journal, &file, ret_found, err))
        return false;
    *ret_what = journal.what;
    if (*ret_found == SWAP_FOUND_WAITING && !call_off)
        return true;
    if (*ret_found != SWAP_FOUND_NOTHING) {
        swap->report->progress(swap->report, "ending what was interrupted", -1);
        bool ok = end(swap, &journal, *ret_found, err) && clear_journal(swap, &file, &is_sure, err);
        swap->report->progress(swap->report, NULL, -1);
        if (!ok)
            return error_tells_what_to_do(err) ? false : hint_unfinished(err, &file);
    }
    clean(swap, is_sure);
    return true;
}
