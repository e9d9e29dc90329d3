/* SPDX-License-Identifier: MIT */
#include "json/shape.h"

#include "base/ascii.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool read_text(const Field *field, const json_t *json, Arena *arena, const char **ret_text)
{
    if (json_is_null(json) && (field->flags & FIELD_NULLABLE) != 0)
        *ret_text = NULL;
    else if (json_is_string(json))
        *ret_text = arena_strdup(arena, json_string_value(json));
    else
        return false;
    return true;
}

static bool read_chars(const Field *field, const json_t *json, char *member)
{
    const char *text = json_string_value(json);
    if (text == NULL || strlen(text) >= field->size)
        return false;
    memcpy(member, text, strlen(text) + 1);
    return true;
}

static bool read_texts(const json_t *json, Arena *arena, StringList *ret_texts)
{
    StringList texts = { 0 };
    for (size_t i = 0; i < json_array_size(json); i++) {
        const char *text = json_string_value(json_array_get(json, i));
        if (text == NULL)
            return false;
        ARRAY_PUSH(arena, &texts, arena_strdup(arena, text));
    }
    *ret_texts = texts;
    return json_is_array(json);
}

static bool read_number(const json_t *json, uint64_t most, uint64_t *ret_number)
{
    json_int_t number = json_integer_value(json);
    *ret_number = (uint64_t) number;
    return json_is_integer(json) && number >= 0 && (uint64_t) number <= most;
}

static bool read_uint64(const json_t *json, uint64_t *ret_number)
{
    unsigned long long number;
    if (!json_is_string(json) || !ascii_parse_uint64(json_string_value(json), &number))
        return false;
    *ret_number = number;
    return true;
}

static bool read_int64(const json_t *json, int64_t *ret_number)
{
    const char *text = json_string_value(json);
    if (text == NULL || !(ascii_is_digit(*text) || (*text == '-' && ascii_is_digit(text[1]))))
        return false;
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    *ret_number = number;
    return *end == '\0' && errno == 0;
}

static bool read_name(const Field *field, const json_t *json, unsigned *ret_value)
{
    const char *text = json_string_value(json);
    for (size_t i = 0; text != NULL && i < field->name_count; i++) {
        if (field->names[i] != NULL && strcmp(field->names[i], text) == 0) {
            *ret_value = (unsigned) i;
            return true;
        }
    }
    return false;
}

/* A list of any type, whose items are "shape": see shape_items(). */
static bool read_list(const Field *field, const json_t *json, Arena *arena, void *list, Error *err)
{
    const Shape *shape = field->shape;
    size_t count = json_array_size(json);
    char *items = arena_alloc_array(arena, count, shape->size);
    for (size_t i = 0; i < count; i++) {
        if (!shape_read(shape, json_array_get(json, i), arena, items + i * shape->size, err))
            return error_prefix(err, "'%s', item %zu", field->name, i + 1);
    }
    StringList *any = list;
    memcpy(&any->items, &items, sizeof(items));
    any->count = count;
    any->capacity = count;
    return true;
}

static bool read_pointer(const Field *field, const json_t *json, Arena *arena, void *member, Error *err)
{
    void *record = NULL;
    if (json_is_object(json)) {
        record = arena_alloc(arena, field->shape->size);
        if (!shape_read(field->shape, json, arena, record, err))
            return error_prefix(err, "'%s'", field->name);
    } else if (!json_is_null(json) || (field->flags & FIELD_NULLABLE) == 0) {
        return false;
    }
    memcpy(member, &record, sizeof(record));
    return true;
}

static const char *kind_text(FieldKind kind)
{
    static const char *const texts[] = {
        [FIELD_KIND_TEXT] = "no text",
        [FIELD_KIND_CHARS] = "no text, or too long",
        [FIELD_KIND_TEXTS] = "no list of texts",
        [FIELD_KIND_BOOLEAN] = "neither true nor false",
        [FIELD_KIND_SIZE] = "no number, or out of range",
        [FIELD_KIND_UINT32] = "no number of 32 bits",
        [FIELD_KIND_UINT64] = "no number of 64 bits in a text",
        [FIELD_KIND_INT64] = "no number of 64 bits in a text",
        [FIELD_KIND_NAME] = "none of the words it can be",
        [FIELD_KIND_RECORD] = "no object",
        [FIELD_KIND_POINTER] = "no object",
        [FIELD_KIND_LIST] = "no list",
        [FIELD_KIND_OTHER] = "wrong",
    };
    return texts[kind];
}

/* False and *err not set: the value is not of the field's kind. */
static bool read_value(const Field *field, const json_t *json, Arena *arena, void *member, Error *err)
{
    uint64_t number = 0;
    switch (field->kind) {
    case FIELD_KIND_TEXT:
        return read_text(field, json, arena, member);
    case FIELD_KIND_CHARS:
        return read_chars(field, json, member);
    case FIELD_KIND_TEXTS:
        return read_texts(json, arena, member);
    case FIELD_KIND_BOOLEAN:
        *(bool *) member = json_is_true(json);
        return json_is_boolean(json);
    case FIELD_KIND_SIZE:
        if (!read_number(json, SIZE_MAX, &number))
            return false;
        *(size_t *) member = (size_t) number;
        return true;
    case FIELD_KIND_UINT32:
        if (!read_number(json, UINT32_MAX, &number))
            return false;
        *(uint32_t *) member = (uint32_t) number;
        return true;
    case FIELD_KIND_UINT64:
        return read_uint64(json, member);
    case FIELD_KIND_INT64:
        return read_int64(json, member);
    case FIELD_KIND_NAME:
        return read_name(field, json, member);
    case FIELD_KIND_RECORD:
        return json_is_object(json) && (shape_read(field->shape, json, arena, member, err) ||
                                        error_prefix(err, "'%s'", field->name));
    case FIELD_KIND_POINTER:
        return read_pointer(field, json, arena, member, err);
    case FIELD_KIND_LIST:
        return json_is_array(json) && read_list(field, json, arena, member, err);
    case FIELD_KIND_OTHER:
        return field->read(json, arena, member, err);
    case FIELD_KIND_SHOWN:
        break;
    }
    return true;
}

static bool read_field(const Field *field, const json_t *json, Arena *arena, void *member, Error *err)
{
    const json_t *value = json_object_get(json, field->name);
    if (value == NULL && (field->flags & FIELD_OPTIONAL) != 0)
        return true;
    if (field->limit > 0 && json_array_size(value) > field->limit)
        return error_set(err, ERR_PROTOCOL, "its member '%s' has more than %zu items", field->name, field->limit);
    Error cause = { .code = ERR_NONE };
    if (value != NULL && read_value(field, value, arena, member, &cause))
        return true;
    if (cause.code == ERR_NONE)
        return error_set(err, ERR_PROTOCOL, "its member '%s' is missing or %s", field->name, kind_text(field->kind));
    *err = cause;
    return false;
}

bool shape_read(const Shape *shape, const json_t *json, Arena *arena, void *record, Error *err)
{
    for (size_t i = 0; i < shape->count; i++) {
        const Field *field = &shape->fields[i];
        if (field->kind != FIELD_KIND_SHOWN &&
            !read_field(field, json, arena, (char *) record + field->offset, err))
            return false;
    }
    return shape->check == NULL || shape->check(record, arena, err);
}
