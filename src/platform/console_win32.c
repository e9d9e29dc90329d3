/* SPDX-License-Identifier: MIT */
/* Consoles and pipes on Windows. Windows SDK, "Console Virtual Terminal Sequences", "Console Code Pages". */
#include "platform/console.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "base/utf.h"
#include "platform/win32.h"

#include <errno.h>
#include <io.h>
#include <stdlib.h>

static HANDLE handle_of(FILE *stream)
{
    return (HANDLE) _get_osfhandle(_fileno(stream));
}

static bool is_console(HANDLE handle)
{
    DWORD mode;
    return GetFileType(handle) == FILE_TYPE_CHAR && GetConsoleMode(handle, &mode);
}

/* The console belongs to the shell as well, which gets it back as it was. */
static HANDLE changed_console;
static DWORD mode_before;

static void restore_mode(void)
{
    (void) SetConsoleMode(changed_console, mode_before); /* a console that is gone needs nothing */
}

bool console_is_terminal(FILE *stream)
{
    HANDLE handle = handle_of(stream);
    DWORD mode;
    if (!is_console(handle) || !GetConsoleMode(handle, &mode))
        return false;
    if ((mode & ENABLE_VIRTUAL_TERMINAL_PROCESSING) != 0)
        return true;
    if (!SetConsoleMode(handle, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING))
        return false; /* before Windows 10 1511 */
    if (changed_console == NULL) {
        changed_console = handle;
        mode_before = mode;
        (void) atexit(restore_mode); /* if there is no room for it, the mode stays, which does no harm */
    }
    return true;
}

bool console_asks(void)
{
    return is_console(handle_of(stdin)) && is_console(handle_of(stderr));
}

bool console_is_same(FILE *a, FILE *b)
{
    BY_HANDLE_FILE_INFORMATION of_a, of_b;
    HANDLE handle_a = handle_of(a), handle_b = handle_of(b);
    if (handle_a == handle_b || (is_console(handle_a) && is_console(handle_b)))
        return true;
    /* Of files; of pipes it tells nothing. */
    return GetFileType(handle_a) == FILE_TYPE_DISK && GetFileType(handle_b) == FILE_TYPE_DISK &&
           GetFileInformationByHandle(handle_a, &of_a) && GetFileInformationByHandle(handle_b, &of_b) &&
           of_a.dwVolumeSerialNumber == of_b.dwVolumeSerialNumber && of_a.nFileIndexHigh == of_b.nFileIndexHigh &&
           of_a.nFileIndexLow == of_b.nFileIndexLow;
}

/* Ctrl-C ends the read itself, which then has nothing, as at the end of the input. Unverified: that Windows' own
 * console does so. */
bool console_await_input(FILE *stream, const Cancel *cancel_or_null)
{
    (void) stream;
    return !cancel_is_requested(cancel_or_null);
}

int console_width(FILE *stream)
{
    CONSOLE_SCREEN_BUFFER_INFO info;
    if (!GetConsoleScreenBufferInfo(handle_of(stream), &info) || info.srWindow.Right < info.srWindow.Left)
        return 80;
    return info.srWindow.Right - info.srWindow.Left + 1;
}

int console_height(FILE *stream)
{
    CONSOLE_SCREEN_BUFFER_INFO info;
    if (!GetConsoleScreenBufferInfo(handle_of(stream), &info) || info.srWindow.Bottom < info.srWindow.Top)
        return 24;
    return info.srWindow.Bottom - info.srWindow.Top + 1;
}

static bool write_console(HANDLE handle, const wchar_t *text, size_t count)
{
    enum { AT_ONCE = 8192 }; /* older consoles take 64 KiB, less some */
    while (count > 0) {
        size_t size = count < AT_ONCE ? count : AT_ONCE;
        if (size < count && text[size - 1] >= 0xD800 && text[size - 1] <= 0xDBFF)
            size--; /* keep the halves of a character together */
        DWORD written;
        if (!WriteConsoleW(handle, text, (DWORD) size, &written, NULL) || written == 0) {
            errno = EIO;
            return false;
        }
        text += written;
        count -= written;
    }
    return true;
}

/* What reads a pipe here (PowerShell's pipeline, for /f) takes it for the console's code page. 0: no conversion. */
static UINT code_page_of(HANDLE handle)
{
    UINT code_page = GetFileType(handle) == FILE_TYPE_PIPE ? GetConsoleOutputCP() : 0;
    return code_page == CP_UTF8 ? 0 : code_page;
}

static bool write_in_code_page(FILE *stream, UINT code_page, const wchar_t *text, size_t count)
{
    if (count == 0)
        return true;
    int wanted = WideCharToMultiByte(code_page, 0, text, (int) count, NULL, 0, NULL, NULL);
    if (wanted <= 0) {
        errno = EILSEQ;
        return false;
    }
    char *bytes = alloc_zeroed((size_t) wanted);
    int size = WideCharToMultiByte(code_page, 0, text, (int) count, bytes, wanted, NULL, NULL);
    bool ok = size > 0 && fwrite(bytes, 1, (size_t) size, stream) == (size_t) size;
    free(bytes);
    return ok;
}

bool console_write(FILE *stream, const char *text, size_t size)
{
    HANDLE handle = handle_of(stream);
    bool to_console = is_console(handle);
    UINT code_page = to_console ? 0 : code_page_of(handle);
    if (!to_console && code_page == 0)
        return fwrite(text, 1, size, stream) == size;
    Arena arena = ARENA_INIT;
    size_t count;
    const wchar_t *wide = utf16_from_utf8(&arena, text, size, &count);
    bool ok = to_console ? fflush(stream) == 0 && write_console(handle, wide, count)
                         : write_in_code_page(stream, code_page, wide, count);
    arena_release(&arena);
    return ok;
}
