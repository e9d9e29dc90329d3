/* SPDX-License-Identifier: MIT */
/* Fuzz target: what a guest tells of itself. */
#include "exchange/agent_report.h"

#include "fuzz_exchange.h"

FUZZ_EXCHANGE(AgentReport, agent_report_read, agent_report_write)
