/* SPDX-License-Identifier: MIT */
#include "cli/columns.h"

#include "base/utf.h"

#include <limits.h>
#include <string.h>

/* Takes the next character off the columns that are left. */
static size_t take_next(const char *text, size_t size, size_t position, int *columns)
{
    *columns -= utf8_next(text, size, &position) >= 0x1100 ? 2 : 1;
    return position;
}

size_t columns_fit(const char *text, int columns)
{
    size_t size = strlen(text), position = 0;
    while (position < size) {
        size_t next = take_next(text, size, position, &columns);
        if (columns < 0)
            break;
        position = next;
    }
    return position;
}

int columns_of(const char *text)
{
    size_t size = strlen(text);
    int left = INT_MAX;
    for (size_t position = 0; position < size;)
        position = take_next(text, size, position, &left);
    return INT_MAX - left;
}
