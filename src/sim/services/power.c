/* SPDX-License-Identifier: MIT */
/* States of VMs: Windows SDK, "RequestStateChange method of the Msvm_ComputerSystem class"; the numbers between
 * states and what becomes of a GPU partition at start: reports of users and tools. */
#include "sim/services/power.h"

#include "base/ascii.h"
#include "base/check.h"
#include "base/compiler.h"
#include "sim/services/guest.h"
#include "sim/services/guest_files.h"
#include "sim/services/kvp.h"
#include "sim/services/snapshots.h"
#include "sim/store/registry.h"
#include "sim/store/vm_model.h"

#include <inttypes.h>
#include <string.h>

#define GPU_PARTITION "Msvm_GpuPartitionSettingData"

/* Where the hidden adapter of a VM points to: a card that was taken out. */
#define GONE_GPU                                                                                                       \
    "\\\\?\\PCI#VEN_10DE&DEV_1E84&SUBSYS_139F10DE&REV_A1#4&2283f625&0&0019#{064092b3-625e-43bf-9eb5-dc845897dd59}"     \
    "\\GPUPARAV"

/* ---- GPU partitions ---- */

static uint64_t count_partitions(const SimHost *host, const SimObject *gpu)
{
    uint64_t count = 0;
    SimWalk walk = sim_walk(host, "Msvm_GpuPartition");
    for (const SimObject *object; (object = sim_walk_next(&walk)) != NULL;)
        count += ascii_equals(sim_object_text(object, "DeviceInstancePath"), sim_object_text(gpu, "Name"));
    return count;
}

static bool has_room(const SimHost *host, const SimObject *gpu)
{
    return count_partitions(host, gpu) < sim_object_uint(gpu, "PartitionCount");
}

const SimObject *sim_gpu_with_room(const SimHost *host, const SimObject *gpu)
{
    if (gpu != NULL)
        return has_room(host, gpu) ? gpu : NULL;
    SimWalk walk = sim_walk(host, "Msvm_PartitionableGpu");
    for (const SimObject *object; (object = sim_walk_next(&walk)) != NULL;) {
        if (has_room(host, object))
            return object;
    }
    return NULL;
}

/* The name in a HostResource, for messages about a GPU that the host does not have. */
static const char *name_in_path(const char *path, Arena *arena)
{
    Error ignored; /* then the whole text stands for it */
    CimPath parsed;
    const char *name = cim_path_parse(path, arena, &parsed, &ignored) ? cim_path_key(&parsed, "Name") : NULL;
    return name != NULL ? name : path;
}

static const char *partition_device_id(const SimObject *adapter, Arena *arena)
{
    return arena_printf(arena, "Microsoft:%s", sim_resource_device(adapter));
}

/* Unverified: the form of DeviceInstancePath and DeviceID, and what the Current... values hold. */
static void create_partition(SimHost *host, const SimObject *vm, const SimObject *adapter, const SimObject *gpu)
{
    static const char *const kinds[] = { "VRAM", "Encode", "Decode", "Compute" };
    SimObject *device = sim_device_create(host, vm, "Msvm_GpuPartition", partition_device_id(adapter, &host->arena));
    sim_object_set_text(host, device, "DeviceInstancePath", sim_object_text(gpu, "Name"));
    sim_object_set_uint(host, device, "PartitionId", count_partitions(host, gpu));
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        char optimal[32] = "OptimalPartition", current[32] = "Current";
        memcpy(optimal + strlen(optimal), kinds[i], strlen(kinds[i]));
        memcpy(current + strlen(current), kinds[i], strlen(kinds[i]));
        const CimValue *limit = sim_object_value(adapter, optimal);
        sim_object_set_uint(host, device, current, limit->is_null ? sim_object_uint(gpu, optimal) : limit->uint);
    }
    if (!sim_object_insert(host, device))
        return; /* a state file has it already */
}

void sim_partition_attach(SimHost *host, const SimObject *vm, const SimObject *adapter, SimFailure *failure)
{
    Arena scratch = ARENA_INIT;
    const char *path = sim_adapter_gpu_path(adapter);
    const SimObject *pinned = path == NULL ? NULL : sim_gpu_at(host, path);
    const SimObject *gpu = path != NULL && pinned == NULL ? NULL : sim_gpu_with_room(host, pinned);
    if (gpu != NULL) {
        create_partition(host, vm, adapter, gpu);
    } else {
        sim_fail(host, failure, SIM_RETURN_FAILED, SIM_TEXT_START_FAILED, vm, NULL);
        sim_fail_layer(host, failure, SIM_TEXT_GPU_FAILED, vm, NULL);
        if (path != NULL && pinned == NULL)
            sim_fail_layer(host, failure, SIM_TEXT_GPU_MISSING, NULL, name_in_path(path, &scratch));
        else
            sim_fail_layer(host, failure, SIM_TEXT_GPU_EXHAUSTED, NULL, NULL);
    }
    arena_release(&scratch);
}

