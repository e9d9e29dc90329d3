/* SPDX-License-Identifier: MIT */
#include "hyperv/change.h"

#include "base/ascii.h"
#include "base/check.h"
#include "base/limits.h"
#include "cim/path.h"
#include "cim/schema.h"
#include "hyperv/assignment.h"
#include "hyperv/change_progress.h"
#include "hyperv/checkpoint.h"
#include "hyperv/kvp.h"
#include "hyperv/memory.h"
#include "hyperv/recovery.h"
#include "hyperv/restore.h"
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
    size_t done_before, in_doubt_before; /* calls_done and calls_in_doubt of the host before the change */
    bool asked_for_checkpoint;
    bool is_recovery;
    StringList taken_off; /* IDs of adapters that calls of ours have taken off for certain */
    GpuPartitionList additions; /* that have to come off when everything is put back */
    bool knows_additions;
    bool refused; /* the host refused to make the adapters as they were asked for, the last time */
} Change;

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

/* ---- journal ---- */

static bool write_record(Change *change, Error *err)
{
    const VmRecordKind *kind = change->record->detached != NULL     ? &detachment_kind
                               : change->record->restore_id != NULL ? &restore_kind
                                                                    : &change_kind;
    return journal_write(change->journal, &kind->record, change->record, err);
}

/* The first record holds all that is needed to put things back; later ones only tell how far it went, and are not worth
 * stopping for. */
static void enter_step(Change *change, ChangeStep step)
{
    Error err = { .code = ERR_NONE };
    change->record->step = step;
    if (!write_record(change, &err))
        report_warning(change->host->report, "%s; going on, the record from before is still there", err.message);
}

/* ---- VM settings ---- */

static bool modify_settings(Change *change, const CimInstance *settings, const char *what, Error *err)
{
    CimInstance *in = cim_instance_create(change->arena, "ModifySystemSettings");
    cim_instance_set(in, change->arena, "SystemSettings", cim_embedded(settings));
    return host_call(change->host, change->service_path, "ModifySystemSettings", in, what, change->arena, NULL, err);
}

/* Brings the VM's settings to what the record says, looking first, and again after a call that failed. */
static bool reach_settings(Change *change, bool forward, Error *err)
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
        if (modify_settings(change, missing, "put the VM's settings back", &refused))
            return true;
        host_tell_detail(change->host, &refused, "looking at the settings again");
        if (error_outcome_is_unknown(&refused) && !host_settle(change->host, change->vm->system_path, err))
            return false;
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
    const CimInstance *settings = record_missing_settings(change->record, change->vm->settings_id,
                                                          change->vm->settings, true, change->arena);
    Error failure = { .code = ERR_NONE }, lost = { .code = ERR_NONE };
    if (settings == NULL || modify_settings(change, settings, "change the VM's settings", &failure))
        return true;
    host_tell_detail(change->host, &failure, "looking at the settings again");
    if (error_outcome_is_unknown(&failure) && host_settle(change->host, change->vm->system_path, &lost) &&
        reach_settings(change, true, &lost))
        return true;
    *err = failure;
    return false;
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

/* A recovery does not know who took what off. */
static bool reach_adapters(Change *change, const Assignment *assignment, const GpuPartitionList *current, Error *err)
{
    Assignment own = *assignment;
    own.taken_off = change->is_recovery ? NULL : &change->taken_off;
    return assignment_reach(change->host, change->vm, change->service_path, &own, current, change->arena,
                            &change->refused, err);
}

/* What detach remembers is written once the GPUs are off, and what attach had to remember is cleared once they are on,
 * each before the journal is: at every moment they are on the VM, or in one of the two. */
static bool settle_detached(Change *change, bool forward, Error *err)
{
    const ChangeRecord *record = change->record;
    if (record->detached == NULL)
        return true;
    return forward != record->attaches ? detached_write(change->journal, record->detached, err)
                                       : detached_clear(change->journal, err);
}

/* What HyperPoint told the guest and did not take back, since it was killed then: a checkpoint would bring it back
 * whenever it is applied. The guest carries out nothing twice, so that is not worth stopping for. */
static void forget_items(const Change *change, const StringList *names)
{
    Error failure = { .code = ERR_NONE };
    if (names->count > 0 && !kvp_take_back(change->host, change->vm, names, &failure))
        report_warning(change->host->report, "data items of HyperPoint's stay in the configuration: %s",
                       failure.message);
}

static bool make_checkpoint(Change *change, Error *err)
{
    forget_items(change, &change->record->own_items);
    if (!may_go_on(change, err))
        return false;
    enter_step(change, STEP_CHECKPOINT);
    Checkpoint made;
    CheckpointMaker maker = change->record->restore_id != NULL ? CHECKPOINT_SAFETY : CHECKPOINT_OURS;
    size_t sent_before = calls_sent(change->host);
    bool ok = checkpoint_create(change->host, change->vm, change->record->checkpoint_name, maker, change->arena, &made,
                                err);
    change->asked_for_checkpoint = calls_sent(change->host) > sent_before;
    if (!ok)
        return false;
    change->result->checkpoint_made = true;
    change->result->checkpoint_name = made.name;
    change->result->checkpoint_id = made.id;
    return true;
}

