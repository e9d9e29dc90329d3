/* SPDX-License-Identifier: MIT */
/* CIM values: text forms, ranges, equality, copies, datetimes, instances. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cim/value.h"

#include <stdlib.h>
#include <string.h>

static void each_type_name_parses_back(void **state)
{
    (void) state;
    for (int i = 0; i < CIM_TYPE_COUNT; i++) {
        CimType type;
        assert_true(cim_type_parse(cim_type_name((CimType) i), &type));
        assert_int_equal(type, i);
    }
    CimType type;
    assert_true(cim_type_parse("UINT16", &type));
    assert_int_equal(type, CIM_TYPE_UINT16);
    assert_false(cim_type_parse("uint128", &type));
    assert_false(cim_type_parse("", &type));
}

/* What each text reads as: written again it is "again"; NULL: it is refused. */
static void texts_read_and_write(void **state)
{
    (void) state;
    static const struct {
        CimType type;
        const char *text, *again;
    } cases[] = {
        { CIM_TYPE_BOOLEAN, "true", "true" },
        { CIM_TYPE_BOOLEAN, "FALSE", "false" },
        { CIM_TYPE_BOOLEAN, "True", "true" },
        { CIM_TYPE_BOOLEAN, "1", NULL },
        { CIM_TYPE_BOOLEAN, "", NULL },
        { CIM_TYPE_UINT8, "0", "0" },
        { CIM_TYPE_UINT8, "255", "255" },
        { CIM_TYPE_UINT8, "256", NULL },
        { CIM_TYPE_UINT8, "-1", NULL },
        { CIM_TYPE_UINT8, "+1", NULL },
        { CIM_TYPE_UINT16, "32770", "32770" },
        { CIM_TYPE_UINT16, "65536", NULL },
        { CIM_TYPE_UINT32, "0xFFFFFFFF", "4294967295" },
        { CIM_TYPE_UINT32, "0x100000000", NULL },
        { CIM_TYPE_UINT64, "18446744073709551615", "18446744073709551615" },
        { CIM_TYPE_UINT64, "18446744073709551616", NULL },
        { CIM_TYPE_UINT64, "0xffffffffffffffff", "18446744073709551615" },
        { CIM_TYPE_UINT64, "0x10000000000000000", NULL },
        { CIM_TYPE_UINT64, "0x", NULL },
        { CIM_TYPE_UINT64, "0x1g", NULL },
        { CIM_TYPE_UINT64, " 1", NULL },
        { CIM_TYPE_UINT64, "1 ", NULL },
        { CIM_TYPE_UINT64, "", NULL },
        { CIM_TYPE_SINT8, "-128", "-128" },
        { CIM_TYPE_SINT8, "127", "127" },
        { CIM_TYPE_SINT8, "128", NULL },
        { CIM_TYPE_SINT8, "-129", NULL },
        { CIM_TYPE_SINT16, "-0x8000", "-32768" },
        { CIM_TYPE_SINT32, "+5", "5" },
        { CIM_TYPE_SINT32, "-0", "0" },
        { CIM_TYPE_SINT32, "--5", NULL },
        { CIM_TYPE_SINT64, "-9223372036854775808", "-9223372036854775808" },
        { CIM_TYPE_SINT64, "-9223372036854775809", NULL },
        { CIM_TYPE_SINT64, "9223372036854775807", "9223372036854775807" },
        { CIM_TYPE_SINT64, "9223372036854775808", NULL },
        { CIM_TYPE_REAL32, "0.5", "0.5" },
        { CIM_TYPE_REAL32, "1e39", NULL },
        { CIM_TYPE_REAL64, "-1.25e-3", "-0.00125" },
        { CIM_TYPE_REAL64, "1e309", NULL },
        { CIM_TYPE_REAL64, "inf", NULL },
        { CIM_TYPE_REAL64, "nan", NULL },
        { CIM_TYPE_REAL64, "0x1p3", NULL },
        { CIM_TYPE_REAL64, " 1", NULL },
        { CIM_TYPE_REAL64, "1.5.5", NULL },
        { CIM_TYPE_REAL64, "", NULL },
        { CIM_TYPE_CHAR16, "x", "x" },
        { CIM_TYPE_CHAR16, "\xC3\xA4", "\xC3\xA4" },
        { CIM_TYPE_CHAR16, "xy", NULL },
        { CIM_TYPE_CHAR16, "\xF0\x9F\x98\x80", NULL },
        { CIM_TYPE_CHAR16, "", "" },
        { CIM_TYPE_STRING, "", "" },
        { CIM_TYPE_STRING, " any thing ", " any thing " },
        { CIM_TYPE_DATETIME, "20260701140509.123456+120", "20260701140509.123456+120" },
        { CIM_TYPE_DATETIME, "20240815000000.******+***", "20240815000000.******+***" },
        { CIM_TYPE_DATETIME, "00000000003000.000000:000", "00000000003000.000000:000" },
        { CIM_TYPE_DATETIME, "2026-07-01", NULL },
        { CIM_TYPE_REFERENCE, "Msvm_X.A=\"b\"", "Msvm_X.A=\"b\"" },
        { CIM_TYPE_INSTANCE, "x", NULL },
    };
    Arena arena = ARENA_INIT;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Error err = { .code = ERR_NONE };
        CimValue value;
        bool good = cim_value_parse(cases[i].type, cases[i].text, &arena, &value, &err);
        if (good != (cases[i].again != NULL))
            fail_msg("'%s' as %s: %s", cases[i].text, cim_type_name(cases[i].type), err.message);
        if (good) {
            assert_int_equal(value.type, cases[i].type);
            assert_string_equal(cim_value_format(&value, &arena), cases[i].again);
        } else {
            assert_int_equal(err.code, ERR_INVALID);
        }
    }
    arena_release(&arena);
}

