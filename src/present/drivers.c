/* SPDX-License-Identifier: MIT */
#include "present/drivers.h"

#include "json/document.h"
#include "operations/compare.h"
#include "operations/gather.h"
#include "present/update.h"

#include <inttypes.h>

/* What stands in a line of its own. */
static const TextLayout entry_layout = { .indent = 2, .label_width = 8 };

/* ---- packages ---- */

const char *size_text(uint64_t bytes, Arena *arena)
{
    enum { KIB = 1024, MIB = 1024 * 1024 };
    return bytes < MIB ? arena_printf(arena, "%" PRIu64 " KB", (bytes + KIB - 1) / KIB)
                       : arena_printf(arena, "%" PRIu64 " MB", (bytes + MIB - 1) / MIB);
}

/* The host may not tell its version. */
static const char *driver_text(const char *version, Arena *arena)
{
    return *version != '\0' ? arena_printf(arena, "driver %s", version) : "driver of unknown version";
}

static const char *package_heading(const void *record, Arena *arena)
{
    const GatheredPackage *package = record;
    return arena_printf(arena, "Package '%s' (%s, %zu files, %s) %s: %s", package->name,
                        driver_text(package->driver_version, arena), package->files, size_text(package->size, arena),
                        package->is_planned     ? "would be made"
                        : package->is_unchanged ? "is there already, and nothing has changed"
                                                : "made",
                        package->path);
}

static const Field gathered_package_fields[] = {
    FIELD_TEXT(GatheredPackage, name, "name"),
    FIELD_TEXT(GatheredPackage, path, "path"),
    FIELD_BOOLEAN(GatheredPackage, is_unchanged, "unchanged"),
    FIELD_BOOLEAN(GatheredPackage, is_planned, "planned", .flags = FIELD_OPTIONAL),
    FIELD_TEXT(GatheredPackage, provider, "provider"),
    FIELD_TEXT(GatheredPackage, driver_version, "driverVersion"),
    FIELD_TEXT(GatheredPackage, driver_date, "driverDate"),
    FIELD_SIZE(GatheredPackage, files, "files"),
    FIELD_UINT64(GatheredPackage, size, "size"),
    FIELD_TEXTS(GatheredPackage, folders, "packageFolders"),
    FIELD_TEXTS(GatheredPackage, gpus, "gpus", .flags = FIELD_EACH, .label = "for"),
};
const Shape gathered_package_shape =
    SHAPE(GatheredPackage, gathered_package_fields, .heading = package_heading, .layout = &entry_layout);

/* ---- drivers ---- */

static const char *fault_heading(const void *record, Arena *arena)
{
    const FileFault *fault = record;
    return arena_printf(arena, "%s %s", fault->path, fault->fault);
}

static const Field file_fault_fields[] = {
    FIELD_TEXT(FileFault, path, "path"),
    FIELD_TEXT(FileFault, fault, "problem"),
};
const Shape file_fault_shape = SHAPE(FileFault, file_fault_fields, .heading = fault_heading);

static const char *const state_names[] = {
    [DRIVER_CURRENT] = "current",   [DRIVER_LEFT_OUT] = "left-out", [DRIVER_INCOMPLETE] = "incomplete",
    [DRIVER_UNPROVEN] = "unproven", [DRIVER_OUTDATED] = "outdated", [DRIVER_MISSING] = "missing",
};

static size_t files_right(const DriverPlace *place)
{
    return place->files.expected - place->files.wrong;
}

static const char *place_heading(const void *record, Arena *arena)
{
    const DriverPlace *place = record;
    const char *text = state_names[place->state];
    if (place->state == DRIVER_INCOMPLETE)
        text = arena_printf(arena, "%s: %zu of %zu files", text, files_right(place), place->files.expected);
    if (place->state == DRIVER_LEFT_OUT)
        text = arena_printf(arena, "%s: '%s' was gathered later", text, place->winner);
    if (place->version != NULL)
        text = arena_printf(arena, "%s (%s)", text, driver_text(place->version, arena));
    else if (place->state == DRIVER_OUTDATED && place->folder != NULL)
        text = arena_printf(arena, "%s (%s)", text, place->folder);
    return place->place != NULL ? arena_printf(arena, "%s %s", text, place->place) : text;
}

static json_t *write_files_right(const void *record)
{
    return json_integer((json_int_t) files_right(record));
}

static const Field driver_place_fields[] = {
    FIELD_NAME(DriverPlace, state, state_names, "state"),
    FIELD_TEXT(DriverPlace, version, "driverVersion", .flags = FIELD_NULLABLE),
    FIELD_TEXT(DriverPlace, folder, "packageFolder", .flags = FIELD_NULLABLE),
    FIELD_TEXT(DriverPlace, place, "place", .flags = FIELD_NULLABLE),
    FIELD_SIZE(DriverPlace, files.expected, "filesExpected"),
    FIELD_OF_RECORD(write_files_right, NULL, "filesRight"),
    FIELD_LIST(DriverPlace, files.faults, &file_fault_shape, "problems", .flags = FIELD_EACH, .label = ""),
};
static const TextLayout place_layout = { .indent = 12, .most = 10 };
const Shape driver_place_shape =
    SHAPE(DriverPlace, driver_place_fields, .heading = place_heading, .layout = &place_layout);

static const char *driver_heading(const void *record, Arena *arena)
{
    (void) arena;
    return ((const ComparedDriver *) record)->gpu;
}

static const char *driver_on_host(const void *record, Arena *arena)
{
    const ComparedDriver *driver = record;
    if (driver->needless != NULL)
        return arena_printf(arena, "not compared: %s", driver->needless);
    return arena_printf(arena, "%s, %s", driver_text(driver->version, arena), driver->folder);
}

