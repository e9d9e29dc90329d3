/* SPDX-License-Identifier: MIT */
/* Where journals are kept, and errors of Windows. */
#include "platform/process.h"

#include "base/compiler.h"
#include "platform/error_win32.h"
#include "platform/fs.h"
#include "platform/win32.h"
#include "support/system.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

static void test_state_folder(void **state)
{
    (void) state;
    Arena arena = ARENA_INIT;
    Error err;
    const char *folder;
    system_set_environment("LOCALAPPDATA", "C:\\Users\\J\xC3\xBCrgen\\Local");
    assert_true(process_state_folder(false, &arena, &folder, &err));
    assert_string_equal(folder, "C:\\Users\\J\xC3\xBCrgen\\Local\\HyperPoint");
    system_set_environment("LOCALAPPDATA", NULL);
    assert_true(process_state_folder(false, &arena, &folder, &err));
    assert_non_null(strstr(folder, "\\HyperPoint"));
    arena_release(&arena);
}

static void test_errors(void **state)
{
    (void) state;
    static const struct {
        DWORD number;
        ErrorCode code;
    } cases[] = {
        { ERROR_FILE_NOT_FOUND, ERR_NOT_FOUND }, { ERROR_PATH_NOT_FOUND, ERR_NOT_FOUND },
        { ERROR_ACCESS_DENIED, ERR_DENIED },     { ERROR_SHARING_VIOLATION, ERR_BUSY },
        { ERROR_DISK_FULL, ERR_NO_SPACE },       { ERROR_HANDLE_DISK_FULL, ERR_NO_SPACE },
        { ERROR_WRITE_PROTECT, ERR_DENIED },     { ERROR_NOT_SUPPORTED, ERR_UNSUPPORTED },
        { ERROR_CANCELLED, ERR_CANCELLED },      { ERROR_CRC, ERR_IO },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Error err;
        assert_false(error_set_win32(&err, cases[i].number, "cannot open '%s'", "f"));
        assert_int_equal(err.code, cases[i].code);
        assert_int_equal(err.source, ERROR_SOURCE_WIN32);
        assert_int_equal(err.native, cases[i].number);
        assert_int_equal(strncmp(err.message, "cannot open 'f': ", 17), 0);
        assert_true(strlen(err.message) > 17);
        assert_null(strpbrk(err.message, "\r\n"));
        assert_int_not_equal(err.message[strlen(err.message) - 1], '.');
        assert_int_equal(err.hint[0] != '\0', cases[i].code == ERR_BUSY);
    }
    Error err;
    assert_false(error_set_win32(&err, 64999, "x"));
    assert_string_equal(err.message, "x: error 64999");
    assert_false(error_set_win32(&err, 0x8FFFFFFF, "x"));
    assert_string_equal(err.message, "x: error 0x8FFFFFFF");
    /* What fs_fault_point() says goes through unchanged. */
    assert_false(error_set_win32(&err, WIN32_ERRNO | ENOSPC, "x"));
    assert_int_equal(err.code, ERR_NO_SPACE);
    assert_int_equal(err.source, ERROR_SOURCE_ERRNO);
    assert_int_equal(err.native, ENOSPC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_state_folder),
        cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
