/* SPDX-License-Identifier: MIT */
/* WQL: quoting, parsing, matching. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "cim/session.h"
#include "cim/wql.h"

#include <stdlib.h>
#include <string.h>

static WqlQuery parse(Arena *arena, const char *text)
{
    Error err;
    WqlQuery query;
    if (!wql_parse(text, arena, &query, &err))
        fail_msg("'%s': %s", text, err.message);
    return query;
}

/* ---- quoting ---- */

static const char *const awkward[] = {
    "",
    "plain",
    "it's",
    "back\\slash",
    "\\",
    "'",
    "\"double\"",
    "\\'",
    "100%",
    "a_b",
    "[x]",
    "[^]-]",
    "x]",
    "%_[\\'",
    "PCI\\VEN_10DE&DEV_2702",
    "\xC3\xA4\xF0\x9F\x98\x80",
    "tab\tline\n",
};

static void a_literal_reads_back(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    for (size_t i = 0; i < COUNT_OF(awkward); i++) {
        Error err;
        const char *text;
        assert_true(wql_select("C", "p", awkward[i], &arena, &text, &err));
        WqlQuery query = parse(&arena, text);
        assert_int_equal(query.where->op, WQL_EQUAL);
        assert_string_equal(query.where->literal.text, awkward[i]);
    }
    arena_release(&arena);
}

static void the_texts_of_queries(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    Error err;
    const char *text;
    assert_true(wql_select("Msvm_ComputerSystem", NULL, NULL, &arena, &text, &err));
    assert_string_equal(text, "SELECT * FROM Msvm_ComputerSystem");
    assert_true(wql_select("C", "Name", "it's a \\", &arena, &text, &err));
    assert_string_equal(text, "SELECT * FROM C WHERE Name = 'it\\'s a \\\\'");
    Str query;
    str_init(&query, LIMIT_WQL_BYTES);
    wql_append_prefix_pattern(&query, "Microsoft:A\\B'_%[x]");
    assert_true(str_finish(&query, &arena, &text, &err));
    assert_string_equal(text, "'Microsoft:A\\\\B\\'[_][%][[]x]%'");
    arena_release(&arena);
}

