/* SPDX-License-Identifier: MIT */
#include "present/inventory.h"

#include "base/compiler.h"
#include "json/document.h"
#include "operations/inventory.h"
#include "present/vm_settings.h"

#include <inttypes.h>

/* ---- VMs ---- */

static const char *vm_heading(const void *record, Arena *arena)
{
    (void) arena;
    return ((const VmSummary *) record)->name;
}

static const char *vm_state(const void *record, Arena *arena)
{
    return vm_state_name(((const VmSummary *) record)->state, arena);
}

static json_t *write_vm_state(const void *record)
{
    Arena arena = ARENA_INIT;
    json_t *json = json_text(vm_state(record, &arena));
    arena_release(&arena);
    return json;
}

static const char *detached_text(const void *record, Arena *arena)
{
    size_t count = ((const VmSummary *) record)->detached;
    return count > 0 ? arena_printf(arena, "%zu", count) : NULL;
}

static const Field vm_summary_fields[] = {
    FIELD_TEXT(VmSummary, name, "name"),
    FIELD_TEXT(VmSummary, guid, "id", .label = "ID"),
    FIELD_OF_RECORD(write_vm_state, NULL, "state", .label = "State", .show = vm_state),
    FIELD_SIZE(VmSummary, gpus, "gpus", .label = "GPUs"),
    FIELD_SIZE(VmSummary, detached, "detachedGpus", .label = "Detached", .show = detached_text),
    FIELD_SIZE(VmSummary, checkpoints, "checkpoints", .label = "Checkpoints"),
};
const Shape vm_summary_shape = SHAPE(VmSummary, vm_summary_fields, .heading = vm_heading);

/* ---- GPUs ---- */

static const char *number_text(const PartitionLimit *number, Arena *arena)
{
    return number->is_set ? arena_printf(arena, "%" PRIu64, number->value) : "-";
}

static json_t *write_number(const void *member)
{
    const PartitionLimit *number = member;
    return number->is_set ? json_uint64(number->value) : json_null();
}

#define FIELD_NUMBER(member, name) FIELD_OTHER(GpuQuota, member, write_number, NULL, name)

static const Field quota_fields[] = {
    FIELD_NUMBER(total, "total"), FIELD_NUMBER(available, "available"), FIELD_NUMBER(min, "min"),
    FIELD_NUMBER(max, "max"),     FIELD_NUMBER(optimal, "optimal"),
};
static const Shape quota_shape = SHAPE(GpuQuota, quota_fields);

static json_t *write_quotas(const void *member)
{
    const GpuQuota *quotas = member;
    json_t *json = json_object();
    for (size_t i = 0; i < GPU_QUOTA_COUNT; i++)
        json_put(json, gpu_quota_names[i], shape_write(&quota_shape, &quotas[i]));
    return json;
}

static const char *quota_text(const Gpu *gpu, GpuQuotaKind kind, Arena *arena)
{
    const GpuQuota *quota = &gpu->quotas[kind];
    return arena_printf(arena, "%s of %s available; per partition %s to %s, optimal %s",
                        number_text(&quota->available, arena), number_text(&quota->total, arena),
                        number_text(&quota->min, arena), number_text(&quota->max, arena),
                        number_text(&quota->optimal, arena));
}

const char *partition_limits_text(const PartitionLimits *limits, GpuQuotaKind kind, Arena *arena)
{
    const PartitionLimit *three = &limits->items[3 * kind];
    if (!three[0].is_set && !three[1].is_set && !three[2].is_set)
        return "not set";
    return arena_printf(arena, "min %s, max %s, optimal %s", number_text(&three[0], arena),
                        number_text(&three[1], arena), number_text(&three[2], arena));
}

static const char *assigned_limits_text(const AssignedGpu *assigned, GpuQuotaKind kind, Arena *arena)
{
    return partition_limits_text(&assigned->partition.limits, kind, arena);
}

const char *gpu_label(const Gpu *gpu, const char *name, Arena *arena)
{
    return gpu != NULL ? arena_printf(arena, "(%zu) %s", gpu->order, name) : arena_printf(arena, "(-) %s", name);
}

/* A line for each kind of quota. */
#define SHOW_QUOTA(name, type, text, kind)                                                                             \
    static const char *name(const void *record, Arena *arena)                                                          \
    {                                                                                                                  \
        return text((const type *) record, kind, arena);                                                               \
    }
SHOW_QUOTA(gpu_vram, Gpu, quota_text, GPU_QUOTA_VRAM)
SHOW_QUOTA(gpu_encode, Gpu, quota_text, GPU_QUOTA_ENCODE)
SHOW_QUOTA(gpu_decode, Gpu, quota_text, GPU_QUOTA_DECODE)
SHOW_QUOTA(gpu_compute, Gpu, quota_text, GPU_QUOTA_COMPUTE)
SHOW_QUOTA(assigned_vram, AssignedGpu, assigned_limits_text, GPU_QUOTA_VRAM)
SHOW_QUOTA(assigned_encode, AssignedGpu, assigned_limits_text, GPU_QUOTA_ENCODE)
SHOW_QUOTA(assigned_decode, AssignedGpu, assigned_limits_text, GPU_QUOTA_DECODE)
SHOW_QUOTA(assigned_compute, AssignedGpu, assigned_limits_text, GPU_QUOTA_COMPUTE)

