/* SPDX-License-Identifier: MIT */
#include "hyperv/change/plan.h"

#include "base/check.h"
#include "hyperv/change/plan_detached.h"
#include "hyperv/change/plan_restore.h"
#include "hyperv/change/plan_settings.h"

#include <inttypes.h>
#include <string.h>

typedef struct Planning {
    const VmView *view;
    const PlanRequest *request;
    Report *report;
    Arena *arena;
    ChangeRecord *record;
    StringList told_configs; /* files whose warnings have been told */
} Planning;

bool vm_view_read(HyperVHost *host, const Vm *vm, const char *config_folder, Arena *arena, VmView *ret_view,
                  Error *err)
{
    CimSession *session = host->session;
    VmView view = { .vm = *vm,
                    .address_bits = session->address_bits,
                    .read_at = clock_format_utc(arena, session->clock->now_ms(session->clock)) };
    StringList names = { 0 };
    /* Protects: a VM in use, adapters as they are, GPUs that are gone. */
    if (!vm_read_status(host, vm, &view.status, err) || !vm_read_resources(host, vm, arena, &view.resources, err) ||
        !gpu_list_read(host, vm->host_tells_gpus, arena, &view.gpus, err))
        return false;
    if (!detached_read(host, vm->guid, arena, &view.detached, &view.detached_failure))
        view.detached = NULL;
    for (size_t i = 0; i < view.gpus.count; i++)
        ARRAY_PUSH(arena, &names, view.gpus.items[i].name);
    view.configs = adapter_configs_read(config_folder, &names, arena);
    *ret_view = view;
    return true;
}

/* ---- the VM ---- */

/* New, or again after they were off. */
static bool puts_adapters_on(const PlanRequest *request)
{
    PlanVerb verb = request->verb;
    if (verb == PLAN_SETTLE)
        return request->fix_memory;
    return verb != PLAN_REMOVE && verb != PLAN_REMOVE_ALL && verb != PLAN_DETACH && verb != PLAN_FORGET;
}

static bool takes_checkpoint(const PlanRequest *request)
{
    return request->verb == PLAN_CHECKPOINT || (request->verb == PLAN_RESTORE && !request->discards);
}

static bool check_vm(const Planning *planning, Error *err)
{
    const VmView *view = planning->view;
    const char *name = view->vm.name;
    if (!power_check(&view->vm, &view->status, &planning->request->power, err))
        return false;
    if (view->status.replication_mode == 2 || view->status.replication_mode == 4) {
        (void) error_set(err, ERR_STATE, "VM '%s' is a replica", name);
        return error_hint(err, "Hyper-V Replica keeps it in step with another host; work on the primary VM there");
    }
    bool takes_off_for_now = planning->request->verb == PLAN_DETACH && view->resources.partitions.count > 0;
    if (view->resources.has_direct_assignment && (puts_adapters_on(planning->request) || takes_off_for_now)) {
        (void) error_set(err, ERR_UNSUPPORTED, "VM '%s' has a device by direct assignment (DDA)", name);
        return error_hint(err, "Hyper-V makes no checkpoints of such a VM and HyperPoint cannot put the device back; "
                               "remove it first (Remove-VMAssignableDevice)");
    }
    if (takes_checkpoint(planning->request) && planning->request->checkpoint_type == CHECKPOINTS_UNKNOWN &&
        view->vm.checkpoint_type == CHECKPOINTS_DISABLED) {
        (void) error_set(err, ERR_STATE, "checkpoints are disabled for VM '%s'", name);
        bool restores = planning->request->verb == PLAN_RESTORE;
        return error_advise(err, restores ? ADVICE_ENABLE_OR_DISCARD : ADVICE_ENABLE_CHECKPOINTS, view->vm.address);
    }
    if (view->vm.is_clustered)
        report_warning(planning->report,
                       "VM '%s' lies on a cluster volume: keep the cluster from "
                       "moving or starting it meanwhile",
                       name);
    return true;
}

