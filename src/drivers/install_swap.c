/* SPDX-License-Identifier: MIT */
#include "drivers/install_swap.h"

#include "base/limits.h"
#include "drivers/layout.h"

#include <string.h>

static bool exists(const char *path, bool *ret_exists, Error *err)
{
    FileStatus status;
    if (!file_status(path, &status, err))
        return false;
    *ret_exists = status.kind != FILE_NONE;
    return true;
}

static bool move_below(InstallTarget *target, const char *from, const char *to, Arena *arena, Error *err)
{
    return file_move(target_full(target, from, arena), target_full(target, to, arena), err);
}

/* ---- doing ---- */

static bool do_steps(InstallTarget *target, const InstallJournal *journal, Report *report, Arena *arena, Error *err)
{
    for (size_t i = 0; i < journal->folders.count; i++) {
        if (!file_make_folder(target_full(target, journal->folders.items[i], arena), err))
            return false;
    }
    ArenaMark mark = arena_mark(arena);
    for (size_t i = 0; i < journal->steps.count; i++) {
        const InstallStep *step = &journal->steps.items[i];
        if ((step->old != NULL && !move_below(target, step->path, step->old, arena, err)) ||
            (step->fresh != NULL && !move_below(target, step->fresh, step->path, arena, err)))
            return false;
        arena_reset(arena, mark);
    }
    report->progress(report, "flushing the disk", -1);
    bool ok = file_flush_all(target_root(target), err);
    report->progress(report, NULL, -1);
    return ok;
}

/* ---- undoing ---- */

static bool undo_step(InstallTarget *target, const InstallStep *step, Arena *arena, Error *err)
{
    bool waits = true, kept = false;
    if (step->fresh != NULL && !exists(target_full(target, step->fresh, arena), &waits, err))
        return false;
    if (!waits && !move_below(target, step->path, step->fresh, arena, err))
        return false;
    if (step->old != NULL && !exists(target_full(target, step->old, arena), &kept, err))
        return false;
    return !kept || move_below(target, step->old, step->path, arena, err);
}

static bool undo_steps(InstallTarget *target, const InstallJournal *journal, Arena *arena, Error *err)
{
    ArenaMark mark = arena_mark(arena);
    for (size_t i = journal->steps.count; i > 0; i--) {
        if (!undo_step(target, &journal->steps.items[i - 1], arena, err))
            return false;
        arena_reset(arena, mark);
    }
    for (size_t i = journal->folders.count; i > 0; i--) {
        Error failure = { .code = ERR_NONE };
        const char *folder = target_full(target, journal->folders.items[i - 1], arena);
        if (!file_remove_folder(folder, &failure) && failure.code != ERR_STATE) { /* ERR_STATE: somebody uses it */
            *err = failure;
            return false;
        }
    }
    return file_flush_all(target_root(target), err);
}

/* ---- cleaning ---- */

/* Removes the folder if neither it nor a folder in it holds a file, and such folders in it in any case. */
static bool remove_empty_folders(const char *folder, bool *ret_removed, Error *err)
{
    Arena arena = ARENA_INIT;
    StringList names = { 0 };
    bool ok = fs_list_folder(folder, &arena, &names, err);
    size_t left = 0;
    for (size_t i = 0; ok && i < names.count; i++) {
        const char *path = fs_join(&arena, folder, names.items[i]);
        FileStatus status;
        bool removed = false;
        ok = file_status(path, &status, err) &&
             (status.kind != FILE_FOLDER || remove_empty_folders(path, &removed, err));
        left += !removed;
    }
    if (ok && left == 0)
        ok = file_remove_folder(folder, err);
    arena_release(&arena);
    *ret_removed = ok && left == 0;
    return ok;
}

bool swap_clean(InstallTarget *target, Arena *arena, Error *err)
{
    TargetFile journal;
    bool is_ours, removed;
    if (!target_find(target, INSTALL_JOURNAL, &journal, err))
        return false;
    char *path = arena_strdup(arena, journal.path);
    *strrchr(path, '/') = '\0';
    const char *work = target_full(target, path, arena);
    *strrchr(path, '/') = '\0';
    const char *own = target_full(target, path, arena);
    *strrchr(path, '/') = '\0';
    const char *store = target_full(target, path, arena);
    if (!exists(own, &is_ours, err))
        return false;
    if (is_ours)
        return file_remove_tree(work, err) && remove_empty_folders(store, &removed, err);
    /* It goes after everything in it: a run may have been cut short in between. */
    Error failure = { .code = ERR_NONE };
    if (file_remove_folder(store, &failure) || failure.code == ERR_STATE)
        return true;
    *err = failure;
    return false;
}

/* ---- the whole ---- */

