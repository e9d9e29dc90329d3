/* SPDX-License-Identifier: MIT */
#include "hyperv/change/change_progress.h"

#include "hyperv/change/restore.h"

bool change_only_takes_off(const ChangeRecord *record)
{
    return record->detached != NULL && !record->attaches;
}

bool change_may_be_back_as(const GpuPartition *gone, const GpuPartition *row, const GpuPartitionList *current)
{
    return partition_find(current, gone->adapter_id) == NULL && partition_same_gpu(row, gone) &&
           partition_can_become(row, gone);
}

/* An adapter of before is on again under another ID: it had come off, and was being put back. */
static bool is_being_put_back(const ChangeRecord *record, const GpuPartitionList *current)
{
    for (size_t i = 0; i < current->count; i++) {
        const GpuPartition *row = &current->items[i];
        for (size_t k = 0; k < record->before.count; k++) {
            if (partition_find(&record->before, row->adapter_id) == NULL &&
                change_may_be_back_as(&record->before.items[k], row, current))
                return true;
        }
    }
    return false;
}

bool change_look_how_far(const Recovery *recovery, const ChangeRecord *record, ChangeResult *ret_result,
                         Checkpoint *ret_made, Error *err)
{
    bool restores = record->restore_id != NULL, is_late = record->step == STEP_ASSIGNMENT;
    ChangeResult result = { .checkpoint_made = record->takes_checkpoint && (is_late || record->step == STEP_APPLYING),
                            .applied = restores && is_late };
    /* Whatever the step: later ones may not have been written. */
    if (restores && !is_late && !restore_is_applied(recovery->host, recovery->vm, record, recovery->arena,
                                                    &result.applied, err))
        return false;
    Checkpoint made = { .exists = false };
    if (record->step == STEP_CHECKPOINT && result.applied) {
        result.checkpoint_made = record->takes_checkpoint; /* the VM stands on another one by now */
    } else if (record->step == STEP_CHECKPOINT) {
        if (!checkpoint_find_new(recovery->host, recovery->vm, record->parent_before, recovery->arena, &made, err))
            return false;
        result.checkpoint_made = made.exists;
        result.checkpoint_name = made.name;
        result.checkpoint_id = made.id;
    }
    bool is_far = is_late;
    if (change_only_takes_off(record) && (is_late || record->step == STEP_REMOVAL)) {
        GpuPartitionList current;
        if (!vm_read_partitions(recovery->host, recovery->vm, recovery->arena, &current, err))
            return false;
        is_far = !is_being_put_back(record, &current); /* that it was may not have been written */
    }
    result.rolled_back = restores ? !result.applied : !is_far && !result.checkpoint_made;
    *ret_result = result;
    *ret_made = made;
    return true;
}

RecoveryResult change_tell(const ChangeRecord *record, ChangeStep step, const ChangeResult *result)
{
    return (RecoveryResult){ .verb = record->verb,
                             .step = change_step_name(step),
                             .wants_checkpoint = record->takes_checkpoint,
                             .restored = record->restore_name,
                             .change = *result,
                             .partitions = result->rolled_back ? record->before : record->after };
}
