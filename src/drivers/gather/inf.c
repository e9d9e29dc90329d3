/* SPDX-License-Identifier: MIT */
#include "drivers/gather/inf.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "base/str.h"
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

/* Adds the line without blanks and quotes, up to the comment. True for a backslash at its end, which is left out: the
 * line goes on in the next one. */
static bool join_line(Str *joined, const char *line, size_t length)
{
    bool goes_on = false;
    for (size_t i = 0; i < length && line[i] != ';'; i++) {
        if (ascii_is_space(line[i]) || line[i] == '"' || line[i] == '\0')
            continue;
        if (goes_on)
            str_append_char(joined, '\\');
        goes_on = line[i] == '\\';
        if (!goes_on)
            str_append_char(joined, line[i]);
    }
    return goes_on;
}

static void add_names(Inf *inf, const char *list, Arena *arena)
{
    while (*list != '\0' && inf->copy_infs.count < LIMIT_INF_COPIES) {
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

static bool is_name(const char *line, size_t length, const char *name)
{
    return strlen(name) == length && ascii_ncasecmp(line, name, length) == 0;
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
    size_t length = (size_t) (equals - line);
    if (*in_version && is_name(line, length, "DriverVer"))
        inf->driver_ver = arena_strdup(arena, equals + 1);
    else if (is_name(line, length, "CopyINF"))
        add_names(inf, equals + 1, arena);
}

Inf inf_parse(const char *data, size_t size, Arena *arena)
{
    Inf inf = { .driver_ver = "" };
    bool in_version = false;
    Str joined;
    str_init(&joined, LIMIT_INF_LINE_BYTES);
    data = decode(data, size, arena, &size);
    const char *end = data + size;
    while (data < end) {
        const char *line_end = memchr(data, '\n', (size_t) (end - data));
        if (line_end == NULL)
            line_end = end;
        bool goes_on = join_line(&joined, data, (size_t) (line_end - data));
        data = line_end + (line_end < end);
        if (goes_on && data < end)
            continue;
        if (goes_on)
            str_append_char(&joined, '\\');
        if (!joined.overflowed)
            take_line(&inf, &in_version, str_text(&joined), arena);
        str_release(&joined);
    }
    return inf;
}
