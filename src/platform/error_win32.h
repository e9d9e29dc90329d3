/* SPDX-License-Identifier: MIT */
/* Errors of Windows calls. */
#pragma once

#include "base/arena.h"
#include "base/error.h"

#include <stdint.h>

enum {
    /* Carries an errno value through SetLastError(): bit 29 is never set by Windows itself. */
    WIN32_ERRNO = 0x20000000,
};

/* Sets code and text from GetLastError(), which the caller has read first thing: "<formatted message>: <the system's
 * text>". What has no ErrorCode of its own becomes ERR_IO. Always returns false. */
bool error_set_win32(Error *err, uint32_t code, const char *format, ...) PRINTF_LIKE(3, 4);

/* The system's text for an error code or HRESULT, one line without a period at the end; its number if it has no
 * text. */
const char *win32_message(Arena *arena, uint32_t code);
