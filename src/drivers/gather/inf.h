/* SPDX-License-Identifier: MIT */
/* The little that is asked of an INF file: which driver it is of, and which other packages it brings along.
 * Format: Windows driver documentation, "INF Version Section", "INF CopyINF Directive". */
#pragma once

#include "base/arena.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct Inf {
    const char *driver_ver; /* "08/14/2024,32.0.15.6094", without blanks; "": it has none */
    StringList copy_infs;   /* file names, each once, the first LIMIT_INF_COPIES */
} Inf;

/* UTF-16 with a byte order mark, else bytes of which only ASCII is looked at. Nothing in an INF is an error: what
 * cannot be understood, or is longer than LIMIT_INF_LINE_BYTES with all its continuations, is not there. */
Inf inf_parse(const char *data, size_t size, Arena *arena);
