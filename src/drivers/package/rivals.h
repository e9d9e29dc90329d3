/* SPDX-License-Identifier: MIT */
/* Packages that are for the same GPU: of those, a guest can use one. */
#pragma once

#include "drivers/package/manifest.h"

/* It was made for a GPU of that model, in whatever slot: "PCI\VEN_10DE&DEV_2206" is compared. */
bool manifest_is_for(const Manifest *manifest, const char *device_id);

/* For each manifest the number of the newest one that is for a GPU of the same model, by the same provider, and newer:
 * of a later date, or of the same date and a higher version. SIZE_MAX where there is none. A manifest may be NULL: that
 * tells nothing, and is nobody's rival. */
size_t *manifests_find_newer(const Manifest *const *manifests, size_t count, Arena *arena);
