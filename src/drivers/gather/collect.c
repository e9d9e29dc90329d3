/* SPDX-License-Identifier: MIT */
#include "drivers/gather/collect.h"

#include "base/limits.h"
#include "drivers/gather/bitness.h"
#include "drivers/gather/host_image.h"
#include "drivers/gather/host_path.h"
#include "drivers/gather/leftovers.h"
#include "drivers/package/layout.h"
#include "drivers/package/source.h"
#include "platform/text.h"

#include <stdlib.h>
#include <string.h>

enum { UNFIT_SHOWN = 10 };

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
        report_detail(collector->report, "'%s' is left out: it is no part of the driver", source);
    return is;
}

/* Its name is none that a package may hold (layout.h): a file of that name would be refused in the guest, or lead to
 * another one, as NVAPI~1.DLL might. The rest of the driver does not depend on it. */
static bool is_unfit(Collector *collector, const char *source, const char *name, const char *path)
{
    Error why = { .code = ERR_NONE };
    if (layout_check_part(name, &why) && layout_check_folder(path, &why))
        return false;
    if (++collector->unfit <= UNFIT_SHOWN)
        report_warning(collector->report, "'%s' is left out: %s", source, why.message);
    return true;
}

static bool add_folder(Collector *collector, const char *folder, const char *path, Error *err)
{
    HostEntries entries;
    Arena *arena = collector->arena;
    if (!collector->files->ops->list(collector->files, folder, arena, &entries, err))
        return false;
    for (size_t i = 0; i < entries.count; i++) {
        const HostEntry *entry = &entries.items[i];
        const char *source = arena_printf(arena, "%s\\%s", folder, entry->name);
        const char *target = arena_printf(arena, "%s/%s", path, entry->name);
        if (is_leftover(collector, source, entry) || is_unfit(collector, source, entry->name, target))
            continue;
        if (entry->is_folder ? !add_folder(collector, source, target, err)
                             : !add_file(collector, source, entry, target, RULE_ALWAYS, err))
            return false;
    }
    return true;
}

bool collect_package(Collector *collector, const char *name, Error *err)
{
    ARRAY_PUSH(collector->arena, &collector->driver->manifest.folders, name);
    return add_folder(collector, arena_printf(collector->arena, "%s\\%s", collector->active->store, name),
                      arena_printf(collector->arena, LAYOUT_STORE "/%s", name), err);
}

/* ---- names that a guest takes for one ---- */

typedef struct KeyedFile {
    const char *key;
    DriverFile *file;
} KeyedFile;

static int compare_keyed(const void *a, const void *b)
{
    const KeyedFile *x = a, *y = b;
    int order = strcmp(x->key, y->key);
    return order != 0 ? order : strcmp(x->file->path, y->file->path);
}

static bool is_same_file(Collector *collector, const DriverFile *a, const DriverFile *b, bool *ret_is, Error *err)
{
    char of_a[HASH_TEXT_LENGTH + 1], of_b[HASH_TEXT_LENGTH + 1];
    *ret_is = false;
    if (a->size != b->size)
        return true;
    if (!host_files_hash(collector->files, a->source, of_a, err) ||
        !host_files_hash(collector->files, b->source, of_b, err))
        return false;
    *ret_is = strcmp(of_a, of_b) == 0;
    return true;
}

/* "b" goes, or nothing does: which of two different ones the driver means, nobody can tell. */
static bool settle(Collector *collector, const KeyedFile *a, KeyedFile *b, Error *err)
{
    size_t length = strlen(a->key);
    bool is_below = strncmp(a->key, b->key, length) == 0 && package_key_is_below(b->key + length), is_same = false;
    if (!is_below && strcmp(a->key, b->key) != 0)
        return true;
    if (!is_below && !is_same_file(collector, a->file, b->file, &is_same, err))
        return false;
    if (!is_same) {
        (void) error_set(err, ERR_INVALID, "a guest would take '%s' and '%s' for one file, and they are two",
                         a->file->source, b->file->source);
        return error_hint(err, "one of them is no part of the driver: take it away, or install the driver anew");
    }
    report_detail(collector->report, "'%s' is left out: '%s' is the same", b->file->source, a->file->source);
    b->file->path = NULL;
    *b = *a;
    return true;
}

