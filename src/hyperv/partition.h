/* SPDX-License-Identifier: MIT */
/* One GPU partition adapter of a VM (a row of Msvm_GpuPartitionSettingData) and its settings.
 * "Exactly the same" adapter means: the same GPU and the same PartitionSettings; what was null stays null. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "cim/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The twelve limits, in the order the class declares them. */
typedef enum PartitionLimitKind {
    LIMIT_MIN_VRAM, LIMIT_MAX_VRAM, LIMIT_OPTIMAL_VRAM,
    LIMIT_MIN_ENCODE, LIMIT_MAX_ENCODE, LIMIT_OPTIMAL_ENCODE,
    LIMIT_MIN_DECODE, LIMIT_MAX_DECODE, LIMIT_OPTIMAL_DECODE,
    LIMIT_MIN_COMPUTE, LIMIT_MAX_COMPUTE, LIMIT_OPTIMAL_COMPUTE,
    PARTITION_LIMIT_COUNT
} PartitionLimitKind;

/* "MinPartitionVRAM", ...: the property names, also the variable names of config files. */
extern const char *const partition_limit_names[PARTITION_LIMIT_COUNT];

/* A share of the GPU on the driver's own scale (for GPU-PV the whole GPU is usually 1,000,000,000), not bytes. */
typedef struct PartitionLimit {
    bool is_set; /* false: null, the driver decides when the VM starts */
    uint64_t value;
} PartitionLimit;

typedef struct PartitionLimits {
    PartitionLimit items[PARTITION_LIMIT_COUNT];
} PartitionLimits;

/* 80000000, 100000000, 100000000 for each of the four kinds: what the original tool assigns. */
PartitionLimits partition_limits_default(void);

/* Min <= Optimal <= Max for each kind, where set. ERR_INVALID names the two that contradict each other. */
MUST_CHECK bool partition_limits_check(const PartitionLimits *limits, Error *err);
