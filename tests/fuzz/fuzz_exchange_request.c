/* SPDX-License-Identifier: MIT */
/* Fuzz target: what a host asks of a guest. */
#include "exchange/request.h"

#include "fuzz_exchange.h"

FUZZ_EXCHANGE(ExchangeRequest, exchange_request_read, exchange_request_write)
