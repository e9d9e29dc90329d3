/* SPDX-License-Identifier: MIT */
/* Whether a package that is there is what would be made again: the driver's files have the sizes and times that its
 * manifest tells, or, where a time is another one, the same content; so have the package's own files.
 * For pack_place.c. */
#pragma once

#include "drivers/gather/pack.h"

/* "path" is that of the package, which is for this driver. ret_manifest is set if it is the same. */
MUST_CHECK bool pack_is_same(const PackRequest *request, const Driver *driver, const char *path, Arena *arena,
                             bool *ret_is_same, Manifest *ret_manifest, Error *err);
