/* SPDX-License-Identifier: MIT */
#include "hyperv/change.h"

#include "base/ascii.h"
#include "base/check.h"
#include "base/limits.h"
#include "cim/path.h"
#include "cim/schema.h"
#include "hyperv/assignment.h"
#include "hyperv/checkpoint.h"
#include "hyperv/memory.h"
#include "platform/process.h"

#include <string.h>

typedef struct Change {
    HyperVHost *host;
    const Vm *vm;
    ChangeRecord *record;
    Journal *journal;
    Arena *arena;
    const char *service_path;
    ChangeResult *result;
    bool changed; /* something was asked of the host that it may have done */
    bool refused; /* the host refused to make the adapters as they were asked for, the last time */
} Change;

/* ---- journal ---- */

static bool write_record(Change *change, Error *err)
{
    json_t *json = record_to_json(change->record);
    bool ok = journal_write(change->journal, json, err);
    json_decref(json);
    return ok;
}

/* The first record holds all that is needed to put things back; later ones only tell how far it went, and are not worth
 * stopping for. */
static void enter_step(Change *change, ChangeStep step)
{
    Error err = { .code = ERR_NONE };
    change->record->step = step;
    if (!write_record(change, &err))
        change->host->report->warning(
            change->host->report,
            arena_printf(change->arena, "%s; going on, the record from before is still there", err.message));
}

/* ---- VM settings ---- */

static bool modify_settings(Change *change, const CimInstance *settings, const char *what, Error *err)
{
    CimInstance *in = cim_instance_create(change->arena, "ModifySystemSettings");
    cim_instance_set(in, change->arena, "SystemSettings", cim_embedded(settings));
    bool ok = host_call(change->host, change->service_path, "ModifySystemSettings", in, what, change->arena, NULL, err);
    /* A job that failed may have done part of its work. */
    change->changed = change->changed || ok || error_outcome_is_unknown(err) || err->source == ERROR_SOURCE_JOB;
    return ok;
}

/* Those of the changes that the VM does not have yet; NULL if it has them all. */
static const CimInstance *missing_settings(const Change *change, const CimInstance *current, bool forward)
{
    CimInstance *settings = cim_instance_create(change->arena, "Msvm_VirtualSystemSettingData");
    cim_instance_set(settings, change->arena, "InstanceID", cim_string(change->vm->settings_id));
    bool any = false;
    for (size_t i = 0; i < change->record->settings.count; i++) {
        const SettingChange *setting = &change->record->settings.items[i];
        const CimValue *wanted = forward ? &setting->after : &setting->before;
        const CimValue *found = cim_instance_find(current, setting->property);
        /* Null cannot be written, and a property that the host has lost cannot be put back. */
        if (wanted->is_null || found == NULL || cim_value_equals(found, wanted))
            continue;
        cim_instance_set(settings, change->arena, setting->property, *wanted);
        any = true;
    }
    return any ? settings : NULL;
}

/* Brings the VM's settings to what the record says, looking first. */
static bool reach_settings(Change *change, bool forward, Error *err)
{
    if (change->record->settings.count == 0)
        return true;
    Error refused = { .code = ERR_NONE };
    for (int attempt = 0; attempt < 2; attempt++) {
        CimInstance *current;
        if (!cim_session_get(change->host->session, NS_VIRTUALIZATION, change->vm->settings_path, change->arena,
                             &current, err))
            return false;
        const CimInstance *missing = missing_settings(change, current, forward);
        if (missing == NULL)
            return true;
        if (!modify_settings(change, missing, "put the VM's settings back", &refused) &&
            error_outcome_is_unknown(&refused) && !host_settle(change->host, change->vm->system_path, err))
            return false;
        if (refused.code == ERR_NONE)
            return true;
    }
    *err = refused;
    return false;
}

/* The forward direction of a change that has just been planned: the values need no look. */
static bool apply_settings(Change *change, Error *err)
{
    if (change->record->settings.count == 0)
        return true;
    enter_step(change, STEP_SETTINGS);
    const CimInstance *settings = missing_settings(change, change->vm->settings, true);
    if (settings == NULL || modify_settings(change, settings, "change the VM's settings", err))
        return true;
    if (!error_outcome_is_unknown(err))
        return false;
    Error lost = { .code = ERR_NONE };
    if (!host_settle(change->host, change->vm->system_path, &lost) || !reach_settings(change, true, &lost))
        return false;
    *err = (Error){ .code = ERR_NONE };
    return true;
}

