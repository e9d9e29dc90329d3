/* SPDX-License-Identifier: MIT */
/* The checkpoints of a VM as they are listed. Reads only. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "hyperv/checkpoint/checkpoint_tree.h"
#include "operations/inventory.h"

#include <stdbool.h>

typedef struct CheckpointInfo {
    CheckpointNode node;
    const char *parent_id; /* NULL: a root */
    bool is_current;       /* the VM stands on it: its present state goes on from there */
    AssignedGpuList brings; /* adapters of the checkpoint's own; a restore takes them off */
} CheckpointInfo;

typedef struct CheckpointInfoList {
    CheckpointInfo *items;
    size_t count, capacity;
} CheckpointInfoList;

typedef struct CheckpointListing {
    CheckpointInfoList checkpoints; /* parents before their children */
    AssignedGpuList puts_back;      /* what the VM holds now, and would hold after a restore */
} CheckpointListing;

CheckpointInfo checkpoint_info_make(const CheckpointTree *tree, size_t index, const GpuList *gpus, Arena *arena);

/* Five round trips for a VM that has been found. */
MUST_CHECK bool checkpoint_list_read(HyperVHost *host, const Vm *vm, Arena *arena, CheckpointListing *ret_listing,
                                     Error *err);
