/* SPDX-License-Identifier: MIT */
/* Brings the GPU partition adapters of a VM to a wanted set, whatever state they are found in.
 *
 * The one mechanism behind taking off, putting on, putting back and recovering: compare what is there with what is
 * wanted, do the difference, look again, until there is none. All removals go in one call, all additions in one, all
 * limits in one (Hyper-V refuses limits in the adding call). A call that fails or whose reply is lost may have been
 * done in part: the state is read and what is still missing is done one by one. Nothing is ever sent again on the
 * mere absence of a reply. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "hyperv/gpu/partition.h"
#include "hyperv/host/host.h"
#include "hyperv/vm/vm.h"

#include <stdbool.h>

typedef struct Assignment {
    /* The adapters that shall be there. One that was there all the time (its adapter_id is there, it has no previous_id
     * and is not new) is taken as it is, its settings too. Another one is looked for by its ID, then among the adapters
     * that nobody claims (same GPU, settings that can be made the same), else added; it gets its settings, its
     * adapter_id is set to what the host gave it, previous_id keeps what it was. */
    GpuPartitionList *want;
    /* Adapters that are taken off where they are found (by ID). NULL: none. */
    const GpuPartitionList *remove;
    /* Adapters that an earlier attempt may have added, to be taken off where they are found: for undoing an addition.
     * One without an ID is found by its GPU and gets the ID then, so that it is not found a second time in somebody
     * else's. NULL: none. */
    GpuPartitionList *undo;
    /* IDs of adapters that are somebody else's, whatever they look like: left alone. NULL: none known. */
    const StringList *foreign;
    /* IDs of adapters that calls of ours have taken off for certain; more are added. One that is gone and not among
     * them may be off because another HyperPoint takes a checkpoint: before it is put on, that one gets time to put it
     * back. NULL: nobody waits. */
    StringList *taken_off;
    /* Look once more at the end, and be content only with what was read. */
    bool verify;
} Assignment;

/* "current": the adapters as just read, or NULL to read them. Adapters that are neither wanted nor to be removed are
 * left alone, with a warning. On failure as much as possible has been put on; the error is that of the first call
 * that was refused. *ret_refused is set in any case: it failed because the host refuses, not because it could not be
 * asked. */
MUST_CHECK bool assignment_reach(HyperVHost *host, const Vm *vm, const char *service_path, const Assignment *assignment,
                                 const GpuPartitionList *current, Arena *arena, bool *ret_refused, Error *err);
