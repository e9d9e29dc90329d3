/* SPDX-License-Identifier: MIT */
#include "drivers/gather/pack_place.h"

#include "base/ascii.h"
#include "drivers/gather/pack_same.h"
#include "drivers/package/source.h"
#include "platform/files.h"

#include <string.h>

static PackPlace make_place(const PackRequest *request, const char *name, bool zip, Arena *arena)
{
    const char *ending = zip ? ".zip" : "";
    return (PackPlace){
        .name = name,
        .final = fs_join(arena, request->folder, arena_printf(arena, "%s%s", name, ending)),
        .fresh = fs_join(arena, request->folder, arena_printf(arena, ".%s%s.new", name, ending)),
        .old = fs_join(arena, request->folder, arena_printf(arena, ".%s%s.old", name, ending)),
    };
}

/* A run that was killed may have left its unfinished package, or the old one on its way out. */
static bool tidy_up(const PackPlace *place, Error *err)
{
    if (fs_exists(place->old) && !fs_exists(place->final) && !file_move(place->old, place->final, err))
        return false;
    return file_remove_tree(place->fresh, err) && file_remove_tree(place->old, err);
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

/* What is there of that name; what is no package is nobody's. */
static bool find_owner(const char *path, const Driver *driver, Arena *arena, Owner *ret_owner, Error *err)
{
    PackageSource *source;
    *ret_owner = OWNER_NOBODY;
    if (!fs_exists(path))
        return true;
    bool ok = package_open(path, arena, &source, err);
    if (ok) {
        *ret_owner = owner_of(source, driver, arena);
        package_close(source);
    }
    if (ok || (err->code != ERR_INVALID && err->code != ERR_PROTOCOL && err->code != ERR_NOT_FOUND))
        return ok;
    *err = (Error){ .code = ERR_NONE };
    return true;
}

/* ---- the name ---- */

typedef struct Candidate {
    PackPlace place; /* of the form that is wanted */
    bool is_free, is_same;
} Candidate;

static bool look_at(const PackRequest *request, const Driver *driver, const char *name, Arena *arena,
                    Candidate *ret_candidate, Error *err)
{
    Candidate candidate = { .place = make_place(request, name, request->zip, arena) };
    Owner owners[2]; /* of the folder and of the zip of that name */
    for (int zip = 0; zip < 2; zip++) {
        PackPlace place = make_place(request, name, zip, arena);
        if (!tidy_up(&place, err) || !find_owner(place.final, driver, arena, &owners[zip], err))
            return false;
    }
    /* A zip beats the folder of its name. */
    bool is_hidden = request->zip && owners[1] == OWNER_SAME;
    bool is_others = owners[1] == OWNER_OTHER || (owners[0] == OWNER_OTHER && !is_hidden);
    candidate.is_same = !is_others && (owners[0] == OWNER_SAME || owners[1] == OWNER_SAME);
    candidate.is_free = !is_others && !candidate.is_same;
    *ret_candidate = candidate;
    return true;
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
    return !chosen.is_same || pack_is_same(request, driver, chosen.place.final, arena, &ret_place->is_unchanged,
                                           &ret_place->manifest, err);
}

bool pack_place_take(const PackPlace *place, const PackRequest *request, Error *err)
{
    bool replaces = fs_exists(place->final);
    Error ignored = { .code = ERR_NONE };
    if (replaces && !file_move(place->final, place->old, err))
        return false;
    if (!file_move(place->fresh, place->final, err)) {
        /* If the old one cannot go back either, the next run sees to it. */
        (void) (replaces && file_move(place->old, place->final, &ignored));
        return false;
    }
    if (replaces && !file_remove_tree(place->old, &ignored))
        report_notice(request->report, "remains of the old package go with the next run: %s", ignored.message);
    return true;
}
