/* SPDX-License-Identifier: MIT */
/* What a program or library says about itself in its version resource. Microsoft, "PE Format" and "VS_VERSIONINFO
 * structure". The data comes from outside: anything may be in it, and it may end anywhere. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The file version, four 16-bit numbers in one; false where there is none. */
bool pe_file_version(const void *data, size_t size, uint64_t *ret_version);

/* The file's company is Microsoft. */
bool pe_is_microsoft(const void *data, size_t size);
