/* SPDX-License-Identifier: MIT */
/* Which drivers are in a place: in a folder of packages, or on a guest's disk. Files that cannot be understood are told
 * as warnings, and passed over. */
#pragma once

#include "base/report.h"
#include "operations/driver_state.h"
#include "platform/tree.h"

/* One for each package. */
MUST_CHECK bool found_in_packages(const char *folder, Report *report, Arena *arena, FoundDrivers *ret_found,
                                  Error *err);

/* One for each package that installdrivers has installed, and one of all folders in the HostDriverStore. "place" is the
 * disk as it was given. */
MUST_CHECK bool found_on_disk(const char *place, const Tree *disk, Report *report, Arena *arena,
                              FoundDrivers *ret_found, Error *err);
