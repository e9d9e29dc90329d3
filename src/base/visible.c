/* SPDX-License-Identifier: MIT */
#include "base/visible.h"

#include "base/utf.h"

#include <stdint.h>
#include <string.h>

static const struct {
    uint32_t first, last;
} hidden[] = {
    { 0x00, 0x1F },     { 0x7F, 0x9F },     { 0x061C, 0x061C }, { 0x200E, 0x200F },
    { 0x2028, 0x202E }, { 0x2066, 0x206F }, { 0xD800, 0xDFFF },
};

static bool is_hidden(uint32_t code_point)
{
    for (size_t i = 0; i < COUNT_OF(hidden); i++) {
        if (code_point >= hidden[i].first && code_point <= hidden[i].last)
            return true;
    }
    return false;
}

/* What comes next, and where the text goes on: a code point, or a byte that belongs to none. */
static uint32_t next(const char *text, size_t size, size_t *position, bool *ret_is_byte)
{
    size_t begin = *position;
    uint32_t code_point = utf8_next(text, size, position);
    *ret_is_byte = code_point == 0xFFFD && *position == begin + 1;
    return *ret_is_byte ? (unsigned char) text[begin] : code_point;
}

static bool looks_escaped(const char *text, size_t size)
{
    return size >= 3 && text[0] == '\\' && (text[1] == 'u' || text[1] == 'x') && text[2] == '{';
}

void visible_append(Str *str, const char *text, size_t size)
{
    for (size_t position = 0; position < size;) {
        size_t begin = position;
        bool is_byte;
        uint32_t value = next(text, size, &position, &is_byte);
        if (is_byte)
            str_appendf(str, "\\x{%02X}", (unsigned) value);
        else if (is_hidden(value) || looks_escaped(text + begin, size - begin))
            str_appendf(str, "\\u{%02X}", (unsigned) value);
        else
            str_append_bytes(str, text + begin, position - begin);
    }
}

bool visible_is_plain(const char *text)
{
    bool is_byte = false, plain = true;
    size_t size = strlen(text);
    for (size_t position = 0; plain && position < size;) {
        uint32_t value = next(text, size, &position, &is_byte);
        plain = !is_byte && !is_hidden(value);
    }
    return plain;
}
