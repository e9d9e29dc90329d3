/* SPDX-License-Identifier: MIT */
/* Writes WQL: literals, patterns and the commonest query. Language: Windows SDK, "WQL (SQL for WMI)". */
#include "cim/wql.h"

#include "base/check.h"
#include "base/limits.h"
#include "cim/path.h"

#include <string.h>

static void append_character(Str *query, char c)
{
    if (c == '\'' || c == '\\')
        str_append_char(query, '\\');
    str_append_char(query, c);
}

void wql_append_literal(Str *query, const char *text)
{
    str_append_char(query, '\'');
    for (; *text != '\0'; text++)
        append_character(query, *text);
    str_append_char(query, '\'');
}

void wql_append_prefix_pattern(Str *query, const char *text)
{
    str_append_char(query, '\'');
    for (; *text != '\0'; text++) {
        if (strchr("%_[", *text) != NULL)
            str_appendf(query, "[%c]", *text);
        else
            append_character(query, *text);
    }
    str_append(query, "%'");
}

bool wql_select(const char *class_name, const char *property, const char *value, Arena *arena, const char **ret_query,
                Error *err)
{
    Str query;
    CHECK(cim_name_is_valid(class_name));
    str_init(&query, LIMIT_WQL_BYTES);
    str_append(&query, "SELECT * FROM ");
    str_append(&query, class_name);
    if (property != NULL) {
        CHECK(cim_name_is_valid(property));
        str_appendf(&query, " WHERE %s = ", property);
        wql_append_literal(&query, value);
    }
    return str_finish(&query, arena, ret_query, err);
}
