/* SPDX-License-Identifier: MIT */
/* The sample host's root\cimv2: devices and drivers of its GPUs, and the Windows it runs; and that of its guest. Forms
 * of the values: the class pages of the Windows SDK (Win32_PnPEntity, Win32_PnPSignedDriver, Win32_VideoController,
 * Win32_Directory). */
#include "sim/seed/seed.h"

#include "base/check.h"
#include "base/compiler.h"
#include "sim/seed/sample_files.h"

#include <stdio.h>
#include <string.h>

#define MIB (UINT64_C(1024) * 1024)
#define DISPLAY "{4d36e968-e325-11ce-bfc1-08002be10318}"

#define NVIDIA \
    .service = "nvlddmkm", .provider = "NVIDIA", .manufacturer = "NVIDIA", .driver_version = "32.0.15.6094", \
    .driver_date = "20240814", .inf = "oem12.inf", .store = "nv_dispi.inf_amd64_4a1b6d2f0c9e8d37", \
    .user_driver = "nvldumdx.dll"

const SimSeedGpu sim_seed_gpus[SIM_SEED_GPU_COUNT] = {
    { .name = "NVIDIA GeForce RTX 4060", .path = "PCI#VEN_10DE&DEV_2882&SUBSYS_11111462&REV_A1#4&11111111&0&0008",
      .device_id = "PCI\\VEN_10DE&DEV_2882&SUBSYS_11111462&REV_A1\\4&11111111&0&0008", NVIDIA, .memory = 8188 * MIB,
      .location = "PCI bus 1, device 0, function 0" },
    { .name = "Radeon RX 6800 XT", .path = "PCI#VEN_1002&DEV_73BF&SUBSYS_0E3A1002&REV_C1#6&22222222&0&00000008",
      .device_id = "PCI\\VEN_1002&DEV_73BF&SUBSYS_0E3A1002&REV_C1\\6&22222222&0&00000008", .service = "amduw23g",
      .provider = "Advanced Micro Devices, Inc.", .manufacturer = "Advanced Micro Devices, Inc.",
      .driver_version = "31.0.24019.1006", .driver_date = "20240312", .inf = "oem31.inf",
      .store = "u0400975.inf_amd64_77c1b0a9e5d4f213", .user_driver = "B400821\\amdxc64.dll", .memory = 16368 * MIB,
      .location = "PCI bus 12, device 0, function 0" },
    { .name = "NVIDIA GeForce RTX 3080", .path = "PCI#VEN_10DE&DEV_2206&SUBSYS_38971462&REV_A1#4&17f0f7d2&0&0008",
      .device_id = "PCI\\VEN_10DE&DEV_2206&SUBSYS_38971462&REV_A1\\4&17F0F7D2&0&0008", NVIDIA, .memory = 10240 * MIB,
      .location = "PCI bus 2, device 0, function 0" },
    { .name = "NVIDIA GeForce RTX 4060", .path = "PCI#VEN_10DE&DEV_2882&SUBSYS_11111462&REV_A1#4&33333333&0&0010",
      .device_id = "PCI\\VEN_10DE&DEV_2882&SUBSYS_11111462&REV_A1\\4&33333333&0&0010", NVIDIA, .memory = 8188 * MIB,
      .location = "PCI bus 3, device 0, function 0" },
    { .name = "Intel(R) UHD Graphics 770", .path = "PCI#VEN_8086&DEV_4680&SUBSYS_7D251462&REV_0C#3&44444444&0&10",
      .device_id = "PCI\\VEN_8086&DEV_4680&SUBSYS_7D251462&REV_0C\\3&44444444&0&10", .service = "igfxnd",
      .provider = "Intel Corporation", .manufacturer = "Intel Corporation", .driver_version = "31.0.101.5590",
      .driver_date = "20240530", .inf = "oem45.inf", .store = "iigd_dch.inf_amd64_1f3e5d7c9b0a2846",
      .user_driver = "igd10iumd64.dll", .memory = 128 * MIB, .location = "PCI bus 0, device 2, function 0" },
};

const char *sim_seed_gpu_name(const SimSeedGpu *gpu, Arena *arena)
{
    return arena_printf(arena, "\\\\?\\%s#{064092b3-625e-43bf-9eb5-dc845897dd59}\\GPUPARAV", gpu->path);
}

static SimObject *create(SimHost *host, const char *class_name)
{
    return sim_object_create(host, sim_class_find(host, NS_CIMV2, class_name));
}

static void set_names(SimHost *host, SimObject *object, const char *name)
{
    sim_object_set_text(host, object, "Name", name);
    sim_object_set_text(host, object, "Caption", name);
    sim_object_set_text(host, object, "Description", name);
}

