/* SPDX-License-Identifier: MIT */
#include "base/str.h"

#include "base/alloc.h"
#include "base/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void str_init(Str *str, size_t limit)
{
    *str = (Str){ .limit = limit };
}

void str_append_bytes(Str *str, const char *bytes, size_t size)
{
    if (str->overflowed || size > str->limit - str->length) {
        str->overflowed = true;
        return;
    }
    if (str->length + size + 1 > str->capacity) {
        size_t capacity = str->capacity < 64 ? 64 : str->capacity;
        while (capacity < str->length + size + 1)
            capacity *= 2;
        str->text = alloc_resize(str->text, capacity);
        str->capacity = capacity;
    }
    if (size > 0)
        memcpy(str->text + str->length, bytes, size);
    str->length += size;
    str->text[str->length] = '\0';
}

void str_append(Str *str, const char *text)
{
    str_append_bytes(str, text, strlen(text));
}

void str_append_char(Str *str, char c)
{
    str_append_bytes(str, &c, 1);
}

void str_appendf(Str *str, const char *format, ...)
{
    char small[256];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(small, sizeof(small), format, arguments);
    va_end(arguments);
    CHECK(length >= 0);
    if ((size_t) length < sizeof(small)) {
        str_append_bytes(str, small, (size_t) length);
        return;
    }
    char *large = alloc_zeroed((size_t) length + 1);
    va_start(arguments, format);
    (void) vsnprintf(large, (size_t) length + 1, format, arguments);
    va_end(arguments);
    str_append_bytes(str, large, (size_t) length);
    free(large);
}

const char *str_text(const Str *str)
{
    return str->text != NULL ? str->text : "";
}

bool str_finish(Str *str, Arena *arena, const char **ret_text, Error *err)
{
    size_t limit = str->limit;
    if (str->overflowed) {
        str_release(str);
        return error_set(err, ERR_INVALID, "text longer than %zu bytes", limit);
    }
    *ret_text = str_take(str, arena);
    return true;
}

const char *str_take(Str *str, Arena *arena)
{
    const char *text = arena_strndup(arena, str_text(str), str->length);
    str_release(str);
    return text;
}

void str_release(Str *str)
{
    free(str->text);
    *str = (Str){ .limit = str->limit };
}