/* ---- words ---- */

static const char *gpu_label(const Gpu *gpu)
{
    return gpu->name != NULL ? gpu->name : gpu->device_id;
}

static const char *words(const Planning *planning, AdviceCode code, uint64_t number)
{
    return report_words(planning->report, code, arena_printf(planning->arena, "%" PRIu64, number), planning->arena);
}

static const char *partitions_in_use(const Planning *planning, const Gpu *gpu)
{
    if (gpu->partitions == 1)
        return "its only partition is in use";
    return arena_printf(planning->arena, "%" PRIu64 " of %" PRIu64 " partitions are in use", gpu->partitions_in_use,
                        gpu->partitions);
}

/* ---- limits and config files ---- */

/* Each file's warnings once, however many GPUs it is for. */
static void tell_config_warnings(Planning *planning, const AdapterConfig *config)
{
    for (size_t i = 0; i < planning->told_configs.count; i++) {
        if (strcmp(planning->told_configs.items[i], config->name) == 0)
            return;
    }
    ARRAY_PUSH(planning->arena, &planning->told_configs, config->name);
    for (size_t i = 0; i < config->warnings.count; i++)
        planning->report->warning(planning->report, config->warnings.items[i]);
}

static bool apply_config(Planning *planning, GpuPartition *partition, Error *err)
{
    const GpuList *gpus = &planning->view->gpus;
    const Gpu *gpu = gpu_list_find(gpus, partition);
    const AdapterConfig *config;
    if (!adapter_configs_find(&planning->view->configs, gpu != NULL ? gpu->name : NULL, &config, err))
        return false;
    if (config == NULL)
        return true;
    PartitionLimits limits = adapter_config_apply(config, &partition->limits);
    if (!partition_limits_check(&limits, err)) {
        (void) error_prefix(err, "%s", config->name);
        return error_hint(err, "a variable that the file does not name keeps %s: name it, too",
                          partition->is_new ? "its default" : "the value that the adapter has");
    }
    tell_config_warnings(planning, config);
    if (!partition->is_new && !partition_limits_equal(&limits, &partition->limits))
        report_notice(planning->report, "%s gets the limits of '%s' instead of those it had",
                      gpu_list_name_of(gpus, partition), config->name);
    partition->limits = limits;
    partition->limits_from = config->name;
    return true;
}

/* ---- what goes back on ---- */

/* gpu NULL: none is known. */
static void warn_about_room(const Planning *planning, const Gpu *gpu)
{
    if (gpu != NULL && !gpu_has_room(gpu))
        report_warning(planning->report, "%s: %s; the VM will start only when one is free", gpu_label(gpu),
                       partitions_in_use(planning, gpu));
}

static bool check_can_come_back(const Planning *planning, const GpuPartition *partition, Error *err)
{
    const GpuList *gpus = &planning->view->gpus;
    const Gpu *gpu = gpu_list_find(gpus, partition);
    if (partition->is_gone) {
        (void) error_set(err, ERR_STATE, "the GPU of adapter '%s' (%s) is gone from the host and could not be put back",
                         partition->adapter_id, gpu_list_name_of(gpus, partition));
        return error_advise(err, ADVICE_REPLACE_GPU, partition->adapter_id);
    }
    warn_about_room(planning, gpu);
    return true;
}

static bool plan_put_back(Planning *planning, const GpuPartition *before, Error *err)
{
    GpuPartition partition = *before;
    partition.adapter_id = NULL;
    partition.previous_id = before->adapter_id;
    if (!check_can_come_back(planning, before, err) || !apply_config(planning, &partition, err))
        return false;
    ARRAY_PUSH(planning->arena, &planning->record->after, partition);
    return true;
}

/* ---- new assignments ---- */

