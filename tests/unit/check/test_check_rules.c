/* SPDX-License-Identifier: MIT */
/* Each rule has a host on which it finds something, and a twin that differs in one thing, on which it must not. All
 * start with a sound host, on which nothing is found. */
#include "check/rules.h"
#include "hyperv/change/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

#define RTX "PCI\\VEN_10DE&DEV_2882&SUBSYS_11111462&REV_A1\\4&11111111&0&0008"
#define RTX_PATH "\\\\?\\PCI#VEN_10DE&DEV_2882&SUBSYS_11111462&REV_A1#4&11111111&0&0008#{064092b3}\\GPUPARAV"
#define RTX_SRIOV "\\\\?\\PCI#VEN_10DE&DEV_2882&SUBSYS_11111462&REV_A1#4&11111111&0&0008#{064092b3}"
#define RADEON "PCI\\VEN_1002&DEV_73BF&SUBSYS_0E3A1002&REV_C1\\6&22222222&0&00000008"
#define RADEON_PATH "\\\\?\\PCI#VEN_1002&DEV_73BF&SUBSYS_0E3A1002&REV_C1#6&22222222&0&00000008#{064092b3}\\GPUPARAV"
#define GONE_PATH "\\\\?\\PCI#VEN_10DE&DEV_1E84&SUBSYS_139F10DE&REV_A1#4&2283f625&0&0019#{064092b3}\\GPUPARAV"

#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)
#define NOW_MS (INT64_C(20000) * DAY_MS)

enum { LAB, RENDER, VM_COUNT };

static const KnownBuild known[] = {
    { .side = KNOWN_HOST, .min = { 26100, 2033 }, .max = { 26100, 4945 }, .symptom = "host", .advice = "-" },
    { .side = KNOWN_GUEST, .min = { 26100, 4349 }, .max = { 26100, UINT32_MAX }, .symptom = "guest", .advice = "-" },
    { .side = KNOWN_UNEQUAL, .min = { 26100, 6508 }, .max = { 26100, 6508 }, .symptom = "unequal", .advice = "-" },
    { .side = KNOWN_GUEST,
      .min = { 26200, 0 },
      .max = { 26200, UINT32_MAX },
      .symptom = "session",
      .advice = "-",
      .needs_session = true },
};

typedef struct World {
    Arena arena;
    HostView view;
    Gpu gpus[2], others[1];
    VmFacts vms[VM_COUNT];
    GpuPartition adapters[VM_COUNT][2], detached[1];
    const char *detached_names[1];
    CimInstance *settings[VM_COUNT], *memory[VM_COUNT];
    CheckpointFact checkpoint;
    HostDriver drivers[2];
    UnfinishedChange unfinished;
    FoundDriver package;
    ManifestGpu package_gpu;
    const char *gone_vm;
} World;

/* ---- a sound host: "lab" is off, "render" runs, and its guest tells that all is well ---- */

static void set(CimInstance *row, Arena *arena, const char *name, CimValue value)
{
    cim_instance_set(row, arena, name, value);
}

static void make_settings(World *w, size_t i)
{
    CimInstance *row = w->settings[i] = cim_instance_create(&w->arena, "Msvm_VirtualSystemSettingData");
    set(row, &w->arena, "AutomaticSnapshotsEnabled", cim_boolean(false));
    set(row, &w->arena, "GuestControlledCacheTypes", cim_boolean(true));
    set(row, &w->arena, "LowMmioGapSize", cim_uint(CIM_TYPE_UINT64, 1024));
    set(row, &w->arena, "HighMmioGapSize", cim_uint(CIM_TYPE_UINT64, 32768));
    set(row, &w->arena, "HighMmioGapBase", cim_uint(CIM_TYPE_UINT64, 65024));
    set(row, &w->arena, "AutomaticShutdownAction", cim_uint(CIM_TYPE_UINT16, 4));
    set(row, &w->arena, "EnableHibernation", cim_boolean(false));
    set(row, &w->arena, "Version", cim_string("10.0"));
    CimInstance *memory = w->memory[i] = cim_instance_create(&w->arena, "Msvm_MemorySettingData");
    set(memory, &w->arena, "DynamicMemoryEnabled", cim_boolean(false));
    set(memory, &w->arena, MEMORY_MINIMUM, cim_uint(CIM_TYPE_UINT64, 512));
    set(memory, &w->arena, MEMORY_STARTUP, cim_uint(CIM_TYPE_UINT64, 4096));
}

