/* SPDX-License-Identifier: MIT */
/* The user's folders, Ctrl-C, errors of Windows, and text for consoles and pipes. */
#include "platform/process.h"

#include "base/compiler.h"
#include "platform/console.h"
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
#include <fcntl.h>
#include <io.h>
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

/* Where there is a console, or one can be had. */
static bool have_console(void)
{
    return GetConsoleOutputCP() != 0 || AllocConsole();
}

static void test_cancel(void **state)
{
    (void) state;
    static const DWORD events[] = { CTRL_C_EVENT, CTRL_BREAK_EVENT };
    if (!have_console())
        skip();
    for (size_t i = 0; i < COUNT_OF(events); i++) {
        cancel_install();
        assert_false(cancel_requested());
        assert_true(GenerateConsoleCtrlEvent(events[i], 0));
        for (int tries = 0; tries < 500 && !cancel_requested(); tries++)
            Sleep(10);
        assert_true(cancel_requested());
        cancel_set(false);
        assert_true(GenerateConsoleCtrlEvent(events[i], 0));
        Sleep(100);
        assert_false(cancel_requested());
    }
}

/* What comes out of a pipe that this text went into. */
static char *pipe_text(Arena *arena, const char *text)
{
    int ends[2];
    assert_int_equal(_pipe(ends, 65536, _O_BINARY), 0);
    FILE *stream = _fdopen(ends[1], "wb");
    assert_non_null(stream);
    assert_false(console_is_terminal(stream));
    assert_true(console_write(stream, text, strlen(text)));
    assert_int_equal(fclose(stream), 0);
    char *out = arena_alloc(arena, 256);
    assert_true(_read(ends[0], out, 255) >= 0);
    assert_int_equal(_close(ends[0]), 0);
    return out;
}

static void test_pipe(void **state)
{
    (void) state;
    static const struct {
        UINT code_page;
        const char *expected;
    } cases[] = { { 437, "gr\x81n ? \xE1\n" },
                  { 1252, "gr\xFCn ? \xDF\n" },
                  { 65001, "gr\xC3\xBCn \xE4\xB8\xAD \xC3\x9F\n" } };
    if (!have_console())
        skip();
    UINT before = GetConsoleOutputCP();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Arena arena = ARENA_INIT;
        assert_true(SetConsoleOutputCP(cases[i].code_page));
        assert_string_equal(pipe_text(&arena, "gr\xC3\xBCn \xE4\xB8\xAD \xC3\x9F\n"), cases[i].expected);
        assert_string_equal(pipe_text(&arena, ""), "");
        arena_release(&arena);
    }
    assert_true(SetConsoleOutputCP(before));
}

/* Whatever the code page of a console is, it shows every character. */
static void test_console(void **state)
{
    (void) state;
    if (!have_console())
        skip();
    HANDLE screen = CreateConsoleScreenBuffer(GENERIC_READ | GENERIC_WRITE, 0, NULL, CONSOLE_TEXTMODE_BUFFER, NULL);
    assert_true(screen != INVALID_HANDLE_VALUE);
    FILE *stream = _fdopen(_open_osfhandle((intptr_t) screen, 0), "wb");
    assert_non_null(stream);
    UINT before = GetConsoleOutputCP();
    assert_true(SetConsoleOutputCP(437));
    assert_true(console_width(stream) > 0);
    assert_true(console_write(stream, "gr\xC3\xBCn \xE4\xB8\xAD\n", 10));
    wchar_t shown[5] = L"";
    DWORD count;
    assert_true(ReadConsoleOutputCharacterW(screen, shown, 4, (COORD){ 0, 0 }, &count));
    assert_int_equal(wcscmp(shown, L"gr\x00FCn"), 0);
    wchar_t wide_letter = 0;
    assert_true(ReadConsoleOutputCharacterW(screen, &wide_letter, 1, (COORD){ 5, 0 }, &count));
    assert_int_equal(wide_letter, 0x4E2D);
    assert_true(SetConsoleOutputCP(before));
    assert_int_equal(fclose(stream), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_state_folder), cmocka_unit_test(test_errors),  cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_pipe),         cmocka_unit_test(test_console),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
