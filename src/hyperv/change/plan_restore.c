/* SPDX-License-Identifier: MIT */
#include "hyperv/change/plan_restore.h"

void plan_restore(const VmView *view, bool discards, Report *report, ChangeRecord *record)
{
    const CheckpointNode *node = &view->restore->tree.items[view->restore->index];
    record->takes_checkpoint = !discards;
    record->restore_id = node->id;
    record->restore_name = node->name;
    record->brings = view->restore->brings;
    record->disks = view->resources.disks;
    if (discards)
        report_warning(report,
                       "all that VM '%s' has written to its disks since its last checkpoint is lost for good: no "
                       "checkpoint of its present state is made",
                       view->vm.name);
}
