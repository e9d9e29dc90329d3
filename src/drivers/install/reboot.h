/* SPDX-License-Identifier: MIT */
/* Moves that Windows makes when it starts the next time, before anything has a file open. It keeps a list of them in
 * the registry, and makes them one after the other, whatever becomes of each; so somebody has to look afterwards.
 * Windows SDK, "MoveFileExW": PendingFileRenameOperations. The list is written here as a whole, because MoveFileExW()
 * adds one move at a time, and half of an installation must not be in it. Nothing locks the list: of two programs that
 * write it at the same moment one can lose its moves. */
#pragma once

#include "drivers/install/install_journal.h"
#include "drivers/install/target.h"

/* Adds the moves of all steps, in order, in one write. */
MUST_CHECK bool reboot_schedule(Registry *registry, const Tree *tree, const InstallSteps *steps, Error *err);

/* Moves of this target's installations are in the list: Windows has not been started since. */
MUST_CHECK bool reboot_is_scheduled(Registry *registry, const Tree *tree, bool *ret_scheduled, Error *err);

/* Takes them off the list; those of others stay. */
MUST_CHECK bool reboot_call_off(Registry *registry, const Tree *tree, Error *err);
