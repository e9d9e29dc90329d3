/* SPDX-License-Identifier: MIT */
/* The settings of a VM that a GPU partition goes with, and what of a VM is in its way. */
#pragma once

#include "hyperv/vm/vm.h"

/* MMIO space that guest drivers need, in MB; only ever raised. Hyper-V's own defaults are 128 and 512. */
enum { FIT_LOW_MMIO_MB = 1024, FIT_HIGH_MMIO_MB = 32 * 1024 };

/* The end of what a processor with so many address bits can address, in MB. UINT64_MAX: the bits are not known. */
uint64_t fit_addressable_mb(unsigned address_bits);

/* The high MMIO space that the VM's GPU wants, in MB: a VM whose space ends above what the host's processor can address
 * does not start, so it may be less than FIT_HIGH_MMIO_MB. 0: not even its beginning can be addressed. */
uint64_t vm_fit_high_mmio_mb(const Vm *vm, unsigned address_bits);

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
VmObstacles vm_gpu_obstacles(const Vm *vm, const VmResources *resources, unsigned address_bits, Arena *arena);
