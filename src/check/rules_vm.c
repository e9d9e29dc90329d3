/* SPDX-License-Identifier: MIT */
/* Rules about the settings and the state of a VM that has GPUs. Sources: hyperv/vm/fitness.h, hyperv/vm/power.h, and
 * reports of users (docs/check.md). */
#include "base/ascii.h"
#include "check/rules.h"
#include "hyperv/vm/fitness.h"

#include <inttypes.h>
#include <stdlib.h>

/* AutomaticShutdownAction */
enum { STOP_ACTION_SAVE = 3 };

/* Unverified: how much MMIO space a GPU needs. With less than this users had code 43. */
enum { LEAST_HIGH_MMIO_MB = 8 * 1024, LEAST_LOW_MMIO_MB = FIT_LOW_MMIO_MB };

/* Configurations before this are of hosts without GPU partitions. Unverified: that none of them works with one. */
enum { FIRST_VERSION_WITH_GPU = 9 };

/* Saving of VMs with data-centre GPUs, and clusters with them. Unverified: that all drivers can. */
enum { BUILD_OF_LIVE_MIGRATION = 26100 };

static bool has_gpus(const Judge *judge)
{
    return judge->vm->resources.partitions.count > 0;
}

/* What the guest says outweighs all theory. */
static bool guest_says_it_works(const VmFacts *facts)
{
    return facts->guest.has_agent && facts->guest.agent.report.problem == 0;
}

static bool guest_says_it_fails(const VmFacts *facts)
{
    return facts->guest.has_agent && facts->guest.agent.report.problem > 0;
}

static uint64_t setting(const VmFacts *facts, const char *property)
{
    return cim_instance_uint(facts->vm.settings, property, 0);
}

void rule_start_failed(Judge *judge)
{
    if (judge->vm->failed_start.text != NULL &&
        (vm_facts_concern_gpus(judge->vm) || judge->vm->failed_start.problem != START_UNEXPLAINED))
        judge_find(judge)->text = judge->vm->failed_start.text;
}

/* With checkpoints disabled none is made. */
void rule_automatic(Judge *judge)
{
    if (has_gpus(judge) && judge->vm->vm.checkpoint_type != CHECKPOINTS_DISABLED &&
        cim_instance_boolean(judge->vm->vm.settings, "AutomaticSnapshotsEnabled", false))
        (void) judge_find(judge);
}

void rule_memory(Judge *judge)
{
    const VmResources *resources = &judge->vm->resources;
    if (!has_gpus(judge) || !vm_memory_hinders_gpus(resources))
        return;
    Finding *finding = judge_find(judge);
    finding->is = cim_instance_uint(resources->memory, MEMORY_MINIMUM, 0);
    finding->right = cim_instance_uint(resources->memory, MEMORY_STARTUP, 0);
    if (vm_facts_are_on(judge->vm))
        finding->severity = CHECK_WARNING; /* it has started, whatever it sees of its memory */
}

void rule_mmio_too_high(Judge *judge)
{
    enum { OWN_MB = 512 };
    uint64_t most = fit_addressable_mb(judge->view->address_bits);
    uint64_t end = setting(judge->vm, "HighMmioGapBase") + setting(judge->vm, "HighMmioGapSize");
    if (end <= most || vm_facts_are_on(judge->vm))
        return;
    uint64_t fit_mb = vm_fit_high_mmio_mb(&judge->vm->vm, judge->view->address_bits);
    Finding *finding = judge_find(judge);
    finding->is = end;
    finding->right = most;
    finding->more = arena_printf(judge->arena, "%" PRIu64 "MB", fit_mb < OWN_MB ? OWN_MB : fit_mb);
}

/* Where the guest's GPU does not work, less than an assignment gives is a suspect, too. */
static void judge_mmio(Judge *judge, const char *property, uint64_t least_mb, uint64_t usual_mb)
{
    bool fails = guest_says_it_fails(judge->vm);
    uint64_t is = setting(judge->vm, property);
    if (!has_gpus(judge) || cim_instance_is_null(judge->vm->vm.settings, property) ||
        is >= (fails ? usual_mb : least_mb) || guest_says_it_works(judge->vm))
        return;
    Finding *finding = judge_find(judge);
    finding->is = is;
    finding->right = usual_mb;
    if (!fails)
        finding->severity = CHECK_WARNING;
}

