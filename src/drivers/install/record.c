/* SPDX-License-Identifier: MIT */
#include "drivers/install/record.h"

#include "base/alloc.h"
#include "base/ascii.h"
#include "base/limits.h"
#include "drivers/package/layout.h"
#include "json/document.h"

#include <stdlib.h>
#include <string.h>

#define JOURNAL_FORMAT "hyperpoint-install/1"
#define INSTALLED_FORMAT "hyperpoint-installed/1"

static const char *const before_names[] = {
    [BEFORE_NOTHING] = "nothing", [BEFORE_ORIGINAL] = "original", [BEFORE_SAME] = "same"
};

/* ---- shared ---- */

static bool get_text(const json_t *object, const char *name, Arena *arena, const char **ret_text, Error *err)
{
    const char *text = json_string_value(json_object_get(object, name));
    if (text == NULL)
        return error_set(err, ERR_PROTOCOL, "its member '%s' is missing or no text", name);
    *ret_text = arena_strdup(arena, text);
    return true;
}

static bool get_array(const json_t *object, const char *name, size_t limit, const json_t **ret_array, Error *err)
{
    const json_t *array = json_object_get(object, name);
    if (!json_is_array(array))
        return error_set(err, ERR_PROTOCOL, "its member '%s' is missing or no array", name);
    if (json_array_size(array) > limit)
        return error_set(err, ERR_PROTOCOL, "its member '%s' has more than %zu items", name, limit);
    *ret_array = array;
    return true;
}

static bool get_texts(const json_t *object, const char *name, size_t limit, Arena *arena, StringList *ret_texts,
                      Error *err)
{
    const json_t *array;
    size_t i;
    json_t *item;
    StringList texts = { 0 };
    if (!get_array(object, name, limit, &array, err))
        return false;
    json_array_foreach(array, i, item)
    {
        if (!json_is_string(item))
            return error_set(err, ERR_PROTOCOL, "its member '%s' holds something that is no text", name);
        ARRAY_PUSH(arena, &texts, arena_strdup(arena, json_string_value(item)));
    }
    *ret_texts = texts;
    return true;
}

/* A path that is one of the installer's: whatever the file says, nothing else is touched. */
typedef bool PathCheck(const char *path, Error *err);

static bool check_path(const char *path, PathCheck *check, Error *err)
{
    if (check(path, err))
        return true;
    err->code = ERR_PROTOCOL; /* what is wrong is the file that says so */
    return false;
}

static bool get_path(const json_t *object, const char *name, bool optional, PathCheck *check, Arena *arena,
                     const char **ret_path, Error *err)
{
    *ret_path = NULL;
    if (optional && json_object_get(object, name) == NULL)
        return true;
    return get_text(object, name, arena, ret_path, err) && check_path(*ret_path, check, err);
}

static bool get_folders(const json_t *object, const char *name, bool optional, Arena *arena, StringList *ret_folders,
                        Error *err)
{
    if (optional && json_object_get(object, name) == NULL)
        return true;
    if (!get_texts(object, name, LIMIT_JOURNAL_STEPS, arena, ret_folders, err))
        return false;
    for (size_t i = 0; i < ret_folders->count; i++) {
        if (!check_path(ret_folders->items[i], layout_check_made_folder, err))
            return false;
    }
    return true;
}

static json_t *texts_json(const StringList *texts)
{
    json_t *array = json_array();
    for (size_t i = 0; i < texts->count; i++)
        (void) json_array_append_new(array, json_string(texts->items[i]));
    return array;
}

/* ---- values of the registry ---- */

static const char *const state_names[] = {
    [REGISTRY_NO_KEY] = "no-key", [REGISTRY_NO_VALUE] = "no-value", [REGISTRY_VALUE] = "value"
};

static json_t *value_json(const RegistryValue *value)
{
    char *hex = alloc_zeroed(2 * value->size + 1);
    for (size_t i = 0; i < value->size; i++)
        (void) snprintf(hex + 2 * i, 3, "%02x", value->data[i]);
    json_t *json =
        json_pack("{s:s, s:I, s:s}", "state", state_names[value->state], "type", (json_int_t) value->type, "data", hex);
    free(hex);
    return json;
}

static json_t *values_json(const InstallValues *values)
{
    json_t *array = json_array();
    for (size_t i = 0; i < values->count; i++) {
        const InstallValue *value = &values->items[i];
        (void) json_array_append_new(array,
                                     json_pack("{s:s, s:s, s:o, s:o}", "key", value->key, "name", value->name, "before",
                                               value_json(&value->before), "after", value_json(&value->after)));
    }
    return array;
}

