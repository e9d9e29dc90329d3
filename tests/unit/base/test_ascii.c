/* SPDX-License-Identifier: MIT */
#include "base/ascii.h"
#include "base/compiler.h"
#include "unit/base/tests.h"

#include <limits.h>

static void test_characters(void **state)
{
    (void) state;
    for (int i = 0; i < 256; i++) {
        char c = (char) i;
        bool upper = i >= 'A' && i <= 'Z', lower = i >= 'a' && i <= 'z', digit = i >= '0' && i <= '9';
        assert_int_equal(ascii_lower(c), upper ? (char) (i + 32) : c);
        assert_int_equal(ascii_upper(c), lower ? (char) (i - 32) : c);
        assert_int_equal(ascii_is_digit(c), digit);
        assert_int_equal(ascii_is_alpha(c), upper || lower);
        assert_int_equal(ascii_is_xdigit(c), digit || (i >= 'A' && i <= 'F') || (i >= 'a' && i <= 'f'));
        assert_int_equal(ascii_is_space(c), i == ' ' || (i >= 9 && i <= 13));
    }
}

static void test_compare(void **state)
{
    (void) state;
    static const struct {
        const char *a, *b;
        int sign;
    } cases[] = {
        { "", "", 0 },    { "abc", "ABC", 0 },     { "abc", "abd", -1 },
        { "B", "a", 1 },  { "ab", "abc", -1 },     { "_", "a", -1 },
        { "_", "A", -1 }, { "i", "\xC4\xB0", -1 }, { "\xC3\xBC", "\xC3\x9C", 1 },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int forward = ascii_casecmp(cases[i].a, cases[i].b), backward = ascii_casecmp(cases[i].b, cases[i].a);
        assert_int_equal((forward > 0) - (forward < 0), cases[i].sign);
        assert_int_equal((backward > 0) - (backward < 0), -cases[i].sign);
        assert_int_equal(ascii_equals(cases[i].a, cases[i].b), cases[i].sign == 0);
    }
    assert_int_equal(ascii_ncasecmp("abX", "ABy", 2), 0);
    assert_true(ascii_ncasecmp("abX", "ABy", 3) < 0);
    assert_int_equal(ascii_ncasecmp("ab", "AB", 100), 0);
    assert_true(ascii_starts_with("Order:5", "order:"));
    assert_true(ascii_starts_with("x", ""));
    assert_false(ascii_starts_with("ord", "order:"));
    assert_true(ascii_ends_with("A.ZIP", ".zip"));
    assert_false(ascii_ends_with(".zip", ".zip"));
    assert_false(ascii_ends_with("a.zip2", ".zip"));
}

static void test_parse_uint64(void **state)
{
    (void) state;
    static const struct {
        const char *text;
        bool ok;
        unsigned long long value;
    } cases[] = {
        { "0", true, 0 },
        { "007", true, 7 },
        { "18446744073709551615", true, ULLONG_MAX },
        { "18446744073709551616", false, 0 },
        { "18446744073709551620", false, 0 },
        { "99999999999999999999", false, 0 },
        { "", false, 0 },
        { " 1", false, 0 },
        { "1 ", false, 0 },
        { "+1", false, 0 },
        { "-1", false, 0 },
        { "0x1", false, 0 },
        { "1.0", false, 0 },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        unsigned long long value = 42;
        assert_int_equal(ascii_parse_uint64(cases[i].text, &value), cases[i].ok);
        assert_true(value == (cases[i].ok ? cases[i].value : 42));
    }
}

int test_ascii(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_characters),
        cmocka_unit_test(test_compare),
        cmocka_unit_test(test_parse_uint64),
    };
    return cmocka_run_group_tests_name("ascii", tests, NULL, NULL);
}
