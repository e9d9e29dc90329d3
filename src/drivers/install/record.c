/* SPDX-License-Identifier: MIT */
#include "drivers/install/record.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "drivers/package/layout.h"
#include "json/document.h"

#include <stdlib.h>
#include <string.h>

#define INSTALLED_FORMAT "hyperpoint-installed/1"

/* ---- shared ---- */

/* A path that is one of the installer's: whatever the file says, nothing else is touched. */
typedef bool PathCheck(const char *path, Error *err);

/* NULL, which a path that may be missing is, is fine. */
static bool check_path(const char *path, PathCheck *check, Error *err)
{
    if (path == NULL || check(path, err))
        return true;
    err->code = ERR_PROTOCOL; /* what is wrong is the file that says so */
    return false;
}

static bool check_folders(const StringList *folders, Error *err)
{
    for (size_t i = 0; i < folders->count; i++) {
        if (!check_path(folders->items[i], layout_check_made_folder, err))
            return false;
    }
    return true;
}

/* ---- values of the registry ---- */

static json_t *write_data(const void *record)
{
    static const char digits[] = "0123456789abcdef";
    Arena arena = ARENA_INIT;
    const RegistryValue *value = record;
    char *hex = arena_alloc(&arena, 2 * value->size + 1);
    for (size_t i = 0; i < value->size; i++) {
        hex[2 * i] = digits[value->data[i] >> 4];
        hex[2 * i + 1] = digits[value->data[i] & 15];
    }
    json_t *json = json_string(hex);
    arena_release(&arena);
    return json;
}

static unsigned hex_digit(char c)
{
    return (unsigned) (ascii_is_digit(c) ? c - '0' : ascii_lower(c) - 'a' + 10);
}

static bool read_data(const json_t *json, Arena *arena, void *record, Error *err)
{
    RegistryValue *value = record;
    const char *text = json_string_value(json);
    size_t length = text != NULL ? strlen(text) : 1;
    unsigned char *data = arena_alloc(arena, length / 2);
    bool ok = length % 2 == 0;
    for (size_t i = 0; ok && i < length; i++) {
        ok = ascii_is_xdigit(text[i]);
        data[i / 2] = (unsigned char) ((unsigned) data[i / 2] << 4 | hex_digit(text[i]));
    }
    value->data = data;
    value->size = length / 2;
    return ok || error_set(err, ERR_PROTOCOL, "its member 'data' is not in hexadecimal");
}

static const char *const state_names[] = {
    [REGISTRY_NO_KEY] = "no-key", [REGISTRY_NO_VALUE] = "no-value", [REGISTRY_VALUE] = "value"
};

static const Field registry_value_fields[] = {
    FIELD_NAME(RegistryValue, state, state_names, "state"),
    FIELD_UINT32(RegistryValue, type, "type", .flags = FIELD_OPTIONAL),
    FIELD_OF_RECORD(write_data, read_data, "data"),
};
static const Shape registry_value_shape = SHAPE(RegistryValue, registry_value_fields);

static bool check_value(const void *record, Arena *arena, Error *err)
{
    (void) arena;
    const InstallValue *value = record;
    return layout_check_value(value->key, value->name, err);
}

static const Field value_fields[] = {
    FIELD_TEXT(InstallValue, key, "key"),
    FIELD_TEXT(InstallValue, name, "name"),
    FIELD_RECORD(InstallValue, before, &registry_value_shape, "before"),
    FIELD_RECORD(InstallValue, after, &registry_value_shape, "after"),
};
static const Shape value_shape = SHAPE(InstallValue, value_fields, .check = check_value);

/* ---- the journal ---- */

static bool check_step(const void *record, Arena *arena, Error *err)
{
    (void) arena;
    const InstallStep *step = record;
    return check_path(step->path, layout_check_step, err) && check_path(step->fresh, layout_check_own, err) &&
           check_path(step->old, layout_check_own, err);
}

static const Field step_fields[] = {
    FIELD_TEXT(InstallStep, path, "path"),
    FIELD_TEXT(InstallStep, fresh, "fresh", .flags = FIELD_OPTIONAL),
    FIELD_TEXT(InstallStep, old, "old", .flags = FIELD_OPTIONAL),
};
static const Shape step_shape = SHAPE(InstallStep, step_fields, .check = check_step);

static bool check_journal(const void *record, Arena *arena, Error *err)
{
    (void) arena;
    const InstallJournal *journal = record;
    return check_folders(&journal->folders, err) && check_folders(&journal->leaving, err);
}

static const Field journal_fields[] = {
    FIELD_TEXT(InstallJournal, what, "what"),
    FIELD_BOOLEAN(InstallJournal, waits, "waits", .flags = FIELD_OPTIONAL),
    FIELD_TEXTS(InstallJournal, folders, "folders", .limit = LIMIT_JOURNAL_STEPS),
    FIELD_TEXTS(InstallJournal, leaving, "leaving", .limit = LIMIT_JOURNAL_STEPS, .flags = FIELD_OPTIONAL),
    FIELD_LIST(InstallJournal, steps, &step_shape, "steps", .limit = LIMIT_JOURNAL_STEPS),
    FIELD_LIST(InstallJournal, values, &value_shape, "values", .limit = LIMIT_JOURNAL_VALUES, .flags = FIELD_OPTIONAL),
};
static const Shape journal_shape = SHAPE(InstallJournal, journal_fields, .check = check_journal);

const RecordKind installation_kind = { "installation", 1, &journal_shape, .former = "hyperpoint-install/1" };

const RecordKind *const install_record_kinds[] = { &installation_kind, NULL };

/* ---- what is installed ---- */

/* A record can only name what a package can bring. */
static bool check_file(const void *record, Arena *arena, Error *err)
{
    const InstalledFile *file = record;
    const char *checked;
    LayoutPlace place;
    if (!layout_check(file->path, arena, &checked, &place, err) || !check_path(file->original, layout_check_own, err))
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
    return layout_check_part(package->name, err) && check_folders(&package->folders, err);
}

static const Field package_fields[] = {
    FIELD_TEXT(InstalledPackage, name, "name"),
    FIELD_TEXT(InstalledPackage, provider, "provider"),
    FIELD_TEXT(InstalledPackage, driver_version, "driverVersion"),
    FIELD_TEXTS(InstalledPackage, device_ids, "deviceIds", .limit = LIMIT_PACKAGE_LISTED),
    FIELD_TEXT(InstalledPackage, installed, "installed"),
    FIELD_LIST(InstalledPackage, files, &file_shape, "files", .limit = LIMIT_PACKAGE_FILES),
    FIELD_LIST(InstalledPackage, values, &value_shape, "values", .limit = LIMIT_PACKAGE_LISTED,
               .flags = FIELD_OPTIONAL),
    FIELD_TEXTS(InstalledPackage, folders, "folders", .limit = LIMIT_JOURNAL_STEPS, .flags = FIELD_OPTIONAL),
};
static const Shape package_shape = SHAPE(InstalledPackage, package_fields, .check = check_package);

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
