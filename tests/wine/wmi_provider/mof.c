/* SPDX-License-Identifier: MIT */
/* Objects as MOF text, as IWbemClassObject::GetObjectText gives them: DMTF DSP0004, annex A. */
#include "provider.h"

#include "base/check.h"
#include "base/str.h"

enum { MOF_LIMIT = 1024 * 1024 };

static void append_quoted(Str *text, const char *value)
{
    str_append_char(text, '"');
    for (const char *p = value; *p != '\0'; p++) {
        if (*p == '"' || *p == '\\')
            str_append_char(text, '\\');
        if (*p == '\n')
            str_append(text, "\\n");
        else
            str_append_char(text, *p);
    }
    str_append_char(text, '"');
}

static void append_instance(Str *text, const CimInstance *instance, Arena *arena);

static void append_scalar(Str *text, const CimValue *value, Arena *arena)
{
    if (value->type == CIM_TYPE_INSTANCE)
        append_instance(text, value->instance, arena);
    else if (value->type == CIM_TYPE_BOOLEAN)
        str_append(text, value->boolean ? "TRUE" : "FALSE");
    else if (cim_type_is_text(value->type))
        append_quoted(text, value->text);
    else
        str_append(text, cim_value_format(value, arena));
}

static void append_value(Str *text, const CimValue *value, Arena *arena)
{
    if (!value->is_array) {
        append_scalar(text, value, arena);
        return;
    }
    str_append_char(text, '{');
    for (size_t i = 0; i < value->array.count; i++) {
        str_append(text, i == 0 ? "" : ", ");
        append_scalar(text, &value->array.items[i], arena);
    }
    str_append_char(text, '}');
}

static void append_instance(Str *text, const CimInstance *instance, Arena *arena)
{
    str_appendf(text, "\ninstance of %s\n{\n", instance->class_name);
    for (size_t i = 0; i < instance->count; i++) {
        if (instance->properties[i].value.is_null)
            continue;
        str_appendf(text, "\t%s = ", instance->properties[i].name);
        append_value(text, &instance->properties[i].value, arena);
        str_append(text, ";\n");
    }
    str_append_char(text, '}');
}

static void append_class(Str *text, const Object *object, Arena *arena)
{
    bool has_superclass = object->decl != NULL && object->decl->superclass != NULL;
    str_appendf(text, "\nclass %s%s%s\n{\n", object->row->class_name, has_superclass ? " : " : "",
                has_superclass ? object->decl->superclass : "");
    for (size_t i = 0; i < object->row->count; i++) {
        const CimProperty *property = &object->row->properties[i];
        str_appendf(text, "\t%s %s%s;\n", cimtype_text(property->value.type, NULL, arena), property->name,
                    property->value.is_array ? "[]" : "");
    }
    str_append_char(text, '}');
}

const char *mof_of_object(const Object *object, Arena *arena)
{
    Str text;
    Error err;
    const char *result;
    str_init(&text, MOF_LIMIT);
    if (object->kind == OBJECT_CLASS)
        append_class(&text, object, arena);
    else
        append_instance(&text, object->row, arena);
    str_append(&text, ";\n");
    CHECK(str_finish(&text, arena, &result, &err));
    return result;
}
