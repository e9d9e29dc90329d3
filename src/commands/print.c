/* SPDX-License-Identifier: MIT */
#include "commands/print.h"

#include "base/str.h"
#include "hyperv/gpu_path.h"

#include <inttypes.h>
#include <string.h>

#define RULE "------------------------------------------"

static json_t *limit_json(Arena *arena, const PartitionLimit *limit)
{
    return limit->is_set ? json_string(arena_printf(arena, "%" PRIu64, limit->value)) : json_null();
}

static const char *limit_text(Arena *arena, const PartitionLimit *limit)
{
    return limit->is_set ? arena_printf(arena, "%" PRIu64, limit->value) : "-";
}

/* ---- GPUs ---- */

static const char *gpu_status(const Gpu *gpu, Arena *arena)
{
    if (gpu->name == NULL)
        return "unknown to Plug and Play";
    if (!gpu->is_present)
        return "not present";
    if (gpu->problem != 0)
        return arena_printf(arena, "present, not working (problem code %" PRIu32 ")", gpu->problem);
    return gpu->is_ok ? "present, working" : "present, not working";
}

static json_t *gpu_json(App *app, const Gpu *gpu)
{
    json_t *json = json_object();
    (void) json_object_set_new(json, "order", json_integer((json_int_t) gpu->order));
    (void) json_object_set_new(json, "name", output_json_text(gpu->name));
    (void) json_object_set_new(json, "deviceId", output_json_text(gpu->device_id));
    (void) json_object_set_new(json, "instanceId", output_json_text(gpu->instance_id));
    (void) json_object_set_new(json, "present", json_boolean(gpu->is_present));
    (void) json_object_set_new(json, "working", json_boolean(gpu->is_ok));
    (void) json_object_set_new(json, "problemCode", json_integer(gpu->problem));
    (void) json_object_set_new(json, "displayAdapter", json_boolean(gpu->is_display));
    (void) json_object_set_new(json, "partitions", json_integer((json_int_t) gpu->partitions));
    (void) json_object_set_new(json, "partitionsInUse", json_integer((json_int_t) gpu->partitions_in_use));
    json_t *quotas = json_object();
    for (size_t i = 0; i < GPU_QUOTA_COUNT; i++) {
        const GpuQuota *quota = &gpu->quotas[i];
        json_t *numbers = json_object();
        (void) json_object_set_new(numbers, "total", limit_json(app->arena, &quota->total));
        (void) json_object_set_new(numbers, "available", limit_json(app->arena, &quota->available));
        (void) json_object_set_new(numbers, "min", limit_json(app->arena, &quota->min));
        (void) json_object_set_new(numbers, "max", limit_json(app->arena, &quota->max));
        (void) json_object_set_new(numbers, "optimal", limit_json(app->arena, &quota->optimal));
        (void) json_object_set_new(quotas, gpu_quota_names[i], numbers);
    }
    (void) json_object_set_new(json, "quotas", quotas);
    return json;
}

static void print_gpu(App *app, const Gpu *gpu)
{
    Arena *arena = app->arena;
    output_result(app->output, "(%zu) %s\n", gpu->order, gpu->name != NULL ? gpu->name : "Unknown GPU");
    output_result(app->output, "Device ID   : %s\n", gpu->device_id);
    output_result(app->output, "Instance ID : %s\n", gpu->instance_id);
    output_result(app->output, "Status      : %s%s\n", gpu_status(gpu, arena),
                  gpu->name != NULL && !gpu->is_display ? ", no display adapter" : "");
    output_result(app->output, "Partitions  : %" PRIu64 " in use, %" PRIu64 " possible\n", gpu->partitions_in_use,
                  gpu->partitions);
    for (size_t i = 0; i < GPU_QUOTA_COUNT; i++) {
        const GpuQuota *quota = &gpu->quotas[i];
        output_result(app->output, "%-12s: %s of %s available; per partition %s to %s, optimal %s\n",
                      gpu_quota_names[i], limit_text(arena, &quota->available), limit_text(arena, &quota->total),
                      limit_text(arena, &quota->min), limit_text(arena, &quota->max),
                      limit_text(arena, &quota->optimal));
    }
    output_result(app->output, "\n");
}

