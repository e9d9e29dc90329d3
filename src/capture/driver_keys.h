/* SPDX-License-Identifier: MIT */
/* What the host's registry says about the drivers of its GPUs, and else that HyperPoint asks it. */
#pragma once

#include "capture/rows.h"

MUST_CHECK bool capture_driver_keys(HyperVHost *from, const Captured *captured, Error *err);
