/* SPDX-License-Identifier: MIT */
/* What get-drivers and check-drivers have in common. */
#pragma once

#include "commands/app.h"
#include "commands/verbs.h"
#include "drivers/package/manifest.h"
#include "hyperv/gpu.h"

/* The GPUs that -GPU names, else those assigned to the VM; each device once. */
MUST_CHECK bool drivers_choose_gpus(App *app, ManifestGpus *ret_gpus, Error *err);

/* -DEST, else "hostdrivers" beside the program. */
const char *drivers_folder(const App *app);
