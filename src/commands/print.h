/* SPDX-License-Identifier: MIT */
/* What several verbs show. */
#pragma once

#include "commands/app.h"
#include "drivers/guest/gpu.h"

/* "482 KB", "400 MB": in units of 1024, and not less than it is. */
const char *print_size(Arena *arena, uint64_t bytes);

/* The virtual GPUs of a guest, for the JSON result. The caller owns the reference. */
json_t *print_guest_gpus_json(const GuestGpus *gpus);
