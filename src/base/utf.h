/* SPDX-License-Identifier: MIT */
/* UTF-8 and UTF-16, portable. Inside the program text is UTF-8; UTF-16 exists at the edges (Windows calls, files
 * that Notepad or PowerShell 5.1 wrote). Lone surrogates survive the round trip (WTF-8), so that every Windows
 * file name does. */
#pragma once

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The text is well-formed UTF-8 (no surrogates, no overlong forms, nothing past U+10FFFF). */
bool utf8_is_valid(const char *text, size_t size);

/* Reads the code point at *position and moves past it. Anything malformed gives U+FFFD and moves one byte;
 * three-byte surrogates are let through (WTF-8). *position < size is required. */
uint32_t utf8_next(const char *text, size_t size, size_t *position);

/* Writes 1 to 4 bytes and returns how many. Surrogates are written as three bytes (WTF-8). */
size_t utf8_encode(uint32_t code_point, char buffer[4]);

/* Number of columns-to-be: code points, not bytes. */
size_t utf8_length(const char *text);

/* UTF-16 to UTF-8 in the arena, NUL-terminated; ret_size (may be NULL) gets the bytes without the NUL. */
char *utf8_from_utf16(Arena *arena, const uint16_t *units, size_t count, size_t *ret_size);

/* UTF-8 (or WTF-8) to UTF-16 in the arena, followed by a zero unit; ret_count gets the units without it. */
uint16_t *utf16_from_utf8(Arena *arena, const char *text, size_t size, size_t *ret_count);
