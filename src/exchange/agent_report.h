/* SPDX-License-Identifier: MIT */
/* What a guest tells of itself, asked or not: the service there and what it may do, and each package that is installed.
 *     version=1;program=<version>;update=yes|no;restart=yes|no;windows=<build>.<revision>;problem=<code>|none|unknown;
 *         packages=<count>
 *     version=1;driver=<version>;sha256=<64>;files=<count>
 * Windows delivers items one by one: that a package of the count is not there may mean that it is not there yet. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "exchange/names.h"
#include "platform/hash.h"

#include <stdint.h>

/* Instead of a device's code. */
enum { EXCHANGE_GPU_NONE = -1, EXCHANGE_GPU_UNKNOWN = -2 };

typedef struct AgentReport {
    char program[EXCHANGE_VERSION_LENGTH + 1]; /* the version of HyperPoint */
    unsigned update, restart;                  /* what it may do, each 0 or 1 */
    char windows[EXCHANGE_VERSION_LENGTH + 1]; /* "22631.4317"; "0.0" is not known */
    int64_t problem; /* the GPU's code of Windows, 0: it works; of several GPUs one that does not; 32 bits */
    uint64_t packages;
} AgentReport;

typedef struct ExchangePackage {
    char driver[EXCHANGE_VERSION_LENGTH + 1]; /* the driver's version; "0" is not known */
    char sha256[HASH_TEXT_LENGTH + 1];        /* of the manifest that was installed */
    uint64_t files;                           /* that are in the guest because of it */
} ExchangePackage;

/* A version that such a report can tell. */
bool exchange_version_is_valid(const char *text);

/* ERR_PROTOCOL: it is none. */
MUST_CHECK bool agent_report_read(const char *text, AgentReport *ret_report, Error *err);
MUST_CHECK bool exchange_package_read(const char *text, ExchangePackage *ret_report, Error *err);

const char *agent_report_write(const AgentReport *report, Arena *arena);
const char *exchange_package_write(const ExchangePackage *report, Arena *arena);
