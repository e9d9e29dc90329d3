/* SPDX-License-Identifier: MIT */
#include "base/error.h"

#include "base/compiler.h"
#include "base/utf.h"
#include "unit/base/tests.h"

#include <errno.h>
#include <string.h>

static void test_setters(void **state)
{
    (void) state;
    Error err = { .native = 7, .hint = "old", .advice = { ADVICE_LIST_VMS, "old" } };
    assert_false(error_set(&err, ERR_STATE, "VM '%s' is running", "x"));
    assert_int_equal(err.code, ERR_STATE);
    assert_int_equal(err.source, ERROR_SOURCE_NONE);
    assert_int_equal(err.native, 0);
    assert_string_equal(err.message, "VM 'x' is running");
    assert_false(error_tells_what_to_do(&err));
    assert_false(error_advise(&err, ADVICE_RECOVER_FIRST, "x"));
    assert_true(error_tells_what_to_do(&err));
    assert_false(error_hint(&err, "turn it %s", "off"));
    assert_false(error_prefix(&err, "cannot add to '%s'", "x"));
    assert_string_equal(err.message, "cannot add to 'x': VM 'x' is running");
    assert_false(error_append(&err, "and %s", "more"));
    assert_string_equal(err.message, "cannot add to 'x': VM 'x' is running; and more");
    assert_string_equal(err.hint, "turn it off");
    assert_int_equal(err.advice.code, ADVICE_RECOVER_FIRST);
    assert_string_equal(err.advice.data, "x");
    assert_false(error_advise(&err, ADVICE_LIST_VMS, NULL));
    assert_string_equal(err.advice.data, "");
    assert_int_equal(err.code, ERR_STATE);
    assert_false(error_set_native(&err, ERR_REMOTE, ERROR_SOURCE_JOB, 32788, "VM '%s'", "a\nb\tc"));
    assert_int_equal(err.native, 32788);
    assert_int_equal(err.source, ERROR_SOURCE_JOB);
    assert_string_equal(err.message, "VM 'a\nb\tc'");
    assert_string_equal(err.hint, "");
    assert_int_equal(err.advice.code, ADVICE_NONE);
}

static void test_errno(void **state)
{
    (void) state;
    static const struct {
        int number;
        ErrorCode code;
    } cases[] = {
        { ENOSPC, ERR_NO_SPACE }, { ENOENT, ERR_NOT_FOUND }, { EACCES, ERR_DENIED }, { EPERM, ERR_DENIED },
        { EROFS, ERR_DENIED },    { EIO, ERR_IO },           { ENOTDIR, ERR_IO },
#ifdef EDQUOT /* not on Windows */
        { EDQUOT, ERR_NO_SPACE },
#endif
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Error err;
        assert_false(error_set_errno(&err, cases[i].number, "cannot open '%s'", "f"));
        assert_int_equal(err.code, cases[i].code);
        assert_int_equal(err.source, ERROR_SOURCE_ERRNO);
        assert_int_equal(err.native, cases[i].number);
        assert_int_equal(strncmp(err.message, "cannot open 'f': ", 17), 0);
        assert_string_equal(err.message + 17, strerror(cases[i].number));
    }
}

/* Whatever the length, what is cut stays valid UTF-8 and terminated. */
static void test_cut(void **state)
{
    (void) state;
    static const char *const letters[] = { "a", "\u00fc", "\u20ac", "\U0001F600" };
    for (size_t i = 0; i < COUNT_OF(letters); i++) {
        for (size_t offset = 0; offset < 4; offset++) {
            char text[2048] = "";
            Error err;
            memset(text, 'x', offset);
            for (size_t length = offset; length < 1500; length += strlen(letters[i]))
                memcpy(text + length, letters[i], strlen(letters[i]));
            (void) error_set(&err, ERR_IO, "%s", text);
            (void) error_hint(&err, "%s", text);
            (void) error_advise(&err, ADVICE_RECOVER_FIRST, text);
            assert_true(strlen(err.message) >= sizeof(err.message) - 5);
            assert_true(strlen(err.hint) >= sizeof(err.hint) - 5);
            assert_true(utf8_is_valid(err.message, strlen(err.message)));
            assert_true(utf8_is_valid(err.hint, strlen(err.hint)));
            assert_true(strlen(err.advice.data) >= sizeof(err.advice.data) - 5);
            assert_true(utf8_is_valid(err.advice.data, strlen(err.advice.data)));
            (void) error_prefix(&err, "%s", "prefix");
            assert_int_equal(strncmp(err.message, "prefix: x", offset > 0 ? 9 : 8), 0);
            assert_true(utf8_is_valid(err.message, strlen(err.message)));
        }
    }
}

static void test_names(void **state)
{
    (void) state;
    for (int i = 0; i < ERR_CODE_COUNT; i++) {
        assert_non_null(error_code_name((ErrorCode) i));
        for (int j = 0; j < i; j++)
            assert_string_not_equal(error_code_name((ErrorCode) i), error_code_name((ErrorCode) j));
    }
    for (int i = 0; i < ERROR_SOURCE_COUNT; i++)
        assert_non_null(error_source_name((ErrorSource) i));
    assert_string_equal(error_code_name(ERR_UNKNOWN_OUTCOME), "unknown-outcome");
    assert_string_equal(error_source_name(ERROR_SOURCE_JOB), "job");
}

int test_error(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_setters),
        cmocka_unit_test(test_errno),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
