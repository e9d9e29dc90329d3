/* SPDX-License-Identifier: MIT */
/* A simulated host as those see it who do not look inside. */
#pragma once

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct SimHost SimHost;

/* NULL is fine. */
void sim_host_destroy(SimHost *host);

/* Its computer name. */
const char *sim_host_name(const SimHost *host);

/* The state file that it lives in: what that names lies beside it, unless it is named by an absolute path. "": in
 * memory. */
void sim_host_set_file(SimHost *host, const char *file);

/* Where that is. */
const char *sim_host_place(const SimHost *host, const char *path, Arena *arena);

/* The folder that holds its drives; NULL: it has the sample's files. */
const char *sim_host_drives(const SimHost *host, Arena *arena);

/* Of its processor; 0: enough for any address. */
unsigned sim_host_address_bits(const SimHost *host);

/* It was a real host: it has only the files that were captured. */
bool sim_host_is_captured(const SimHost *host);

/* Counts up whenever something changes that belongs into the state file. */
uint64_t sim_host_changes(const SimHost *host);
