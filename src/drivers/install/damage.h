/* SPDX-License-Identifier: MIT */
/* What is left of a file after a crash or on a full disk: its beginning, and zeros in the place of the rest, or
 * nothing. Nobody has written such a file. */
#pragma once

#include "drivers/install/workers.h"

/* "whole" is the package's file with the content that was written there, or NULL if no package has it any more: then
 * only a file without a beginning is known to be damaged. */
MUST_CHECK bool damage_look(InstallWorker *worker, const TargetFile *file, const PackageEntry *whole,
                            bool *ret_is_damaged, Error *err);
