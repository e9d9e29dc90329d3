/* SPDX-License-Identifier: MIT */
/* Tells which rows satisfy a WQL condition, with WMI's conversions between texts and numbers.
 * Language: Windows SDK, "WQL Operators", "LIKE Operator". */
#include "cim/wql.h"

#include "base/ascii.h"
#include "base/check.h"
#include "base/utf.h"
#include "cim/path.h"
#include "cim/schema.h"
#include "platform/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- LIKE ---- */

static uint32_t next_upper(const char **text)
{
    size_t position = 0;
    uint32_t code_point = utf8_next(*text, strnlen(*text, 4), &position);
    *text += position;
    return text_upcase(code_point);
}

/* A set in brackets, *pattern standing behind '['. Without a closing bracket it is none. */
static bool take_set(const char **pattern, uint32_t character, bool *ret_contains)
{
    const char *at = *pattern;
    bool negated = *at == '^';
    bool found = false;
    at += negated;
    while (*at != '\0' && *at != ']') {
        uint32_t first = next_upper(&at), last = first;
        if (at[0] == '-' && at[1] != ']' && at[1] != '\0') {
            at++;
            last = next_upper(&at);
        }
        found = found || (character >= first && character <= last);
    }
    if (*at != ']')
        return false;
    *pattern = at + 1;
    *ret_contains = found != negated;
    return true;
}

/* The pattern's next element, which is not '%', takes the character. */
static bool takes_character(const char **pattern, uint32_t character)
{
    bool contains;
    if (**pattern == '_') {
        ++*pattern;
        return true;
    }
    if (**pattern == '[') {
        const char *set = *pattern + 1;
        if (take_set(&set, character, &contains)) {
            *pattern = set;
            return contains;
        }
    }
    return **pattern != '\0' && next_upper(pattern) == character;
}

bool wql_like(const char *text, const char *pattern)
{
    const char *retry_text = NULL, *retry_pattern = NULL; /* behind the last '%' */
    while (*text != '\0' || *pattern == '%') {
        if (*pattern == '%') {
            retry_pattern = ++pattern;
            retry_text = text;
            continue;
        }
        uint32_t character = next_upper(&text);
        if (takes_character(&pattern, character))
            continue;
        if (retry_pattern == NULL)
            return false;
        (void) next_upper(&retry_text);
        text = retry_text;
        pattern = retry_pattern;
    }
    return *pattern == '\0';
}

/* ---- comparing ---- */

/* Integers as two's complement, which orders numbers of the same sign. */
typedef struct Number {
    bool is_real, is_negative;
    uint64_t integer;
    double real;
} Number;

static bool number_from(const CimValue *value, Number *ret_number)
{
    if (value->type == CIM_TYPE_BOOLEAN) {
        *ret_number = (Number){ .integer = value->boolean, .real = value->boolean };
    } else if (cim_type_is_unsigned(value->type)) {
        *ret_number = (Number){ .integer = value->uint, .real = (double) value->uint };
    } else if (cim_type_is_signed(value->type)) {
        *ret_number =
            (Number){ .is_negative = value->sint < 0, .integer = (uint64_t) value->sint, .real = (double) value->sint };
    } else if (value->type == CIM_TYPE_REAL32 || value->type == CIM_TYPE_REAL64) {
        *ret_number = (Number){ .is_real = true, .real = value->real };
    } else if (value->type == CIM_TYPE_STRING) {
        Arena unused = ARENA_INIT; /* none of these types keeps its text */
        Error ignored;
        CimValue parsed;
        CimType integer = value->text[0] == '-' ? CIM_TYPE_SINT64 : CIM_TYPE_UINT64;
        return (cim_value_parse(integer, value->text, &unused, &parsed, &ignored) ||
                cim_value_parse(CIM_TYPE_REAL64, value->text, &unused, &parsed, &ignored) ||
                cim_value_parse(CIM_TYPE_BOOLEAN, value->text, &unused, &parsed, &ignored)) &&
               number_from(&parsed, ret_number);
    } else {
        return false;
    }
    return true;
}

static int compare_numbers(const Number *a, const Number *b)
{
    if (a->is_real || b->is_real)
        return (a->real > b->real) - (a->real < b->real);
    if (a->is_negative != b->is_negative)
        return a->is_negative ? -1 : 1;
    return (a->integer > b->integer) - (a->integer < b->integer);
}

enum { TEXT_SIZE = 32 };