/* The adapter of the VM that holds a partition of the GPU, or NULL. On hosts that do not tell it may be any. */
static const GpuPartition *find_assigned(const Planning *planning, const Gpu *gpu)
{
    const GpuPartitionList *before = &planning->record->before;
    for (size_t i = 0; i < before->count; i++) {
        if (gpu_list_find(&planning->view->gpus, &before->items[i]) == gpu ||
            (before->items[i].host_resource == NULL && !planning->view->vm.host_tells_gpus))
            return &before->items[i];
    }
    return NULL;
}

static bool plan_new(Planning *planning, const Gpu *gpu, Error *err)
{
    if (!gpu_has_room(gpu)) {
        (void) error_set(err, ERR_STATE, "%s has no partition left: %s", gpu_label(gpu),
                         partitions_in_use(planning, gpu));
        return error_hint(err, "shut down a VM that uses this GPU, or choose another one");
    }
    if (gpu->problem != 0 || (gpu->name != NULL && !gpu->is_present))
        report_warning(planning->report, "%s does not work on the host now (problem code %" PRIu32 ")", gpu_label(gpu),
                       gpu->problem);
    if (gpu_is_accelerator(gpu))
        report_notice(planning->report,
                      "%s (order:%zu) is no display adapter (a neural processor, for "
                      "example): it gives the guest no graphics",
                      gpu_label(gpu), gpu->order);
    GpuPartition partition = { .pool_id = "", .limits = gpu_new_limits(gpu), .is_new = true };
    if (planning->view->vm.host_tells_gpus)
        partition.host_resource = gpu->path;
    if (!apply_config(planning, &partition, err))
        return false;
    ARRAY_PUSH(planning->arena, &planning->record->after, partition);
    return true;
}

/* Hosts before build 20348 neither take nor tell which GPU an adapter belongs to. */
static bool check_choice_is_possible(const Planning *planning, Error *err)
{
    if (planning->view->vm.host_tells_gpus || planning->view->gpus.count <= 1)
        return true;
    (void) error_set(err, ERR_UNSUPPORTED,
                     "this host is older than build 20348 (Windows Server 2022, Windows 11) and chooses "
                     "the GPU by itself; it has %zu",
                     planning->view->gpus.count);
    return error_advise(err, ADVICE_LET_HOST_CHOOSE, NULL);
}

/* The GPU that add-auto takes: the first suitable one, or NULL. Those that it might have taken are named. */
static const Gpu *take_suitable(Planning *planning)
{
    const PlanRequest *request = planning->request;
    const GpuList *gpus = &planning->view->gpus;
    const Gpu *taken = NULL;
    const char *others = "";
    for (size_t i = 0; i < gpus->count; i++) {
        const Gpu *gpu = &gpus->items[i];
        if (!gpu_is_suitable(gpu))
            continue;
        if (taken == NULL)
            taken = gpu;
        else if (request->verb == PLAN_RESET || find_assigned(planning, gpu) == NULL)
            others = arena_printf(planning->arena, "%s%s%s (%s)", others, *others != '\0' ? ", " : "", gpu_label(gpu),
                                  words(planning, ADVICE_TAKE_GPU, gpu->order));
    }
    if (taken == NULL)
        return NULL;
    if (request->selectors.count > 0)
        report_notice(planning->report, "none of the GPUs that were named exists; taking %s (order:%zu)",
                      gpu_label(taken), taken->order);
    /* An older host chooses by itself, whatever is asked for. */
    if (*others != '\0' && planning->view->vm.host_tells_gpus)
        report_notice(planning->report, "%s (order:%zu) is the first suitable GPU; not taken: %s", gpu_label(taken),
                      taken->order, others);
    return taken;
}

