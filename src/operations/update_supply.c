/* SPDX-License-Identifier: MIT */
#include "operations/update_supply.h"

#include "operations/driver_gpus.h"

#include <string.h>

GatherRequest update_gathering(HyperVHost *host, const UpdateRequest *request)
{
    return (GatherRequest){ .host = host,
                            .files = request->files,
                            .clock = host->session->clock,
                            .folder = request->cache,
                            .zip = true };
}

bool update_find_drivers(const GatherRequest *gathering, const Vm *vm, const UpdateRequest *request, Arena *arena,
                         UpdateReport *report, Drivers *ret_drivers, Error *err)
{
    HyperVHost *host = gathering->host;
    DriverGpuList gpus;
    Gathering found;
    DriverGpusRequest choice = { .host = host, .selectors = request->selectors, .vm = vm };
    if (!driver_gpus_choose(&choice, arena, &gpus, err))
        return false;
    report->gone = gpus.gone;
    if (gpus.count == 0) {
        (void) error_set(err, ERR_NOT_FOUND, "VM '%s' has no GPU assigned whose driver could be brought", vm->name);
        return error_advise(err, ADVICE_LIST_GPUS, NULL);
    }
    if (!gather_find(gathering, &gpus, arena, &found, err))
        return false;
    report->left_out = found.left_out;
    for (size_t i = 0; i < found.left_out.count && found.drivers.count > 0; i++)
        report_warning(host->report, "left out: %s", found.left_out.items[i].why.message);
    if (found.drivers.count == 0) {
        *err = found.left_out.items[0].why;
        return false;
    }
    *ret_drivers = found.drivers;
    return true;
}

UpdatedDriver updated_driver(const Driver *driver, Arena *arena)
{
    UpdatedDriver updated = { .version = driver->manifest.driver_version };
    for (size_t i = 0; i < driver->manifest.gpus.count; i++)
        ARRAY_PUSH(arena, &updated.gpus, driver->manifest.gpus.items[i].name);
    return updated;
}

const char *update_path_on_host(const UpdateRequest *request, const char *name, Arena *arena)
{
    const char *separator = strchr(request->host_cache, '\\') != NULL ? "\\" : "/";
    return arena_printf(arena, "%s%s%s", request->host_cache, separator, name);
}
