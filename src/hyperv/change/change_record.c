/* SPDX-License-Identifier: MIT */
#include "hyperv/change/change_record.h"

#include "base/ascii.h"
#include "base/check.h"
#include "base/guid.h"
#include "json/document.h"
#include "json/shape.h"

static const char *const step_names[STEP_COUNT] = {
    [STEP_PLANNED] = "planned",   [STEP_SETTINGS] = "settings",     [STEP_REMOVAL] = "removal",
    [STEP_MEMORY] = "memory",     [STEP_CHECKPOINT] = "checkpoint", [STEP_APPLYING] = "applying",
    [STEP_ASSIGNMENT] = "assignment", [STEP_ROLLBACK] = "rollback",
};

const char *change_step_name(ChangeStep step)
{
    CHECK((unsigned) step < STEP_COUNT);
    return step_names[step];
}

GpuPartitionList record_removals(const ChangeRecord *record, Arena *arena)
{
    GpuPartitionList removals = { 0 };
    for (size_t i = 0; i < record->before.count; i++) {
        const GpuPartition *partition = &record->before.items[i];
        if (partition_find(&record->after, partition->adapter_id) == NULL)
            ARRAY_PUSH(arena, &removals, *partition);
    }
    return removals;
}

bool record_adds(const ChangeRecord *record)
{
    for (size_t i = 0; i < record->after.count; i++) {
        if (record->after.items[i].adapter_id == NULL)
            return true;
    }
    return false;
}

GpuPartitionList record_additions(const ChangeRecord *record, Arena *arena)
{
    GpuPartitionList list = { 0 };
    for (size_t i = 0; i < record->after.count; i++) {
        GpuPartition partition = record->after.items[i];
        if (partition.adapter_id == NULL || partition_find(&record->before, partition.adapter_id) == NULL)
            ARRAY_PUSH(arena, &list, partition);
    }
    return list;
}

const CimInstance *record_missing_settings(const ChangeRecord *record, const char *settings_id,
                                           const CimInstance *current, bool forward, Arena *arena)
{
    CimInstance *settings = cim_instance_create(arena, "Msvm_VirtualSystemSettingData");
    cim_instance_set(settings, arena, "InstanceID", cim_string(settings_id));
    bool any = false;
    for (size_t i = 0; i < record->settings.count; i++) {
        const SettingChange *setting = &record->settings.items[i];
        const CimValue *wanted = forward ? &setting->after : &setting->before;
        const CimValue *found = cim_instance_find(current, setting->property);
        /* Null cannot be written, and a property that the host has lost cannot be put back. */
        if (wanted->is_null || found == NULL || cim_value_equals(found, wanted))
            continue;
        cim_instance_set(settings, arena, setting->property, *wanted);
        any = true;
    }
    return any ? settings : NULL;
}

bool record_changes_vm(const ChangeRecord *record, Arena *arena)
{
    return record->takes_checkpoint || record->restore_id != NULL || record->settings.count > 0 ||
           record_adds(record) || record_removals(record, arena).count > 0;
}

bool record_is_empty(const ChangeRecord *record, Arena *arena)
{
    return record->detached == NULL && !record_changes_vm(record, arena);
}

/* ---- in the journal: a format of its own, apart from what is shown ---- */

static bool wrong_member(Error *err, const char *name)
{
    return error_set(err, ERR_PROTOCOL, "its member '%s' is wrong", name);
}

static json_t *write_limits(const void *member)
{
    const PartitionLimits *limits = member;
    json_t *json = json_object();
    for (size_t i = 0; i < PARTITION_LIMIT_COUNT; i++) {
        const PartitionLimit *limit = &limits->items[i];
        json_put(json, partition_limit_names[i], limit->is_set ? json_uint64(limit->value) : json_null());
    }
    return json;
}

static bool read_limits(const json_t *json, Arena *arena, void *member, Error *err)
{
    (void) arena;
    PartitionLimits *limits = member;
    for (size_t i = 0; i < PARTITION_LIMIT_COUNT; i++) {
        const json_t *item = json_object_get(json, partition_limit_names[i]);
        unsigned long long value = 0;
        bool is_set = json_is_string(item);
        if (is_set ? !ascii_parse_uint64(json_string_value(item), &value) : !json_is_null(item))
            return wrong_member(err, partition_limit_names[i]);
        limits->items[i] = (PartitionLimit){ .is_set = is_set, .value = value };
    }
    return true;
}

static json_t *write_numa(const void *of)
{
    const GpuPartition *partition = of;
    return partition->has_numa ? json_boolean(partition->numa) : json_null();
}

static bool read_numa(const json_t *json, Arena *arena, void *record, Error *err)
{
    (void) arena;
    GpuPartition *partition = record;
    partition->has_numa = json_is_boolean(json);
    partition->numa = json_is_true(json);
    return partition->has_numa || json_is_null(json) || wrong_member(err, "numaAwarePlacement");
}

