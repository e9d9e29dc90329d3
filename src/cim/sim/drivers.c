/* SPDX-License-Identifier: MIT */
#include "cim/sim/drivers.h"

#include "base/alloc.h"
#include "base/ascii.h"
#include "base/compiler.h"
#include "cim/sim/registry.h"

#include <stdlib.h>
#include <string.h>

#define NVIDIA_STORE "nv_dispi.inf_amd64_4a1b6d2f0c9e8d37"
#define AMD_STORE "u0400975.inf_amd64_77c1b0a9e5d4f213"
#define AMD_OPENCL_STORE "amdocl.inf_amd64_0d4c2b1a99887766"
#define AMD_OLD_OPENCL_STORE "amdocl.inf_amd64_5e5e5e5e11112222"
#define INTEL_STORE "iigd_dch.inf_amd64_1f3e5d7c9b0a2846"
#define REPOSITORY "C:\\Windows\\System32\\DriverStore\\FileRepository"

#define CLASS_KEY "SYSTEM\\CurrentControlSet\\Control\\Class\\{4d36e968-e325-11ce-bfc1-08002be10318}"

/* ---- the registry ---- */

/* Files that the vendor wants beside its folder: the subkey, the value, source and new name ("": the same). */
typedef struct Promotion {
    const char *store, *subkey, *value, *source, *name;
} Promotion;

