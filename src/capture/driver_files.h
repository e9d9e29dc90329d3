/* SPDX-License-Identifier: MIT */
/* The files that get-drivers looks at: names, sizes, times, hashes, and what programs and INF files say of themselves.
 * No contents. */
#pragma once

#include "capture/rows.h"
#include "cim/host_files.h"

/* The devices have been captured. "session" records what the registry is asked. */
MUST_CHECK bool capture_driver_files(CimSession *session, HostFiles *files, const Captured *captured, Error *err);