/* Devices of a VM; device_id NULL: all. */
static void remove_devices(SimHost *host, const SimObject *vm, const char *device_id)
{
    Arena scratch = ARENA_INIT;
    SimObjects list = { .items = NULL };
    SimWalk walk = sim_walk(host, "CIM_LogicalDevice");
    for (SimObject *object; (object = sim_walk_next(&walk)) != NULL;) {
        if (ascii_equals(sim_object_text(object, "SystemName"), sim_vm_guid(vm)) &&
            (device_id == NULL || ascii_equals(sim_object_text(object, "DeviceID"), device_id)))
            ARRAY_PUSH(&scratch, &list, object);
    }
    for (size_t i = 0; i < list.count; i++)
        sim_object_remove(host, list.items[i]);
    if (device_id == NULL)
        sim_guest_files_remove(host, vm);
    arena_release(&scratch);
}

void sim_partition_detach(SimHost *host, const SimObject *vm, const SimObject *adapter)
{
    Arena scratch = ARENA_INIT;
    remove_devices(host, vm, partition_device_id(adapter, &scratch));
    arena_release(&scratch);
}

/* ---- ends of jobs ---- */

static void set_saved(SimHost *host, const SimObject *vm, bool saved)
{
    SimObject *settings = sim_vm_settings(host, vm);
    if (settings != NULL)
        sim_object_set_boolean(host, settings, "IsSaved", saved);
}

void sim_vm_power_on(SimHost *host, SimObject *vm, SimFailure *failure)
{
    Arena scratch = ARENA_INIT;
    SimObjects adapters = sim_settings_resources(host, sim_vm_settings(host, vm), GPU_PARTITION, &scratch);
    remove_devices(host, vm, NULL); /* of a saved VM in a state file that has some */
    for (size_t i = 0; i < adapters.count && failure->code == 0; i++)
        sim_partition_attach(host, vm, adapters.items[i], failure);
    if (failure->code == 0) {
        sim_guest_create_components(host, vm);
        set_saved(host, vm, false);
        sim_vm_set_state(host, vm, SIM_STATE_RUNNING);
        sim_object_set_uint(host, vm, "RequestedState", 5); /* as seen on running VMs */
        sim_object_set_uint(host, vm, "ProcessID", 4000 + host->changes % 4000 * 4); /* any number will do */
    } else {
        remove_devices(host, vm, NULL);
    }
    arena_release(&scratch);
}

static size_t count_adapters(const SimHost *host, const SimObject *settings)
{
    Arena scratch = ARENA_INIT;
    size_t count = sim_settings_resources(host, settings, GPU_PARTITION, &scratch).count;
    arena_release(&scratch);
    return count;
}

static void fail_start(SimHost *host, const SimObject *vm, SimText cause, const char *detail, SimFailure *failure)
{
    sim_fail(host, failure, SIM_RETURN_FAILED, SIM_TEXT_START_FAILED, vm, NULL);
    sim_fail_layer(host, failure, cause, vm, detail);
}

/* The device itself refuses. */
static void fail_partition(SimHost *host, const SimObject *vm, SimText cause, const char *detail, SimFailure *failure)
{
    fail_start(host, vm, SIM_TEXT_GPU_FAILED, NULL, failure);
    sim_fail_layer(host, failure, cause, NULL, detail);
}

/* The MMIO space above 4 GiB ends where the processor can still address (reports of hosts with 36 bits: a knob). */
static void check_address_range(SimHost *host, const SimObject *vm, const SimObject *settings, SimFailure *failure)
{
    uint64_t end = (sim_object_uint(settings, "HighMmioGapBase") + sim_object_uint(settings, "HighMmioGapSize")) << 20;
    if (host->knobs.address_bits == 0 || end <= UINT64_C(1) << host->knobs.address_bits)
        return;
    const char *last_page = arena_printf(&host->arena, "0x%016" PRIx64, end - 4096);
    sim_fail(host, failure, SIM_RETURN_INVALID_PARAMETER, SIM_TEXT_START_FAILED, vm, NULL);
    sim_fail_layer(host, failure, SIM_TEXT_MMIO_TOO_HIGH, vm, last_page);
}

