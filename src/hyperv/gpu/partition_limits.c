/* SPDX-License-Identifier: MIT */
#include "hyperv/gpu/partition_limits.h"

#include <inttypes.h>
#include <stddef.h>

const char *const partition_limit_names[PARTITION_LIMIT_COUNT] = {
    [PARTITION_LIMIT_MIN_VRAM] = "MinPartitionVRAM",
    [PARTITION_LIMIT_MAX_VRAM] = "MaxPartitionVRAM",
    [PARTITION_LIMIT_OPTIMAL_VRAM] = "OptimalPartitionVRAM",
    [PARTITION_LIMIT_MIN_ENCODE] = "MinPartitionEncode",
    [PARTITION_LIMIT_MAX_ENCODE] = "MaxPartitionEncode",
    [PARTITION_LIMIT_OPTIMAL_ENCODE] = "OptimalPartitionEncode",
    [PARTITION_LIMIT_MIN_DECODE] = "MinPartitionDecode",
    [PARTITION_LIMIT_MAX_DECODE] = "MaxPartitionDecode",
    [PARTITION_LIMIT_OPTIMAL_DECODE] = "OptimalPartitionDecode",
    [PARTITION_LIMIT_MIN_COMPUTE] = "MinPartitionCompute",
    [PARTITION_LIMIT_MAX_COMPUTE] = "MaxPartitionCompute",
    [PARTITION_LIMIT_OPTIMAL_COMPUTE] = "OptimalPartitionCompute",
};

PartitionLimits partition_limits_default(void)
{
    static const uint64_t defaults[PARTITION_LIMITS_PER_KIND] = {
        [PARTITION_LIMIT_MIN] = 80000000, [PARTITION_LIMIT_MAX] = 100000000, [PARTITION_LIMIT_OPTIMAL] = 100000000
    };
    PartitionLimits limits;
    for (int i = 0; i < PARTITION_LIMIT_COUNT; i++)
        limits.items[i] = (PartitionLimit){ .is_set = true, .value = defaults[i % PARTITION_LIMITS_PER_KIND] };
    return limits;
}

bool partition_limits_check(const PartitionLimits *limits, Error *err)
{
    static const struct {
        int low, high;
    } order[] = { { PARTITION_LIMIT_MIN, PARTITION_LIMIT_MAX },
                  { PARTITION_LIMIT_MIN, PARTITION_LIMIT_OPTIMAL },
                  { PARTITION_LIMIT_OPTIMAL, PARTITION_LIMIT_MAX } };
    for (int kind = 0; kind < PARTITION_LIMIT_COUNT; kind += PARTITION_LIMITS_PER_KIND) {
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

bool partition_limits_equal(const PartitionLimits *a, const PartitionLimits *b)
{
    for (size_t i = 0; i < PARTITION_LIMIT_COUNT; i++) {
        if (a->items[i].is_set != b->items[i].is_set || (a->items[i].is_set && a->items[i].value != b->items[i].value))
            return false;
    }
    return true;
}