void print_partitionable(App *app, const GpuList *gpus)
{
    json_t *array = json_array();
    output_result(app->output, "\n\n\nPartitionable Gpu Adapters (Total:%zu)\n" RULE "\n\n", gpus->count);
    for (size_t i = 0; i < gpus->count; i++) {
        print_gpu(app, &gpus->items[i]);
        (void) json_array_append_new(array, gpu_json(app, &gpus->items[i]));
    }
    (void) json_object_set_new(output_json(app->output), "gpus", array);
}

/* ---- adapters ---- */

static const char *adapter_status(const GpuPartition *partition, const GpuList *gpus)
{
    if (partition->host_resource == NULL)
        return "no instance path: the host chooses the GPU when the VM starts";
    return gpu_list_find(gpus, partition) != NULL ? "GPU present" : "stale: its GPU is gone from the host";
}

static const char *adapter_device_id(App *app, const GpuPartition *partition, const GpuList *gpus)
{
    const Gpu *gpu = gpu_list_find(gpus, partition);
    if (gpu != NULL)
        return gpu->device_id;
    return partition->host_resource != NULL ? gpu_path_device_id(partition->host_resource, app->arena) : NULL;
}

static const char *limits_text(App *app, const PartitionLimits *limits, GpuQuotaKind kind)
{
    const PartitionLimit *three = &limits->items[3 * kind];
    if (!three[0].is_set && !three[1].is_set && !three[2].is_set)
        return "not set";
    return arena_printf(app->arena, "min %s, max %s, optimal %s", limit_text(app->arena, &three[0]),
                        limit_text(app->arena, &three[1]), limit_text(app->arena, &three[2]));
}

static json_t *adapter_json(App *app, const GpuPartition *partition, const GpuList *gpus)
{
    json_t *json = partition_to_json(partition);
    const Gpu *gpu = gpu_list_find(gpus, partition);
    (void) json_object_del(json, "isNew");
    (void) json_object_del(json, "isGone");
    (void) json_object_del(json, "previousAdapterId");
    (void) json_object_set_new(json, "name", output_json_text(gpu_list_name_of(gpus, partition)));
    (void) json_object_set_new(json, "order", gpu != NULL ? json_integer((json_int_t) gpu->order) : json_null());
    (void) json_object_set_new(json, "deviceId", output_json_text(adapter_device_id(app, partition, gpus)));
    (void) json_object_set_new(json, "instanceId",
                               partition->host_resource != NULL
                                   ? output_json_text(gpu_path_instance_id(partition->host_resource, app->arena))
                                   : json_null());
    (void) json_object_set_new(json, "stale", json_boolean(partition->host_resource != NULL && gpu == NULL));
    return json;
}

const char *print_label(App *app, const GpuPartition *partition, const GpuList *gpus)
{
    const Gpu *gpu = gpu_list_find(gpus, partition);
    if (gpu == NULL)
        return arena_printf(app->arena, "(-) %s", gpu_list_name_of(gpus, partition));
    return arena_printf(app->arena, "(%zu) %s", gpu->order, gpu_list_name_of(gpus, partition));
}

static void print_adapter(App *app, const GpuPartition *partition, const GpuList *gpus)
{
    const char *device_id = adapter_device_id(app, partition, gpus);
    output_result(app->output, "%s\n", print_label(app, partition, gpus));
    output_result(app->output, "Adapter ID  : %s\n", partition->adapter_id);
    output_result(app->output, "Device ID   : %s\n", device_id != NULL ? device_id : "");
    output_result(app->output, "Instance ID : %s\n",
                  partition->host_resource != NULL ? gpu_path_instance_id(partition->host_resource, app->arena) : "");
    output_result(app->output, "Status      : %s\n", adapter_status(partition, gpus));
    for (size_t i = 0; i < GPU_QUOTA_COUNT; i++)
        output_result(app->output, "%-12s: %s\n", gpu_quota_names[i],
                      limits_text(app, &partition->limits, (GpuQuotaKind) i));
    output_result(app->output, "\n");
}

void print_assigned(App *app, const GpuPartitionList *partitions, const GpuList *gpus)
{
    json_t *array = json_array();
    output_result(app->output, "\nAssigned Gpu Adapters (Total:%zu)\n" RULE "\n\n", partitions->count);
    for (size_t i = 0; i < partitions->count; i++) {
        print_adapter(app, &partitions->items[i], gpus);
        (void) json_array_append_new(array, adapter_json(app, &partitions->items[i], gpus));
    }
    (void) json_object_set_new(output_json(app->output), "assigned", array);
}

