/* SPDX-License-Identifier: MIT */
/* -DO check-drivers: whether packages, and a guest, have the drivers that are active on the host now. A guest is told
 * files below a folder of the active package's name; with another package it has no GPU (code 43). */
#include "commands/drivers.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "drivers/finder.h"
#include "drivers/package_source.h"
#include "platform/files.h"

#include <string.h>

/* A manifest that was found, in a package or in the guest. */
typedef struct Found {
    const char *place; /* path of the package, or of the manifest */
    Manifest manifest;
} Found;

typedef struct FoundList {
    Found *items;
    size_t count, capacity;
} FoundList;

/* ---- what is there ---- */

static bool read_manifest(App *app, const PackageSource *source, const PackageEntry *entry, Manifest *ret_manifest,
                          Error *err)
{
    PackageReader *reader;
    char *text;
    size_t size;
    if (!package_reader_open(source, &reader, err))
        return false;
    bool ok = package_read_small(reader, entry, LIMIT_MANIFEST_BYTES, app->arena, &text, &size, err) &&
              manifest_parse(text, size, app->arena, ret_manifest, err);
    package_reader_close(reader);
    return ok;
}

/* Packages of the original tool have no manifest: they tell nothing. */
static bool read_package(App *app, const char *path, FoundList *list, Error *err)
{
    PackageSource *source;
    Found found = { .place = path };
    if (!package_open(path, &source, err))
        return false;
    const PackageEntry *entry = package_find(source, package_key(manifest_path(source->name, app->arena), app->arena));
    bool ok = entry == NULL || read_manifest(app, source, entry, &found.manifest, err);
    if (ok && entry != NULL)
        ARRAY_PUSH(app->arena, list, found);
    package_close(source);
    return ok || error_prefix(err, "'%s'", path);
}

static bool ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text), ending_length = strlen(ending);
    return length > ending_length && ascii_equals(text + length - ending_length, ending);
}

static bool has_zip(const StringList *names, const char *name, Arena *arena)
{
    const char *zip = arena_printf(arena, "%s.zip", name);
    for (size_t i = 0; i < names->count; i++) {
        if (ascii_equals(names->items[i], zip))
            return true;
    }
    return false;
}

/* As installdrivers chooses them: a zip beats a folder of the same name. A package that cannot be read is as good as
 * none: told, and passed over. */
static bool read_packages(App *app, const char *folder, FoundList *ret_list, Error *err)
{
    StringList names;
    if (!fs_list_folder(folder, app->arena, &names, err))
        return error_hint(err, "-DO get-drivers makes packages there; -DEST names another folder");
    for (size_t i = 0; i < names.count; i++) {
        const char *name = names.items[i], *path = fs_join(app->arena, folder, name);
        FileStatus status;
        if (!file_status(path, &status, err))
            return false;
        bool is_package = status.kind == FILE_FOLDER ? !has_zip(&names, name, app->arena)
                                                     : status.kind == FILE_PLAIN && ends_with(name, ".zip");
        Error bad = { .code = ERR_NONE };
        if (name[0] != '.' && is_package && !read_package(app, path, ret_list, &bad))
            output_warning(app->output, "%s", bad.message);
    }
    return true;
}

static bool read_guest(App *app, const char *root, FoundList *ret_list, Error *err)
{
    const char *folder = fs_join(app->arena, root, LAYOUT_OWN);
    StringList names;
    if (!fs_exists(folder))
        return fs_exists(fs_join(app->arena, root, "Windows")) ||
               error_set(err, ERR_NOT_FOUND, "-ROOT: '%s' is not the system drive of a guest: it has no folder Windows",
                         root);
    if (!fs_list_folder(folder, app->arena, &names, err))
        return false;
    for (size_t i = 0; i < names.count; i++) {
        Found found = { .place = fs_join(app->arena, folder, names.items[i]) };
        char *text;
        size_t size;
        Error bad = { .code = ERR_NONE };
        /* installdrivers keeps its own records there, too. */
        if (!ends_with(names.items[i], ".json") || ends_with(names.items[i], ".installed.json"))
            continue;
        if (fs_read_file(found.place, LIMIT_MANIFEST_BYTES, app->arena, &text, &size, &bad) &&
            manifest_parse(text, size, app->arena, &found.manifest, &bad))
            ARRAY_PUSH(app->arena, ret_list, found);
        else
            output_warning(app->output, "'%s': %s", found.place, bad.message);
    }
    return true;
}

/* ---- the comparison ---- */

