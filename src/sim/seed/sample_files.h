/* SPDX-License-Identifier: MIT */
/* The drivers in the driver store of the sample host: files that stand for theirs. */
#pragma once

#include "cim/host_files.h"
#include "sim/store/host.h"

#include <stddef.h>
#include <stdint.h>

/* The driver store, and the folders of the drivers in it. */
#define SIM_NVIDIA_STORE "nv_dispi.inf_amd64_4a1b6d2f0c9e8d37"
#define SIM_AMD_STORE "u0400975.inf_amd64_77c1b0a9e5d4f213"
#define SIM_AMD_OPENCL_STORE "amdocl.inf_amd64_0d4c2b1a99887766"
#define SIM_AMD_OLD_OPENCL_STORE "amdocl.inf_amd64_5e5e5e5e11112222"
#define SIM_INTEL_STORE "iigd_dch.inf_amd64_1f3e5d7c9b0a2846"
#define SIM_REPOSITORY "C:\\Windows\\System32\\DriverStore\\FileRepository"

/* Calls add() for each file that a guest has of the driver in that folder of the sample's driver store, when a package
 * of it is installed there: its path below C:\Windows, and its size. */
typedef void SimGuestFileAdd(SimHost *host, const char *path, uint64_t size);
void sim_sample_guest_files(SimHost *host, const char *store, SimGuestFileAdd *add);

/* The sample's drive C:. Its files have made-up content, the same at every time. */
HostFiles *sim_sample_files(void);
