/* SPDX-License-Identifier: MIT */
/* VMs, their configurations and resources in the object store. */
#include "sim/store/vm_model.h"

#include "base/ascii.h"
#include "base/check.h"
#include "base/compiler.h"
#include "base/guid.h"
#include "platform/random.h"
#include "sim/store/texts.h"

#include <stdio.h>
#include <string.h>

#define ID_PREFIX "Microsoft:"
enum { ID_PREFIX_LENGTH = 10 };

/* ---- VMs ---- */

SimObject *sim_vm_find(const SimHost *host, const char *guid)
{
    const SimClass *class = sim_class_find(host, NS_VIRTUALIZATION, "Msvm_ComputerSystem");
    if (class == NULL || !guid_is_valid(guid))
        return NULL;
    return sim_object_find(host, class, (const char *const[]){ "Msvm_ComputerSystem", guid }, 2);
}

bool sim_vm_is(const SimObject *object)
{
    return sim_object_is(object, "Msvm_ComputerSystem") && guid_is_valid(sim_object_text(object, "Name"));
}

const char *sim_vm_guid(const SimObject *vm)
{
    return sim_object_text(vm, "Name");
}

static SimObject *find_settings(const SimHost *host, const char *guid)
{
    const SimClass *class = sim_class_find(host, NS_VIRTUALIZATION, "Msvm_VirtualSystemSettingData");
    char id[ID_PREFIX_LENGTH + GUID_TEXT_LENGTH + 1];
    (void) snprintf(id, sizeof(id), ID_PREFIX "%.*s", GUID_TEXT_LENGTH, guid);
    return class == NULL ? NULL : sim_object_find(host, class, (const char *const[]){ id }, 1);
}

SimObject *sim_vm_settings(const SimHost *host, const SimObject *vm)
{
    return find_settings(host, sim_vm_guid(vm));
}

uint64_t sim_vm_state(const SimObject *vm)
{
    return sim_object_uint(vm, "EnabledState");
}

void sim_vm_set_state(SimHost *host, SimObject *vm, uint64_t state)
{
    if (sim_vm_state(vm) == state)
        return;
    sim_object_set_uint(host, vm, "EnabledState", state);
    sim_object_set_time(host, vm, "TimeOfLastStateChange", host->now_ms);
}

static bool state_is_steady(uint64_t state)
{
    return state == SIM_STATE_RUNNING || state == SIM_STATE_OFF || state == SIM_STATE_SAVED ||
           state == SIM_STATE_PAUSED;
}

/* OperationalStatus[1]; 0: none. */
static uint16_t operation_of(const SimObject *vm)
{
    const CimValue *status = sim_object_value(vm, "OperationalStatus");
    bool working = !status->is_null && status->array.count > 1 && status->array.items[1].uint >= 32768;
    return working ? (uint16_t) status->array.items[1].uint : 0;
}

bool sim_vm_is_busy(const SimObject *vm)
{
    return operation_of(vm) != 0 || !state_is_steady(sim_vm_state(vm));
}

bool sim_vm_is_held(const SimObject *vm)
{
    uint16_t operation = operation_of(vm);
    return (operation != 0 && operation != SIM_OPERATION_MERGING) || !state_is_steady(sim_vm_state(vm));
}

void sim_vm_set_operation(SimHost *host, SimObject *vm, uint16_t operation)
{
    static const struct {
        uint16_t operation;
        SimText text;
    } texts[] = {
        { SIM_OPERATION_CREATING, SIM_TEXT_STATUS_CREATING_CHECKPOINT },
        { SIM_OPERATION_APPLYING, SIM_TEXT_STATUS_APPLYING_CHECKPOINT },
        { SIM_OPERATION_DELETING, SIM_TEXT_STATUS_DELETING_CHECKPOINT },
        { SIM_OPERATION_MERGING, SIM_TEXT_STATUS_MERGING_DISKS },
    };
    SimText text = SIM_TEXT_STATUS_OK;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        if (texts[i].operation == operation)
            text = texts[i].text;
    }
    size_t count = operation == 0 ? 1 : 2;
    const char *descriptions[] = { sim_text(host, SIM_TEXT_STATUS_OK, NULL, NULL, &host->arena),
                                   sim_text(host, text, NULL, NULL, &host->arena) };
    sim_object_set_numbers(host, vm, "OperationalStatus", (const uint16_t[]){ 2, operation }, count);
    sim_object_set_texts(host, vm, "StatusDescriptions", descriptions, count);
}

bool sim_vm_has_hidden_adapter(const SimHost *host, const SimObject *vm)
{
    for (size_t i = 0; i < host->hidden_adapters.count; i++) {
        if (ascii_equals(host->hidden_adapters.items[i], sim_vm_guid(vm)))
            return true;
    }
    return false;
}

/* ---- configurations ---- */

