/* SPDX-License-Identifier: MIT */
#include "hyperv/change/change.h"

#include "hyperv/change/change_progress.h"
#include "hyperv/change/change_steps.h"
#include "hyperv/change/memory.h"
#include "hyperv/change/restore.h"
#include "hyperv/checkpoint/checkpoint.h"

#include <string.h>

/* Calls that may have changed something; none that never left. */
static size_t calls_sent(const HyperVHost *host)
{
    return host->calls_done + host->calls_in_doubt;
}

/* Something was changed for certain: a call went well. A checkpoint that was asked for counts as well: what a failed
 * one left behind cannot always be told. */
static bool has_changed(const Change *change)
{
    return change->host->calls_done > change->done_before || change->asked_for_checkpoint;
}

/* Something may have been changed, as long as no look has shown that it was not. */
static bool may_have_changed(const Change *change)
{
    return has_changed(change) || change->host->calls_in_doubt > change->in_doubt_before;
}

/* ---- guards ---- */

static bool check_cancel(const Change *change, Error *err)
{
    return cancel_is_requested(change->host->cancel) ? error_set(err, ERR_CANCELLED, "interrupted") : true;
}

/* Protects a VM that somebody started since the plan was made. */
static bool check_still_idle(Change *change, Error *err)
{
    VmStatus status;
    return vm_read_status(change->host, change->vm, &status, err) && vm_check_idle(change->vm, &status, err);
}