static void a_value_too_long_is_refused(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    Error err;
    const char *text = NULL;
    char *value = arena_alloc(&arena, LIMIT_WQL_BYTES + 1);
    memset(value, 'x', LIMIT_WQL_BYTES);
    assert_false(wql_select("C", "p", value, &arena, &text, &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_null(text);
    arena_release(&arena);
}

static void a_prefix_pattern_finds_what_begins_so(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    for (size_t i = 0; i < COUNT_OF(awkward); i++) {
        Error err;
        const char *text;
        Str query;
        str_init(&query, LIMIT_WQL_BYTES);
        str_append(&query, "SELECT * FROM C WHERE p LIKE ");
        wql_append_prefix_pattern(&query, awkward[i]);
        assert_true(str_finish(&query, &arena, &text, &err));
        const char *pattern = parse(&arena, text).where->literal.text;
        assert_true(wql_like(awkward[i], pattern));
        assert_true(wql_like(arena_printf(&arena, "%sand more", awkward[i]), pattern));
        assert_true(wql_like(arena_printf(&arena, "x%s", awkward[i]), pattern) == (awkward[i][0] == '\0'));
    }
    arena_release(&arena);
}

/* ---- parsing ---- */

static void select_statements(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    WqlQuery query = parse(&arena, " select  *\tfrom Msvm_ComputerSystem ");
    assert_int_equal(query.kind, WQL_SELECT);
    assert_int_equal(query.columns.count, 0);
    assert_string_equal(query.class_name, "Msvm_ComputerSystem");
    assert_null(query.where);
    query = parse(&arena, "SELECT Name,ElementName , __CLASS FROM C WHERE a=1");
    assert_int_equal(query.columns.count, 3);
    assert_string_equal(query.columns.items[0], "Name");
    assert_string_equal(query.columns.items[1], "ElementName");
    assert_string_equal(query.columns.items[2], "__CLASS");
    assert_non_null(query.where);
    arena_release(&arena);
}

static void literals_have_types(void **state)
{
    (void) state;
    static const struct {
        const char *text;
        CimType type;
    } cases[] = {
        { "'x'", CIM_TYPE_STRING },   { "\"x\"", CIM_TYPE_STRING },  { "5", CIM_TYPE_UINT64 },
        { "-5", CIM_TYPE_SINT64 },    { "0x1F", CIM_TYPE_UINT64 },   { "2.5", CIM_TYPE_REAL64 },
        { "-.5", CIM_TYPE_REAL64 },   { "1e5", CIM_TYPE_REAL64 },    { "18446744073709551615", CIM_TYPE_UINT64 },
        { "TRUE", CIM_TYPE_BOOLEAN }, { "false", CIM_TYPE_BOOLEAN }, { "18446744073709551616", CIM_TYPE_REAL64 },
    };
    Arena arena = ARENA_INIT;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        WqlQuery query = parse(&arena, arena_printf(&arena, "SELECT * FROM C WHERE p = %s", cases[i].text));
        assert_int_equal(query.where->literal.type, cases[i].type);
        query = parse(&arena, arena_printf(&arena, "SELECT * FROM C WHERE %s > p", cases[i].text));
        assert_int_equal(query.where->literal.type, cases[i].type);
        assert_int_equal(query.where->op, WQL_LESS);
    }
    WqlQuery query = parse(&arena, "SELECT * FROM C WHERE p = 'a\\\\b\\'c\\\"d\\n'");
    assert_string_equal(query.where->literal.text, "a\\b'c\"dn");
    arena_release(&arena);
}

static void association_statements(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    WqlQuery query = parse(&arena, "associators of {C.Name=\"a}'b\\\"}\",K='\"'} WHERE ResultRole=r2 ClassDefsOnly "
                                   "Role = r1 ResultClass=rc AssocClass = ac");
    assert_int_equal(query.kind, WQL_ASSOCIATORS);
    assert_string_equal(query.object, "C.Name=\"a}'b\\\"}\",K='\"'");
    assert_string_equal(query.assoc_class, "ac");
    assert_string_equal(query.result_class, "rc");
    assert_string_equal(query.role, "r1");
    assert_string_equal(query.result_role, "r2");
    assert_true(query.class_defs_only);
    query = parse(&arena, "ASSOCIATORS OF { C.A=1 }");
    assert_string_equal(query.object, "C.A=1");
    assert_null(query.assoc_class);
    assert_false(query.class_defs_only);
    query = parse(&arena, "REFERENCES OF{C.A=1}WHERE Role=x ResultClass=y");
    assert_int_equal(query.kind, WQL_REFERENCES);
    assert_string_equal(query.role, "x");
    assert_string_equal(query.result_class, "y");
    arena_release(&arena);
}

static void what_is_no_query(void **state)
{
    (void) state;
    static const struct {
        const char *text;
        int position;
    } cases[] = {
        { "", 1 },
        { "DELETE FROM C", 1 },
        { "SELECTX * FROM C", 1 },
        { "SELECT FROM C", 13 }, /* a column named FROM, and then no FROM */
        { "SELECT * C", 10 },
        { "SELECT * FROM", 14 },
        { "SELECT a, FROM C", 16 },
        { "SELECT COUNT(*) FROM C", 13 },
        { "SELECT * FROM C;", 16 },
        { "SELECT * FROM C D", 17 },
        { "SELECT * FROM 5C", 15 },
        { "SELECT * FROM C WHERE", 22 },
        { "SELECT * FROM C WHERE a", 24 },
        { "SELECT * FROM C WHERE a =", 26 },
        { "SELECT * FROM C WHERE a = b", 27 },
        { "SELECT * FROM C WHERE a == 1", 26 },
        { "SELECT * FROM C WHERE C.a = 1", 24 },
        { "SELECT * FROM C WHERE a = 'x", 27 },
        { "SELECT * FROM C WHERE a = 'x\\'", 27 },
        { "SELECT * FROM C WHERE a = 'x\\", 27 },
        { "SELECT * FROM C WHERE a = 5x", 27 },
        { "SELECT * FROM C WHERE a = 1 1", 29 },
        { "SELECT * FROM C WHERE a = 1 AND", 32 },
        { "SELECT * FROM C WHERE a = 1 OR OR b = 1", 35 },
        { "SELECT * FROM C WHERE (a = 1", 29 },
        { "SELECT * FROM C WHERE a = 1)", 28 },
        { "SELECT * FROM C WHERE ()", 24 },
        { "SELECT * FROM C WHERE a IS 5", 28 },
        { "SELECT * FROM C WHERE a < NULL", 31 },
        { "SELECT * FROM C WHERE NULL > a", 31 },
        { "SELECT * FROM C WHERE a LIKE 5", 30 },
        { "SELECT * FROM C WHERE a LIKE NULL", 30 },
        { "SELECT * FROM C WHERE a NOT LIKE 'x'", 25 },
        { "SELECT * FROM C WHERE a ISA x", 29 },
        { "SELECT * FROM C WHERE 5 = 5", 27 },
        { "ASSOCIATORS {C.A=1}", 13 },
        { "ASSOCIATORS OF C.A=1", 16 },
        { "ASSOCIATORS OF {C.A=1", 16 },
        { "ASSOCIATORS OF {C.A=\"}", 16 },
        { "ASSOCIATORS OF {}", 17 },
        { "ASSOCIATORS OF {  }", 19 },
        { "ASSOCIATORS OF {C.A=1} WHERE", 29 },
        { "ASSOCIATORS OF {C.A=1} AssocClass=x", 24 },
        { "ASSOCIATORS OF {C.A=1} WHERE AssocClass", 40 },
        { "ASSOCIATORS OF {C.A=1} WHERE AssocClass='x'", 41 },
        { "ASSOCIATORS OF {C.A=1} WHERE AssocClass=x AND Role=y", 43 },
        { "ASSOCIATORS OF {C.A=1} WHERE AssocClass=x AssocClass=y", 43 },
        { "ASSOCIATORS OF {C.A=1} WHERE ClassDefsOnly ClassDefsOnly", 44 },
        { "ASSOCIATORS OF {C.A=1} WHERE RequiredQualifier=x", 30 },
        { "REFERENCES OF {C.A=1} WHERE AssocClass=x", 29 },
        { "REFERENCES OF {C.A=1} WHERE ResultRole=x", 29 },
    };
    Arena arena = ARENA_INIT;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Error err;
        WqlQuery query;
        if (wql_parse(cases[i].text, &arena, &query, &err))
            fail_msg("'%s' is taken", cases[i].text);
        assert_int_equal(err.code, ERR_INVALID);
        assert_int_equal(err.source, ERROR_SOURCE_HRESULT);
        assert_true(err.native == (int64_t) WMI_E_INVALID_QUERY);
        const char *start = arena_printf(&arena, "bad query at character %d: ", cases[i].position);
        if (strncmp(err.message, start, strlen(start)) != 0)
            fail_msg("'%s': %s", cases[i].text, err.message);
    }
    arena_release(&arena);
}