static unsigned hex_digit(char c)
{
    return (unsigned) (ascii_is_digit(c) ? c - '0' : ascii_lower(c) - 'a' + 10);
}

static bool parse_hex(const char *text, Arena *arena, RegistryValue *value)
{
    size_t length = strlen(text);
    unsigned char *data = arena_alloc(arena, length / 2);
    if (length % 2 != 0)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!ascii_is_xdigit(text[i]))
            return false;
        data[i / 2] = (unsigned char) ((unsigned) data[i / 2] << 4 | hex_digit(text[i]));
    }
    value->data = data;
    value->size = length / 2;
    return true;
}

static bool get_value(const json_t *object, const char *name, Arena *arena, RegistryValue *ret_value, Error *err)
{
    const json_t *json = json_object_get(object, name);
    const char *state = json_string_value(json_object_get(json, "state"));
    const char *data = json_string_value(json_object_get(json, "data"));
    json_int_t type = json_integer_value(json_object_get(json, "type"));
    RegistryValue value = { .type = (uint32_t) type };
    size_t i = 0;
    while (state != NULL && i < COUNT_OF(state_names) && strcmp(state, state_names[i]) != 0)
        i++;
    if (state == NULL || i == COUNT_OF(state_names) || type < 0 || type > UINT32_MAX || data == NULL ||
        !parse_hex(data, arena, &value))
        return error_set(err, ERR_PROTOCOL, "its registry value '%s' is missing or wrong", name);
    value.state = (RegistryState) i;
    *ret_value = value;
    return true;
}

/* Files that older versions wrote have none. */
static bool get_values(const json_t *object, size_t limit, Arena *arena, InstallValues *ret_values, Error *err)
{
    const json_t *array = NULL;
    InstallValues values = { 0 };
    size_t i;
    json_t *json;
    if (json_object_get(object, "values") != NULL && !get_array(object, "values", limit, &array, err))
        return false;
    json_array_foreach(array, i, json)
    {
        InstallValue value = { .key = NULL };
        if (!get_text(json, "key", arena, &value.key, err) || !get_text(json, "name", arena, &value.name, err) ||
            !layout_check_value(value.key, value.name, err) || !get_value(json, "before", arena, &value.before, err) ||
            !get_value(json, "after", arena, &value.after, err))
            return false;
        ARRAY_PUSH(arena, &values, value);
    }
    *ret_values = values;
    return true;
}

/* ---- the journal ---- */

const char *install_journal_format(const InstallJournal *journal, Arena *arena)
{
    json_t *steps = json_array();
    for (size_t i = 0; i < journal->steps.count; i++) {
        const InstallStep *step = &journal->steps.items[i];
        json_t *json = json_pack("{s:s}", "path", step->path);
        if (step->fresh != NULL)
            (void) json_object_set_new(json, "fresh", json_string(step->fresh));
        if (step->old != NULL)
            (void) json_object_set_new(json, "old", json_string(step->old));
        (void) json_array_append_new(steps, json);
    }
    return json_document_format(
        json_pack("{s:s, s:s, s:s, s:b, s:o, s:o, s:o, s:o}", "format", JOURNAL_FORMAT, "program", HYPERPOINT_VERSION,
                  "what", journal->what, "waits", journal->waits, "folders", texts_json(&journal->folders), "leaving",
                  texts_json(&journal->leaving), "steps", steps, "values", values_json(&journal->values)),
        arena);
}

static bool parse_steps(const json_t *object, Arena *arena, InstallSteps *steps, Error *err)
{
    const json_t *array;
    size_t i;
    json_t *json;
    if (!get_array(object, "steps", LIMIT_JOURNAL_STEPS, &array, err))
        return false;
    json_array_foreach(array, i, json)
    {
        InstallStep step;
        if (!get_path(json, "path", false, layout_check_step, arena, &step.path, err) ||
            !get_path(json, "fresh", true, layout_check_own, arena, &step.fresh, err) ||
            !get_path(json, "old", true, layout_check_own, arena, &step.old, err))
            return false;
        ARRAY_PUSH(arena, steps, step);
    }
    return true;
}

