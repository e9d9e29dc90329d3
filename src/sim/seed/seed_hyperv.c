/* SPDX-License-Identifier: MIT */
/* The sample host's root\virtualization\v2. Numbers of the GPUs, pools and templates: recorded on a Windows
 * 11-class host. */
#include "sim/seed/seed.h"

#include "base/check.h"
#include "base/compiler.h"
#include "sim/services/disks.h"
#include "sim/services/power.h"
#include "sim/store/vm_model.h"

#include <string.h>

#define GPU_CAPABILITIES "0DCC3FD1-21BD-423E-AB0B-A3A7451CE985"
#define DISK_BYTES (UINT64_C(24) << 30)
#define DISKS "C:\\ProgramData\\Microsoft\\Windows\\Virtual Hard Disks\\"

const int64_t sim_seed_created_ms = INT64_C(1724143500000); /* 2024-08-20 08:45 */

static SimObject *create(SimHost *host, const char *class_name)
{
    return sim_object_create(host, sim_class_find(host, NS_VIRTUALIZATION, class_name));
}

/* ---- the host itself ---- */

static void seed_host_row(SimHost *host)
{
    SimObject *row = create(host, "Msvm_ComputerSystem");
    sim_object_set_text(host, row, "Name", host->name);
    sim_object_set_text(host, row, "ElementName", host->name);
    sim_object_set_text(host, row, "Caption", host->knobs.german ? "Hostcomputersystem" : "Hosting Computer System");
    sim_object_set_text(host, row, "Description",
                        host->knobs.german ? "Microsoft-Hostcomputersystem" : "Microsoft Hosting Computer System");
    sim_object_set_uint(host, row, "EnabledState", SIM_STATE_RUNNING);
    sim_object_set_uint(host, row, "RequestedState", 12);
    sim_object_set_uint(host, row, "EnabledDefault", 2);
    sim_object_set(host, row, "OnTimeInMilliseconds", cim_null(CIM_TYPE_UINT64));
    CHECK(sim_object_insert(host, row));
}

static void seed_services(SimHost *host)
{
    static const char *const classes[] = { "Msvm_VirtualSystemManagementService", "Msvm_VirtualSystemSnapshotService" };
    for (size_t i = 0; i < COUNT_OF(classes); i++) {
        SimObject *service = create(host, classes[i]);
        sim_object_set_text(host, service, "SystemName", host->name);
        CHECK(sim_object_insert(host, service));
    }
    SimObject *settings = create(host, "Msvm_VirtualSystemManagementServiceSettingData");
    sim_object_set_text(host, settings, "InstanceID", arena_printf(&host->arena, "Microsoft:%s", host->name));
    CHECK(sim_object_insert(host, settings));
}

/* Pools and what can be allocated from them. Unverified: the GUIDs of the pools, and that the capabilities of GPU
 * partitions have the GUID of their templates. */
static void seed_pools(SimHost *host)
{
    static const struct {
        const char *class_name, *guid, *capabilities;
        uint16_t type;
        const char *subtype, *units;
        uint64_t reserved, consumable;
    } pools[] = {
        { "Msvm_ResourcePool", "6B2D4E6C-9F0E-4C7A-8E55-5A9C1D7F3A01", GPU_CAPABILITIES, 32770, SIM_SUBTYPE_GPU,
          "count", 0, 0 },
        { "Msvm_ResourcePool", "4BB0F3D1-7B44-4C46-9E0F-3D6B1F7C2A02", "70BB60D2-A9D3-46AA-B654-3DE53004B4F8", 4,
          "Microsoft:Hyper-V:Memory", "byte * 2^20", 12800, 46098 },
        { "Msvm_ProcessorPool", "A8B0C5E7-2D1C-4F3B-9A6E-0C4D8E2B5A03", "D4D3F4A0-9A2C-4B0E-8A39-5C3E7A1D6A04", 3,
          "Microsoft:Hyper-V:Processor", "percent / 1000", 0, 2400000 },
        { "Msvm_ResourcePool", "5A2C1E9D-8F7B-4D35-B1C0-7E6D9F8A4A05", "7F1E2D3C-4B5A-4968-8776-95A4B3C2D1E0", 32769,
          "Microsoft:Hyper-V:Virtual Pci Express Port", "count", 0, 0 },
    };
    for (size_t i = 0; i < COUNT_OF(pools); i++) {
        SimObject *pool = create(host, pools[i].class_name);
        sim_object_set_text(host, pool, "InstanceID", arena_printf(&host->arena, "Microsoft:%s", pools[i].guid));
        sim_object_set_uint(host, pool, "ResourceType", pools[i].type);
        sim_object_set_text(host, pool, "ResourceSubType", pools[i].subtype);
        sim_object_set_text(host, pool, "AllocationUnits", pools[i].units);
        sim_object_set_uint(host, pool, "Capacity", pools[i].consumable);
        sim_object_set_uint(host, pool, "Reserved", pools[i].reserved);
        sim_object_set_uint(host, pool, "MaxConsumableResource", pools[i].consumable);
        CHECK(sim_object_insert(host, pool));
        SimObject *capabilities = create(host, "Msvm_AllocationCapabilities");
        sim_object_set_text(host, capabilities, "InstanceID",
                            arena_printf(&host->arena, "Microsoft:%s", pools[i].capabilities));
        sim_object_set_uint(host, capabilities, "ResourceType", pools[i].type);
        sim_object_set_text(host, capabilities, "ResourceSubType", pools[i].subtype);
        CHECK(sim_object_insert(host, capabilities));
    }
}

