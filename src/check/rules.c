/* SPDX-License-Identifier: MIT */
#include "check/rules.h"

#include "base/ascii.h"
#include "base/check.h"
#include "hyperv/change/plan.h"

#include <stdlib.h>

const char *const check_severity_names[CHECK_SEVERITY_COUNT] = { "error", "warning", "advice" };

#define HOST(code_, severity_, test_) { code_, SCOPE_HOST, CHECK_##severity_, FIX_NONE, 0, test_ }
#define GPU(code_, severity_, test_) { code_, SCOPE_GPU, CHECK_##severity_, FIX_NONE, 0, test_ }
#define VM(code_, severity_, test_) { code_, SCOPE_VM, CHECK_##severity_, FIX_NONE, 0, test_ }
#define ADAPTER(code_, severity_, test_) { code_, SCOPE_ADAPTER, CHECK_##severity_, FIX_NONE, 0, test_ }
#define SETTLED(code_, severity_, test_, flag_) { code_, SCOPE_VM, CHECK_##severity_, FIX_SETTLE, flag_, test_ }

const CheckRuleRow check_rules[CHECK_RULE_COUNT] = {
    [CHECK_UNFINISHED] = { "unfinished-change", SCOPE_HOST, CHECK_ERROR, FIX_RECOVER, 0, rule_unfinished },
    [CHECK_START_FAILED] = VM("start-failed", ERROR, rule_start_failed),
    [CHECK_POLICY] = HOST("device-policy", ERROR, rule_policy),
    [CHECK_NO_GPU] = HOST("no-partitionable-gpu", WARNING, rule_no_gpu),
    [CHECK_GPU_PROBLEM] = GPU("gpu-problem", ERROR, rule_gpu_problem),
    [CHECK_GPU_GONE] = ADAPTER("gpu-gone", ERROR, rule_gpu_gone),
    [CHECK_AUTOMATIC] = SETTLED("automatic-checkpoints", ERROR, rule_automatic, SETTLE_AUTOMATIC),
    [CHECK_MEMORY] = SETTLED("dynamic-memory", ERROR, rule_memory, SETTLE_MEMORY),
    [CHECK_MMIO_TOO_HIGH] = VM("mmio-too-high", ERROR, rule_mmio_too_high),
    [CHECK_GUEST_GPU] = VM("guest-gpu-problem", ERROR, rule_guest_gpu),
    [CHECK_GUEST_NO_GPU] = VM("guest-shows-no-gpu", ERROR, rule_guest_no_gpu),
    [CHECK_GUEST_DRIVER] = VM("guest-driver-differs", WARNING, rule_guest_driver),
    [CHECK_HIGH_MMIO] = SETTLED("high-mmio-small", ERROR, rule_high_mmio, SETTLE_HIGH_MMIO),
    [CHECK_LOW_MMIO] = SETTLED("low-mmio-small", ERROR, rule_low_mmio, SETTLE_LOW_MMIO),
    [CHECK_CACHE_TYPES] = SETTLED("cache-types", ERROR, rule_cache_types, SETTLE_CACHE_TYPES),
    [CHECK_GPU_FULL] = ADAPTER("gpu-full", WARNING, rule_gpu_full),
    [CHECK_LIMITS] = ADAPTER("limits-unmeetable", WARNING, rule_limits),
    [CHECK_SEVERAL_PARTITIONS] = VM("several-partitions", WARNING, rule_several_partitions),
    [CHECK_ACCELERATOR] = ADAPTER("no-display-adapter", WARNING, rule_accelerator),
    [CHECK_STOP_SAVES] = SETTLED("stop-action-save", WARNING, rule_stop_saves, SETTLE_STOP_ACTION),
    [CHECK_SAVED] = VM("saved-with-gpu", WARNING, rule_saved),
    [CHECK_OLD_VERSION] = VM("old-version", WARNING, rule_old_version),
    [CHECK_GUEST_WINDOWS] = VM("guest-windows-old", WARNING, rule_guest_windows),
    [CHECK_CLUSTERED] = VM("clustered", WARNING, rule_clustered),
    [CHECK_AUTOMATIC_LEFT] = VM("automatic-checkpoint-left", WARNING, rule_automatic_left),
    [CHECK_MISSING_CHECKPOINT] = VM("checkpoint-missing", WARNING, rule_missing_checkpoint),
    [CHECK_DETACHED_GONE] = VM("detached-gpu-gone", WARNING, rule_detached_gone),
    [CHECK_PACKAGE_OUTDATED] = GPU("package-outdated", WARNING, rule_package_outdated),
    [CHECK_HOST_BUILD] = HOST("host-build", WARNING, rule_host_build),
    [CHECK_NO_PATH] = VM("no-instance-path", ADVICE, rule_no_path),
    [CHECK_CHECKPOINTS_DISABLED] = VM("checkpoints-disabled", ADVICE, rule_checkpoints_disabled),
    [CHECK_REPLICATED] = VM("replicated", ADVICE, rule_replicated),
    [CHECK_DIRECT_ASSIGNMENT] = VM("direct-assignment", ADVICE, rule_direct_assignment),
    [CHECK_HIBERNATION] = VM("hibernation", ADVICE, rule_hibernation),
    [CHECK_MERGING] = VM("merging", ADVICE, rule_merging),
    [CHECK_BACKUP_LEFT] = VM("backup-checkpoint-left", ADVICE, rule_backup_left),
    [CHECK_DETACHED_LONG] = VM("detached-long", ADVICE, rule_detached_long),
    [CHECK_GUEST_BUILD] = VM("guest-build", ADVICE, rule_guest_build),
    [CHECK_UNEQUAL_BUILDS] = VM("unequal-builds", ADVICE, rule_unequal_builds),
    [CHECK_ENHANCED_SESSION] = VM("enhanced-session", ADVICE, rule_enhanced_session),
    [CHECK_NOT_PARTITIONABLE] = HOST("gpu-not-partitionable", ADVICE, rule_not_partitionable),
    [CHECK_GONE_VM] = HOST("detached-vm-gone", ADVICE, rule_gone_vm),
};

