/* SPDX-License-Identifier: MIT */
/* Exit codes: of one error, and of several things in one run. */
#include "cli/exit_code.h"

#include "base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void test_errors(void **state)
{
    (void) state;
    static const struct {
        ErrorCode code;
        ErrorSource source;
        ExitCode expected;
    } cases[] = {
        { ERR_USAGE, ERROR_SOURCE_NONE, EXIT_USAGE },
        { ERR_UNREACHABLE, ERROR_SOURCE_HRESULT, EXIT_NO_HOST },
        { ERR_UNREACHABLE, ERROR_SOURCE_WIN32, EXIT_NO_HOST },
        { ERR_DENIED, ERROR_SOURCE_HRESULT, EXIT_NO_HOST },
        { ERR_DENIED, ERROR_SOURCE_NONE, EXIT_NO_HOST },
        { ERR_DENIED, ERROR_SOURCE_ERRNO, EXIT_REFUSED }, /* a local file, on either platform */
        { ERR_DENIED, ERROR_SOURCE_WIN32, EXIT_REFUSED },
        { ERR_CANCELLED, ERROR_SOURCE_NONE, EXIT_REFUSED },
        { ERR_IO, ERROR_SOURCE_ERRNO, EXIT_REFUSED },
        { ERR_STATE, ERROR_SOURCE_NONE, EXIT_REFUSED },
        { ERR_DENIED, ERROR_SOURCE_JOB, EXIT_NO_HOST },
        { ERR_DENIED, ERROR_SOURCE_CIM_RETURN, EXIT_NO_HOST },
        { ERR_USAGE, ERROR_SOURCE_WIN32, EXIT_USAGE },
        { ERR_BUSY, ERROR_SOURCE_NONE, EXIT_REFUSED },
        { ERR_TIMEOUT, ERROR_SOURCE_NONE, EXIT_REFUSED },
        { ERR_REMOTE, ERROR_SOURCE_JOB, EXIT_REFUSED },
        { ERR_PROTOCOL, ERROR_SOURCE_HRESULT, EXIT_REFUSED },
        { ERR_UNKNOWN_OUTCOME, ERROR_SOURCE_NONE, EXIT_REFUSED },
        { ERR_NOT_FOUND, ERROR_SOURCE_HRESULT, EXIT_REFUSED },
        { ERR_NO_SPACE, ERROR_SOURCE_ERRNO, EXIT_REFUSED },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Error err = { .code = cases[i].code, .source = cases[i].source };
        assert_int_equal(exit_code_of_error(&err), cases[i].expected);
    }
    const Error share = { .code = ERR_DENIED, .source = ERROR_SOURCE_WIN32, .is_of_host = true };
    assert_int_equal(exit_code_of_error(&share), EXIT_NO_HOST);
}

static void test_several(void **state)
{
    (void) state;
    static const struct {
        ExitCode codes[3];
        size_t count;
        ExitCode expected;
    } cases[] = {
        { { 0 }, 0, EXIT_DONE },
        { { EXIT_DONE, EXIT_DONE }, 2, EXIT_DONE },
        { { EXIT_DONE, EXIT_REBOOT }, 2, EXIT_REBOOT },
        { { EXIT_DONE, EXIT_REFUSED }, 2, EXIT_PARTLY },
        { { EXIT_REBOOT, EXIT_PUT_BACK }, 2, EXIT_PARTLY },
        { { EXIT_UNFINISHED, EXIT_REFUSED }, 2, EXIT_UNFINISHED }, /* whatever comes after it */
        { { EXIT_DONE, EXIT_UNFINISHED, EXIT_DONE }, 3, EXIT_UNFINISHED },
        { { EXIT_PUT_BACK, EXIT_REFUSED }, 2, EXIT_PUT_BACK },
        { { EXIT_NO_HOST, EXIT_REFUSED }, 2, EXIT_NO_HOST },
        { { EXIT_REFUSED, EXIT_USAGE }, 2, EXIT_REFUSED },
        { { EXIT_PARTLY, EXIT_REFUSED }, 2, EXIT_PARTLY },
        { { EXIT_REFUSED }, 1, EXIT_REFUSED },
        { { EXIT_REBOOT, EXIT_REBOOT }, 2, EXIT_REBOOT },
        { { EXIT_REBOOT, EXIT_UNFINISHED, EXIT_REFUSED }, 3, EXIT_UNFINISHED },
        { { EXIT_PARTLY, EXIT_PUT_BACK, EXIT_NO_HOST }, 3, EXIT_PARTLY },
        { { EXIT_DONE, EXIT_NO_HOST, EXIT_DONE }, 3, EXIT_PARTLY },
        { { EXIT_DIFFERS }, 1, EXIT_DIFFERS },
        { { EXIT_DIFFERS, EXIT_DONE }, 2, EXIT_DIFFERS },
        { { EXIT_DIFFERS, EXIT_REBOOT, EXIT_DONE }, 3, EXIT_DIFFERS },
        { { EXIT_DIFFERS, EXIT_REFUSED }, 2, EXIT_PARTLY },
        { { EXIT_DIFFERS, EXIT_UNFINISHED }, 2, EXIT_UNFINISHED },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        ExitFold forward = { .any_done = false }, backward = { .any_done = false };
        for (size_t j = 0; j < cases[i].count; j++) {
            exit_fold_add(&forward, cases[i].codes[j]);
            exit_fold_add(&backward, cases[i].codes[cases[i].count - 1 - j]);
        }
        assert_int_equal(exit_fold_code(&forward), cases[i].expected);
        assert_int_equal(exit_fold_code(&backward), cases[i].expected);
    }
}

static void test_unwritten(void **state)
{
    (void) state;
    assert_int_equal(exit_code_unwritten(EXIT_DONE, true), EXIT_PARTLY);
    assert_int_equal(exit_code_unwritten(EXIT_DONE, false), EXIT_REFUSED);
    assert_int_equal(exit_code_unwritten(EXIT_UNFINISHED, true), EXIT_UNFINISHED);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_errors), cmocka_unit_test(test_several),
                                        cmocka_unit_test(test_unwritten) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
