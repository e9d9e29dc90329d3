/* SPDX-License-Identifier: MIT */
/* What a plan makes: its new files and records, which wait beside those that are there, and the journal that tells how
 * they are exchanged. Or only the plan's place among those that are made after it. */
#pragma once

#include "drivers/install/install.h"

/* The new files are verified, but not yet on the disk. */
MUST_CHECK bool install_stage(const InstallJob *job, InstallTarget *target, InstallPlan *plan, InstallJournal *journal,
                              Error *err);

/* Nothing is written; with job->foreseen, later plans of the run see what this one would have done. */
MUST_CHECK bool install_foresee(const InstallJob *job, InstallTarget *target, InstallPlan *plan, Error *err);
