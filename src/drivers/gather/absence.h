/* SPDX-License-Identifier: MIT */
/* Why something that a driver names is not gathered: that the host does not have it is one reason among several. */
#pragma once

#include "cim/host_files.h"

/* Of a full path on the host; continues "'C:\\x', which ...". */
const char *host_absence(HostFiles *files, const char *path, Arena *arena);
