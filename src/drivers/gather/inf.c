/* SPDX-License-Identifier: MIT */
#include "drivers/gather/inf.h"

#include "base/ascii.h"
#include "base/utf.h"

#include <stdint.h>
#include <string.h>

/* As UTF-8 or as it is. */
static const char *decode(const char *data, size_t size, Arena *arena, size_t *ret_size)
{
    const unsigned char *bytes = (const unsigned char *) data;
    *ret_size = size;
    if (size < 2 || bytes[0] != 0xFF || bytes[1] != 0xFE)
        return data;
    size_t count = size / 2 - 1;
    uint16_t *units = ARENA_NEW_ARRAY(arena, uint16_t, count + 1);
    for (size_t i = 0; i < count; i++)
        units[i] = (uint16_t) (bytes[2 * i + 2] | bytes[2 * i + 3] << 8);
    return utf8_from_utf16(arena, units, count, ret_size);
}

/* The text without blanks and quotes, up to the comment. */
static const char *squeeze(const char *text, size_t length, Arena *arena)
{
    char *squeezed = arena_alloc(arena, length + 1);
    size_t used = 0;
    for (size_t i = 0; i < length && text[i] != ';'; i++) {
        if (!ascii_is_space(text[i]) && text[i] != '"' && text[i] != '\0')
            squeezed[used++] = text[i];
    }
    return squeezed;
}

static void add_names(Inf *inf, const char *list, Arena *arena)
{
    while (*list != '\0') {
        size_t length = strcspn(list, ",");
        const char *name = arena_strndup(arena, list, length);
        bool is_new = length > 0;
        for (size_t i = 0; is_new && i < inf->copy_infs.count; i++)
            is_new = !ascii_equals(inf->copy_infs.items[i], name);
        if (is_new)
            ARRAY_PUSH(arena, &inf->copy_infs, name);
        list += length + (list[length] == ',');
    }
}

static void take_line(Inf *inf, bool *in_version, const char *line, Arena *arena)
{
    if (*line == '[') {
        *in_version = ascii_starts_with(line, "[Version]");
        return;
    }
    const char *equals = strchr(line, '=');
    if (equals == NULL)
        return;
    const char *name = arena_strndup(arena, line, (size_t) (equals - line));
    if (*in_version && ascii_equals(name, "DriverVer"))
        inf->driver_ver = equals + 1;
    else if (ascii_equals(name, "CopyINF"))
        add_names(inf, equals + 1, arena);
}

Inf inf_parse(const char *data, size_t size, Arena *arena)
{
    Inf inf = { .driver_ver = "" };
    bool in_version = false;
    const char *joined = "";
    data = decode(data, size, arena, &size);
    const char *end = data + size;
    while (data < end) {
        const char *line_end = data;
        while (line_end < end && *line_end != '\n')
            line_end++;
        const char *line = squeeze(data, (size_t) (line_end - data), arena);
        size_t length = strlen(line);
        data = line_end + (line_end < end);
        /* A backslash at the end goes on in the next line. */
        if (length > 0 && line[length - 1] == '\\' && data < end) {
            joined = arena_printf(arena, "%s%.*s", joined, (int) length - 1, line);
            continue;
        }
        take_line(&inf, &in_version, arena_printf(arena, "%s%s", joined, line), arena);
        joined = "";
    }
    return inf;
}
