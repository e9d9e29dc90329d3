/* SPDX-License-Identifier: MIT */
/* Installs the package that a request brought, with the engine that everybody else uses, and sees to the GPU. */
#pragma once

#include "agent/agent.h"
#include "drivers/install/installed.h"
#include "drivers/package/source.h"
#include "exchange/status.h"

/* Work in a guest, from the one step of the service that does it. */
typedef struct Update {
    const AgentGuest *guest;
    Report *report; /* hears how far it is */
    Arena *arena;
} Update;

/* What became of it: a last phase with its reason. */
typedef struct UpdateOutcome {
    ExchangePhase phase;
    ExchangeReason reason;
    uint32_t result;
} UpdateOutcome;

/* The package in that file, with the hash of its manifest, by which it is known from then on. False: the outcome tells
 * why it cannot be installed. */
MUST_CHECK bool update_open(const Update *update, const char *path, PackageSource **ret_source,
                            char ret_manifest[HASH_TEXT_LENGTH + 1], UpdateOutcome *ret_outcome);

/* Installs it. False: that was interrupted, and can be begun again. */
MUST_CHECK bool update_install(const Update *update, const PackageSource *source, UpdateOutcome *ret_outcome);

/* The GPU begins anew where that may help, and is looked at: the outcome of drivers that are in place. */
void update_devices(const Update *update, UpdateOutcome *ret_outcome);

/* An installation of before waits for the next start of Windows, and nothing else is begun until then; "is_same": it is
 * of the package that is asked for. */
bool update_is_kept_waiting(const Update *update, bool is_same, UpdateOutcome *ret_outcome);

/* What an installation of before has left: ended, unless it waits for the next start of Windows. */
MUST_CHECK bool update_recover(const Update *update, bool *ret_waits, Error *err);

/* Packages that are installed, to look at. */
MUST_CHECK bool update_packages(const Update *update, InstalledPackages *ret_packages, Error *err);

/* The code of the guest's GPU, EXCHANGE_GPU_NONE or EXCHANGE_GPU_UNKNOWN. */
int64_t update_problem(const Update *update);
