/* SPDX-License-Identifier: MIT */
/* WQL: quoting for those who ask, parsing and matching for the simulated host.
 * Language: Windows SDK, "WQL (SQL for WMI)", data and association queries. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "cim/value.h"

#include <stdbool.h>

/* Appends text as a WQL string literal, quotes included: ' and \ get a backslash. */
void wql_append_literal(Str *query, const char *text);

/* The same for a LIKE pattern that starts with this text: also takes the meaning from % _ [ (as [%] ...),
 * and ends in %. Quotes included. */
void wql_append_prefix_pattern(Str *query, const char *text);

/* "SELECT * FROM class WHERE property = 'value'": the commonest query. property NULL: no WHERE. */
MUST_CHECK bool wql_select(const char *class_name, const char *property, const char *value, Arena *arena,
                           const char **ret_query, Error *err);

typedef enum WqlOperator {
    WQL_AND, WQL_OR, WQL_NOT,             /* left, right; NOT: left */
    WQL_EQUAL, WQL_NOT_EQUAL, WQL_LESS, WQL_LESS_EQUAL, WQL_GREATER, WQL_GREATER_EQUAL,
    WQL_LIKE, WQL_IS_NULL, WQL_IS_NOT_NULL,
    WQL_ISA,                              /* property ISA 'class', or __CLASS ISA */
} WqlOperator;

typedef struct WqlExpression WqlExpression;
struct WqlExpression {
    WqlOperator op;
    const WqlExpression *left, *right;
    const char *property; /* comparisons */
    CimValue literal;     /* comparisons: STRING, SINT64, UINT64, REAL64 or BOOLEAN; LIKE and ISA: STRING */
};

typedef enum WqlKind { WQL_SELECT, WQL_ASSOCIATORS, WQL_REFERENCES } WqlKind;

typedef struct WqlQuery {
    WqlKind kind;
    /* SELECT */
    StringList columns; /* empty: * */
    const char *class_name;
    const WqlExpression *where; /* NULL: all */
    /* ASSOCIATORS OF / REFERENCES OF {object} WHERE ... ; NULL: not given */
    const char *object;
    const char *assoc_class, *result_class, *role, *result_role;
    bool class_defs_only;
} WqlQuery;

/* ERR_INVALID with the position for anything that is not WQL; depth and size are limited (limits.h). */
MUST_CHECK bool wql_parse(const char *text, Arena *arena, WqlQuery *ret_query, Error *err);

/* The row satisfies the condition. As WMI does it: strings and LIKE without regard to case, a comparison with a null or
 * missing property is false (also under <>), "= NULL" is IS NULL (the parser sees to that), numbers in strings are
 * compared as numbers when the property is one, datetimes as instants, references as paths, arrays never match.
 * __CLASS, __PATH and __RELPATH stand for what the row has of them. */
bool wql_matches(const WqlExpression *where, const CimInstance *row);

/* LIKE with %, _, [abc], [a-z], [^a]; case ignored. */
bool wql_like(const char *text, const char *pattern);