/* ---- plans and results ---- */

typedef enum SettingUnit { UNIT_SWITCH, UNIT_MEGABYTES, UNIT_CHECKPOINT_TYPE } SettingUnit;

static const struct {
    const char *property, *name;
    SettingUnit unit;
} settings[] = {
    { "AutomaticSnapshotsEnabled", "automatic checkpoints", UNIT_SWITCH },
    { "GuestControlledCacheTypes", "cache types controlled by the guest", UNIT_SWITCH },
    { "LowMmioGapSize", "low MMIO space", UNIT_MEGABYTES },
    { "HighMmioGapSize", "high MMIO space", UNIT_MEGABYTES },
    { "UserSnapshotType", "checkpoint type", UNIT_CHECKPOINT_TYPE },
};

const char *print_setting_name(const char *property)
{
    for (size_t i = 0; i < COUNT_OF(settings); i++) {
        if (strcmp(settings[i].property, property) == 0)
            return settings[i].name;
    }
    return property;
}

static const char *checkpoint_type_name(uint64_t type)
{
    switch (type) {
    case CHECKPOINTS_DISABLED:
        return "disabled";
    case CHECKPOINTS_PRODUCTION:
        return "production";
    case CHECKPOINTS_PRODUCTION_ONLY:
        return "production only";
    case CHECKPOINTS_STANDARD:
        return "standard";
    default:
        return "unknown";
    }
}

const char *print_setting_value(const char *property, const CimValue *value, Arena *arena)
{
    if (value->is_null)
        return "not set";
    for (size_t i = 0; i < COUNT_OF(settings); i++) {
        if (strcmp(settings[i].property, property) != 0)
            continue;
        if (settings[i].unit == UNIT_SWITCH)
            return value->boolean ? "on" : "off";
        if (settings[i].unit == UNIT_MEGABYTES)
            return arena_printf(arena, "%" PRIu64 " MB", value->uint);
        return checkpoint_type_name(value->uint);
    }
    return cim_value_format(value, arena);
}

static void print_off(App *app, const GpuPartitionList *removals, const GpuList *gpus, int *number)
{
    if (removals->count == 0)
        return;
    output_result(app->output, "  %d. take off:\n", (*number)++);
    for (size_t i = 0; i < removals->count; i++)
        output_result(app->output, "       %s  %s\n", print_label(app, &removals->items[i], gpus),
                      removals->items[i].adapter_id);
}

static void print_on(App *app, const ChangeRecord *record, const GpuList *gpus, int *number)
{
    if (!record_adds(record))
        return;
    output_result(app->output, "  %d. put on:\n", (*number)++);
    for (size_t i = 0; i < record->after.count; i++) {
        const GpuPartition *partition = &record->after.items[i];
        if (partition->adapter_id != NULL)
            continue;
        output_result(app->output, "       %s  (%s%s%s)\n", print_label(app, partition, gpus),
                      partition->is_new ? "new" : "as it is now", partition->limits_from != NULL ? ", limits of " : "",
                      partition->limits_from != NULL ? partition->limits_from : "");
        for (size_t kind = 0; kind < GPU_QUOTA_COUNT; kind++)
            output_result(app->output, "         %-8s %s\n", gpu_quota_names[kind],
                          limits_text(app, &partition->limits, (GpuQuotaKind) kind));
    }
}

void print_plan(App *app, const ChangeRecord *record, const GpuList *gpus)
{
    int number = 1;
    GpuPartitionList removals = record_removals(record, app->arena);
    json_t *json = record_to_json(record);
    (void) json_object_del(json, "step");
    (void) json_object_set_new(output_json(app->output), "plan", json);

    output_result(app->output, "Plan for VM '%s' (nothing is changed):\n", record->vm_name);
    if (record_is_empty(record, app->arena))
        output_result(app->output, "  nothing to do\n");
    for (size_t i = 0; i < record->settings.count; i++) {
        const SettingChange *change = &record->settings.items[i];
        output_result(app->output, "  %d. set %s: %s -> %s\n", number++, print_setting_name(change->property),
                      print_setting_value(change->property, &change->before, app->arena),
                      print_setting_value(change->property, &change->after, app->arena));
    }
    if (record->empties_first)
        print_off(app, &removals, gpus, &number);
    if (record->takes_checkpoint)
        output_result(
            app->output, "  %d. create the checkpoint%s%s%s\n", number++, record->checkpoint_name != NULL ? " '" : "",
            record->checkpoint_name != NULL ? record->checkpoint_name : "", record->checkpoint_name != NULL ? "'" : "");
    if (!record->empties_first)
        print_off(app, &removals, gpus, &number);
    print_on(app, record, gpus, &number);
}