static SimObject *seed_device(SimHost *host, const char *name, const char *device_id, const char *service,
                              const char *manufacturer, const char *class_name, const char *class_guid)
{
    SimObject *device = create(host, "Win32_PnPEntity");
    set_names(host, device, name);
    sim_object_set_text(host, device, "DeviceID", device_id);
    sim_object_set_text(host, device, "PNPDeviceID", device_id);
    sim_object_set_text(host, device, "PNPClass", class_name);
    sim_object_set_text(host, device, "ClassGuid", class_guid);
    sim_object_set_text(host, device, "Manufacturer", manufacturer);
    sim_object_set_text(host, device, "Service", service);
    sim_object_set_text(host, device, "SystemName", host->name);
    CHECK(sim_object_insert(host, device));
    return device;
}

static void seed_driver(SimHost *host, const SimSeedGpu *gpu)
{
    SimObject *driver = create(host, "Win32_PnPSignedDriver");
    sim_object_set_text(host, driver, "DeviceID", gpu->device_id);
    sim_object_set_text(host, driver, "DeviceName", gpu->name);
    sim_object_set_text(host, driver, "Description", gpu->name);
    sim_object_set_text(host, driver, "DriverProviderName", gpu->provider);
    sim_object_set_text(host, driver, "DriverVersion", gpu->driver_version);
    sim_object_set_text(host, driver, "DriverDate",
                        arena_printf(&host->arena, "%s000000.******+***", gpu->driver_date));
    sim_object_set_text(host, driver, "InfName", gpu->inf);
    sim_object_set_text(host, driver, "Location", gpu->location);
    sim_object_set_text(host, driver, "Manufacturer", gpu->manufacturer);
    CHECK(sim_object_insert(host, driver));
}

static void seed_video(SimHost *host, const SimSeedGpu *gpu, size_t number)
{
    SimObject *video = create(host, "Win32_VideoController");
    set_names(host, video, gpu->name);
    sim_object_set_text(host, video, "DeviceID", arena_printf(&host->arena, "VideoController%zu", number));
    sim_object_set_text(host, video, "PNPDeviceID", gpu->device_id);
    sim_object_set_text(host, video, "AdapterCompatibility", gpu->manufacturer);
    sim_object_set_uint(host, video, "AdapterRAM",
                        gpu->memory < UINT32_MAX ? gpu->memory : 4293918720u); /* no more fits */
    sim_object_set_text(host, video, "DriverVersion", gpu->driver_version);
    sim_object_set_text(host, video, "DriverDate", arena_printf(&host->arena, "%s000000.000000-000", gpu->driver_date));
    sim_object_set_text(host, video, "InfFilename", gpu->inf);
    sim_object_set_text(host, video, "InstalledDisplayDrivers",
                        arena_printf(&host->arena, "C:\\Windows\\System32\\DriverStore\\FileRepository\\%s\\%s",
                                     gpu->store, gpu->user_driver));
    sim_object_set_text(host, video, "VideoProcessor", gpu->name);
    sim_object_set_text(host, video, "SystemName", host->name);
    CHECK(sim_object_insert(host, video));
}

static void seed_windows(SimHost *host, const SimSeed *seed)
{
    SimObject *system = create(host, "Win32_OperatingSystem");
    sim_object_set_text(host, system, "Name",
                        arena_printf(&host->arena, "%s|C:\\Windows|\\Device\\Harddisk0\\Partition3", seed->windows));
    sim_object_set_text(host, system, "Caption", seed->windows);
    sim_object_set_text(host, system, "BuildNumber", arena_printf(&host->arena, "%u", (unsigned) seed->build));
    sim_object_set_text(host, system, "Version", arena_printf(&host->arena, "10.0.%u", (unsigned) seed->build));
    sim_object_set_text(host, system, "CSName", host->name);
    sim_object_set_uint(host, system, "ProductType", seed->is_server ? 3 : 1);
    sim_object_set_text(host, system, "WindowsDirectory", "C:\\Windows");
    sim_object_set_text(host, system, "SystemDrive", "C:");
    CHECK(sim_object_insert(host, system));
    SimObject *computer = create(host, "Win32_ComputerSystem");
    set_names(host, computer, host->name);
    sim_object_set_text(host, computer, "DNSHostName", host->name);
    sim_object_set_text(host, computer, "Domain", "WORKGROUP");
    sim_object_set_uint(host, computer, "NumberOfLogicalProcessors", 24);
    sim_object_set_uint(host, computer, "TotalPhysicalMemory", 65536 * MIB);
    CHECK(sim_object_insert(host, computer));
}

