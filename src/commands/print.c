/* SPDX-License-Identifier: MIT */
#include "commands/print.h"

#include "base/str.h"
#include "operations/inventory.h"
#include "present/inventory.h"

#include <inttypes.h>
#include <string.h>

static const char *adapter_device_id(App *app, const GpuPartition *partition, const GpuList *gpus)
{
    return assigned_gpu_make(partition, gpus, app->arena).device_id;
}

const char *print_label(App *app, const GpuPartition *partition, const GpuList *gpus)
{
    return gpu_label(gpu_list_find(gpus, partition), gpu_list_name_of(gpus, partition), app->arena);
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
    { MEMORY_MINIMUM, "minimum memory", UNIT_MEGABYTES },
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
                          partition_limits_text(&partition->limits, (GpuQuotaKind) kind, app->arena));
    }
}

static void print_settings(App *app, const SettingChangeList *changes, int *number)
{
    for (size_t i = 0; i < changes->count; i++) {
        const SettingChange *change = &changes->items[i];
        output_result(app->output, "  %d. set %s: %s -> %s\n", (*number)++, print_setting_name(change->property),
                      print_setting_value(change->property, &change->before, app->arena),
                      print_setting_value(change->property, &change->after, app->arena));
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
    print_settings(app, &record->settings, &number);
    if (record->empties_first)
        print_off(app, &removals, gpus, &number);
    print_settings(app, &record->memory, &number);
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
