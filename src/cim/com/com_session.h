/* SPDX-License-Identifier: MIT */
/* A session with a Windows host through COM: WMI of this computer, or of another one by DCOM, as the user who is signed
 * in. Interfaces: Windows SDK, "COM API for WMI"; what goes over the wire: [MS-WMI].
 *
 * Nothing is contacted before the first verb. Namespaces are connected to once; class declarations, which method calls
 * need, are fetched once. Neither counts as a round trip. A read whose connection has ended is asked again, once, over
 * a new one; a method call never is. */
#pragma once

#include "base/error.h"
#include "cim/session.h"
#include "platform/clock.h"

/* computer NULL: this one. host: as CimSession has it. Both must live as long as the session.
 * To be closed by the thread that opened it. ERR_UNSUPPORTED when there is no WMI. */
MUST_CHECK bool com_session_open(const char *computer, const char *host, Clock *clock, CimSession **ret_session,
                                 Error *err);
