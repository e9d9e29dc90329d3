/* SPDX-License-Identifier: MIT */
/* Whether a file is the one that a manifest tells of. Reading everything takes as long as copying it, so a file of the
 * right size and time is taken for the right one; where the time is another, its content is read. What is damaged
 * beneath that is seen by whoever installs it: package_hint_damaged() says what to do then. */
#pragma once

#include "drivers/package/manifest.h"
#include "drivers/package/source.h"

/* The same, as far as disks and zips keep it: some count in steps of two seconds. */
bool content_has_time(int64_t modified_s, int64_t expected_s);

/* *ret_is: an entry of the package is that file. */
MUST_CHECK bool content_is_expected(PackageReader *reader, const PackageEntry *entry, const ManifestFile *expected,
                                    bool *ret_is, Error *err);
