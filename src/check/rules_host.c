/* SPDX-License-Identifier: MIT */
/* Rules about the host, its GPUs, and what this computer has of them. */
#include "base/ascii.h"
#include "check/rules.h"
#include "drivers/package/rivals.h"

#include <string.h>

/* Device Manager's numbers (Windows SDK, Win32_PnPEntity): somebody has disabled it; it is not connected. */
enum { PROBLEM_DISABLED = 22, PROBLEM_NOT_CONNECTED = 45 };

static const VmFacts *find_vm(const HostView *view, const char *guid)
{
    for (size_t i = 0; i < view->vms.count; i++) {
        if (ascii_equals(view->vms.items[i].vm.guid, guid))
            return &view->vms.items[i];
    }
    return NULL;
}

void rule_unfinished(Judge *judge)
{
    for (size_t i = 0; i < judge->view->unfinished.count; i++) {
        const UnfinishedChange *change = &judge->view->unfinished.items[i];
        Finding *finding = judge_find(judge);
        finding->vm = find_vm(judge->view, change->vm_guid);
        finding->vm_name = *change->vm_name != '\0' ? change->vm_name : NULL; /* which VMs have one is not known */
        finding->vm_address = change->vm_address;
        finding->text = change->problem;
        if (change->problem != NULL || finding->vm == NULL)
            finding->fix = FIX_NONE; /* somebody has to look at it */
    }
}

static bool any_vm_concerns_gpus(const HostView *view)
{
    for (size_t i = 0; i < view->vms.count; i++) {
        if (vm_facts_concern_gpus(&view->vms.items[i]))
            return true;
    }
    return false;
}

/* What runs shows that the policies let it. */
void rule_policy(Judge *judge)
{
    static const char secure[] = "RequireSecureDeviceAssignment", supported[] = "RequireSupportedDeviceAssignment";
    const HostView *view = judge->view;
    if (view->is_gpu_in_use || !any_vm_concerns_gpus(view) || (!view->requires_secure && !view->requires_supported))
        return;
    Finding *finding = judge_find(judge);
    finding->text = !view->requires_secure      ? supported
                    : !view->requires_supported ? secure
                                                : "RequireSecureDeviceAssignment and RequireSupportedDeviceAssignment";
}

/* A host whose VMs have nothing to do with GPUs may be meant so. */
void rule_no_gpu(Judge *judge)
{
    if (judge->view->gpus.count > 0)
        return;
    Finding *finding = judge_find(judge);
    finding->text = gpu_none_hint;
    if (!any_vm_concerns_gpus(judge->view))
        finding->severity = CHECK_ADVICE;
}

static bool is_assigned(const HostView *view, const Gpu *gpu)
{
    for (size_t i = 0; i < view->vms.count; i++) {
        const GpuPartitionList *partitions = &view->vms.items[i].resources.partitions;
        for (size_t j = 0; j < partitions->count; j++) {
            if (gpu_list_find(&view->gpus, &partitions->items[j]) == gpu)
                return true;
        }
    }
    return false;
}

/* One that somebody has disabled, and no VM has, is as it shall be. */
void rule_gpu_problem(Judge *judge)
{
    const Gpu *gpu = judge->gpu;
    bool is_known = gpu->name != NULL, is_wanted = is_assigned(judge->view, gpu);
    if (!is_known || (gpu->is_present && gpu->problem == 0) || (!is_wanted && gpu->problem == PROBLEM_DISABLED))
        return;
    Finding *finding = judge_find(judge);
    finding->is = gpu->problem != 0 ? gpu->problem : PROBLEM_NOT_CONNECTED;
    if (!is_wanted)
        finding->severity = CHECK_ADVICE;
}

/* Makers whose GPUs have drivers that can partition them; Intel's only where there is nothing else, because its older
 * ones are in most computers and never will. */
static bool could_be_partitioned(const Gpu *device, bool has_others)
{
    static const char *const makers[] = { "PCI\\VEN_10DE&", "PCI\\VEN_1002&", "PCI\\VEN_8086&" };
    for (size_t i = 0; i < COUNT_OF(makers); i++) {
        if (ascii_starts_with(device->device_id, makers[i]))
            return i < 2 || !has_others;
    }
    return false;
}

void rule_not_partitionable(Judge *judge)
{
    const GpuList *gpus = &judge->view->gpus;
    for (size_t i = 0; i < gpus->other_count; i++) {
        const Gpu *device = &gpus->others[i];
        if (!device->is_display || !device->is_present || device->problem == PROBLEM_DISABLED ||
            !could_be_partitioned(device, gpus->count > 0))
            continue;
        Finding *finding = judge_find(judge);
        finding->gpu = device->name != NULL ? device->name : device->device_id;
        finding->text = device->problem != 0 ? arena_printf(judge->arena, "it does not work (problem code %u)",
                                                            (unsigned) device->problem)
                        : device->is_basic   ? "it has no driver of its maker's"
                                             : gpu_none_hint;
    }
}

void rule_host_build(Judge *judge)
{
    const HostView *view = judge->view;
    for (size_t i = 0; view->has_windows && i < view->known_count; i++) {
        const KnownBuild *known = &view->known[i];
        if (known->side == KNOWN_HOST && known_build_surely_applies(known, &view->windows, &view->windows))
            judge_find_known(judge, known);
    }
}

void rule_gone_vm(Judge *judge)
{
    for (size_t i = 0; i < judge->view->gone_memos.count; i++)
        judge_find(judge)->vm_name = judge->view->gone_memos.items[i];
}

void rule_package_outdated(Judge *judge)
{
    const FoundDrivers *packages = &judge->view->packages;
    const char *version = host_view_driver_version(judge->view, judge->gpu->device_id);
    const FoundDriver *other = NULL;
    for (size_t i = 0; version != NULL && i < packages->count; i++) {
        const FoundDriver *found = &packages->items[i];
        if (found->version == NULL || *found->version == '\0' || !gpus_have_model(&found->gpus, judge->gpu->device_id))
            continue;
        if (ascii_equals(found->version, version))
            return;
        other = found;
    }
    if (other == NULL)
        return;
    Finding *finding = judge_find(judge);
    finding->text = other->version;
    finding->more = version;
}
