/* SPDX-License-Identifier: MIT */
#include "present/change.h"

#include "hyperv/change/change_record.h"
#include "json/document.h"
#include "present/inventory.h"
#include "present/power.h"
#include "present/result.h"
#include "present/vm_settings.h"

#include <string.h>

/* ---- plans ---- */

static const Field planned_gpu_fields[] = {
    FIELD_TEXT(GpuPartition, adapter_id, "adapterId", .flags = FIELD_NULLABLE),
    FIELD_TEXT(GpuPartition, previous_id, "previousAdapterId", .flags = FIELD_NULLABLE),
    FIELD_TEXT(GpuPartition, host_resource, "hostResource", .flags = FIELD_NULLABLE),
    FIELD_TEXT(GpuPartition, pool_id, "poolId", .flags = FIELD_NULLABLE),
    FIELD_OF_RECORD(partition_numa_json, NULL, "numaAwarePlacement"),
    FIELD_BOOLEAN(GpuPartition, is_gone, "isGone"),
    FIELD_BOOLEAN(GpuPartition, is_new, "isNew"),
    FIELD_OTHER(GpuPartition, limits, partition_limits_json, NULL, "limits"),
};
static const Shape planned_gpu_shape = SHAPE(GpuPartition, planned_gpu_fields);

static const Field setting_fields[] = {
    FIELD_TEXT(SettingChange, property, "property"),
    FIELD_OF_RECORD(setting_type_json, NULL, "type"),
    FIELD_OTHER(SettingChange, before, setting_value_json, NULL, "before"),
    FIELD_OTHER(SettingChange, after, setting_value_json, NULL, "after"),
};
static const Shape setting_shape = SHAPE(SettingChange, setting_fields);

static json_t *write_detached(const void *of)
{
    const ChangeRecord *record = of;
    return record->detached != NULL ? json_string(record->attaches ? "forget" : "remember") : NULL;
}

static const Field plan_fields[] = {
    FIELD_TEXT(ChangeRecord, verb, "verb"),
    FIELD_TEXT(ChangeRecord, vm_guid, "vmId"),
    FIELD_TEXT(ChangeRecord, vm_name, "vmName"),
    FIELD_LIST(ChangeRecord, settings, &setting_shape, "settings"),
    FIELD_TEXT(ChangeRecord, memory_id, "memoryId", .flags = FIELD_OPTIONAL),
    FIELD_LIST(ChangeRecord, memory, &setting_shape, "memory", .flags = FIELD_OPTIONAL),
    FIELD_LIST(ChangeRecord, before, &planned_gpu_shape, "before"),
    FIELD_LIST(ChangeRecord, after, &planned_gpu_shape, "after"),
    FIELD_BOOLEAN(ChangeRecord, empties_first, "emptiesFirst"),
    FIELD_BOOLEAN(ChangeRecord, takes_checkpoint, "takesCheckpoint"),
    FIELD_TEXT(ChangeRecord, checkpoint_name, "checkpointName", .flags = FIELD_NULLABLE),
    FIELD_TEXT(ChangeRecord, parent_before, "parentBefore", .flags = FIELD_NULLABLE),
    FIELD_OF_RECORD(write_detached, NULL, "detached", .flags = FIELD_OPTIONAL),
    FIELD_TEXT(ChangeRecord, restore_id, "restoreId", .flags = FIELD_OPTIONAL),
    FIELD_TEXT(ChangeRecord, restore_name, "restoreName", .flags = FIELD_OPTIONAL),
    FIELD_LIST(ChangeRecord, brings, &planned_gpu_shape, "brings", .flags = FIELD_OPTIONAL),
};
const Shape plan_shape = SHAPE(ChangeRecord, plan_fields);

/* Shows the numbered steps of a plan. */
typedef struct Steps {
    Output *output;
    const GpuList *gpus;
    Arena arena;
    int number;
} Steps;

static const char *label(Steps *steps, const GpuPartition *partition)
{
    return gpu_label(gpu_list_find(steps->gpus, partition), gpu_list_name_of(steps->gpus, partition), &steps->arena);
}

static void show_removals(Steps *steps, const ChangeRecord *record)
{
    GpuPartitionList removals = record_removals(record, &steps->arena);
    if (removals.count == 0)
        return;
    output_result(steps->output, "  %d. take off:\n", steps->number++);
    for (size_t i = 0; i < removals.count; i++)
        output_result(steps->output, "       %s  %s\n", label(steps, &removals.items[i]),
                      removals.items[i].adapter_id);
}

static const char *origin_of(const ChangeRecord *record, const GpuPartition *partition)
{
    if (partition->is_new)
        return "new";
    return record->attaches ? "as it was" : "as it is now";
}

