/* SPDX-License-Identifier: MIT */
#include "hyperv/change/plan_restore.h"

#include "base/compiler.h"

#include <string.h>

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

void plan_keep_settings(const VmView *view, Arena *arena, ChangeRecord *record)
{
    static const char *const kept[] = {
        "AutomaticSnapshotsEnabled", "GuestControlledCacheTypes", "LowMmioGapSize", "HighMmioGapSize"
    };
    SettingChangeList *settings = &record->settings;
    size_t planned = settings->count;
    for (size_t i = 0; i < COUNT_OF(kept); i++) {
        const CimValue *now = cim_instance_find(view->vm.settings, kept[i]);
        bool is_planned = now == NULL || now->is_null;
        for (size_t k = 0; k < planned; k++)
            is_planned = is_planned || strcmp(settings->items[k].property, kept[i]) == 0;
        if (is_planned)
            continue;
        CimValue value = cim_value_copy(now, arena);
        SettingChange change = { .property = kept[i], .before = value, .after = value };
        ARRAY_PUSH(arena, settings, change);
    }
}