static const Promotion promotions[] = {
    { NVIDIA_STORE, "CopyToVmWhenNewer", "nvcuda", "nvcuda_loader64.dll", "nvcuda.dll" },
    { NVIDIA_STORE, "CopyToVmWhenNewer", "nvapi64", "nvapi64.dll", "" },
    { NVIDIA_STORE, "CopyToVmOverwrite", "nvidia-smi", "nvidia-smi.exe", "" },
    { NVIDIA_STORE, "CopyToVmWhenNewerWow64", "nvcuda", "nvcuda_loader32.dll", "nvcuda.dll" },
    { NVIDIA_STORE, "CopyToVmWhenNewerWow64", "nvapi", "nvapi.dll", "" },
    { AMD_STORE, "CopyToVmOverwrite", "amfrt64", "B400821\\amfrt64.dll", "" },
    { AMD_STORE, "CopyToVmWhenNewer", "opencl", "B400821\\amd_opencl64.dll", "OpenCL.dll" },
    { AMD_STORE, "CopyToVmOverwriteWow64", "amfrt32", "B400821\\amfrt32.dll", "" },
    { INTEL_STORE, "CopyToVmOverwrite", "controllib", "ControlLib.dll", "" },
    { INTEL_STORE, "CopyToVmWhenNewer", "ze_loader", "ze_loader.dll", "" },
    { INTEL_STORE, "CopyToVmOverwriteWow64", "controllib32", "ControlLib32.dll", "" },
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
    if (strcmp(gpu->store, INTEL_STORE) != 0)
        return;
    sim_key_set_text(host, key, "OpenCLDriverName", REPOSITORY "\\" INTEL_STORE "\\igdrcl64.dll");
    sim_key_set_texts(host, key, "LevelZeroDriverPath",
                      (const char *const[]){ REPOSITORY "\\" INTEL_STORE "\\ze_intel_gpu64.dll" }, 1);
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
    const char *user_driver = arena_printf(arena, REPOSITORY "\\%s\\%s", gpu->store, gpu->user_driver);
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
    seed_file(host, gpu, arena_printf(arena, REPOSITORY "\\%s\\%s", gpu->store, gpu->user_driver));
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

/* ---- the files ---- */

typedef struct SampleFile {
    const char *path; /* below REPOSITORY */
    size_t size;
    const char *text; /* NULL: made up */
} SampleFile;

#define INF(driver_ver, more) "[Version]\r\nSignature = \"$Windows NT$\"\r\nDriverVer = " driver_ver "\r\n" more

static const SampleFile samples[] = {
    { NVIDIA_STORE "\\nv_dispi.inf", 0, INF("08/14/2024, 32.0.15.6094", "") },
    { NVIDIA_STORE "\\nv_dispi.cat", 12000, NULL },
    { NVIDIA_STORE "\\nvlddmkm.sys", 180000, NULL },
    { NVIDIA_STORE "\\nvldumdx.dll", 90000, NULL },
    { NVIDIA_STORE "\\nvapi64.dll", 60000, NULL },
    { NVIDIA_STORE "\\nvapi.dll", 50000, NULL },
    { NVIDIA_STORE "\\nvcuda_loader64.dll", 30000, NULL },
    { NVIDIA_STORE "\\nvcuda_loader32.dll", 28000, NULL },
    { NVIDIA_STORE "\\nvml_loader.dll", 25000, NULL },
    { NVIDIA_STORE "\\nvidia-smi.exe", 40000, NULL },
    { NVIDIA_STORE "\\Display.NvContainer\\plugins\\NvXDCore.dll", 20000, NULL },
    { AMD_STORE "\\u0400975.inf", 0,
      INF("03/12/2024, 31.0.24019.1006", "[ati2mtag_Navi21.NT]\r\nCopyINF = amdocl.inf ; OpenCL and HIP\r\n") },
    { AMD_STORE "\\u0400975.cat", 11000, NULL },
    { AMD_STORE "\\B400821\\amdkmdag.sys", 170000, NULL },
    { AMD_STORE "\\B400821\\amdxc64.dll", 80000, NULL },
    { AMD_STORE "\\B400821\\amfrt64.dll", 33000, NULL },
    { AMD_STORE "\\B400821\\amfrt32.dll", 31000, NULL },
    { AMD_STORE "\\B400821\\amd_opencl64.dll", 15000, NULL },
    { AMD_OPENCL_STORE "\\amdocl.inf", 0, INF("03/12/2024, 31.0.24019.1006", "") },
    { AMD_OPENCL_STORE "\\amdhip64_6.dll", 70000, NULL },
    { AMD_OLD_OPENCL_STORE "\\amdocl.inf", 0, INF("11/02/2023, 31.0.22023.1014", "") },
    { AMD_OLD_OPENCL_STORE "\\amdhip64.dll", 65000, NULL },
    { INTEL_STORE "\\iigd_dch.inf", 0, INF("05/30/2024, 31.0.101.5590", "") },
    { INTEL_STORE "\\igdkmdn64.sys", 150000, NULL },
    { INTEL_STORE "\\igd10iumd64.dll", 85000, NULL },
    { INTEL_STORE "\\igdrcl64.dll", 45000, NULL },
    { INTEL_STORE "\\ze_intel_gpu64.dll", 44000, NULL },
    { INTEL_STORE "\\ze_loader.dll", 22000, NULL },
    { INTEL_STORE "\\ControlLib.dll", 17000, NULL },
    { INTEL_STORE "\\ControlLib32.dll", 16000, NULL },
};

/* 2024-08-14 00:00:00 UTC */
#define SAMPLE_TIME INT64_C(1723593600)

struct HostFile {
    const SampleFile *sample;
    size_t position;
};

static size_t size_of(const SampleFile *sample)
{
    return sample->text != NULL ? strlen(sample->text) : sample->size;
}

/* What get-drivers promotes of these files. */
static const struct {
    const char *source, *target;
} promoted[] = {
    { NVIDIA_STORE "\\nvcuda_loader64.dll", "System32\\nvcuda.dll" },
    { NVIDIA_STORE "\\nvapi64.dll", "System32\\nvapi64.dll" },
    { NVIDIA_STORE "\\nvml_loader.dll", "System32\\nvml.dll" },
    { NVIDIA_STORE "\\nvidia-smi.exe", "System32\\nvidia-smi.exe" },
    { NVIDIA_STORE "\\nvcuda_loader32.dll", "SysWOW64\\nvcuda.dll" },
    { NVIDIA_STORE "\\nvapi.dll", "SysWOW64\\nvapi.dll" },
    { AMD_STORE "\\B400821\\amfrt64.dll", "System32\\amfrt64.dll" },
    { AMD_STORE "\\B400821\\amd_opencl64.dll", "System32\\OpenCL.dll" },
    { AMD_STORE "\\B400821\\amfrt32.dll", "SysWOW64\\amfrt32.dll" },
    { AMD_OPENCL_STORE "\\amdhip64_6.dll", "System32\\amdhip64_6.dll" },
};

static bool is_of_driver(const char *path, const char *store)
{
    const char *companion = strcmp(store, AMD_STORE) == 0 ? AMD_OPENCL_STORE : store;
    return strncmp(path, store, strlen(store)) == 0 || strncmp(path, companion, strlen(companion)) == 0;
}

void sim_sample_guest_files(SimHost *host, const char *store, SimGuestFileAdd *add)
{
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        if (!is_of_driver(samples[i].path, store))
            continue;
        add(host, arena_printf(&host->arena, "System32\\HostDriverStore\\FileRepository\\%s", samples[i].path),
            size_of(&samples[i]));
        for (size_t j = 0; j < COUNT_OF(promoted); j++) {
            if (strcmp(promoted[j].source, samples[i].path) == 0)
                add(host, promoted[j].target, size_of(&samples[i]));
        }
    }
}

