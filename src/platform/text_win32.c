/* SPDX-License-Identifier: MIT */
/* Simple upper case from the system's own table, which its file systems and its ordinal comparisons use. That table
 * holds UTF-16 units, so letters beyond U+FFFF have no case. */
#include "platform/text.h"

#include "base/utf.h"
#include "platform/win32.h"

#include <string.h>

uint32_t text_upcase(uint32_t code_point)
{
    if (code_point < 0x80)
        return code_point >= 'a' && code_point <= 'z' ? code_point - 'a' + 'A' : code_point;
    if (code_point > 0xFFFF)
        return code_point;
    wchar_t lower = (wchar_t) code_point;
    wchar_t upper;
    int count = LCMapStringEx(LOCALE_NAME_INVARIANT, LCMAP_UPPERCASE, &lower, 1, &upper, 1, NULL, NULL, 0);
    return count == 1 ? upper : code_point;
}

wchar_t *wide_from_utf8(Arena *arena, const char *text)
{
    return utf16_from_utf8(arena, text, strlen(text), NULL);
}

char *utf8_from_wide(Arena *arena, const wchar_t *text)
{
    return utf8_from_utf16(arena, text, wcslen(text), NULL);
}
