/* SPDX-License-Identifier: MIT */
/* The way by which the program's runs get to the simulated host: back_end_sim.c leads straight to it; another one may
 * take its place. There is one at a time. */
#pragma once

#include "cim/session.h"
#include "support/fault_session.h"

/* What the runs borrow. direct: a session with the host, whose clock counts. */
CimSession *back_end_open(CimSession *direct, const char *host_file);
void back_end_close(void);

/* NULL: nothing on the way can fail. */
const FaultLine *back_end_line(void);
