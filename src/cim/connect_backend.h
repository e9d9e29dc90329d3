/* SPDX-License-Identifier: MIT */
/* What of connect.h differs between platforms: which real hosts can be talked to, and how. For connect.c only, which
 * does the rest. connect_posix.c or connect_win32.c, as CMake chooses. */
#pragma once

#include "cim/connect.h"

/* host NULL: none was given. Fills in all of the address. */
MUST_CHECK bool real_host_parse(const char *host, Arena *arena, HostAddress *ret_address, Error *err);

/* The host, which was not known to be this computer, calls itself that. */
void real_host_identify(HostAddress *address, const char *name, Arena *arena);

MUST_CHECK bool real_host_connect(const HostAddress *address, Clock *clock, CimSession **ret_session, Error *err);

MUST_CHECK bool real_host_files(const HostAddress *address, HostFiles **ret_files, Error *err);