static const Field partition_fields[] = {
    FIELD_TEXT(GpuPartition, adapter_id, "adapterId", .flags = FIELD_NULLABLE),
    FIELD_TEXT(GpuPartition, previous_id, "previousAdapterId", .flags = FIELD_NULLABLE),
    FIELD_TEXT(GpuPartition, host_resource, "hostResource", .flags = FIELD_NULLABLE),
    FIELD_TEXT(GpuPartition, pool_id, "poolId", .flags = FIELD_NULLABLE),
    FIELD_OF_RECORD(write_numa, read_numa, "numaAwarePlacement"),
    FIELD_BOOLEAN(GpuPartition, is_gone, "isGone"),
    FIELD_BOOLEAN(GpuPartition, is_new, "isNew"),
    FIELD_OTHER(GpuPartition, limits, write_limits, read_limits, "limits"),
};
const Shape partition_record_shape = SHAPE(GpuPartition, partition_fields);

static json_t *write_type(const void *setting)
{
    return json_string(cim_type_name(((const SettingChange *) setting)->before.type));
}

static bool read_type(const json_t *json, Arena *arena, void *record, Error *err)
{
    (void) arena;
    CimType type;
    if (!json_is_string(json) || !cim_type_parse(json_string_value(json), &type))
        return wrong_member(err, "type");
    ((SettingChange *) record)->before = ((SettingChange *) record)->after = cim_null(type);
    return true;
}

static json_t *write_value(const void *value)
{
    Arena arena = ARENA_INIT;
    json_t *json = json_text(cim_value_format(value, &arena));
    arena_release(&arena);
    return json;
}

/* Of the type that has been read before it. */
static bool read_value(const json_t *json, Arena *arena, void *member, Error *err)
{
    CimValue *value = member;
    return json_is_null(json) ||
           (json_is_string(json) ? cim_value_parse(value->type, json_string_value(json), arena, value, err)
                                 : wrong_member(err, "settings"));
}

static const Field setting_fields[] = {
    FIELD_TEXT(SettingChange, property, "property"),
    FIELD_OF_RECORD(write_type, read_type, "type"),
    FIELD_OTHER(SettingChange, before, write_value, read_value, "before"),
    FIELD_OTHER(SettingChange, after, write_value, read_value, "after"),
};
static const Shape setting_shape = SHAPE(SettingChange, setting_fields);

/* Only what shall be added has no ID yet; memory that changes has one. */
static bool check_record(const void *of, Arena *arena, Error *err)
{
    (void) arena;
    const ChangeRecord *record = of;
    for (size_t i = 0; i < record->before.count; i++) {
        if (record->before.items[i].adapter_id == NULL)
            return wrong_member(err, "adapterId");
    }
    if ((record->memory_id != NULL) != (record->memory.count > 0))
        return wrong_member(err, record->memory_id != NULL ? "memory" : "memoryId");
    if (record->restore_id != NULL && (record->restore_name == NULL || !guid_is_valid(record->restore_id)))
        return wrong_member(err, "restoreId");
    return guid_is_valid(record->vm_guid) || wrong_member(err, "vmId");
}

static const Field record_fields[] = {
    FIELD_TEXT(ChangeRecord, verb, "verb"),
    FIELD_TEXT(ChangeRecord, vm_guid, "vmId"),
    FIELD_TEXT(ChangeRecord, vm_name, "vmName"),
    FIELD_NAME(ChangeRecord, step, step_names, "step"),
    FIELD_LIST(ChangeRecord, settings, &setting_shape, "settings"),
    FIELD_TEXT(ChangeRecord, memory_id, "memoryId", .flags = FIELD_OPTIONAL),
    FIELD_LIST(ChangeRecord, memory, &setting_shape, "memory", .flags = FIELD_OPTIONAL),
    FIELD_LIST(ChangeRecord, before, &partition_record_shape, "before"),
    FIELD_LIST(ChangeRecord, after, &partition_record_shape, "after"),
    FIELD_TEXTS(ChangeRecord, foreign, "foreign", .flags = FIELD_OPTIONAL),
    FIELD_BOOLEAN(ChangeRecord, empties_first, "emptiesFirst"),
    FIELD_BOOLEAN(ChangeRecord, takes_checkpoint, "takesCheckpoint"),
    FIELD_TEXT(ChangeRecord, checkpoint_name, "checkpointName", .flags = FIELD_NULLABLE),
    FIELD_TEXT(ChangeRecord, parent_before, "parentBefore", .flags = FIELD_NULLABLE),
    FIELD_POINTER(ChangeRecord, detached, &detached_shape, "detached", .flags = FIELD_OPTIONAL),
    FIELD_BOOLEAN(ChangeRecord, attaches, "attaches", .flags = FIELD_OPTIONAL),
    FIELD_POINTER(ChangeRecord, remembered, &detached_shape, "remembered", .flags = FIELD_OPTIONAL),
    FIELD_TEXT(ChangeRecord, restore_id, "restoreId", .flags = FIELD_OPTIONAL),
    FIELD_TEXT(ChangeRecord, restore_name, "restoreName", .flags = FIELD_OPTIONAL),
    FIELD_TEXTS(ChangeRecord, disks, "disks", .flags = FIELD_OPTIONAL),
    FIELD_LIST(ChangeRecord, brings, &partition_record_shape, "brings", .flags = FIELD_OPTIONAL),
    FIELD_TEXTS(ChangeRecord, brought, "brought", .flags = FIELD_OPTIONAL),
};
const Shape change_record_shape = SHAPE(ChangeRecord, record_fields, .check = check_record);
