/* SPDX-License-Identifier: MIT */
#include "drivers/install/record_parts.h"

#include "base/ascii.h"
#include "drivers/package/layout.h"

#include <string.h>

/* ---- paths ---- */

bool record_check_path(const char *path, PathCheck *check, Error *err)
{
    if (path == NULL || check(path, err))
        return true;
    err->code = ERR_PROTOCOL; /* what is wrong is the file that says so */
    return false;
}

bool record_check_folders(const StringList *folders, Error *err)
{
    for (size_t i = 0; i < folders->count; i++) {
        if (!record_check_path(folders->items[i], layout_check_made_folder, err))
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
const Shape install_value_shape = SHAPE(InstallValue, value_fields, .check = check_value);
