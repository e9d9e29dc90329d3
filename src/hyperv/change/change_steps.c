/* SPDX-License-Identifier: MIT */
#include "hyperv/change/change_steps.h"

#include "cim/schema.h"
#include "hyperv/change/memory.h"
#include "hyperv/change/recovery.h"
#include "hyperv/change/restore.h"
#include "hyperv/vm/kvp.h"

#include <string.h>

Change change_of(HyperVHost *host, const Vm *vm, ChangeRecord *record, Journal *journal, Arena *arena,
                    ChangeResult *result)
{
    return (Change){ .host = host,
                     .vm = vm,
                     .record = record,
                     .journal = journal,
                     .arena = arena,
                     .result = result,
                     .done_before = host->calls_done,
                     .in_doubt_before = host->calls_in_doubt };
}

/* ---- journal ---- */

bool change_write_record(Change *change, Error *err)
{
    const VmRecordKind *kind = change->record->detached != NULL     ? &detachment_kind
                               : change->record->restore_id != NULL ? &restore_kind
                                                                    : &change_kind;
    return journal_write(change->journal, &kind->record, change->record, err);
}

/* The first record holds all that is needed to put things back; later ones only tell how far it went, and are not worth
 * stopping for. */
void change_enter_step(Change *change, ChangeStep step)
{
    Error err = { .code = ERR_NONE };
    change->record->step = step;
    if (!change_write_record(change, &err))
        report_warning(change->host->report, "%s; going on, the record from before is still there", err.message);
}

/* A disk that fails once gets a second chance, as the host does. */
bool change_clear_journal(Change *change, Error *err)
{
    Error first = { .code = ERR_NONE };
    if (journal_clear(change->journal, &first) || journal_clear(change->journal, err))
        return true;
    return error_prefix(err, "all is done, but the journal cannot be removed");
}

/* ---- VM settings ---- */

bool change_modify_settings(Change *change, const CimInstance *settings, const char *what, Error *err)
{
    CimInstance *in = cim_instance_create(change->arena, "ModifySystemSettings");
    cim_instance_set(in, change->arena, "SystemSettings", cim_embedded(settings));
    return host_call(change->host, change->service_path, "ModifySystemSettings", in, what, change->arena, NULL, err);
}

/* Brings the VM's settings to what the record says, looking first, and again after a call that failed. */
bool change_reach_settings(Change *change, bool forward, Error *err)
{
    enum { TRIES = 2 };
    if (change->record->settings.count == 0)
        return true;
    Error refused = { .code = ERR_NONE };
    for (int tries = 0;; tries++) {
        CimInstance *current;
        if (!cim_session_get(change->host->session, NS_VIRTUALIZATION, change->vm->settings_path, change->arena,
                             &current, err))
            return false;
        const CimInstance *missing =
            record_missing_settings(change->record, change->vm->settings_id, current, forward, change->arena);
        if (missing == NULL)
            return true;
        if (tries == TRIES)
            break;
        if (change_modify_settings(change, missing, "put the VM's settings back", &refused))
            return true;
        host_tell_detail(change->host, &refused, "looking at the settings again");
        if (error_outcome_is_unknown(&refused) && !host_await_jobs(change->host, change->vm->system_path, NULL, err))
            return false;
    }
    *err = refused;
    return false;
}

CheckpointMaker change_checkpoint_maker(const Change *change)
{
    return change->record->restore_id != NULL ? CHECKPOINT_SAFETY : CHECKPOINT_OURS;
}

/* ---- adapters, and what is remembered of them ---- */

/* A recovery does not know who took what off. */
bool change_reach_adapters(Change *change, const Assignment *assignment, const GpuPartitionList *current, Error *err)
{
    Assignment own = *assignment;
    own.taken_off = change->is_recovery ? NULL : &change->taken_off;
    return assignment_reach(change->host, change->vm, change->service_path, &own, current, change->arena,
                            &change->refused, err);
}

/* What detach remembers is written once the GPUs are off, and what attach had to remember is cleared once they are on,
 * each before the journal is: at every moment they are on the VM, or in one of the two. Where it cannot be written and
 * reads as it must, it need not be. */
bool change_settle_detached(Change *change, bool forward, Error *err)
{
    const ChangeRecord *record = change->record;
    const DetachedGpus *before = record->attaches ? record->detached : record->remembered;
    const DetachedGpus *after = record->attaches ? NULL : record->detached;
    const DetachedGpus *wanted = forward ? after : before;
    Error failure = { .code = ERR_NONE };
    if (record->detached == NULL)
        return true;
    if ((wanted != NULL ? detached_write(change->journal, wanted, &failure)
                        : detached_clear(change->journal, &failure)) ||
        detached_is_remembered(change->host, change->vm->guid, wanted, change->arena))
        return true;
    *err = failure;
    return false;
}

/* ---- data items ---- */

void change_forget_items(const Change *change, const StringList *names)
{
    Error failure = { .code = ERR_NONE };
    if (names->count > 0 && !kvp_take_back(change->host, change->vm, names, &failure))
        report_warning(change->host->report, "data items of HyperPoint's stay in the configuration: %s",
                       failure.message);
}

