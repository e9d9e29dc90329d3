/* SPDX-License-Identifier: MIT */
#include "operations/gather.h"

#include "drivers/gather/pack.h"

#include <string.h>

typedef struct PassedOver {
    const DriverGpuList *gpus;
    LeftOutGpus list;
    Arena *arena;
} PassedOver;

static bool pass_over(void *context, const ManifestGpu *gpu, const Error *err)
{
    PassedOver *passed = context;
    LeftOutGpu entry = { .name = gpu->name, .why = *err };
    for (size_t i = 0; i < passed->gpus->count; i++) {
        const DriverGpu *asked = &passed->gpus->items[i];
        if (strcmp(asked->device_id, gpu->device_id) == 0)
            entry.is_accelerator = asked->is_accelerator;
    }
    ARRAY_PUSH(passed->arena, &passed->list, entry);
    return true;
}

bool gather_find(const GatherRequest *request, const DriverGpuList *gpus, Arena *arena, Gathering *ret_gathering,
                 Error *err)
{
    Report *report = request->host->report;
    PassedOver passed = { .gpus = gpus, .arena = arena };
    ManifestGpus wanted = { 0 };
    Drivers drivers;
    report_begins(report, "GPUs into '%s'", request->folder);
    for (size_t i = 0; i < gpus->count; i++) {
        report_detail(report, "GPU %s (%s)", gpus->items[i].name, gpus->items[i].device_id);
        ManifestGpu gpu = { .name = gpus->items[i].name, .device_id = gpus->items[i].device_id };
        ARRAY_PUSH(arena, &wanted, gpu);
    }
    report->progress(report, "looking for the drivers", -1);
    bool ok = drivers_find(request->host->session, request->files, &wanted, report, pass_over, &passed, arena,
                           &drivers, err);
    report->progress(report, NULL, -1);
    if (ok)
        *ret_gathering = (Gathering){ .drivers = drivers, .left_out = passed.list };
    return ok;
}

bool gather_is_partial(const LeftOutGpus *left_out)
{
    for (size_t i = 0; i < left_out->count; i++) {
        if (!left_out->items[i].is_accelerator)
            return true;
    }
    return false;
}

bool gather_pack(const GatherRequest *request, const Driver *driver, Arena *arena, GatheredPackage *ret_package,
                 Error *err)
{
    const PackRequest packing = { .files = request->files,
                                  .report = request->host->report,
                                  .cancel = request->host->cancel,
                                  .clock = request->clock,
                                  .folder = request->folder,
                                  .zip = request->zip };
    PackResult made;
    if (!pack_driver(&packing, driver, arena, &made, err))
        return false;
    const Manifest *manifest = &made.manifest;
    GatheredPackage package = { .name = manifest->name,
                                .path = made.path,
                                .is_unchanged = made.is_unchanged,
                                .provider = manifest->provider,
                                .driver_version = manifest->driver_version,
                                .driver_date = manifest->driver_date,
                                .folders = manifest->folders,
                                .files = manifest->files.count,
                                .size = driver->total_size };
    for (size_t i = 0; i < manifest->gpus.count; i++)
        ARRAY_PUSH(arena, &package.gpus, manifest->gpus.items[i].name);
    *ret_package = package;
    return true;
}