static void reals_survive_their_text(void **state)
{
    (void) state;
    static const char *const texts[] = { "0.1", "3.4028234663852886e+38", "1e-320", "-0", "123456789.123456789" };
    Arena arena = ARENA_INIT;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        for (CimType type = CIM_TYPE_REAL32; type <= CIM_TYPE_REAL64; type++) {
            Error err;
            CimValue value, again;
            assert_true(cim_value_parse(type, texts[i], &arena, &value, &err));
            assert_true(cim_value_parse(type, cim_value_format(&value, &arena), &arena, &again, &err));
            assert_true(cim_value_equals(&value, &again));
        }
    }
    arena_release(&arena);
}

static void a_null_has_no_text(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    CimValue value = cim_null(CIM_TYPE_UINT64);
    assert_null(cim_value_format(&value, &arena));
    assert_true(cim_text(CIM_TYPE_REFERENCE, NULL).is_null);
    assert_true(cim_embedded(NULL).is_null);
    arena_release(&arena);
}

/* An instance with a value of every kind; "variation" 1 and up changes one of them. */
static CimInstance *make_rich(Arena *arena, int variation)
{
    const char *const texts[] = { "a", variation == 1 ? "c" : "b" };
    CimInstance *inner = cim_instance_create(arena, variation == 2 ? "Other" : "Inner");
    cim_instance_set(inner, arena, "X", cim_uint(CIM_TYPE_UINT8, variation == 3 ? 2 : 1));
    CimInstance *rich = cim_instance_create(arena, "Rich");
    rich->path = "Rich.Name=\"x\"";
    cim_instance_set(rich, arena, "Flag", cim_boolean(variation != 4));
    cim_instance_set(rich, arena, "Small", cim_sint(CIM_TYPE_SINT64, variation == 5 ? INT64_MAX : INT64_MIN));
    cim_instance_set(rich, arena, "Large", cim_uint(CIM_TYPE_UINT64, variation == 6 ? 0 : UINT64_MAX));
    cim_instance_set(rich, arena, "Text", variation == 7 ? cim_string(NULL) : cim_string("text"));
    cim_instance_set(rich, arena, "Texts", cim_text_array(arena, CIM_TYPE_STRING, texts, variation == 8 ? 1 : 2));
    cim_instance_set(rich, arena, "None", variation == 9 ? cim_null(CIM_TYPE_STRING) : cim_null_array(CIM_TYPE_STRING));
    cim_instance_set(rich, arena, "Inner", cim_embedded(inner));
    cim_instance_set(rich, arena, "Char", cim_uint(CIM_TYPE_CHAR16, variation == 10 ? 'y' : 'x'));
    cim_instance_set(rich, arena, "Type", cim_uint(variation == 11 ? CIM_TYPE_UINT16 : CIM_TYPE_UINT32, 7));
    cim_instance_set(rich, arena, variation == 12 ? "Aa" : "Bb", cim_null(CIM_TYPE_DATETIME));
    if (variation == 13)
        cim_instance_set(rich, arena, "More", cim_null(CIM_TYPE_STRING));
    return rich;
}

enum { VARIATIONS = 13 };

