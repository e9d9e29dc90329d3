/* SPDX-License-Identifier: MIT */
/* Carries out a planned change so that no GPU is lost: journal, apply, verify, clear; on any failure everything is
 * put back at once; and what a killed program left behind is finished or undone.
 *
 * The order of the steps, for every verb alike (those that do not apply are skipped):
 *   1. the record is written to the journal
 *   2. VM settings (automatic checkpoints off, checkpoint type, MMIO space) in one call
 *   3. the VM's state and its adapters are read again: the VM must be off, the adapters those of the plan
 *   4. adapters come off
 *   5. the VM's memory (the only moment when it can be changed)
 *   6. the VM's state is read again, and the checkpoint is created
 *      of a restore: the VM's state is read once more, and the checkpoint is applied; from here on there is no way
 *      back, and what follows is finished, if need be by a recovery. Adapters that it brought along come off
 *   7. adapters go on, get their limits, and are read back; of a restore, the VM's settings get their values of before
 *   8. the journal is cleared */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "hyperv/change/change_record.h"
#include "hyperv/host/host.h"
#include "hyperv/vm/vm.h"
#include "journal/journal.h"

#include <stdbool.h>

/* How a change ended; decides the exit code. */
typedef enum ChangeOutcome {
    CHANGE_DONE,
    CHANGE_NOTHING,    /* failed or refused before anything was changed */
    CHANGE_PUT_BACK,   /* failed, and everything is as it was (a checkpoint that was created stays) */
    CHANGE_UNFINISHED, /* failed, and the journal stands: recover */
} ChangeOutcome;

typedef struct ChangeResult {
    bool checkpoint_made;        /* also set when the change failed later */
    const char *checkpoint_name; /* NULL if it could not be read */
    const char *checkpoint_id;   /* its GUID */
    bool applied;                /* the checkpoint that was to be restored */
    bool rolled_back;            /* of a recovery: true undone, false finished */
} ChangeResult;

/* Carries the plan out. The journal must be open and empty. The adapter IDs of record->after are filled in.
 * *ret_outcome and *ret_result are set in any case. Once it has begun, a cancel request is seen between steps only,
 * and leads to everything being put back. */
MUST_CHECK bool change_apply(HyperVHost *host, const Vm *vm, ChangeRecord *record, Journal *journal, Arena *arena,
                             ChangeResult *ret_result, ChangeOutcome *ret_outcome, Error *err);