Finding *judge_find(Judge *judge)
{
    const CheckRuleRow *row = &check_rules[judge->rule];
    Finding finding = { .rule = judge->rule,
                        .severity = row->severity,
                        .vm = judge->vm,
                        .fix = row->fix,
                        .settles = row->settles };
    if (judge->gpu != NULL) {
        finding.gpu = judge->gpu->name != NULL ? judge->gpu->name : judge->gpu->device_id;
        finding.device_id = judge->gpu->device_id;
    }
    if (judge->adapter != NULL) {
        finding.adapter_id = judge->adapter->adapter_id;
        finding.gpu = gpu_list_name_of(&judge->view->gpus, judge->adapter);
    }
    ARRAY_PUSH(judge->arena, judge->findings, finding);
    return &judge->findings->items[judge->findings->count - 1];
}

void judge_find_known(Judge *judge, const KnownBuild *known)
{
    Finding *finding = judge_find(judge);
    finding->text = known->symptom;
    finding->more = known->advice;
    finding->source = known->source;
}

/* ---- all of them ---- */

static bool is_chosen_guid(const CheckFilter *filter, const char *guid)
{
    bool is = filter->vm_guids == NULL;
    for (size_t i = 0; !is && i < filter->vm_guids->count; i++)
        is = ascii_equals(filter->vm_guids->items[i], guid);
    return is;
}

static bool is_chosen(const CheckFilter *filter, const VmFacts *facts)
{
    return is_chosen_guid(filter, facts->vm.guid);
}

CheckedAreas check_areas(const HostView *view, const CheckFilter *filter, Arena *arena)
{
    CheckedAreas areas = { 0 };
    for (size_t i = 0; i < view->areas.count; i++) {
        const CheckedArea *area = &view->areas.items[i];
        if (area->vm_guid == NULL || is_chosen_guid(filter, area->vm_guid))
            ARRAY_PUSH(arena, &areas, *area);
    }
    return areas;
}

