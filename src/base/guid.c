/* SPDX-License-Identifier: MIT */
#include "base/guid.h"

#include "base/ascii.h"

bool guid_is_prefix(const char *text)
{
    for (int i = 0; i < GUID_TEXT_LENGTH; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !ascii_is_xdigit(text[i]))
            return false;
    }
    return true;
}

bool guid_is_valid(const char *text)
{
    return guid_is_prefix(text) && text[GUID_TEXT_LENGTH] == '\0';
}