static const char *repeat(Arena *arena, const char *before, const char *text, size_t count, const char *after)
{
    size_t length = strlen(text);
    char *all = arena_alloc(arena, count * length + 1);
    for (size_t i = 0; i < count; i++)
        memcpy(all + i * length, text, length);
    return arena_printf(arena, "%s%s%s", before, all, after);
}

static void limits_hold(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    Error err;
    WqlQuery query;
    const char *deep = repeat(&arena, "SELECT * FROM C WHERE ", "NOT ", LIMIT_WQL_DEPTH - 1, "a = 1");
    assert_true(wql_parse(deep, &arena, &query, &err));
    deep = repeat(&arena, "SELECT * FROM C WHERE ", "NOT ", LIMIT_WQL_DEPTH, "a = 1");
    assert_false(wql_parse(deep, &arena, &query, &err));
    deep = repeat(&arena, "SELECT * FROM C WHERE ", "(", LIMIT_WQL_DEPTH, "a = 1");
    assert_false(wql_parse(deep, &arena, &query, &err));
    assert_non_null(strstr(err.message, "nested too deeply"));

    /* A long chain is not deep; it is matched to its end. */
    CimInstance *row = cim_instance_create(&arena, "C");
    cim_instance_set(row, &arena, "b", cim_uint(CIM_TYPE_UINT8, 1));
    const char *chain = repeat(&arena, "SELECT * FROM C WHERE ", "a=1 OR ", 9000, "b=1");
    assert_true(wql_parse(chain, &arena, &query, &err));
    assert_true(wql_matches(query.where, row));
    chain = repeat(&arena, "SELECT * FROM C WHERE ", "b=1 AND ", 8000, "b=2");
    assert_true(wql_parse(chain, &arena, &query, &err));
    assert_false(wql_matches(query.where, row));
    assert_false(wql_parse(repeat(&arena, "SELECT * FROM C WHERE ", "a=1 OR ", 10000, "b=1"), &arena, &query, &err));
    arena_release(&arena);
}