json_t *print_change_json(App *app, const GpuPartition *partition, const GpuList *gpus)
{
    json_t *json = json_object();
    const Gpu *gpu = gpu_list_find(gpus, partition);
    (void) json_object_set_new(json, "name", output_json_text(gpu_list_name_of(gpus, partition)));
    (void) json_object_set_new(json, "order", gpu != NULL ? json_integer((json_int_t) gpu->order) : json_null());
    (void) json_object_set_new(json, "deviceId", output_json_text(adapter_device_id(app, partition, gpus)));
    (void) json_object_set_new(json, "adapterId", output_json_text(partition->adapter_id));
    (void) json_object_set_new(json, "previousAdapterId", output_json_text(partition->previous_id));
    return json;
}

const char *print_size(Arena *arena, uint64_t bytes)
{
    enum { KIB = 1024, MIB = 1024 * 1024 };
    return bytes < MIB ? arena_printf(arena, "%" PRIu64 " KB", (bytes + KIB - 1) / KIB)
                       : arena_printf(arena, "%" PRIu64 " MB", (bytes + MIB - 1) / MIB);
}

json_t *print_guest_gpus_json(const GuestGpus *gpus)
{
    json_t *array = json_array();
    for (size_t i = 0; i < gpus->count; i++) {
        json_t *json = json_object();
        (void) json_object_set_new(json, "name", output_json_text(gpus->items[i].name));
        (void) json_object_set_new(json, "deviceId", output_json_text(gpus->items[i].device_id));
        (void) json_object_set_new(json, "problemCode",
                                   gpus->items[i].problem != GUEST_GPU_UNKNOWN ? json_integer(gpus->items[i].problem)
                                                                               : json_null());
        (void) json_array_append_new(array, json);
    }
    return array;
}

/* The adapter of "after" that takes the place of one that came off. */
static const GpuPartition *find_successor(const ChangeRecord *record, const char *previous_id)
{
    for (size_t i = 0; i < record->after.count; i++) {
        const char *id = record->after.items[i].previous_id;
        if (id != NULL && strcmp(id, previous_id) == 0)
            return &record->after.items[i];
    }
    return NULL;
}

void print_changes(App *app, const ChangeRecord *record, const GpuList *gpus)
{
    json_t *removed = json_array(), *added = json_array(), *kept = json_array();
    GpuPartitionList removals = record_removals(record, app->arena);
    for (size_t i = 0; i < removals.count; i++) {
        if (find_successor(record, removals.items[i].adapter_id) != NULL)
            continue;
        app_say(app, "Removed  %s\n         %s\n", print_label(app, &removals.items[i], gpus),
                removals.items[i].adapter_id);
        (void) json_array_append_new(removed, print_change_json(app, &removals.items[i], gpus));
    }
    for (size_t i = 0; i < record->after.count; i++) {
        const GpuPartition *partition = &record->after.items[i];
        if (partition_find(&record->before, partition->adapter_id) != NULL)
            continue;
        if (partition->previous_id != NULL) {
            app_say(app, "Put back %s\n         %s\n      -> %s\n", print_label(app, partition, gpus),
                    partition->previous_id, partition->adapter_id);
            (void) json_array_append_new(kept, print_change_json(app, partition, gpus));
        } else {
            app_say(app, "Added    %s\n         %s\n", print_label(app, partition, gpus), partition->adapter_id);
            (void) json_array_append_new(added, print_change_json(app, partition, gpus));
        }
    }
    (void) json_object_set_new(output_json(app->output), "removed", removed);
    (void) json_object_set_new(output_json(app->output), "putBack", kept);
    (void) json_object_set_new(output_json(app->output), "added", added);
}