static bool modify_memory(Change *change, bool forward, Error *err)
{
    return memory_write(change->host, change->service_path, change->record, forward, change->arena, err);
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

/* Those that came with the checkpoint come off, whatever was put on since. The settings come first, so that the look at
 * the adapters is the last; but these go on in any case. */
static bool put_on_restored(Change *change, Error *err)
{
    ChangeRecord *record = change->record;
    VmResources resources;
    Error settings = { .code = ERR_NONE };
    if (!vm_read_resources(change->host, change->vm, change->arena, &resources, err))
        return false;
    forget_items(change, &resources.own_items); /* that came with the checkpoint */
    if (record->step != STEP_ASSIGNMENT) {
        restore_sort_adapters(&resources.partitions, change->is_recovery, change->arena, record);
        enter_step(change, STEP_ASSIGNMENT);
        restore_warn_of_memory(change->host, &resources, record);
    }
    GpuPartitionList removals = restore_removals(record, &resources.partitions, change->arena);
    Assignment target = { .want = &record->after, .remove = &removals, .foreign = &record->foreign, .verify = true };
    bool are_set = reach_settings(change, true, &settings);
    if (!reach_adapters(change, &target, &resources.partitions, err))
        return false;
    if (!are_set)
        *err = settings;
    return are_set;
}

static bool put_on(Change *change, Error *err)
{
    if (change->result->applied)
        return put_on_restored(change, err);
    GpuPartitionList removals = record_removals(change->record, change->arena);
    Assignment target = { .want = &change->record->after, .remove = &removals, .verify = true };
    return reach_adapters(change, &target, NULL, err) && reach_settings(change, true, err) &&
           settle_detached(change, true, err);
}

/* The present state is lost with this call, unless a checkpoint of it has been made. */
static bool apply_checkpoint(Change *change, Error *err)
{
    if (!may_go_on(change, err))
        return false;
    enter_step(change, STEP_APPLYING);
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
        enter_step(change, STEP_REMOVAL);
        Assignment off = { .want = &none, .remove = &removals };
        if (!reach_adapters(change, &off, &current, err))
            return false;
        current = none;
    }
    if (!apply_memory(change, err) || (record->takes_checkpoint && !make_checkpoint(change, err)))
        return false;
    if (restores)
        return apply_checkpoint(change, err) && put_on(change, err);
    if (!check_cancel(change, err))
        return false;
    enter_step(change, STEP_ASSIGNMENT);
    Assignment target = { .want = &record->after, .remove = &removals, .verify = true };
    return reach_adapters(change, &target, &current, err) && settle_detached(change, true, err);
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
    if (!reach_adapters(change, &off, NULL, err))
        return false;
    Error failure = { .code = ERR_NONE }, lost = { .code = ERR_NONE };
    if (modify_memory(change, false, &failure))
        return true;
    bool is_known = !error_outcome_is_unknown(&failure);
    if (error_leaves_doubt(&failure) && host_settle(change->host, change->vm->system_path, &lost) &&
        memory_is_written(change->host, change->record, &is_written, &lost))
        is_known = true;
    if (!is_written || (is_known && leave_memory(change)))
        return true;
    *err = failure;
    return false;
}

/* Everything as it was: the memory, which needs the adapters off, then those, whatever became of it, then the VM's
 * settings. */
static bool put_back(Change *change, const GpuPartitionList *current, Error *err)
{
    enter_step(change, STEP_ROLLBACK);
    Error memory_failure = { .code = ERR_NONE };
    bool emptied = false, memory_is_back = put_memory_back(change, &emptied, &memory_failure);
    Assignment back = { .want = &change->record->before,
                        .undo = additions(change),
                        .foreign = &change->record->foreign,
                        .verify = true };
    if (!reach_adapters(change, &back, emptied ? NULL : current, err) || !reach_settings(change, false, err) ||
        !settle_detached(change, false, err))
        return false;
    if (!memory_is_back)
        *err = memory_failure;
    return memory_is_back;
}

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

/* A checkpoint that is there and GPUs that shall be as they were: going on and putting back are the same, and going on
 * is what the user asked for. From a checkpoint that has been applied there is no way back. */
static bool must_go_on(const Change *change)
{
    if (change->record->restore_id != NULL)
        return change->result->applied;
    return change->result->checkpoint_made && partition_lists_match(&change->record->before, &change->record->after);
}

static void hint_recover(const Change *change, Error *err)
{
    (void) error_hint(err, "the VM's GPUs are recorded in the journal");
    (void) error_advise(err, ADVICE_SHUT_DOWN_RECOVER, change->vm->name);
}

