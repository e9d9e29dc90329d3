/* SPDX-License-Identifier: MIT */
/* What a guest answers to a request, while it works and at last.
 *     version=1;id=<32>;phase=<word>;percent=<0-100>;reason=<word>;result=<number> */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "exchange/request.h"
#include "exchange/words.h"

#include <stdint.h>

typedef struct ExchangeStatus {
    char id[EXCHANGE_ID_LENGTH + 1]; /* of the request */
    unsigned phase;                  /* an ExchangePhase */
    unsigned reason;                 /* an ExchangeReason */
    uint64_t percent;                /* of the phase */
    uint64_t result;                 /* EXCHANGE_PROBLEM, EXCHANGE_RESTART: the device's code; else 0. 32 bits */
} ExchangeStatus;

/* ERR_PROTOCOL: it is none. */
MUST_CHECK bool exchange_status_read(const char *text, ExchangeStatus *ret_status, Error *err);

const char *exchange_status_write(const ExchangeStatus *status, Arena *arena);
