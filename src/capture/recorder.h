/* SPDX-License-Identifier: MIT */
/* A session that goes through to another one, and keeps what it says about drivers: what StdRegProv answers becomes the
 * captured host's registry, and which files a driver has its CIM_DataFile rows. */
#pragma once

#include "capture/rows.h"

/* Borrows both; for cim_session_close(). */
CimSession *recorder_create(CimSession *inner, const Captured *captured);
