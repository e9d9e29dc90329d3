/* SPDX-License-Identifier: MIT */
/* The little that is asked of an INF file: which driver it is of, and which other packages it brings along.
 * Format: Windows driver documentation, "General Syntax Rules for INF Files", "INF Version Section", "INF DriverVer
 * Directive", "INF Strings Section", "INF CopyINF Directive". */
#pragma once

#include "base/arena.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct Inf {
    const char *driver_ver; /* "2024-08-14,32.0.15.6094", whatever way it is written; "": it has none */
    const char *class_name; /* of the setup class, "Display"; "": not told */
    const char *class_guid; /* "{4d36e968-...}"; "": not told */
    StringList copy_infs;   /* file names without folders, each once, the first LIMIT_INF_COPIES */
} Inf;

/* UTF-16 or UTF-8 with or without a byte order mark, else bytes of a code page, of which only ASCII is understood.
 * Sections that are decorated for another processor than "architecture" ("amd64"; "": any) bring nothing along. Nothing
 * in an INF is an error: what cannot be understood, or is longer than LIMIT_INF_LINE_BYTES with all its continuations,
 * is not there. */
Inf inf_parse(const char *data, size_t size, const char *architecture, Arena *arena);
