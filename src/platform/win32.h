/* SPDX-License-Identifier: MIT */
/* The only file that includes <windows.h>: for files x_win32.c and for cim/com. Text is UTF-8 everywhere
 * else, so it becomes UTF-16 at the call, with the functions below. */
#pragma once

#include "base/arena.h"

#define WIN32_LEAN_AND_MEAN
#define COBJMACROS
#include <windows.h>

/* UTF-8 to UTF-16 and back. Lone surrogates survive (base/utf.h), so every name that Windows knows does. */
wchar_t *wide_from_utf8(Arena *arena, const char *text);
char *utf8_from_wide(Arena *arena, const wchar_t *text);
