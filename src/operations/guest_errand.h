/* SPDX-License-Identifier: MIT */
/* Bringing files into a running guest, and what stands open meanwhile: it is entered into the VM's journal before it is
 * opened, and taken back at the end, however that comes. */
#pragma once

#include "hyperv/change/guest_request.h"
#include "journal/journal.h"
#include "operations/begin.h"

typedef struct GuestErrand {
    HyperVHost *host;
    const Vm *vm;
    Journal *journal; /* with the VM's lock; NULL: only a look */
    Arena *arena;
    GuestRequest open; /* as in the journal */
    bool is_open; /* or was */
} GuestErrand;

/* For an errand that knows its host, VM and arena: as change_begin(), and tells that something begins; its owner closes
 * the journal in the end. */
MUST_CHECK bool guest_errand_begin(GuestErrand *errand, bool only_look, ChangeEnding *ret_ending, Error *err);

/* Opens the way for files, unless it is open already: the first thing that is changed. */
MUST_CHECK bool guest_errand_open(GuestErrand *errand, Error *err);

/* What comes next, of what an errand that is open does: "asking". */
MUST_CHECK bool guest_errand_enter(GuestErrand *errand, const char *step, Error *err);

/* Takes back whatever is open; an interruption does not keep it from that. *ok: the work went well, otherwise its error
 * is in err; that something stays open, and the journal stands, is an error, too. How it ended: well as said. */
ChangeEnding guest_errand_end(GuestErrand *errand, ChangeEnding well, bool *ok, Error *err);
