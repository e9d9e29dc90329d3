/* SPDX-License-Identifier: MIT */
/* Renaming, marking and removing checkpoints (ModifySystemSettings, Msvm_VirtualSystemSnapshotService.DestroySnapshot).
 * The VM's present state and its GPUs are not touched. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "hyperv/checkpoint/checkpoint_tree.h"
#include "hyperv/host/host.h"
#include "hyperv/vm/vm.h"

#include <stdbool.h>

/* Writes the name and the notes (NULL: as they are) in one round trip. After a failure nothing is looked at. "what" as
 * of host_call(). */
MUST_CHECK bool checkpoint_write(HyperVHost *host, const Vm *vm, const char *id, const char *name, const char *notes,
                                 const char *what, Arena *arena, Error *err);

/* The checkpoint's name; a lost reply is looked into. On failure it has the name that it had, or
 * (ERR_UNKNOWN_OUTCOME) that cannot be told. */
MUST_CHECK bool checkpoint_rename(HyperVHost *host, const CheckpointTree *tree, size_t index, const char *name,
                                  Arena *arena, Error *err);

/* Waits while the host deletes checkpoints of the VM or merges its disks: it refuses to delete another one meanwhile.
 * Polls, and one round trip where there is something to wait for. *ret_seen (may be NULL): there was. */
MUST_CHECK bool checkpoint_wait_merged(HyperVHost *host, const Vm *vm, bool *ret_seen, Error *err);

typedef enum CheckpointRemovalEnd {
    REMOVAL_NOT_DONE,
    REMOVAL_UNKNOWN,  /* the host does not answer any more: it may be gone */
    REMOVAL_UNMERGED, /* it is gone, and what the host does with its disks then has not come to an end yet */
    REMOVAL_DONE,
} CheckpointRemovalEnd;

/* Removes this one checkpoint: those below it stay, and stand below its parent then. Returns when its disks are merged.
 * *ret_end is set in any case; false unless it is REMOVAL_DONE. Two round trips; more after a lost reply. */
MUST_CHECK bool checkpoint_remove(HyperVHost *host, const CheckpointTree *tree, size_t index, Arena *arena,
                                  CheckpointRemovalEnd *ret_end, Error *err);
