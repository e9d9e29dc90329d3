/* SPDX-License-Identifier: MIT */
/* The twelve limits of a partition: their names, defaults and order. Properties of Msvm_GpuPartitionSettingData. */
#include "hyperv/partition.h"

#include <inttypes.h>

const char *const partition_limit_names[PARTITION_LIMIT_COUNT] = {
    [LIMIT_MIN_VRAM] = "MinPartitionVRAM",
    [LIMIT_MAX_VRAM] = "MaxPartitionVRAM",
    [LIMIT_OPTIMAL_VRAM] = "OptimalPartitionVRAM",
    [LIMIT_MIN_ENCODE] = "MinPartitionEncode",
    [LIMIT_MAX_ENCODE] = "MaxPartitionEncode",
    [LIMIT_OPTIMAL_ENCODE] = "OptimalPartitionEncode",
    [LIMIT_MIN_DECODE] = "MinPartitionDecode",
    [LIMIT_MAX_DECODE] = "MaxPartitionDecode",
    [LIMIT_OPTIMAL_DECODE] = "OptimalPartitionDecode",
    [LIMIT_MIN_COMPUTE] = "MinPartitionCompute",
    [LIMIT_MAX_COMPUTE] = "MaxPartitionCompute",
    [LIMIT_OPTIMAL_COMPUTE] = "OptimalPartitionCompute",
};

PartitionLimits partition_limits_default(void)
{
    static const uint64_t defaults[LIMITS_PER_KIND] = {
        [LIMIT_MIN] = 80000000, [LIMIT_MAX] = 100000000, [LIMIT_OPTIMAL] = 100000000
    };
    PartitionLimits limits;
    for (int i = 0; i < PARTITION_LIMIT_COUNT; i++)
        limits.items[i] = (PartitionLimit){ .is_set = true, .value = defaults[i % LIMITS_PER_KIND] };
    return limits;
}

bool partition_limits_check(const PartitionLimits *limits, Error *err)
{
    static const struct {
        int low, high;
    } order[] = { { LIMIT_MIN, LIMIT_MAX }, { LIMIT_MIN, LIMIT_OPTIMAL }, { LIMIT_OPTIMAL, LIMIT_MAX } };
    for (int kind = 0; kind < PARTITION_LIMIT_COUNT; kind += LIMITS_PER_KIND) {
        for (size_t i = 0; i < COUNT_OF(order); i++) {
            const PartitionLimit *low = &limits->items[kind + order[i].low];
            const PartitionLimit *high = &limits->items[kind + order[i].high];
            if (low->is_set && high->is_set && low->value > high->value)
                return error_set(err, ERR_INVALID, "%s (%" PRIu64 ") is larger than %s (%" PRIu64 ")",
                                 partition_limit_names[kind + order[i].low], low->value,
                                 partition_limit_names[kind + order[i].high], high->value);
        }
    }
    return true;
}