static bool no_gpu(const Planning *planning, Error *err)
{
    if (planning->view->gpus.count == 0) {
        (void) error_set(err, ERR_NOT_FOUND, "the host has no partitionable GPU");
        return error_hint(err, "%s", gpu_none_hint);
    }
    (void) error_set(err, ERR_NOT_FOUND, "no suitable GPU: none is a working display adapter with a partition left");
    for (size_t i = 0; i < planning->view->gpus.count; i++) {
        if (gpu_has_room(&planning->view->gpus.items[i]))
            return error_advise(err, ADVICE_TAKE_UNSUITABLE, NULL);
    }
    return error_hint(err, "all partitions are in use: shut down a VM that uses one of these GPUs");
}

/* The GPUs that the verb asks for, by the user's choice or our own. */
static bool choose_gpus(Planning *planning, const Gpu ***ret_gpus, size_t *ret_count, Error *err)
{
    const PlanRequest *request = planning->request;
    const GpuList *gpus = &planning->view->gpus;
    bool is_auto = request->verb == PLAN_ADD_AUTO || request->verb == PLAN_RESET;
    size_t count = 0;
    const Gpu **chosen = NULL;

    if (request->verb == PLAN_ADD_ALL) {
        chosen = ARENA_NEW_ARRAY(planning->arena, const Gpu *, gpus->count);
        for (; count < gpus->count; count++)
            chosen[count] = &gpus->items[count];
    } else if (!selectors_resolve(&request->selectors, gpus, is_auto, planning->arena, &chosen, &count, err)) {
        return false;
    }
    if (count > 0 && !check_choice_is_possible(planning, err))
        return false;
    if (count == 0 && is_auto) {
        const Gpu *suitable = take_suitable(planning);
        if (suitable != NULL) {
            chosen = ARENA_NEW_ARRAY(planning->arena, const Gpu *, 1);
            chosen[count++] = suitable;
        }
    }
    if (count == 0)
        return no_gpu(planning, err);
    *ret_gpus = chosen;
    *ret_count = count;
    return true;
}

/* ---- verbs ---- */

static void keep_all(Planning *planning)
{
    for (size_t i = 0; i < planning->record->before.count; i++)
        ARRAY_PUSH(planning->arena, &planning->record->after, planning->record->before.items[i]);
}

static bool plan_adding(Planning *planning, Error *err)
{
    const Gpu **gpus;
    size_t count;
    if (!choose_gpus(planning, &gpus, &count, err))
        return false;
    keep_all(planning);
    for (size_t i = 0; i < count; i++) {
        if (find_assigned(planning, gpus[i]) != NULL)
            report_notice(planning->report, "%s (order:%zu) is assigned already", gpu_label(gpus[i]), gpus[i]->order);
        else if (!plan_new(planning, gpus[i], err))
            return false;
    }
    return true;
}

static bool plan_reset(Planning *planning, Error *err)
{
    const Gpu **gpus;
    size_t count;
    planning->record->empties_first = true;
    if (!choose_gpus(planning, &gpus, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!plan_new(planning, gpus[i], err))
            return false;
    }
    return true;
}

