/* SPDX-License-Identifier: MIT */
/* Fuzz target: the WQL parser and matcher, and what is quoted must read back as it was.
 * The input is taken as a query, as a value to quote, and as text, LF, pattern for LIKE. */
#include "base/check.h"
#include "base/limits.h"
#include "base/str.h"
#include "cim/wql.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const CimInstance *make_row(Arena *arena)
{
    static const char *const texts[] = { "x" };
    CimInstance *row = cim_instance_create(arena, "Msvm_ConcreteJob");
    row->path = "\\\\HV1\\root\\virtualization\\v2:Msvm_ConcreteJob.InstanceID=\"x\"";
    cim_instance_set(row, arena, "a", cim_uint(CIM_TYPE_UINT64, 5));
    cim_instance_set(row, arena, "b", cim_string("Text 5"));
    cim_instance_set(row, arena, "c", cim_sint(CIM_TYPE_SINT16, -5));
    cim_instance_set(row, arena, "d", cim_text(CIM_TYPE_DATETIME, "20260701140509.000000+120"));
    cim_instance_set(row, arena, "e", cim_text(CIM_TYPE_REFERENCE, "C.A=\"x\""));
    cim_instance_set(row, arena, "f", cim_boolean(true));
    cim_instance_set(row, arena, "g", cim_uint(CIM_TYPE_CHAR16, 'x'));
    cim_instance_set(row, arena, "h", cim_text_array(arena, CIM_TYPE_STRING, texts, 1));
    cim_instance_set(row, arena, "i", cim_embedded(cim_instance_create(arena, "Msvm_ConcreteJob")));
    cim_instance_set(row, arena, "j", (CimValue){ .type = CIM_TYPE_REAL32, .real = 0.5 });
    cim_instance_set(row, arena, "k", cim_null(CIM_TYPE_STRING));
    return row;
}

static void check_query(Arena *arena, const char *text)
{
    WqlQuery query;
    Error err = { .code = ERR_NONE };
    if (!wql_parse(text, arena, &query, &err)) {
        CHECK(err.code == ERR_INVALID);
        return;
    }
    CHECK(query.kind == WQL_SELECT ? query.class_name != NULL : query.object != NULL);
    if (query.where == NULL)
        return;
    const CimInstance *row = make_row(arena);
    WqlExpression negation = { .op = WQL_NOT, .left = query.where };
    CHECK(wql_matches(query.where, row) != wql_matches(&negation, row));
}

static void check_quoting(Arena *arena, const char *text)
{
    Str str;
    WqlQuery query;
    Error err;
    const char *wql;
    if (!wql_select("C", "p", text, arena, &wql, &err))
        return; /* too long */
    CHECK(wql_parse(wql, arena, &query, &err));
    CHECK(query.where->op == WQL_EQUAL && strcmp(query.where->literal.text, text) == 0);

    str_init(&str, LIMIT_WQL_BYTES);
    str_append(&str, "SELECT * FROM C WHERE p LIKE ");
    wql_append_prefix_pattern(&str, text);
    if (!str_finish(&str, arena, &wql, &err))
        return;
    CHECK(wql_parse(wql, arena, &query, &err));
    CHECK(wql_like(text, query.where->literal.text));
    CHECK(wql_like(arena_printf(arena, "%s+", text), query.where->literal.text));
}

static void check_like(Arena *arena, const char *text)
{
    const char *line = strchr(text, '\n');
    if (line == NULL)
        return;
    const char *subject = arena_strndup(arena, text, (size_t) (line - text));
    const char *pattern = line + 1;
    if (wql_like(subject, pattern)) {
        CHECK(wql_like(arena_printf(arena, "+%s+", subject), arena_printf(arena, "%%%s%%", pattern)));
        CHECK(wql_like(subject, arena_printf(arena, "%%%s", pattern)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena arena = ARENA_INIT;
    const char *text = arena_strndup(&arena, (const char *) data, size);
    check_query(&arena, text);
    check_quoting(&arena, text);
    check_like(&arena, text);
    arena_release(&arena);
    return 0;
}
