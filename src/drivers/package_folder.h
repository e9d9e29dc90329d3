/* SPDX-License-Identifier: MIT */
/* A folder with driver packages, as get-drivers fills it and installdrivers takes from it. */
#pragma once

#include "base/arena.h"
#include "base/error.h"

/* The paths of its packages, by name: folders and zips. A zip beats the folder of its name, which is then in
 * ret_beaten. Names that begin with a dot are of packages that are not finished yet. */
MUST_CHECK bool package_folder_list(const char *folder, Arena *arena, StringList *ret_paths, StringList *ret_beaten,
                                    Error *err);