static void show_additions(Steps *steps, const ChangeRecord *record)
{
    if (!record_adds(record))
        return;
    output_result(steps->output, "  %d. put on:\n", steps->number++);
    for (size_t i = 0; i < record->after.count; i++) {
        const GpuPartition *partition = &record->after.items[i];
        if (partition->adapter_id != NULL)
            continue;
        output_result(steps->output, "       %s  (%s%s%s)\n", label(steps, partition),
                      origin_of(record, partition), partition->limits_from != NULL ? ", limits of " : "",
                      partition->limits_from != NULL ? partition->limits_from : "");
        for (size_t kind = 0; kind < GPU_QUOTA_COUNT; kind++)
            output_result(steps->output, "         %-8s %s\n", gpu_quota_names[kind],
                          partition_limits_text(&partition->limits, (GpuQuotaKind) kind, &steps->arena));
    }
}

static void show_settings(Steps *steps, const SettingChangeList *changes)
{
    for (size_t i = 0; i < changes->count; i++) {
        const SettingChange *change = &changes->items[i];
        if (cim_value_equals(&change->before, &change->after))
            continue; /* a restore sees to it that it stays */
        output_result(steps->output, "  %d. set %s: %s -> %s\n", steps->number++, setting_name(change->property),
                      setting_value(change->property, &change->before, &steps->arena),
                      setting_value(change->property, &change->after, &steps->arena));
    }
}

static void show_checkpoint(Steps *steps, const ChangeRecord *record)
{
    const char *name = record->checkpoint_name;
    const char *of = record->restore_id != NULL ? " of the present state" : "";
    if (!record->takes_checkpoint)
        return;
    for (size_t i = 0; i < record->own_items.count; i++)
        output_result(steps->output, "  %d. remove the data item '%s'\n", steps->number++, record->own_items.items[i]);
    if (name != NULL)
        output_result(steps->output, "  %d. create the checkpoint '%s'%s\n", steps->number++, name, of);
    else
        output_result(steps->output, "  %d. create %s checkpoint%s\n", steps->number++, *of != '\0' ? "a" : "the", of);
}

static void show_restoring(Steps *steps, const ChangeRecord *record)
{
    if (record->restore_id == NULL)
        return;
    output_result(steps->output, "  %d. apply the checkpoint '%s'  %s%s\n", steps->number++, record->restore_name,
                  record->restore_id, record->takes_checkpoint ? "" : "  (the present state is lost for good)");
    if (record->brings.count > 0)
        output_result(steps->output, "  %d. take off what it brings along:\n", steps->number++);
    for (size_t i = 0; i < record->brings.count; i++)
        output_result(steps->output, "       %s\n", label(steps, &record->brings.items[i]));
}

void present_plan(Output *output, const ChangeReport *report)
{
    const ChangeRecord *record = &report->record;
    Steps steps = { .output = output, .gpus = &report->gpus, .number = 1 };
    present_member(output, "plan", &plan_shape, record);
    if (report->power.stops)
        present_member(output, "power", &power_shape, &report->power);
    output_result(output, "Plan for VM '%s' (nothing is changed):\n", record->vm_name);
    if (record_is_empty(record, &steps.arena))
        output_result(output, "  nothing to do\n");
    if (report->power.stops)
        output_result(output, "  %d. %s\n", steps.number++, stop_words(&report->power, &steps.arena));
    if (record->restore_id == NULL)
        show_settings(&steps, &record->settings);
    if (record->empties_first)
        show_removals(&steps, record);
    show_settings(&steps, &record->memory);
    show_checkpoint(&steps, record);
    show_restoring(&steps, record);
    if (record->restore_id != NULL)
        show_settings(&steps, &record->settings);
    if (!record->empties_first)
        show_removals(&steps, record);
    show_additions(&steps, record);
    if (record->detached != NULL)
        output_result(output, "  %d. %s\n", steps.number++,
                      record->attaches ? "forget what was detached" : "remember them for attach");
    if (report->power.starts)
        output_result(output, "  %d. start the VM again\n", steps.number++);
    arena_release(&steps.arena);
}

/* ---- what was done ---- */

static const Field changed_gpu_fields[] = {
    FIELD_TEXT(AssignedGpu, name, "name"),
    FIELD_OF_RECORD(assigned_gpu_order_to_json, NULL, "order"),
    FIELD_TEXT(AssignedGpu, device_id, "deviceId", .flags = FIELD_NULLABLE),
    FIELD_TEXT(AssignedGpu, partition.adapter_id, "adapterId", .flags = FIELD_NULLABLE),
    FIELD_TEXT(AssignedGpu, partition.previous_id, "previousAdapterId", .flags = FIELD_NULLABLE),
};
const Shape changed_gpu_shape = SHAPE(AssignedGpu, changed_gpu_fields);

