/* SPDX-License-Identifier: MIT */
#include "provider.h"

#include "base/check.h"
#include "base/utf.h"

#include <string.h>

BSTR bstr_of(const char *text)
{
    Arena scratch = ARENA_INIT;
    size_t count;
    const uint16_t *units = utf16_from_utf8(&scratch, text, strlen(text), &count);
    BSTR copy = SysAllocStringLen((const OLECHAR *) units, (UINT) count);
    CHECK(copy != NULL);
    arena_release(&scratch);
    return copy;
}

const char *utf8_of(const OLECHAR *text, Arena *arena)
{
    return text == NULL ? NULL : utf8_from_utf16(arena, (const uint16_t *) text, wcslen(text), NULL);
}
