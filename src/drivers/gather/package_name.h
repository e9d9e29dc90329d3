/* SPDX-License-Identifier: MIT */
/* Names of packages, as the manual writes them: NVIDIA_20240814. */
#pragma once

#include "base/arena.h"

/* "device_id" (PCI\VEN_10DE&...) tells the maker; of others it is the provider's name in letters, digits and '_'.
 * "date" is yyyy-mm-dd, or "" for "unknown". Always a good file name. */
const char *package_name_make(const char *device_id, const char *provider, const char *date, Arena *arena);

/* "8-14-2024", as a driver's registry key has it, as "2024-08-14"; "" for anything else. */
const char *package_date_parse(const char *text, Arena *arena);