static const Field checkpoint_fields[] = {
    FIELD_TEXT(ChangeResult, checkpoint_name, "name", .flags = FIELD_NULLABLE),
    FIELD_TEXT(ChangeResult, checkpoint_id, "id", .flags = FIELD_NULLABLE),
};
static const Shape checkpoint_shape = SHAPE(ChangeResult, checkpoint_fields);

void present_checkpoint(Output *output, const char *vm_name, const ChangeResult *result)
{
    if (!result->checkpoint_made)
        return;
    present_member(output, "checkpoint", &checkpoint_shape, result);
    output_done(output, "Checkpoint '%s' of VM '%s' created\n",
                result->checkpoint_name != NULL ? result->checkpoint_name : "?", vm_name);
}

static const Field restored_fields[] = {
    FIELD_TEXT(ChangeRecord, restore_name, "name"),
    FIELD_TEXT(ChangeRecord, restore_id, "id"),
};
static const Shape restored_shape = SHAPE(ChangeRecord, restored_fields);

void present_restored(Output *output, const ChangeReport *report)
{
    if (!report->result.applied)
        return;
    present_member(output, "restored", &restored_shape, &report->record);
    output_done(output, "VM '%s' is back at checkpoint '%s'\n", report->record.vm_name, report->record.restore_name);
}

/* "what": a word of eight letters. */
static void show_changed(Output *output, const char *what, const char *member, const AssignedGpuList *list)
{
    Arena arena = ARENA_INIT;
    json_t *array = json_array();
    for (size_t i = 0; i < list->count; i++) {
        const AssignedGpu *assigned = &list->items[i];
        const char *previous = assigned->partition.previous_id, *id = assigned->partition.adapter_id;
        const char *name = gpu_label(assigned->gpu, assigned->name, &arena);
        if (strcmp(member, "putBack") == 0)
            output_done(output, "%s %s\n         %s\n      -> %s\n", what, name, previous, id);
        else
            output_done(output, "%s %s\n         %s\n", what, name, id);
        json_push(array, shape_write(&changed_gpu_shape, assigned));
    }
    json_put(output_json(output), member, array);
    arena_release(&arena);
}

static void tell_settings(Output *output, const char *vm_name, const SettingChangeList *settings)
{
    Arena arena = ARENA_INIT;
    for (size_t i = 0; i < settings->count; i++) {
        const SettingChange *change = &settings->items[i];
        if (cim_value_equals(&change->before, &change->after))
            continue;
        if (strcmp(change->property, "AutomaticSnapshotsEnabled") == 0)
            output_notice(output,
                          "automatic checkpoints of VM '%s' are off now: they do not work with a GPU partition, "
                          "and would keep the VM from starting",
                          vm_name);
        else
            output_notice(output, "%s of VM '%s': %s now (it was %s)", setting_name(change->property), vm_name,
                          setting_value(change->property, &change->after, &arena),
                          setting_value(change->property, &change->before, &arena));
    }
    arena_release(&arena);
}

void present_changes(Output *output, const ChangeReport *report)
{
    bool detaches = report->record.detached != NULL && !report->record.attaches;
    show_changed(output, detaches ? "Detached" : "Removed ", "removed", &report->removed);
    show_changed(output, "Put back", "putBack", &report->put_back);
    show_changed(output, "Added   ", "added", &report->added);
    if (report->forgotten.count > 0)
        show_changed(output, "Forgot  ", "forgotten", &report->forgotten);
    if (report->ending != ENDING_DONE)
        return;
    tell_settings(output, report->record.vm_name, &report->record.settings);
    tell_settings(output, report->record.vm_name, &report->record.memory);
}

/* ---- recoveries ---- */

static const char *const outcome_names[] = {
    [RECOVERY_FAILED] = "failed",
    [RECOVERY_NOTHING] = "nothing",
    [RECOVERY_UNFINISHED] = "unfinished",
    [RECOVERY_DONE] = "recovered",
};

static bool has_record(const RecoveryReport *report)
{
    return report->outcome == RECOVERY_UNFINISHED || report->outcome == RECOVERY_DONE;
}

static json_t *write_verb(const void *record)
{
    const RecoveryReport *report = record;
    return has_record(report) ? json_text(report->result.verb) : NULL;
}

static json_t *write_direction(const void *record)
{
    const RecoveryReport *report = record;
    return has_record(report) ? json_string(report->result.change.rolled_back ? "undo" : "finish") : NULL;
}

static json_t *write_adapters(const void *record)
{
    const RecoveryReport *report = record;
    if (!has_record(report))
        return NULL;
    json_t *array = json_array();
    for (size_t i = 0; i < report->adapters.count; i++)
        json_push(array, shape_write(&changed_gpu_shape, &report->adapters.items[i]));
    return array;
}

