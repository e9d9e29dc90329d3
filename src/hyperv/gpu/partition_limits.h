/* SPDX-License-Identifier: MIT */
/* The twelve limits of a partition: their names, defaults and order. Properties of Msvm_GpuPartitionSettingData. */
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

/* The twelve limits, in the order the class declares them. */
typedef enum PartitionLimitKind {
    PARTITION_LIMIT_MIN_VRAM,
    PARTITION_LIMIT_MAX_VRAM,
    PARTITION_LIMIT_OPTIMAL_VRAM,
    PARTITION_LIMIT_MIN_ENCODE,
    PARTITION_LIMIT_MAX_ENCODE,
    PARTITION_LIMIT_OPTIMAL_ENCODE,
    PARTITION_LIMIT_MIN_DECODE,
    PARTITION_LIMIT_MAX_DECODE,
    PARTITION_LIMIT_OPTIMAL_DECODE,
    PARTITION_LIMIT_MIN_COMPUTE,
    PARTITION_LIMIT_MAX_COMPUTE,
    PARTITION_LIMIT_OPTIMAL_COMPUTE,
    PARTITION_LIMIT_COUNT
} PartitionLimitKind;

/* Each of the four kinds has three, one after the other. */
enum { PARTITION_LIMIT_MIN, PARTITION_LIMIT_MAX, PARTITION_LIMIT_OPTIMAL, PARTITION_LIMITS_PER_KIND };

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

bool partition_limits_equal(const PartitionLimits *a, const PartitionLimits *b);