/* ---- going on ---- */

/* A checkpoint that is there and GPUs that shall be as they were: going on and putting back are the same, and going on
 * is what the user asked for. From a checkpoint that has been applied there is no way back. */
bool change_must_go_on(const Change *change)
{
    if (change->record->restore_id != NULL)
        return change->result->applied;
    return change->result->checkpoint_made && partition_lists_match(&change->record->before, &change->record->after);
}

/* Those that came with the checkpoint come off, whatever was put on since. The settings come first, so that the look at
 * the adapters is the last; but these go on in any case. */
static bool put_on_restored(Change *change, Error *err)
{
    ChangeRecord *record = change->record;
    VmResources resources;
    Error settings = { .code = ERR_NONE };
    if (!vm_read_resources(change->host, change->vm, change->arena, &resources, err))
        return false;
    change_forget_items(change, &resources.own_items); /* that came with the checkpoint */
    if (record->step != STEP_ASSIGNMENT) {
        restore_sort_adapters(&resources.partitions, change->is_recovery, change->arena, record);
        change_enter_step(change, STEP_ASSIGNMENT);
        restore_warn_of_memory(change->host, &resources, record);
    }
    GpuPartitionList removals = restore_removals(record, &resources.partitions, change->arena);
    Assignment target = { .want = &record->after, .remove = &removals, .foreign = &record->foreign, .verify = true };
    bool are_set = change_reach_settings(change, true, &settings);
    if (!change_reach_adapters(change, &target, &resources.partitions, err))
        return false;
    if (!are_set)
        *err = settings;
    return are_set;
}

bool change_put_on(Change *change, Error *err)
{
    if (change->result->applied)
        return put_on_restored(change, err);
    GpuPartitionList removals = record_removals(change->record, change->arena);
    Assignment target = { .want = &change->record->after, .remove = &removals, .verify = true };
    return change_reach_adapters(change, &target, NULL, err) && change_reach_settings(change, true, err) &&
           change_settle_detached(change, true, err);
}

/* ---- putting back ---- */

bool change_modify_memory(Change *change, bool forward, Error *err)
{
    return memory_write(change->host, change->service_path, change->record, forward, change->arena, err);
}

/* What has to come off when everything is put back. Found out once, so that one that has been taken off is not looked
 * for a second time. */
static GpuPartitionList *additions(Change *change)
{
    if (!change->knows_additions)
        change->additions = record_additions(change->record, change->arena);
    change->knows_additions = true;
    return &change->additions;
}

/* An adapter of somebody else's is on, which is not ours to take off; what it needs of the memory is there, too. */
static bool leave_memory(Change *change)
{
    Error lost = { .code = ERR_NONE };
    GpuPartitionList others;
    if (!vm_read_partitions(change->host, change->vm, change->arena, &others, &lost) || others.count == 0)
        return false;
    report_warning(change->host->report,
                   "the memory of VM '%s' stays as it was changed: Hyper-V does not change "
                   "it while somebody else's GPU is on",
                   change->vm->name);
    return true;
}

/* The memory as it was, if it is as this change set it; *ret_emptied: all adapters came off for that. */
static bool put_memory_back(Change *change, bool *ret_emptied, Error *err)
{
    bool is_written = false;
    if (change->record->memory_id == NULL)
        return true;
    if (!memory_is_written(change->host, change->record, &is_written, err))
        return false;
    if (!is_written)
        return true;
    GpuPartitionList none = { 0 };
    Assignment off = { .want = &none,
                       .remove = &change->record->before,
                       .undo = additions(change),
                       .foreign = &change->record->foreign };
    *ret_emptied = true;
    if (!change_reach_adapters(change, &off, NULL, err))
        return false;
    Error failure = { .code = ERR_NONE }, lost = { .code = ERR_NONE };
    if (change_modify_memory(change, false, &failure))
        return true;
    bool is_known = !error_outcome_is_unknown(&failure);
    if (error_leaves_doubt(&failure) && host_await_jobs(change->host, change->vm->system_path, NULL, &lost) &&
        memory_is_written(change->host, change->record, &is_written, &lost))
        is_known = true;
    if (!is_written || (is_known && leave_memory(change)))
        return true;
    *err = failure;
    return false;
}

/* Everything as it was: the memory, which needs the adapters off, then those, whatever became of it, then the VM's
 * settings. */
bool change_put_back(Change *change, const GpuPartitionList *current, Error *err)
{
    change_enter_step(change, STEP_ROLLBACK);
    Error memory_failure = { .code = ERR_NONE };
    bool emptied = false, memory_is_back = put_memory_back(change, &emptied, &memory_failure);
    Assignment back = { .want = &change->record->before,
                        .undo = additions(change),
                        .foreign = &change->record->foreign,
                        .verify = true };
    if (!change_reach_adapters(change, &back, emptied ? NULL : current, err) ||
        !change_reach_settings(change, false, err) || !change_settle_detached(change, false, err))
        return false;
    if (!memory_is_back)
        *err = memory_failure;
    return memory_is_back;
}