/* Asked before each step that changes something. */
static bool may_go_on(Change *change, Error *err)
{
    return check_cancel(change, err) && check_still_idle(change, err);
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

/* The forward direction of a change that has just been planned: the values need no look. */
static bool apply_settings(Change *change, Error *err)
{
    if (change->record->settings.count == 0)
        return true;
    change_enter_step(change, STEP_SETTINGS);
    const CimInstance *settings = record_missing_settings(change->record, change->vm->settings_id,
                                                          change->vm->settings, true, change->arena);
    Error failure = { .code = ERR_NONE }, lost = { .code = ERR_NONE };
    if (settings == NULL || change_modify_settings(change, settings, "change the VM's settings", &failure))
        return true;
    host_tell_detail(change->host, &failure, "looking at the settings again");
    if (error_outcome_is_unknown(&failure) && host_await_jobs(change->host, change->vm->system_path, NULL, &lost) &&
        change_reach_settings(change, true, &lost))
        return true;
    *err = failure;
    return false;
}

static bool make_checkpoint(Change *change, Error *err)
{
    change_forget_items(change, &change->record->own_items);
    if (!may_go_on(change, err))
        return false;
    change_enter_step(change, STEP_CHECKPOINT);
    Checkpoint made;
    size_t sent_before = calls_sent(change->host);
    bool ok = checkpoint_create(change->host, change->vm, change->record->checkpoint_name,
                                change_checkpoint_maker(change), change->arena, &made, err);
    change->asked_for_checkpoint = calls_sent(change->host) > sent_before;
    if (!ok)
        return false;
    change->result->checkpoint_made = true;
    change->result->checkpoint_name = made.name;
    change->result->checkpoint_id = made.id;
    return true;
}

/* No GPU is on. */
static bool apply_memory(Change *change, Error *err)
{
    if (change->record->memory_id == NULL)
        return true;
    change_enter_step(change, STEP_MEMORY);
    Error failure = { .code = ERR_NONE }, lost = { .code = ERR_NONE };
    bool is_written = false;
    if (change_modify_memory(change, true, &failure) ||
        (error_outcome_is_unknown(&failure) && host_await_jobs(change->host, change->vm->system_path, NULL, &lost) &&
         memory_is_written(change->host, change->record, &is_written, &lost) && is_written))
        return true;
    *err = failure;
    return false;
}

/* The present state is lost with this call, unless a checkpoint of it has been made. */
static bool apply_checkpoint(Change *change, Error *err)
{
    if (!may_go_on(change, err))
        return false;
    change_enter_step(change, STEP_APPLYING);
    size_t sent_before = calls_sent(change->host);
    change->result->applied = restore_apply(change->host, change->vm, change->record, change->arena, err);
    change->asked_for_checkpoint = change->asked_for_checkpoint || calls_sent(change->host) > sent_before;
    return change->result->applied;
}

static bool apply_steps(Change *change, Error *err)
{
    ChangeRecord *record = change->record;
    GpuPartitionList none = { 0 };
    GpuPartitionList current;
    GpuPartitionList removals = record_removals(record, change->arena);

    bool restores = record->restore_id != NULL; /* then the settings come last: applying takes them back */
    if ((!restores && !apply_settings(change, err)) || !may_go_on(change, err) ||
        !check_same_adapters(change, &current, err))
        return false;

    bool empty_first = record->empties_first && removals.count > 0;
    if (empty_first) {
        change_enter_step(change, STEP_REMOVAL);
        Assignment off = { .want = &none, .remove = &removals };
        if (!change_reach_adapters(change, &off, &current, err))
            return false;
        current = none;
    }
    if (!apply_memory(change, err) || (record->takes_checkpoint && !make_checkpoint(change, err)))
        return false;
    if (restores)
        return apply_checkpoint(change, err) && change_put_on(change, err);
    if (!check_cancel(change, err))
        return false;
    change_enter_step(change, STEP_ASSIGNMENT);
    Assignment target = { .want = &record->after, .remove = &removals, .verify = true };
    return change_reach_adapters(change, &target, &current, err) && change_settle_detached(change, true, err);
}

/* ---- after a failure ---- */

/* The adapter of "before" that another HyperPoint may have taken off and put back as this row; NULL: none. */
static const GpuPartition *find_put_back_by_others(const Change *change, const GpuPartition *row,
                                                   const GpuPartitionList *current, const bool *used)
{
    const GpuPartitionList *before = &change->record->before;
    for (size_t i = 0; i < before->count; i++) {
        const GpuPartition *partition = &before->items[i];
        if (!used[i] && !partition_id_in(&change->taken_off, partition->adapter_id) &&
            change_may_be_back_as(partition, row, current))
            return partition;
    }
    return NULL;
}

/* As long as nothing has been put on, an adapter that was not there is somebody else's, however much it looks like one
 * of the VM's own; but for one that came off without our doing, which whoever took it off has put back. */
static bool note_foreign(Change *change, GpuPartitionList *ret_current, Error *err)
{
    if (!vm_read_partitions(change->host, change->vm, change->arena, ret_current, err))
        return false;
    bool *used = ARENA_NEW_ARRAY(change->arena, bool, change->record->before.count);
    for (size_t i = 0; change->record->step < STEP_ASSIGNMENT && i < ret_current->count; i++) {
        const GpuPartition *row = &ret_current->items[i];
        if (partition_find(&change->record->before, row->adapter_id) != NULL)
            continue;
        const GpuPartition *own = find_put_back_by_others(change, row, ret_current, used);
        if (own != NULL)
            used[own - change->record->before.items] = true;
        else
            ARRAY_PUSH(change->arena, &change->record->foreign, row->adapter_id);
    }
    return true;
}

static void hint_recover(const Change *change, Error *err)
{
    (void) error_hint(err, "the VM's GPUs are recorded in the journal");
    (void) error_advise(err, ADVICE_SHUT_DOWN_RECOVER, change->vm->address);
}

/* Lets the host come to rest, and then goes on or puts everything back. */
static bool go_on_or_back(Change *change, Error *err)
{
    GpuPartitionList current;
    if (!host_await_jobs(change->host, change->vm->system_path, NULL, err))
        return false;
    if (change->record->step == STEP_APPLYING && !change->result->applied &&
        !restore_is_applied(change->host, change->vm, change->record, change->arena, &change->result->applied, err))
        return false;
    if (change_must_go_on(change))
        return change_put_on(change, err);
    return note_foreign(change, &current, err) && change_put_back(change, &current, err);
}

/* What becomes of a change that failed on the way; "failure" is told what failed besides. Where no call is known to
 * have changed anything, putting back is the look that shows whether one did. A host that does not answer once gets a
 * second chance. */
static ChangeOutcome save_the_gpus(Change *change, Error *failure)
{
    if (!may_have_changed(change))
        return CHANGE_NOTHING;
    HyperVHost *host = change->host;
    const char *what = change_must_go_on(change) ? "going on all the same" : "putting everything back";
    Error first = { .code = ERR_NONE }, second = { .code = ERR_NONE };
    host_tell_detail(host, failure, what);
    bool ok = go_on_or_back(change, &first);
    if (!ok && first.code != ERR_TIMEOUT) {
        host_tell_detail(host, &first, arena_printf(change->arena, "%s at the second try", what));
        ok = go_on_or_back(change, &second);
    }
    const char *why = second.code != ERR_NONE ? second.message : first.message;
    if (!ok && strcmp(why, failure->message) != 0)
        (void) error_append(failure, "%s failed, too: %s", what, why);
    if (!ok)
        return CHANGE_UNFINISHED;
    if (change_must_go_on(change))
        return CHANGE_DONE;
    return has_changed(change) ? CHANGE_PUT_BACK : CHANGE_NOTHING;
}

/* ---- the whole ---- */

/* What attach puts on came off by a detach, for certain. */
static void note_detached(Change *change)
{
    const ChangeRecord *record = change->record;
    for (size_t i = 0; record->attaches && i < record->detached->partitions.count; i++)
        ARRAY_PUSH(change->arena, &change->taken_off, record->detached->partitions.items[i].adapter_id);
}

static ChangeOutcome carry_out(Change *change, Error *err)
{
    note_detached(change);
    /* From here on the host is asked to the end; cancel requests are looked at between the steps. */
    CLEANUP(cancel_unshield) Cancel *shielded = cancel_shield(&change->host->session->cancel);
    (void) shielded;
    return apply_steps(change, err) ? CHANGE_DONE : save_the_gpus(change, err);
}

bool change_apply(HyperVHost *host, const Vm *vm, ChangeRecord *record, Journal *journal, Arena *arena,
                  ChangeResult *ret_result, ChangeOutcome *ret_outcome, Error *err)
{
    Change change = change_of(host, vm, record, journal, arena, ret_result);
    *ret_result = (ChangeResult){ .checkpoint_made = false };
    *ret_outcome = CHANGE_NOTHING;
    record->step = STEP_PLANNED;
    if (!host_service_path(host, "Msvm_VirtualSystemManagementService", "vmms", vm->settings_path, arena,
                           &change.service_path, err))
        return false;
    if (!change_write_record(&change, err)) {
        /* It may be there all the same, if only the last flush failed; nothing has been changed yet. */
        Error ignored = { .code = ERR_NONE };
        if (!change_clear_journal(&change, &ignored)) {
            *ret_outcome = CHANGE_UNFINISHED;
            hint_recover(&change, err);
        }
        return false;
    }
    Error failure = { .code = ERR_NONE };
    *ret_outcome = carry_out(&change, &failure);
    Error clearing = { .code = ERR_NONE };
    if (*ret_outcome != CHANGE_UNFINISHED && !change_clear_journal(&change, &clearing)) {
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
