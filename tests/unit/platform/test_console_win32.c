/* SPDX-License-Identifier: MIT */
/* Ctrl-C, and text for consoles and pipes. Needs a console. */
#include "platform/console.h"

#include "base/compiler.h"
#include "platform/process.h"
#include "platform/win32.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <string.h>

/* Ctrl-C for all programs of this console. Ctrl-Break is the same to us, but Wine's consoles have none. */
static void test_cancel(void **state)
{
    (void) state;
    Cancel *cancel = process_cancel_on_interrupt();
    assert_false(cancel_is_requested(cancel));
    assert_true(GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0));
    while (!cancel_is_requested(cancel)) /* it comes in a thread of its own; a test that hangs ends by ctest */
        Sleep(10);
    cancel_reset(cancel);
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
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_pipe),
        cmocka_unit_test(test_console),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
