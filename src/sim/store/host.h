/* SPDX-License-Identifier: MIT */
/* A simulated host as those see it who do not look inside. */
#pragma once

#include <stdint.h>

typedef struct SimHost SimHost;

/* NULL is fine. */
void sim_host_destroy(SimHost *host);

/* Its computer name. */
const char *sim_host_name(const SimHost *host);

/* The folder that holds its drives, as the state file has it; NULL: it has the sample's files. */
const char *sim_host_drives(const SimHost *host);

/* Counts up whenever something changes that belongs into the state file. */
uint64_t sim_host_changes(const SimHost *host);
