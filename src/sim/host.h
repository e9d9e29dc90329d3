/* SPDX-License-Identifier: MIT */
/* A simulated Hyper-V host in memory: what a session, a WS-Management server or a WMI provider asks of it.
 *
 * It knows no files, no locks and no clock: the time is told with every call, and jobs that are due by then have ended
 * before the call is answered. Embedded instances are CIM-XML text, as with the real one. Rules: docs/simulator.md. */
#pragma once

#include "sim/query/query.h"
#include "sim/seed/sample_files.h"
#include "sim/seed/variants.h"
#include "sim/services/invoke.h"
#include "sim/state/state.h"
#include "sim/store/host.h"
