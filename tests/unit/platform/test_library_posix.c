/* SPDX-License-Identifier: MIT */
#include "platform/library.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka.h wants the ones above first. */
#include <cmocka.h>

#define FUNCTIONS(EACH) EACH(strlen) EACH(strchr)

typedef struct Functions {
    FUNCTIONS(LIBRARY_MEMBER)
} Functions;

static const char *const names[] = { FUNCTIONS(LIBRARY_NAME) };

static void test_finds_each_function(void **state)
{
    (void) state;
    Error err;
    Functions functions = { 0 };
    Library library = { .file = "libc.so.6", .functions = &functions, .names = names, .count = COUNT_OF(names) };
    for (size_t i = 0; i < 2; i++) {
        assert_true(library_load(&library, &err));
        assert_int_equal(functions.strlen("four"), 4);
        assert_string_equal(functions.strchr("four", 'u'), "ur");
    }
}

static void test_tells_what_is_missing(void **state)
{
    (void) state;
    static const char *const wrong[] = { "strlen", "no_such_function" };
    Error err;
    Functions functions;
    Library missing = { .file = "libnone.so.1", .functions = &functions, .names = names, .count = COUNT_OF(names) };
    Library older = { .file = "libc.so.6", .functions = &functions, .names = wrong, .count = COUNT_OF(wrong) };
    for (size_t i = 0; i < 2; i++) { /* and goes on telling it */
        assert_false(library_load(&missing, &err));
        assert_int_equal(err.code, ERR_UNSUPPORTED);
        assert_non_null(strstr(err.hint, "libnone.so.1"));
        assert_false(library_load(&older, &err));
        assert_string_equal(err.message, "the library 'libc.so.6' of this system lacks no_such_function");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finds_each_function),
        cmocka_unit_test(test_tells_what_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
