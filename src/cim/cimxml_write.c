/* SPDX-License-Identifier: MIT */
/* Writes an instance as CIM-XML. Format: DMTF DSP0201; what Hyper-V's reader refuses of it is told in cimxml.h. */
#include "cim/cimxml.h"

#include "base/limits.h"
#include "base/str.h"
#include "base/utf.h"
#include "cim/path.h"

#include <string.h>

typedef struct Writer {
    Str *text;
    int depth; /* elements around what is being written */
    Arena *arena;
    Error *err;
} Writer;

static bool enter_element(Writer *writer)
{
    return ++writer->depth <= LIMIT_CIMXML_DEPTH ||
           error_set(writer->err, ERR_INVALID, "instances embedded too deeply");
}

static bool must_be_referenced(uint32_t c)
{
    bool is_control = c < 0x20 || (c >= 0x7F && c < 0xA0);
    bool is_surrogate = c >= 0xD800 && c <= 0xDFFF;
    return is_control || is_surrogate || c >= 0x110000 || (c & 0xFFFE) == 0xFFFE || c == '&' || c == '<' || c == '>' ||
           c == '"';
}

static bool append_escaped(Writer *writer, const char *text)
{
    size_t size = strlen(text);
    for (size_t position = 0; position < size;) {
        size_t start = position;
        uint32_t code_point = utf8_next(text, size, &position);
        if (code_point == 0xFFFD && position == start + 1)
            return error_set(writer->err, ERR_INVALID, "'%s' is not UTF-8", text);
        if (must_be_referenced(code_point))
            str_appendf(writer->text, "&#%u;", (unsigned) code_point);
        else
            str_append_bytes(writer->text, text + start, position - start);
    }
    return true;
}

static bool write_instance(Writer *writer, const CimInstance *instance);

/* The text of an embedded instance, escaped once more. */
static bool append_embedded(Writer *writer, const CimInstance *instance)
{
    CLEANUP(str_release) Str text;
    str_init(&text, LIMIT_CIMXML_BYTES);
    Writer inner = { .text = &text, .depth = writer->depth, .arena = writer->arena, .err = writer->err };
    if (!write_instance(&inner, instance) || !append_escaped(writer, str_text(&text)))
        return false;
    writer->text->overflowed |= text.overflowed;
    return true;
}

static bool write_scalar(Writer *writer, const CimValue *value)
{
    const char *element = value->type == CIM_TYPE_REFERENCE ? "VALUE.REFERENCE" : "VALUE";
    if (!enter_element(writer))
        return false;
    str_appendf(writer->text, "<%s>", element);
    if (value->type == CIM_TYPE_INSTANCE ? !append_embedded(writer, value->instance)
                                         : !append_escaped(writer, cim_value_format(value, writer->arena)))
        return false;
    writer->depth--;
    str_appendf(writer->text, "</%s>", element);
    return true;
}

static bool write_array(Writer *writer, const CimValue *value)
{
    if (value->array.count > LIMIT_ARRAY_ITEMS)
        return error_set(writer->err, ERR_INVALID, "array of more than %d items", LIMIT_ARRAY_ITEMS);
    if (!enter_element(writer))
        return false;
    str_append(writer->text, "<VALUE.ARRAY>");
    for (size_t i = 0; i < value->array.count; i++) {
        if (!write_scalar(writer, &value->array.items[i]))
            return false;
    }
    writer->depth--;
    str_append(writer->text, "</VALUE.ARRAY>");
    return true;
}

static bool write_property(Writer *writer, const CimProperty *property)
{
    const CimValue *value = &property->value;
    bool is_reference = value->type == CIM_TYPE_REFERENCE;
    if (!cim_name_is_valid(property->name))
        return error_set(writer->err, ERR_INVALID, "'%s' is not a property name", property->name);
    if (is_reference && value->is_array)
        return error_set(writer->err, ERR_INVALID, "'%s': CIM has no arrays of references", property->name);
    if (!enter_element(writer))
        return false;
    const char *element = is_reference ? "PROPERTY.REFERENCE" : value->is_array ? "PROPERTY.ARRAY" : "PROPERTY";
    str_appendf(writer->text, "<%s NAME=\"%s\"", element, property->name);
    if (value->type == CIM_TYPE_INSTANCE)
        str_append(writer->text, " TYPE=\"string\" EmbeddedObject=\"instance\"");
    else if (!is_reference)
        str_appendf(writer->text, " TYPE=\"%s\"", cim_type_name(value->type));
    str_append_char(writer->text, '>');
    if (!value->is_null && !(value->is_array ? write_array(writer, value) : write_scalar(writer, value)))
        return false;
    writer->depth--;
    str_appendf(writer->text, "</%s>", element);
    return true;
}

static bool write_instance(Writer *writer, const CimInstance *instance)
{
    if (!cim_name_is_valid(instance->class_name))
        return error_set(writer->err, ERR_INVALID, "'%s' is not a class name", instance->class_name);
    if (instance->count > LIMIT_CIMXML_PROPERTIES)
        return error_set(writer->err, ERR_INVALID, "instance of more than %d properties", LIMIT_CIMXML_PROPERTIES);
    if (!enter_element(writer))
        return false;
    str_appendf(writer->text, "<INSTANCE CLASSNAME=\"%s\">", instance->class_name);
    for (size_t i = 0; i < instance->count; i++) {
        if (!write_property(writer, &instance->properties[i]))
            return false;
    }
    writer->depth--;
    str_append(writer->text, "</INSTANCE>");
    return true;
}

bool cimxml_write(const CimInstance *instance, Arena *arena, const char **ret_text, Error *err)
{
    CLEANUP(str_release) Str text;
    str_init(&text, LIMIT_CIMXML_BYTES);
    Writer writer = { .text = &text, .arena = arena, .err = err };
    return write_instance(&writer, instance) && str_finish(&text, arena, ret_text, err);
}
