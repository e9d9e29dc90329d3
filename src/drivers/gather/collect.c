/* SPDX-License-Identifier: MIT */
#include "drivers/gather/collect.h"

#include "base/limits.h"
#include "drivers/gather/host_path.h"
#include "drivers/gather/leftovers.h"
#include "drivers/package/layout.h"
#include "drivers/package/pe_version.h"
#include "platform/text.h"

#include <string.h>

enum { FOLDER_DEPTH = 32 };

static bool add_file(Collector *collector, const char *source, const HostEntry *entry, const char *path, FileRule rule,
                     Error *err)
{
    LayoutPlace place;
    DriverFile file = { .source = source, .size = entry->size, .modified_s = entry->modified_s, .rule = rule };
    if (!layout_check(path, collector->arena, &file.path, &place, err))
        return error_prefix(err, "'%s'", source);
    if (collector->driver->files.count >= LIMIT_PACKAGE_FILES)
        return error_set(err, ERR_INVALID, "the driver has more than %d files", LIMIT_PACKAGE_FILES);
    ARRAY_PUSH(collector->arena, &collector->driver->files, file);
    collector->driver->total_size += file.size;
    return true;
}

static bool is_leftover(Collector *collector, const char *source, const HostEntry *entry)
{
    bool is = entry->is_folder ? leftover_is_folder(entry->name) : leftover_is_file(entry->name);
    if (is)
        report_detail(collector->report,
                      arena_printf(collector->arena, "'%s' is left out: it is no part of the driver", source));
    return is;
}

static bool add_folder(Collector *collector, const char *folder, const char *path, size_t depth, Error *err)
{
    HostEntries entries;
    Arena *arena = collector->arena;
    if (depth > FOLDER_DEPTH)
        return error_set(err, ERR_INVALID, "'%s' is too deep", folder);
    if (!collector->files->ops->list(collector->files, folder, arena, &entries, err))
        return false;
    for (size_t i = 0; i < entries.count; i++) {
        const HostEntry *entry = &entries.items[i];
        const char *source = arena_printf(arena, "%s\\%s", folder, entry->name);
        if (is_leftover(collector, source, entry))
            continue;
        const char *target = arena_printf(arena, "%s/%s", path, entry->name);
        if (entry->is_folder ? !add_folder(collector, source, target, depth + 1, err)
                             : !add_file(collector, source, entry, target, RULE_ALWAYS, err))
            return false;
    }
    return true;
}

bool collect_package(Collector *collector, const char *name, Error *err)
{
    ARRAY_PUSH(collector->arena, &collector->driver->manifest.folders, name);
    return add_folder(collector, arena_printf(collector->arena, "%s\\%s", collector->active->store, name),
                      arena_printf(collector->arena, LAYOUT_STORE "/%s", name), 0, err);
}

/* ---- looking among them ---- */

/* Behind the store and the folder's name, or NULL. */
static const char *rest_of(const Collector *collector, const DriverFile *file)
{
    const char *name = host_path_below(file->source, collector->active->store);
    const char *rest = name != NULL ? strchr(name, '\\') : NULL;
    return rest != NULL ? rest + 1 : NULL;
}

const DriverFile *collect_find_path(const Collector *collector, const char *path)
{
    for (size_t i = 0; i < collector->driver->files.count; i++) {
        if (text_equals(collector->driver->files.items[i].source, path))
            return &collector->driver->files.items[i];
    }
    return NULL;
}

const DriverFile *collect_find_below(const Collector *collector, const char *rest)
{
    for (size_t i = 0; i < collector->driver->files.count; i++) {
        const char *of_file = rest_of(collector, &collector->driver->files.items[i]);
        if (of_file != NULL && text_equals(of_file, rest))
            return &collector->driver->files.items[i];
    }
    return NULL;
}

static size_t depth_of(const char *rest)
{
    size_t depth = 0;
    for (; (rest = strchr(rest, '\\')) != NULL; rest++)
        depth++;
    return depth;
}

static bool is_same_folder(const Collector *collector, const DriverFile *a, const DriverFile *b)
{
    size_t length = (size_t) (rest_of(collector, a) - a->source);
    return strncmp(a->source, b->source, length) == 0;
}