/* Where the processor cannot address more, no more can be given. */
void rule_high_mmio(Judge *judge)
{
    uint64_t fit_mb = vm_fit_high_mmio_mb(&judge->vm->vm, judge->view->address_bits);
    judge_mmio(judge, "HighMmioGapSize", fit_mb < LEAST_HIGH_MMIO_MB ? fit_mb : LEAST_HIGH_MMIO_MB, fit_mb);
}

void rule_low_mmio(Judge *judge)
{
    judge_mmio(judge, "LowMmioGapSize", LEAST_LOW_MMIO_MB, FIT_LOW_MMIO_MB);
}

void rule_cache_types(Judge *judge)
{
    if (!has_gpus(judge) || guest_says_it_works(judge->vm) ||
        cim_instance_boolean(judge->vm->vm.settings, "GuestControlledCacheTypes", true))
        return;
    Finding *finding = judge_find(judge);
    if (!guest_says_it_fails(judge->vm))
        finding->severity = CHECK_WARNING;
}

/* All its GPUs are of data-centres, on a host that moves VMs with them. */
static bool moves_with_gpus(const Judge *judge)
{
    const GpuPartitionList *partitions = &judge->vm->resources.partitions;
    bool all = judge->view->has_windows && judge->view->windows.build >= BUILD_OF_LIVE_MIGRATION;
    for (size_t i = 0; all && i < partitions->count; i++) {
        const Gpu *gpu = gpu_list_find(&judge->view->gpus, &partitions->items[i]);
        all = gpu != NULL && gpu_is_sriov(gpu);
    }
    return all;
}

void rule_stop_saves(Judge *judge)
{
    if (has_gpus(judge) && setting(judge->vm, "AutomaticShutdownAction") == STOP_ACTION_SAVE &&
        !moves_with_gpus(judge))
        (void) judge_find(judge);
}

void rule_saved(Judge *judge)
{
    if (has_gpus(judge) && judge->vm->status.state == VM_STATE_SAVED && !moves_with_gpus(judge))
        (void) judge_find(judge);
}

void rule_old_version(Judge *judge)
{
    const char *version = cim_instance_text(judge->vm->vm.settings, "Version");
    long number = version != NULL ? strtol(version, NULL, 10) : 0;
    if (number > 0 && number < FIRST_VERSION_WITH_GPU && !guest_says_it_works(judge->vm))
        judge_find(judge)->text = version;
}

void rule_clustered(Judge *judge)
{
    if (has_gpus(judge) && judge->vm->vm.is_clustered && !vm_facts_are_on(judge->vm) && !moves_with_gpus(judge))
        (void) judge_find(judge);
}

void rule_replicated(Judge *judge)
{
    if (judge->vm->status.replication_mode != 0)
        (void) judge_find(judge);
}

void rule_direct_assignment(Judge *judge)
{
    if (judge->vm->resources.has_direct_assignment)
        (void) judge_find(judge);
}

/* A driver that goes with hibernation shows by the VM's running. */
void rule_hibernation(Judge *judge)
{
    if (has_gpus(judge) && !vm_facts_are_on(judge->vm) &&
        cim_instance_boolean(judge->vm->vm.settings, "EnableHibernation", false))
        (void) judge_find(judge);
}

void rule_several_partitions(Judge *judge)
{
    const GpuPartitionList *partitions = &judge->vm->resources.partitions;
    size_t count = 0;
    for (size_t i = 0; i < partitions->count; i++) {
        const Gpu *gpu = gpu_list_find(&judge->view->gpus, &partitions->items[i]);
        count += gpu != NULL && gpu_is_sriov(gpu);
    }
    if (count > 1)
        judge_find(judge)->is = count;
}

/* With one GPU there is nothing to choose. */
void rule_no_path(Judge *judge)
{
    const GpuPartitionList *partitions = &judge->vm->resources.partitions;
    size_t count = 0;
    for (size_t i = 0; i < partitions->count; i++)
        count += partitions->items[i].host_resource == NULL;
    if (count > 0 && judge->view->gpus.count > 1)
        judge_find(judge)->is = count;
}
