/* SPDX-License-Identifier: MIT */
/* States of VMs: Windows SDK, "RequestStateChange method of the Msvm_ComputerSystem class"; the numbers between
 * states and what becomes of a GPU partition at start: reports of users and tools. */
#include "cim/sim/power.h"

#include "base/ascii.h"
#include "base/check.h"
#include "base/compiler.h"
#include "cim/cimxml.h"
#include "cim/sim/snapshots.h"
#include "cim/sim/vm_model.h"

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

static SimObject *create_device(SimHost *host, const SimObject *vm, const char *class_name, const char *device_id)
{
    SimObject *device = sim_object_create(host, sim_class_find(host, NS_VIRTUALIZATION, class_name));
    sim_object_set_text(host, device, "SystemName", sim_vm_guid(vm));
    sim_object_set_text(host, device, "DeviceID", device_id);
    return device;
}

/* Unverified: the form of DeviceInstancePath and DeviceID, and what the Current... values hold. */
static void create_partition(SimHost *host, const SimObject *vm, const SimObject *adapter, const SimObject *gpu)
{
    static const char *const kinds[] = { "VRAM", "Encode", "Decode", "Compute" };
    SimObject *device = create_device(host, vm, "Msvm_GpuPartition", partition_device_id(adapter, &host->arena));
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
    arena_release(&scratch);
}

void sim_partition_detach(SimHost *host, const SimObject *vm, const SimObject *adapter)
{
    Arena scratch = ARENA_INIT;
    remove_devices(host, vm, partition_device_id(adapter, &scratch));
    arena_release(&scratch);
}

/* ---- integration components ---- */

static const char *kvp_item(const SimHost *host, const char *name, const char *data, Arena *arena)
{
    const SimClass *class = sim_class_find(host, NS_VIRTUALIZATION, "Msvm_KvpExchangeDataItem");
    CimInstance *item = cim_instance_create(arena, "Msvm_KvpExchangeDataItem");
    item->properties = arena_memdup(arena, class->defaults, class->count * sizeof(CimProperty));
    item->count = item->capacity = class->count;
    cim_instance_set(item, arena, "Name", cim_string(name));
    cim_instance_set(item, arena, "Data", cim_string(data));
    cim_instance_set(item, arena, "Source", cim_uint(CIM_TYPE_UINT16, 2));
    const char *text;
    Error err;
    CHECK(cimxml_write(item, arena, &text, &err)); /* short texts of our own */
    return text;
}

static void create_kvp(SimHost *host, const SimObject *vm)
{
    SimObject *device =
        create_device(host, vm, "Msvm_KvpExchangeComponent", "Microsoft:2A34B1C2-FD73-4043-8A5B-DD2159BC743F");
    const char *items[] = { kvp_item(host, "OSName", "Windows 11 Pro", &host->arena),
                            kvp_item(host, "OSVersion", "10.0.22631", &host->arena),
                            kvp_item(host, "FullyQualifiedDomainName", "guest", &host->arena) };
    sim_object_set_texts(host, device, "GuestIntrinsicExchangeItems", items, COUNT_OF(items));
    CHECK(sim_object_insert(host, device));
}

static bool component_is_enabled(const SimHost *host, const SimObject *vm, const char *settings_class)
{
    Arena scratch = ARENA_INIT;
    SimObjects list = sim_settings_resources(host, sim_vm_settings(host, vm), settings_class, &scratch);
    bool enabled = list.count > 0 && sim_object_uint(list.items[0], "EnabledState") == 2;
    arena_release(&scratch);
    return enabled;
}

static void create_components(SimHost *host, const SimObject *vm)
{
    CHECK(sim_object_insert(host, create_device(host, vm, "Msvm_ShutdownComponent",
                                                "Microsoft:9F8233AC-BE49-4C79-8EE3-E7E1985B2077")));
    if (component_is_enabled(host, vm, "Msvm_KvpExchangeComponentSettingData"))
        create_kvp(host, vm);
    if (component_is_enabled(host, vm, "Msvm_GuestServiceInterfaceComponentSettingData"))
        CHECK(sim_object_insert(host, create_device(host, vm, "Msvm_GuestServiceInterfaceComponent",
                                                    "Microsoft:6C09BB55-D683-4DA0-8931-C9BF705F6480")));
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
        create_components(host, vm);
        set_saved(host, vm, false);
        sim_vm_set_state(host, vm, SIM_STATE_RUNNING);
        sim_object_set_uint(host, vm, "RequestedState", 5); /* as seen on running VMs */
        sim_object_set_uint(host, vm, "ProcessID", 4000 + host->changes % 4000 * 4); /* any number will do */
    } else {
        remove_devices(host, vm, NULL);
    }
    arena_release(&scratch);
}

static bool has_adapters(const SimHost *host, const SimObject *settings)
{
    Arena scratch = ARENA_INIT;
    size_t count = sim_settings_resources(host, settings, GPU_PARTITION, &scratch).count;
    arena_release(&scratch);
    return count > 0;
}

