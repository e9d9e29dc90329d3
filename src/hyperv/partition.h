/* SPDX-License-Identifier: MIT */
/* One GPU partition adapter of a VM (a row of Msvm_GpuPartitionSettingData) and its settings.
 * "Exactly the same" adapter means: the same GPU and the same settings; what was null stays null. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "cim/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The twelve limits, in the order the class declares them. */
typedef enum PartitionLimitKind {
    LIMIT_MIN_VRAM,
    LIMIT_MAX_VRAM,
    LIMIT_OPTIMAL_VRAM,
    LIMIT_MIN_ENCODE,
    LIMIT_MAX_ENCODE,
    LIMIT_OPTIMAL_ENCODE,
    LIMIT_MIN_DECODE,
    LIMIT_MAX_DECODE,
    LIMIT_OPTIMAL_DECODE,
    LIMIT_MIN_COMPUTE,
    LIMIT_MAX_COMPUTE,
    LIMIT_OPTIMAL_COMPUTE,
    PARTITION_LIMIT_COUNT
} PartitionLimitKind;

/* Each of the four kinds has three, one after the other. */
enum { LIMIT_MIN, LIMIT_MAX, LIMIT_OPTIMAL, LIMITS_PER_KIND };

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

/* An adapter as it is, or as it shall be. */
typedef struct GpuPartition {
    const char *adapter_id;    /* InstanceID, "Microsoft:<VM GUID>\<GUID>"; NULL: shall be added, the host gives one */
    const char *previous_id;   /* the ID it had before it was taken off; NULL: none */
    const char *host_resource; /* object path of its GPU; NULL: none given (or the host does not tell, see gpu.h) */
    const char *pool_id;       /* NULL or "" for the primordial pool */
    bool has_numa;             /* NumaAwarePlacement is there and not null (builds from 22621 on) */
    bool numa;
    PartitionLimits limits;
    const char *limits_from; /* the config file its limits come from, for messages; NULL: none */
    bool is_gone;            /* its GPU is gone from the host: once off, it cannot be put on again */
    bool is_new;             /* a new assignment: may go without Encode limits where the host refuses them */
} GpuPartition;

typedef struct GpuPartitionList {
    GpuPartition *items;
    size_t count;
    size_t capacity;
} GpuPartitionList;

/* From a row of Msvm_GpuPartitionSettingData. Strings are copied. */
GpuPartition partition_from_instance(const CimInstance *row, Arena *arena);

/* The embedded instance for AddResourceSettings: everything but the limits, which the adding call refuses. */
const CimInstance *partition_adding_instance(const GpuPartition *partition, Arena *arena);

/* The embedded instance for ModifyResourceSettings: the adapter ID and all limits that are set. */
const CimInstance *partition_limits_instance(const char *adapter_id, const GpuPartition *wanted, Arena *arena);

/* The object path of the adapter's row. */
const char *partition_path(const char *adapter_id, Arena *arena);

/* Of the same GPU: their HostResources name the same device, or both name none. */
bool partition_same_gpu(const GpuPartition *a, const GpuPartition *b);

/* NULL and "" are the same: the primordial pool. */
bool partition_same_pool(const GpuPartition *a, const GpuPartition *b);

/* The adapter has the pool, the NUMA placement and the limits of the wanted one. Where no NUMA placement is wanted,
 * any is right: a host may show its default there, and null cannot be written. */
bool partition_has_settings(const GpuPartition *row, const GpuPartition *wanted);

/* Writing the wanted settings makes the adapter have them: what shall be null is null already, and the pool, which
 * cannot be changed, is the same. */
bool partition_can_become(const GpuPartition *row, const GpuPartition *wanted);

/* The two lists hold the same adapters in the same order: GPUs and settings, whatever their IDs. */
bool partition_lists_match(const GpuPartitionList *a, const GpuPartitionList *b);

/* The ID is among these. */
bool partition_id_in(const StringList *ids, const char *adapter_id);

/* The adapter of that ID, or NULL. */
const GpuPartition *partition_find(const GpuPartitionList *list, const char *adapter_id);
