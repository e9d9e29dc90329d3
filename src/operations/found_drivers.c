/* SPDX-License-Identifier: MIT */
#include "operations/found_drivers.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "drivers/install/target.h"
#include "drivers/package/folder.h"
#include "drivers/package/rivals.h"
#include "drivers/package/source.h"

#include <string.h>

static FoundDriver found_by_manifest(const char *place, const Manifest *manifest)
{
    return (FoundDriver){ .place = place,
                          .version = manifest->driver_version,
                          .folders = manifest->folders,
                          .gpus = manifest->gpus,
                          .manifest = manifest };
}

/* ---- packages ---- */

/* Packages of the original tool have no manifest; their files tell. */
static StringList folders_of(const PackageSource *source, Arena *arena)
{
    StringList folders = { 0 };
    for (size_t i = 0; i < source->entries.count; i++) {
        const PackageEntry *entry = &source->entries.items[i];
        if (entry->place != LAYOUT_IN_STORE)
            continue;
        const char *name = entry->path + strlen(LAYOUT_STORE "/");
        size_t length = strcspn(name, "/");
        /* Sorted: what is in a folder comes together. */
        const char *last = folders.count > 0 ? folders.items[folders.count - 1] : "";
        if (strlen(last) != length || ascii_ncasecmp(last, name, length) != 0)
            ARRAY_PUSH(arena, &folders, arena_strndup(arena, name, length));
    }
    return folders;
}

static bool read_package(const char *path, Arena *arena, FoundDrivers *list, Error *err)
{
    PackageSource *source;
    if (!package_open(path, arena, &source, err))
        return false;
    FoundDriver found = { .place = path };
    if (source->manifest != NULL)
        found = found_by_manifest(path, source->manifest);
    else
        found.folders = folders_of(source, arena);
    ARRAY_PUSH(arena, list, found);
    package_close(source);
    return true;
}

/* As installdrivers chooses among the packages of a folder. */
static void find_winners(FoundDrivers *list, Arena *arena)
{
    const Manifest **manifests = ARENA_NEW_ARRAY(arena, const Manifest *, list->count + 1);
    for (size_t i = 0; i < list->count; i++)
        manifests[i] = list->items[i].manifest;
    const Rival *rivals = manifests_find_rivals(manifests, list->count, arena);
    for (size_t i = 0; i < list->count; i++) {
        size_t winner = rivals[i].winner;
        list->items[i].winner = winner != SIZE_MAX ? list->items[winner].manifest->name : NULL;
    }
}

bool found_in_packages(const char *folder, Report *report, Arena *arena, FoundDrivers *ret_found, Error *err)
{
    StringList paths, passed_over; /* installdrivers tells of those */
    FoundDrivers list = { 0 };
    if (!package_folder_list(folder, arena, &paths, &passed_over, err))
        return false;
    for (size_t i = 0; i < paths.count; i++) {
        Error bad = { .code = ERR_NONE };
        if (!read_package(paths.items[i], arena, &list, &bad))
            report->warning(report, bad.message);
    }
    find_winners(&list, arena);
    *ret_found = list;
    return true;
}

/* ---- a guest's disk ---- */

/* The names in a folder; none, if there is no such folder. */
static bool list_names(InstallTarget *target, const char *path, Arena *arena, TargetFile *ret_folder,
                       StringList *ret_names, Error *err)
{
    *ret_names = (StringList){ 0 };
    return target_find(target, path, ret_folder, err) &&
           (ret_folder->status.kind == FILE_NONE ||
            tree_list(target_tree(target), ret_folder->path, arena, ret_names, err));
}

static bool read_manifest(const InstallTarget *target, const char *path, Arena *arena, Manifest *ret_manifest,
                          Error *err)
{
    char *text;
    size_t size;
    return tree_read(target_tree(target), path, LIMIT_MANIFEST_BYTES, arena, &text, &size, err) &&
           manifest_parse(text, size, arena, ret_manifest, err);
}

/* installdrivers keeps its own records there, too. */
static bool is_manifest(const char *name)
{
    return ascii_ends_with(name, ".json") && !ascii_ends_with(name, LAYOUT_RECORD_ENDING);
}

/* What installdrivers has put there, and nobody has removed since. */
static bool read_manifests(InstallTarget *target, const FoundDriver *store, Report *report, Arena *arena,
                           FoundDrivers *list, Error *err)
{
    TargetFile own;
    StringList names;
    size_t count = 0;
    if (!list_names(target, LAYOUT_OWN, arena, &own, &names, err))
        return false;
    for (size_t i = 0; i < names.count; i++) {
        const char *path = arena_printf(arena, "%s/%s", own.path, names.items[i]);
        Error bad = { .code = ERR_NONE };
        if (!is_manifest(names.items[i]))
            continue;
        if (++count > LIMIT_INSTALLED_PACKAGES) {
            (void) error_set(err, ERR_INVALID, "'%s' has manifests of more than %d packages",
                             target_full(target, own.path, arena), LIMIT_INSTALLED_PACKAGES);
            return error_hint(err, "remove those whose packages are gone");
        }
        Manifest *manifest = ARENA_NEW(arena, Manifest);
        if (!read_manifest(target, path, arena, manifest, &bad)) {
            report_warning(report, "'%s': %s", target_full(target, path, arena), bad.message);
            continue;
        }
        FoundDriver found = found_by_manifest(store->place, manifest);
        if (found.folders.count > 0 && found_has_folder(store, found.folders.items[0]))
            ARRAY_PUSH(arena, list, found);
    }
    return true;
}

bool found_on_disk(const char *place, const Tree *disk, Report *report, Arena *arena, FoundDrivers *ret_found,
                   Error *err)
{
    InstallTarget *target;
    TargetFile folder;
    FoundDriver store = { .place = place };
    FoundDrivers list = { 0 };
    if (!target_open(disk, /* foreseen= */ NULL, arena, &target, err) ||
        !list_names(target, LAYOUT_STORE, arena, &folder, &store.folders, err) ||
        !read_manifests(target, &store, report, arena, &list, err))
        return false;
    ARRAY_PUSH(arena, &list, store); /* last, because manifests tell more */
    *ret_found = list;
    return true;
}
