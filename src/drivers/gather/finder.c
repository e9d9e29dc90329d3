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

/* What the keys of GPUs with one driver tell, added up: each GPU has a class key of its own. */
typedef struct Keys {
    ManifestGpus gpus;
    ActiveDriver active; /* of the first one, with the values of all */
    Declarations declarations;
    ManifestValues values; /* that the vendor's programs read */
} Keys;

/* Of one GPU each, all with one driver. */
typedef struct KeysList {
    Keys *items;
    size_t count, capacity;
} KeysList;

typedef struct KeysLists {
    KeysList *items;
    size_t count, capacity;
} KeysLists;

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

static bool read_values(Finder *finder, const Vendor *vendor, const char *class_key, ManifestValues *ret_values,
                        Error *err)
{
    ManifestValues values = { 0 };
    if (vendor != NULL && vendor->values != NULL &&
        !registry_read_values(finder->session, class_key, vendor->values, finder->arena, &values, err))
        return false;
    for (size_t i = 0; i < values.count; i++) {
        for (size_t j = 0; j < values.items[i].texts.count; j++)
            values.items[i].texts.items[j] = path_in_guest(values.items[i].texts.items[j], finder->arena);
    }
    *ret_values = values;
    return true;
}

/* ---- the keys of GPUs ---- */

static bool read_keys(Finder *finder, const ActiveDriver *active, const ManifestGpu *gpu, Keys *ret_keys, Error *err)
{
    Keys keys = { .active = *active };
    if (!declarations_read(finder->session, active, finder->arena, &keys.declarations, err) ||
        !read_values(finder, vendor_find(gpu->device_id), active->class_key, &keys.values, err))
        return false;
    ARRAY_PUSH(finder->arena, &keys.gpus, *gpu);
    *ret_keys = keys;
    return true;
}

static bool has_value(const ManifestValues *values, const ManifestValue *value, bool of_this_key)
{
    for (size_t i = 0; i < values->count; i++) {
        const ManifestValue *known = &values->items[i];
        if (ascii_equals(known->name, value->name) &&
            (of_this_key ? ascii_equals(known->key, value->key) : registry_same_texts(&known->texts, &value->texts)))
            return true;
    }
    return false;
}

/* What both tell is taken once, so that it is told once. */
static void add_keys(Keys *keys, const Keys *more, Arena *arena)
{
    for (size_t i = 0; i < more->gpus.count; i++)
        ARRAY_PUSH(arena, &keys->gpus, more->gpus.items[i]);
    for (size_t i = 0; i < more->active.values.count; i++) {
        if (!has_value(&keys->active.values, &more->active.values.items[i], false))
            ARRAY_PUSH(arena, &keys->active.values, more->active.values.items[i]);
    }
    for (size_t i = 0; i < more->active.programs.count; i++)
        ARRAY_PUSH(arena, &keys->active.programs, more->active.programs.items[i]);
    for (size_t i = 0; i < more->values.count; i++) {
        if (!has_value(&keys->values, &more->values.items[i], true))
            ARRAY_PUSH(arena, &keys->values, more->values.items[i]);
    }
    declarations_add(&keys->declarations, &more->declarations, arena);
}

/* ---- all of it ---- */

static int compare_files(const void *a, const void *b)
{
    return strcmp(((const DriverFile *) a)->path, ((const DriverFile *) b)->path);
}

static bool fill(Finder *finder, Driver *driver, const Keys *keys, Error *err)
{
    const ActiveDriver *active = &keys->active;
    const Vendor *vendor = vendor_find(keys->gpus.items[0].device_id);
    StringList folders;
    Collector collector = { .files = finder->files,
                            .report = finder->report,
                            .arena = finder->arena,
                            .active = active,
                            .driver = driver };
    FolderRequest request = { .files = finder->files,
                              .active = active,
                              .vendor = vendor,
                              .declarations = &keys->declarations,
                              .report = finder->report };
    if (!driver_find_folders(&request, finder->arena, &folders, err))
        return false;
    for (size_t i = 0; i < folders.count; i++) {
        if (!collect_package(&collector, folders.items[i], err))
            return false;
        if (driver->files.count == 0)
            return error_set(err, ERR_NOT_FOUND, "the driver's folder '%s\\%s' is empty", active->store,
                             active->folder);
    }
    if (!collect_settle_names(&collector, err) || !promotions_add(&collector, &keys->declarations, vendor, err))
        return false;
    qsort(driver->files.items, driver->files.count, sizeof(*driver->files.items), compare_files);
    return true;
}

static bool find_files(Finder *finder, const Keys *keys, Driver *ret_driver, Error *err)
{
    const ActiveDriver *active = &keys->active;
    Driver driver = { .manifest = { .provider = active->provider,
                                    .driver_version = active->version,
                                    .driver_date = active->date,
                                    .inf = active->inf,
                                    .gpus = keys->gpus,
                                    .values = keys->values } };
    driver.manifest.name =
        package_name_make(keys->gpus.items[0].device_id, active->provider, active->date, finder->arena);
    if (!fill(finder, &driver, keys, err))
        return false;
    *ret_driver = driver;
    return true;
}

bool driver_find_files(CimSession *session, HostFiles *files, const ActiveDriver *active, const ManifestGpu *gpu,
                       Report *report, Arena *arena, Driver *ret_driver, Error *err)
{
    Finder finder = { .session = session, .files = files, .report = report, .arena = arena };
    Keys keys;
    return read_keys(&finder, active, gpu, &keys, err) && find_files(&finder, &keys, ret_driver, err);
}