static const Field compared_driver_fields[] = {
    FIELD_TEXT(ComparedDriver, gpu, "gpu"),
    FIELD_TEXT(ComparedDriver, device_id, "deviceId"),
    FIELD_SHOWN(driver_on_host, "host"),
    FIELD_TEXT(ComparedDriver, needless, "notCompared", .flags = FIELD_OPTIONAL),
    FIELD_TEXT(ComparedDriver, version, "driverVersion", .flags = FIELD_OPTIONAL),
    FIELD_TEXT(ComparedDriver, folder, "packageFolder", .flags = FIELD_OPTIONAL),
    FIELD_POINTER(ComparedDriver, package, &driver_place_shape, "package", .flags = FIELD_OPTIONAL,
                  .label = "package"),
    FIELD_POINTER(ComparedDriver, guest, &driver_place_shape, "guest", .flags = FIELD_OPTIONAL, .label = "guest"),
};
const Shape compared_driver_shape =
    SHAPE(ComparedDriver, compared_driver_fields, .heading = driver_heading, .layout = &entry_layout);

static json_t *write_left_out(const void *record)
{
    return json_text(((const ComparedDriver *) record)->left_out->message);
}

/* A warning tells of it in text. */
static const Field left_out_driver_fields[] = {
    FIELD_TEXT(ComparedDriver, gpu, "gpu"),
    FIELD_TEXT(ComparedDriver, device_id, "deviceId"),
    FIELD_OF_RECORD(write_left_out, NULL, "notCompared"),
};
const Shape left_out_driver_shape = SHAPE(ComparedDriver, left_out_driver_fields, .layout = &entry_layout);

/* ---- a guest ---- */

static const char *guest_gpu_heading(const void *record, Arena *arena)
{
    const GuestGpu *gpu = record;
    return arena_printf(arena, "%s: %s", gpu->name, guest_gpu_state(gpu, arena));
}

static json_t *write_problem(const void *member)
{
    uint32_t problem = *(const uint32_t *) member;
    return problem != GUEST_GPU_UNKNOWN ? json_integer(problem) : json_null();
}

static const Field guest_gpu_fields[] = {
    FIELD_TEXT(GuestGpu, name, "name"),
    FIELD_TEXT(GuestGpu, device_id, "deviceId", .flags = FIELD_NULLABLE),
    FIELD_OTHER(GuestGpu, problem, write_problem, NULL, "problemCode"),
};
const Shape guest_gpu_shape = SHAPE(GuestGpu, guest_gpu_fields, .heading = guest_gpu_heading);

static const char *guest_heading(const void *record, Arena *arena)
{
    return arena_printf(arena, "Guest %s", ((const GuestReport *) record)->name);
}

static const char *guest_packages(const void *record, Arena *arena)
{
    const StringList *packages = &((const GuestReport *) record)->packages;
    const char *text = packages->count > 0 ? packages->items[0] : "nothing";
    for (size_t i = 1; i < packages->count; i++)
        text = arena_printf(arena, "%s, %s", text, packages->items[i]);
    return text;
}

/* Shown where they are known to go wrong. */
static const char *guest_builds(const void *record, Arena *arena)
{
    const GuestBuilds *builds = ((const GuestReport *) record)->builds;
    if (builds == NULL || builds->problems.count == 0)
        return NULL;
    return arena_printf(arena, "build %s; on the host: build %s", windows_build_format(&builds->guest, arena),
                        windows_build_format(&builds->host, arena));
}

static json_t *build_json(const WindowsBuild *build)
{
    Arena arena = ARENA_INIT;
    json_t *json = json_text(windows_build_format(build, &arena));
    arena_release(&arena);
    return json;
}

static json_t *write_build(const void *record)
{
    const GuestBuilds *builds = ((const GuestReport *) record)->builds;
    return builds != NULL ? build_json(&builds->guest) : NULL;
}

static json_t *write_host_build(const void *record)
{
    const GuestBuilds *builds = ((const GuestReport *) record)->builds;
    return builds != NULL ? build_json(&builds->host) : NULL;
}

static json_t *write_known_problems(const void *record)
{
    const GuestBuilds *builds = ((const GuestReport *) record)->builds;
    if (builds == NULL)
        return NULL;
    json_t *array = json_array();
    for (size_t i = 0; i < builds->problems.count; i++)
        json_push(array, json_text(builds->problems.items[i]->symptom));
    return array;
}

static const char *no_guest_gpu(const void *record, Arena *arena)
{
    (void) arena;
    return ((const GuestReport *) record)->gpus.count == 0 ? "no virtual GPU" : NULL;
}

static const Field guest_report_fields[] = {
    FIELD_TEXT(GuestReport, name, "name"),
    FIELD_TEXTS(GuestReport, packages, "packages", .label = "installed by installdrivers", .show = guest_packages),
    FIELD_OF_RECORD(write_build, NULL, "build", .label = "Windows", .show = guest_builds),
    FIELD_OF_RECORD(write_host_build, NULL, "hostBuild"),
    FIELD_OF_RECORD(write_known_problems, NULL, "knownProblems"),
    FIELD_LIST(GuestReport, gpus, &guest_gpu_shape, "gpus", .flags = FIELD_EACH, .label = ""),
    FIELD_SHOWN(no_guest_gpu, ""),
    FIELD_POINTER(GuestReport, agent, &guest_agent_shape, "service", .flags = FIELD_OPTIONAL),
};
static const TextLayout guest_layout = { .indent = 2 };
const Shape guest_report_shape =
    SHAPE(GuestReport, guest_report_fields, .heading = guest_heading, .layout = &guest_layout);
