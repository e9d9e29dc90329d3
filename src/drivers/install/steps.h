/* SPDX-License-Identifier: MIT */
/* From a plan to the steps that carry it out, and the records that will stand for it. */
#pragma once

#include "drivers/install/install.h"

/* Where the plan's file of that number waits, in "folder". */
const char *install_fresh_name(Arena *arena, const char *folder, size_t index);

/* Fills in the steps and folders of the journal. New files, and the new records, wait in "new" of the work folder; old
 * ones go to "old". Nothing is written. */
MUST_CHECK bool install_fill_journal(const InstallJob *job, InstallTarget *target, const InstallPlan *plan,
                                     InstallJournal *journal, Error *err);
