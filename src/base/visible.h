/* SPDX-License-Identifier: MIT */
/* Text from outside for a screen: names of VMs and files are free, and a terminal obeys some characters.
 *
 * Shown as \u{1B} (code point) are controls (C0, DEL, C1), line and paragraph separators, marks that turn the direction
 * of text, and lone halves of UTF-16; as \x{FF} bytes that are no UTF-8. A backslash that is followed by "u{" or "x{"
 * in the text itself is shown as \u{5C}, so that what is shown stands for one text only. */
#pragma once

#include "base/str.h"

void visible_append(Str *str, const char *text, size_t size);

/* All of it is shown as it is. */
bool visible_is_plain(const char *text);
