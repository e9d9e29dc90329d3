/* SPDX-License-Identifier: MIT */
/* What a guest tells its host: items of the data exchange, as values of EXCHANGE_KEY_FROM_GUEST. Only what has changed
 * is written, because each write goes to the host. */
#pragma once

#include "drivers/install/installed.h"
#include "exchange/agent_report.h"
#include "exchange/status.h"
#include "platform/registry.h"

MUST_CHECK bool publish_status(Registry *registry, const ExchangeStatus *status, Error *err);

/* The build of the Windows whose registry it is, for its report. */
void publish_windows_build(Registry *registry, Arena *arena, AgentReport *report);

/* The packages first, so that the number of them is right when it is told. "report": its packages are filled in
 * here. */
MUST_CHECK bool publish_report(Registry *registry, AgentReport *report, const InstalledPackages *packages, Error *err);

/* Takes all of it back. */
MUST_CHECK bool publish_clear(Registry *registry, Error *err);

/* The hash of the package's manifest as it was installed; zeros where there was none. */
void installed_manifest_hash(const InstalledPackage *package, char ret_hash[HASH_TEXT_LENGTH + 1]);