bool collect_settle_names(Collector *collector, Error *err)
{
    Driver *driver = collector->driver;
    size_t count = driver->files.count, kept = 0;
    KeyedFile *keyed = ARENA_NEW_ARRAY(collector->arena, KeyedFile, count + 1);
    for (size_t i = 0; i < count; i++)
        keyed[i] = (KeyedFile){ package_key(driver->files.items[i].path, collector->arena), &driver->files.items[i] };
    qsort(keyed, count, sizeof(*keyed), compare_keyed);
    for (size_t i = 1; i < count; i++) {
        if (!settle(collector, &keyed[i - 1], &keyed[i], err))
            return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (driver->files.items[i].path != NULL)
            driver->files.items[kept++] = driver->files.items[i];
        else
            driver->total_size -= driver->files.items[i].size;
    }
    driver->files.count = kept;
    if (collector->unfit > UNFIT_SHOWN)
        report_warning(collector->report, "%zu more are left out like that", collector->unfit - UNFIT_SHOWN);
    return true;
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

/* Of two of one name. */
static bool comes_first(const Collector *collector, const DriverFile *file, BitnessFit fit, const DriverFile *other,
                        BitnessFit other_fit)
{
    if (fit != other_fit)
        return fit < other_fit;
    return is_same_folder(collector, other, file) &&
           depth_of(rest_of(collector, file)) < depth_of(rest_of(collector, other));
}

const DriverFile *collect_find_name(const Collector *collector, const char *name, const char *target,
                                    bool *ret_is_of_other_bits)
{
    const DriverFile *found = NULL;
    BitnessFit found_fit = BITNESS_WRONG;
    bool has_wrong = false;
    for (size_t i = 0; i < collector->driver->files.count; i++) {
        const DriverFile *file = &collector->driver->files.items[i];
        if (!text_equals(strrchr(file->source, '\\') + 1, name) || rest_of(collector, file) == NULL)
            continue;
        BitnessFit fit = bitness_fit(collector->files, file, target);
        has_wrong = has_wrong || fit == BITNESS_WRONG;
        if (fit == BITNESS_WRONG || (found != NULL && !comes_first(collector, file, fit, found, found_fit)))
            continue;
        found = file;
        found_fit = fit;
    }
    *ret_is_of_other_bits = found == NULL && has_wrong;
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

bool collect_is_of_windows(const Collector *collector, const char *path)
{
    static const char *const folders[] = { "System32", "SysWOW64", "SyChpe32" };
    const char *store = arena_printf(collector->arena, "%s\\System32\\DriverStore", collector->active->windows);
    bool is = false;
    for (size_t i = 0; i < COUNT_OF(folders); i++)
        is = is || host_path_below(path, arena_printf(collector->arena, "%s\\%s", collector->active->windows,
                                                      folders[i])) != NULL;
    return is && host_path_below(path, store) == NULL;
}

bool collect_from_windows(Collector *collector, const char *path, const char *target, FileRule rule,
                          WindowsFile *ret_outcome, Error *err)
{
    const HostEntries *entries;
    const char *name = strrchr(path, '\\');
    *ret_outcome = WINDOWS_FILE_MISSING;
    if (!collect_is_of_windows(collector, path))
        return true;
    if (!list_once(collector, arena_strndup(collector->arena, path, (size_t) (name - path)), &entries, err))
        return false;
    for (size_t i = 0; i < entries->count; i++) {
        PeVersion version;
        if (entries->items[i].is_folder || !text_equals(entries->items[i].name, name + 1))
            continue;
        if (!host_image_version(collector->files, path, entries->items[i].size, &version, err))
            return false;
        *ret_outcome = version.is_microsoft ? WINDOWS_FILE_MICROSOFT : WINDOWS_FILE_TAKEN;
        return version.is_microsoft || collect_has_target(collector, target) ||
               add_file(collector, path, &entries->items[i], target, rule, err);
    }
    return true;
}
