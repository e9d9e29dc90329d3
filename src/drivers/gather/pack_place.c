/* SPDX-License-Identifier: MIT */
#include "drivers/gather/pack_place.h"

#include "base/ascii.h"
#include "drivers/gather/pack_same.h"
#include "drivers/package/folder.h"
#include "drivers/package/rivals.h"
#include "drivers/package/source.h"
#include "platform/files.h"
#include "platform/text.h"

#include <string.h>

static PackPlace make_place(const PackRequest *request, const char *name, bool zip, Arena *arena)
{
    const char *ending = zip ? ".zip" : "";
    return (PackPlace){
        .name = name,
        .final = fs_join(arena, request->folder, arena_printf(arena, "%s%s", name, ending)),
        .fresh = fs_join(arena, request->folder, arena_printf(arena, ".hyperpoint.%s%s.new", name, ending)),
        .old = fs_join(arena, request->folder, arena_printf(arena, ".hyperpoint.%s%s.old", name, ending)),
    };
}

static void remove_remains(const char *path, Report *report)
{
    Error err = { .code = ERR_NONE };
    if (!file_remove_tree(path, &err))
        report_notice(report, "remains of an earlier run cannot be removed: %s", err.message);
}

/* A link to nothing is, too; so is what cannot be looked at. */
static bool is_there(const char *path)
{
    FileStatus status;
    Error ignored = { .code = ERR_NONE };
    return !file_status(path, &status, &ignored) || status.kind != FILE_NONE;
}

/* A run that was killed may have left its unfinished package, or the old one on its way out. */
static bool tidy_up(const PackPlace *place, Report *report, Error *err)
{
    if (is_there(place->old) && !is_there(place->final) && !file_move(place->old, place->final, err))
        return false;
    remove_remains(place->fresh, report);
    remove_remains(place->old, report);
    return true;
}

bool pack_place_clear(const PackPlace *place, Error *err)
{
    if (file_remove_tree(place->fresh, err) && file_remove_tree(place->old, err) &&
        (place->stale == NULL || file_remove_tree(place->stale_old, err)))
        return true;
    return error_hint(err, "it is what remains of an earlier run: end what holds it open, or remove it by hand");
}

/* ---- whose package it is ---- */

static bool has_gpu(const ManifestGpus *gpus, const char *device_id)
{
    for (size_t i = 0; i < gpus->count; i++) {
        if (ascii_equals(gpus->items[i].device_id, device_id))
            return true;
    }
    return false;
}

static bool is_for_these_gpus(const Manifest *manifest, const Driver *driver)
{
    bool all = manifest->gpus.count > 0;
    for (size_t i = 0; i < manifest->gpus.count; i++)
        all = all && has_gpu(&driver->manifest.gpus, manifest->gpus.items[i].device_id);
    return all;
}

/* Packages of the original tool have no manifest; their files tell. */
static bool has_file_in(const PackageSource *source, const char *folder, Arena *arena)
{
    const char *start = arena_printf(arena, LAYOUT_STORE "/%s/", folder);
    for (size_t i = 0; i < source->entries.count; i++) {
        if (ascii_starts_with(source->entries.items[i].path, start))
            return true;
    }
    return false;
}

typedef enum Owner { OWNER_NOBODY, OWNER_SAME, OWNER_OTHER } Owner;

static Owner owner_of(const PackageSource *source, const Driver *driver, Arena *arena)
{
    const StringList *folders = &driver->manifest.folders;
    const Manifest *manifest = source->manifest;
    bool is_same;
    if (manifest != NULL)
        is_same = manifest->folders.count > 0 && folders->count > 0 &&
                  (ascii_equals(manifest->folders.items[0], folders->items[0]) || is_for_these_gpus(manifest, driver));
    else
        is_same = folders->count > 0 && has_file_in(source, folders->items[0], arena);
    return is_same ? OWNER_SAME : OWNER_OTHER;
}

/* What is there of that name. What is no package is somebody's, too. */
static bool find_owner(const PackRequest *request, const char *path, const Driver *driver, Arena *arena,
                       Owner *ret_owner, Error *err)
{
    PackageSource *source;
    *ret_owner = OWNER_NOBODY;
    if (!is_there(path))
        return true;
    if (package_open(path, arena, &source, err)) {
        *ret_owner = owner_of(source, driver, arena);
        package_close(source);
        return true;
    }
    if (err->code != ERR_INVALID && err->code != ERR_PROTOCOL && err->code != ERR_NOT_FOUND)
        return false;
    report_warning(request->report, "'%s' cannot be read as a driver package, and is left alone (%s); remove it if "
                                    "nobody needs it", path, err->message);
    *ret_owner = OWNER_OTHER;
    *err = (Error){ .code = ERR_NONE };
    return true;
}

/* ---- the name ---- */

typedef struct Candidate {
    PackPlace place; /* of the form that is wanted */
    bool is_free, is_same;
    Owner owner; /* of what is in that place */
} Candidate;

