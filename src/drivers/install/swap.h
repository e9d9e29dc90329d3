/* SPDX-License-Identifier: MIT */
/* Exchanging many files, and values of the registry, as one: either all of the journal's steps are done, or none of
 * them, also after a kill or a power cut.
 *
 *     new files wait in LAYOUT_OWN/work -> the journal, on the disk -> folders, renames, values -> everything on the
 *     disk -> the journal is removed: from here on the new files count -> the rest of work is removed
 *
 * A journal that is found later is undone: for each step, what lies at "fresh" was not put in place yet, and what lies
 * at "old" has to go back. Undoing twice, or half and then again, comes to the same.
 *
 * Where a file that has to go is in use so that it cannot even be renamed, everything is put back, and the whole waits:
 * the journal says so, and Windows makes all of the renames when it starts the next time (install_reboot.h). The values
 * come with the look that follows, which removes the journal if every file is where it belongs, and else undoes. */
#pragma once

#include "base/report.h"
#include "drivers/install/install_journal.h"
#include "drivers/install/target.h"

#define INSTALL_WORK LAYOUT_OWN "/work"
#define INSTALL_JOURNAL INSTALL_WORK "/journal.json"

typedef enum SwapState {
    SWAP_UNTOUCHED,  /* no file of the guest was changed */
    SWAP_PUT_BACK,   /* failed, and everything is as it was */
    SWAP_UNFINISHED, /* failed, and the journal stands */
    SWAP_WAITING,    /* done when Windows starts the next time; the journal stands */
    SWAP_DONE,
} SwapState;

typedef struct Swap {
    const Tree *tree;
    Registry *registry; /* NULL: the guest does not run here; nothing can wait for its start */
    Report *report;
    Arena *arena;
} Swap;

/* "may_wait": with files in use, wait for the next start (SWAP_WAITING, a success) instead of failing. On failure
 * ret_state tells what has become of the guest; the error is what went wrong first. What cannot be removed after all is
 * done is a warning. */
MUST_CHECK bool swap_files(const Swap *swap, InstallJournal *journal, bool may_wait, SwapState *ret_state, Error *err);

/* What a run before left. */
typedef enum SwapFound {
    SWAP_FOUND_NOTHING,    /* or nothing but leftovers of work */
    SWAP_FOUND_UNFINISHED, /* half done: to be undone */
    SWAP_FOUND_WAITING,    /* Windows has not been started since */
    SWAP_FOUND_PLACED,     /* Windows has put every file in place: to be finished */
} SwapFound;

/* Looks. *ret_what is told unless nothing was found. *ret_found is set on failure, too: a journal that cannot be
 * understood (ERR_PROTOCOL) is something unfinished. */
MUST_CHECK bool swap_look(const Swap *swap, SwapFound *ret_found, const char **ret_what, Error *err);

/* Undoes what is half done, finishes what is in place; with "call_off" also undoes what waits, else leaves it. Tells
 * what was found, as swap_look() does. ERR_STATE for what can only be ended in the running guest. */
MUST_CHECK bool swap_recover(const Swap *swap, bool call_off, SwapFound *ret_found, const char **ret_what, Error *err);

/* Removes the work folder, and all of HostDriverStore that holds no file; without LAYOUT_OWN nothing there is ours. */
MUST_CHECK bool swap_clean(const Swap *swap, Error *err);
