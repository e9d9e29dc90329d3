/* SPDX-License-Identifier: MIT */
/* Fuzz target: UTF-8 and UTF-16. Any UTF-16 survives the way to WTF-8 and back; what is valid UTF-8 survives the way to
 * UTF-16 and back; reading code points always gets on and never leaves the text. */
#include "base/check.h"
#include "base/utf.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_utf16(Arena *arena, const uint8_t *data, size_t size)
{
    size_t count = size / 2, back_count, text_size;
    uint16_t *units = ARENA_NEW_ARRAY(arena, uint16_t, count);
    for (size_t i = 0; i < count; i++)
        units[i] = (uint16_t) (data[2 * i] | data[2 * i + 1] << 8);
    const char *text = utf8_from_utf16(arena, units, count, &text_size);
    const uint16_t *back = utf16_from_utf8(arena, text, text_size, &back_count);
    CHECK(back_count == count && memcmp(back, units, count * sizeof(*units)) == 0);
}

static void check_utf8(Arena *arena, const char *text, size_t size)
{
    char *written = arena_alloc(arena, 3 * size + 1);
    size_t written_size = 0, units_count, back_size;
    for (size_t position = 0; position < size;) {
        size_t before = position;
        uint32_t code_point = utf8_next(text, size, &position);
        CHECK(position > before && position <= size && code_point <= 0x10FFFF);
        written_size += utf8_encode(code_point, written + written_size);
    }
    bool valid = utf8_is_valid(text, size);
    CHECK(!valid || (written_size == size && memcmp(written, text, size) == 0));
    const uint16_t *units = utf16_from_utf8(arena, text, size, &units_count);
    const char *back = utf8_from_utf16(arena, units, units_count, &back_size);
    CHECK(!valid || (back_size == size && memcmp(back, text, size) == 0));
    CHECK(utf8_length(arena_strndup(arena, text, size)) <= size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena arena = ARENA_INIT;
    check_utf16(&arena, data, size);
    check_utf8(&arena, (const char *) data, size);
    arena_release(&arena);
    return 0;
}