static void equality_sees_every_difference(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    CimValue rich = cim_embedded(make_rich(&arena, 0));
    for (int i = 1; i <= VARIATIONS; i++) {
        CimValue other = cim_embedded(make_rich(&arena, i));
        if (cim_value_equals(&rich, &other) || cim_value_equals(&other, &rich))
            fail_msg("variation %d is not seen", i);
    }
    CimInstance *reversed = cim_instance_create(&arena, "Rich");
    for (size_t i = rich.instance->count; i-- > 0;)
        cim_instance_set(reversed, &arena, rich.instance->properties[i].name, rich.instance->properties[i].value);
    CimValue other = cim_embedded(reversed);
    assert_true(cim_value_equals(&rich, &other));
    arena_release(&arena);
}

static void a_copy_does_not_need_the_original(void **state)
{
    (void) state;
    Arena original = ARENA_INIT, arena = ARENA_INIT;
    CimValue rich = cim_embedded(make_rich(&original, 0));
    CimValue copy = cim_value_copy(&rich, &arena);
    arena_release(&original);
    CimValue expected = cim_embedded(make_rich(&arena, 0));
    assert_true(cim_value_equals(&copy, &expected));
    assert_string_equal(copy.instance->path, "Rich.Name=\"x\"");

    CimInstance *grown = cim_instance_copy(copy.instance, &arena);
    cim_instance_set(grown, &arena, "New", cim_boolean(true));
    assert_int_equal(grown->count, copy.instance->count + 1);
    assert_true(cim_instance_boolean(grown, "New", false));
    assert_null(cim_instance_find(copy.instance, "New"));
    arena_release(&arena);
}

static void datetimes_are_recognised_by_form(void **state)
{
    (void) state;
    static const struct {
        const char *text;
        bool is_valid;
    } cases[] = {
        { "20260701140509.123456+120", true },
        { "20260701140509.123456-480", true },
        { "20240815000000.******+***", true },
        { "00000000003000.000000:000", true },
        { "99999999235959.999999:000", true },
        { "20260701140509.123456:120", false },
        { "00000000003000.000000:***", false },
        { "20260701140509.123456 120", false },
        { "20260701140509,123456+120", false },
        { "20260701140509.123456+12", false },
        { "20260701140509.123456+1200", false },
        { "2026070114050x.123456+120", false },
        { "", false },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (cim_datetime_is_valid(cases[i].text) != cases[i].is_valid)
            fail_msg("'%s'", cases[i].text);
    }
}

static void datetimes_convert_to_instants(void **state)
{
    (void) state;
    static const struct {
        const char *text;
        int64_t unix_ms;
        const char *again; /* NULL: not an instant */
    } cases[] = {
        { "19700101000000.000000+000", 0, "19700101000000.000000+000" },
        { "19700101000000.001999+000", 1, "19700101000000.001000+000" },
        { "19691231235959.999000+000", -1, "19691231235959.999000+000" },
        { "20260701140509.123000+120", INT64_C(1782907509123), "20260701120509.123000+000" },
        { "20260701040509.123000-480", INT64_C(1782907509123), "20260701120509.123000+000" },
        { "20000229120000.000000+000", INT64_C(951825600000), "20000229120000.000000+000" },
        { "00000101000000.000000+000", INT64_C(-62167219200000), "00000101000000.000000+000" },
        { "99991231235959.999000+000", INT64_C(253402300799999), "99991231235959.999000+000" },
        { "99991231235959.999000-999", INT64_C(253402360739999), "99991231235959.999000+000" },
        { "19000229000000.000000+000", 0, NULL }, /* no leap year */
        { "20260431000000.000000+000", 0, NULL },
        { "20260001000000.000000+000", 0, NULL },
        { "20261301000000.000000+000", 0, NULL },
        { "20260100000000.000000+000", 0, NULL },
        { "20260101240000.000000+000", 0, NULL },
        { "20260101006000.000000+000", 0, NULL },
        { "20260101000060.000000+000", 0, NULL },
        { "20240815000000.******+***", 0, NULL },
        { "00000000003000.000000:000", 0, NULL },
        { "yesterday", 0, NULL },
    };
    Arena arena = ARENA_INIT;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t unix_ms = 42;
        if (cim_datetime_parse(cases[i].text, &unix_ms) != (cases[i].again != NULL))
            fail_msg("'%s'", cases[i].text);
        assert_int_equal(unix_ms, cases[i].again != NULL ? cases[i].unix_ms : 42);
        if (cases[i].again != NULL)
            assert_string_equal(cim_datetime_format(&arena, unix_ms), cases[i].again);
    }
    assert_string_equal(cim_datetime_format(&arena, INT64_MIN), "00000101000000.000000+000");
    assert_string_equal(cim_datetime_format(&arena, INT64_MAX), "99991231235959.999000+000");
    arena_release(&arena);
}

