/* SPDX-License-Identifier: MIT */
#include "drivers/gather/promotions.h"

#include "base/ascii.h"
#include "drivers/gather/absence.h"
#include "drivers/gather/bitness.h"
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

/* The source of the declared file on the host, and where it goes: NULL where either is none. */
typedef struct Way {
    const char *path, *target;
    bool is_full; /* the path did not need the driver's folder */
} Way;

/* The second text is the file's new name; a full path into Windows' folders is the same place in the guest. */
static const char *target_of(const Collector *collector, const Declaration *declaration, const Way *way)
{
    const StringList *texts = &declaration->value->texts;
    const char *name = last_part(way->path), *same = way->is_full ? same_place(collector, way->path) : NULL;
    bool is_full;
    Error bad; /* then there is no such place */
    if (texts->count > 1 && *texts->items[1] != '\0') {
        const char *folder = declaration->folder + strlen("Windows/");
        const char *system = arena_printf(collector->arena, "%s\\%s", collector->active->windows, folder);
        const char *target =
            host_path_resolve(texts->items[1], collector->active->windows, system, collector->arena, &is_full);
        name = target != NULL ? host_path_below(target, system) : NULL;
    } else if (same != NULL) {
        return same;
    }
    if (name == NULL || !layout_check_part(name, &bad))
        return NULL;
    return arena_printf(collector->arena, "%s/%s", declaration->folder, name);
}

static Way way_of(const Collector *collector, const Declaration *declaration)
{
    Way way = { .path = NULL };
    way.path = host_path_resolve(declaration->value->texts.items[0], collector->active->windows, own_folder(collector),
                                 collector->arena, &way.is_full);
    if (way.path != NULL)
        way.target = target_of(collector, declaration, &way);
    return way;
}

static bool climbs(const Collector *collector, const Way *way)
{
    return !way->is_full && host_path_below(way->path, own_folder(collector)) == NULL;
}

/* Where the path says, else below another folder of the driver, else by its name; a library that nothing could load in
 * its place only where the path says so, and there is no other one. */
static const DriverFile *find_declared(const Collector *collector, const Way *way, bool *ret_is_of_other_bits)
{
    const DriverFile *file = collect_find_path(collector, way->path);
    const char *rest = host_path_below(way->path, own_folder(collector));
    *ret_is_of_other_bits = false;
    if (file == NULL && rest != NULL)
        file = collect_find_below(collector, rest);
    if (file != NULL && bitness_fit(collector->files, file, way->target) != BITNESS_WRONG)
        return file;
    const DriverFile *other = collect_find_name(collector, last_part(way->path), way->target, ret_is_of_other_bits);
    return other != NULL ? other : file;
}

/* *ret_is_done false: the host has no such file, but the table may know another one for that place. */
static bool add_declared(Collector *collector, const Declaration *declaration, bool *ret_is_done, Error *err)
{
    WindowsFile outcome = WINDOWS_FILE_MISSING;
    const Way way = way_of(collector, declaration);
    bool is_of_other_bits;
    *ret_is_done = false;
    if (way.target == NULL || climbs(collector, &way))
        return true;
    if (way.is_full && !collect_from_windows(collector, way.path, way.target, declaration->rule, &outcome, err))
        return false;
    const DriverFile *file =
        outcome == WINDOWS_FILE_MISSING ? find_declared(collector, &way, &is_of_other_bits) : NULL;
    *ret_is_done = outcome != WINDOWS_FILE_MISSING || file != NULL || collect_has_target(collector, way.target);
    return file == NULL || collect_promote(collector, file, way.target, declaration->rule, err);
}

/* Continues "'...', which ...". */
static const char *why_not_added(const Collector *collector, const Declaration *declaration)
{
    const Way way = way_of(collector, declaration);
    bool is_of_other_bits;
    if (way.path == NULL)
        return "is no path of a file on a disk of the host";
    if (way.target == NULL)
        return arena_printf(collector->arena, "cannot be called '%s' there",
                            declaration->value->texts.count > 1 ? declaration->value->texts.items[1]
                                                                : last_part(way.path));
    if (climbs(collector, &way))
        return "leads out of the driver's folder";
    if (host_path_below(way.path, collector->active->store) == NULL && !collect_is_of_windows(collector, way.path))
        return "lies in a folder that nothing is taken from";
    (void) find_declared(collector, &way, &is_of_other_bits);
    return is_of_other_bits ? "the driver has for programs of the other kind only (of 32 or of 64 bits)"
                            : host_absence(collector->files, way.path, collector->arena);
}

static void warn_of_missing(const Collector *collector, const Declaration *declaration)
{
    report_warning(collector->report, "the driver declares '%s' for the guest, which %s",
                   declaration->value->texts.items[0], why_not_added(collector, declaration));
}

/* ---- what is known ---- */

static bool add_known(Collector *collector, const Vendor *vendor, Error *err)
{
    for (size_t i = 0; vendor != NULL && i < vendor->file_count; i++) {
        bool ignored;
        const char *target = vendor->files[i].target;
        const DriverFile *file = collect_find_name(collector, vendor->files[i].source, target, &ignored);
        if (file != NULL && !collect_promote(collector, file, target, RULE_NEWER, err))
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

/* Once for each file, of however many values. */
static void warn_of_named(Collector *collector, const ManifestValue *value, const char *path)
{
    if (text_list_has(&collector->told, path))
        return;
    ARRAY_PUSH(collector->arena, &collector->told, path);
    report_warning(collector->report, "the driver's value %s names '%s', which %s", value->name, path,
                   host_absence(collector->files, path, collector->arena));
}

/* What is in the driver store is collected already. */
static bool add_named(void *context, const ManifestValue *value, const char *text, Error *err)
{
    Collector *collector = context;
    const char *rest, *windows = collector->active->windows;
    bool ignored, is_full, is_wow = ascii_ends_with(value->name, "Wow") || ascii_ends_with(value->name, "Wow64");
    const char *base = arena_printf(collector->arena, "%s\\%s", windows, is_wow ? "SysWOW64" : "System32");
    const char *path = host_path_resolve(text, windows, base, collector->arena, &is_full);
    if (path == NULL || !is_loadable(path))
        return true;
    const char *folder = driver_store_folder(path, collector->active->store, collector->arena, &rest);
    if (folder != NULL) {
        if (text_list_has(&collector->driver->manifest.folders, folder) && collect_find_path(collector, path) == NULL)
            warn_of_named(collector, value, path);
        return true;
    }
    const char *target = same_place(collector, path);
    WindowsFile outcome;
    if (target == NULL || (!is_full && collect_find_name(collector, last_part(path), target, &ignored) != NULL))
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