static void make_vm(World *w, size_t i, const char *name, const char *guid, VmState state, const char *gpu_path)
{
    make_settings(w, i);
    w->adapters[i][0] = (GpuPartition){ .adapter_id = "Microsoft:A\\B", .host_resource = gpu_path };
    w->vms[i] = (VmFacts){ .vm = { .name = name,
                                   .address = name,
                                   .guid = guid,
                                   .settings = w->settings[i],
                                   .host_tells_gpus = true,
                                   .checkpoint_type = CHECKPOINTS_PRODUCTION },
                           .status = { .state = state },
                           .is_known = true,
                           .resources = { .partitions = { .items = w->adapters[i], .count = 1 },
                                          .memory = w->memory[i] } };
}

static void make_gpu(Gpu *gpu, size_t order, const char *name, const char *device_id, const char *instance_id)
{
    *gpu = (Gpu){ .name = name,
                  .device_id = device_id,
                  .instance_id = instance_id,
                  .path = instance_id,
                  .order = order,
                  .is_present = true,
                  .is_ok = true,
                  .is_display = true,
                  .partitions = 32 };
    for (size_t i = 0; i < GPU_QUOTA_COUNT; i++)
        gpu->quotas[i] = (GpuQuota){ .min = { true, 1000 }, .max = { true, 1000000000 } };
}

static void make_sound(World *w)
{
    *w = (World){ .arena = ARENA_INIT };
    make_gpu(&w->gpus[0], 1, "GeForce", RTX, RTX_PATH);
    make_gpu(&w->gpus[1], 2, "Radeon", RADEON, RADEON_PATH);
    w->gpus[1].partitions_in_use = 1;
    make_vm(w, LAB, "lab", "AAAAAAAA-0000-0000-0000-000000000001", VM_STATE_OFF, RTX_PATH);
    make_vm(w, RENDER, "render", "AAAAAAAA-0000-0000-0000-000000000002", VM_STATE_RUNNING, RADEON_PATH);
    GuestFacts *guest = &w->vms[RENDER].guest;
    *guest = (GuestFacts){ .contact = KVP_IN_CONTACT,
                           .has_build = true,
                           .build = { 22631, 4317 },
                           .has_agent = true,
                           .agent = { .report = { .problem = 0, .packages = 1 }, .package_count = 1 } };
    guest->agent.packages[0] = (ExchangePackage){ .driver = "31.0.2" };
    w->drivers[0] = (HostDriver){ RTX, "32.0.1" };
    w->drivers[1] = (HostDriver){ RADEON, "31.0.2" };
    w->view = (HostView){ .now_ms = NOW_MS,
                          .vms = { .items = w->vms, .count = VM_COUNT },
                          .gpus = { .items = w->gpus, .count = 2, .others = w->others },
                          .host_tells_gpus = true,
                          .is_gpu_in_use = true,
                          .drivers = { .items = w->drivers, .count = 2 },
                          .has_windows = true,
                          .windows = { 22631, 4317 },
                          .known = known,
                          .known_count = COUNT_OF(known),
                          .address_bits = 46,
                          .allows_sessions = true };
}

static void set_lab(World *w, const char *name, CimValue value)
{
    set(w->settings[LAB], &w->arena, name, value);
}

static void set_render(World *w, const char *name, CimValue value)
{
    set(w->settings[RENDER], &w->arena, name, value);
}