/* Dynamic memory needs as much at the start as at least (reports); it can be set when no GPU is there yet. */
static bool memory_fits(const SimHost *host, const SimObject *settings)
{
    Arena scratch = ARENA_INIT;
    SimObjects list = sim_settings_resources(host, settings, "Msvm_MemorySettingData", &scratch);
    const SimObject *memory = list.count > 0 ? list.items[0] : NULL;
    bool fits = memory == NULL || !sim_object_boolean(memory, "DynamicMemoryEnabled") ||
                sim_object_uint(memory, "VirtualQuantity") == sim_object_uint(memory, "Reservation");
    arena_release(&scratch);
    return fits;
}

/* Microsoft's text of the failure names them. Unverified: that the GPU's driver and the firmware make no difference. */
static bool policy_refuses_gpus(SimHost *host)
{
    const SimKey *key = sim_registry_find(host, "SOFTWARE\\Policies\\Microsoft\\Windows\\HyperV");
    bool refuses = host->knobs.device_policy;
    for (size_t i = 0; key != NULL && i < key->values.count; i++) {
        const SimValue *value = &key->values.items[i];
        bool is_one = ascii_equals(value->name, "RequireSecureDeviceAssignment") ||
                      ascii_equals(value->name, "RequireSupportedDeviceAssignment");
        refuses = refuses || (is_one && value->kind == SIM_VALUE_DWORD && value->number != 0);
    }
    return refuses;
}

/* What fails before the devices are asked for. How much MMIO space a partition needs depends on the GPU: a knob.
 * Hibernation: Microsoft's design of GPU paravirtualization. */
static void check_start_with_gpu(SimHost *host, const SimObject *vm, const SimObject *settings, SimFailure *failure)
{
    bool automatic = sim_object_boolean(settings, "AutomaticSnapshotsEnabled") &&
                     sim_object_uint(settings, "UserSnapshotType") != 2;
    uint64_t needed = (uint64_t) host->knobs.gpu_mmio * count_adapters(host, settings);
    if (automatic)
        sim_snapshot_check_devices(host, vm, failure); /* the automatic checkpoint fails, and the start with it */
    else if (!memory_fits(host, settings))
        fail_start(host, vm, SIM_TEXT_MEMORY_WITH_GPU, NULL, failure);
    else if (sim_object_boolean(settings, "EnableHibernation") && !host->knobs.gpu_hibernation)
        fail_partition(host, vm, SIM_TEXT_GPU_NO_HIBERNATION, NULL, failure);
    else if (policy_refuses_gpus(host))
        fail_partition(host, vm, SIM_TEXT_GPU_POLICY, "GPU Partition", failure);
    else if (host->knobs.gpu_access_denied)
        fail_partition(host, vm, SIM_TEXT_ACCESS_DENIED, NULL, failure);
    else if (sim_object_uint(settings, "HighMmioGapSize") < needed)
        fail_partition(host, vm, SIM_TEXT_GPU_EXHAUSTED, NULL, failure);
}

static void check_start(SimHost *host, const SimObject *vm, const SimObject *settings, SimFailure *failure)
{
    check_address_range(host, vm, settings, failure);
    if (failure->code != 0)
        return;
    if (sim_vm_has_hidden_adapter(host, vm))
        fail_partition(host, vm, SIM_TEXT_GPU_MISSING, GONE_GPU, failure);
    else if (count_adapters(host, settings) > 0)
        check_start_with_gpu(host, vm, settings, failure);
}

static void run_start(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure)
{
    const SimObject *settings = sim_vm_settings(host, vm);
    check_start(host, vm, settings, failure);
    if (failure->code == 0)
        sim_vm_power_on(host, vm, failure);
    if (failure->code == 0 && job->from_state == SIM_STATE_OFF)
        sim_vm_take_automatic(host, vm, job->id);
}

static void power_off(SimHost *host, SimObject *vm, uint64_t state)
{
    remove_devices(host, vm, NULL);
    sim_vm_set_state(host, vm, state);
    sim_object_set_uint(host, vm, "RequestedState", 12);
    set_saved(host, vm, state == SIM_STATE_SAVED);
    sim_object_set(host, vm, "ProcessID", cim_null(CIM_TYPE_UINT32));
    if (state != SIM_STATE_OFF)
        return;
    sim_vm_drop_automatic(host, vm);
    sim_vm_tidy_disks(host, vm); /* also what could not be merged while it was on */
}

static void run_stop(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure)
{
    SimJob *shutdown = sim_job_at_work(host, "shut-down", vm);
    (void) failure; /* a power cut always works */
    if (shutdown != NULL && shutdown != job)
        shutdown->due_ms = host->now_ms; /* there is no guest any more that could hang */
    bool too_late = shutdown == job && sim_vm_state(vm) == SIM_STATE_SAVED;
    if (sim_vm_state(vm) != SIM_STATE_OFF && !too_late)
        power_off(host, vm, SIM_STATE_OFF);
}

