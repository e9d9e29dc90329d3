/* SPDX-License-Identifier: MIT */
/* Rules about what the guest of a VM tells: by Hyper-V's own data exchange the Windows it runs, by HyperPoint's service
 * how its GPU does, and which drivers it has. */
#include "check/rules.h"

#include <stdlib.h>
#include <string.h>

/* The first Windows whose display drivers can be paravirtual (WDDM 2.4). */
enum { FIRST_GUEST_BUILD = 17134 };

/* Of configurations, where users had code 43 with right drivers, and none with older ones. */
enum { SUSPECT_VERSION = 12 };

static bool has_running_gpus(const Judge *judge)
{
    return vm_facts_run(judge->vm);
}

void rule_guest_gpu(Judge *judge)
{
    const GuestFacts *guest = &judge->vm->guest;
    if (!has_running_gpus(judge) || !guest->has_agent || guest->agent.report.problem <= 0)
        return;
    Finding *finding = judge_find(judge);
    const char *version = cim_instance_text(judge->vm->vm.settings, "Version");
    finding->is = (uint64_t) guest->agent.report.problem;
    if (version != NULL && strtol(version, NULL, 10) >= SUSPECT_VERSION)
        finding->more = arena_printf(judge->arena,
                                     "some VMs of configuration version %s are reported to have this whatever is done",
                                     version);
}

void rule_guest_no_gpu(Judge *judge)
{
    const GuestFacts *guest = &judge->vm->guest;
    if (has_running_gpus(judge) && guest->has_agent && guest->agent.report.problem == EXCHANGE_GPU_NONE)
        (void) judge_find(judge);
}

/* "0": it is not known which. */
static bool may_have(const GuestAgent *agent, const char *version)
{
    for (size_t i = 0; i < agent->package_count; i++) {
        if (strcmp(agent->packages[i].driver, version) == 0 || strcmp(agent->packages[i].driver, "0") == 0)
            return true;
    }
    return agent->package_count < agent->report.packages; /* not all of them could be read */
}

/* Drivers that did not come by packages, the guest's service does not tell of. A data-centre GPU's guest has one of
 * its own. */
void rule_guest_driver(Judge *judge)
{
    const GuestFacts *guest = &judge->vm->guest;
    const GpuPartitionList *partitions = &judge->vm->resources.partitions;
    if (!has_running_gpus(judge) || !guest->has_agent || guest->agent.package_count == 0)
        return;
    for (size_t i = 0; i < partitions->count; i++) {
        const Gpu *gpu = gpu_list_find(&judge->view->gpus, &partitions->items[i]);
        if (gpu == NULL || gpu_is_accelerator(gpu) || gpu_is_sriov(gpu))
            continue;
        const char *version = host_view_driver_version(judge->view, gpu->device_id);
        if (version == NULL || may_have(&guest->agent, version))
            continue;
        Finding *finding = judge_find(judge);
        finding->gpu = gpu_list_name_of(&judge->view->gpus, &partitions->items[i]);
        finding->text = version;
        finding->more = guest_agent_versions(&guest->agent, judge->arena);
        return; /* what mends it brings the drivers of all */
    }
}

void rule_guest_windows(Judge *judge)
{
    if (has_running_gpus(judge) && judge->vm->guest.has_build && judge->vm->guest.build.build < FIRST_GUEST_BUILD)
        judge_find(judge)->is = judge->vm->guest.build.build;
}

/* needs_session: those that come with enhanced sessions, or the others. */
static void find_known(Judge *judge, KnownSide side, bool needs_session)
{
    const HostView *view = judge->view;
    const WindowsBuild *guest = &judge->vm->guest.build;
    for (size_t i = 0; i < view->known_count; i++) {
        const KnownBuild *known = &view->known[i];
        if (known->side != side || known->needs_session != needs_session ||
            !known_build_surely_applies(known, &view->windows, guest))
            continue;
        judge_find_known(judge, known);
    }
}

/* Of a guest that says that its GPU works nothing is to be feared. */
void rule_guest_build(Judge *judge)
{
    const GuestFacts *guest = &judge->vm->guest;
    bool works = guest->has_agent && guest->agent.report.problem == 0;
    if (has_running_gpus(judge) && guest->has_build && !works)
        find_known(judge, KNOWN_GUEST, false);
}

/* Whether two are the same shows only where both revisions are known. */
void rule_unequal_builds(Judge *judge)
{
    const GuestFacts *guest = &judge->vm->guest;
    if (has_running_gpus(judge) && guest->has_build && judge->view->has_windows &&
        guest->build.revision != WINDOWS_REVISION_UNKNOWN &&
        judge->view->windows.revision != WINDOWS_REVISION_UNKNOWN)
        find_known(judge, KNOWN_UNEQUAL, false);
}

/* EnhancedSessionModeState of Msvm_ComputerSystem: the host allows them, and the guest offers one. */
enum { SESSION_AVAILABLE = 2 };

void rule_enhanced_session(Judge *judge)
{
    if (has_running_gpus(judge) && judge->view->allows_sessions && judge->vm->enhanced_session == SESSION_AVAILABLE &&
        judge->vm->guest.has_build)
        find_known(judge, KNOWN_GUEST, true);
}