static AgentReport *report(World *w)
{
    return &w->vms[RENDER].guest.agent.report;
}

/* ---- hosts ---- */

#define HOST(name) static void name(World *w)

HOST(unfinished)
{
    w->unfinished = (UnfinishedChange){ .vm_name = "lab", .vm_address = "lab", .vm_guid = w->vms[LAB].vm.guid };
    w->view.unfinished = (UnfinishedChangeList){ .items = &w->unfinished, .count = 1 };
}
HOST(sound) { (void) w; }
HOST(failed) { w->vms[LAB].failed_start = (FailedStart){ "it failed", START_UNEXPLAINED }; }
HOST(failed_elsewhere) /* a VM without GPUs, for a reason of its own */
{
    w->vms[LAB].resources.partitions.count = 0;
    failed(w);
}
HOST(hidden) /* ... or because of an adapter that WMI does not show */
{
    w->vms[LAB].resources.partitions.count = 0;
    w->vms[LAB].failed_start = (FailedStart){ "it failed", START_GPU_HIDDEN };
}
HOST(policy)
{
    w->view.requires_supported = true;
    w->view.is_gpu_in_use = false;
}
HOST(policy_lets_it_run) { w->view.requires_supported = w->view.requires_secure = true; }
HOST(no_gpu)
{
    w->view.gpus.count = 0;
    w->view.vms.count = 1;
    w->vms[0].resources.partitions.count = 1;
    w->adapters[0][0].host_resource = NULL;
}
HOST(no_gpu_wanted)
{
    w->view.gpus.count = 0;
    w->view.vms.count = 0;
}
HOST(gpu_disabled_unused)
{
    w->gpus[0].problem = 22;
    w->vms[LAB].resources.partitions.count = 0;
}
HOST(gpu_disabled) { w->gpus[0].problem = 22; }
HOST(gpu_gone) { w->adapters[LAB][0].host_resource = GONE_PATH; }
HOST(other_case)
{
    w->adapters[LAB][0].host_resource =
        "\\\\?\\pci#ven_10de&dev_2882&subsys_11111462&rev_a1#4&11111111&0&0008#{0}\\PARAV";
}
HOST(automatic) { set_lab(w, "AutomaticSnapshotsEnabled", cim_boolean(true)); }
HOST(automatic_without_gpu)
{
    automatic(w);
    w->vms[LAB].resources.partitions.count = 0;
}
HOST(dynamic) { set(w->memory[LAB], &w->arena, "DynamicMemoryEnabled", cim_boolean(true)); }
HOST(dynamic_equal)
{
    dynamic(w);
    set(w->memory[LAB], &w->arena, MEMORY_MINIMUM, cim_uint(CIM_TYPE_UINT64, 4096));
}
HOST(bits_36) { w->view.address_bits = 36; }
HOST(bits_36_default)
{
    w->view.address_bits = 36;
    set_lab(w, "HighMmioGapBase", cim_uint(CIM_TYPE_UINT64, 32768));
}
HOST(guest_fails) { report(w)->problem = 43; }
HOST(guest_unknown) { report(w)->problem = EXCHANGE_GPU_UNKNOWN; }
HOST(guest_none) { report(w)->problem = EXCHANGE_GPU_NONE; }
HOST(guest_none_off) /* what an ended guest has told last */
{
    guest_none(w);
    w->vms[RENDER].status.state = VM_STATE_OFF;
}
HOST(guest_older) { w->vms[RENDER].guest.agent.packages[0] = (ExchangePackage){ .driver = "31.0.1" }; }
HOST(guest_unread) /* one of the packages could not be read */
{
    guest_older(w);
    report(w)->packages = 2;
}
HOST(high_small) { set_lab(w, "HighMmioGapSize", cim_uint(CIM_TYPE_UINT64, 512)); }
HOST(high_16gb) { set_lab(w, "HighMmioGapSize", cim_uint(CIM_TYPE_UINT64, 16384)); }
HOST(high_small_36_bits) /* more would keep it from starting */
{
    high_small(w);
    w->view.address_bits = 36;
    w->view.vms.count = 1;
}
HOST(low_small) { set_lab(w, "LowMmioGapSize", cim_uint(CIM_TYPE_UINT64, 128)); }
HOST(low_small_works) { set_render(w, "LowMmioGapSize", cim_uint(CIM_TYPE_UINT64, 128)); }
HOST(cache) { set_lab(w, "GuestControlledCacheTypes", cim_boolean(false)); }
HOST(cache_works) { set_render(w, "GuestControlledCacheTypes", cim_boolean(false)); }
HOST(full) { w->gpus[0].partitions_in_use = 32; }
HOST(full_running) { w->gpus[1].partitions_in_use = 32; }
HOST(full_paused)
{
    full(w);
    w->vms[LAB].status.state = VM_STATE_PAUSED;
}
HOST(contradicting)
{
    w->adapters[LAB][0].limits.items[PARTITION_LIMIT_MIN_VRAM] = (PartitionLimit){ true, 2000 };
    w->adapters[LAB][0].limits.items[PARTITION_LIMIT_MAX_VRAM] = (PartitionLimit){ true, 1000 };
}
HOST(small_limits) /* which no paravirtual GPU holds anybody to */
{
    w->adapters[LAB][0].limits.items[PARTITION_LIMIT_MAX_VRAM] = (PartitionLimit){ true, 10 };
}
HOST(sriov_limits)
{
    small_limits(w);
    w->gpus[0].instance_id = RTX_SRIOV;
}
HOST(two_parav)
{
    w->adapters[LAB][1] = w->adapters[LAB][0];
    w->vms[LAB].resources.partitions.count = 2;
}
HOST(two_sriov)
{
    two_parav(w);
    w->gpus[0].instance_id = RTX_SRIOV;
}
HOST(npu) { w->gpus[0].is_display = false; }
HOST(npu_unused)
{
    npu(w);
    w->vms[LAB].resources.partitions.count = 0;
}
HOST(saves) { set_lab(w, "AutomaticShutdownAction", cim_uint(CIM_TYPE_UINT16, 3)); }
HOST(saves_sriov)
{
    saves(w);
    w->gpus[0].instance_id = RTX_SRIOV;
    w->view.windows = (WindowsBuild){ 26100, 5000 };
}
HOST(saved) { w->vms[LAB].status.state = VM_STATE_SAVED; }
HOST(saved_without)
{
    saved(w);
    w->vms[LAB].resources.partitions.count = 0;
}
HOST(version_8) { set_lab(w, "Version", cim_string("8.3")); }
HOST(version_12) { set_lab(w, "Version", cim_string("12.0")); }
HOST(guest_old) { w->vms[RENDER].guest.build.build = 16299; }
HOST(guest_unseen) /* a Linux, for one */
{
    guest_old(w);
    w->vms[RENDER].guest.has_build = false;
}
HOST(clustered) { w->vms[LAB].vm.is_clustered = true; }
HOST(clustered_running) { w->vms[RENDER].vm.is_clustered = true; }
static void add_checkpoint(World *w, CheckpointKind kind, int64_t age_ms)
{
    w->checkpoint = (CheckpointFact){ kind, "ID", "name", NOW_MS - age_ms };
    w->vms[LAB].checkpoints = (CheckpointFacts){ .items = &w->checkpoint, .count = 1 };
}
HOST(automatic_left) { add_checkpoint(w, CHECKPOINT_AUTOMATIC, DAY_MS); }
HOST(standard) { add_checkpoint(w, CHECKPOINT_STANDARD, DAY_MS); }
HOST(missing) { add_checkpoint(w, CHECKPOINT_MISSING, DAY_MS); }
HOST(backup_left) { add_checkpoint(w, CHECKPOINT_RECOVERY, 2 * DAY_MS); }
HOST(backup_going) { add_checkpoint(w, CHECKPOINT_RECOVERY, DAY_MS / 24); }
static void detach(World *w, const char *path, int64_t age_ms)
{
    w->detached[0] = (GpuPartition){ .host_resource = path };
    w->detached_names[0] = "a GPU";
    w->vms[LAB].resources.partitions.count = 0;
    w->vms[LAB].detached = (GpuPartitionList){ .items = w->detached, .count = 1 };
    w->vms[LAB].detached_names = (StringList){ .items = w->detached_names, .count = 1 };
    w->vms[LAB].detached_since = clock_format_utc(&w->arena, NOW_MS - age_ms);
}
HOST(detached_gone) { detach(w, GONE_PATH, DAY_MS); }
HOST(detached) { detach(w, RTX_PATH, 29 * DAY_MS); }
HOST(detached_long) { detach(w, RTX_PATH, 31 * DAY_MS); }
static void add_package(World *w, const char *device_id, const char *version)
{
    w->package_gpu = (ManifestGpu){ .device_id = device_id };
    w->package = (FoundDriver){ .place = "p", .version = version, .gpus = { .items = &w->package_gpu, .count = 1 } };
    w->view.packages = (FoundDrivers){ .items = &w->package, .count = 1 };
}
HOST(package_older) { add_package(w, RTX, "31.9.9"); }
HOST(package_older_of_another_slot)
{
    add_package(w, "PCI\\VEN_10DE&DEV_2882&SUBSYS_22222222&REV_A1\\4&33333333&0&0010", "31.9.9");
}
HOST(package_current) { add_package(w, RTX, "32.0.1"); }
HOST(package_of_another) { add_package(w, "PCI\\VEN_10DE&DEV_1234", "31.9.9"); }
HOST(host_leaks) { w->view.windows = (WindowsBuild){ 26100, 3000 }; }
HOST(host_unsure) { w->view.windows = (WindowsBuild){ 26100, WINDOWS_REVISION_UNKNOWN }; }
HOST(no_path) { w->adapters[LAB][0].host_resource = NULL; }
HOST(no_path_one_gpu)
{
    no_path(w);
    w->view.gpus.count = 1;
    w->view.vms.count = 1;
}
HOST(disabled) { w->vms[LAB].vm.checkpoint_type = CHECKPOINTS_DISABLED; }
HOST(disabled_without)
{
    disabled(w);
    w->vms[LAB].resources.partitions.count = 0;
}
HOST(replicated) { w->vms[LAB].status.replication_mode = 1; }
HOST(dda) { w->vms[LAB].resources.has_direct_assignment = true; }
HOST(dda_without)
{
    dda(w);
    w->vms[LAB].resources.partitions.count = 0;
}
HOST(hibernates) { set_lab(w, "EnableHibernation", cim_boolean(true)); }
HOST(hibernates_runs) { set_render(w, "EnableHibernation", cim_boolean(true)); }
HOST(merging) { w->vms[LAB].status.operation = 32772; }
HOST(exporting) { w->vms[LAB].status.operation = 32773; }
HOST(guest_hangs)
{
    report(w)->problem = EXCHANGE_GPU_UNKNOWN;
    w->vms[RENDER].guest.build = (WindowsBuild){ 26100, 4349 };
}
HOST(guest_works)
{
    w->vms[RENDER].guest.build = (WindowsBuild){ 26100, 4349 };
}
HOST(guest_unsure)
{
    w->vms[RENDER].guest.has_agent = false;
    w->vms[RENDER].guest.build = (WindowsBuild){ 26100, WINDOWS_REVISION_UNKNOWN };
}
HOST(unequal)
{
    w->view.windows = (WindowsBuild){ 26100, 6508 };
    w->vms[RENDER].guest.build = (WindowsBuild){ 26100, 6584 };
}
HOST(equal)
{
    w->view.windows = (WindowsBuild){ 26100, 6508 };
    w->vms[RENDER].guest.build = (WindowsBuild){ 26100, 6508 };
}
HOST(session)
{
    w->vms[RENDER].guest.build = (WindowsBuild){ 26200, 1 };
    w->vms[RENDER].enhanced_session = 2;
}
HOST(session_forbidden)
{
    session(w);
    w->view.allows_sessions = false;
}
HOST(session_unavailable)
{
    session(w);
    w->vms[RENDER].enhanced_session = 6;
}
static void add_other(World *w, const char *device_id)
{
    make_gpu(&w->others[0], 0, "a card", device_id, "");
    w->view.gpus.other_count = 1;
}
HOST(tesla) { add_other(w, "PCI\\VEN_10DE&DEV_1EB8\\1"); }
HOST(tesla_disabled)
{
    tesla(w);
    w->others[0].problem = 22;
}
HOST(onboard) { add_other(w, "PCI\\VEN_8086&DEV_0412\\1"); }
HOST(server_vga) { add_other(w, "PCI\\VEN_1A03&DEV_2000\\1"); }
HOST(gone_vm)
{
    w->gone_vm = "old";
    w->view.gone_memos = (StringList){ .items = &w->gone_vm, .count = 1 };
}