static bool look_at(const PackRequest *request, const Driver *driver, const char *name, Arena *arena,
                    Candidate *ret_candidate, Error *err)
{
    PackPlace places[2]; /* the folder and the zip of that name */
    Owner owners[2];
    for (int zip = 0; zip < 2; zip++) {
        places[zip] = make_place(request, name, zip, arena);
        if (!tidy_up(&places[zip], request->report, err) ||
            !find_owner(request, places[zip].final, driver, arena, &owners[zip], err))
            return false;
    }
    Candidate candidate = { .place = places[request->zip], .owner = owners[request->zip] };
    /* A zip beats the folder of its name. */
    bool is_hidden = request->zip && owners[1] == OWNER_SAME;
    bool is_others = owners[1] == OWNER_OTHER || (owners[0] == OWNER_OTHER && !is_hidden);
    candidate.is_same = !is_others && (owners[0] == OWNER_SAME || owners[1] == OWNER_SAME);
    candidate.is_free = !is_others && !candidate.is_same;
    if (owners[!request->zip] == OWNER_SAME) {
        candidate.place.stale = places[!request->zip].final;
        candidate.place.stale_old = places[!request->zip].old;
    }
    *ret_candidate = candidate;
    return true;
}

static bool compare_with_driver(const PackRequest *request, const Driver *driver, const Candidate *chosen, Arena *arena,
                                PackPlace *place, Error *err)
{
    bool is_stale = false, is_same;
    Manifest ignored;
    if (chosen->owner == OWNER_SAME && !pack_is_same(request, driver, place->final, arena, &place->is_unchanged,
                                                     &place->manifest, err))
        return false;
    if (place->stale != NULL) {
        if (!pack_is_same(request, driver, place->stale, arena, &is_same, &ignored, err))
            return false;
        is_stale = !is_same;
    }
    if (!is_stale)
        place->stale = place->stale_old = NULL;
    return true;
}

/* Of the packages for a GPU installdrivers takes the one that was made last. One that another has followed, because the
 * host had another driver in between, is not the last one, though nothing in it has changed. */
static bool is_outdone(const PackRequest *request, const PackPlace *place, Arena *arena)
{
    StringList paths, passed_over;
    Error ignored = { .code = ERR_NONE }; /* what cannot be read outdoes nobody */
    if (!package_folder_list(request->folder, arena, &paths, &passed_over, &ignored))
        return false;
    const Manifest **manifests = ARENA_NEW_ARRAY(arena, const Manifest *, paths.count + 1);
    size_t count = 1;
    manifests[0] = &place->manifest;
    for (size_t i = 0; i < paths.count; i++) {
        PackageSource *source;
        if (text_equals(paths.items[i], place->final) || !package_open(paths.items[i], arena, &source, &ignored))
            continue;
        if (source->manifest != NULL)
            manifests[count++] = source->manifest; /* lives in the arena */
        package_close(source);
    }
    return manifests_find_rivals(manifests, count, arena)[0].served.count > 0;
}

bool pack_place_choose(const PackRequest *request, const Driver *driver, Arena *arena, PackPlace *ret_place, Error *err)
{
    StringList names;
    Candidate chosen = { .is_free = false };
    if (!fs_list_folder(request->folder, arena, &names, err))
        return false;
    /* With as many numbers as there are names, one is free. */
    for (size_t number = 1; number <= names.count + 1 && !chosen.is_same; number++) {
        Candidate candidate;
        const char *name = driver->manifest.name;
        if (number > 1)
            name = arena_printf(arena, "%s_%zu", name, number);
        if (!look_at(request, driver, name, arena, &candidate, err))
            return false;
        if (candidate.is_same || (candidate.is_free && !chosen.is_free))
            chosen = candidate;
    }
    *ret_place = chosen.place;
    if (!compare_with_driver(request, driver, &chosen, arena, ret_place, err))
        return false;
    ret_place->is_unchanged = ret_place->is_unchanged && !is_outdone(request, ret_place, arena);
    return true;
}

/* ---- into it ---- */

static void remove_old(const char *path, Report *report)
{
    Error err = { .code = ERR_NONE };
    if (!file_remove_tree(path, &err))
        report_notice(report, "remains of the old package go with the next run: %s", err.message);
}

static bool exchange(const PackPlace *place, const PackRequest *request, Error *err)
{
    bool replaces = is_there(place->final);
    Error ignored = { .code = ERR_NONE };
    if (replaces && !file_move(place->final, place->old, err))
        return false;
    if (!file_move(place->fresh, place->final, err)) {
        /* If the old one cannot go back either, the next run sees to it. */
        (void) (replaces && file_move(place->old, place->final, &ignored));
        return false;
    }
    if (replaces)
        remove_old(place->old, request->report);
    return true;
}

bool pack_place_take(const PackPlace *place, const PackRequest *request, Error *err)
{
    Error ignored = { .code = ERR_NONE };
    if (place->stale != NULL && !file_move(place->stale, place->stale_old, err))
        return false;
    if (!place->is_unchanged && !exchange(place, request, err)) {
        (void) (place->stale != NULL && file_move(place->stale_old, place->stale, &ignored)); /* else the next run */
        return false;
    }
    if (place->stale != NULL) {
        report_notice(request->report, "'%s' was this package before the driver changed, and has been removed",
                      place->stale);
        remove_old(place->stale_old, request->report);
    }
    return true;
}
