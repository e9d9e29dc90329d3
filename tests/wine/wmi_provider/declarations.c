/* SPDX-License-Identifier: MIT */
#include "provider.h"

#include "base/ascii.h"

static const CimClassDecl *superclass_of(const CimClassDecl *decl)
{
    return decl->superclass == NULL ? NULL : cim_class_find(decl->ns, decl->superclass);
}

static bool exists(uint32_t since, uint32_t until)
{
    return since <= host_build() && (until == 0 || until >= host_build());
}

static void append_properties(const CimClassDecl *decl, PropertyList *list, Arena *arena)
{
    if (superclass_of(decl) != NULL)
        append_properties(superclass_of(decl), list, arena);
    for (size_t i = 0; i < decl->property_count; i++) {
        const CimPropertyDecl *property = &decl->properties[i];
        size_t place = 0;
        while (place < list->count && !ascii_equals(list->items[place]->name, property->name))
            place++;
        if (!exists(property->since, property->until))
            continue;
        if (place < list->count)
            list->items[place] = property; /* declared again */
        else
            ARRAY_PUSH(arena, list, property);
    }
}

PropertyList declared_properties(const CimClassDecl *decl, Arena *arena)
{
    PropertyList list = { 0 };
    append_properties(decl, &list, arena);
    return list;
}

static void append_methods(const CimClassDecl *decl, MethodList *list, Arena *arena)
{
    if (superclass_of(decl) != NULL)
        append_methods(superclass_of(decl), list, arena);
    for (size_t i = 0; i < decl->method_count; i++) {
        const CimMethodDecl *method = &decl->methods[i];
        size_t place = 0;
        while (place < list->count && !ascii_equals(list->items[place]->name, method->name))
            place++;
        if (!exists(method->since, 0))
            continue;
        if (place < list->count)
            list->items[place] = method;
        else
            ARRAY_PUSH(arena, list, method);
    }
}

MethodList declared_methods(const CimClassDecl *decl, Arena *arena)
{
    MethodList list = { 0 };
    append_methods(decl, &list, arena);
    return list;
}

bool is_key(const CimClassDecl *decl, const char *property)
{
    for (; decl != NULL; decl = superclass_of(decl)) {
        for (size_t i = 0; i < decl->property_count; i++) {
            if (decl->properties[i].is_key && ascii_equals(decl->properties[i].name, property))
                return true;
        }
    }
    return false;
}

Object *method_signature(const CimMethodDecl *method, CimDirection direction)
{
    Arena scratch = ARENA_INIT;
    CimInstance *row = cim_instance_create(&scratch, "__PARAMETERS");
    for (size_t i = 0; i < method->count; i++) {
        const CimParameterDecl *parameter = &method->parameters[i];
        if (((unsigned) parameter->direction & (unsigned) direction) != 0)
            cim_instance_set(row, &scratch, parameter->name,
                             parameter->is_array ? cim_null_array(parameter->type) : cim_null(parameter->type));
    }
    if (direction == CIM_OUT)
        cim_instance_set(row, &scratch, "ReturnValue", cim_null(CIM_TYPE_UINT32));
    Object *signature = row->count == 0 ? NULL : object_create(OBJECT_CLASS, NULL, row);
    arena_release(&scratch);
    return signature;
}
