/* SPDX-License-Identifier: MIT */
/* The drivers of the sample host's GPUs: what its registry says of them, and files that stand for theirs. Forms: class
 * keys and packages as drivers of the three vendors leave them; CopyToVm keys as the page "GPU paravirtualization" of
 * the Windows driver documentation has them. */
#pragma once

#include "cim/host_files.h"
#include "cim/sim/seed.h"

void sim_seed_drivers(SimHost *host, const SimSeed *seed);

/* The sample's drive C:. Its files have made-up content, the same at every time. */
HostFiles *sim_sample_files(void);
