/* SPDX-License-Identifier: MIT */
/* The drivers of the sample host's GPUs, as its registry and WMI tell of them. Forms: class keys and packages as
 * drivers of the three vendors leave them; CopyToVm keys as the page "GPU paravirtualization" of the Windows driver
 * documentation has them. */
#include "sim/seed/seed.h"

#include "base/ascii.h"
#include "base/compiler.h"
#include "sim/seed/sample_files.h"
#include "sim/store/registry.h"

#include <string.h>

#define CLASS_KEY "SYSTEM\\CurrentControlSet\\Control\\Class\\{4d36e968-e325-11ce-bfc1-08002be10318}"

/* ---- the registry ---- */

/* Files that the vendor wants beside its folder: the subkey, the value, source and new name ("": the same). */
typedef struct Promotion {
    const char *store, *subkey, *value, *source, *name;
} Promotion;

static const Promotion promotions[] = {
    { SIM_NVIDIA_STORE, "CopyToVmWhenNewer", "nvcuda", "nvcuda_loader64.dll", "nvcuda.dll" },
    { SIM_NVIDIA_STORE, "CopyToVmWhenNewer", "nvapi64", "nvapi64.dll", "" },
    { SIM_NVIDIA_STORE, "CopyToVmOverwrite", "nvidia-smi", "nvidia-smi.exe", "" },
    { SIM_NVIDIA_STORE, "CopyToVmWhenNewerWow64", "nvcuda", "nvcuda_loader32.dll", "nvcuda.dll" },
    { SIM_NVIDIA_STORE, "CopyToVmWhenNewerWow64", "nvapi", "nvapi.dll", "" },
    { SIM_AMD_STORE, "CopyToVmOverwrite", "amfrt64", "B400821\\amfrt64.dll", "" },
    { SIM_AMD_STORE, "CopyToVmWhenNewer", "opencl", "B400821\\amd_opencl64.dll", "OpenCL.dll" },
    { SIM_AMD_STORE, "CopyToVmOverwriteWow64", "amfrt32", "B400821\\amfrt32.dll", "" },
    { SIM_INTEL_STORE, "CopyToVmOverwrite", "controllib", "ControlLib.dll", "" },
    { SIM_INTEL_STORE, "CopyToVmWhenNewer", "ze_loader", "ze_loader.dll", "" },
    { SIM_INTEL_STORE, "CopyToVmOverwriteWow64", "controllib32", "ControlLib32.dll", "" },
};

static void seed_promotions(SimHost *host, const char *class_key, const char *store)
{
    for (size_t i = 0; i < COUNT_OF(promotions); i++) {
        const Promotion *row = &promotions[i];
        if (strcmp(row->store, store) != 0)
            continue;
        SimKey *key = sim_registry_key(host, arena_printf(&host->arena, "%s\\%s", class_key, row->subkey));
        if (*row->name == '\0')
            sim_key_set_text(host, key, row->value, row->source);
        else
            sim_key_set_texts(host, key, row->value, (const char *const[]){ row->source, row->name }, 2);
    }
}

/* What programs that look into the class key themselves find there. */
static void seed_loader_values(SimHost *host, SimKey *key, const SimSeedGpu *gpu)
{
    if (strcmp(gpu->store, SIM_INTEL_STORE) != 0)
        return;
    sim_key_set_text(host, key, "OpenCLDriverName", SIM_REPOSITORY "\\" SIM_INTEL_STORE "\\igdrcl64.dll");
    sim_key_set_texts(host, key, "LevelZeroDriverPath",
                      (const char *const[]){ SIM_REPOSITORY "\\" SIM_INTEL_STORE "\\ze_intel_gpu64.dll" }, 1);
}

