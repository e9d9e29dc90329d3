/* SPDX-License-Identifier: MIT */
/* Exchanging many files as one: either all of the journal's steps are done, or none of them, also after a kill or a
 * power cut.
 *
 *     new files wait in LAYOUT_OWN/work -> the journal, on the disk -> folders, renames -> everything on the disk
 *     -> the journal is removed: from here on the new files count -> the rest of work is removed
 *
 * A journal that is found later is undone: for each step, what lies at "fresh" was not put in place yet, and what lies
 * at "old" has to go back. Undoing twice, or half and then again, comes to the same. */
#pragma once

#include "base/report.h"
#include "drivers/install_record.h"
#include "drivers/install_target.h"

#define INSTALL_WORK LAYOUT_OWN "/work"
#define INSTALL_JOURNAL INSTALL_WORK "/journal.json"

typedef enum SwapState {
    SWAP_UNTOUCHED,  /* no file of the guest was changed */
    SWAP_PUT_BACK,   /* failed, and everything is as it was */
    SWAP_UNFINISHED, /* failed, and the journal stands */
    SWAP_DONE,
} SwapState;

/* On failure ret_state tells what has become of the guest; the error is what went wrong first. What cannot be removed
 * after all is done is a warning. */
MUST_CHECK bool swap_files(InstallTarget *target, const InstallJournal *journal, Report *report, Arena *arena,
                           SwapState *ret_state, Error *err);

/* Undoes what a run left behind. *ret_what: what that was, or NULL if there was nothing but leftovers of work. */
MUST_CHECK bool swap_recover(InstallTarget *target, Report *report, Arena *arena, const char **ret_what, Error *err);

/* A journal stands: what it is of, or NULL. ERR_PROTOCOL if it cannot be understood. */
MUST_CHECK bool swap_unfinished(InstallTarget *target, Arena *arena, const char **ret_what, Error *err);

/* Removes the work folder, and all of HostDriverStore that holds no file; without LAYOUT_OWN nothing there is ours. */
MUST_CHECK bool swap_clean(InstallTarget *target, Arena *arena, Error *err);
