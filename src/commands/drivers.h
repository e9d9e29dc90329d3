/* SPDX-License-Identifier: MIT */
/* What get-drivers and check-drivers have in common. */
#pragma once

#include "commands/app.h"
#include "commands/verbs.h"
#include "drivers/package/manifest.h"
#include "hyperv/gpu.h"

typedef struct DriverGpus {
    ManifestGpus list;
    StringList accelerators; /* device IDs of those that are no display adapters */
    StringList by_sriov;     /* names of those that are not paravirtualized */
} DriverGpus;

/* The GPUs that -GPU names, else those assigned to the VM; each device once. */
MUST_CHECK bool drivers_choose_gpus(App *app, DriverGpus *ret_gpus, Error *err);

bool drivers_is_accelerator(const DriverGpus *gpus, const char *device_id);

/* -DEST, else "hostdrivers" beside the program. */
const char *drivers_folder(const App *app);

/* Where the Windows of host or guest is known to break something: both builds, and what it is. They also go into the
 * guest's JSON. */
void drivers_tell_builds(App *app, CimSession *guest, json_t *json);
