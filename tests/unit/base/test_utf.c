/* SPDX-License-Identifier: MIT */
#include "base/utf.h"

#include "base/compiler.h"
#include "unit/base/tests.h"

#include <string.h>

static void test_valid(void **state)
{
    (void) state;
    /* Unicode 15, table 3-7. */
    static const struct {
        const char *text;
        bool valid;
    } cases[] = {
        { "", true },
        { "abc", true },
        { "\xC2\x80", true },
        { "\xDF\xBF", true },
        { "\xE0\xA0\x80", true },
        { "\xED\x9F\xBF", true },
        { "\xEE\x80\x80", true },
        { "\xEF\xBF\xBF", true },
        { "\xF0\x90\x80\x80", true },
        { "\xF4\x8F\xBF\xBF", true },
        { "\x80", false },
        { "\xC0\x80", false },
        { "\xC1\xBF", false },
        { "\xE0\x9F\xBF", false },
        { "\xED\xA0\x80", false },
        { "\xED\xBF\xBF", false },
        { "\xF0\x8F\xBF\xBF", false },
        { "\xF4\x90\x80\x80", false },
        { "\xF8\x88\x80\x80\x80", false },
        { "\xFF", false },
        { "a\xC3", false },
        { "\xE2\x82", false },
        { "\xE2\x28\xA1", false },
        { "\xF0\x90\x80", false },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(utf8_is_valid(cases[i].text, strlen(cases[i].text)), cases[i].valid);
    assert_true(utf8_is_valid("a\0b", 3));
}

static void test_next(void **state)
{
    (void) state;
    static const char text[] = "a\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80\xED\xA0\x80\xFF\xE2\x82";
    static const uint32_t expected[] = { 'a', 0xFC, 0x20AC, 0x1F600, 0xD800, 0xFFFD, 0xFFFD, 0xFFFD };
    size_t position = 0;
    for (size_t i = 0; i < COUNT_OF(expected); i++)
        assert_int_equal(utf8_next(text, sizeof(text) - 1, &position), expected[i]);
    assert_int_equal(position, sizeof(text) - 1);
}

/* Each code point and each lone surrogate survives encoding and decoding, through UTF-16 as well. */
static void test_all_code_points(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    for (uint32_t code_point = 0; code_point <= 0x10FFFF; code_point++) {
        ArenaMark mark = arena_mark(&arena);
        char bytes[4];
        size_t position = 0, count, size;
        size_t length = utf8_encode(code_point, bytes);
        assert_int_equal(utf8_next(bytes, length, &position), code_point);
        assert_int_equal(position, length);
        assert_int_equal(utf8_is_valid(bytes, length), code_point < 0xD800 || code_point > 0xDFFF);
        uint16_t *units = utf16_from_utf8(&arena, bytes, length, &count);
        assert_int_equal(count, code_point > 0xFFFF ? 2 : 1);
        assert_int_equal(units[count], 0);
        const char *back = utf8_from_utf16(&arena, units, count, &size);
        assert_int_equal(size, length);
        assert_memory_equal(back, bytes, length);
        assert_int_equal(back[size], '\0');
        arena_reset(&arena, mark);
    }
    arena_release(&arena);
}

/* Lone surrogates in every neighbourhood survive the way from UTF-16 to WTF-8 and back. */
static void test_surrogates(void **state)
{
    (void) state;
    static const uint16_t units[] = { 'a', 0xD83D, 0xDE00, 0xD800, 0x20AC, 0xD800 };
    Arena arena = ARENA_INIT;
    uint16_t order[COUNT_OF(units)];
    for (size_t pattern = 0; pattern < 46656; pattern++) { /* 6 to the 6th */
        ArenaMark mark = arena_mark(&arena);
        size_t count, size, rest = pattern;
        for (size_t i = 0; i < COUNT_OF(order); i++, rest /= COUNT_OF(units))
            order[i] = units[rest % COUNT_OF(units)];
        const char *text = utf8_from_utf16(&arena, order, COUNT_OF(order), &size);
        const uint16_t *back = utf16_from_utf8(&arena, text, size, &count);
        assert_int_equal(count, COUNT_OF(order));
        assert_memory_equal(back, order, sizeof(order));
        arena_reset(&arena, mark);
    }
    size_t size;
    assert_string_equal(utf8_from_utf16(&arena, units, COUNT_OF(units), &size),
                        "a\xF0\x9F\x98\x80\xED\xA0\x80\xE2\x82\xAC\xED\xA0\x80");
    assert_string_equal(utf8_from_utf16(&arena, NULL, 0, NULL), "");
    assert_int_equal(*utf16_from_utf8(&arena, "", 0, NULL), 0);
    arena_release(&arena);
}

static void test_length(void **state)
{
    (void) state;
    assert_int_equal(utf8_length(""), 0);
    assert_int_equal(utf8_length("a\u00fc\u20ac\U0001F600"), 4);
}

int test_utf(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid),      cmocka_unit_test(test_next),   cmocka_unit_test(test_all_code_points),
        cmocka_unit_test(test_surrogates), cmocka_unit_test(test_length),
    };
    return cmocka_run_group_tests_name("utf", tests, NULL, NULL);
}