static const char *gpu_heading(const void *record, Arena *arena)
{
    const Gpu *gpu = record;
    return arena_printf(arena, "(%zu) %s", gpu->order, gpu->name != NULL ? gpu->name : "Unknown GPU");
}

static const char *gpu_status(const void *record, Arena *arena)
{
    const Gpu *gpu = record;
    if (gpu->name == NULL)
        return "unknown to Plug and Play";
    const char *kind = gpu->is_display ? "" : ", no display adapter";
    if (!gpu->is_present)
        return arena_printf(arena, "not present%s", kind);
    if (gpu->problem != 0)
        return arena_printf(arena, "present, not working (problem code %" PRIu32 ")%s", gpu->problem, kind);
    return arena_printf(arena, "present, %s%s", gpu->is_ok ? "working" : "not working", kind);
}

static const char *gpu_partitions(const void *record, Arena *arena)
{
    const Gpu *gpu = record;
    return arena_printf(arena, "%" PRIu64 " in use, %" PRIu64 " possible", gpu->partitions_in_use, gpu->partitions);
}

/* A number that is small on every host. */
static json_t *write_small(const void *member)
{
    return json_integer((json_int_t) * (const uint64_t *) member);
}

static const Field gpu_fields[] = {
    FIELD_SIZE(Gpu, order, "order"),
    FIELD_TEXT(Gpu, name, "name", .flags = FIELD_NULLABLE),
    FIELD_TEXT(Gpu, device_id, "deviceId", .label = "Device ID"),
    FIELD_TEXT(Gpu, instance_id, "instanceId", .label = "Instance ID"),
    FIELD_SHOWN(gpu_status, "Status"),
    FIELD_BOOLEAN(Gpu, is_present, "present"),
    FIELD_BOOLEAN(Gpu, is_ok, "working"),
    FIELD_UINT32(Gpu, problem, "problemCode"),
    FIELD_BOOLEAN(Gpu, is_display, "displayAdapter"),
    FIELD_OTHER(Gpu, partitions, write_small, NULL, "partitions"),
    FIELD_OTHER(Gpu, partitions_in_use, write_small, NULL, "partitionsInUse"),
    FIELD_SHOWN(gpu_partitions, "Partitions"),
    FIELD_SHOWN(gpu_vram, "VRAM"),
    FIELD_SHOWN(gpu_encode, "Encode"),
    FIELD_SHOWN(gpu_decode, "Decode"),
    FIELD_SHOWN(gpu_compute, "Compute"),
    FIELD_OTHER(Gpu, quotas, write_quotas, NULL, "quotas"),
};
const Shape gpu_shape = SHAPE(Gpu, gpu_fields, .heading = gpu_heading);

/* ---- GPUs of a VM ---- */

static const char *assigned_heading(const void *record, Arena *arena)
{
    const AssignedGpu *assigned = record;
    return gpu_label(assigned->gpu, assigned->name, arena);
}

static const char *assigned_status(const void *record, Arena *arena)
{
    (void) arena;
    const AssignedGpu *assigned = record;
    if (assigned->partition.host_resource == NULL)
        return "no instance path: the host chooses the GPU when the VM starts";
    if (assigned->gpu != NULL)
        return "GPU present";
    return assigned->is_detached ? "the GPU is gone from the host and cannot be put back"
                                 : "stale: its GPU is gone from the host";
}

json_t *assigned_gpu_order_to_json(const void *of)
{
    const AssignedGpu *assigned = of;
    return assigned->gpu != NULL ? json_integer((json_int_t) assigned->gpu->order) : json_null();
}

static json_t *write_stale(const void *record)
{
    return json_boolean(assigned_gpu_is_gone(record));
}

static const Field assigned_gpu_fields[] = {
    FIELD_TEXT(AssignedGpu, partition.adapter_id, "adapterId", .label = "Adapter ID"),
    FIELD_TEXT(AssignedGpu, partition.host_resource, "hostResource", .flags = FIELD_NULLABLE),
    FIELD_TEXT(AssignedGpu, partition.pool_id, "poolId", .flags = FIELD_NULLABLE),
    FIELD_OTHER(AssignedGpu, partition, partition_numa_json, NULL, "numaAwarePlacement"),
    FIELD_OTHER(AssignedGpu, partition.limits, partition_limits_json, NULL, "limits"),
    FIELD_TEXT(AssignedGpu, name, "name"),
    FIELD_OF_RECORD(assigned_gpu_order_to_json, NULL, "order"),
    FIELD_TEXT(AssignedGpu, device_id, "deviceId", .flags = FIELD_NULLABLE, .label = "Device ID"),
    FIELD_TEXT(AssignedGpu, instance_id, "instanceId", .flags = FIELD_NULLABLE, .label = "Instance ID"),
    FIELD_SHOWN(assigned_status, "Status"),
    FIELD_SHOWN(assigned_vram, "VRAM"),
    FIELD_SHOWN(assigned_encode, "Encode"),
    FIELD_SHOWN(assigned_decode, "Decode"),
    FIELD_SHOWN(assigned_compute, "Compute"),
    FIELD_OF_RECORD(write_stale, NULL, "stale"),
};
const Shape assigned_gpu_shape = SHAPE(AssignedGpu, assigned_gpu_fields, .heading = assigned_heading);
