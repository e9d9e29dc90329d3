/* SPDX-License-Identifier: MIT */
/* Going back to a checkpoint (Msvm_VirtualSystemSnapshotService.ApplySnapshot): what has to be known before, applying,
 * and finding out what became of it. The steps around it are those of every change (change.h). */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "hyperv/change/change_record.h"
#include "hyperv/checkpoint/checkpoint_tree.h"
#include "hyperv/gpu/partition.h"
#include "hyperv/host/host.h"
#include "hyperv/vm/vm.h"

#include <stdbool.h>
#include <stddef.h>

/* The checkpoint that is to be applied, and what it would bring along. */
typedef struct RestoreView {
    CheckpointTree tree;
    size_t index; /* in the tree */
    GpuPartitionList brings;
} RestoreView;

/* Finds the checkpoint, as checkpoint_find() takes it, and reads the adapters that it holds: two round trips. */
MUST_CHECK bool restore_view_read(HyperVHost *host, const Vm *vm, const char *checkpoint, Arena *arena,
                                  RestoreView *ret_view, Error *err);

/* It can be applied: it is no backup's and no replica's, its files are there, it will be there when the VM is off, and
 * it holds no memory: a VM that goes on from memory takes no GPU. Otherwise ERR_STATE. */
MUST_CHECK bool restore_check(const RestoreView *view, const VmStatus *status, Error *err);

/* Applies the checkpoint of the record, in one round trip; where the call fails, a look tells what became of it. On
 * failure it was not applied, as far as that can be told. */
MUST_CHECK bool restore_apply(HyperVHost *host, const Vm *vm, const ChangeRecord *record, Arena *arena, Error *err);

/* Whether the VM stands on the checkpoint of the record since it was applied. The host must be at rest. One round trip,
 * two where it stood on it before, too: then the files of its disks tell. */
MUST_CHECK bool restore_is_applied(HyperVHost *host, const Vm *vm, const ChangeRecord *record, Arena *arena,
                                   bool *ret_applied, Error *err);

/* Where the checkpoint's memory is such that the VM would not start with its GPUs. */
void restore_warn_of_memory(const HyperVHost *host, const VmResources *resources, const ChangeRecord *record);

/* Of the adapters that are there after it was applied, and before any has been put on: which came with the checkpoint
 * (their IDs go to record->brought), and which are somebody else's (record->foreign). "may_be_ours": some may have been
 * put on all the same; what could be one of these is not taken for somebody else's. */
void restore_sort_adapters(const GpuPartitionList *rows, bool may_be_ours, Arena *arena, ChangeRecord *record);

/* What comes off then: those that came with the checkpoint, and those of the record that are not to stay. */
GpuPartitionList restore_removals(const ChangeRecord *record, const GpuPartitionList *rows, Arena *arena);