void sim_seed_cimv2(SimHost *host, const SimSeed *seed)
{
    seed_windows(host, seed);
    for (size_t i = 0; i < SIM_SEED_GPU_COUNT && seed->has_gpus; i++) {
        const SimSeedGpu *gpu = &sim_seed_gpus[i];
        (void) seed_device(host, gpu->name, gpu->device_id, gpu->service, gpu->manufacturer, "Display", DISPLAY);
        seed_driver(host, gpu);
        seed_video(host, gpu, i + 1);
    }
    /* A neural processor: a device like a GPU in many ways, but no GPU and not partitionable. */
    (void) seed_device(host, "Intel(R) AI Boost", "PCI\\VEN_8086&DEV_7D1D&SUBSYS_7D251462&REV_04\\3&44444444&0&58",
                       "npu", "Intel Corporation", "ComputeAccelerator", "{f01a9d53-3ff6-48d2-9f97-c8a7004be10c}");
}

/* ---- the guest ---- */

#define GUEST_STORE "C:\\Windows\\System32\\HostDriverStore"

/* class_name: Win32_Directory, CIM_DataFile. NULL: it is there already. */
static SimObject *seed_on_disk(SimHost *host, const char *class_name, const char *path)
{
    SimObject *object = create(host, class_name);
    set_names(host, object, path);
    sim_object_set_text(host, object, "CSName", host->name);
    return sim_object_insert(host, object) ? object : NULL;
}

/* With the folders above it. */
static void seed_guest_file(SimHost *host, const char *path, uint64_t size)
{
    Arena *arena = &host->arena;
    const char *full = arena_printf(arena, "C:\\Windows\\%s", path);
    for (const char *end = strchr(full + strlen("C:\\Windows\\"), '\\'); end != NULL; end = strchr(end + 1, '\\'))
        (void) seed_on_disk(host, "Win32_Directory", arena_strndup(arena, full, (size_t) (end - full)));
    SimObject *file = seed_on_disk(host, "CIM_DataFile", full);
    CHECK(file != NULL);
    sim_object_set_uint(host, file, "FileSize", size);
}

/* As installdrivers leaves a package. */
static void seed_package(SimHost *host, const char *name, const char *folder)
{
    Arena *arena = &host->arena;
    (void) seed_on_disk(host, "Win32_Directory", arena_printf(arena, GUEST_STORE "\\FileRepository\\%s", folder));
    sim_sample_guest_files(host, folder, seed_guest_file);
    (void) seed_on_disk(host, "CIM_DataFile", arena_printf(arena, GUEST_STORE "\\HyperPoint\\%s.json", name));
    (void) seed_on_disk(host, "CIM_DataFile",
                        arena_printf(arena, GUEST_STORE "\\HyperPoint\\%s.installed.json", name));
}

/* Windows gives the virtual device the name of the host's GPU. Unverified: the end of its ID. */
static void seed_virtual_gpu(SimHost *host, const SimSeedGpu *gpu, unsigned number, bool works)
{
    const char *id = arena_printf(&host->arena, "PCI\\VEN_1414&DEV_008E&SUBSYS_00000000&REV_00\\5&%08X&0&0", number);
    SimObject *device = seed_device(host, gpu->name, id, "vrd", "Microsoft", "Display", DISPLAY);
    if (works)
        return;
    sim_object_set_uint(host, device, "ConfigManagerErrorCode", 43);
    sim_object_set_text(host, device, "Status", "Error");
}

void sim_seed_guest(SimHost *host, const SimSeed *seed)
{
    static const struct {
        const SimSeedGpu *gpu;
        const char *package;
        const char *former_package, *former_folder; /* of an earlier driver */
    } assigned[] = {
        { &sim_seed_gpus[0], "NVIDIA_20240814", "NVIDIA_20240604", "nv_dispi.inf_amd64_00ff11ee22dd33cc" },
        { &sim_seed_gpus[1], "AMD_20240312", "AMD_20231102", "u0399999.inf_amd64_9988776655443322" },
    };
    seed_windows(host, seed);
    (void) seed_on_disk(host, "Win32_Directory", GUEST_STORE);
    (void) seed_on_disk(host, "Win32_Directory", GUEST_STORE "\\FileRepository");
    (void) seed_on_disk(host, "Win32_Directory", GUEST_STORE "\\HyperPoint");
    for (size_t i = 0; i < COUNT_OF(assigned) && seed->has_gpus; i++) {
        if (seed->is_outdated_guest)
            seed_package(host, assigned[i].former_package, assigned[i].former_folder);
        else
            seed_package(host, assigned[i].package, assigned[i].gpu->store);
        seed_virtual_gpu(host, assigned[i].gpu, (unsigned) i + 1, !seed->is_outdated_guest);
    }
}