/* The text to compare: that of a number is as WMI writes it. Only for texts, CHAR16 and the types of literals. */
static const char *text_from(const CimValue *value, char buffer[TEXT_SIZE])
{
    if (cim_type_is_text(value->type))
        return value->text;
    if (value->type == CIM_TYPE_BOOLEAN)
        return value->boolean ? "TRUE" : "FALSE";
    if (value->type == CIM_TYPE_CHAR16)
        buffer[utf8_encode((uint32_t) value->uint, buffer)] = '\0';
    else if (value->type == CIM_TYPE_REAL64)
        snprintf(buffer, TEXT_SIZE, "%g", value->real);
    else if (value->type == CIM_TYPE_UINT64)
        snprintf(buffer, TEXT_SIZE, "%" PRIu64, value->uint);
    else
        snprintf(buffer, TEXT_SIZE, "%" PRId64, value->sint);
    return buffer;
}

static int compare_texts(CimType type, const char *a, const char *b)
{
    int64_t x, y;
    if (type == CIM_TYPE_DATETIME && cim_datetime_parse(a, &x) && cim_datetime_parse(b, &y))
        return (x > y) - (x < y);
    if (type == CIM_TYPE_REFERENCE && cim_path_equals(a, b))
        return 0;
    return text_casecmp(a, b);
}

/* False if the two cannot be compared. */
static bool compare(const CimValue *value, const CimValue *literal, int *ret_order)
{
    char value_text[TEXT_SIZE], literal_text[TEXT_SIZE];
    Number a, b;
    if (cim_type_is_text(value->type) || value->type == CIM_TYPE_CHAR16) {
        *ret_order = compare_texts(value->type, text_from(value, value_text), text_from(literal, literal_text));
        return true;
    }
    if (!number_from(value, &a) || !number_from(literal, &b))
        return false;
    *ret_order = compare_numbers(&a, &b);
    return true;
}

/* ---- rows ---- */

static const char *relative_path(const char *path)
{
    const char *found = path == NULL ? NULL : strpbrk(path, ":=");
    return found != NULL && *found == ':' ? found + 1 : path;
}

static CimValue row_value(const CimInstance *row, const char *name)
{
    if (ascii_equals(name, "__CLASS"))
        return cim_string(row->class_name);
    if (ascii_equals(name, "__PATH"))
        return cim_string(row->path);
    if (ascii_equals(name, "__RELPATH"))
        return cim_string(relative_path(row->path));
    const CimValue *value = cim_instance_find(row, name);
    return value == NULL ? cim_null(CIM_TYPE_STRING) : *value;
}

/* The class of the row (__CLASS) or of an embedded instance is or derives from the named one. */
static bool is_a(const CimValue *value, const char *superclass)
{
    const char *name = value->type == CIM_TYPE_INSTANCE ? value->instance->class_name
                       : value->type == CIM_TYPE_STRING ? value->text
                                                        : "";
    const CimClassDecl *class_decl = cim_class_find(NS_VIRTUALIZATION, name);
    if (class_decl == NULL)
        class_decl = cim_class_find(NS_CIMV2, name);
    return class_decl == NULL ? ascii_equals(name, superclass) : cim_class_is_a(class_decl, superclass);
}

static bool comparison_holds(const WqlExpression *comparison, const CimInstance *row)
{
    CimValue value = row_value(row, comparison->property);
    if (comparison->op == WQL_IS_NULL || comparison->op == WQL_IS_NOT_NULL)
        return value.is_null == (comparison->op == WQL_IS_NULL);
    if (value.is_null || value.is_array)
        return false;
    if (comparison->op == WQL_ISA)
        return is_a(&value, comparison->literal.text);
    if (comparison->op == WQL_LIKE)
        return cim_type_is_text(value.type) && wql_like(value.text, comparison->literal.text);
    int order;
    if (!compare(&value, &comparison->literal, &order))
        return false;
    if (comparison->op == WQL_EQUAL)
        return order == 0;
    if (comparison->op == WQL_NOT_EQUAL)
        return order != 0;
    if (comparison->op == WQL_LESS)
        return order < 0;
    if (comparison->op == WQL_LESS_EQUAL)
        return order <= 0;
    if (comparison->op == WQL_GREATER)
        return order > 0;
    CHECK(comparison->op == WQL_GREATER_EQUAL);
    return order >= 0;
}

bool wql_matches(const WqlExpression *where, const CimInstance *row)
{
    for (; where->op == WQL_AND || where->op == WQL_OR; where = where->right) {
        bool left = wql_matches(where->left, row);
        if (left == (where->op == WQL_OR))
            return left;
    }
    if (where->op == WQL_NOT)
        return !wql_matches(where->left, row);
    return comparison_holds(where, row);
}
