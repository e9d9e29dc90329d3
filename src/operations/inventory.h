/* SPDX-License-Identifier: MIT */
/* What a host has: its VMs, its GPUs, and which GPUs a VM holds. Reads only. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "hyperv/change/detached.h"
#include "hyperv/gpu/gpu.h"
#include "hyperv/host/host.h"
#include "hyperv/vm/vm.h"

#include <stdbool.h>
#include <stddef.h>

/* A change of a VM that has not come to its end, or is under way in another process. */
typedef struct UnfinishedChange {
    const char *vm_name;    /* "id:GUID" where only the ID is known */
    const char *vm_address; /* vm_address() */
    const char *vm_guid;
    const char *problem;    /* why its journal cannot be read; NULL: it can */
} UnfinishedChange;

typedef struct UnfinishedChangeList {
    UnfinishedChange *items;
    size_t count, capacity;
} UnfinishedChangeList;

typedef struct VmSummary {
    const char *name, *guid;
    VmState state;
    size_t gpus;        /* GPU partition adapters it holds */
    size_t detached;    /* those that are remembered as detached, and not on it again */
    size_t checkpoints; /* it has */
} VmSummary;

typedef struct VmSummaryList {
    VmSummary *items;
    size_t count, capacity;
} VmSummaryList;

/* Whether a change of that VM is unfinished: none or one. Asks this computer's journals, not the host. */
UnfinishedChangeList inventory_find_unfinished(const HyperVHost *host, const Vm *vm, Arena *arena);

/* Of all VMs of the host, and of those that it has no more. */
UnfinishedChangeList inventory_find_all_unfinished(const HyperVHost *host, const VmSummaryList *vms, Arena *arena);

/* All VMs that the user may see, in three round trips. ERR_DENIED where the user sees not even the host itself. */
MUST_CHECK bool inventory_read_vms(HyperVHost *host, Arena *arena, VmSummaryList *ret_vms,
                                   UnfinishedChangeList *ret_unfinished, Error *err);

/* The GPUs that can be partitioned. None is no error, but ERR_DENIED where the user sees not even the host itself. */
MUST_CHECK bool inventory_read_gpus(HyperVHost *host, Arena *arena, GpuList *ret_gpus, Error *err);

/* An adapter of a VM, or one that is remembered of it, with what is known of its GPU. */
typedef struct AssignedGpu {
    GpuPartition partition;
    bool is_detached; /* it is remembered */
    const Gpu *gpu;   /* NULL: it is gone from the host, or the adapter names none */
    const char *name; /* of the GPU, as messages call it */
    const char *device_id, *instance_id; /* NULL: the adapter names no GPU */
} AssignedGpu;

typedef struct AssignedGpuList {
    AssignedGpu *items;
    size_t count, capacity;
} AssignedGpuList;

AssignedGpu assigned_gpu_make(const GpuPartition *partition, const GpuList *gpus, Arena *arena);

/* It names a GPU that the host has no more. */
bool assigned_gpu_is_gone(const AssignedGpu *assigned);

/* All that are remembered. */
AssignedGpuList detached_gpus_make(const DetachedGpus *detached, const GpuList *gpus, Arena *arena);

typedef struct VmInventory {
    GpuList gpus; /* of the host */
    AssignedGpuList assigned;
    AssignedGpuList detached;   /* as they were, with the IDs that they had */
    const char *detached_since; /* RFC 3339; NULL: none are */
    bool has_direct_assignment; /* the VM also holds a whole device (DDA) */
} VmInventory;

/* What a VM that has been found holds. Four round trips. */
MUST_CHECK bool inventory_read_vm(HyperVHost *host, const Vm *vm, Arena *arena, VmInventory *ret_inventory,
                                  Error *err);