/* What fails before the devices are asked for. */
static void check_start(SimHost *host, const SimObject *vm, const SimObject *settings, SimFailure *failure)
{
    bool automatic = sim_object_boolean(settings, "AutomaticSnapshotsEnabled") &&
                     sim_object_uint(settings, "UserSnapshotType") != 2;
    if (sim_vm_has_hidden_adapter(host, vm)) {
        sim_fail(host, failure, SIM_RETURN_FAILED, SIM_TEXT_START_FAILED, vm, NULL);
        sim_fail_layer(host, failure, SIM_TEXT_GPU_FAILED, vm, NULL);
        sim_fail_layer(host, failure, SIM_TEXT_GPU_MISSING, NULL, GONE_GPU);
    } else if (has_adapters(host, settings) && automatic) {
        sim_snapshot_check_devices(host, vm, failure); /* the automatic checkpoint fails, and the start with it */
    } else if (has_adapters(host, settings) && host->knobs.device_policy) {
        sim_fail(host, failure, SIM_RETURN_FAILED, SIM_TEXT_START_FAILED, vm, NULL);
        sim_fail_layer(host, failure, SIM_TEXT_GPU_FAILED, vm, NULL);
        sim_fail_layer(host, failure, SIM_TEXT_GPU_POLICY, NULL, "GPU Partition");
    }
}

void sim_run_start(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure)
{
    (void) job; /* all is in the VM */
    const SimObject *settings = sim_vm_settings(host, vm);
    check_start(host, vm, settings, failure);
    if (failure->code == 0)
        sim_vm_power_on(host, vm, failure);
}

static void power_off(SimHost *host, SimObject *vm, uint64_t state)
{
    remove_devices(host, vm, NULL);
    sim_vm_set_state(host, vm, state);
    sim_object_set_uint(host, vm, "RequestedState", 12);
    set_saved(host, vm, state == SIM_STATE_SAVED);
    sim_object_set(host, vm, "ProcessID", cim_null(CIM_TYPE_UINT32));
    if (state == SIM_STATE_OFF)
        sim_vm_tidy_disks(host, vm); /* what could not be merged while it was on */
}

void sim_run_stop(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure)
{
    (void) job;
    (void) failure; /* a power cut always works */
    power_off(host, vm, SIM_STATE_OFF);
}

/* Drivers before Windows 11 24H2 cannot save a partition. Unverified: the code and the text. */
void sim_run_save(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure)
{
    (void) job;
    if (has_adapters(host, sim_vm_settings(host, vm)) && !host->knobs.gpu_save) {
        sim_fail(host, failure, SIM_RETURN_FAILED, SIM_TEXT_SAVE_FAILED, vm, NULL);
        sim_fail_layer(host, failure, SIM_TEXT_GPU_NO_SAVE, NULL, NULL);
        return;
    }
    power_off(host, vm, SIM_STATE_SAVED);
}

void sim_run_pause(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure)
{
    (void) job;
    (void) failure;
    sim_vm_set_state(host, vm, SIM_STATE_PAUSED);
}

void sim_run_resume(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure)
{
    (void) job;
    (void) failure;
    sim_vm_set_state(host, vm, SIM_STATE_RUNNING);
}

/* ---- calls ---- */

static bool has_shutdown_component(const SimHost *host, const SimObject *vm)
{
    SimWalk walk = sim_walk(host, "Msvm_ShutdownComponent");
    for (const SimObject *object; (object = sim_walk_next(&walk)) != NULL;) {
        if (ascii_equals(sim_object_text(object, "SystemName"), sim_vm_guid(vm)))
            return true;
    }
    return false;
}

/* Which job a requested state means in a state. Unverified: 3 on a saved VM. */
static const struct {
    uint16_t from, requested;
    const char *job;
    bool needs_guest; /* its shutdown component */
} transitions[] = {
    { SIM_STATE_OFF, 2, "start", false },      { SIM_STATE_RUNNING, 3, "turn-off", false },
    { SIM_STATE_RUNNING, 4, "shut-down", true }, { SIM_STATE_RUNNING, 6, "save", false },
    { SIM_STATE_RUNNING, 9, "pause", false },  { SIM_STATE_RUNNING, 10, "reboot", true },
    { SIM_STATE_RUNNING, 11, "reset", false }, { SIM_STATE_PAUSED, 2, "resume", false },
    { SIM_STATE_PAUSED, 3, "turn-off", false }, { SIM_STATE_PAUSED, 6, "save", false },
    { SIM_STATE_SAVED, 2, "restore", false },  { SIM_STATE_SAVED, 3, "turn-off", false },
};

uint32_t sim_vm_request_state_change(SimCall *call)
{
    if (!sim_vm_is(call->object))
        return SIM_RETURN_NOT_SUPPORTED;
    uint64_t requested = cim_instance_uint(call->in, "RequestedState", 0);
    uint64_t state = sim_vm_state(call->object);
    for (size_t i = 0; i < COUNT_OF(transitions) && !sim_vm_is_held(call->object); i++) {
        if (transitions[i].from != state || transitions[i].requested != requested)
            continue;
        if (transitions[i].needs_guest && !has_shutdown_component(call->host, call->object))
            break;
        return sim_call_start_job(call, sim_job_create(call->host, transitions[i].job, call->object));
    }
    return SIM_RETURN_INVALID_STATE;
}

/* The methods of the component answer at once and show no job of their own; the VM follows later. */
static uint32_t ask_guest(SimCall *call, const char *job)
{
    SimObject *vm = sim_vm_find(call->host, sim_object_text(call->object, "SystemName"));
    if (vm == NULL || sim_vm_state(vm) != SIM_STATE_RUNNING || sim_vm_is_busy(vm))
        return SIM_RETURN_NOT_READY;
    sim_job_start(call->host, sim_job_create(call->host, job, vm));
    return SIM_RETURN_OK;
}

uint32_t sim_shutdown_initiate_shutdown(SimCall *call)
{
    return ask_guest(call, "shut-down");
}

uint32_t sim_shutdown_initiate_reboot(SimCall *call)
{
    return ask_guest(call, "reboot");
}
