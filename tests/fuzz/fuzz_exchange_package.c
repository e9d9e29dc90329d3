/* SPDX-License-Identifier: MIT */
/* Fuzz target: what a guest tells of an installed package. */
#include "exchange/agent_report.h"

#include "fuzz_exchange.h"

FUZZ_EXCHANGE(ExchangePackage, exchange_package_read, exchange_package_write)