/* Drivers before Windows 11 24H2 cannot save a partition. Unverified: the code and the text. */
static void run_save(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure)
{
    (void) job;
    if (count_adapters(host, sim_vm_settings(host, vm)) > 0 && !host->knobs.gpu_save) {
        sim_fail(host, failure, SIM_RETURN_FAILED, SIM_TEXT_SAVE_FAILED, vm, NULL);
        sim_fail_layer(host, failure, SIM_TEXT_GPU_NO_SAVE, NULL, NULL);
        return;
    }
    power_off(host, vm, SIM_STATE_SAVED);
}

static void run_pause(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure)
{
    (void) job;
    (void) failure;
    sim_vm_set_state(host, vm, SIM_STATE_PAUSED);
}

static void run_resume(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure)
{
    (void) job;
    (void) failure;
    sim_vm_set_state(host, vm, SIM_STATE_RUNNING);
}

/* The guest starts anew. */
static void run_restart(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure)
{
    run_resume(host, job, vm, failure);
    sim_kvp_tell_all(host, vm);
}

/* ---- calls ---- */

/* Which job a requested state means in a state; the guest is asked for its part first. Unverified: 3 on a saved VM (a
 * knob), and on one that is shutting down. */
static const struct {
    uint16_t from, requested;
    const char *job;
    bool needs_guest;
} transitions[] = {
    { SIM_STATE_OFF, 2, "start", false },      { SIM_STATE_RUNNING, 3, "turn-off", false },
    { SIM_STATE_RUNNING, 4, "shut-down", true }, { SIM_STATE_RUNNING, 6, "save", false },
    { SIM_STATE_RUNNING, 9, "pause", false },  { SIM_STATE_RUNNING, 10, "reboot", true },
    { SIM_STATE_RUNNING, 11, "reset", false }, { SIM_STATE_PAUSED, 2, "resume", false },
    { SIM_STATE_PAUSED, 3, "turn-off", false }, { SIM_STATE_PAUSED, 6, "save", false },
    { SIM_STATE_SAVED, 2, "restore", false },  { SIM_STATE_SAVED, 3, "turn-off", false },
    { SIM_STATE_STOPPING, 3, "turn-off", false },
};

/* A guest that hangs on its way down can be turned off. */
static bool may_change(const SimHost *host, const SimObject *vm, uint64_t requested)
{
    if (sim_vm_state(vm) == SIM_STATE_STOPPING)
        return requested == 3;
    bool discards = sim_vm_state(vm) == SIM_STATE_SAVED && requested == 3;
    return !sim_vm_is_held(vm) && !(discards && host->knobs.keeps_saved_state);
}

static uint32_t request_state_change(SimCall *call)
{
    if (!sim_vm_is(call->object))
        return SIM_RETURN_NOT_SUPPORTED;
    uint64_t requested = cim_instance_uint(call->in, "RequestedState", 0);
    uint64_t state = sim_vm_state(call->object);
    for (size_t i = 0; i < COUNT_OF(transitions) && may_change(call->host, call->object, requested); i++) {
        if (transitions[i].from != state || transitions[i].requested != requested)
            continue;
        if (transitions[i].needs_guest)
            return sim_guest_request(call, call->object, transitions[i].job);
        return sim_call_start_job(call, sim_job_create(call->host, transitions[i].job, call->object));
    }
    return SIM_RETURN_INVALID_STATE;
}

/* ---- the service ---- */

static const SimMethod methods[] = {
    { "Msvm_ComputerSystem", "RequestStateChange", request_state_change },
};

static const SimJobType job_types[] = {
    { "start", 0, 12, 0, SIM_STATE_STARTING, run_start, NULL },
    { "restore", 0, 15, 0, SIM_STATE_STARTING, run_start, NULL },
    { "turn-off", 0, 13, 0, 0, run_stop, NULL },
    { "shut-down", 0, 16, 0, SIM_STATE_STOPPING, run_stop, NULL },
    { "save", 0, 14, 0, SIM_STATE_SAVING, run_save, NULL },
    { "pause", 0, 26, 0, SIM_STATE_PAUSING, run_pause, NULL },
    { "resume", 0, 27, 0, SIM_STATE_RESUMING, run_resume, NULL },
    { "reset", 0, 28, 0, SIM_STATE_STARTING, run_restart, NULL },
    { "reboot", 0, 29, 0, SIM_STATE_STARTING, run_restart, NULL },
};

const SimService sim_power_service = {
    .methods = methods,
    .method_count = COUNT_OF(methods),
    .job_types = job_types,
    .job_type_count = COUNT_OF(job_types),
};
