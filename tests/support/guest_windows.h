/* SPDX-License-Identifier: MIT */
/* What installdrivers asks of the Windows that it runs in, for tests without one: a registry in a folder of files,
 * which survives kills and goes wrong where files do (support/fault_files.h), and a start of Windows that makes the
 * moves which wait for it. */
#pragma once

#include "platform/registry.h"

/* Keeps its values in that folder, one file each. The folder must exist; the path is kept. */
Registry *guest_registry_open(const char *folder, Arena *arena);

/* Sets a REG_SZ. */
void guest_registry_set(Registry *registry, const char *key, const char *name, const char *text);

/* Its first text, or NULL. */
const char *guest_registry_text(Registry *registry, const char *key, const char *name, Arena *arena);

#define SESSION_MANAGER_KEY "SYSTEM\\CurrentControlSet\\Control\\Session Manager"
#define PENDING_MOVES "PendingFileRenameOperations"

/* Makes the moves of the list, in order, and empties it. A move that fails is passed over, as Windows does; "failing":
 * the end of the name of a file whose moves fail, or NULL. */
void guest_start(Registry *registry, const char *failing);
