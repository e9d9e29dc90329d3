/* SPDX-License-Identifier: MIT */
/* Windows SDK, Msvm_GpuPartitionSettingData; values of a new adapter as recorded on a real host. */
#include "hyperv/gpu/partition.h"

#include "base/ascii.h"
#include "cim/path.h"
#include "hyperv/gpu/gpu_path.h"

#include <string.h>

#define CLASS "Msvm_GpuPartitionSettingData"

GpuPartition partition_from_instance(const CimInstance *row, Arena *arena)
{
    GpuPartition partition = { 0 };
    const char *id = cim_instance_text(row, "InstanceID");
    partition.adapter_id = arena_strdup(arena, id != NULL ? id : "");
    StringList resources;
    cim_instance_texts(row, "HostResource", arena, &resources);
    if (resources.count > 0 && *resources.items[0] != '\0')
        partition.host_resource = arena_strdup(arena, resources.items[0]);
    const char *pool = cim_instance_text(row, "PoolID");
    partition.pool_id = pool != NULL ? arena_strdup(arena, pool) : NULL;
    partition.has_numa = !cim_instance_is_null(row, "NumaAwarePlacement");
    partition.numa = cim_instance_boolean(row, "NumaAwarePlacement", false);
    for (size_t i = 0; i < PARTITION_LIMIT_COUNT; i++) {
        if (!cim_instance_is_null(row, partition_limit_names[i])) {
            partition.limits.items[i].is_set = true;
            partition.limits.items[i].value = cim_instance_uint(row, partition_limit_names[i], 0);
        }
    }
    return partition;
}

const CimInstance *partition_adding_instance(const GpuPartition *partition, Arena *arena)
{
    CimInstance *instance = cim_instance_create(arena, CLASS);
    cim_instance_set(instance, arena, "ResourceType", cim_uint(CIM_TYPE_UINT16, 32770));
    cim_instance_set(instance, arena, "ResourceSubType", cim_string("Microsoft:Hyper-V:GPU Partition"));
    cim_instance_set(instance, arena, "PoolID", cim_string(partition->pool_id != NULL ? partition->pool_id : ""));
    cim_instance_set(instance, arena, "ConsumerVisibility", cim_uint(CIM_TYPE_UINT16, 3));
    cim_instance_set(instance, arena, "AllocationUnits", cim_string("count"));
    cim_instance_set(instance, arena, "VirtualQuantityUnits", cim_string("count"));
    cim_instance_set(instance, arena, "VirtualQuantity", cim_uint(CIM_TYPE_UINT64, 1));
    cim_instance_set(instance, arena, "Reservation", cim_uint(CIM_TYPE_UINT64, 1));
    cim_instance_set(instance, arena, "Limit", cim_uint(CIM_TYPE_UINT64, 1));
    cim_instance_set(instance, arena, "Weight", cim_uint(CIM_TYPE_UINT32, 0));
    cim_instance_set(instance, arena, "AutomaticAllocation", cim_boolean(true));
    cim_instance_set(instance, arena, "AutomaticDeallocation", cim_boolean(true));
    cim_instance_set(instance, arena, "MappingBehavior", cim_uint(CIM_TYPE_UINT16, 3));
    if (partition->host_resource != NULL)
        cim_instance_set(instance, arena, "HostResource",
                         cim_text_array(arena, CIM_TYPE_STRING, &partition->host_resource, 1));
    if (partition->has_numa)
        cim_instance_set(instance, arena, "NumaAwarePlacement", cim_boolean(partition->numa));
    return instance;
}

const CimInstance *partition_limits_instance(const char *adapter_id, const GpuPartition *wanted, Arena *arena)
{
    CimInstance *instance = cim_instance_create(arena, CLASS);
    cim_instance_set(instance, arena, "InstanceID", cim_string(adapter_id));
    for (size_t i = 0; i < PARTITION_LIMIT_COUNT; i++) {
        if (wanted->limits.items[i].is_set)
            cim_instance_set(instance, arena, partition_limit_names[i],
                             cim_uint(CIM_TYPE_UINT64, wanted->limits.items[i].value));
    }
    if (wanted->has_numa)
        cim_instance_set(instance, arena, "NumaAwarePlacement", cim_boolean(wanted->numa));
    return instance;
}

const char *partition_path(const char *adapter_id, Arena *arena)
{
    return cim_path_make(arena, CLASS, "InstanceID", adapter_id);
}

bool partition_same_gpu(const GpuPartition *a, const GpuPartition *b)
{
    if (a->host_resource == NULL || b->host_resource == NULL)
        return a->host_resource == b->host_resource;
    return gpu_path_same_device(a->host_resource, b->host_resource);
}

/* NULL and "" are the same: the primordial pool. */
static bool is_same_pool(const GpuPartition *a, const GpuPartition *b)
{
    return ascii_equals(a->pool_id != NULL ? a->pool_id : "", b->pool_id != NULL ? b->pool_id : "");
}

bool partition_has_settings(const GpuPartition *row, const GpuPartition *wanted)
{
    bool numa_fits = !wanted->has_numa || (row->has_numa && row->numa == wanted->numa);
    return is_same_pool(row, wanted) && numa_fits && partition_limits_equal(&row->limits, &wanted->limits);
}

bool partition_can_become(const GpuPartition *row, const GpuPartition *wanted)
{
    for (size_t i = 0; i < PARTITION_LIMIT_COUNT; i++) {
        if (row->limits.items[i].is_set && !wanted->limits.items[i].is_set)
            return false;
    }
    return is_same_pool(row, wanted) && (row->has_numa || !wanted->has_numa);
}

bool partition_id_in(const StringList *ids, const char *adapter_id)
{
    for (size_t i = 0; i < ids->count; i++) {
        if (ascii_equals(ids->items[i], adapter_id))
            return true;
    }
    return false;
}

bool partition_lists_match(const GpuPartitionList *a, const GpuPartitionList *b)
{
    bool match = a->count == b->count;
    for (size_t i = 0; match && i < a->count; i++)
        match = partition_same_gpu(&a->items[i], &b->items[i]) && partition_has_settings(&a->items[i], &b->items[i]);
    return match;
}

const GpuPartition *partition_find(const GpuPartitionList *list, const char *adapter_id)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].adapter_id != NULL && ascii_equals(list->items[i].adapter_id, adapter_id))
            return &list->items[i];
    }
    return NULL;
}
