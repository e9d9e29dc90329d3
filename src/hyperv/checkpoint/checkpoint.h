/* SPDX-License-Identifier: MIT */
/* Creating a checkpoint (Msvm_VirtualSystemSnapshotService.CreateSnapshot) and finding out whether one was created. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "hyperv/checkpoint/checkpoint_tree.h"
#include "hyperv/host/host.h"
#include "hyperv/vm/vm.h"

#include <stdbool.h>

typedef struct Checkpoint {
    bool exists;
    const char *id;   /* GUID of its configuration; NULL if it could not be read */
    const char *name; /* NULL if it could not be read */
    const char *notes; /* NULL: none, or not read */
} Checkpoint;

/* Creates a full checkpoint of the kind the VM is set to, gives it the name (NULL: the host's own, "<VM> - (date -
 * time)"), and marks it in its notes. A lost reply is looked into: the checkpoint that the VM stands on tells. A name
 * or a mark that the host does not take is a warning. On failure no checkpoint was created, or (ERR_UNKNOWN_OUTCOME)
 * it cannot be told. Two round trips. */
MUST_CHECK bool checkpoint_create(HyperVHost *host, const Vm *vm, const char *name, CheckpointMaker maker, Arena *arena,
                                  Checkpoint *ret_made, Error *err);

/* Gives a checkpoint that was made the name (NULL: as it is) and the mark, where it has them not yet. What the host
 * does not take is a warning. One round trip, or none. */
void checkpoint_name_and_mark(HyperVHost *host, const Vm *vm, const char *name, CheckpointMaker maker, Arena *arena,
                              Checkpoint *checkpoint);

/* It has the mark already. */
bool checkpoint_is_marked(const Checkpoint *checkpoint, CheckpointMaker maker, Arena *arena);

/* The checkpoint that the VM stands on, if it is another one than "parent_before" (NULL: it stood on none). */
MUST_CHECK bool checkpoint_find_new(HyperVHost *host, const Vm *vm, const char *parent_before, Arena *arena,
                                    Checkpoint *ret_found, Error *err);
