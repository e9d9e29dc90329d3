/* SPDX-License-Identifier: MIT */
#include "drivers/gather/package_name.h"

#include "base/ascii.h"
#include "drivers/package/vendor.h"

#include <string.h>

static const char *provider_name(const char *provider, Arena *arena)
{
    char *name = arena_strdup(arena, provider);
    size_t used = 0;
    for (const char *c = provider; *c != '\0' && used < 40; c++) {
        if (ascii_is_alpha(*c) || ascii_is_digit(*c))
            name[used++] = ascii_upper(*c);
        else if (used > 0 && name[used - 1] != '_')
            name[used++] = '_';
    }
    while (used > 0 && name[used - 1] == '_')
        used--;
    name[used] = '\0';
    return used > 0 ? name : "GPU";
}

const char *package_name_make(const char *device_id, const char *provider, const char *date, Arena *arena)
{
    const Vendor *vendor = vendor_find(device_id);
    const char *name = vendor != NULL ? vendor->name : provider_name(provider, arena);
    if (*date == '\0')
        return arena_printf(arena, "%s_unknown", name);
    return arena_printf(arena, "%s_%.4s%.2s%.2s", name, date, date + 5, date + 8);
}

const char *package_date_parse(const char *text, Arena *arena)
{
    unsigned numbers[3] = { 0 };
    for (size_t i = 0; i < 3; i++) {
        size_t digits = 0;
        for (; ascii_is_digit(*text) && digits < 4; text++, digits++)
            numbers[i] = numbers[i] * 10 + (unsigned) (*text - '0');
        if (digits == 0 || *text != (i < 2 ? '-' : '\0'))
            return "";
        text += i < 2;
    }
    bool is_date = numbers[0] >= 1 && numbers[0] <= 12 && numbers[1] >= 1 && numbers[1] <= 31 && numbers[2] >= 1990;
    return is_date ? arena_printf(arena, "%04u-%02u-%02u", numbers[2], numbers[0], numbers[1]) : "";
}
