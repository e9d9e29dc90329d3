/* SPDX-License-Identifier: MIT */
#include "drivers/package/manifest.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "cim/value.h"
#include "drivers/package/layout.h"
#include "json/document.h"
#include "platform/clock.h"

#include <string.h>

#define FORMAT "hyperpoint-package/1"

static const char *const rule_names[] = { [RULE_ALWAYS] = "always", [RULE_NEWER] = "newer" };

const char *manifest_path(const char *name, Arena *arena)
{
    return arena_printf(arena, LAYOUT_OWN "/%s.json", name);
}

/* ---- writing ---- */

static json_t *write_texts(const StringList *texts)
{
    json_t *array = json_array();
    for (size_t i = 0; i < texts->count; i++)
        json_push(array, json_string(texts->items[i]));
    return array;
}

static json_t *write_value(const ManifestValue *value)
{
    json_t *json = json_object();
    json_put(json, "key", json_string(value->key));
    json_put(json, "name", json_string(value->name));
    if (value->kind == VALUE_DWORD)
        json_put(json, "dword", json_integer(value->number));
    else if (value->kind == VALUE_TEXTS)
        json_put(json, "texts", write_texts(&value->texts));
    else
        json_put(json, "text", json_string(value->texts.items[0]));
    return json;
}

static json_t *write_file(const ManifestFile *file, Arena *scratch)
{
    json_t *json = json_object();
    json_put(json, "path", json_string(file->path));
    json_put(json, "size", json_uint64(file->size));
    json_put(json, "modified", json_string(clock_format_utc(scratch, file->modified_s * 1000)));
    json_put(json, "sha256", json_string(file->sha256));
    json_put(json, "rule", json_string(rule_names[file->rule]));
    return json;
}

static json_t *write_manifest(const Manifest *manifest, Arena *scratch)
{
    json_t *json = json_object(), *gpus = json_array(), *values = json_array(), *files = json_array();
    json_put(json, "format", json_string(FORMAT));
    json_put(json, "name", json_string(manifest->name));
    json_put(json, "provider", json_string(manifest->provider));
    json_put(json, "driverVersion", json_string(manifest->driver_version));
    json_put(json, "driverDate", json_string(manifest->driver_date));
    json_put(json, "inf", json_string(manifest->inf));
    json_put(json, "packageFolders", write_texts(&manifest->folders));
    for (size_t i = 0; i < manifest->gpus.count; i++) {
        json_t *gpu = json_object();
        json_put(gpu, "name", json_string(manifest->gpus.items[i].name));
        json_put(gpu, "deviceId", json_string(manifest->gpus.items[i].device_id));
        json_push(gpus, gpu);
    }
    json_put(json, "gpus", gpus);
    for (size_t i = 0; i < manifest->values.count; i++)
        json_push(values, write_value(&manifest->values.items[i]));
    json_put(json, "registry", values);
    json_put(json, "created", json_string(manifest->created));
    json_put(json, "program", json_string(manifest->program));
    for (size_t i = 0; i < manifest->files.count; i++)
        json_push(files, write_file(&manifest->files.items[i], scratch));
    json_put(json, "files", files);
    return json;
}

const char *manifest_format(const Manifest *manifest, Arena *arena)
{
    return json_document_format(write_manifest(manifest, arena), arena);
}

/* ---- reading ---- */

static bool wrong(Error *err, const char *member)
{
    return error_set(err, ERR_PROTOCOL, "manifest: '%s' is missing or not as it should be", member);
}

static bool read_text(const json_t *json, const char *member, Arena *arena, const char **ret_text)
{
    const json_t *value = json_object_get(json, member);
    if (!json_is_string(value))
        return false;
    *ret_text = arena_strdup(arena, json_string_value(value));
    return true;
}

static bool read_texts(const json_t *json, const char *member, Arena *arena, StringList *ret_texts)
{
    const json_t *array = json_object_get(json, member);
    StringList texts = { 0 };
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *item = json_array_get(array, i);
        if (!json_is_string(item))
            return false;
        ARRAY_PUSH(arena, &texts, arena_strdup(arena, json_string_value(item)));
    }
    *ret_texts = texts;
    return json_is_array(array);
}

static bool read_gpu(const json_t *json, Arena *arena, ManifestGpu *gpu)
{
    return read_text(json, "name", arena, &gpu->name) && read_text(json, "deviceId", arena, &gpu->device_id);
}

static bool read_value(const json_t *json, Arena *arena, ManifestValue *value)
{
    if (!read_text(json, "key", arena, &value->key) || !read_text(json, "name", arena, &value->name))
        return false;
    const json_t *number = json_object_get(json, "dword");
    if (number != NULL) {
        json_int_t n = json_integer_value(number);
        value->kind = VALUE_DWORD;
        value->number = (uint32_t) n;
        return json_is_integer(number) && n >= 0 && n <= UINT32_MAX;
    }
    if (json_object_get(json, "texts") != NULL) {
        value->kind = VALUE_TEXTS;
        return read_texts(json, "texts", arena, &value->texts);
    }
    const char *text;
    if (!read_text(json, "text", arena, &text))
        return false;
    value->kind = VALUE_TEXT;
    ARRAY_PUSH(arena, &value->texts, text);
    return true;
}

