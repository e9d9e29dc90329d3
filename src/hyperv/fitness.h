/* SPDX-License-Identifier: MIT */
/* The settings of a VM that a GPU partition goes with, and what of a VM is in its way. */
#pragma once

#include "hyperv/vm.h"

/* MMIO space that guest drivers need, in MB; only ever raised. Hyper-V's own defaults are 128 and 512. */
enum { FIT_LOW_MMIO_MB = 1024, FIT_HIGH_MMIO_MB = 32 * 1024 };

/* What may keep the VM's GPU from working, the likeliest first: each with what is, what would be right, and the command
 * that mends it ("program" as in HyperVHost). None: its settings are those that an assignment makes. */
StringList vm_gpu_obstacles(const Vm *vm, const VmResources *resources, const char *program, Arena *arena);
