/* SPDX-License-Identifier: MIT */
/* Comparison of names that are ASCII by definition (CIM class and property names, GUIDs, keywords, parameters).
 * Independent of the locale. Names that people give (VMs, GPUs, files) go through platform/text.h instead. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

char ascii_lower(char c);
char ascii_upper(char c);
bool ascii_is_space(char c);
bool ascii_is_digit(char c);
bool ascii_is_alpha(char c);
bool ascii_is_xdigit(char c);

/* strcmp, strncmp without regard to the case of A..Z. */
int ascii_casecmp(const char *a, const char *b);
int ascii_ncasecmp(const char *a, const char *b, size_t length);
bool ascii_equals(const char *a, const char *b);
bool ascii_starts_with(const char *text, const char *prefix);

/* The text is longer than the ending, and ends with it. */
bool ascii_ends_with(const char *text, const char *ending);

/* Prose that somebody else has set in lines becomes one: a blank where lines and tabs were. */
void ascii_join_lines(char *text);

/* The whole text is a decimal number from 0 to UINT64_MAX: digits only, no sign, no space. */
bool ascii_parse_uint64(const char *text, unsigned long long *ret_value);