static void seed_gpu(SimHost *host, const SimSeedGpu *gpu, size_t number)
{
    Arena *arena = &host->arena;
    const char *instance = arena_printf(arena, "%04u", (unsigned) number);
    SimKey *device = sim_registry_key(host, arena_printf(arena, "SYSTEM\\CurrentControlSet\\Enum\\%s", gpu->device_id));
    sim_key_set_text(host, device, "ClassGUID", "{4d36e968-e325-11ce-bfc1-08002be10318}");
    sim_key_set_text(host, device, "Driver",
                     arena_printf(arena, "{4d36e968-e325-11ce-bfc1-08002be10318}\\%s", instance));
    sim_key_set_text(host, device, "Service", gpu->service);

    const char *class_key = arena_printf(arena, CLASS_KEY "\\%s", instance);
    SimKey *key = sim_registry_key(host, class_key);
    const char *date = gpu->driver_date; /* yyyymmdd; the registry has m-d-yyyy */
    sim_key_set_text(host, key, "DriverDate",
                     arena_printf(arena, "%d-%d-%.4s", (date[4] - '0') * 10 + date[5] - '0',
                                  (date[6] - '0') * 10 + date[7] - '0', date));
    sim_key_set_text(host, key, "DriverVersion", gpu->driver_version);
    sim_key_set_text(host, key, "InfPath", gpu->inf);
    sim_key_set_text(host, key, "ProviderName", gpu->provider);
    const char *user_driver = arena_printf(arena, SIM_REPOSITORY "\\%s\\%s", gpu->store, gpu->user_driver);
    sim_key_set_texts(host, key, "UserModeDriverName", (const char *const[]){ user_driver, user_driver }, 2);
    seed_loader_values(host, key, gpu);
    seed_promotions(host, class_key, gpu->store);

    SimKey *service =
        sim_registry_key(host, arena_printf(arena, "SYSTEM\\CurrentControlSet\\Services\\%s", gpu->service));
    if (service->values.count == 0) {
        SimValue image = { .name = "ImagePath", .kind = SIM_VALUE_EXPAND };
        ARRAY_PUSH(arena, &image.texts,
                   arena_printf(arena, "\\SystemRoot\\System32\\DriverStore\\FileRepository\\%s\\%s.sys", gpu->store,
                                gpu->service));
        sim_key_add(host, service, image);
    }
}

/* ---- files as WMI knows them ---- */

/* Unverified: only that WMI writes names in lower case has been seen. */
static void seed_file(SimHost *host, const SimSeedGpu *gpu, const char *path)
{
    SimObject *file = sim_object_create(host, sim_class_find(host, NS_CIMV2, "CIM_DataFile"));
    char *name = arena_strdup(&host->arena, path);
    for (char *c = name; *c != '\0'; c++)
        *c = ascii_lower(*c);
    sim_object_set_text(host, file, "Name", name);
    sim_object_set_text(host, file, "Manufacturer", gpu->manufacturer);
    sim_object_set_text(host, file, "Version", gpu->driver_version);
    (void) !sim_object_insert(host, file); /* several GPUs have one driver */
}

static void seed_files(SimHost *host, const SimSeedGpu *gpu)
{
    Arena *arena = &host->arena;
    for (size_t i = 0; i < COUNT_OF(promotions); i++) {
        const Promotion *row = &promotions[i];
        const char *last = strrchr(row->source, '\\');
        const char *name = *row->name != '\0' ? row->name : last != NULL ? last + 1 : row->source;
        if (strcmp(row->store, gpu->store) == 0 && strstr(row->subkey, "Wow64") == NULL)
            seed_file(host, gpu, arena_printf(arena, "C:\\Windows\\System32\\%s", name));
    }
    seed_file(host, gpu, arena_printf(arena, SIM_REPOSITORY "\\%s\\%s", gpu->store, gpu->user_driver));
}

void sim_seed_drivers(SimHost *host, const SimSeed *seed)
{
    sim_key_set_text(host, sim_registry_key(host, "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"), "SystemRoot",
                     "C:\\Windows");
    for (size_t i = 0; i < SIM_SEED_GPU_COUNT && seed->has_gpus; i++) {
        seed_gpu(host, &sim_seed_gpus[i], i);
        seed_files(host, &sim_seed_gpus[i]);
    }
}
