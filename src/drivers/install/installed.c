/* SPDX-License-Identifier: MIT */
#include "drivers/install/installed.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "drivers/package/layout.h"
#include "json/document.h"

#include <string.h>

#define INSTALLED_FORMAT "hyperpoint-installed/1"

/* A record can only name what a package can bring. */
static bool check_file(const void *record, Arena *arena, Error *err)
{
    const InstalledFile *file = record;
    const char *checked;
    LayoutPlace place;
    if (!layout_check(file->path, arena, &checked, &place, err) ||
        !record_check_path(file->original, layout_check_own, err))
        return false;
    if (strlen(file->sha256) != HASH_TEXT_LENGTH)
        return error_set(err, ERR_PROTOCOL, "its file '%s' has a wrong hash", file->path);
    return (file->before == BEFORE_ORIGINAL) == (file->original != NULL) ||
           error_set(err, ERR_PROTOCOL, "its file '%s' has a wrong 'before'", file->path);
}

static const char *const before_names[] = {
    [BEFORE_NOTHING] = "nothing", [BEFORE_ORIGINAL] = "original", [BEFORE_SAME] = "same"
};

static const Field file_fields[] = {
    FIELD_TEXT(InstalledFile, path, "path"),
    FIELD_UINT64(InstalledFile, size, "size"),
    FIELD_CHARS(InstalledFile, sha256, "sha256"),
    FIELD_NAME(InstalledFile, before, before_names, "before"),
    FIELD_TEXT(InstalledFile, original, "original", .flags = FIELD_OPTIONAL),
};
static const Shape file_shape = SHAPE(InstalledFile, file_fields, .check = check_file);

static bool check_package(const void *record, Arena *arena, Error *err)
{
    (void) arena;
    const InstalledPackage *package = record;
    return layout_check_part(package->name, err) && record_check_folders(&package->folders, err);
}

static const Field package_fields[] = {
    FIELD_TEXT(InstalledPackage, name, "name"),
    FIELD_TEXT(InstalledPackage, provider, "provider"),
    FIELD_TEXT(InstalledPackage, driver_version, "driverVersion"),
    FIELD_TEXTS(InstalledPackage, device_ids, "deviceIds", .limit = LIMIT_PACKAGE_LISTED),
    FIELD_TEXT(InstalledPackage, installed, "installed"),
    FIELD_LIST(InstalledPackage, files, &file_shape, "files", .limit = LIMIT_PACKAGE_FILES),
    FIELD_LIST(InstalledPackage, values, &install_value_shape, "values", .limit = LIMIT_PACKAGE_LISTED,
               .flags = FIELD_OPTIONAL),
    FIELD_TEXTS(InstalledPackage, folders, "folders", .limit = LIMIT_JOURNAL_STEPS, .flags = FIELD_OPTIONAL),
};
static const Shape package_shape = SHAPE(InstalledPackage, package_fields, .check = check_package);

bool installed_has_folder(const InstalledPackage *package, const char *folder, Arena *arena)
{
    const char *path = arena_printf(arena, LAYOUT_STORE "/%s/", folder);
    for (size_t i = 0; i < package->files.count; i++) {
        if (ascii_starts_with(package->files.items[i].path, path))
            return true;
    }
    return false;
}

const char *installed_format(const InstalledPackage *package, Arena *arena)
{
    json_t *root = json_pack("{s:s, s:s}", "format", INSTALLED_FORMAT, "program", HYPERPOINT_VERSION);
    shape_write_into(&package_shape, package, root);
    return json_document_format(root, arena);
}

bool installed_parse(const char *text, size_t size, Arena *arena, InstalledPackage *ret_package, Error *err)
{
    json_t *root;
    InstalledPackage package = { 0 };
    if (!json_document_parse(text, size, INSTALLED_FORMAT, &root, err))
        return false;
    bool ok = shape_read(&package_shape, root, arena, &package, err);
    json_decref(root);
    if (ok)
        *ret_package = package;
    return ok;
}
