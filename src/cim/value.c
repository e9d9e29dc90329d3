/* SPDX-License-Identifier: MIT */
/* CIM types and values: making, reading from text, writing as text, comparing, copying. Instances are in instance.c,
 * datetimes in datetime.c. Text forms: DMTF DSP0004 (CIM Infrastructure) 5.2 and DSP0201 (CIM-XML) "VALUE". */
#include "cim/value.h"

#include "base/ascii.h"
#include "base/check.h"
#include "base/utf.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    unsigned bits; /* of integers */
} types[CIM_TYPE_COUNT] = {
    [CIM_TYPE_BOOLEAN] = { "boolean", 0 },     [CIM_TYPE_SINT8] = { "sint8", 8 },
    [CIM_TYPE_SINT16] = { "sint16", 16 },      [CIM_TYPE_SINT32] = { "sint32", 32 },
    [CIM_TYPE_SINT64] = { "sint64", 64 },      [CIM_TYPE_UINT8] = { "uint8", 8 },
    [CIM_TYPE_UINT16] = { "uint16", 16 },      [CIM_TYPE_UINT32] = { "uint32", 32 },
    [CIM_TYPE_UINT64] = { "uint64", 64 },      [CIM_TYPE_REAL32] = { "real32", 0 },
    [CIM_TYPE_REAL64] = { "real64", 0 },       [CIM_TYPE_CHAR16] = { "char16", 16 },
    [CIM_TYPE_STRING] = { "string", 0 },       [CIM_TYPE_DATETIME] = { "datetime", 0 },
    [CIM_TYPE_REFERENCE] = { "reference", 0 }, [CIM_TYPE_INSTANCE] = { "instance", 0 },
};

const char *cim_type_name(CimType type)
{
    CHECK((unsigned) type < CIM_TYPE_COUNT);
    return types[type].name;
}

bool cim_type_parse(const char *name, CimType *ret_type)
{
    for (int type = 0; type < CIM_TYPE_COUNT; type++) {
        if (ascii_equals(name, types[type].name)) {
            *ret_type = (CimType) type;
            return true;
        }
    }
    return false;
}

bool cim_type_is_unsigned(CimType type)
{
    return type >= CIM_TYPE_UINT8 && type <= CIM_TYPE_UINT64;
}

bool cim_type_is_signed(CimType type)
{
    return type >= CIM_TYPE_SINT8 && type <= CIM_TYPE_SINT64;
}

bool cim_type_is_text(CimType type)
{
    return type == CIM_TYPE_STRING || type == CIM_TYPE_DATETIME || type == CIM_TYPE_REFERENCE;
}

static bool is_real(CimType type)
{
    return type == CIM_TYPE_REAL32 || type == CIM_TYPE_REAL64;
}

static bool uint_fits(CimType type, uint64_t value)
{
    return value <= UINT64_MAX >> (64 - types[type].bits);
}

static bool sint_fits(CimType type, int64_t value)
{
    int64_t largest = INT64_MAX >> (64 - types[type].bits);
    return value <= largest && value >= -largest - 1;
}

/* ---- making values ---- */

CimValue cim_null(CimType type)
{
    return (CimValue){ .type = type, .is_null = true };
}

CimValue cim_null_array(CimType type)
{
    return (CimValue){ .type = type, .is_array = true, .is_null = true };
}

CimValue cim_boolean(bool value)
{
    return (CimValue){ .type = CIM_TYPE_BOOLEAN, .boolean = value };
}

CimValue cim_uint(CimType type, uint64_t value)
{
    CHECK((cim_type_is_unsigned(type) || type == CIM_TYPE_CHAR16) && uint_fits(type, value));
    return (CimValue){ .type = type, .uint = value };
}

CimValue cim_sint(CimType type, int64_t value)
{
    CHECK(cim_type_is_signed(type) && sint_fits(type, value));
    return (CimValue){ .type = type, .sint = value };
}

CimValue cim_string(const char *text)
{
    return cim_text(CIM_TYPE_STRING, text);
}