bool install_journal_parse(const char *text, size_t size, Arena *arena, InstallJournal *ret_journal, Error *err)
{
    json_t *root;
    InstallJournal journal = { 0 };
    if (!json_document_parse(text, size, JOURNAL_FORMAT, &root, err))
        return false;
    bool ok = get_text(root, "what", arena, &journal.what, err) &&
              get_folders(root, "folders", false, arena, &journal.folders, err) &&
              get_folders(root, "leaving", true, arena, &journal.leaving, err) &&
              parse_steps(root, arena, &journal.steps, err) &&
              get_values(root, LIMIT_JOURNAL_VALUES, arena, &journal.values, err);
    journal.waits = json_is_true(json_object_get(root, "waits"));
    json_decref(root);
    if (ok)
        *ret_journal = journal;
    return ok;
}

/* ---- what is installed ---- */

const char *installed_format(const InstalledPackage *package, Arena *arena)
{
    json_t *files = json_array();
    for (size_t i = 0; i < package->files.count; i++) {
        const InstalledFile *file = &package->files.items[i];
        json_push(files,
                  json_pack("{s:s, s:o, s:s, s:s, s:s*}", "path", file->path, "size", json_uint64(file->size), "sha256",
                            file->sha256, "before", before_names[file->before], "original", file->original));
    }
    return json_document_format(json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:s, s:o, s:o, s:o}", "format",
                                          INSTALLED_FORMAT, "program", HYPERPOINT_VERSION, "name", package->name,
                                          "provider", package->provider, "driverVersion", package->driver_version,
                                          "deviceIds", texts_json(&package->device_ids), "installed",
                                          package->installed, "files", files, "values", values_json(&package->values),
                                          "folders", texts_json(&package->folders)),
                                arena);
}

static bool parse_before(const char *before, InstalledFile *file)
{
    for (size_t i = 0; i < COUNT_OF(before_names); i++) {
        if (strcmp(before, before_names[i]) == 0) {
            file->before = (InstalledBefore) i;
            return (file->before == BEFORE_ORIGINAL) == (file->original != NULL);
        }
    }
    return false;
}

/* A record can only name what a package can bring. */
static bool parse_file(const json_t *json, Arena *arena, InstalledFile *file, Error *err)
{
    const char *size = "", *sha256 = "", *before = "", *checked;
    unsigned long long number;
    LayoutPlace place;
    if (!get_text(json, "path", arena, &file->path, err) || !layout_check(file->path, arena, &checked, &place, err) ||
        !get_text(json, "size", arena, &size, err) || !get_text(json, "sha256", arena, &sha256, err) ||
        !get_text(json, "before", arena, &before, err) ||
        !get_path(json, "original", true, layout_check_own, arena, &file->original, err))
        return false;
    if (!ascii_parse_uint64(size, &number) || strlen(sha256) != HASH_TEXT_LENGTH)
        return error_set(err, ERR_PROTOCOL, "its file '%s' has a wrong size or hash", file->path);
    file->size = number;
    memcpy(file->sha256, sha256, sizeof(file->sha256));
    return parse_before(before, file) || error_set(err, ERR_PROTOCOL, "its file '%s' has a wrong 'before'", file->path);
}

bool installed_parse(const char *text, size_t size, Arena *arena, InstalledPackage *ret_package, Error *err)
{
    json_t *root;
    InstalledPackage package = { 0 };
    if (!json_document_parse(text, size, INSTALLED_FORMAT, &root, err))
        return false;
    const json_t *files = NULL;
    bool ok = get_text(root, "name", arena, &package.name, err) && layout_check_part(package.name, err) &&
              get_text(root, "provider", arena, &package.provider, err) &&
              get_text(root, "driverVersion", arena, &package.driver_version, err) &&
              get_text(root, "installed", arena, &package.installed, err) &&
              get_texts(root, "deviceIds", LIMIT_PACKAGE_LISTED, arena, &package.device_ids, err) &&
              get_folders(root, "folders", true, arena, &package.folders, err) &&
              get_values(root, LIMIT_PACKAGE_LISTED, arena, &package.values, err) &&
              get_array(root, "files", LIMIT_PACKAGE_FILES, &files, err);
    for (size_t i = 0; ok && i < json_array_size(files); i++) {
        InstalledFile file = { .path = NULL };
        ok = parse_file(json_array_get(files, i), arena, &file, err);
        if (ok)
            ARRAY_PUSH(arena, &package.files, file);
    }
    json_decref(root);
    if (ok)
        *ret_package = package;
    return ok;
}
