/* SPDX-License-Identifier: MIT */
/* The manifest of a package that is there to read from, and what it tells of packages for one GPU. */
#pragma once

#include "drivers/package/manifest.h"
#include "drivers/package/source.h"

/* *ret_has false: there is none, as in packages of the original tool. ERR_INVALID for the manifest of another package,
 * and for whatever else a package brings that is the installer's own. */
MUST_CHECK bool package_manifest_read(const PackageSource *source, Arena *arena, bool *ret_has, Manifest *ret_manifest,
                                      Error *err);

/* It was made for a GPU of that model, in whatever slot: "PCI\VEN_10DE&DEV_2206" is compared. */
bool manifest_is_for(const Manifest *manifest, const char *device_id);

/* The same provider's driver for the same GPU, of a later date, or of the same date and a higher version. */
bool manifest_is_newer(const Manifest *manifest, const Manifest *than);
