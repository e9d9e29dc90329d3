/* SPDX-License-Identifier: MIT */
/* A simulated Hyper-V host behind the CIM session interface: for rehearsals, bug reports and tests.
 *
 * The host is a shared one (sim/shared_host.h): each verb enters it, finishes the jobs that are due, answers, and
 * leaves. So sessions side by side see each other, in whatever threads and processes they are.
 *
 * "variant" names what a missing file (or the one in memory) is filled with; NULL or "": windows11. Several are
 * joined by '+' ("windows10+localized"). An existing file keeps what it has. */
#pragma once

#include "base/error.h"
#include "cim/host_files.h"
#include "cim/session.h"
#include "platform/clock.h"
#include "sim/shared_host.h"

/* A session with a host that others have, too; it keeps the host. */
CimSession *sim_session_create(SharedHost *shared, Clock *clock);

/* A session with the host of that file, or with one in memory of its own. ERR_IO, ERR_DENIED, ERR_PROTOCOL (not JSON,
 * truncated, not a simulated host), ERR_USAGE (unknown variant). */
MUST_CHECK bool sim_session_open(const char *file, const char *variant, Clock *clock, CimSession **ret_session,
                                 Error *err);

/* The files of the host of that state file, for host_files_close(). */
MUST_CHECK bool sim_files_open(const char *file, HostFiles **ret_files, Error *err);
