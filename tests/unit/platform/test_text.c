/* SPDX-License-Identifier: MIT */
/* Names in several scripts, and that the user's locale does not matter. */
#include "platform/text.h"

#include "base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

static void test_upcase(void **state)
{
    (void) state;
    static const struct {
        uint32_t lower, upper;
    } cases[] = {
        { 'a', 'A' },       { 'z', 'Z' },         { '`', '`' },
        { '{', '{' },       { 0xFC, 0xDC },   /* u with diaeresis */
        { 0xFF, 0x178 },                      /* y with diaeresis */
        { 0xDF, 0xDF },                       /* sharp s has no simple upper case */
        { 0x130, 0x130 },                     /* I with dot is upper case already */
        { 0x3C3, 0x3A3 },                     /* sigma */
        { 0x43C, 0x41C },                     /* Cyrillic em */
        { 0x561, 0x531 },                     /* Armenian ayb */
        { 0x1C6, 0x1C4 },                     /* dz with caron */
        { 0x4E2D, 0x4E2D }, { 0x1F600, 0x1F600 }, { 0xD800, 0xD800 },
#ifndef _WIN32 /* there, a letter that shares its capital with another one has none */
        { 0x131, 'I' },                       /* dotless i */
        { 0x3C2, 0x3A3 },                     /* final sigma */
#endif
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(text_upcase(cases[i].lower), cases[i].upper);
}

static void test_equals(void **state)
{
    (void) state;
    static const struct {
        const char *a, *b;
        int sign;
    } cases[] = {
        { "", "", 0 },
        { "My VM", "my vm", 0 },
        { "мой вм", "МОЙ ВМ", 0 },
        { "grün", "GRÜN", 0 },
        { "σίσυφοσ", "ΣΊΣΥΦΟΣ", 0 },
        { "straße", "STRASSE", 1 },
        { "\u0130", "i", 1 },
        { "gru\u0308n", "grün", -1 }, /* ordinal: no normalization */
        { "虚拟机", "虚拟机", 0 },
        { "a", "b", -1 },
        { "a", "B", -1 },
        { "_", "a", 1 }, /* compared as upper case */
        { "a", "ab", -1 },
        { "a ", "a", 1 },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(text_casecmp(cases[i].a, cases[i].b), cases[i].sign);
        assert_int_equal(text_casecmp(cases[i].b, cases[i].a), -cases[i].sign);
        assert_int_equal(text_equals(cases[i].a, cases[i].b), cases[i].sign == 0);
    }
}

static void test_equals_spaced(void **state)
{
    (void) state;
    static const struct {
        const char *a, *b;
        bool equal;
    } cases[] = {
        { "", "", true },
        { " \t", "", true },
        { "a b", " A\t  b ", true },
        { "a  b  c", "a b c", true },
        { "ab", "a b", false },
        { "a b", "a c", false },
        { "a", "a b", false },
        { "Radeon  RX", "radeon rx", true },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(text_equals_spaced(cases[i].a, cases[i].b), cases[i].equal);
        assert_int_equal(text_equals_spaced(cases[i].b, cases[i].a), cases[i].equal);
    }
}

static void test_distance(void **state)
{
    (void) state;
    static const struct {
        const char *a, *b;
        size_t limit, distance;
    } cases[] = {
        { "", "", 3, 0 },
        { "VM", "vm", 3, 0 },
        { "VMM", "VM", 3, 1 },
        { "DETS", "DEST", 3, 1 },
        { "kitten", "sitting", 5, 3 },
        { "kitten", "sitting", 3, 3 },
        { "kitten", "sitting", 2, 3 },
        { "ca", "abc", 5, 3 }, /* no edit inside a swap */
        { "abc", "", 5, 3 },
        { "", "abcdef", 2, 3 },
        { "МОЙ", "мйо", 3, 1 },
        { "a", "b", 0, 1 },
        { "a", "A", 0, 0 },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(text_distance(cases[i].a, cases[i].b, cases[i].limit), cases[i].distance);
        assert_int_equal(text_distance(cases[i].b, cases[i].a, cases[i].limit), cases[i].distance);
    }
}

static void test_matches(void **state)
{
    (void) state;
    static const struct {
        const char *text, *pattern;
        bool matches;
    } cases[] = {
        { "", "", true },
        { "", "*", true },
        { "", "?", false },
        { "a", "", false },
        { "nightly 7", "NIGHTLY *", true },
        { "nightly", "nightly *", false },
        { "nightly 7", "nightly", false },
        { "nightly 7", "*7", true },
        { "nightly 7", "*ght*", true },
        { "nightly 7", "?ightly??", true },
        { "nightly 7", "?ightly???", false },
        { "aab", "*ab", true },
        { "abab", "*ab", true },
        { "abac", "*ab", false },
        { "перед", "*РЕ*", true },
        { "名前", "?前", true },
        { "a*b", "a*b", true },
        { "mississippi", "m*iss*ip*i", true },
        { "mississippi", "m*iss*ip*s", false },
        { "a", "***a***", true },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(text_matches(cases[i].text, cases[i].pattern), cases[i].matches);
}

/* Where the Turkish locale is installed it is in force here, and must not change anything. */
static void test_user_locale(void **state)
{
    (void) setlocale(LC_ALL, "tr_TR.UTF-8");
    test_upcase(state);
    test_equals(state);
    assert_true(text_equals("title", "TITLE"));
    (void) setlocale(LC_ALL, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_upcase),   cmocka_unit_test(test_equals),      cmocka_unit_test(test_equals_spaced),
        cmocka_unit_test(test_distance), cmocka_unit_test(test_matches),     cmocka_unit_test(test_user_locale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