/* ---- matching ---- */

static CimInstance *make_row(Arena *arena)
{
    static const char *const texts[] = { "x" };
    CimInstance *row = cim_instance_create(arena, "Msvm_GpuPartitionSettingData");
    row->path = "\\\\HV1\\root\\virtualization\\v2:Msvm_GpuPartitionSettingData.InstanceID=\"Microsoft:A\\\\B\"";
    cim_instance_set(row, arena, "InstanceID", cim_string("Microsoft:A\\B"));
    cim_instance_set(row, arena, "Umlaut", cim_string("\xC3\x84pfel"));
    cim_instance_set(row, arena, "Number", cim_string("22000"));
    cim_instance_set(row, arena, "None", cim_null(CIM_TYPE_STRING));
    cim_instance_set(row, arena, "Small", cim_sint(CIM_TYPE_SINT32, -5));
    cim_instance_set(row, arena, "Type", cim_uint(CIM_TYPE_UINT16, 32770));
    cim_instance_set(row, arena, "Large", cim_uint(CIM_TYPE_UINT64, UINT64_MAX));
    cim_instance_set(row, arena, "Half", (CimValue){ .type = CIM_TYPE_REAL64, .real = 0.5 });
    cim_instance_set(row, arena, "On", cim_boolean(true));
    cim_instance_set(row, arena, "Letter", cim_uint(CIM_TYPE_CHAR16, 'q'));
    cim_instance_set(row, arena, "Time", cim_text(CIM_TYPE_DATETIME, "20260701140509.000000+120"));
    cim_instance_set(row, arena, "Ref", cim_text(CIM_TYPE_REFERENCE, "\\\\HV1\\root\\virtualization\\v2:C.A=\"x\""));
    cim_instance_set(row, arena, "List", cim_text_array(arena, CIM_TYPE_STRING, texts, 1));
    cim_instance_set(row, arena, "Inner", cim_embedded(cim_instance_create(arena, "Msvm_ConcreteJob")));
    return row;
}