/* Of a chosen VM, or of the host where no VM is chosen. */
static bool concerns_chosen(const CheckFilter *filter, const Finding *finding)
{
    if (filter->vm_guids == NULL)
        return true;
    if (finding->vm != NULL)
        return is_chosen(filter, finding->vm);
    return finding->vm_name == NULL &&
           (check_rules[finding->rule].scope == SCOPE_GPU || finding->severity != CHECK_ADVICE);
}

static bool is_gpu_of_chosen(const HostView *view, const CheckFilter *filter, const Gpu *gpu)
{
    if (filter->vm_guids == NULL)
        return true;
    for (size_t i = 0; i < view->vms.count; i++) {
        const VmFacts *facts = &view->vms.items[i];
        for (size_t j = 0; is_chosen(filter, facts) && j < facts->resources.partitions.count; j++) {
            if (gpu_list_find(&view->gpus, &facts->resources.partitions.items[j]) == gpu)
                return true;
        }
    }
    return false;
}

static void test_gpus(Judge *judge, const CheckFilter *filter)
{
    for (size_t i = 0; i < judge->view->gpus.count; i++) {
        judge->gpu = &judge->view->gpus.items[i];
        if (is_gpu_of_chosen(judge->view, filter, judge->gpu))
            check_rules[judge->rule].test(judge);
    }
    judge->gpu = NULL;
}

static void test_adapters(Judge *judge)
{
    const GpuPartitionList *partitions = &judge->vm->resources.partitions;
    for (size_t i = 0; i < partitions->count; i++) {
        judge->adapter = &partitions->items[i];
        judge->gpu = gpu_list_find(&judge->view->gpus, judge->adapter);
        check_rules[judge->rule].test(judge);
    }
    judge->adapter = NULL;
    judge->gpu = NULL;
}

/* VMs that have nothing to do with GPUs are nobody's concern here. */
static void test_vms(Judge *judge, const CheckFilter *filter)
{
    for (size_t i = 0; i < judge->view->vms.count; i++) {
        const VmFacts *facts = &judge->view->vms.items[i];
        bool is_meant = vm_facts_concern_gpus(facts) || facts->failed_start.text != NULL;
        if (!is_meant || !is_chosen(filter, facts))
            continue;
        judge->vm = facts;
        if (check_rules[judge->rule].scope == SCOPE_ADAPTER)
            test_adapters(judge);
        else
            check_rules[judge->rule].test(judge);
    }
    judge->vm = NULL;
}

static int compare_findings(const void *a, const void *b)
{
    const Finding *x = a, *y = b;
    if (x->severity != y->severity)
        return (int) x->severity - (int) y->severity;
    if (x->vm != y->vm) /* all are items of one list, in the host's order */
        return x->vm == NULL ? -1 : y->vm == NULL ? 1 : x->vm < y->vm ? -1 : 1;
    if (x->rule != y->rule)
        return (int) x->rule - (int) y->rule;
    return (int) x->order - (int) y->order;
}

Findings check_judge(const HostView *view, const CheckFilter *filter, Arena *arena)
{
    Findings all = { 0 }, chosen = { 0 };
    Judge judge = { .view = view, .arena = arena, .findings = &all };
    for (size_t i = 0; i < CHECK_RULE_COUNT; i++) {
        judge.rule = (CheckRule) i;
        switch (check_rules[i].scope) {
        case SCOPE_HOST:
            check_rules[i].test(&judge);
            break;
        case SCOPE_GPU:
            test_gpus(&judge, filter);
            break;
        case SCOPE_VM:
        case SCOPE_ADAPTER:
            test_vms(&judge, filter);
            break;
        }
    }
    for (size_t i = 0; i < all.count; i++) {
        all.items[i].order = i;
        if (concerns_chosen(filter, &all.items[i]))
            ARRAY_PUSH(arena, &chosen, all.items[i]);
    }
    if (chosen.count > 0)
        qsort(chosen.items, chosen.count, sizeof(Finding), compare_findings);
    return chosen;
}

bool findings_are_wrong(const Findings *findings)
{
    return findings->count > 0 && findings->items[0].severity != CHECK_ADVICE;
}
