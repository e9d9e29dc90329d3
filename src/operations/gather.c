/* SPDX-License-Identifier: MIT */
#include "operations/gather.h"

#include "base/ascii.h"
#include "drivers/gather/pack.h"
#include "drivers/package/folder.h"
#include "drivers/package/source.h"
#include "platform/fs.h"

#include <string.h>

/* A package of the folder, by the driver's own folder in it. */
typedef struct FormerPackage {
    const char *folder;
    ManifestGpus gpus;
} FormerPackage;

typedef struct Search {
    const DriverGpuList *gpus;
    const char *folder; /* with packages */
    struct {
        FormerPackage *items;
        size_t count, capacity;
    } former;
    bool has_looked; /* for packages */
    LeftOutGpus left_out;
    Arena *arena;
} Search;

static bool pass_over(void *context, const ManifestGpu *gpu, const Error *err)
{
    Search *search = context;
    LeftOutGpu entry = { .name = gpu->name, .why = *err };
    for (size_t i = 0; i < search->gpus->count; i++) {
        const DriverGpu *asked = &search->gpus->items[i];
        if (strcmp(asked->device_id, gpu->device_id) == 0)
            entry.is_accelerator = asked->is_accelerator;
    }
    ARRAY_PUSH(search->arena, &search->left_out, entry);
    return true;
}

static void add_former(Search *search, const char *path)
{
    PackageSource *source;
    Error ignored = { .code = ERR_NONE }; /* the packing tells of what it cannot read */
    if (!package_open(path, search->arena, &source, &ignored))
        return;
    const Manifest *manifest = source->manifest;
    if (manifest != NULL && manifest->folders.count > 0) {
        FormerPackage package = { manifest->folders.items[0], manifest->gpus };
        ARRAY_PUSH(search->arena, &search->former, package);
    }
    package_close(source);
}

/* Once, however many drivers there are. */
static void look_for_former(Search *search)
{
    StringList paths, passed_over;
    Error ignored = { .code = ERR_NONE }; /* then there is no package */
    if (!search->has_looked &&
        package_folder_list(search->folder, search->arena, &paths, &passed_over, &ignored)) {
        for (size_t i = 0; i < paths.count; i++)
            add_former(search, paths.items[i]);
    }
    search->has_looked = true;
}

static ManifestGpus find_gathered(void *context, const char *folder)
{
    Search *search = context;
    ManifestGpus gpus = { 0 };
    look_for_former(search);
    for (size_t i = 0; i < search->former.count; i++) {
        const FormerPackage *package = &search->former.items[i];
        for (size_t k = 0; ascii_equals(package->folder, folder) && k < package->gpus.count; k++)
            ARRAY_PUSH(search->arena, &gpus, package->gpus.items[k]);
    }
    return gpus;
}

bool gather_find(const GatherRequest *request, const DriverGpuList *gpus, Arena *arena, Gathering *ret_gathering,
                 Error *err)
{
    Report *report = request->host->report;
    Search search = { .gpus = gpus, .folder = request->folder, .arena = arena };
    ManifestGpus wanted = { 0 };
    Drivers drivers;
    report_begins(report, "GPUs into '%s'", request->folder);
    for (size_t i = 0; i < gpus->count; i++) {
        report_detail(report, "GPU %s (%s)", gpus->items[i].name, gpus->items[i].device_id);
        ManifestGpu gpu = { .name = gpus->items[i].name, .device_id = gpus->items[i].device_id };
        ARRAY_PUSH(arena, &wanted, gpu);
    }
    report->progress(report, "looking for the drivers", -1);
    const DriversRequest finding = { .session = request->host->session,
                                     .files = request->files,
                                     .gpus = &wanted,
                                     .report = report,
                                     .pass_over = pass_over,
                                     .gathered = find_gathered,
                                     .context = &search };
    bool ok = drivers_find(&finding, arena, &drivers, err);
    report->progress(report, NULL, -1);
    if (ok)
        *ret_gathering = (Gathering){ .drivers = drivers, .left_out = search.left_out };
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

static GatheredPackage describe(const Driver *driver, const Manifest *manifest, Arena *arena)
{
    GatheredPackage package = { .name = manifest->name,
                                .provider = manifest->provider,
                                .driver_version = manifest->driver_version,
                                .driver_date = manifest->driver_date,
                                .folders = manifest->folders,
                                .size = driver->total_size };
    for (size_t i = 0; i < manifest->gpus.count; i++)
        ARRAY_PUSH(arena, &package.gpus, manifest->gpus.items[i].name);
    return package;
}

GatheredPackage gather_plan(const GatherRequest *request, const Driver *driver, Arena *arena)
{
    GatheredPackage package = describe(driver, &driver->manifest, arena);
    const char *path = fs_join(arena, request->folder, package.name);
    package.path = request->zip ? arena_printf(arena, "%s.zip", path) : path;
    package.is_planned = true;
    package.files = driver->files.count;
    return package;
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
    if (request->files->has_no_contents) {
        (void) error_set(err, ERR_UNSUPPORTED, "'%s' cannot be made: a captured host has no contents of files",
                         driver->manifest.name);
        return error_hint(err, "make packages on the host itself");
    }
    if (!pack_driver(&packing, driver, arena, &made, err))
        return false;
    GatheredPackage package = describe(driver, &made.manifest, arena);
    package.path = made.path;
    package.is_unchanged = made.is_unchanged;
    package.files = made.manifest.files.count;
    *ret_package = package;
    return true;
}