/* A disk that fails once gets a second chance, as the host does. */
static bool clear_journal(Change *change, Error *err)
{
    Error first = { .code = ERR_NONE };
    if (journal_clear(change->journal, &first) || journal_clear(change->journal, err))
        return true;
    return error_prefix(err, "all is done, but the journal cannot be removed");
}

/* Lets the host come to rest, and then goes on or puts everything back. */
static bool go_on_or_back(Change *change, Error *err)
{
    GpuPartitionList current;
    if (!host_settle(change->host, change->vm->system_path, err))
        return false;
    if (change->record->step == STEP_APPLYING && !change->result->applied &&
        !restore_is_applied(change->host, change->vm, change->record, change->arena, &change->result->applied, err))
        return false;
    if (must_go_on(change))
        return put_on(change, err);
    return note_foreign(change, &current, err) && put_back(change, &current, err);
}

/* What becomes of a change that failed on the way; "failure" is told what failed besides. Where no call is known to
 * have changed anything, putting back is the look that shows whether one did. A host that does not answer once gets a
 * second chance. */
static ChangeOutcome save_the_gpus(Change *change, Error *failure)
{
    if (!may_have_changed(change))
        return CHANGE_NOTHING;
    HyperVHost *host = change->host;
    const char *what = must_go_on(change) ? "going on all the same" : "putting everything back";
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
    if (must_go_on(change))
        return CHANGE_DONE;
    return has_changed(change) ? CHANGE_PUT_BACK : CHANGE_NOTHING;
}

static Change begin(HyperVHost *host, const Vm *vm, ChangeRecord *record, Journal *journal, Arena *arena,
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
    Change change = begin(host, vm, record, journal, arena, ret_result);
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
    Error failure = { .code = ERR_NONE };
    *ret_outcome = carry_out(&change, &failure);
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

/* ---- recovery ---- */

static bool plan_recovery(const Recovery *recovery, void *data, RecoveryResult *ret_result, Error *err)
{
    const ChangeRecord *record = data;
    ChangeResult result;
    if (!change_look_how_far(recovery, record, &result, err))
        return false;
    *ret_result = change_tell(record, record->step, &result);
    return true;
}

/* What change_look_how_far() says. */
static bool recover_steps(Change *change, Error *err)
{
    bool forward = !change->result->rolled_back;
    bool ok = true;
    if (forward) {
        if (!change->result->applied)
            enter_step(change, STEP_ASSIGNMENT);
        ok = put_on(change, err);
        /* Undone only where the host refuses; what could not be asked may go well the next time. */
        forward = ok || !change->refused || must_go_on(change);
        if (!forward)
            host_tell_detail(change->host, err, "undoing it instead");
    }
    if (!forward) {
        *err = (Error){ .code = ERR_NONE };
        ok = put_back(change, NULL, err);
    }
    change->result->rolled_back = !forward;
    return ok;
}

static bool recover(const Recovery *recovery, void *data, RecoveryResult *ret_result, Error *err)
{
    ChangeRecord *record = data;
    ChangeStep step = record->step;
    HyperVHost *host = recovery->host;
    ChangeResult result;
    Change change = begin(host, recovery->vm, record, recovery->journal, recovery->arena, &result);
    change.is_recovery = true;
    if (!change_look_how_far(recovery, record, &result, err))
        return false;
    bool needs_gpus = result.rolled_back || !change_only_takes_off(record);
    if ((needs_gpus && !recovery_settle_gone_gpus(recovery, &record->before, &record->after, err)) ||
        !host_service_path(host, "Msvm_VirtualSystemManagementService", "vmms", recovery->vm->settings_path,
                           recovery->arena, &change.service_path, err))
        return false;
    CLEANUP(cancel_unshield) Cancel *shielded = cancel_shield(&host->session->cancel);
    (void) shielded;
    Error first = { .code = ERR_NONE };
    bool ok = recover_steps(&change, &first);
    if (!ok && first.code != ERR_TIMEOUT) {
        host_tell_detail(host, &first, "going on at the second try");
        ok = host_settle(host, recovery->vm->system_path, err) && recover_steps(&change, err);
    } else if (!ok) {
        *err = first;
    }
    if (!ok || !clear_journal(&change, err))
        return false;
    *ret_result = change_tell(record, step, &result);
    return true;
}

/* The same for a program that knows what is remembered of a VM; one that does not must not end such a change. */
const VmRecordKind detachment_kind = {
    .record = { "detachment", 1, &change_record_shape, .former = NULL },
    .plan_recovery = plan_recovery,
    .recover = recover,
};

const VmRecordKind change_kind = {
    .record = { "change", 1, &change_record_shape, .former = "hyperpoint-journal/1" },
    .plan_recovery = plan_recovery,
    .recover = recover,
};

const VmRecordKind restore_kind = {
    .record = { "restore", 1, &change_record_shape, .former = NULL },
    .plan_recovery = plan_recovery,
    .recover = recover,
};