static json_t *write_checkpoint(const void *record)
{
    const RecoveryReport *report = record;
    bool made = has_record(report) && report->result.change.checkpoint_made;
    return made ? shape_write(&checkpoint_shape, &report->result.change) : NULL;
}

static json_t *write_applied(const void *record)
{
    const RecoveryReport *report = record;
    bool restores = has_record(report) && report->result.restored != NULL;
    return restores ? json_boolean(report->result.change.applied) : NULL;
}

static const Field recovery_fields[] = {
    FIELD_TEXT(RecoveryReport, vm_name, "name", .flags = FIELD_OPTIONAL),
    FIELD_TEXT(RecoveryReport, vm_guid, "id", .flags = FIELD_OPTIONAL),
    FIELD_OF_RECORD(write_verb, NULL, "verb"),
    FIELD_OF_RECORD(write_direction, NULL, "direction"),
    FIELD_OF_RECORD(write_adapters, NULL, "adapters"),
    FIELD_OF_RECORD(write_checkpoint, NULL, "checkpoint"),
    FIELD_OF_RECORD(write_applied, NULL, "applied"),
    FIELD_NAME(RecoveryReport, outcome, outcome_names, "outcome"),
};
const Shape recovery_shape = SHAPE(RecoveryReport, recovery_fields);

static const char *restore_text(const RecoveryReport *report, Arena *arena)
{
    if (report->result.restored == NULL)
        return "";
    return arena_printf(arena, "; checkpoint '%s' %s applied", report->result.restored,
                        report->result.change.applied ? "has been" : "was not");
}

static const char *checkpoint_text(const RecoveryReport *report, Arena *arena)
{
    if (report->result.restored != NULL && !report->result.change.checkpoint_made)
        return restore_text(report, arena);
    if (report->result.restored != NULL)
        return arena_printf(arena, "%s; the checkpoint of before is there", restore_text(report, arena));
    if (!report->result.wants_checkpoint)
        return "";
    if (!report->result.change.checkpoint_made)
        return "; no checkpoint was made";
    if (report->result.change.checkpoint_name == NULL)
        return "; the checkpoint is there";
    return arena_printf(arena, "; the checkpoint '%s' is there", report->result.change.checkpoint_name);
}

static void show_outlook(Output *output, const RecoveryReport *report, Arena *arena)
{
    const AssignedGpuList *adapters = &report->adapters;
    output_result(output, "Plan for VM '%s' (nothing is changed):\n", report->vm_name);
    if (report->power.stops)
        output_result(output, "  %s\n", stop_words(&report->power, arena));
    output_result(output, "  the interrupted '%s', which came to the step '%s', will be %s%s\n", report->result.verb,
                  report->result.step, report->result.change.rolled_back ? "undone" : "finished",
                  checkpoint_text(report, arena));
    output_result(output, "  the VM will hold%s\n", adapters->count == 0 ? " no GPU partition" : ":");
    for (size_t i = 0; i < adapters->count; i++)
        output_result(output, "    %s\n", gpu_label(adapters->items[i].gpu, adapters->items[i].name, arena));
    if (report->power.starts)
        output_result(output, "  start the VM again\n");
}

static void show_recovered(Output *output, const RecoveryReport *report, Arena *arena)
{
    const AssignedGpuList *adapters = &report->adapters;
    output_done(output, "The interrupted '%s' of VM '%s' has been %s%s\n", report->result.verb, report->vm_name,
                report->result.change.rolled_back ? "undone" : "finished", checkpoint_text(report, arena));
    output_done(output, "The VM holds%s\n", adapters->count == 0 ? " no GPU partition" : ":");
    for (size_t i = 0; i < adapters->count; i++) {
        const char *id = adapters->items[i].partition.adapter_id;
        output_done(output, "         %s\n         %s\n",
                    gpu_label(adapters->items[i].gpu, adapters->items[i].name, arena),
                    id != NULL ? id : "(not put back)");
    }
}

void present_recovery(Output *output, const RecoveryReport *report, json_t *rows)
{
    Arena arena = ARENA_INIT;
    json_push(rows, shape_write(&recovery_shape, report));
    if (report->outcome == RECOVERY_UNFINISHED && report->power.stops)
        present_member(output, "power", &power_shape, &report->power);
    if (report->outcome == RECOVERY_NOTHING)
        output_done(output, "Nothing to recover: no change of VM '%s' is unfinished\n", report->vm_name);
    else if (report->outcome == RECOVERY_UNFINISHED)
        show_outlook(output, report, &arena);
    else if (report->outcome == RECOVERY_DONE)
        show_recovered(output, report, &arena);
    arena_release(&arena);
}
