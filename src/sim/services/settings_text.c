/* SPDX-License-Identifier: MIT */
/* Checks and applies embedded instances. */
#include "sim/services/settings_text.h"

#include "base/ascii.h"

/* A reference may come in the place of a string, as HostResource and Parent are strings holding paths. */
static bool type_fits(const CimPropertyDecl *decl, const CimValue *value)
{
    bool same = decl->type == value->type || (decl->type == CIM_TYPE_STRING && value->type == CIM_TYPE_REFERENCE);
    return value->is_null || (same && decl->is_array == value->is_array);
}

const char *sim_text_bad_property(const SimClass *class, const CimInstance *instance)
{
    for (size_t i = 0; i < instance->count; i++) {
        const CimProperty *property = &instance->properties[i];
        if (ascii_starts_with(property->name, "__"))
            continue;
        size_t index = sim_class_index(class, property->name);
        if (index == SIZE_MAX || !type_fits(class->properties[index], &property->value))
            return property->name;
    }
    return NULL;
}

bool sim_text_has(const CimInstance *instance, const char *property)
{
    return !cim_instance_is_null(instance, property);
}

bool sim_name_in(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (ascii_equals(names[i], name))
            return true;
    }
    return false;
}

void sim_text_apply(SimHost *host, SimObject *object, const CimInstance *instance, const char *const *except,
                    size_t except_count)
{
    for (size_t i = 0; i < instance->count; i++) {
        const CimProperty *property = &instance->properties[i];
        if (property->value.is_null || ascii_starts_with(property->name, "__") ||
            sim_name_in(property->name, except, except_count))
            continue;
        CimValue value = property->value;
        if (value.type == CIM_TYPE_REFERENCE)
            value.type = CIM_TYPE_STRING;
        sim_object_set(host, object, property->name, value);
    }
}