/* ---- guards ---- */

static bool check_cancel(Error *err)
{
    return cancel_requested() ? error_set(err, ERR_CANCELLED, "interrupted") : true;
}

/* Protects a VM that somebody started since the plan was made. */
static bool check_still_idle(Change *change, Error *err)
{
    VmStatus status;
    return vm_read_status(change->host, change->vm, &status, err) && vm_check_idle(change->vm, &status, err);
}

/* Protects adapters that another computer, which sees neither our lock nor our journal, has changed since. */
static bool check_same_adapters(Change *change, GpuPartitionList *ret_current, Error *err)
{
    if (!vm_read_partitions(change->host, change->vm, change->arena, ret_current, err))
        return false;
    const GpuPartitionList *planned = &change->record->before;
    bool same = planned->count == ret_current->count;
    for (size_t i = 0; same && i < planned->count; i++) {
        const GpuPartition *found = partition_find(ret_current, planned->items[i].adapter_id);
        same = found != NULL && partition_same_gpu(found, &planned->items[i]) &&
               partition_has_settings(found, &planned->items[i]);
    }
    if (same)
        return true;
    (void) error_set(err, ERR_STATE, "somebody else has changed the GPUs of VM '%s' meanwhile", change->vm->name);
    return error_hint(err, "try again when nobody else works on this VM");
}

/* ---- the steps ---- */

static bool reach_adapters(Change *change, const Assignment *assignment, const GpuPartitionList *current, Error *err)
{
    AssignmentTrace trace;
    bool ok = assignment_reach(change->host, change->vm, change->service_path, assignment, current, change->arena,
                               &trace, err);
    change->changed = change->changed || trace.changed;
    change->refused = trace.refused;
    return ok;
}

static bool make_checkpoint(Change *change, Error *err)
{
    if (!check_cancel(err) || !check_still_idle(change, err))
        return false;
    enter_step(change, STEP_CHECKPOINT);
    Checkpoint made;
    change->changed = true;
    if (!checkpoint_create(change->host, change->vm, change->record->checkpoint_name, change->arena, &made, err))
        return false;
    change->result->checkpoint_made = true;
    change->result->checkpoint_name = made.name;
    change->result->checkpoint_id = made.id;
    return true;
}

static bool modify_memory(Change *change, bool forward, Error *err)
{
    bool ok = memory_write(change->host, change->service_path, change->record, forward, change->arena, err);
    change->changed = change->changed || ok || error_outcome_is_unknown(err) || err->source == ERROR_SOURCE_JOB;
    return ok;
}

/* No GPU is on. */
static bool apply_memory(Change *change, Error *err)
{
    if (change->record->memory_id == NULL)
        return true;
    enter_step(change, STEP_MEMORY);
    Error failure = { .code = ERR_NONE }, lost = { .code = ERR_NONE };
    bool is_written = false;
    if (modify_memory(change, true, &failure) ||
        (error_outcome_is_unknown(&failure) && host_settle(change->host, change->vm->system_path, &lost) &&
         memory_is_written(change->host, change->record, &is_written, &lost) && is_written))
        return true;
    *err = failure;
    return false;
}

static bool apply_steps(Change *change, Error *err)
{
    ChangeRecord *record = change->record;
    GpuPartitionList none = { 0 };
    GpuPartitionList current;
    GpuPartitionList removals = record_removals(record, change->arena);

    if (!apply_settings(change, err) || !check_cancel(err) || !check_still_idle(change, err) ||
        !check_same_adapters(change, &current, err))
        return false;

    bool empty_first = record->empties_first && removals.count > 0;
    if (empty_first) {
        enter_step(change, STEP_REMOVAL);
        Assignment off = { .want = &none, .remove = &removals };
        if (!reach_adapters(change, &off, &current, err))
            return false;
        current = none;
    }
    if (!apply_memory(change, err) || (record->takes_checkpoint && !make_checkpoint(change, err)))
        return false;
    if (!check_cancel(err))
        return false;
    enter_step(change, STEP_ASSIGNMENT);
    Assignment target = { .want = &record->after, .remove = &removals, .verify = true };
    return reach_adapters(change, &target, &current, err);
}