SimObject *sim_settings_vm(const SimHost *host, const SimObject *settings)
{
    return sim_vm_find(host, sim_object_text(settings, "VirtualSystemIdentifier"));
}

static bool has_type(const SimObject *settings, const char *type)
{
    return sim_object_is(settings, "Msvm_VirtualSystemSettingData") &&
           ascii_equals(sim_object_text(settings, "VirtualSystemType"), type);
}

bool sim_settings_is_current(const SimObject *settings)
{
    return has_type(settings, SIM_TYPE_CURRENT);
}

bool sim_settings_is_checkpoint(const SimObject *settings)
{
    return sim_object_is(settings, "Msvm_VirtualSystemSettingData") &&
           ascii_starts_with(sim_object_text(settings, "VirtualSystemType"), SIM_TYPE_CHECKPOINT_PREFIX);
}

/* ---- resources: InstanceID is "Microsoft:<GUID of the configuration>\<device>" ---- */

static bool has_resource_id(const char *id)
{
    return ascii_starts_with(id, ID_PREFIX) && guid_is_prefix(id + ID_PREFIX_LENGTH) &&
           id[ID_PREFIX_LENGTH + GUID_TEXT_LENGTH] == '\\';
}

SimObject *sim_resource_settings(const SimHost *host, const SimObject *resource)
{
    const char *id = sim_object_text(resource, "InstanceID");
    return has_resource_id(id) ? find_settings(host, id + ID_PREFIX_LENGTH) : NULL;
}

const char *sim_resource_device(const SimObject *resource)
{
    const char *id = sim_object_text(resource, "InstanceID");
    CHECK(has_resource_id(id));
    return id + ID_PREFIX_LENGTH + GUID_TEXT_LENGTH + 1;
}

SimObjects sim_settings_resources(const SimHost *host, const SimObject *settings, const char *class_name, Arena *arena)
{
    SimObjects list = { .items = NULL };
    const char *id = sim_object_text(settings, "InstanceID");
    SimWalk walk = sim_walk(host, class_name);
    for (SimObject *object; (object = sim_walk_next(&walk)) != NULL;) {
        const char *resource_id = sim_object_text(object, "InstanceID");
        if (has_resource_id(resource_id) && ascii_starts_with(resource_id, id) && resource_id[strlen(id)] == '\\')
            ARRAY_PUSH(arena, &list, object);
    }
    return list;
}

void sim_settings_remove(SimHost *host, SimObject *settings)
{
    Arena scratch = ARENA_INIT;
    SimObjects list = sim_settings_resources(host, settings, "CIM_ResourceAllocationSettingData", &scratch);
    for (size_t i = 0; i < list.count; i++)
        sim_object_remove(host, list.items[i]);
    sim_object_remove(host, settings);
    arena_release(&scratch);
}

void sim_settings_copy_resources(SimHost *host, const SimObject *from, const SimObject *to)
{
    Arena scratch = ARENA_INIT;
    SimObjects list = sim_settings_resources(host, from, "CIM_ResourceAllocationSettingData", &scratch);
    for (size_t i = 0; i < list.count; i++) {
        const SimObject *source = list.items[i];
        SimObject *copy = sim_object_create(host, source->class);
        memcpy(copy->row.properties, source->row.properties, source->row.count * sizeof(CimProperty));
        const char *id =
            arena_printf(&scratch, "%s\\%s", sim_object_text(to, "InstanceID"), sim_resource_device(source));
        sim_object_set_text(host, copy, "InstanceID", id);
        if (!sim_object_insert(host, copy))
            continue; /* a state file can hold resources of a configuration that is only now made */
    }
    arena_release(&scratch);
}

const char *sim_adapter_gpu_path(const SimObject *adapter)
{
    const CimValue *value = sim_object_value(adapter, "HostResource");
    return value == NULL || value->is_null || value->array.count == 0 ? NULL : value->array.items[0].text;
}

SimObject *sim_gpu_at(const SimHost *host, const char *path)
{
    SimObject *gpu = sim_object_at(host, NS_VIRTUALIZATION, path);
    return gpu != NULL && sim_object_is(gpu, "Msvm_PartitionableGpu") ? gpu : NULL;
}

SimObject *sim_gpu_find(const SimHost *host, const char *name)
{
    const SimClass *class = sim_class_find(host, NS_VIRTUALIZATION, "Msvm_PartitionableGpu");
    if (class == NULL)
        return NULL;
    return sim_object_find(host, class, (const char *const[]){ "Msvm_PartitionableGpu", name }, 2);
}

/* ---- making ---- */

SimObject *sim_resource_create(SimHost *host, const SimObject *settings, const char *class_name, const char *device)
{
    SimClass *class = sim_class_find(host, NS_VIRTUALIZATION, class_name);
    if (class == NULL)
        return NULL;
    SimObject *resource = sim_object_create(host, class);
    sim_object_set_text(host, resource, "InstanceID",
                        arena_printf(&host->arena, "%s\\%s", sim_object_text(settings, "InstanceID"), device));
    return sim_object_insert(host, resource) ? resource : NULL;
}