/* ---- the table ---- */

static const struct {
    CheckRule rule;
    CheckSeverity severity;
    void (*fires)(World *w);
    void (*quiet)(World *w); /* its twin */
} cases[] = {
    { CHECK_UNFINISHED, CHECK_ERROR, unfinished, sound },
    { CHECK_START_FAILED, CHECK_ERROR, failed, failed_elsewhere },
    { CHECK_START_FAILED, CHECK_ERROR, hidden, failed_elsewhere },
    { CHECK_POLICY, CHECK_ERROR, policy, policy_lets_it_run },
    { CHECK_NO_GPU, CHECK_WARNING, no_gpu, sound },
    { CHECK_NO_GPU, CHECK_ADVICE, no_gpu_wanted, sound },
    { CHECK_GPU_PROBLEM, CHECK_ERROR, gpu_disabled, gpu_disabled_unused },
    { CHECK_GPU_GONE, CHECK_ERROR, gpu_gone, other_case },
    { CHECK_AUTOMATIC, CHECK_ERROR, automatic, automatic_without_gpu },
    { CHECK_MEMORY, CHECK_ERROR, dynamic, dynamic_equal },
    { CHECK_MMIO_TOO_HIGH, CHECK_ERROR, bits_36, bits_36_default },
    { CHECK_GUEST_GPU, CHECK_ERROR, guest_fails, guest_unknown },
    { CHECK_GUEST_NO_GPU, CHECK_ERROR, guest_none, guest_none_off },
    { CHECK_GUEST_DRIVER, CHECK_WARNING, guest_older, guest_unread },
    { CHECK_HIGH_MMIO, CHECK_WARNING, high_small, high_16gb },
    { CHECK_HIGH_MMIO, CHECK_WARNING, high_small, high_small_36_bits },
    { CHECK_LOW_MMIO, CHECK_WARNING, low_small, low_small_works },
    { CHECK_CACHE_TYPES, CHECK_WARNING, cache, cache_works },
    { CHECK_GPU_FULL, CHECK_WARNING, full, full_running },
    { CHECK_GPU_FULL, CHECK_WARNING, full, full_paused },
    { CHECK_LIMITS, CHECK_WARNING, contradicting, small_limits },
    { CHECK_LIMITS, CHECK_WARNING, sriov_limits, small_limits },
    { CHECK_SEVERAL_PARTITIONS, CHECK_WARNING, two_sriov, two_parav },
    { CHECK_ACCELERATOR, CHECK_WARNING, npu, npu_unused },
    { CHECK_STOP_SAVES, CHECK_WARNING, saves, saves_sriov },
    { CHECK_SAVED, CHECK_WARNING, saved, saved_without },
    { CHECK_OLD_VERSION, CHECK_WARNING, version_8, version_12 },
    { CHECK_GUEST_WINDOWS, CHECK_WARNING, guest_old, guest_unseen },
    { CHECK_CLUSTERED, CHECK_WARNING, clustered, clustered_running },
    { CHECK_AUTOMATIC_LEFT, CHECK_WARNING, automatic_left, standard },
    { CHECK_MISSING_CHECKPOINT, CHECK_WARNING, missing, standard },
    { CHECK_DETACHED_GONE, CHECK_WARNING, detached_gone, detached },
    { CHECK_PACKAGE_OUTDATED, CHECK_WARNING, package_older, package_current },
    { CHECK_PACKAGE_OUTDATED, CHECK_WARNING, package_older_of_another_slot, package_of_another },
    { CHECK_HOST_BUILD, CHECK_WARNING, host_leaks, host_unsure },
    { CHECK_NO_PATH, CHECK_ADVICE, no_path, no_path_one_gpu },
    { CHECK_CHECKPOINTS_DISABLED, CHECK_ADVICE, disabled, disabled_without },
    { CHECK_REPLICATED, CHECK_ADVICE, replicated, sound },
    { CHECK_DIRECT_ASSIGNMENT, CHECK_ADVICE, dda, dda_without },
    { CHECK_HIBERNATION, CHECK_ADVICE, hibernates, hibernates_runs },
    { CHECK_MERGING, CHECK_ADVICE, merging, exporting },
    { CHECK_BACKUP_LEFT, CHECK_ADVICE, backup_left, backup_going },
    { CHECK_DETACHED_LONG, CHECK_ADVICE, detached_long, detached },
    { CHECK_GUEST_BUILD, CHECK_ADVICE, guest_hangs, guest_works },
    { CHECK_GUEST_BUILD, CHECK_ADVICE, guest_hangs, guest_unsure },
    { CHECK_UNEQUAL_BUILDS, CHECK_ADVICE, unequal, equal },
    { CHECK_ENHANCED_SESSION, CHECK_ADVICE, session, session_forbidden },
    { CHECK_ENHANCED_SESSION, CHECK_ADVICE, session, session_unavailable },
    { CHECK_NOT_PARTITIONABLE, CHECK_ADVICE, tesla, tesla_disabled },
    { CHECK_NOT_PARTITIONABLE, CHECK_ADVICE, tesla, onboard },
    { CHECK_NOT_PARTITIONABLE, CHECK_ADVICE, tesla, server_vga },
    { CHECK_GONE_VM, CHECK_ADVICE, gone_vm, sound },
};

