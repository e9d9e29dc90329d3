/* SPDX-License-Identifier: MIT */
#include "drivers/gather/finder.h"

#include "base/ascii.h"
#include "drivers/gather/collect.h"
#include "drivers/gather/folders.h"
#include "drivers/gather/host_registry.h"
#include "drivers/gather/package_name.h"
#include "drivers/gather/promotions.h"
#include "drivers/package/vendor.h"

#include <stdlib.h>
#include <string.h>

typedef struct Finder {
    CimSession *session;
    HostFiles *files;
    Report *report;
    Arena *arena;
} Finder;

/* ---- values that the vendor's programs read ---- */

/* The same values, with paths as they are in the guest. */
static const char *path_in_guest(const char *text, Arena *arena)
{
    const char *name = "\\DriverStore\\";
    for (const char *c = text; *c != '\0'; c++) {
        if (ascii_ncasecmp(c, name, strlen(name)) == 0)
            return arena_printf(arena, "%.*s\\HostDriverStore\\%s", (int) (c - text), text, c + strlen(name));
    }
    return text;
}

static bool add_values(Finder *finder, Driver *driver, const Vendor *vendor, const char *class_key, Error *err)
{
    ManifestValues values;
    if (vendor == NULL || vendor->values == NULL)
        return true;
    if (!registry_read_values(finder->session, class_key, vendor->values, finder->arena, &values, err))
        return false;
    for (size_t i = 0; i < values.count; i++) {
        for (size_t j = 0; j < values.items[i].texts.count; j++)
            values.items[i].texts.items[j] = path_in_guest(values.items[i].texts.items[j], finder->arena);
        ARRAY_PUSH(finder->arena, &driver->manifest.values, values.items[i]);
    }
    return true;
}

/* ---- all of it ---- */

static int compare_files(const void *a, const void *b)
{
    return strcmp(((const DriverFile *) a)->path, ((const DriverFile *) b)->path);
}

static bool fill(Finder *finder, Driver *driver, const ManifestGpu *gpu, const ActiveDriver *active, Error *err)
{
    const Vendor *vendor = vendor_find(gpu->device_id);
    Declarations declarations;
    StringList folders;
    Collector collector = { .files = finder->files,
                            .report = finder->report,
                            .arena = finder->arena,
                            .active = active,
                            .driver = driver };
    FolderRequest request = { .files = finder->files,
                              .active = active,
                              .vendor = vendor,
                              .declarations = &declarations,
                              .report = finder->report };
    if (!declarations_read(finder->session, active, finder->arena, &declarations, err) ||
        !driver_find_folders(&request, finder->arena, &folders, err))
        return false;
    for (size_t i = 0; i < folders.count; i++) {
        if (!collect_package(&collector, folders.items[i], err))
            return false;
        if (driver->files.count == 0)
            return error_set(err, ERR_NOT_FOUND, "the driver's folder '%s\\%s' is empty", active->store,
                             active->folder);
    }
    if (!collect_settle_names(&collector, err) || !promotions_add(&collector, &declarations, vendor, err) ||
        !add_values(finder, driver, vendor, active->class_key, err))
        return false;
    qsort(driver->files.items, driver->files.count, sizeof(*driver->files.items), compare_files);
    return true;
}

static Driver *find_driver(Drivers *drivers, const char *folder)
{
    for (size_t i = 0; i < drivers->count; i++) {
        if (ascii_equals(drivers->items[i].manifest.folders.items[0], folder))
            return &drivers->items[i];
    }
    return NULL;
}

bool driver_find_files(CimSession *session, HostFiles *files, const ActiveDriver *active, const ManifestGpu *gpu,
                       Report *report, Arena *arena, Driver *ret_driver, Error *err)
{
    Finder finder = { .session = session, .files = files, .report = report, .arena = arena };
    Driver driver = { .manifest = { .provider = active->provider,
                                    .driver_version = active->version,
                                    .driver_date = active->date,
                                    .inf = active->inf } };
    driver.manifest.name = package_name_make(gpu->device_id, active->provider, active->date, arena);
    ARRAY_PUSH(arena, &driver.manifest.gpus, *gpu);
    if (!fill(&finder, &driver, gpu, active, err))
        return false;
    *ret_driver = driver;
    return true;
}

static bool add_gpu(Finder *finder, Drivers *drivers, const ManifestGpu *gpu, Error *err)
{
    ActiveDriver active;
    Driver driver;
    if (!driver_find_active(finder->session, gpu->device_id, finder->arena, &active, err))
        return error_prefix(err, "%s", gpu->name);
    Driver *known = find_driver(drivers, active.folder);
    if (known != NULL) {
        ARRAY_PUSH(finder->arena, &known->manifest.gpus, *gpu);
        return true;
    }
    if (!driver_find_files(finder->session, finder->files, &active, gpu, finder->report, finder->arena, &driver, err))
        return error_prefix(err, "%s", gpu->name);
    ARRAY_PUSH(finder->arena, drivers, driver);
    return true;
}

bool drivers_find(CimSession *session, HostFiles *files, const ManifestGpus *gpus, Report *report,
                  DriverPassOver *pass_over, void *context, Arena *arena, Drivers *ret_drivers, Error *err)
{
    Finder finder = { .session = session, .files = files, .report = report, .arena = arena };
    Drivers drivers = { 0 };
    for (size_t i = 0; i < gpus->count; i++) {
        if (add_gpu(&finder, &drivers, &gpus->items[i], err))
            continue;
        bool goes_on = pass_over != NULL && (err->code == ERR_NOT_FOUND || err->code == ERR_INVALID);
        if (!goes_on || !pass_over(context, &gpus->items[i], err))
            return false;
        *err = (Error){ .code = ERR_NONE };
    }
    *ret_drivers = drivers;
    return true;
}
