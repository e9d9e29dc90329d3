/* SPDX-License-Identifier: MIT */
#include "sim/seed/sample_files.h"

#include "base/alloc.h"
#include "base/ascii.h"
#include "base/compiler.h"

#include <stdlib.h>
#include <string.h>

typedef struct SampleFile {
    const char *path; /* below SIM_REPOSITORY */
    size_t size;
    const char *text; /* NULL: made up */
} SampleFile;

#define INF(driver_ver, more) "[Version]\r\nSignature = \"$Windows NT$\"\r\nDriverVer = " driver_ver "\r\n" more

static const SampleFile samples[] = {
    { SIM_NVIDIA_STORE "\\nv_dispi.inf", 0, INF("08/14/2024, 32.0.15.6094", "") },
    { SIM_NVIDIA_STORE "\\nv_dispi.cat", 12000, NULL },
    { SIM_NVIDIA_STORE "\\nvlddmkm.sys", 180000, NULL },
    { SIM_NVIDIA_STORE "\\nvldumdx.dll", 90000, NULL },
    { SIM_NVIDIA_STORE "\\nvapi64.dll", 60000, NULL },
    { SIM_NVIDIA_STORE "\\nvapi.dll", 50000, NULL },
    { SIM_NVIDIA_STORE "\\nvcuda_loader64.dll", 30000, NULL },
    { SIM_NVIDIA_STORE "\\nvcuda_loader32.dll", 28000, NULL },
    { SIM_NVIDIA_STORE "\\nvml_loader.dll", 25000, NULL },
    { SIM_NVIDIA_STORE "\\nvidia-smi.exe", 40000, NULL },
    { SIM_NVIDIA_STORE "\\Display.NvContainer\\plugins\\NvXDCore.dll", 20000, NULL },
    { SIM_AMD_STORE "\\u0400975.inf", 0,
      INF("03/12/2024, 31.0.24019.1006", "[ati2mtag_Navi21.NT]\r\nCopyINF = amdocl.inf ; OpenCL and HIP\r\n") },
    { SIM_AMD_STORE "\\u0400975.cat", 11000, NULL },
    { SIM_AMD_STORE "\\B400821\\amdkmdag.sys", 170000, NULL },
    { SIM_AMD_STORE "\\B400821\\amdxc64.dll", 80000, NULL },
    { SIM_AMD_STORE "\\B400821\\amfrt64.dll", 33000, NULL },
    { SIM_AMD_STORE "\\B400821\\amfrt32.dll", 31000, NULL },
    { SIM_AMD_STORE "\\B400821\\amd_opencl64.dll", 15000, NULL },
    { SIM_AMD_OPENCL_STORE "\\amdocl.inf", 0, INF("03/12/2024, 31.0.24019.1006", "") },
    { SIM_AMD_OPENCL_STORE "\\amdhip64_6.dll", 70000, NULL },
    { SIM_AMD_OLD_OPENCL_STORE "\\amdocl.inf", 0, INF("11/02/2023, 31.0.22023.1014", "") },
    { SIM_AMD_OLD_OPENCL_STORE "\\amdhip64.dll", 65000, NULL },
    { SIM_INTEL_STORE "\\iigd_dch.inf", 0, INF("05/30/2024, 31.0.101.5590", "") },
    { SIM_INTEL_STORE "\\igdkmdn64.sys", 150000, NULL },
    { SIM_INTEL_STORE "\\igd10iumd64.dll", 85000, NULL },
    { SIM_INTEL_STORE "\\igdrcl64.dll", 45000, NULL },
    { SIM_INTEL_STORE "\\ze_intel_gpu64.dll", 44000, NULL },
    { SIM_INTEL_STORE "\\ze_loader.dll", 22000, NULL },
    { SIM_INTEL_STORE "\\ControlLib.dll", 17000, NULL },
    { SIM_INTEL_STORE "\\ControlLib32.dll", 16000, NULL },
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
    { SIM_NVIDIA_STORE "\\nvcuda_loader64.dll", "System32\\nvcuda.dll" },
    { SIM_NVIDIA_STORE "\\nvapi64.dll", "System32\\nvapi64.dll" },
    { SIM_NVIDIA_STORE "\\nvml_loader.dll", "System32\\nvml.dll" },
    { SIM_NVIDIA_STORE "\\nvidia-smi.exe", "System32\\nvidia-smi.exe" },
    { SIM_NVIDIA_STORE "\\nvcuda_loader32.dll", "SysWOW64\\nvcuda.dll" },
    { SIM_NVIDIA_STORE "\\nvapi.dll", "SysWOW64\\nvapi.dll" },
    { SIM_AMD_STORE "\\B400821\\amfrt64.dll", "System32\\amfrt64.dll" },
    { SIM_AMD_STORE "\\B400821\\amd_opencl64.dll", "System32\\OpenCL.dll" },
    { SIM_AMD_STORE "\\B400821\\amfrt32.dll", "SysWOW64\\amfrt32.dll" },
    { SIM_AMD_OPENCL_STORE "\\amdhip64_6.dll", "System32\\amdhip64_6.dll" },
};

static bool is_of_driver(const char *path, const char *store)
{
    const char *companion = strcmp(store, SIM_AMD_STORE) == 0 ? SIM_AMD_OPENCL_STORE : store;
    return strncmp(path, store, strlen(store)) == 0 || strncmp(path, companion, strlen(companion)) == 0;
}

void sim_sample_guest_files(SimHost *host, const char *store, SimGuestFileAdd *add)
{
    Arena scratch = ARENA_INIT;
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        if (!is_of_driver(samples[i].path, store))
            continue;
        add(host, arena_printf(&scratch, "System32\\HostDriverStore\\FileRepository\\%s", samples[i].path),
            size_of(&samples[i]));
        for (size_t j = 0; j < COUNT_OF(promoted); j++) {
            if (strcmp(promoted[j].source, samples[i].path) == 0)
                add(host, promoted[j].target, size_of(&samples[i]));
        }
    }
    arena_release(&scratch);
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
        const char *path = arena_printf(arena, SIM_REPOSITORY "\\%s", samples[i].path);
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
    const char *rest = below(path, SIM_REPOSITORY);
    for (size_t i = 0; rest != NULL && i < COUNT_OF(samples); i++) {
        if (!ascii_equals(samples[i].path, rest))
            continue;
        *ret_file = alloc_zeroed(sizeof(**ret_file));
        (*ret_file)->sample = &samples[i];
        return true;
    }
    return not_there(path, err);
}

static bool sample_read_at(HostFile *file, uint64_t offset, void *buffer, size_t size, size_t *ret_count, Error *err)
{
    (void) err;
    size_t all = size_of(file->sample), start = offset < all ? (size_t) offset : all;
    size_t count = size < all - start ? size : all - start;
    for (size_t i = 0; i < count; i++)
        ((char *) buffer)[i] = byte_at(file->sample, start + i);
    *ret_count = count;
    return true;
}

static bool sample_read(HostFile *file, void *buffer, size_t size, size_t *ret_count, Error *err)
{
    bool ok = sample_read_at(file, file->position, buffer, size, ret_count, err);
    if (ok)
        file->position += *ret_count;
    return ok;
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
        .read_at = sample_read_at,
        .close_file = sample_close_file,
        .close = sample_close,
    };
    HostFiles *files = alloc_zeroed(sizeof(*files));
    files->ops = &ops;
    return files;
}
