/* SPDX-License-Identifier: MIT */
/* A folder with driver packages, as get-drivers fills it and installdrivers takes from it. */
#pragma once

#include "base/arena.h"
#include "base/error.h"

/* The paths of its packages, by name: zips, and folders with a folder Windows in them; links are followed. A zip beats
 * the folder of its name. Names that begin with a dot are of packages that are not finished yet. ret_passed_over: a
 * sentence for whatever else looks like one. */
MUST_CHECK bool package_folder_list(const char *folder, Arena *arena, StringList *ret_paths,
                                    StringList *ret_passed_over, Error *err);
