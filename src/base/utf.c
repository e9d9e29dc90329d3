/* SPDX-License-Identifier: MIT */
#include "base/utf.h"

#include <string.h>

enum { REPLACEMENT = 0xFFFD };

/* Length of the sequence at bytes[0..size), 0 if malformed; surrogates pass. */
static size_t decode(const unsigned char *bytes, size_t size, uint32_t *ret_code_point)
{
    static const struct {
        unsigned char mask, lead;
        uint32_t minimum;
    } forms[] = { { 0x80, 0x00, 0 }, { 0xE0, 0xC0, 0x80 }, { 0xF0, 0xE0, 0x800 }, { 0xF8, 0xF0, 0x10000 } };

    for (size_t length = 1; length <= 4; length++) {
        if ((bytes[0] & forms[length - 1].mask) != forms[length - 1].lead)
            continue;
        if (length > size)
            return 0;
        uint32_t code_point = bytes[0] & (unsigned char) ~forms[length - 1].mask;
        for (size_t i = 1; i < length; i++) {
            if ((bytes[i] & 0xC0) != 0x80)
                return 0;
            code_point = code_point << 6 | (bytes[i] & 0x3F);
        }
        if (code_point < forms[length - 1].minimum || code_point > 0x10FFFF)
            return 0;
        *ret_code_point = code_point;
        return length;
    }
    return 0;
}

bool utf8_is_valid(const char *text, size_t size)
{
    for (size_t position = 0; position < size;) {
        uint32_t code_point;
        size_t length = decode((const unsigned char *) text + position, size - position, &code_point);
        if (length == 0 || (code_point >= 0xD800 && code_point <= 0xDFFF))
            return false;
        position += length;
    }
    return true;
}

uint32_t utf8_next(const char *text, size_t size, size_t *position)
{
    uint32_t code_point;
    size_t length = decode((const unsigned char *) text + *position, size - *position, &code_point);
    *position += length > 0 ? length : 1;
    return length > 0 ? code_point : REPLACEMENT;
}

size_t utf8_encode(uint32_t code_point, char buffer[4])
{
    if (code_point < 0x80) {
        buffer[0] = (char) code_point;
        return 1;
    }
    size_t length = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--) {
        buffer[i] = (char) (0x80 | (code_point & 0x3F));
        code_point >>= 6;
    }
    buffer[0] = (char) ((0xF00 >> length & 0xFF) | code_point);
    return length;
}

size_t utf8_length(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += ((unsigned char) *text & 0xC0) != 0x80;
    return count;
}

static bool is_high(uint32_t unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool is_low(uint32_t unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

char *utf8_from_utf16(Arena *arena, const uint16_t *units, size_t count, size_t *ret_size)
{
    char *text = arena_alloc(arena, count * 3 + 1);
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t code_point = units[i];
        if (is_high(code_point) && i + 1 < count && is_low(units[i + 1]))
            code_point = 0x10000 + ((code_point - 0xD800) << 10) + (units[++i] - 0xDC00u);
        char bytes[4];
        size_t length = utf8_encode(code_point, bytes);
        memcpy(text + size, bytes, length);
        size += length;
    }
    if (ret_size != NULL)
        *ret_size = size;
    return text;
}

uint16_t *utf16_from_utf8(Arena *arena, const char *text, size_t size, size_t *ret_count)
{
    uint16_t *units = ARENA_NEW_ARRAY(arena, uint16_t, size + 1);
    size_t count = 0;
    for (size_t position = 0; position < size;) {
        uint32_t code_point = utf8_next(text, size, &position);
        if (code_point >= 0x10000) {
            units[count++] = (uint16_t) (0xD800 + ((code_point - 0x10000) >> 10));
            code_point = 0xDC00 + ((code_point - 0x10000) & 0x3FF);
        }
        units[count++] = (uint16_t) code_point;
    }
    if (ret_count != NULL)
        *ret_count = count;
    return units;
}