/* Adapters of "after" that were not there before: what an undo may find and has to take off again. */
static GpuPartitionList additions(const Change *change)
{
    GpuPartitionList list = { 0 };
    for (size_t i = 0; i < change->record->after.count; i++) {
        GpuPartition partition = change->record->after.items[i];
        if (partition.adapter_id != NULL && partition_find(&change->record->before, partition.adapter_id) != NULL)
            continue;
        partition.adapter_id = NULL;
        ARRAY_PUSH(change->arena, &list, partition);
    }
    return list;
}

/* An adapter of somebody else's is on, which is not ours to take off; what it needs of the memory is there, too. */
static bool leave_memory(Change *change)
{
    Error lost = { .code = ERR_NONE };
    GpuPartitionList others;
    if (!vm_read_partitions(change->host, change->vm, change->arena, &others, &lost) || others.count == 0)
        return false;
    change->host->report->warning(change->host->report,
                                  arena_printf(change->arena,
                                               "the memory of VM '%s' stays as it was changed: Hyper-V does not change "
                                               "it while somebody else's GPU is on",
                                               change->vm->name));
    return true;
}

/* The memory as it was, if it is as this change set it; *ret_emptied: all adapters came off for that. */
static bool put_memory_back(Change *change, const GpuPartitionList *undo, bool *ret_emptied, Error *err)
{
    bool is_written = false;
    if (change->record->memory_id == NULL)
        return true;
    if (!memory_is_written(change->host, change->record, &is_written, err))
        return false;
    if (!is_written)
        return true;
    GpuPartitionList none = { 0 };
    Assignment off = {
        .want = &none, .remove = &change->record->before, .undo = undo, .foreign = &change->record->foreign
    };
    *ret_emptied = true;
    if (!reach_adapters(change, &off, NULL, err))
        return false;
    Error failure = { .code = ERR_NONE }, lost = { .code = ERR_NONE };
    if (modify_memory(change, false, &failure) ||
        (error_outcome_is_unknown(&failure) && host_settle(change->host, change->vm->system_path, &lost) &&
         memory_is_written(change->host, change->record, &is_written, &lost) && !is_written) ||
        (!error_outcome_is_unknown(&failure) && leave_memory(change)))
        return true;
    *err = failure;
    return false;
}

/* Everything as it was: the memory, which needs the adapters off, then those, whatever became of it, then the VM's
 * settings. */
static bool put_back(Change *change, const GpuPartitionList *current, Error *err)
{
    GpuPartitionList undo = additions(change);
    enter_step(change, STEP_ROLLBACK);
    Error memory_failure = { .code = ERR_NONE };
    bool emptied = false, memory_is_back = put_memory_back(change, &undo, &emptied, &memory_failure);
    Assignment back = {
        .want = &change->record->before, .undo = &undo, .foreign = &change->record->foreign, .verify = true
    };
    if (!reach_adapters(change, &back, emptied ? NULL : current, err) || !reach_settings(change, false, err))
        return false;
    if (!memory_is_back)
        *err = memory_failure;
    return memory_is_back;
}

/* As long as nothing has been put on, an adapter that was not there is somebody else's, however much it looks like one
 * of the VM's own. */
static bool note_foreign(Change *change, GpuPartitionList *ret_current, Error *err)
{
    if (!vm_read_partitions(change->host, change->vm, change->arena, ret_current, err))
        return false;
    for (size_t i = 0; change->record->step < STEP_ASSIGNMENT && i < ret_current->count; i++) {
        const char *id = ret_current->items[i].adapter_id;
        if (partition_find(&change->record->before, id) == NULL)
            ARRAY_PUSH(change->arena, &change->record->foreign, id);
    }
    return true;
}

static bool put_on(Change *change, Error *err)
{
    GpuPartitionList removals = record_removals(change->record, change->arena);
    Assignment target = { .want = &change->record->after, .remove = &removals, .verify = true };
    return reach_adapters(change, &target, NULL, err) && reach_settings(change, true, err);
}

/* A checkpoint that is there and GPUs that shall be as they were: going on and putting back are the same, and going on
 * is what the user asked for. */
static bool must_go_on(const Change *change)
{
    return change->result->checkpoint_made && partition_lists_match(&change->record->before, &change->record->after);
}

static void hint_recover(const Change *change, Error *err)
{
    (void) error_hint(err,
                      "the VM's GPUs are recorded in the journal; shut the VM down if it runs, then run: %s -VM \"%s\" "
                      "-DO recover",
                      change->host->program, change->vm->name);
}

