/* SPDX-License-Identifier: MIT */
/* What the host's registry says about the drivers of its GPUs, and else that HyperPoint asks it; and with "files" (or
 * NULL), which files those drivers have. */
#pragma once

#include "capture/rows.h"
#include "cim/host_files.h"

MUST_CHECK bool capture_driver_keys(HyperVHost *from, HostFiles *files, const Captured *captured, Error *err);
