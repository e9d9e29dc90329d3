/* SPDX-License-Identifier: MIT */
/* Finishing or undoing a change that was cut short: the kinds of records that change_apply() writes. */
#include "hyperv/change/change_progress.h"
#include "hyperv/change/change_steps.h"
#include "hyperv/change/recovery.h"

#include <string.h>

/* How far the change had come, and what it needs of the GPUs that the host has now. */
static bool look(const Recovery *recovery, ChangeRecord *record, ChangeResult *ret_result, Checkpoint *ret_made,
                 Error *err)
{
    if (!change_look_how_far(recovery, record, ret_result, ret_made, err))
        return false;
    bool needs_gpus = ret_result->rolled_back || !change_only_takes_off(record);
    return !needs_gpus || recovery_settle_gone_gpus(recovery, &record->before, &record->after, err);
}

static bool plan_recovery(const Recovery *recovery, void *data, RecoveryResult *ret_result, Error *err)
{
    ChangeRecord *record = data;
    ChangeResult result;
    Checkpoint made;
    if (!look(recovery, record, &result, &made, err))
        return false;
    *ret_result = change_tell(record, record->step, &result);
    return true;
}

/* What look() says. */
static bool recover_steps(Change *change, Error *err)
{
    bool forward = !change->result->rolled_back;
    bool ok = true;
    if (forward) {
        if (!change->result->applied)
            change_enter_step(change, STEP_ASSIGNMENT);
        ok = change_put_on(change, err);
        /* Undone only where the host refuses; what could not be asked may go well the next time. */
        forward = ok || !change->refused || change_must_go_on(change);
        if (!forward)
            host_tell_detail(change->host, err, "undoing it instead");
    }
    if (!forward) {
        *err = (Error){ .code = ERR_NONE };
        ok = change_put_back(change, NULL, err);
    }
    change->result->rolled_back = !forward;
    return ok;
}

/* It was made, and the program killed before it had its name and its mark. By its name alone it is known: the VM may
 * as well stand on one that was made by hand since, which prune must not remove one day. */
static void finish_checkpoint(Change *change, Checkpoint *made)
{
    const char *name = change->record->checkpoint_name;
    CheckpointMaker maker = change_checkpoint_maker(change);
    if (!made->exists || checkpoint_is_marked(made, maker, change->arena))
        return;
    if (name != NULL && made->name != NULL && strcmp(name, made->name) == 0)
        checkpoint_name_and_mark(change->host, change->vm, name, maker, change->arena, made);
    else
        report_warning(change->host->report,
                       "checkpoint '%s' may have been made by hand since: it %sdoes not count as one of "
                       "HyperPoint's own",
                       made->name != NULL ? made->name : "?", name != NULL ? "keeps its name, and " : "");
}

/* Tried again, the host will refuse it again: then only the user can put up with what the VM has now. */
static bool hint_refused(const Change *change, Error *err)
{
    return error_hint(err,
                      "the host refuses what the VM had, which the journal '%s' tells: mend the cause (the driver of "
                      "the GPU, for example) and run recover again; or, if the GPUs that the VM has now will do, "
                      "remove the journal",
                      journal_path(change->journal));
}

static bool recover(const Recovery *recovery, void *data, RecoveryResult *ret_result, Error *err)
{
    ChangeRecord *record = data;
    ChangeStep step = record->step;
    HyperVHost *host = recovery->host;
    ChangeResult result;
    Checkpoint made;
    Change change = change_of(host, recovery->vm, record, recovery->journal, recovery->arena, &result);
    change.is_recovery = true;
    if (!look(recovery, record, &result, &made, err) ||
        !host_service_path(host, "Msvm_VirtualSystemManagementService", "vmms", recovery->vm->settings_path,
                           recovery->arena, &change.service_path, err))
        return false;
    CLEANUP(cancel_unshield) Cancel *shielded = cancel_shield(&host->session->cancel);
    (void) shielded;
    finish_checkpoint(&change, &made);
    Error first = { .code = ERR_NONE };
    bool ok = recover_steps(&change, &first);
    if (!ok && first.code != ERR_TIMEOUT) {
        host_tell_detail(host, &first, "going on at the second try");
        ok = host_await_jobs(host, recovery->vm->system_path, NULL, err) && recover_steps(&change, err);
    } else if (!ok) {
        *err = first;
    }
    if (!ok)
        return change.refused ? hint_refused(&change, err) : false;
    if (!change_clear_journal(&change, err))
        return false;
    *ret_result = change_tell(record, step, &result);
    return true;
}

/* The same for a program that knows what is remembered of a VM; one that does not must not end such a change. */
const VmRecordKind detachment_kind = {
    .record = { "detachment", 1, &change_record_shape, .former = NULL },
    .plan_recovery = plan_recovery,
    .recover = recover,
    .works_while_on = false,
};

const VmRecordKind change_kind = {
    .record = { "change", 1, &change_record_shape, .former = "hyperpoint-journal/1" },
    .plan_recovery = plan_recovery,
    .recover = recover,
    .works_while_on = false,
};

const VmRecordKind restore_kind = {
    .record = { "restore", 1, &change_record_shape, .former = NULL },
    .plan_recovery = plan_recovery,
    .recover = recover,
    .works_while_on = false,
};