/* Every day of two Gregorian cycles there and back, so that no month end or leap year is missed. */
static void every_day_survives(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    for (int64_t day = -146097; day < 146097; day++) {
        ArenaMark mark = arena_mark(&arena);
        int64_t unix_ms;
        assert_true(cim_datetime_parse(cim_datetime_format(&arena, day * 86400000 + 1), &unix_ms));
        assert_int_equal(unix_ms, day * 86400000 + 1);
        arena_reset(&arena, mark);
    }
    arena_release(&arena);
}

static void intervals(void **state)
{
    (void) state;
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = {
        { 0, "00000000000000.000000:000" },         { 300000, "00000000000500.000000:000" },
        { 93784005, "00000001020304.005000:000" },  { -1, "00000000000000.000000:000" },
        { INT64_MAX, "99999999235959.999000:000" },
    };
    Arena arena = ARENA_INIT;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_string_equal(cim_interval_format(&arena, cases[i].ms), cases[i].text);
        assert_true(cim_datetime_is_valid(cases[i].text));
    }
    arena_release(&arena);
}

static void properties_are_found_in_any_case(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    CimInstance *rich = make_rich(&arena, 0);
    size_t before = rich->count;
    cim_instance_set(rich, &arena, "TEXT", cim_string("new"));
    assert_int_equal(rich->count, before);
    assert_string_equal(cim_instance_text(rich, "tExT"), "new");
    assert_null(cim_instance_find(rich, "Missing"));
    arena_release(&arena);
}

/* Many properties: the list has to grow, and keeps the order. */
static void instances_grow(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    CimInstance *instance = cim_instance_create(&arena, "C");
    for (unsigned i = 0; i < 100; i++)
        cim_instance_set(instance, &arena, arena_printf(&arena, "P%u", i), cim_uint(CIM_TYPE_UINT32, i));
    assert_int_equal(instance->count, 100);
    for (unsigned i = 0; i < 100; i++)
        assert_int_equal(instance->properties[i].value.uint, i);
    arena_release(&arena);
}

static void reading_falls_back(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    CimInstance *rich = make_rich(&arena, 0);
    size_t count = 42;
    assert_null(cim_instance_text(rich, "Missing"));
    assert_null(cim_instance_text(rich, "Flag"));
    assert_null(cim_instance_text(rich, "Texts"));
    assert_null(cim_instance_text(rich, "None"));
    assert_int_equal(cim_instance_uint(rich, "Type", 9), 7);
    assert_int_equal(cim_instance_uint(rich, "Small", 9), 9);
    assert_int_equal(cim_instance_uint(rich, "Text", 9), 9);
    assert_true(cim_instance_uint(rich, "Large", 9) == UINT64_MAX);
    cim_instance_set(rich, &arena, "Small", cim_sint(CIM_TYPE_SINT32, 5));
    assert_int_equal(cim_instance_uint(rich, "Small", 9), 5);
    assert_true(cim_instance_boolean(rich, "Flag", false));
    assert_true(cim_instance_boolean(rich, "Text", true));
    assert_null(cim_instance_array(rich, "Text", &count));
    assert_int_equal(count, 0);
    assert_null(cim_instance_array(rich, "None", &count));
    assert_int_equal(count, 0);
    const CimValue *items = cim_instance_array(rich, "Texts", &count);
    assert_int_equal(count, 2);
    assert_string_equal(items[1].text, "b");
    assert_true(cim_instance_is_null(rich, "Missing"));
    assert_true(cim_instance_is_null(rich, "None"));
    assert_false(cim_instance_is_null(rich, "Flag"));
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_type_name_parses_back),
        cmocka_unit_test(texts_read_and_write),
        cmocka_unit_test(reals_survive_their_text),
        cmocka_unit_test(a_null_has_no_text),
        cmocka_unit_test(equality_sees_every_difference),
        cmocka_unit_test(a_copy_does_not_need_the_original),
        cmocka_unit_test(datetimes_are_recognised_by_form),
        cmocka_unit_test(datetimes_convert_to_instants),
        cmocka_unit_test(every_day_survives),
        cmocka_unit_test(intervals),
        cmocka_unit_test(properties_are_found_in_any_case),
        cmocka_unit_test(instances_grow),
        cmocka_unit_test(reading_falls_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