static void seed_templates(SimHost *host)
{
    static const char *const names[] = { "Default", "Minimum", "Maximum", "Increment" };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        SimObject *template = create(host, "Msvm_GpuPartitionSettingData");
        sim_object_set_text(host, template, "InstanceID",
                            arena_printf(&host->arena, SIM_DEFINITION_PREFIX GPU_CAPABILITIES "\\%s", names[i]));
        CHECK(sim_object_insert(host, template));
    }
}

static void seed_gpus(SimHost *host, const SimSeed *seed)
{
    for (size_t i = 0; i < SIM_SEED_GPU_COUNT; i++) {
        SimObject *gpu = create(host, "Msvm_PartitionableGpu");
        sim_object_set_text(host, gpu, "Name", sim_seed_gpu_name(&sim_seed_gpus[i], &host->arena));
        sim_object_set_boolean(host, gpu, "SupportsIncomingLiveMigration", seed->is_server);
        CHECK(sim_object_insert(host, gpu));
    }
}

/* ---- VMs ---- */

SimObject *sim_seed_vm(SimHost *host, const char *guid, const char *name, uint64_t memory, uint64_t processors)
{
    SimObject *vm = sim_vm_create(host, &(SimVmPlan){ .guid = guid,
                                                      .name = name,
                                                      .subtype = "Microsoft:Hyper-V:SubType:2",
                                                      .memory = memory,
                                                      .processors = processors,
                                                      .created_ms = sim_seed_created_ms });
    const char *disk = arena_printf(&host->arena, DISKS "%s.vhdx", name);
    SimObject *storage = sim_resource_create(host, sim_vm_settings(host, vm), "Msvm_StorageAllocationSettingData",
                                             "83F8638B-8DCA-4152-9EDA-2CA8B33039B4\\0\\0\\L");
    CHECK(storage != NULL);
    sim_object_set_texts(host, storage, "HostResource", &disk, 1);
    sim_disk_add(host, disk, NULL, DISK_BYTES);
    return vm;
}

/* path: of the GPU it is pinned to; builds before 20348 do not keep it. */
static SimObject *seed_pinned(SimHost *host, const SimObject *settings, const char *device, const char *path)
{
    SimObject *adapter = sim_resource_create(host, settings, "Msvm_GpuPartitionSettingData", device);
    CHECK(adapter != NULL);
    if (host->build >= 20348)
        sim_object_set_texts(host, adapter, "HostResource", &path, 1);
    return adapter;
}

SimObject *sim_seed_adapter(SimHost *host, const SimObject *settings, const char *device, size_t gpu)
{
    const SimObject *object = sim_gpu_find(host, sim_seed_gpu_name(&sim_seed_gpus[gpu], &host->arena));
    return seed_pinned(host, settings, device, sim_object_path(host, object, &host->arena));
}

/* The two adapters differ in their limits: one has them all, the other none. */
static void seed_my_vm(SimHost *host, const SimSeed *seed)
{
    static const char *const kinds[] = { "VRAM", "Encode", "Decode", "Compute" };
    SimObject *vm = sim_seed_vm(host, "F65D0775-1CA1-4804-9305-71F4A38BDD83", "my vm", 8192, 4);
    const SimObject *settings = sim_vm_settings(host, vm);
    if (!seed->has_gpus)
        return;
    SimObject *radeon = sim_seed_adapter(host, settings, "EDF7D457-23FC-4358-902A-57B31399ED19", 1);
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        sim_object_set_uint(host, radeon, arena_printf(&host->arena, "MinPartition%s", kinds[i]), 80000000);
        sim_object_set_uint(host, radeon, arena_printf(&host->arena, "MaxPartition%s", kinds[i]), 100000000);
        sim_object_set_uint(host, radeon, arena_printf(&host->arena, "OptimalPartition%s", kinds[i]), 100000000);
    }
    sim_seed_adapter(host, settings, "AAAAAAAA-0000-0000-0000-000000000002", 0);
}

