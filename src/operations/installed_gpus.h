/* SPDX-License-Identifier: MIT */
/* What an installation makes of the GPUs of the guest that runs here. */
#pragma once

#include "drivers/guest/gpu.h"
#include "platform/devices.h"

typedef struct RestartedGpu {
    const char *name, *device_id;
    const char *state;   /* before: "has stopped (code 43)" */
    const char *failure; /* why it was not restarted; NULL: it was, or would be */
} RestartedGpu;

typedef struct RestartedGpus {
    RestartedGpu *items;
    size_t count, capacity;
} RestartedGpus;

typedef struct InstalledGpus {
    bool only_looked;
    bool was_asked; /* the guest: who is restarted is known */
    RestartedGpus restarted;
    bool is_known; /* what came of it: gpus */
    GuestGpus gpus;
} InstalledGpus;

/* A driver that begins anew finds the new files: what may save a restart of Windows is tried before it is asked for. A
 * GPU that works is left alone. only_look: nothing is restarted. On failure *ret_gpus tells how far it came. */
MUST_CHECK bool installed_gpus_restart(CimSession *guest, Devices *devices, bool only_look, Arena *arena,
                                       InstalledGpus *ret_gpus, Error *err);
