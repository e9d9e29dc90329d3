/* SPDX-License-Identifier: MIT */
#include "drivers/gather/promotions.h"

#include "base/ascii.h"
#include "drivers/gather/folders.h"
#include "drivers/gather/host_path.h"
#include "drivers/package/layout.h"
#include "platform/text.h"

#include <string.h>

/* ---- what is declared ---- */

static const char *own_folder(const Collector *collector)
{
    return arena_printf(collector->arena, "%s\\%s", collector->active->store, collector->active->folder);
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '\\');
    return slash != NULL ? slash + 1 : path;
}

/* Where the declared file goes, or NULL. "path" is its source on the host. */
static const char *target_of(const Collector *collector, const Declaration *declaration, const char *path)
{
    const StringList *texts = &declaration->value->texts;
    const char *name = last_part(path);
    bool is_full;
    Error bad; /* then there is no such place */
    if (texts->count > 1 && *texts->items[1] != '\0') {
        const char *folder = declaration->folder + strlen("Windows/");
        const char *system = arena_printf(collector->arena, "%s\\%s", collector->active->windows, folder);
        const char *target =
            host_path_resolve(texts->items[1], collector->active->windows, system, collector->arena, &is_full);
        name = target != NULL ? host_path_below(target, system) : NULL;
    }
    if (name == NULL || !layout_check_part(name, &bad))
        return NULL;
    return arena_printf(collector->arena, "%s/%s", declaration->folder, name);
}

/* Where the path says, else below another folder of the driver, else by its name. */
static const DriverFile *find_declared(const Collector *collector, const char *path)
{
    const DriverFile *file = collect_find_path(collector, path);
    const char *rest = host_path_below(path, own_folder(collector));
    if (file == NULL && rest != NULL)
        file = collect_find_below(collector, rest);
    return file != NULL ? file : collect_find_name(collector, last_part(path));
}

/* *ret_is_done false: the host has no such file, but the table may know another one for that place. */
static bool add_declared(Collector *collector, const Declaration *declaration, bool *ret_is_done, Error *err)
{
    bool is_full;
    WindowsFile outcome = WINDOWS_FILE_MISSING;
    const char *path = host_path_resolve(declaration->value->texts.items[0], collector->active->windows,
                                         own_folder(collector), collector->arena, &is_full);
    const char *target = path != NULL ? target_of(collector, declaration, path) : NULL;
    *ret_is_done = false;
    if (target == NULL)
        return true;
    if (!is_full && host_path_below(path, own_folder(collector)) == NULL)
        return true; /* it climbs out of the folder that it is relative to */
    if (is_full && !collect_from_windows(collector, path, target, declaration->rule, &outcome, err))
        return false;
    const DriverFile *file = outcome == WINDOWS_FILE_MISSING ? find_declared(collector, path) : NULL;
    *ret_is_done = outcome != WINDOWS_FILE_MISSING || file != NULL || collect_has_target(collector, target);
    return file == NULL || collect_promote(collector, file, target, declaration->rule, err);
}

static void warn_of_missing(const Collector *collector, const Declaration *declaration)
{
    report_warning(collector->report, "the driver declares '%s' for the guest, which the host does not have",
                   declaration->value->texts.items[0]);
}

/* ---- what is known ---- */

static bool add_known(Collector *collector, const Vendor *vendor, Error *err)
{
    for (size_t i = 0; vendor != NULL && i < vendor->file_count; i++) {
        const DriverFile *file = collect_find_name(collector, vendor->files[i].source);
        if (file != NULL && !collect_promote(collector, file, vendor->files[i].target, RULE_NEWER, err))
            return false;
    }
    return true;
}

/* ---- what values of the class key name ---- */

static bool is_loadable(const char *path)
{
    static const char *const endings[] = { ".dll", ".exe", ".json", ".so", ".sys", ".bin" };
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        if (ascii_ends_with(path, endings[i]))
            return true;
    }
    return false;
}

/* The path in the guest of a file of Windows' folders, or NULL: drivers have no files there. */
static const char *same_place(const Collector *collector, const char *path)
{
    const char *rest = host_path_below(path, collector->active->windows), *target;
    LayoutPlace place;
    Error ignored;
    return rest != NULL && layout_check(arena_printf(collector->arena, "Windows/%s", rest), collector->arena, &target,
                                        &place, &ignored) &&
                   place == LAYOUT_IN_SYSTEM
               ? target
               : NULL;
}

static bool has_folder(const Collector *collector, const char *name)
{
    const StringList *folders = &collector->driver->manifest.folders;
    for (size_t i = 0; i < folders->count; i++) {
        if (text_equals(folders->items[i], name))
            return true;
    }
    return false;
}

/* Once for each file, of however many values. */
static void warn_of_named(Collector *collector, const ManifestValue *value, const char *path)
{
    for (size_t i = 0; i < collector->told.count; i++) {
        if (text_equals(collector->told.items[i], path))
            return;
    }
    ARRAY_PUSH(collector->arena, &collector->told, path);
    report_warning(collector->report, "the driver's value %s names '%s', which the host does not have", value->name,
                   path);
}

/* What is in the driver store is collected already. */
static bool add_named(void *context, const ManifestValue *value, const char *text, Error *err)
{
    Collector *collector = context;
    const char *rest, *windows = collector->active->windows;
    bool is_full, is_wow = ascii_ends_with(value->name, "Wow") || ascii_ends_with(value->name, "Wow64");
    const char *base = arena_printf(collector->arena, "%s\\%s", windows, is_wow ? "SysWOW64" : "System32");
    const char *path = host_path_resolve(text, windows, base, collector->arena, &is_full);
    if (path == NULL || !is_loadable(path))
        return true;
    const char *folder = driver_store_folder(path, collector->active->store, collector->arena, &rest);
    if (folder != NULL) {
        if (has_folder(collector, folder) && collect_find_path(collector, path) == NULL)
            warn_of_named(collector, value, path);
        return true;
    }
    const char *target = same_place(collector, path);
    WindowsFile outcome;
    if (target == NULL || (!is_full && collect_find_name(collector, last_part(path)) != NULL))
        return true;
    if (!collect_from_windows(collector, path, target, RULE_NEWER, &outcome, err))
        return false;
    if (is_full && outcome == WINDOWS_FILE_MISSING)
        warn_of_named(collector, value, path);
    return true;
}

bool promotions_add(Collector *collector, const Declarations *declarations, const Vendor *vendor, Error *err)
{
    bool *is_done = ARENA_NEW_ARRAY(collector->arena, bool, declarations->count + 1);
    for (size_t i = 0; i < declarations->count; i++) {
        if (!add_declared(collector, &declarations->items[i], &is_done[i], err))
            return false;
    }
    if (!add_known(collector, vendor, err))
        return false;
    for (size_t i = 0; i < declarations->count; i++) {
        if (!is_done[i] && !add_declared(collector, &declarations->items[i], &is_done[i], err))
            return false;
        if (!is_done[i])
            warn_of_missing(collector, &declarations->items[i]);
    }
    for (size_t i = 0; i < collector->active->values.count; i++) {
        if (!driver_value_paths(&collector->active->values.items[i], collector->arena, add_named, collector, err))
            return false;
    }
    return true;
}
