/* SPDX-License-Identifier: MIT */
/* Windows SDK, "System Error Codes". */
#include "platform/error_win32.h"

#include "base/ascii.h"
#include "platform/win32.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Missing in the headers of mingw-w64 10. */
#ifndef ERROR_ELEVATION_REQUIRED
#define ERROR_ELEVATION_REQUIRED 740
#endif
#ifndef ERROR_DISK_QUOTA_EXCEEDED
#define ERROR_DISK_QUOTA_EXCEEDED 1295
#endif

static const struct {
    uint32_t native;
    ErrorCode code;
} codes[] = {
    { ERROR_FILE_NOT_FOUND, ERR_NOT_FOUND },
    { ERROR_PATH_NOT_FOUND, ERR_NOT_FOUND },
    { ERROR_INVALID_DRIVE, ERR_NOT_FOUND },
    { ERROR_INVALID_NAME, ERR_NOT_FOUND }, /* nothing can be called that */
    { ERROR_ACCESS_DENIED, ERR_DENIED },
    { ERROR_WRITE_PROTECT, ERR_DENIED },
    { ERROR_NETWORK_ACCESS_DENIED, ERR_DENIED },
    { ERROR_ELEVATION_REQUIRED, ERR_DENIED },
    { ERROR_PRIVILEGE_NOT_HELD, ERR_DENIED },
    { ERROR_SHARING_VIOLATION, ERR_BUSY },
    { ERROR_LOCK_VIOLATION, ERR_BUSY },
    { ERROR_BUSY, ERR_BUSY },
    { ERROR_USER_MAPPED_FILE, ERR_BUSY },
    { ERROR_HANDLE_DISK_FULL, ERR_NO_SPACE },
    { ERROR_DISK_FULL, ERR_NO_SPACE },
    { ERROR_DISK_QUOTA_EXCEEDED, ERR_NO_SPACE },
    { ERROR_NOT_SUPPORTED, ERR_UNSUPPORTED },
    { ERROR_CALL_NOT_IMPLEMENTED, ERR_UNSUPPORTED },
    { ERROR_CANCELLED, ERR_CANCELLED },
};

static ErrorCode code_of(uint32_t native)
{
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        if (codes[i].native == native)
            return codes[i].code;
    }
    return ERR_IO;
}

const char *win32_message(Arena *arena, uint32_t code)
{
    wchar_t wide[512];
    DWORD length = FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL, code, 0, wide,
                                  COUNT_OF(wide), NULL);
    while (length > 0 && wcschr(L"\r\n .", wide[length - 1]) != NULL)
        length--;
    if (length == 0)
        return arena_printf(arena, code <= 0xFFFF ? "error %u" : "error 0x%08X", (unsigned) code);
    wide[length] = L'\0';
    char *text = utf8_from_wide(arena, wide);
    ascii_join_lines(text);
    return text;
}

bool error_set_win32(Error *err, uint32_t code, const char *format, ...)
{
    char what[sizeof(err->message)];
    va_list arguments;
    va_start(arguments, format);
    (void) vsnprintf(what, sizeof(what), format, arguments); /* the setters below cut as well */
    va_end(arguments);
    if ((code & 0xFFFF0000) == WIN32_ERRNO)
        return error_set_errno(err, (int) (code & 0xFFFF), "%s", what);
    Arena arena = ARENA_INIT;
    error_set_native(err, code_of(code), ERROR_SOURCE_WIN32, code, "%s: %s", what, win32_message(&arena, code));
    arena_release(&arena);
    if (err->code == ERR_BUSY)
        error_hint(err, "another program uses it; close that program and try again");
    return false;
}