/* Half of it numbers at random (xorshift), half of it zeros: it deflates about as a program does. */
static char byte_at(const SampleFile *sample, size_t position)
{
    if (sample->text != NULL)
        return sample->text[position];
    if (position < 2)
        return "MZ"[position];
    uint32_t x = (uint32_t) (position * 2654435761u) ^ (uint32_t) sample->size;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return position / 16 % 2 == 0 ? (char) (x & 0x7F) : '\0';
}

/* What is behind the folder in a path that lies in it, or NULL. */
static const char *below(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    return ascii_ncasecmp(path, folder, length) == 0 && path[length] == '\\' ? path + length + 1 : NULL;
}

static bool not_there(const char *path, Error *err)
{
    return error_set(err, ERR_NOT_FOUND, "cannot open '%s': the simulated host has no such file", path);
}

static bool sample_list(HostFiles *files, const char *folder, Arena *arena, HostEntries *ret_entries, Error *err)
{
    (void) files;
    HostEntries entries = { 0 };
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        const char *path = arena_printf(arena, REPOSITORY "\\%s", samples[i].path);
        const char *rest = below(path, folder);
        if (rest == NULL)
            continue;
        size_t length = strcspn(rest, "\\");
        HostEntry entry = { .name = arena_strndup(arena, rest, length),
                            .is_folder = rest[length] != '\0',
                            .size = rest[length] != '\0' ? 0 : size_of(&samples[i]),
                            .modified_s = SAMPLE_TIME };
        bool is_new = true;
        for (size_t j = 0; j < entries.count; j++)
            is_new = is_new && strcmp(entries.items[j].name, entry.name) != 0;
        if (is_new)
            ARRAY_PUSH(arena, &entries, entry);
    }
    if (entries.count == 0)
        return not_there(folder, err);
    *ret_entries = entries;
    return true;
}

static bool sample_open(HostFiles *files, const char *path, HostFile **ret_file, Error *err)
{
    (void) files;
    const char *rest = below(path, REPOSITORY);
    for (size_t i = 0; rest != NULL && i < COUNT_OF(samples); i++) {
        if (!ascii_equals(samples[i].path, rest))
            continue;
        *ret_file = alloc_zeroed(sizeof(**ret_file));
        (*ret_file)->sample = &samples[i];
        return true;
    }
    return not_there(path, err);
}

static bool sample_read(HostFile *file, void *buffer, size_t size, size_t *ret_count, Error *err)
{
    (void) err;
    size_t left = size_of(file->sample) - file->position;
    size_t count = size < left ? size : left;
    for (size_t i = 0; i < count; i++)
        ((char *) buffer)[i] = byte_at(file->sample, file->position + i);
    file->position += count;
    *ret_count = count;
    return true;
}

static void sample_close_file(HostFile *file)
{
    free(file);
}

static void sample_close(HostFiles *files)
{
    free(files);
}

HostFiles *sim_sample_files(void)
{
    static const HostFilesOps ops = {
        .list = sample_list,
        .open = sample_open,
        .read = sample_read,
        .close_file = sample_close_file,
        .close = sample_close,
    };
    HostFiles *files = alloc_zeroed(sizeof(*files));
    files->ops = &ops;
    return files;
}
