/* SPDX-License-Identifier: MIT */
/* Variants of the sample host. */
#pragma once

#include "base/error.h"
#include "sim/store/host.h"

/* The built-in sample host in the given variant ("windows11", "windows10+localized"; NULL or "": windows11).
 * ERR_USAGE with the list of variants when one is unknown. */
MUST_CHECK bool sim_host_create_sample(const char *variant, int64_t now_ms, SimHost **ret_host, Error *err);

/* Whether sim_host_create_sample() will know it. */
MUST_CHECK bool sim_host_check_variant(const char *variant, Error *err);