/* ---- of several GPUs ---- */

/* What is the matter with one GPU is no matter of the others. */
static bool is_of_one(const Error *err)
{
    return err->code == ERR_NOT_FOUND || err->code == ERR_INVALID;
}

/* True: the others come next. */
static bool goes_on(const DriversRequest *request, const ManifestGpu *gpu, const Error *cause, Error *err)
{
    Error own = *cause;
    (void) error_prefix(&own, "%s", gpu->name);
    if (request->pass_over != NULL && is_of_one(&own) && request->pass_over(request->context, gpu, &own)) {
        *err = (Error){ .code = ERR_NONE };
        return true;
    }
    *err = own;
    return false;
}

static bool find_keys(Finder *finder, const ManifestGpu *gpu, Keys *ret_keys, Error *err)
{
    ActiveDriver active;
    return driver_find_active(finder->session, finder->files, gpu->device_id, finder->arena, &active, err) &&
           read_keys(finder, &active, gpu, ret_keys, err);
}

bool driver_keys_read(CimSession *session, const char *device_id, Arena *arena, Error *err)
{
    Finder finder = { .session = session, .arena = arena };
    const ManifestGpu gpu = { .name = "", .device_id = device_id };
    Keys keys;
    return find_keys(&finder, &gpu, &keys, err);
}

static bool add_gpu(Finder *finder, const ManifestGpu *gpu, KeysLists *lists, Error *err)
{
    Keys keys;
    if (!find_keys(finder, gpu, &keys, err))
        return false;
    KeysList *list = NULL;
    for (size_t i = 0; list == NULL && i < lists->count; i++) {
        if (ascii_equals(lists->items[i].items[0].active.folder, keys.active.folder))
            list = &lists->items[i];
    }
    if (list == NULL) {
        ARRAY_PUSH(finder->arena, lists, (KeysList){ 0 });
        list = &lists->items[lists->count - 1];
    }
    ARRAY_PUSH(finder->arena, list, keys);
    return true;
}

static const Keys *find_gpu(const KeysList *list, const char *device_id)
{
    for (size_t i = 0; i < list->count; i++) {
        if (ascii_equals(list->items[i].gpus.items[0].device_id, device_id))
            return &list->items[i];
    }
    return NULL;
}

/* Those of the package that is there, in its order, so that it stays as it is whichever of them is asked for. One that
 * is gone, or has another driver now, stays out. */
static bool add_gathered(Finder *finder, const DriversRequest *request, const KeysList *asked, KeysList *all,
                         Error *err)
{
    const char *folder = asked->items[0].active.folder;
    ManifestGpus before = { 0 };
    if (request->gathered != NULL)
        before = request->gathered(request->context, folder);
    for (size_t i = 0; i < before.count; i++) {
        const ManifestGpu *gpu = &before.items[i];
        const Keys *known = find_gpu(asked, gpu->device_id);
        Keys keys;
        if (find_gpu(all, gpu->device_id) != NULL)
            continue;
        if (known != NULL) {
            ARRAY_PUSH(finder->arena, all, *known);
        } else if (find_keys(finder, gpu, &keys, err)) {
            if (ascii_equals(keys.active.folder, folder))
                ARRAY_PUSH(finder->arena, all, keys);
        } else if (is_of_one(err)) {
            *err = (Error){ .code = ERR_NONE };
        } else {
            return false;
        }
    }
    return true;
}

static bool add_driver(Finder *finder, const DriversRequest *request, const KeysList *asked, Drivers *drivers,
                       Error *err)
{
    KeysList all = { 0 };
    Driver driver;
    if (!add_gathered(finder, request, asked, &all, err))
        return false;
    for (size_t i = 0; i < asked->count; i++) {
        if (find_gpu(&all, asked->items[i].gpus.items[0].device_id) == NULL)
            ARRAY_PUSH(finder->arena, &all, asked->items[i]);
    }
    Keys keys = all.items[0];
    for (size_t i = 1; i < all.count; i++)
        add_keys(&keys, &all.items[i], finder->arena);
    if (find_files(finder, &keys, &driver, err)) {
        ARRAY_PUSH(finder->arena, drivers, driver);
        return true;
    }
    const Error cause = *err;
    for (size_t i = 0; i < asked->count; i++) {
        if (!goes_on(request, &asked->items[i].gpus.items[0], &cause, err))
            return false;
    }
    return true;
}

bool drivers_find(const DriversRequest *request, Arena *arena, Drivers *ret_drivers, Error *err)
{
    Finder finder = {
        .session = request->session, .files = request->files, .report = request->report, .arena = arena
    };
    KeysLists lists = { 0 };
    Drivers drivers = { 0 };
    for (size_t i = 0; i < request->gpus->count; i++) {
        const ManifestGpu *gpu = &request->gpus->items[i];
        if (add_gpu(&finder, gpu, &lists, err))
            continue;
        const Error cause = *err;
        if (!goes_on(request, gpu, &cause, err))
            return false;
    }
    for (size_t i = 0; i < lists.count; i++) {
        if (!add_driver(&finder, request, &lists.items[i], &drivers, err))
            return false;
    }
    *ret_drivers = drivers;
    return true;
}
