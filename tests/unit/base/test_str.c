/* SPDX-License-Identifier: MIT */
#include "base/str.h"

#include "unit/base/tests.h"

#include <string.h>

static void test_append(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    Error err;
    Str str;
    const char *text;
    str_init(&str, 100000);
    assert_string_equal(str_text(&str), "");
    str_append(&str, "ab");
    str_append_char(&str, 'c');
    str_append_bytes(&str, "d\0e", 3);
    str_appendf(&str, "%s-%d", "f", 7);
    assert_int_equal(str.length, 9);
    assert_memory_equal(str_text(&str), "abcd\0ef-7", 10);
    str_appendf(&str, "%*s", 5000, "g");
    assert_true(str_finish(&str, &arena, &text, &err));
    assert_memory_equal(text, "abcd\0ef-7 ", 10);
    assert_int_equal(text[9 + 4999], 'g');
    assert_int_equal(text[9 + 5000], '\0');
    assert_null(str.text);
    arena_release(&arena);
}

static void test_limit(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    Error err;
    Str str;
    const char *text = "untouched";
    str_init(&str, 4);
    str_append(&str, "abcd");
    str_append(&str, "");
    assert_true(str_finish(&str, &arena, &text, &err));
    assert_string_equal(text, "abcd");
    str_append(&str, "abc");
    str_append(&str, "de");
    str_append(&str, "f"); /* would fit, but something before it is missing */
    assert_string_equal(str_text(&str), "abc");
    assert_false(str_finish(&str, &arena, &text, &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_string_equal(text, "abcd");
    str_append(&str, "ok"); /* finishing has made it usable again */
    assert_true(str_finish(&str, &arena, &text, &err));
    assert_string_equal(text, "ok");
    str_append(&str, "abcdef"); /* whoever takes it does not mind */
    assert_string_equal(str_take(&str, &arena), "");
    str_append(&str, "ok");
    assert_string_equal(str_take(&str, &arena), "ok");
    str_append(&str, "x");
    str_release(&str);
    arena_release(&arena);
}

int test_str(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_append), cmocka_unit_test(test_limit) };
    return cmocka_run_group_tests_name("str", tests, NULL, NULL);
}
