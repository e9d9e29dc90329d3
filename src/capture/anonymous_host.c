/* SPDX-License-Identifier: MIT */
#include "capture/anonymous_host.h"

#include "sim/store/registry.h"

#include <string.h>

typedef struct Copying {
    const Anonymous *anonymous;
    SimHost *to;
    const char *class_name, *property; /* whose value it is */
} Copying;

static CimValue copy_scalar(const Copying *copying, const CimValue *value)
{
    CimValue copy = cim_value_copy(value, &copying->to->arena);
    if (value->type == CIM_TYPE_STRING || value->type == CIM_TYPE_REFERENCE)
        copy.text = anonymous_text(copying->anonymous, copying->class_name, copying->property, copy.text,
                                   &copying->to->arena);
    return copy;
}

/* What every host has stays: Hyper-V's own words for things. */
static CimValue copy_value(const Copying *copying, const CimValue *value, const CimValue *usual)
{
    if (value->is_null || cim_value_equals(value, usual))
        return cim_value_copy(value, &copying->to->arena);
    if (!value->is_array)
        return copy_scalar(copying, value);
    CimValue *items = ARENA_NEW_ARRAY(&copying->to->arena, CimValue, value->array.count);
    for (size_t i = 0; i < value->array.count; i++)
        items[i] = copy_scalar(copying, &value->array.items[i]);
    return cim_array(value->type, items, value->array.count);
}

static void copy_class(const Anonymous *anonymous, const SimClass *from, SimHost *to, SimClass *class)
{
    for (size_t i = 0; i < from->objects.count; i++) {
        const SimObject *object = from->objects.items[i];
        SimObject *copy = sim_object_create(to, class);
        for (size_t k = 0; k < class->count; k++) {
            const Copying copying = { anonymous, to, object->row.class_name, object->row.properties[k].name };
            copy->row.properties[k].value =
                copy_value(&copying, &object->row.properties[k].value, &class->defaults[k].value);
        }
        /* Of two keys that differ only in the case of letters beyond ASCII, as no two files do, one is enough. */
        (void) !sim_object_insert(to, copy);
    }
}

static void copy_registry(const Anonymous *anonymous, const SimHost *from, SimHost *to)
{
    for (size_t i = 0; i < from->registry.count; i++) {
        const SimKey *key = &from->registry.items[i];
        SimKey *copy = sim_registry_key(to, arena_strdup(&to->arena, anonymous_key(anonymous, key->path, &to->arena)));
        for (size_t k = 0; k < key->values.count; k++) {
            SimValue value = { .name = arena_strdup(&to->arena, key->values.items[k].name),
                               .kind = key->values.items[k].kind,
                               .number = key->values.items[k].number };
            const StringList *texts = &key->values.items[k].texts;
            for (size_t t = 0; t < texts->count; t++) {
                const char *text = anonymous_value(anonymous, value.name, texts->items[t], &to->arena);
                ARRAY_PUSH(&to->arena, &value.texts, arena_strdup(&to->arena, text));
            }
            sim_key_add(to, copy, value);
        }
    }
}

SimHost *anonymous_host_create(const Anonymous *anonymous, const SimHost *from)
{
    Arena scratch = ARENA_INIT;
    SimHost *to = sim_host_create(anonymous_computer(anonymous, from->name, &scratch), from->build, from->has_hyperv,
                                  &from->knobs);
    arena_release(&scratch);
    to->is_server = from->is_server;
    to->is_captured = from->is_captured;
    to->variant = from->variant;
    for (size_t i = 0; i < from->class_count; i++)
        copy_class(anonymous, &from->classes[i], to, &to->classes[i]);
    copy_registry(anonymous, from, to);
    for (size_t i = 0; i < from->files.count; i++) {
        SimFile file = from->files.items[i];
        file.path = arena_strdup(&to->arena, anonymous_path(anonymous, file.path, &to->arena));
        file.sha256 = arena_strdup(&to->arena, file.sha256);
        file.text = file.text != NULL ? arena_strdup(&to->arena, file.text) : NULL;
        ARRAY_PUSH(&to->arena, &to->files, file);
    }
    for (size_t i = 0; i < from->disk_parents->count; i++) {
        const CimProperty *disk = &from->disk_parents->properties[i];
        cim_instance_set(to->disk_parents, &to->arena, anonymous_path(anonymous, disk->name, &to->arena),
                         cim_string(anonymous_path(anonymous, disk->value.text, &to->arena)));
    }
    return to;
}