/* The newest configuration version of each Windows, which a new VM gets (PowerShell documentation,
 * Get-VMHostSupportedVersion). */
static const char *configuration_version(uint32_t build)
{
    static const struct {
        uint32_t since;
        const char *version;
    } versions[] = { { 26100, "12.0" }, { 22621, "11.0" }, { 20348, "10.0" }, { 19041, "9.2" }, { 17763, "9.0" } };
    for (size_t i = 0; i < COUNT_OF(versions); i++) {
        if (build >= versions[i].since)
            return versions[i].version;
    }
    return "8.0";
}

static SimObject *create_settings(SimHost *host, const SimObject *vm, const SimVmPlan *plan)
{
    const char *guid = sim_vm_guid(vm);
    SimObject *settings =
        sim_object_create(host, sim_class_find(host, NS_VIRTUALIZATION, "Msvm_VirtualSystemSettingData"));
    sim_object_set_text(host, settings, "InstanceID", arena_printf(&host->arena, ID_PREFIX "%s", guid));
    sim_object_set_text(host, settings, "VirtualSystemIdentifier", guid);
    sim_object_set_text(host, settings, "ConfigurationID", guid);
    sim_object_set_text(host, settings, "ElementName", plan->name);
    sim_object_set_text(host, settings, "VirtualSystemSubType", plan->subtype);
    sim_object_set_text(host, settings, "Version", configuration_version(host->build));
    sim_object_set_time(host, settings, "CreationTime", plan->created_ms);
    sim_object_set_text(host, settings, "ConfigurationFile",
                        arena_printf(&host->arena, "Virtual Machines\\%s.vmcx", guid));
    sim_object_set_text(host, settings, "GuestStateFile",
                        arena_printf(&host->arena, "Virtual Machines\\%s.vmgs", guid));
    /* Automatic checkpoints are on for new VMs of client Windows since 1709. Unverified: off on Server. */
    sim_object_set_boolean(host, settings, "AutomaticSnapshotsEnabled", !host->is_server);
    CHECK(sim_object_insert(host, settings));
    return settings;
}

SimObject *sim_vm_create(SimHost *host, const SimVmPlan *plan)
{
    char new_guid[GUID_TEXT_LENGTH + 1];
    random_guid(new_guid);
    SimObject *vm = sim_object_create(host, sim_class_find(host, NS_VIRTUALIZATION, "Msvm_ComputerSystem"));
    sim_object_set_text(host, vm, "Name", plan->guid != NULL ? plan->guid : new_guid);
    sim_object_set_text(host, vm, "ElementName", plan->name);
    sim_object_set_time(host, vm, "InstallDate", plan->created_ms);
    sim_object_set_time(host, vm, "TimeOfLastStateChange", plan->created_ms);
    sim_object_set_time(host, vm, "TimeOfLastConfigurationChange", plan->created_ms);
    CHECK(sim_object_insert(host, vm));
    SimObject *settings = create_settings(host, vm, plan);
    /* The device parts are the same on every host. */
    SimObject *memory =
        sim_resource_create(host, settings, "Msvm_MemorySettingData", "4764334d-e001-4176-82ee-5594ec9b530e");
    SimObject *processor =
        sim_resource_create(host, settings, "Msvm_ProcessorSettingData", "b637f346-6a0e-4dec-af52-bd70cb80a21d\\0");
    sim_object_set_uint(host, memory, "VirtualQuantity", plan->memory);
    sim_object_set_uint(host, memory, "Reservation", plan->memory);
    sim_object_set_uint(host, memory, "Limit", plan->memory);
    sim_object_set_uint(host, processor, "VirtualQuantity", plan->processors);
    sim_resource_create(host, settings, "Msvm_ShutdownComponentSettingData", "9F8233AC-BE49-4C79-8EE3-E7E1985B2077");
    sim_resource_create(host, settings, "Msvm_HeartbeatComponentSettingData", "84EAAE65-2F2E-45F5-9BB5-0E857DC8EB47");
    sim_resource_create(host, settings, "Msvm_KvpExchangeComponentSettingData", "2A34B1C2-FD73-4043-8A5B-DD2159BC743F");
    sim_resource_create(host, settings, "Msvm_GuestServiceInterfaceComponentSettingData",
                        "6C09BB55-D683-4DA0-8931-C9BF705F6480");
    return vm;
}

SimObject *sim_device_create(SimHost *host, const SimObject *vm, const char *class_name, const char *device_id)
{
    SimObject *device = sim_object_create(host, sim_class_find(host, NS_VIRTUALIZATION, class_name));
    sim_object_set_text(host, device, "SystemName", sim_vm_guid(vm));
    sim_object_set_text(host, device, "DeviceID", device_id);
    return device;
}
