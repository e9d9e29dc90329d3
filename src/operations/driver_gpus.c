/* SPDX-License-Identifier: MIT */
#include "operations/driver_gpus.h"

#include <string.h>

static void add_gpu(const Gpu *gpu, Arena *arena, DriverGpuList *gpus)
{
    for (size_t i = 0; i < gpus->count; i++) {
        if (strcmp(gpus->items[i].device_id, gpu->device_id) == 0)
            return;
    }
    DriverGpu entry = { .name = gpu->name != NULL ? gpu->name : "Unknown GPU",
                        .device_id = gpu->device_id,
                        .is_accelerator = gpu_is_accelerator(gpu),
                        .is_sriov = gpu_is_sriov(gpu) };
    ARRAY_PUSH(arena, gpus, entry);
}

static bool add_selected(const DriverGpusRequest *request, const GpuList *list, Arena *arena, DriverGpuList *gpus,
                         Error *err)
{
    const Gpu **chosen;
    size_t count;
    if (!selectors_resolve(&request->selectors, list, false, arena, &chosen, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        add_gpu(chosen[i], arena, gpus);
    return true;
}

static bool add_assigned(const DriverGpusRequest *request, const GpuList *list, Arena *arena, DriverGpuList *gpus,
                         Error *err)
{
    GpuPartitionList partitions;
    Report *report = request->host->report;
    if (!vm_read_partitions(request->host, request->vm, arena, &partitions, err))
        return false;
    for (size_t i = 0; i < partitions.count; i++) {
        const Gpu *gpu = gpu_list_find(list, &partitions.items[i]);
        if (gpu != NULL) {
            add_gpu(gpu, arena, gpus);
            continue;
        }
        gpus->gone++;
        report_warning(report, "adapter %s of VM '%s' does not tell its GPU, or its GPU is gone: left out",
                       partitions.items[i].adapter_id, request->vm->name);
    }
    return true;
}

bool driver_gpus_choose(const DriverGpusRequest *request, Arena *arena, DriverGpuList *ret_gpus, Error *err)
{
    GpuList list;
    DriverGpuList gpus = { 0 };
    bool host_tells_gpus = request->vm == NULL || request->vm->host_tells_gpus;
    if (!gpu_list_read(request->host, host_tells_gpus, arena, &list, err))
        return false;
    bool ok = request->selectors.count > 0 ? add_selected(request, &list, arena, &gpus, err)
                                           : add_assigned(request, &list, arena, &gpus, err);
    if (ok)
        *ret_gpus = gpus;
    return ok;
}