static bool clear_journal(Change *change, Error *err)
{
    if (journal_clear(change->journal, err))
        return true;
    return error_prefix(err, "all is done, but the journal cannot be removed");
}

/* What becomes of a change that failed on the way. */
static ChangeOutcome save_the_gpus(Change *change)
{
    Error err = { .code = ERR_NONE };
    if (!change->changed)
        return CHANGE_NOTHING;
    if (must_go_on(change))
        return put_on(change, &err) ? CHANGE_DONE : CHANGE_UNFINISHED;
    GpuPartitionList current;
    return note_foreign(change, &current, &err) && put_back(change, &current, &err) ? CHANGE_PUT_BACK
                                                                                    : CHANGE_UNFINISHED;
}

bool change_apply(HyperVHost *host, const Vm *vm, ChangeRecord *record, Journal *journal, Arena *arena,
                  ChangeResult *ret_result, ChangeOutcome *ret_outcome, Error *err)
{
    Change change = {
        .host = host, .vm = vm, .record = record, .journal = journal, .arena = arena, .result = ret_result
    };
    *ret_result = (ChangeResult){ .checkpoint_made = false };
    *ret_outcome = CHANGE_NOTHING;
    record->step = STEP_PLANNED;
    if (!host_service_path(host, "Msvm_VirtualSystemManagementService", "vmms", vm->settings_path, arena,
                           &change.service_path, err))
        return false;
    if (!write_record(&change, err)) {
        /* It may be there all the same, if only the last flush failed; nothing has been changed yet. */
        Error ignored = { .code = ERR_NONE };
        if (!clear_journal(&change, &ignored)) {
            *ret_outcome = CHANGE_UNFINISHED;
            hint_recover(&change, err);
        }
        return false;
    }

    /* From here on the host is asked to the end; cancel requests are looked at between the steps. */
    host->session->ignore_cancel = true;
    Error failure = { .code = ERR_NONE };
    *ret_outcome = apply_steps(&change, &failure) ? CHANGE_DONE : save_the_gpus(&change);
    Error clearing = { .code = ERR_NONE };
    if (*ret_outcome != CHANGE_UNFINISHED && !clear_journal(&change, &clearing)) {
        if (*ret_outcome == CHANGE_DONE)
            failure = clearing;
        *ret_outcome = CHANGE_UNFINISHED;
    }
    if (*ret_outcome == CHANGE_DONE)
        return true;
    *err = failure;
    if (*ret_outcome == CHANGE_UNFINISHED)
        hint_recover(&change, err);
    return false;
}

bool change_plan_recovery(HyperVHost *host, const Vm *vm, const ChangeRecord *record, Arena *arena,
                          ChangeResult *ret_result, Error *err)
{
    ChangeResult result = { .checkpoint_made = record->takes_checkpoint && record->step == STEP_ASSIGNMENT };
    if (record->step == STEP_CHECKPOINT) {
        Checkpoint made;
        if (!checkpoint_find_new(host, vm, record->parent_before, arena, &made, err))
            return false;
        result.checkpoint_made = made.exists;
        result.checkpoint_name = made.name;
        result.checkpoint_id = made.id;
    }
    result.rolled_back = record->step != STEP_ASSIGNMENT && !result.checkpoint_made;
    *ret_result = result;
    return true;
}

bool change_recover(HyperVHost *host, const Vm *vm, ChangeRecord *record, Journal *journal, Arena *arena,
                    ChangeResult *ret_result, Error *err)
{
    Change change = {
        .host = host, .vm = vm, .record = record, .journal = journal, .arena = arena, .result = ret_result
    };
    if (!host_service_path(host, "Msvm_VirtualSystemManagementService", "vmms", vm->settings_path, arena,
                           &change.service_path, err) ||
        !change_plan_recovery(host, vm, record, arena, ret_result, err))
        return false;
    bool forward = !ret_result->rolled_back;

    host->session->ignore_cancel = true;
    Error failure = { .code = ERR_NONE };
    bool ok = true;
    if (forward) {
        enter_step(&change, STEP_ASSIGNMENT);
        ok = put_on(&change, &failure);
        /* Undone only where the host refuses; what could not be asked may go well the next time. */
        forward = ok || !change.refused || must_go_on(&change);
    }
    if (!forward)
        ok = put_back(&change, NULL, &failure);
    ret_result->rolled_back = !forward;
    if (!ok) {
        *err = failure;
        return false;
    }
    return clear_journal(&change, err);
}
