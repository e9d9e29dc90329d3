/* SPDX-License-Identifier: MIT */
#include "hyperv/record.h"

#include "base/ascii.h"
#include "base/check.h"
#include "base/guid.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const step_names[STEP_COUNT] = {
    [STEP_PLANNED] = "planned",       [STEP_SETTINGS] = "settings",     [STEP_REMOVAL] = "removal",
    [STEP_CHECKPOINT] = "checkpoint", [STEP_ASSIGNMENT] = "assignment", [STEP_ROLLBACK] = "rollback",
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

bool record_is_empty(const ChangeRecord *record, Arena *arena)
{
    return !record->takes_checkpoint && !record_adds(record) && record_removals(record, arena).count == 0;
}

/* ---- writing ---- */

static json_t *text_or_null(const char *text)
{
    /* Text that is no UTF-8 cannot come out of a session; json_string would refuse it. */
    json_t *json = text != NULL ? json_string(text) : json_null();
    CHECK(json != NULL);
    return json;
}

static json_t *uint64_text(uint64_t value)
{
    char digits[24];
    (void) snprintf(digits, sizeof(digits), "%" PRIu64, value);
    return json_string(digits);
}

json_t *partition_to_json(const GpuPartition *partition)
{
    json_t *limits = json_object();
    for (size_t i = 0; i < PARTITION_LIMIT_COUNT; i++) {
        const PartitionLimit *limit = &partition->limits.items[i];
        (void) json_object_set_new(limits, partition_limit_names[i],
                                   limit->is_set ? uint64_text(limit->value) : json_null());
    }
    json_t *json = json_object();
    (void) json_object_set_new(json, "adapterId", text_or_null(partition->adapter_id));
    (void) json_object_set_new(json, "previousAdapterId", text_or_null(partition->previous_id));
    (void) json_object_set_new(json, "hostResource", text_or_null(partition->host_resource));
    (void) json_object_set_new(json, "poolId", text_or_null(partition->pool_id));
    (void) json_object_set_new(json, "numaAwarePlacement",
                               partition->has_numa ? json_boolean(partition->numa) : json_null());
    (void) json_object_set_new(json, "isGone", json_boolean(partition->is_gone));
    (void) json_object_set_new(json, "isNew", json_boolean(partition->is_new));
    (void) json_object_set_new(json, "limits", limits);
    return json;
}

static json_t *partitions_to_json(const GpuPartitionList *list)
{
    json_t *array = json_array();
    for (size_t i = 0; i < list->count; i++)
        (void) json_array_append_new(array, partition_to_json(&list->items[i]));
    return array;
}

static json_t *texts_to_json(const StringList *list)
{
    json_t *array = json_array();
    for (size_t i = 0; i < list->count; i++)
        (void) json_array_append_new(array, text_or_null(list->items[i]));
    return array;
}

json_t *record_to_json(const ChangeRecord *record)
{
    Arena arena = ARENA_INIT;
    json_t *settings = json_array();
    for (size_t i = 0; i < record->settings.count; i++) {
        const SettingChange *change = &record->settings.items[i];
        json_t *json = json_object();
        (void) json_object_set_new(json, "property", text_or_null(change->property));
        (void) json_object_set_new(json, "type", text_or_null(cim_type_name(change->before.type)));
        (void) json_object_set_new(json, "before", text_or_null(cim_value_format(&change->before, &arena)));
        (void) json_object_set_new(json, "after", text_or_null(cim_value_format(&change->after, &arena)));
        (void) json_array_append_new(settings, json);
    }
    json_t *json = json_object();
    (void) json_object_set_new(json, "verb", text_or_null(record->verb));
    (void) json_object_set_new(json, "vmId", text_or_null(record->vm_guid));
    (void) json_object_set_new(json, "vmName", text_or_null(record->vm_name));
    (void) json_object_set_new(json, "step", text_or_null(change_step_name(record->step)));
    (void) json_object_set_new(json, "settings", settings);
    (void) json_object_set_new(json, "before", partitions_to_json(&record->before));
    (void) json_object_set_new(json, "after", partitions_to_json(&record->after));
    if (record->foreign.count > 0)
        (void) json_object_set_new(json, "foreign", texts_to_json(&record->foreign));
    (void) json_object_set_new(json, "emptiesFirst", json_boolean(record->empties_first));
    (void) json_object_set_new(json, "takesCheckpoint", json_boolean(record->takes_checkpoint));
    (void) json_object_set_new(json, "checkpointName", text_or_null(record->checkpoint_name));
    (void) json_object_set_new(json, "parentBefore", text_or_null(record->parent_before));
    arena_release(&arena);
    return json;
}

/* ---- reading ---- */

static bool wrong_member(Error *err, const char *name)
{
    return error_set(err, ERR_PROTOCOL, "the journal's member '%s' is missing or wrong", name);
}

/* A string, or NULL where null is allowed. */
static bool read_text(const json_t *json, const char *name, bool may_be_null, Arena *arena, const char **ret_text,
                      Error *err)
{
    const json_t *member = json_object_get(json, name);
    if (json_is_string(member))
        *ret_text = arena_strdup(arena, json_string_value(member));
    else if (may_be_null && json_is_null(member))
        *ret_text = NULL;
    else
        return wrong_member(err, name);
    return true;
}

static bool read_boolean(const json_t *json, const char *name, bool *ret_value, Error *err)
{
    const json_t *member = json_object_get(json, name);
    if (!json_is_boolean(member))
        return wrong_member(err, name);
    *ret_value = json_is_true(member);
    return true;
}

