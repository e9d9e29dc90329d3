/* SPDX-License-Identifier: MIT */
#include "commands/install_choice.h"

#include "commands/places.h"
#include "drivers/package/folder.h"
#include "drivers/package/rivals.h"
#include "platform/fs.h"

static bool find_all(const char *folder, Report *report, Arena *arena, StringList *paths, Error *err)
{
    StringList passed_over;
    if (!package_folder_list(folder, arena, paths, &passed_over, err))
        return false;
    for (size_t i = 0; i < passed_over.count; i++)
        report->notice(report, passed_over.items[i]);
    if (paths->count > 0)
        return true;
    (void) error_set(err, ERR_NOT_FOUND, "there is no driver package in '%s'", folder);
    return error_hint(err, "gather one on the host: hyperpoint -VM \"my vm\" -DO get-drivers -ZIP");
}

static bool find_named(const StringList *names, const char *folder, Arena *arena, StringList *paths, Error *err)
{
    for (size_t i = 0; i < names->count; i++) {
        const char *name = names->items[i];
        const char *path = fs_join(arena, folder, name);
        const char *zip = arena_printf(arena, "%s.zip", path);
        if (!layout_check_part(name, err))
            return error_prefix(err, "-DRV");
        if (fs_exists(zip))
            path = zip;
        else if (!fs_exists(path))
            return error_set(err, ERR_NOT_FOUND, "-DRV: there is no package '%s' in '%s'", name, folder);
        ARRAY_PUSH(arena, paths, path);
    }
    return true;
}

static bool find_paths(const Options *options, const char *program_folder, Report *report, Arena *arena,
                       StringList *paths, Error *err)
{
    const char *folder = options->source;
    if (options->package != NULL) {
        ARRAY_PUSH(arena, paths, options->package);
        return true;
    }
    if (folder == NULL) {
        if (!places_find_program(program_folder, arena, &program_folder, err))
            return false;
        folder = places_packages(program_folder, arena);
    }
    bool ok = options->packages.count > 0 ? find_named(&options->packages, folder, arena, paths, err)
                                          : find_all(folder, report, arena, paths, err);
    if (!ok && options->source == NULL && err->code == ERR_NOT_FOUND && err->hint[0] == '\0')
        (void) error_hint(err, "-SRC names the folder with the packages, -DRVSRC one package");
    return ok;
}

static bool open_all(const StringList *paths, Arena *arena, ChosenPackages *packages, Error *err)
{
    for (size_t i = 0; i < paths->count; i++) {
        ChosenPackage package = { .newer_one = NULL };
        if (!package_open(paths->items[i], arena, &package.source, err))
            return false;
        ARRAY_PUSH(arena, packages, package);
    }
    return true;
}

/* Each would take the place of the other. */
static void leave_out_older(ChosenPackages *packages, Arena *arena)
{
    const Manifest **manifests = ARENA_NEW_ARRAY(arena, const Manifest *, packages->count);
    for (size_t i = 0; i < packages->count; i++)
        manifests[i] = packages->items[i].source->manifest;
    const size_t *newer = manifests_find_newer(manifests, packages->count, arena);
    for (size_t i = 0; i < packages->count; i++)
        packages->items[i].newer_one = newer[i] != SIZE_MAX ? packages->items[newer[i]].source->name : NULL;
}

bool install_choose(const Options *options, const char *program_folder, Report *report, Arena *arena,
                    ChosenPackages *ret_packages, Error *err)
{
    StringList paths = { 0 };
    ChosenPackages packages = { 0 };
    if (!find_paths(options, program_folder, report, arena, &paths, err))
        return false;
    if (!open_all(&paths, arena, &packages, err)) {
        install_choice_close(&packages);
        return false;
    }
    if (options->packages.count == 0)
        leave_out_older(&packages, arena);
    *ret_packages = packages;
    return true;
}

void install_choice_close(ChosenPackages *packages)
{
    for (size_t i = 0; i < packages->count; i++)
        package_close(packages->items[i].source);
}