static void conditions(void **state)
{
    (void) state;
    static const struct {
        const char *where;
        bool matches;
    } cases[] = {
        /* texts */
        { "InstanceID = 'microsoft:a\\\\b'", true },
        { "InstanceID <> 'microsoft:a\\\\b'", false },
        { "InstanceID != 'x'", true },
        { "umlaut = '\xC3\xA4PFEL'", true },
        { "Umlaut > 'zzz'", true },
        { "InstanceID >= 'M' AND InstanceID < 'N'", true },
        { "InstanceID LIKE 'Microsoft:%'", true },
        { "InstanceID LIKE '%\\\\b'", true },
        { "InstanceID LIKE 'Microsoft'", false },
        { "Number = 22000", true },
        { "Number <> 22000", false },
        { "Number > '3'", false }, /* texts, not numbers */
        { "Number = TRUE", false },
        { "Number > 2.5", true },
        { "Number <> -22000", true },
        { "Number LIKE '2[0-9]%'", true },
        { "Type LIKE '3%'", false },
        { "'Microsoft:A\\\\B' = InstanceID", true },
        /* numbers */
        { "Type = 32770", true },
        { "Type = '32770'", true },
        { "Type = '0x8002'", true },
        { "Type = 'x'", false },
        { "Type <> 'x'", false },
        { "Type > 32769.5", true },
        { "32771 > Type", true },
        { "32770 >= Type", true },
        { "32770 > Type", false },
        { "Small < 0", true },
        { "Small < -5", false },
        { "Small <= -5", true },
        { "Small > -6", true },
        { "Small < 18446744073709551615", true },
        { "Large = 18446744073709551615", true },
        { "Large = '18446744073709551615'", true },
        { "Large > 18446744073709551614", true },
        { "Large > -1", true },
        { "Half = 0.5", true },
        { "Half < 1", true },
        { "Half = '0.5'", true },
        { "On = TRUE", true },
        { "On = FALSE", false },
        { "On <> FALSE", true },
        { "On = 1", true },
        { "On = 'true'", true },
        { "Letter = 'Q'", true },
        { "Letter = 'z'", false },
        /* datetimes by instant, references by object */
        { "Time = '20260701120509.000000+000'", true },
        { "Time < '20260701120510.000000+000'", true },
        { "Time > '20260701130000.000000+060'", true },
        { "Ref = 'c.a=\"X\"'", true },
        { "Ref <> 'c.a=\"X\"'", false },
        { "Ref = 'c.a=\"y\"'", false },
        /* null and missing */
        { "None = 'x'", false },
        { "None <> 'x'", false },
        { "Missing <> 'x'", false },
        { "NOT None = 'x'", true },
        { "None IS NULL", true },
        { "None IS NOT NULL", false },
        { "None = NULL", true },
        { "NULL = None", true },
        { "None <> NULL", false },
        { "Missing IS NULL", true },
        { "Type IS NULL", false },
        { "Type != NULL", true },
        { "None LIKE '%'", false },
        { "None ISA 'x'", false },
        /* arrays and embedded instances */
        { "List = 'x'", false },
        { "List LIKE '%'", false },
        { "List IS NOT NULL", true },
        { "Inner = 'x'", false },
        { "Inner IS NOT NULL", true },
        { "Inner ISA 'CIM_Job'", true },
        { "Inner ISA 'CIM_SettingData'", false },
        /* system properties */
        { "__CLASS = 'msvm_gpupartitionsettingdata'", true },
        { "__CLASS LIKE 'Msvm_%'", true },
        { "__CLASS ISA 'CIM_SettingData'", true },
        { "__CLASS ISA 'CIM_LogicalElement'", false },
        { "__RELPATH = 'Msvm_GpuPartitionSettingData.InstanceID=\"Microsoft:A\\\\\\\\B\"'", true },
        { "__PATH LIKE '\\\\\\\\HV1\\\\%'", true },
        /* how it binds */
        { "On = FALSE AND On = FALSE OR On = TRUE", true },
        { "On = TRUE OR On = FALSE AND On = FALSE", true },
        { "(On = TRUE OR On = FALSE) AND On = FALSE", false },
        { "NOT On = FALSE AND On = TRUE", true },
        { "NOT (On = FALSE OR On = TRUE)", false },
        { "NOT NOT On = TRUE", true },
        { "((((On=TRUE))))", true },
        { "On=TRUE AND Small=-5 AND Type=32770 AND Half=0.5 AND Letter='x'", false },
        { "On=FALSE OR Small=5 OR Type=1 OR Half=0.25 OR Letter='q'", true },
    };
    Arena arena = ARENA_INIT;
    CimInstance *row = make_row(&arena);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        WqlQuery query = parse(&arena, arena_printf(&arena, "SELECT * FROM C WHERE %s", cases[i].where));
        if (wql_matches(query.where, row) != cases[i].matches)
            fail_msg("%s", cases[i].where);
    }
    arena_release(&arena);
}

