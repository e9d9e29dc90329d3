/* SPDX-License-Identifier: MIT */
/* What a failed call of COM or WMI means for us: its code, a message, and a hint that says what to do.
 * Numbers: Windows SDK, "WMI Error Constants", "COM Error Codes", and winerror.h for those of RPC. */
#pragma once

#include "base/error.h"
#include "cim/com/wmi.h"

#include <stdbool.h>
#include <stdint.h>

/* What was being talked to. */
typedef struct WmiPlace {
    const char *host;
    bool is_remote;
} WmiPlace;

/* As it is written in "native" of an Error: 0x8004100E, not a negative number. */
int64_t hresult_number(HRESULT hr);

/* subject: what the call was about: a query, a path, a namespace. Always returns false. */
bool hresult_set_error(Error *err, HRESULT hr, const WmiPlace *place, const char *subject);

/* The same for a query. No row is an empty answer and no failure: WBEM_E_NOT_FOUND for a SELECT says that the class's
 * provider is not there, which has been reported of hosts whose service vmms was not running.
 * Unverified: whether every build says it so, or some give no rows. */
bool hresult_set_query_error(Error *err, HRESULT hr, const WmiPlace *place, const char *wql);

/* The error says that the connection has ended, or that the service was going down: another connection may work. */
bool hresult_is_lost_connection(const Error *err);

/* A method call that ended with this error was certainly not carried out. */
bool hresult_precedes_execution(const Error *err);
