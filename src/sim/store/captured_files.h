/* SPDX-License-Identifier: MIT */
/* The files of a captured host: which there are, how large, their hashes, what programs and INF files say of
 * themselves; not their contents. */
#pragma once

#include "cim/host_files.h"
#include "sim/store/host.h"

/* Independent of the host, for host_files_close(). */
HostFiles *captured_files_open(const SimHost *host);