static bool read_limits(const json_t *json, PartitionLimits *ret_limits, Error *err)
{
    for (size_t i = 0; i < PARTITION_LIMIT_COUNT; i++) {
        const json_t *member = json_object_get(json, partition_limit_names[i]);
        unsigned long long value = 0;
        bool is_set = json_is_string(member);
        if (is_set ? !ascii_parse_uint64(json_string_value(member), &value) : !json_is_null(member))
            return wrong_member(err, partition_limit_names[i]);
        ret_limits->items[i] = (PartitionLimit){ .is_set = is_set, .value = value };
    }
    return true;
}

static bool read_partition(const json_t *json, bool has_id, Arena *arena, GpuPartition *ret_partition, Error *err)
{
    GpuPartition partition = { 0 };
    const json_t *numa = json_object_get(json, "numaAwarePlacement");
    if (!read_text(json, "adapterId", !has_id, arena, &partition.adapter_id, err) ||
        !read_text(json, "previousAdapterId", true, arena, &partition.previous_id, err) ||
        !read_text(json, "hostResource", true, arena, &partition.host_resource, err) ||
        !read_text(json, "poolId", true, arena, &partition.pool_id, err) ||
        !read_boolean(json, "isGone", &partition.is_gone, err) ||
        !read_boolean(json, "isNew", &partition.is_new, err) ||
        !read_limits(json_object_get(json, "limits"), &partition.limits, err))
        return false;
    if (!json_is_boolean(numa) && !json_is_null(numa))
        return wrong_member(err, "numaAwarePlacement");
    partition.has_numa = json_is_boolean(numa);
    partition.numa = json_is_true(numa);
    *ret_partition = partition;
    return true;
}

static bool read_partitions(const json_t *json, const char *name, bool have_ids, Arena *arena,
                            GpuPartitionList *ret_list, Error *err)
{
    const json_t *array = json_object_get(json, name);
    if (!json_is_array(array))
        return wrong_member(err, name);
    GpuPartitionList list = { 0 };
    for (size_t i = 0; i < json_array_size(array); i++) {
        GpuPartition partition;
        if (!read_partition(json_array_get(array, i), have_ids, arena, &partition, err))
            return error_prefix(err, "'%s'", name);
        ARRAY_PUSH(arena, &list, partition);
    }
    *ret_list = list;
    return true;
}

/* No such member: none. */
static bool read_texts(const json_t *json, const char *name, Arena *arena, StringList *ret_list, Error *err)
{
    const json_t *array = json_object_get(json, name);
    if (array != NULL && !json_is_array(array))
        return wrong_member(err, name);
    StringList list = { 0 };
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *text = json_string_value(json_array_get(array, i));
        if (text == NULL)
            return wrong_member(err, name);
        ARRAY_PUSH(arena, &list, arena_strdup(arena, text));
    }
    *ret_list = list;
    return true;
}

static bool read_setting_value(const json_t *json, const char *name, CimType type, Arena *arena, CimValue *ret_value,
                               Error *err)
{
    const char *text = NULL;
    if (!read_text(json, name, true, arena, &text, err))
        return false;
    if (text != NULL)
        return cim_value_parse(type, text, arena, ret_value, err);
    *ret_value = cim_null(type);
    return true;
}

static bool read_settings(const json_t *json, Arena *arena, SettingChangeList *ret_list, Error *err)
{
    const json_t *array = json_object_get(json, "settings");
    if (!json_is_array(array))
        return wrong_member(err, "settings");
    SettingChangeList list = { 0 };
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *item = json_array_get(array, i);
        SettingChange change = { 0 };
        const char *type_name = NULL;
        CimType type = CIM_TYPE_STRING;
        if (!read_text(item, "property", false, arena, &change.property, err) ||
            !read_text(item, "type", false, arena, &type_name, err))
            return false;
        if (!cim_type_parse(type_name, &type))
            return wrong_member(err, "type");
        if (!read_setting_value(item, "before", type, arena, &change.before, err) ||
            !read_setting_value(item, "after", type, arena, &change.after, err))
            return false;
        ARRAY_PUSH(arena, &list, change);
    }
    *ret_list = list;
    return true;
}

bool record_from_json(const json_t *json, Arena *arena, ChangeRecord *ret_record, Error *err)
{
    ChangeRecord record = { .step = STEP_COUNT };
    const char *step = NULL;
    if (!read_text(json, "verb", false, arena, &record.verb, err) ||
        !read_text(json, "vmId", false, arena, &record.vm_guid, err) ||
        !read_text(json, "vmName", false, arena, &record.vm_name, err) ||
        !read_text(json, "step", false, arena, &step, err) || !read_settings(json, arena, &record.settings, err) ||
        !read_partitions(json, "before", true, arena, &record.before, err) ||
        !read_partitions(json, "after", false, arena, &record.after, err) ||
        !read_texts(json, "foreign", arena, &record.foreign, err) ||
        !read_boolean(json, "emptiesFirst", &record.empties_first, err) ||
        !read_boolean(json, "takesCheckpoint", &record.takes_checkpoint, err) ||
        !read_text(json, "checkpointName", true, arena, &record.checkpoint_name, err) ||
        !read_text(json, "parentBefore", true, arena, &record.parent_before, err))
        return false;
    for (int i = 0; i < STEP_COUNT; i++) {
        if (strcmp(step, step_names[i]) == 0)
            record.step = (ChangeStep) i;
    }
    if (record.step == STEP_COUNT)
        return wrong_member(err, "step");
    if (!guid_is_valid(record.vm_guid))
        return wrong_member(err, "vmId");
    *ret_record = record;
    return true;
}
