/* SPDX-License-Identifier: MIT */
/* Fuzz target: what a guest tells of an installed package. */
#include "exchange/agent_report.h"

#include "fuzz_exchange.h"

FUZZ_EXCHANGE(PackageReport, package_report_read, package_report_write)
