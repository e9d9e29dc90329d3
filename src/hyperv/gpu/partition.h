/* SPDX-License-Identifier: MIT */
/* One GPU partition adapter of a VM (a row of Msvm_GpuPartitionSettingData) and its settings.
 * "Exactly the same" adapter means: the same GPU and the same settings; what was null stays null. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "cim/value.h"
#include "hyperv/gpu/partition_limits.h"

#include <stdbool.h>
#include <stddef.h>

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
