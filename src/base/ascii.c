/* SPDX-License-Identifier: MIT */
#include "base/ascii.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char) (c - 'A' + 'a') : c;
}

char ascii_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char) (c - 'a' + 'A') : c;
}

bool ascii_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool ascii_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool ascii_is_alpha(char c)
{
    c = ascii_lower(c);
    return c >= 'a' && c <= 'z';
}

bool ascii_is_xdigit(char c)
{
    c = ascii_lower(c);
    return ascii_is_digit(c) || (c >= 'a' && c <= 'f');
}

int ascii_ncasecmp(const char *a, const char *b, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        int x = (unsigned char) ascii_lower(a[i]);
        int y = (unsigned char) ascii_lower(b[i]);
        if (x != y)
            return x - y;
        if (x == '\0')
            return 0;
    }
    return 0;
}

int ascii_casecmp(const char *a, const char *b)
{
    return ascii_ncasecmp(a, b, SIZE_MAX);
}

bool ascii_equals(const char *a, const char *b)
{
    return ascii_casecmp(a, b) == 0;
}

bool ascii_starts_with(const char *text, const char *prefix)
{
    return ascii_ncasecmp(text, prefix, strlen(prefix)) == 0;
}

bool ascii_ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text), ending_length = strlen(ending);
    return length > ending_length && ascii_equals(text + length - ending_length, ending);
}

bool ascii_parse_uint64(const char *text, unsigned long long *ret_value)
{
    unsigned long long value = 0;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (!ascii_is_digit(*text))
            return false;
        unsigned digit = (unsigned) (*text - '0');
        if (value > (ULLONG_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *ret_value = value;
    return true;
}

void ascii_join_lines(char *text)
{
    char *out = text;
    for (const char *p = text; *p != '\0'; p++) {
        if (*p != '\n' && *p != '\r' && *p != '\t')
            *out++ = *p;
        else if (out > text && out[-1] != ' ')
            *out++ = ' ';
    }
    *out = '\0';
}