static const Found *find_current(const FoundList *list, const ActiveDriver *active)
{
    for (size_t i = 0; i < list->count; i++) {
        const Manifest *manifest = &list->items[i].manifest;
        if (manifest->folders.count > 0 && ascii_equals(manifest->folders.items[0], active->folder) &&
            strcmp(manifest->driver_version, active->version) == 0)
            return &list->items[i];
    }
    return NULL;
}

/* The one that was for the same GPU. */
static const Found *find_former(const FoundList *list, const char *device_id)
{
    for (size_t i = 0; i < list->count; i++) {
        const ManifestGpus *gpus = &list->items[i].manifest.gpus;
        for (size_t j = 0; j < gpus->count; j++) {
            if (ascii_equals(gpus->items[j].device_id, device_id))
                return &list->items[i];
        }
    }
    return NULL;
}

/* One line of the result; whether it is as it should be. folder_is_there: of the guest, whose folder may have gone. */
static bool tell(App *app, const char *where, const FoundList *list, const ActiveDriver *active, const ManifestGpu *gpu,
                 bool folder_is_there, json_t *json)
{
    const Found *current = find_current(list, active), *former = find_former(list, gpu->device_id);
    bool is_current = current != NULL && folder_is_there;
    const Found *shown = is_current ? current : former;
    const char *state = is_current ? "current" : former != NULL && former != current ? "outdated" : "missing";
    output_result(app->output, "  %-8s: %s%s%s%s%s\n", where, state, shown != NULL ? " (driver " : "",
                  shown != NULL ? shown->manifest.driver_version : "", shown != NULL ? ") " : "",
                  shown != NULL ? shown->place : "");
    json_t *item = json_object();
    (void) json_object_set_new(item, "state", json_string(state));
    (void) json_object_set_new(item, "driverVersion",
                               output_json_text(shown != NULL ? shown->manifest.driver_version : NULL));
    (void) json_object_set_new(item, "place", output_json_text(shown != NULL ? shown->place : NULL));
    (void) json_object_set_new(json, where, item);
    return is_current;
}

typedef struct Check {
    const char *packages, *root; /* NULL: not asked for */
    FoundList in_packages, in_guest;
} Check;

static bool check_gpu(App *app, const Check *check, const ManifestGpu *gpu, bool *is_current, Error *err)
{
    ActiveDriver active;
    if (!driver_find_active(app->host.session, gpu->device_id, app->arena, &active, err))
        return error_prefix(err, "%s", gpu->name);
    output_result(app->output, "%s\n  host    : driver %s, %s\n", gpu->name, active.version, active.folder);
    json_t *json = json_object();
    (void) json_object_set_new(json, "gpu", output_json_text(gpu->name));
    (void) json_object_set_new(json, "deviceId", output_json_text(gpu->device_id));
    (void) json_object_set_new(json, "driverVersion", output_json_text(active.version));
    (void) json_object_set_new(json, "packageFolder", output_json_text(active.folder));
    if (check->packages != NULL && !tell(app, "package", &check->in_packages, &active, gpu, true, json))
        *is_current = false;
    if (check->root != NULL) {
        const char *folder = arena_printf(app->arena, LAYOUT_STORE "/%s", active.folder);
        bool is_there = fs_exists(fs_join(app->arena, check->root, folder));
        if (!tell(app, "guest", &check->in_guest, &active, gpu, is_there, json))
            *is_current = false;
    }
    (void) json_array_append_new(json_object_get(output_json(app->output), "drivers"), json);
    return true;
}

ExitCode check_drivers_run(App *app, const Verb *verb)
{
    (void) verb;
    Error err = { .code = ERR_NONE };
    ManifestGpus gpus;
    Check check = { .root = app->options->root };
    if (app->options->destination != NULL || check.root == NULL)
        check.packages = drivers_folder(app);
    if (!drivers_choose_gpus(app, &gpus, &err) ||
        (check.packages != NULL && !read_packages(app, check.packages, &check.in_packages, &err)) ||
        (check.root != NULL && !read_guest(app, check.root, &check.in_guest, &err)))
        return app_fail(app, &err);
    bool is_current = true;
    (void) json_object_set_new(output_json(app->output), "drivers", json_array());
    for (size_t i = 0; i < gpus.count; i++) {
        if (!check_gpu(app, &check, &gpus.items[i], &is_current, &err))
            return app_fail(app, &err);
    }
    if (is_current)
        return EXIT_DONE;
    (void) error_set(&err, ERR_STATE, "not everything has the host's active driver");
    (void) error_hint(&err, "hyperpoint -DO get-drivers makes a new package; installdrivers installs it in the guest");
    output_error(app->output, &err);
    return EXIT_DIFFERS;
}