static bool plan_checkpoint(Planning *planning, Error *err)
{
    ChangeRecord *record = planning->record;
    record->takes_checkpoint = true;
    record->empties_first = true;
    record->checkpoint_name = planning->request->checkpoint_name;
    if (planning->request->selectors.count == 0) {
        for (size_t i = 0; i < record->before.count; i++) {
            if (!plan_put_back(planning, &record->before.items[i], err))
                return false;
        }
        return true;
    }
    const Gpu **gpus;
    size_t count;
    if (!choose_gpus(planning, &gpus, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        /* One that is assigned now keeps its settings. */
        const GpuPartition *assigned = find_assigned(planning, gpus[i]);
        if (assigned != NULL ? !plan_put_back(planning, assigned, err) : !plan_new(planning, gpus[i], err))
            return false;
    }
    return true;
}

/* GPUs as of a checkpoint: those of now, whatever the one that is applied has, or those that were chosen. */
static bool plan_restoring(Planning *planning, Error *err)
{
    if (!restore_check(planning->view->restore, &planning->view->status, err) || !plan_checkpoint(planning, err))
        return false;
    plan_restore(planning->view, planning->request->discards, planning->report, planning->record);
    return true;
}

static bool plan_removing(Planning *planning, Error *err)
{
    const SelectorList *selectors = &planning->request->selectors;
    const GpuPartitionList *before = &planning->record->before;
    const GpuList *gpus = &planning->view->gpus;
    bool *leaves = ARENA_NEW_ARRAY(planning->arena, bool, before->count);
    size_t leaving = 0;
    for (size_t i = 0; i < selectors->count; i++) {
        const Selector *selector = &selectors->items[i];
        bool is_assigned = false;
        for (size_t j = 0; j < before->count; j++) {
            if (!selector_matches_partition(selector, &before->items[j], gpus))
                continue;
            is_assigned = true;
            leaving += !leaves[j];
            leaves[j] = true;
        }
        if (is_assigned)
            continue;
        if (selector->kind == SELECTOR_ADAPTER_ID) {
            (void) error_set(err, ERR_NOT_FOUND, "VM '%s' has no adapter '%s'", planning->view->vm.name,
                             selector->value);
            return error_advise(err, ADVICE_LIST_ADAPTERS, NULL);
        }
        const Gpu **chosen;
        size_t count;
        SelectorList one = { .items = &selectors->items[i], .count = 1 };
        if (!selectors_resolve(&one, gpus, false, planning->arena, &chosen, &count, err))
            return false;
        for (size_t j = 0; j < count; j++)
            report_notice(planning->report, "%s (order:%zu) is not assigned to VM '%s'; skipped", gpu_label(chosen[j]),
                          chosen[j]->order, planning->view->vm.name);
    }
    if (leaving == 0) {
        (void) error_set(err, ERR_NOT_FOUND, "none of these GPUs is assigned to VM '%s'", planning->view->vm.name);
        return error_advise(err, ADVICE_LIST_ASSIGNED, NULL);
    }
    for (size_t i = 0; i < before->count; i++) {
        if (!leaves[i])
            ARRAY_PUSH(planning->arena, &planning->record->after, before->items[i]);
    }
    return true;
}

static bool plan_detaching(Planning *planning, Error *err)
{
    planning->record->empties_first = true;
    return plan_to_remember(planning->view, planning->report, planning->arena, planning->record, err);
}

static bool plan_attaching(Planning *planning, Error *err)
{
    ChangeRecord *record = planning->record;
    const VmView *view = planning->view;
    GpuPartitionList back;
    if (!plan_what_to_attach(view, &planning->request->selectors, planning->report, planning->arena, &back, err))
        return false;
    plan_to_forget(view, record);
    keep_all(planning);
    for (size_t i = 0; i < back.count; i++) {
        warn_about_room(planning, gpu_list_find(&view->gpus, &back.items[i]));
        ARRAY_PUSH(planning->arena, &record->after, back.items[i]);
    }
    return true;
}

static bool plan_forgetting(Planning *planning, Error *err)
{
    keep_all(planning);
    if (!plan_check_memory(planning->view, err))
        return false;
    if (planning->view->detached == NULL)
        report_notice(planning->report, "no GPU of VM '%s' is detached", planning->view->vm.name);
    plan_to_forget(planning->view, planning->record);
    return true;
}

/* ---- memory ---- */

/* Only while no GPU is on can it be changed: those that would have stayed come off and go back on. */
static bool take_off_meanwhile(Planning *planning, Error *err)
{
    ChangeRecord *record = planning->record;
    GpuPartitionList planned = record->after;
    record->after = (GpuPartitionList){ 0 };
    record->empties_first = true;
    for (size_t i = 0; i < planned.count; i++) {
        if (planned.items[i].adapter_id == NULL)
            ARRAY_PUSH(planning->arena, &record->after, planned.items[i]);
        else if (!plan_put_back(planning, &planned.items[i], err))
            return false;
    }
    return true;
}

static bool plan_memory(Planning *planning, Error *err)
{
    ChangeRecord *record = planning->record;
    const CimInstance *memory = planning->view->resources.memory;
    if (record->after.count == 0 || !puts_adapters_on(planning->request) ||
        planning->request->verb == PLAN_RESTORE || /* its memory is the checkpoint's */
        !vm_memory_hinders_gpus(&planning->view->resources))
        return true;
    uint64_t minimum_mb = cim_instance_uint(memory, MEMORY_MINIMUM, 0);
    uint64_t startup_mb = cim_instance_uint(memory, MEMORY_STARTUP, 0);
    if (!planning->request->fix_memory) {
        report_warning(planning->report,
                       "VM '%s' has dynamic memory and starts with %" PRIu64 " MB, its minimum is %" PRIu64
                       " MB: with a GPU they must be equal, or it does not start or sees only a part of its memory; %s",
                       planning->view->vm.name, startup_mb, minimum_mb,
                       words(planning, ADVICE_FIX_MEMORY, startup_mb));
        return true;
    }
    SettingChange change = { .property = MEMORY_MINIMUM,
                             .before = cim_uint(CIM_TYPE_UINT64, minimum_mb),
                             .after = cim_uint(CIM_TYPE_UINT64, startup_mb) };
    record->memory_id = cim_instance_text(memory, "InstanceID");
    if (record->memory_id == NULL)
        return error_set(err, ERR_PROTOCOL, "the host describes the memory of VM '%s' without its ID", record->vm_name);
    ARRAY_PUSH(planning->arena, &record->memory, change);
    return take_off_meanwhile(planning, err);
}

bool plan_make(const VmView *view, const PlanRequest *request, Report *report, Arena *arena, ChangeRecord *ret_record,
               Error *err)
{
    ChangeRecord record = {
        .verb = request->verb_name,
        .vm_guid = view->vm.guid,
        .vm_name = view->vm.name,
        .parent_before = view->vm.parent,
        .before = view->resources.partitions,
    };
    Planning planning = { .view = view, .request = request, .report = report, .arena = arena, .record = &record };
    if (request->verb != PLAN_FORGET && !check_vm(&planning, err))
        return false;
    for (size_t i = 0; i < record.before.count; i++)
        record.before.items[i].is_gone = gpu_list_lacks(&view->gpus, &record.before.items[i]);
    bool ok = true;
    switch (request->verb) {
    case PLAN_NOTHING:
        CHECK(false);
    case PLAN_CHECKPOINT:
        ok = plan_checkpoint(&planning, err);
        break;
    case PLAN_ADD:
    case PLAN_ADD_AUTO:
    case PLAN_ADD_ALL:
        ok = plan_adding(&planning, err);
        break;
    case PLAN_REMOVE:
        ok = plan_removing(&planning, err);
        break;
    case PLAN_REMOVE_ALL:
        record.empties_first = true;
        break;
    case PLAN_RESET:
        ok = plan_reset(&planning, err);
        break;
    case PLAN_DETACH:
        ok = plan_detaching(&planning, err);
        break;
    case PLAN_ATTACH:
        ok = plan_attaching(&planning, err);
        break;
    case PLAN_FORGET:
        ok = plan_forgetting(&planning, err);
        break;
    case PLAN_RESTORE:
        ok = plan_restoring(&planning, err);
        break;
    case PLAN_SETTLE:
        keep_all(&planning);
        break;
    }
    if (!ok || !plan_memory(&planning, err))
        return false;
    if (record.detached == NULL && record_adds(&record))
        plan_tell_detached(view, report, arena);
    plan_settings(view, request, arena, &record);
    if (record.takes_checkpoint)
        record.own_items = view->resources.own_items;
    *ret_record = record;
    return true;
}