static Findings judge(World *w)
{
    const CheckFilter all = { .vm_guids = NULL };
    return check_judge(&w->view, &all, &w->arena);
}

/* Exactly what is expected; of a twin nothing at all. */
static void each_rule_finds_its_own(void **state)
{
    (void) state;
    bool has[CHECK_RULE_COUNT] = { false };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *code = check_rules[cases[i].rule].code;
        World w;
        make_sound(&w);
        cases[i].fires(&w);
        Findings findings = judge(&w);
        if (findings.count != 1 || findings.items[0].rule != cases[i].rule ||
            findings.items[0].severity != cases[i].severity)
            fail_msg("case %zu of %s: %zu findings, the first is %s", i, code, findings.count,
                     findings.count > 0 ? check_rules[findings.items[0].rule].code : "none");
        assert_int_equal(findings_are_wrong(&findings), cases[i].severity != CHECK_ADVICE);
        arena_release(&w.arena);
        make_sound(&w);
        cases[i].quiet(&w);
        findings = judge(&w);
        if (findings.count != 0)
            fail_msg("case %zu of %s: its twin has %s", i, code, check_rules[findings.items[0].rule].code);
        arena_release(&w.arena);
        has[cases[i].rule] = true;
    }
    for (size_t i = 0; i < CHECK_RULE_COUNT; i++) {
        if (!has[i])
            fail_msg("no case of %s", check_rules[i].code);
    }
}