CimValue cim_text(CimType type, const char *text)
{
    CHECK(cim_type_is_text(type));
    return text == NULL ? cim_null(type) : (CimValue){ .type = type, .text = text };
}

CimValue cim_embedded(const CimInstance *instance)
{
    return instance == NULL ? cim_null(CIM_TYPE_INSTANCE)
                            : (CimValue){ .type = CIM_TYPE_INSTANCE, .instance = instance };
}

CimValue cim_array(CimType type, const CimValue *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        CHECK(items[i].type == type && !items[i].is_array && !items[i].is_null);
    return (CimValue){ .type = type, .is_array = true, .array = { .items = items, .count = count } };
}

CimValue cim_text_array(Arena *arena, CimType type, const char *const *texts, size_t count)
{
    CimValue *items = ARENA_NEW_ARRAY(arena, CimValue, count);
    for (size_t i = 0; i < count; i++)
        items[i] = cim_text(type, texts[i]);
    return cim_array(type, items, count);
}

/* ---- text forms ---- */

static bool parse_magnitude(const char *text, uint64_t *ret_value)
{
    if (text[0] != '0' || ascii_lower(text[1]) != 'x') {
        unsigned long long value;
        if (!ascii_parse_uint64(text, &value))
            return false;
        *ret_value = value;
        return true;
    }
    size_t digits = 0;
    uint64_t value = 0;
    for (text += 2; ascii_is_xdigit(text[digits]); digits++) {
        char c = ascii_lower(text[digits]);
        if (value >> 60 != 0)
            return false;
        value = value << 4 | (uint64_t) (ascii_is_digit(c) ? c - '0' : c - 'a' + 10);
    }
    *ret_value = value;
    return digits > 0 && text[digits] == '\0';
}

static bool parse_sint(CimType type, const char *text, CimValue *ret_value)
{
    bool negative = text[0] == '-';
    uint64_t magnitude;
    if (!parse_magnitude(text + (negative || text[0] == '+'), &magnitude))
        return false;
    if (magnitude > (uint64_t) INT64_MAX + negative)
        return false;
    int64_t value = !negative ? (int64_t) magnitude : magnitude == 0 ? 0 : -(int64_t) (magnitude - 1) - 1;
    *ret_value = (CimValue){ .type = type, .sint = value };
    return sint_fits(type, value);
}

static bool parse_uint(CimType type, const char *text, CimValue *ret_value)
{
    uint64_t value;
    if (!parse_magnitude(text, &value))
        return false;
    *ret_value = (CimValue){ .type = type, .uint = value };
    return uint_fits(type, value);
}

/* Finite decimal numbers only: strtod alone would also take "inf", "nan", hexadecimal and leading blanks. */
static bool parse_real(CimType type, const char *text, CimValue *ret_value)
{
    char *end;
    double value = type == CIM_TYPE_REAL32 ? (double) strtof(text, &end) : strtod(text, &end);
    *ret_value = (CimValue){ .type = type, .real = value };
    return end != text && *end == '\0' && strspn(text, "+-.eE0123456789") == strlen(text) && fabs(value) <= DBL_MAX;
}

/* One character of the basic plane; no text at all stands for the character zero. */
static bool parse_char16(const char *text, CimValue *ret_value)
{
    size_t size = strlen(text), position = 0;
    uint32_t code_point = size == 0 ? 0 : utf8_next(text, size, &position);
    *ret_value = (CimValue){ .type = CIM_TYPE_CHAR16, .uint = code_point };
    return position == size && code_point <= UINT16_MAX;
}

static bool parse_boolean(const char *text, CimValue *ret_value)
{
    *ret_value = cim_boolean(ascii_equals(text, "true"));
    return ret_value->boolean || ascii_equals(text, "false");
}

