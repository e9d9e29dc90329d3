/* SPDX-License-Identifier: MIT */
/* Whose drivers: the GPUs of a host that a request about drivers means. */
#pragma once

#include "hyperv/gpu/gpu.h"
#include "hyperv/gpu/selector.h"
#include "hyperv/vm/vm.h"

typedef struct DriverGpu {
    const char *name, *device_id;
    bool is_accelerator; /* no display adapter: no guest gets a working GPU by its driver */
    bool is_sriov;       /* a guest takes the vendor's own guest driver */
} DriverGpu;

typedef struct DriverGpuList {
    DriverGpu *items;
    size_t count, capacity;
    size_t gone; /* adapters of the VM that do not tell their GPU, or whose GPU is gone: left out, and told */
} DriverGpuList;

typedef struct DriverGpusRequest {
    HyperVHost *host;
    SelectorList selectors;
    const Vm *vm; /* asked for what it has assigned where no selector is given; may be NULL if one is */
} DriverGpusRequest;

/* Each device once. None is no error: nothing is assigned to the VM. */
MUST_CHECK bool driver_gpus_choose(const DriverGpusRequest *request, Arena *arena, DriverGpuList *ret_gpus,
                                   Error *err);
