/* SPDX-License-Identifier: MIT */
/* What programs and libraries of a host tell about themselves, read in pieces, however large they are. */
#pragma once

#include "cim/host_files.h"
#include "drivers/package/pe_version.h"

/* Nothing of one that cannot be opened: whoever packs it tells. */
PeKind host_image_kind(HostFiles *files, const char *path, uint64_t size);

MUST_CHECK bool host_image_version(HostFiles *files, const char *path, uint64_t size, PeVersion *ret_version,
                                   Error *err);