/* Running, with a GPU partition in use. */
static void seed_render_vm(SimHost *host, const SimSeed *seed)
{
    SimObject *vm = sim_seed_vm(host, "0F0E0D0C-0B0A-4908-8706-050403020100", "render", 16384, 8);
    SimObject *settings = sim_vm_settings(host, vm);
    SimFailure failure = { 0 };
    sim_object_set_boolean(host, settings, "AutomaticSnapshotsEnabled", false);
    sim_object_set_boolean(host, settings, "GuestControlledCacheTypes", true);
    sim_object_set_uint(host, settings, "LowMmioGapSize", 1024);
    sim_object_set_uint(host, settings, "HighMmioGapSize", 32768);
    sim_object_set_uint(host, settings, "AutomaticShutdownAction", 2);
    if (seed->has_gpus)
        sim_seed_adapter(host, settings, "A1B2C3D4-0001-4002-8003-0123456789AB", 2);
    sim_vm_power_on(host, vm, &failure);
    CHECK(failure.code == 0);
    sim_object_set_time(host, vm, "TimeOfLastStateChange", host->now_ms - 3 * 60 * 60 * 1000);
}

SimObject *sim_seed_checkpoint(SimHost *host, const SimObject *vm, const char *guid, const char *name, int64_t when_ms,
                               uint64_t size)
{
    SimObject *current = sim_vm_settings(host, vm);
    SimObject *checkpoint = create(host, "Msvm_VirtualSystemSettingData");
    memcpy(checkpoint->row.properties, current->row.properties, current->row.count * sizeof(CimProperty));
    sim_object_set_text(host, checkpoint, "InstanceID", arena_printf(&host->arena, "Microsoft:%s", guid));
    sim_object_set_text(host, checkpoint, "VirtualSystemType", SIM_TYPE_CHECKPOINT);
    sim_object_set_text(host, checkpoint, "ElementName", name);
    sim_object_set_text(host, checkpoint, "ConfigurationID", guid);
    sim_object_set_text(host, checkpoint, "ConfigurationFile", arena_printf(&host->arena, "Snapshots\\%s.vmcx", guid));
    sim_object_set_text(host, checkpoint, "GuestStateFile", arena_printf(&host->arena, "Snapshots\\%s.vmgs", guid));
    sim_object_set_time(host, checkpoint, "CreationTime", when_ms);
    CHECK(sim_object_insert(host, checkpoint));
    sim_settings_copy_resources(host, current, checkpoint);
    sim_object_set_text(host, current, "Parent", sim_object_path(host, checkpoint, &host->arena));
    sim_disks_branch(host, current, guid, size);
    return checkpoint;
}

static void seed_lab_vm(SimHost *host)
{
    SimObject *vm = sim_seed_vm(host, "7B61DC96-3BBD-455F-8027-B18D2CFD643A", "lab", 4096, 2);
    sim_seed_checkpoint(host, vm, "0A43B27E-6728-449E-9AF8-584F60345AD4", "lab - (2024/8/21 - 10:15:00)",
                        sim_seed_created_ms + 91800000, UINT64_C(3) << 30);
    sim_seed_checkpoint(host, vm, "1D9B6C04-55E2-4A7F-9C1B-6E0F2A7D8B11", "before the update",
                        sim_seed_created_ms + 178200000, UINT64_C(512) << 20);
}

static void seed_variant_vms(SimHost *host, const SimSeed *seed)
{
    if (seed->has_stale_vm) {
        SimObject *vm = sim_seed_vm(host, "5C1A7E20-0F3B-4D52-A1C7-9E8D7F6A5B01", "stale vm", 4096, 2);
        ARRAY_PUSH(&host->arena, &host->hidden_adapters, sim_vm_guid(vm));
    }
    if (seed->has_unplugged_vm) {
        static const char path[] =
            "Msvm_PartitionableGpu.CreationClassName=\"Msvm_PartitionableGpu\",Name=\"\\\\\\\\?\\\\"
            "PCI#VEN_10DE&DEV_1E84&SUBSYS_139F10DE&REV_A1#4&2283f625&0&0019"
            "#{064092b3-625e-43bf-9eb5-dc845897dd59}\\\\GPUPARAV\"";
        SimObject *vm = sim_seed_vm(host, "5C1A7E20-0F3B-4D52-A1C7-9E8D7F6A5B02", "unplugged vm", 4096, 2);
        seed_pinned(host, sim_vm_settings(host, vm), "0E2D4C6B-8A97-4615-B3C4-D5E6F7081923",
                    arena_printf(&host->arena, "\\\\%s\\%s:%s", host->name, NS_VIRTUALIZATION, path));
    }
}

void sim_seed_hyperv(SimHost *host, const SimSeed *seed)
{
    seed_host_row(host);
    seed_services(host);
    seed_pools(host);
    seed_templates(host);
    if (seed->has_gpus)
        seed_gpus(host, seed);
    seed_my_vm(host, seed);
    seed_render_vm(host, seed);
    sim_seed_vm(host, "65DC9856-6807-4149-856F-A70FF052A931", "build agent", 4096, 4);
    sim_seed_vm(host, "92201C9D-9158-49D7-BF1F-0A11BFE08715", "Łódź-Größe 開発", 2048, 2);
    seed_lab_vm(host);
    seed_variant_vms(host, seed);
}
