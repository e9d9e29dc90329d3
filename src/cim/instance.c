/* SPDX-License-Identifier: MIT */
/* CIM instances: lists of named values, and convenient reading of them. */
#include "cim/value.h"

#include "base/ascii.h"
#include "base/check.h"

#include <stdlib.h>

CimInstance *cim_instance_create(Arena *arena, const char *class_name)
{
    CHECK(class_name != NULL);
    CimInstance *instance = ARENA_NEW(arena, CimInstance);
    instance->class_name = class_name;
    return instance;
}

CimInstance *cim_instance_copy(const CimInstance *instance, Arena *arena)
{
    CimInstance *copy = cim_instance_create(arena, arena_strdup(arena, instance->class_name));
    copy->path = instance->path == NULL ? NULL : arena_strdup(arena, instance->path);
    copy->properties = ARENA_NEW_ARRAY(arena, CimProperty, instance->count);
    copy->count = copy->capacity = instance->count;
    for (size_t i = 0; i < instance->count; i++) {
        copy->properties[i].name = arena_strdup(arena, instance->properties[i].name);
        copy->properties[i].value = cim_value_copy(&instance->properties[i].value, arena);
    }
    return copy;
}

static CimProperty *find_property(const CimInstance *instance, const char *name)
{
    for (size_t i = 0; i < instance->count; i++) {
        if (ascii_equals(instance->properties[i].name, name))
            return &instance->properties[i];
    }
    return NULL;
}

void cim_instance_set(CimInstance *instance, Arena *arena, const char *name, CimValue value)
{
    CHECK(instance->count <= instance->capacity);
    CimProperty *property = find_property(instance, name);
    if (property != NULL) {
        property->value = value;
        return;
    }
    if (instance->count == instance->capacity)
        instance->properties =
            array_grow(arena, instance->properties, instance->count, &instance->capacity, sizeof(CimProperty));
    instance->properties[instance->count++] = (CimProperty){ .name = name, .value = value };
}

const CimValue *cim_instance_find(const CimInstance *instance, const char *name)
{
    const CimProperty *property = find_property(instance, name);
    return property == NULL ? NULL : &property->value;
}

/* The value of a property that is neither missing nor null and is an array or not, as asked; else NULL. */
static const CimValue *find_value(const CimInstance *instance, const char *name, bool is_array)
{
    const CimValue *value = cim_instance_find(instance, name);
    return value != NULL && !value->is_null && value->is_array == is_array ? value : NULL;
}

const char *cim_instance_text(const CimInstance *instance, const char *name)
{
    const CimValue *value = find_value(instance, name, false);
    return value != NULL && cim_type_is_text(value->type) ? value->text : NULL;
}

static bool uint_of(const CimValue *value, uint64_t *ret_number)
{
    if (cim_type_is_unsigned(value->type))
        *ret_number = value->uint;
    else if (cim_type_is_signed(value->type) && value->sint >= 0)
        *ret_number = (uint64_t) value->sint;
    else
        return false;
    return true;
}

uint64_t cim_instance_uint(const CimInstance *instance, const char *name, uint64_t fallback)
{
    const CimValue *value = find_value(instance, name, false);
    uint64_t number;
    return value != NULL && uint_of(value, &number) ? number : fallback;
}

bool cim_instance_boolean(const CimInstance *instance, const char *name, bool fallback)
{
    const CimValue *value = find_value(instance, name, false);
    return value != NULL && value->type == CIM_TYPE_BOOLEAN ? value->boolean : fallback;
}

void cim_instance_texts(const CimInstance *instance, const char *name, Arena *arena, StringList *ret_texts)
{
    const CimValue *value = find_value(instance, name, true);
    StringList texts = { 0 };
    for (size_t i = 0; value != NULL && cim_type_is_text(value->type) && i < value->array.count; i++)
        ARRAY_PUSH(arena, &texts, value->array.items[i].text);
    *ret_texts = texts;
}

void cim_instance_uints(const CimInstance *instance, const char *name, Arena *arena, CimUintList *ret_numbers)
{
    const CimValue *value = find_value(instance, name, true);
    CimUintList numbers = { 0 };
    uint64_t number;
    for (size_t i = 0; value != NULL && i < value->array.count; i++) {
        if (!uint_of(&value->array.items[i], &number)) {
            numbers = (CimUintList){ 0 };
            break;
        }
        ARRAY_PUSH(arena, &numbers, number);
    }
    *ret_numbers = numbers;
}

const CimValue *cim_instance_array(const CimInstance *instance, const char *name, size_t *ret_count)
{
    const CimValue *value = find_value(instance, name, true);
    *ret_count = value == NULL ? 0 : value->array.count;
    return value == NULL ? NULL : value->array.items;
}

bool cim_instance_is_null(const CimInstance *instance, const char *name)
{
    const CimValue *value = cim_instance_find(instance, name);
    return value == NULL || value->is_null;
}
