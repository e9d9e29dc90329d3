/* SPDX-License-Identifier: MIT */
/* A host as text: the state file. Format: docs/simulator.md. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "sim/store/host.h"

#include <stddef.h>

/* A host from the text of a state file, and back; what is written ends with a NUL behind its size. ERR_PROTOCOL names
 * the place. */
MUST_CHECK bool sim_host_read(const char *text, size_t size, SimHost **ret_host, Error *err);
MUST_CHECK bool sim_host_write(const SimHost *host, Arena *arena, const char **ret_text, size_t *ret_size, Error *err);
