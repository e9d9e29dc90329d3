/* SPDX-License-Identifier: MIT */
#include "cim/com/wmi.h"

#include "base/check.h"

#include <string.h>

BSTR bstr_from_utf8(const char *text)
{
    Arena scratch = ARENA_INIT;
    BSTR copy = SysAllocString(wide_from_utf8(&scratch, text));
    CHECK(copy != NULL);
    arena_release(&scratch);
    return copy;
}

const char *utf8_from_bstr(const OLECHAR *text, Arena *arena)
{
    return text == NULL ? "" : utf8_from_wide(arena, text);
}

void bstr_cleanup(BSTR *text)
{
    SysFreeString(*text);
}

void variant_cleanup(VARIANT *variant)
{
    (void) VariantClear(variant); /* fails for locked arrays, which nobody here has */
}

void com_release_cleanup(void *pointer_to_interface_pointer)
{
    IUnknown *object;
    memcpy(&object, pointer_to_interface_pointer, sizeof(object));
    if (object != NULL)
        (void) IUnknown_Release(object);
}
