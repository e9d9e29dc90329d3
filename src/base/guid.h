/* SPDX-License-Identifier: MIT */
/* GUID text as Hyper-V writes it: 36 characters, upper case, no braces. Making a new one: platform/random.h. */
#pragma once

#include <stdbool.h>

enum { GUID_TEXT_LENGTH = 36 };

/* The text is a GUID without braces, of either case, and nothing else. */
bool guid_is_valid(const char *text);

/* The same, but only the first 36 characters are looked at. */
bool guid_is_prefix(const char *text);
