/* SPDX-License-Identifier: MIT */
#include "operations/checkpoint_list.h"

static AssignedGpuList name_adapters(const GpuPartitionList *partitions, const GpuList *gpus, Arena *arena)
{
    AssignedGpuList list = { 0 };
    for (size_t i = 0; i < partitions->count; i++)
        ARRAY_PUSH(arena, &list, assigned_gpu_make(&partitions->items[i], gpus, arena));
    return list;
}

CheckpointInfo checkpoint_info_make(const CheckpointTree *tree, size_t index, const GpuList *gpus, Arena *arena)
{
    const CheckpointNode *node = &tree->items[index];
    return (CheckpointInfo){
        .node = *node,
        .parent_id = node->parent != NO_CHECKPOINT ? tree->items[node->parent].id : NULL,
        .is_current = index == tree->current,
        .brings = name_adapters(&node->adapters, gpus, arena),
    };
}

static bool holds_any(const CheckpointTree *tree, const GpuPartitionList *present)
{
    bool any = present->count > 0;
    for (size_t i = 0; i < tree->count; i++)
        any = any || tree->items[i].adapters.count > 0;
    return any;
}

bool checkpoint_list_read(HyperVHost *host, const Vm *vm, Arena *arena, CheckpointListing *ret_listing, Error *err)
{
    CheckpointTree tree;
    GpuPartitionList present;
    GpuList gpus = { 0 };
    if (!checkpoint_tree_read(host, vm, arena, &tree, err) ||
        !checkpoint_tree_read_adapters(host, &tree, arena, &present, err) ||
        !checkpoint_tree_read_disks(host, &tree, arena, err) ||
        (holds_any(&tree, &present) && !gpu_list_read_names(host, arena, &gpus, err)))
        return false;
    CheckpointListing listing = { .puts_back = name_adapters(&present, &gpus, arena) };
    for (size_t i = 0; i < tree.count; i++)
        ARRAY_PUSH(arena, &listing.checkpoints, checkpoint_info_make(&tree, i, &gpus, arena));
    *ret_listing = listing;
    return true;
}