/* Where the guest's GPU fails, what an assignment would give is the first suspect, and an error. */
static void a_failing_guest_makes_suspects(void **state)
{
    (void) state;
    World w;
    make_sound(&w);
    guest_fails(&w);
    set_render(&w, "HighMmioGapSize", cim_uint(CIM_TYPE_UINT64, 16384));
    set_render(&w, "GuestControlledCacheTypes", cim_boolean(false));
    Findings findings = judge(&w);
    assert_int_equal(findings.count, 3);
    assert_int_equal(findings.items[0].rule, CHECK_GUEST_GPU);
    assert_int_equal(findings.items[1].rule, CHECK_HIGH_MMIO);
    assert_int_equal(findings.items[2].rule, CHECK_CACHE_TYPES);
    assert_int_equal(findings.items[2].severity, CHECK_ERROR);
    arena_release(&w.arena);
}

static void a_running_vm_has_started(void **state)
{
    (void) state;
    World w;
    make_sound(&w);
    set(w.memory[RENDER], &w.arena, "DynamicMemoryEnabled", cim_boolean(true));
    Findings findings = judge(&w);
    assert_int_equal(findings.count, 1);
    assert_int_equal(findings.items[0].severity, CHECK_WARNING);
    arena_release(&w.arena);
}

/* The worst first, of equals the host's first, then by VM, then by rule. */
static void the_worst_comes_first(void **state)
{
    (void) state;
    World w;
    make_sound(&w);
    disabled(&w);
    cache(&w);
    low_small(&w);
    host_leaks(&w);
    guest_older(&w);
    set_render(&w, "AutomaticSnapshotsEnabled", cim_boolean(true));
    static const CheckRule expected[] = { CHECK_AUTOMATIC, CHECK_HOST_BUILD, CHECK_LOW_MMIO, CHECK_CACHE_TYPES,
                                          CHECK_GUEST_DRIVER, CHECK_CHECKPOINTS_DISABLED };
    Findings findings = judge(&w);
    assert_int_equal(findings.count, COUNT_OF(expected));
    for (size_t i = 0; i < COUNT_OF(expected); i++)
        assert_int_equal(findings.items[i].rule, expected[i]);
    arena_release(&w.arena);
}