/* What is set twice would be set to what? */
static bool has_value(const ManifestValues *values, const ManifestValue *value)
{
    for (size_t i = 0; i < values->count; i++) {
        if (ascii_equals(values->items[i].key, value->key) && ascii_equals(values->items[i].name, value->name))
            return true;
    }
    return false;
}

/* "2024-08-14T12:05:09..." by way of a CIM datetime. */
static bool read_time(const char *text, Arena *arena, int64_t *ret_seconds)
{
    int64_t ms;
    size_t length = strlen(text);
    if (length < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' ||
        text[length - 1] != 'Z')
        return false;
    const char *cim = arena_printf(arena, "%.4s%.2s%.2s%.2s%.2s%.2s.000000+000", text, text + 5, text + 8, text + 11,
                                   text + 14, text + 17);
    if (!cim_datetime_parse(cim, &ms))
        return false;
    *ret_seconds = ms / 1000;
    return true;
}

static bool is_hash(const char *text)
{
    return strlen(text) == HASH_TEXT_LENGTH && strspn(text, "0123456789abcdef") == HASH_TEXT_LENGTH;
}

static bool read_file(const json_t *json, Arena *arena, ManifestFile *file)
{
    const char *size, *modified, *sha256, *rule;
    unsigned long long bytes;
    if (!read_text(json, "path", arena, &file->path) || !read_text(json, "size", arena, &size) ||
        !read_text(json, "modified", arena, &modified) || !read_text(json, "sha256", arena, &sha256) ||
        !read_text(json, "rule", arena, &rule) || !ascii_parse_uint64(size, &bytes) || !is_hash(sha256) ||
        !read_time(modified, arena, &file->modified_s))
        return false;
    file->size = bytes;
    memcpy(file->sha256, sha256, HASH_TEXT_LENGTH + 1);
    file->rule = strcmp(rule, rule_names[RULE_NEWER]) == 0 ? RULE_NEWER : RULE_ALWAYS;
    return strcmp(rule, rule_names[file->rule]) == 0;
}

static bool bad_item(Error *err, const char *member, size_t index)
{
    return error_set(err, ERR_PROTOCOL, "manifest: item %zu of '%s' is not as it should be", index + 1, member);
}

/* The array of that name, with no more items than that. */
static bool find_list(const json_t *json, const char *member, size_t limit, const json_t **ret_list, Error *err)
{
    const json_t *list = json_object_get(json, member);
    if (!json_is_array(list))
        return wrong(err, member);
    if (json_array_size(list) > limit)
        return error_set(err, ERR_PROTOCOL, "manifest: '%s' has more than %zu items", member, limit);
    *ret_list = list;
    return true;
}

static bool read_lists(const json_t *json, Arena *arena, Manifest *manifest, Error *err)
{
    const json_t *folders, *gpus, *values, *files;
    if (!find_list(json, "packageFolders", LIMIT_PACKAGE_LISTED, &folders, err) ||
        !find_list(json, "gpus", LIMIT_PACKAGE_LISTED, &gpus, err) ||
        !find_list(json, "registry", LIMIT_PACKAGE_LISTED, &values, err) ||
        !find_list(json, "files", LIMIT_PACKAGE_FILES, &files, err))
        return false;
    if (!read_texts(json, "packageFolders", arena, &manifest->folders))
        return wrong(err, "packageFolders");
    for (size_t i = 0; i < json_array_size(gpus); i++) {
        ManifestGpu gpu = { 0 };
        if (!read_gpu(json_array_get(gpus, i), arena, &gpu))
            return bad_item(err, "gpus", i);
        ARRAY_PUSH(arena, &manifest->gpus, gpu);
    }
    for (size_t i = 0; i < json_array_size(values); i++) {
        ManifestValue value = { 0 };
        if (!read_value(json_array_get(values, i), arena, &value) || has_value(&manifest->values, &value))
            return bad_item(err, "registry", i);
        ARRAY_PUSH(arena, &manifest->values, value);
    }
    for (size_t i = 0; i < json_array_size(files); i++) {
        ManifestFile file = { 0 };
        if (!read_file(json_array_get(files, i), arena, &file))
            return bad_item(err, "files", i);
        ARRAY_PUSH(arena, &manifest->files, file);
    }
    return true;
}

static bool read_manifest(const json_t *json, Arena *arena, Manifest *ret_manifest, Error *err)
{
    Manifest manifest = { 0 };
    const struct {
        const char *member;
        const char **text;
    } texts[] = {
        { "name", &manifest.name },
        { "provider", &manifest.provider },
        { "driverVersion", &manifest.driver_version },
        { "driverDate", &manifest.driver_date },
        { "inf", &manifest.inf },
        { "created", &manifest.created },
        { "program", &manifest.program },
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        if (!read_text(json, texts[i].member, arena, texts[i].text))
            return wrong(err, texts[i].member);
    }
    if (!read_lists(json, arena, &manifest, err))
        return false;
    *ret_manifest = manifest;
    return true;
}

bool manifest_parse(const char *text, size_t size, Arena *arena, Manifest *ret_manifest, Error *err)
{
    json_t *json;
    if (!json_document_parse(text, size, FORMAT, &json, err))
        return error_prefix(err, "manifest");
    bool ok = read_manifest(json, arena, ret_manifest, err);
    json_decref(json);
    return ok;
}
