/* SPDX-License-Identifier: MIT */
/* The drivers of the sample host's GPUs: what its registry says of them, and files that stand for theirs. Forms: class
 * keys and packages as drivers of the three vendors leave them; CopyToVm keys as the page "GPU paravirtualization" of
 * the Windows driver documentation has them. */
#pragma once

#include "cim/host_files.h"
#include "cim/sim/seed.h"

void sim_seed_drivers(SimHost *host, const SimSeed *seed);

/* Calls add() for each file that a guest has of the driver in that folder of the sample's driver store, when a package
 * of it is installed there: its path below C:\Windows, and its size. */
typedef void SimGuestFileAdd(SimHost *host, const char *path, uint64_t size);
void sim_sample_guest_files(SimHost *host, const char *store, SimGuestFileAdd *add);

/* The sample's drive C:. Its files have made-up content, the same at every time. */
HostFiles *sim_sample_files(void);