static void a_chosen_vm_has_its_own_findings(void **state)
{
    (void) state;
    World w;
    make_sound(&w);
    cache(&w);
    unfinished(&w);
    set_render(&w, "AutomaticSnapshotsEnabled", cim_boolean(true));
    host_leaks(&w);
    tesla(&w);
    const char *guid = "aaaaaaaa-0000-0000-0000-000000000002";
    const StringList guids = { .items = &guid, .count = 1 };
    const CheckFilter filter = { .vm_guids = &guids };
    Findings findings = check_judge(&w.view, &filter, &w.arena);
    assert_int_equal(findings.count, 2);
    assert_int_equal(findings.items[0].rule, CHECK_AUTOMATIC);
    assert_int_equal(findings.items[1].rule, CHECK_HOST_BUILD);
    arena_release(&w.arena);
}

static void codes_are_unique(void **state)
{
    (void) state;
    for (size_t i = 0; i < CHECK_RULE_COUNT; i++) {
        assert_non_null(check_rules[i].code);
        assert_non_null(check_rules[i].test);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(check_rules[i].code, check_rules[j].code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_finds_its_own),
        cmocka_unit_test(a_failing_guest_makes_suspects),
        cmocka_unit_test(a_running_vm_has_started),
        cmocka_unit_test(the_worst_comes_first),
        cmocka_unit_test(a_chosen_vm_has_its_own_findings),
        cmocka_unit_test(codes_are_unique),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
