/* SPDX-License-Identifier: MIT */
/* Fuzz target: what a guest answers. */
#include "exchange/status.h"

#include "fuzz_exchange.h"

FUZZ_EXCHANGE(ExchangeStatus, exchange_status_read, exchange_status_write)
