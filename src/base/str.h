/* SPDX-License-Identifier: MIT */
/* A growing text with a limit.
 *
 * Appends never fail: past the limit the text stops growing and remembers it; str_finish() reports it once.
 *     Str text;
 *     str_init(&text, LIMIT_WQL_BYTES);
 *     str_append(&text, "SELECT ...");
 *     return str_finish(&text, arena, ret_text, err);       (also releases)
 * A Str that is not finished is released with str_release(). */
#pragma once

#include "base/arena.h"
#include "base/compiler.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct Str {
    char *text; /* NUL-terminated; NULL while empty */
    size_t length;
    size_t capacity;
    size_t limit; /* bytes, without the NUL */
    bool overflowed;
} Str;

void str_init(Str *str, size_t limit);
void str_append(Str *str, const char *text);
void str_append_bytes(Str *str, const char *bytes, size_t size);
void str_append_char(Str *str, char c);
void str_appendf(Str *str, const char *format, ...) PRINTF_LIKE(2, 3);

/* What has been collected so far; "" while empty. Valid until the next append. */
const char *str_text(const Str *str);

/* Moves the text into the arena and releases the builder in either case.
 * Fails with ERR_INVALID when the limit was passed. */
MUST_CHECK bool str_finish(Str *str, Arena *arena, const char **ret_text, Error *err);

/* The same of a text that may end where its limit is, or has none. */
const char *str_take(Str *str, Arena *arena);

void str_release(Str *str);
