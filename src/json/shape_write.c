/* SPDX-License-Identifier: MIT */
#include "json/shape.h"

#include "base/check.h"
#include "json/document.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

ShapeItems shape_items(const void *list)
{
    /* Pointers to structs have all one representation (C17 6.2.5), so that of "items" can be read as any of them. */
    ShapeItems items;
    const StringList *any = list;
    memcpy(&items.items, &any->items, sizeof(items.items));
    memcpy(&items.count, &any->count, sizeof(items.count));
    return items;
}

const void *shape_pointed(const void *pointer)
{
    const void *record;
    memcpy(&record, pointer, sizeof(record));
    return record;
}

static json_t *write_texts(const StringList *texts)
{
    json_t *array = json_array();
    for (size_t i = 0; i < texts->count; i++)
        json_push(array, json_text(texts->items[i]));
    return array;
}

json_t *shape_write_list(const Shape *shape, const void *list)
{
    ShapeItems items = shape_items(list);
    json_t *array = json_array();
    for (size_t i = 0; i < items.count; i++)
        json_push(array, shape_write(shape, (const char *) items.items + i * shape->size));
    return array;
}

static json_t *write_name(const Field *field, unsigned value)
{
    CHECK(value < field->name_count && field->names[value] != NULL);
    return json_string(field->names[value]);
}

static json_t *write_int64(int64_t value)
{
    char digits[24];
    (void) snprintf(digits, sizeof(digits), "%" PRId64, value);
    return json_string(digits);
}

static json_t *write_member(const Field *field, const void *member)
{
    switch (field->kind) {
    case FIELD_KIND_TEXT:
        CHECK(*(const char *const *) member != NULL || field->flags != 0);
        return json_text(*(const char *const *) member);
    case FIELD_KIND_CHARS:
        return json_text(member);
    case FIELD_KIND_TEXTS:
        return write_texts(member);
    case FIELD_KIND_BOOLEAN:
        return json_boolean(*(const bool *) member);
    case FIELD_KIND_SIZE:
        return json_integer((json_int_t) * (const size_t *) member);
    case FIELD_KIND_UINT32:
        return json_integer(*(const uint32_t *) member);
    case FIELD_KIND_UINT64:
        return json_uint64(*(const uint64_t *) member);
    case FIELD_KIND_INT64:
        return write_int64(*(const int64_t *) member);
    case FIELD_KIND_NAME:
        return write_name(field, *(const unsigned *) member);
    case FIELD_KIND_RECORD:
        return shape_write(field->shape, member);
    case FIELD_KIND_POINTER:
        return shape_pointed(member) != NULL ? shape_write(field->shape, shape_pointed(member)) : json_null();
    case FIELD_KIND_LIST:
        return shape_write_list(field->shape, member);
    case FIELD_KIND_OTHER:
        return field->write(member);
    case FIELD_KIND_SHOWN:
        break;
    }
    return NULL;
}

/* What FIELD_OPTIONAL leaves out. */
static bool is_left_out(const json_t *value)
{
    return json_is_null(value) || json_is_false(value) || (json_is_array(value) && json_array_size(value) == 0) ||
           (json_is_integer(value) && json_integer_value(value) == 0);
}

void shape_write_into(const Shape *shape, const void *record, json_t *object)
{
    for (size_t i = 0; i < shape->count; i++) {
        const Field *field = &shape->fields[i];
        if (field->kind == FIELD_KIND_SHOWN)
            continue;
        json_t *value = write_member(field, (const char *) record + field->offset);
        if (value == NULL)
            continue;
        if ((field->flags & FIELD_OPTIONAL) != 0 && is_left_out(value))
            json_decref(value);
        else
            json_put(object, field->name, value);
    }
}

json_t *shape_write(const Shape *shape, const void *record)
{
    json_t *object = json_object();
    shape_write_into(shape, record, object);
    return object;
}
