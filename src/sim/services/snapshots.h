/* SPDX-License-Identifier: MIT */
/* Checkpoints (WMI calls them snapshots): creating, applying, destroying. */
#pragma once

#include "sim/services/call.h"
#include "sim/services/jobs.h"

/* Removes differencing disks that nothing needs any more, and sees to it that others are merged: now or later, as the
 * host does it. */
void sim_vm_tidy_disks(SimHost *host, SimObject *vm);

/* The automatic checkpoint of a VM that is about to start, if it gets one; and its end when the VM is off again
 * (Microsoft's announcement of automatic checkpoints, Windows 10 1709). */
void sim_vm_take_automatic(SimHost *host, SimObject *vm, const char *guid);
void sim_vm_drop_automatic(SimHost *host, SimObject *vm);

/* The VM's configuration has a GPU partition, a directly assigned device, or an adapter that WMI does not show:
 * no checkpoint. */
void sim_snapshot_check_devices(SimHost *host, const SimObject *vm, SimFailure *failure);

extern const SimService sim_snapshots_service;
