/* SPDX-License-Identifier: MIT */
#include "operations/guest_told.h"

#include "base/ascii.h"
#include "drivers/package/folder.h"
#include "drivers/package/rivals.h"
#include "drivers/package/source.h"

#include <string.h>

/* ---- whose the packages are ---- */

/* What cannot be opened is no help. */
static void look_into(GuestTold *told, const char *path, Arena *arena)
{
    PackageSource *source;
    char hash[HASH_TEXT_LENGTH + 1];
    Error ignored = { .code = ERR_NONE };
    if (!package_open(path, arena, &source, &ignored))
        return;
    if (source->manifest != NULL && package_hash_manifest(source, hash, &ignored)) {
        for (size_t i = 0; i < told->agent.package_count; i++) {
            if (strcmp(told->packages[i].package->sha256, hash) == 0)
                told->packages[i].manifest = source->manifest;
        }
    }
    package_close(source);
}

static void find_manifests(GuestTold *told, const StringList *folders, Arena *arena)
{
    for (size_t i = 0; told->agent.package_count > 0 && i < folders->count; i++) {
        StringList paths = { 0 }, passed_over;
        Error ignored = { .code = ERR_NONE }; /* there need not be any */
        if (!package_folder_list(folders->items[i], arena, &paths, &passed_over, &ignored))
            continue;
        for (size_t k = 0; k < paths.count; k++)
            look_into(told, paths.items[k], arena);
    }
}

bool guest_told_read(HyperVHost *host, const Vm *vm, const StringList *folders, Arena *arena, GuestTold **ret_told,
                     Error *err)
{
    GuestTold *told = ARENA_NEW(arena, GuestTold);
    *told = (GuestTold){ .name = vm->name };
    if (!guest_watch_agent(host, vm, 0, &told->agent, err))
        return false;
    for (size_t i = 0; i < told->agent.package_count; i++)
        told->packages[i].package = &told->agent.packages[i];
    find_manifests(told, folders, arena);
    *ret_told = told;
    return true;
}

/* ---- one driver ---- */

static bool has_folder(const Manifest *manifest, const char *name)
{
    const FoundDriver found = { .folders = manifest->folders };
    return found_has_folder(&found, name);
}

static bool is_active(const ToldPackage *told, const ActiveDriver *active)
{
    return strcmp(told->package->driver, active->version) == 0 &&
           (told->manifest == NULL || has_folder(told->manifest, active->folder));
}

static bool may_be_for(const ToldPackage *told, const char *device_id)
{
    return told->manifest != NULL ? gpus_have_model(&told->manifest->gpus, device_id) : !told->is_current;
}

static DriverPlace place_of(const GuestTold *told, const ToldPackage *package, DriverState state)
{
    return (DriverPlace){ .state = state,
                          .version = package->package->driver,
                          .place = told->name,
                          .package = package->manifest != NULL ? package->manifest->name : NULL };
}

DriverPlace guest_told_find(GuestTold *told, const ActiveDriver *active, const char *device_id)
{
    for (size_t i = 0; i < told->agent.package_count; i++) {
        ToldPackage *package = &told->packages[i];
        if (!is_active(package, active))
            continue;
        DriverPlace place = place_of(told, package, DRIVER_CURRENT);
        place.folder = active->folder;
        place.files.expected = (size_t) package->package->files;
        package->is_current = true;
        return place;
    }
    for (size_t i = 0; i < told->agent.package_count; i++) {
        if (may_be_for(&told->packages[i], device_id))
            return place_of(told, &told->packages[i], DRIVER_OUTDATED);
    }
    return (DriverPlace){ .state = DRIVER_MISSING };
}

/* ---- all of it ---- */

GuestReport guest_told_report(const GuestTold *told, HyperVHost *host, Arena *arena)
{
    const AgentReport *agent = &told->agent.report;
    GuestReport report = { .name = told->name, .agent = &told->agent };
    WindowsBuild build;
    for (size_t i = 0; i < told->agent.package_count; i++) {
        const ToldPackage *package = &told->packages[i];
        ARRAY_PUSH(arena, &report.packages,
                   package->manifest != NULL ? package->manifest->name
                                             : arena_printf(arena, "driver %s", package->package->driver));
    }
    if (agent->problem != EXCHANGE_GPU_NONE) {
        GuestGpu gpu = { .name = "virtual GPU",
                         .problem = agent->problem >= 0 ? (uint32_t) agent->problem : GUEST_GPU_UNKNOWN };
        ARRAY_PUSH(arena, &report.gpus, gpu);
    }
    guest_report_look_at_vm(&report, host, told->name, arena);
    if (windows_build_parse(agent->windows, &build))
        report.builds = guest_builds_judge(&build, host, arena);
    return report;
}