bool cim_value_parse(CimType type, const char *text, Arena *arena, CimValue *ret_value, Error *err)
{
    CimValue value = { .type = type };
    bool good = false;
    if (type == CIM_TYPE_BOOLEAN)
        good = parse_boolean(text, &value);
    else if (cim_type_is_signed(type))
        good = parse_sint(type, text, &value);
    else if (cim_type_is_unsigned(type))
        good = parse_uint(type, text, &value);
    else if (is_real(type))
        good = parse_real(type, text, &value);
    else if (type == CIM_TYPE_CHAR16)
        good = parse_char16(text, &value);
    else if (cim_type_is_text(type))
        good = type != CIM_TYPE_DATETIME || cim_datetime_is_valid(text);
    if (!good)
        return error_set(err, ERR_INVALID, "'%s' is not a %s", text, cim_type_name(type));
    if (cim_type_is_text(type))
        value.text = arena_strdup(arena, text);
    *ret_value = value;
    return true;
}

const char *cim_value_format(const CimValue *value, Arena *arena)
{
    CHECK(!value->is_array && value->type != CIM_TYPE_INSTANCE);
    if (value->is_null)
        return NULL;
    if (value->type == CIM_TYPE_BOOLEAN)
        return value->boolean ? "true" : "false";
    if (cim_type_is_signed(value->type))
        return arena_printf(arena, "%" PRId64, value->sint);
    if (cim_type_is_unsigned(value->type))
        return arena_printf(arena, "%" PRIu64, value->uint);
    if (value->type == CIM_TYPE_REAL32)
        return arena_printf(arena, "%.*g", FLT_DECIMAL_DIG, value->real);
    if (value->type == CIM_TYPE_REAL64)
        return arena_printf(arena, "%.*g", DBL_DECIMAL_DIG, value->real);
    if (value->type == CIM_TYPE_CHAR16) {
        char bytes[4];
        return arena_strndup(arena, bytes, utf8_encode((uint32_t) value->uint, bytes));
    }
    return value->text;
}

/* ---- comparing and copying ---- */

static bool instance_equals(const CimInstance *a, const CimInstance *b)
{
    if (a->count != b->count || strcmp(a->class_name, b->class_name) != 0)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const CimValue *other = cim_instance_find(b, a->properties[i].name);
        if (other == NULL || !cim_value_equals(&a->properties[i].value, other))
            return false;
    }
    return true;
}

static bool array_equals(const CimValue *a, const CimValue *b)
{
    if (a->array.count != b->array.count)
        return false;
    for (size_t i = 0; i < a->array.count; i++) {
        if (!cim_value_equals(&a->array.items[i], &b->array.items[i]))
            return false;
    }
    return true;
}

bool cim_value_equals(const CimValue *a, const CimValue *b)
{
    if (a->type != b->type || a->is_array != b->is_array || a->is_null != b->is_null)
        return false;
    if (a->is_null)
        return true;
    if (a->is_array)
        return array_equals(a, b);
    if (a->type == CIM_TYPE_BOOLEAN)
        return a->boolean == b->boolean;
    if (cim_type_is_signed(a->type))
        return a->sint == b->sint;
    if (is_real(a->type))
        return !(a->real < b->real || a->real > b->real);
    if (cim_type_is_text(a->type))
        return strcmp(a->text, b->text) == 0;
    if (a->type == CIM_TYPE_INSTANCE)
        return instance_equals(a->instance, b->instance);
    return a->uint == b->uint;
}

CimValue cim_value_copy(const CimValue *value, Arena *arena)
{
    CimValue copy = *value;
    if (value->is_null)
        return copy;
    if (value->is_array) {
        CimValue *items = ARENA_NEW_ARRAY(arena, CimValue, value->array.count);
        for (size_t i = 0; i < value->array.count; i++)
            items[i] = cim_value_copy(&value->array.items[i], arena);
        copy.array.items = items;
    } else if (cim_type_is_text(value->type)) {
        copy.text = arena_strdup(arena, value->text);
    } else if (value->type == CIM_TYPE_INSTANCE) {
        copy.instance = cim_instance_copy(value->instance, arena);
    }
    return copy;
}
