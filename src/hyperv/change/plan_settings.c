/* SPDX-License-Identifier: MIT */
#include "hyperv/change/plan_settings.h"

#include "base/compiler.h"
#include "hyperv/vm/fitness.h"

#include <string.h>

static void plan_setting(const VmView *view, const char *property, CimValue after, Arena *arena, ChangeRecord *record)
{
    const CimValue *before = cim_instance_find(view->vm.settings, property);
    /* A host without the property goes without it. */
    if (before == NULL || before->type != after.type || cim_value_equals(before, &after))
        return;
    SettingChange change = { .property = property, .before = cim_value_copy(before, arena), .after = after };
    ARRAY_PUSH(arena, &record->settings, change);
}

/* As was asked for, or at least as much as a new GPU needs. */
static void plan_mmio(const VmView *view, const char *property, uint64_t asked_mb, uint64_t least_mb, Arena *arena,
                      ChangeRecord *record)
{
    uint64_t now_mb = cim_instance_uint(view->vm.settings, property, 0);
    uint64_t wanted_mb = asked_mb != 0 ? asked_mb : now_mb < least_mb ? least_mb : now_mb;
    if (wanted_mb != now_mb)
        plan_setting(view, property, cim_uint(CIM_TYPE_UINT64, wanted_mb), arena, record);
}

static bool assigns_new_gpus(const ChangeRecord *record)
{
    bool any = false;
    for (size_t i = 0; i < record->after.count; i++)
        any = any || record->after.items[i].is_new;
    return any;
}

/* The user named MMIO space that the VM does not have: that is set, also where the GPUs are as asked. */
static bool asks_for_mmio(const VmView *view, const PlanRequest *request)
{
    uint64_t low_mb = cim_instance_uint(view->vm.settings, "LowMmioGapSize", 0);
    uint64_t high_mb = cim_instance_uint(view->vm.settings, "HighMmioGapSize", 0);
    return (request->low_mmio_mb != 0 && request->low_mmio_mb != low_mb) ||
           (request->high_mmio_mb != 0 && request->high_mmio_mb != high_mb);
}

static void change_settings(const VmView *view, const PlanRequest *request, Arena *arena, ChangeRecord *record)
{
    bool is_new = assigns_new_gpus(record);
    uint64_t fit_high_mb = vm_fit_high_mmio_mb(&view->vm, view->address_bits);
    /* An automatic checkpoint is made at each start, and the start fails when a GPU partition is there. */
    if (record->after.count > 0)
        plan_setting(view, "AutomaticSnapshotsEnabled", cim_boolean(false), arena, record);
    if (request->checkpoint_type != CHECKPOINTS_UNKNOWN)
        plan_setting(view, "UserSnapshotType", cim_uint(CIM_TYPE_UINT16, request->checkpoint_type), arena, record);
    if (is_new)
        plan_setting(view, "GuestControlledCacheTypes", cim_boolean(true), arena, record);
    plan_mmio(view, "LowMmioGapSize", request->low_mmio_mb, is_new ? FIT_LOW_MMIO_MB : 0, arena, record);
    plan_mmio(view, "HighMmioGapSize", request->high_mmio_mb, is_new ? fit_high_mb : 0, arena, record);
}

/* AutomaticShutdownAction */
enum { STOP_ACTION_SAVE = 3, STOP_ACTION_SHUT_DOWN = 4 };

static void settle(const VmView *view, unsigned flags, Arena *arena, ChangeRecord *record)
{
    if ((flags & SETTLE_AUTOMATIC) != 0)
        plan_setting(view, "AutomaticSnapshotsEnabled", cim_boolean(false), arena, record);
    if ((flags & SETTLE_CACHE_TYPES) != 0)
        plan_setting(view, "GuestControlledCacheTypes", cim_boolean(true), arena, record);
    if ((flags & SETTLE_LOW_MMIO) != 0)
        plan_mmio(view, "LowMmioGapSize", 0, FIT_LOW_MMIO_MB, arena, record);
    if ((flags & SETTLE_HIGH_MMIO) != 0)
        plan_mmio(view, "HighMmioGapSize", 0, vm_fit_high_mmio_mb(&view->vm, view->address_bits), arena, record);
    bool saves = cim_instance_uint(view->vm.settings, "AutomaticShutdownAction", 0) == STOP_ACTION_SAVE;
    if ((flags & SETTLE_STOP_ACTION) != 0 && saves)
        plan_setting(view, "AutomaticShutdownAction", cim_uint(CIM_TYPE_UINT16, STOP_ACTION_SHUT_DOWN), arena,
                     record);
}

static void keep_settings(const VmView *view, Arena *arena, ChangeRecord *record)
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

void plan_settings(const VmView *view, const PlanRequest *request, Arena *arena, ChangeRecord *record)
{
    if (request->verb == PLAN_SETTLE)
        settle(view, request->settles, arena, record);
    else if (record_changes_vm(record, arena) || asks_for_mmio(view, request))
        change_settings(view, request, arena, record);
    if (record->restore_id != NULL)
        keep_settings(view, arena, record);
}