const DriverFile *collect_find_name(const Collector *collector, const char *name)
{
    const DriverFile *found = NULL;
    for (size_t i = 0; i < collector->driver->files.count; i++) {
        const DriverFile *file = &collector->driver->files.items[i];
        if (!text_equals(strrchr(file->source, '\\') + 1, name))
            continue;
        const char *rest = rest_of(collector, file);
        if (rest == NULL)
            continue;
        if (found == NULL || (is_same_folder(collector, found, file) &&
                              depth_of(rest) < depth_of(rest_of(collector, found))))
            found = file;
    }
    return found;
}

bool collect_has_target(const Collector *collector, const char *target)
{
    for (size_t i = 0; i < collector->driver->files.count; i++) {
        if (text_equals(collector->driver->files.items[i].path, target))
            return true;
    }
    return false;
}

bool collect_promote(Collector *collector, const DriverFile *file, const char *target, FileRule rule, Error *err)
{
    HostEntry entry = { .size = file->size, .modified_s = file->modified_s };
    return collect_has_target(collector, target) || add_file(collector, file->source, &entry, target, rule, err);
}

/* ---- Windows' own folders ---- */

/* What is in that folder, nothing if there is none; each is read once. */
static bool list_once(Collector *collector, const char *folder, const HostEntries **ret_entries, Error *err)
{
    for (size_t i = 0; i < collector->listings.count; i++) {
        if (text_equals(collector->listings.items[i].folder, folder)) {
            *ret_entries = &collector->listings.items[i].entries;
            return true;
        }
    }
    Listing listing = { .folder = folder };
    if (!collector->files->ops->list(collector->files, folder, collector->arena, &listing.entries, err)) {
        if (err->code != ERR_NOT_FOUND)
            return false;
        *err = (Error){ .code = ERR_NONE };
    }
    ARRAY_PUSH(collector->arena, &collector->listings, listing);
    *ret_entries = &collector->listings.items[collector->listings.count - 1].entries;
    return true;
}

static bool is_of_windows(const Collector *collector, const char *path)
{
    static const char *const folders[] = { "System32", "SysWOW64", "SyChpe32" };
    const char *store = arena_printf(collector->arena, "%s\\System32\\DriverStore", collector->active->windows);
    bool is = false;
    for (size_t i = 0; i < COUNT_OF(folders); i++)
        is = is || host_path_below(path, arena_printf(collector->arena, "%s\\%s", collector->active->windows,
                                                      folders[i])) != NULL;
    return is && host_path_below(path, store) == NULL;
}

static bool is_microsofts(Collector *collector, const char *path, bool *ret_is, Error *err)
{
    Arena scratch = ARENA_INIT;
    char *data;
    size_t size;
    bool ok = host_files_read(collector->files, path, LIMIT_PROMOTED_BYTES, &scratch, &data, &size, err);
    if (ok)
        *ret_is = pe_version_of(data, size).is_microsoft;
    arena_release(&scratch);
    return ok;
}

bool collect_from_windows(Collector *collector, const char *path, const char *target, FileRule rule,
                          WindowsFile *ret_outcome, Error *err)
{
    const HostEntries *entries;
    const char *name = strrchr(path, '\\');
    *ret_outcome = WINDOWS_FILE_MISSING;
    if (!is_of_windows(collector, path))
        return true;
    if (!list_once(collector, arena_strndup(collector->arena, path, (size_t) (name - path)), &entries, err))
        return false;
    for (size_t i = 0; i < entries->count; i++) {
        bool is_microsoft;
        if (entries->items[i].is_folder || !text_equals(entries->items[i].name, name + 1))
            continue;
        if (!is_microsofts(collector, path, &is_microsoft, err))
            return false;
        *ret_outcome = is_microsoft ? WINDOWS_FILE_MICROSOFT : WINDOWS_FILE_TAKEN;
        return is_microsoft || collect_has_target(collector, target) ||
               add_file(collector, path, &entries->items[i], target, rule, err);
    }
    return true;
}