/* *ret_sure false: it is gone, but a power cut could bring it back, and then what it names must still be there. */
static bool clear_journal(InstallTarget *target, const char *file, bool *ret_sure, Error *err)
{
    Error failure = { .code = ERR_NONE }, again = { .code = ERR_NONE };
    *ret_sure = true;
    if (fs_remove_file(file, &failure))
        return true;
    if (!fs_exists(file)) {
        *ret_sure = file_flush_all(target_root(target), &again);
        return true;
    }
    *err = failure;
    return false;
}

static void clean(InstallTarget *target, bool is_sure, Report *report, Arena *arena)
{
    Error err = { .code = ERR_NONE };
    if (!is_sure)
        (void) error_set(&err, ERR_IO, "the disk could not be flushed");
    if (!is_sure || !swap_clean(target, arena, &err))
        report->warning(report, arena_printf(arena, "leftovers remain until the next run: %s", err.message));
}

static bool hint_unfinished(Error *err, const char *file)
{
    return error_hint(err, "the journal '%s' stands; mend the cause and run installdrivers -RECOVER", file);
}

/* The error stays the first one. */
static void put_back(InstallTarget *target, const InstallJournal *journal, const char *file, Report *report,
                     Arena *arena, SwapState *ret_state, Error *err)
{
    Error failure = { .code = ERR_NONE };
    *ret_state = SWAP_UNFINISHED;
    bool is_sure;
    if (!undo_steps(target, journal, arena, &failure) || !clear_journal(target, file, &is_sure, &failure)) {
        report->warning(report, arena_printf(arena, "putting back failed, too: %s", failure.message));
        (void) hint_unfinished(err, file);
        return;
    }
    *ret_state = SWAP_PUT_BACK;
    clean(target, is_sure, report, arena);
}

bool swap_files(InstallTarget *target, const InstallJournal *journal, Report *report, Arena *arena,
                SwapState *ret_state, Error *err)
{
    TargetFile file;
    *ret_state = SWAP_UNTOUCHED;
    if (!target_find(target, INSTALL_JOURNAL, &file, err))
        return false;
    const char *text = install_journal_format(journal, arena);
    if (!fs_replace_file(file.full, text, strlen(text), FS_PRIVATE, err)) {
        /* If only the flush failed it is there, and says that nothing has been done yet. */
        Error failure = { .code = ERR_NONE };
        bool is_sure;
        if (!clear_journal(target, file.full, &is_sure, &failure))
            *ret_state = SWAP_UNFINISHED;
        return error_prefix(err, "cannot write the journal");
    }
    bool is_sure;
    if (!do_steps(target, journal, report, arena, err) || !clear_journal(target, file.full, &is_sure, err)) {
        put_back(target, journal, file.full, report, arena, ret_state, err);
        return false;
    }
    *ret_state = SWAP_DONE;
    clean(target, is_sure, report, arena);
    return true;
}

static bool read_journal(InstallTarget *target, Arena *arena, InstallJournal *journal, const char **ret_file,
                         Error *err)
{
    TargetFile file;
    char *text;
    size_t size;
    *ret_file = NULL;
    if (!target_find(target, INSTALL_JOURNAL, &file, err))
        return false;
    if (file.status.kind == FILE_NONE)
        return true;
    *ret_file = file.full;
    if (fs_read_file(file.full, LIMIT_INSTALL_JOURNAL_BYTES, arena, &text, &size, err) &&
        install_journal_parse(text, size, arena, journal, err))
        return true;
    (void) error_prefix(err, "the journal '%s'", file.full);
    return error_hint(err, "it tells how to put the guest's files back that lie in the folder 'old' beside it");
}

bool swap_unfinished(InstallTarget *target, Arena *arena, const char **ret_what, Error *err)
{
    InstallJournal journal = { 0 };
    const char *file;
    if (!read_journal(target, arena, &journal, &file, err))
        return false;
    *ret_what = file != NULL ? journal.what : NULL;
    return true;
}

bool swap_recover(InstallTarget *target, Report *report, Arena *arena, const char **ret_what, Error *err)
{
    InstallJournal journal = { 0 };
    const char *file;
    if (!read_journal(target, arena, &journal, &file, err))
        return false;
    if (file != NULL) {
        report->progress(report, "putting back", -1);
        bool is_sure = true;
        bool ok = undo_steps(target, &journal, arena, err) && clear_journal(target, file, &is_sure, err);
        report->progress(report, NULL, -1);
        if (!ok)
            return hint_unfinished(err, file);
        clean(target, is_sure, report, arena);
    } else {
        clean(target, true, report, arena);
    }
    *ret_what = file != NULL ? journal.what : NULL;
    return true;
}
