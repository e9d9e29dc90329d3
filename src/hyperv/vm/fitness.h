/* SPDX-License-Identifier: MIT */
/* The settings of a VM that a GPU partition goes with, and what of a VM is in its way. */
#pragma once

#include "hyperv/vm/vm.h"

/* MMIO space that guest drivers need, in MB; only ever raised. Hyper-V's own defaults are 128 and 512. */
enum { FIT_LOW_MMIO_MB = 1024, FIT_HIGH_MMIO_MB = 32 * 1024 };

typedef enum VmObstacleKind {
    OBSTACLE_HIGH_MMIO,   /* too small */
    OBSTACLE_LOW_MMIO,    /* too small */
    OBSTACLE_CACHE_TYPES, /* not controlled by the guest */
    OBSTACLE_MEMORY,      /* dynamic, and its minimum is not what it starts with */
} VmObstacleKind;

typedef struct VmObstacle {
    VmObstacleKind kind;
    const char *vm_name, *vm_address;
    uint64_t is_mb, right_mb; /* of MMIO space and memory: what it is, and what would be right */
} VmObstacle;

typedef struct VmObstacles {
    VmObstacle *items;
    size_t count, capacity;
} VmObstacles;

/* What may keep the VM's GPU from working, the likeliest first. None: its settings are those that an assignment
 * makes. */
VmObstacles vm_gpu_obstacles(const Vm *vm, const VmResources *resources, Arena *arena);