static void a_row_without_path(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    CimInstance *row = cim_instance_create(&arena, "Unknown_Class");
    assert_true(wql_matches(parse(&arena, "SELECT * FROM C WHERE __RELPATH IS NULL").where, row));
    assert_true(wql_matches(parse(&arena, "SELECT * FROM C WHERE __CLASS ISA 'unknown_class'").where, row));
    row->path = "C.A=\"x:y\"";
    assert_true(wql_matches(parse(&arena, "SELECT * FROM C WHERE __RELPATH = 'C.A=\"x:y\"'").where, row));
    arena_release(&arena);
}

static void like_patterns(void **state)
{
    (void) state;
    static const struct {
        const char *text, *pattern;
        bool matches;
    } cases[] = {
        { "", "", true },           { "", "%", true },
        { "", "_", false },         { "", "%%", true },
        { "a", "", false },         { "abc", "abc", true },
        { "abc", "ABC", true },     { "\xC3\xA4", "\xC3\x84", true },
        { "\xC3\xA4", "_", true },  { "\xF0\x9F\x98\x80", "_", true },
        { "abc", "ab", false },     { "ab", "abc", false },
        { "abc", "a%", true },      { "abc", "%c", true },
        { "abc", "%b%", true },     { "abc", "a%c", true },
        { "abc", "a%d", false },    { "abcabc", "%abc", true },
        { "aaab", "%aab", true },   { "abcd", "a%b%d", true },
        { "abc", "a_c", true },     { "abc", "__", false },
        { "abc", "___", true },     { "abc", "_%_", true },
        { "ab", "_%_%_", false },   { "b", "[abc]", true },
        { "d", "[abc]", false },    { "m", "[a-z]", true },
        { "M", "[a-z]", true },     { "m", "[A-Z]", true },
        { "5", "[a-z]", false },    { "5", "[^a-z]", true },
        { "m", "[^a-z]", false },   { "-", "[a-]", true },
        { "a", "[a-]", true },      { "b", "[a-]", false },
        { "%", "[%]", true },       { "x", "[%]", false },
        { "_", "[_]", true },       { "[", "[[]", true },
        { "a]", "a]", true },       { "[a", "[a", true },
        { "a", "[a", false },       { "a", "[]", false },
        { "^", "[a^]", true },      { "x1y", "%[0-9]%", true },
        { "xy", "%[0-9]%", false }, { "\\\\?\\PCI", "\\\\?\\%", true },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (wql_like(cases[i].text, cases[i].pattern) != cases[i].matches)
            fail_msg("'%s' LIKE '%s'", cases[i].text, cases[i].pattern);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_literal_reads_back),
        cmocka_unit_test(the_texts_of_queries),
        cmocka_unit_test(a_value_too_long_is_refused),
        cmocka_unit_test(a_prefix_pattern_finds_what_begins_so),
        cmocka_unit_test(select_statements),
        cmocka_unit_test(literals_have_types),
        cmocka_unit_test(association_statements),
        cmocka_unit_test(what_is_no_query),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(conditions),
        cmocka_unit_test(a_row_without_path),
        cmocka_unit_test(like_patterns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
