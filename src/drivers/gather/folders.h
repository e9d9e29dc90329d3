/* SPDX-License-Identifier: MIT */
/* Which folders of the host's driver store a driver consists of. Its own is the first. Others are those that values of
 * the driver's class key lead into: these very ones are loaded, so neither their version matters nor who names them;
 * and the packages that its INF brings along (CopyINF), if they are of its version and hold software for the GPU. What
 * is brought along besides, for the card's sound or its USB ports, no guest has a use for. Sources: Windows driver
 * documentation, "INF CopyINF Directive" (which is followed from one package to the next), "Using a Software Component
 * Driver"; INF files of display drivers of 2026. */
#pragma once

#include "base/report.h"
#include "cim/host_files.h"
#include "drivers/gather/declarations.h"
#include "drivers/package/vendor.h"

typedef struct FolderRequest {
    HostFiles *files;
    const ActiveDriver *active;
    const Vendor *vendor;            /* or NULL */
    const Declarations *declarations; /* some have full paths */
    Report *report;
} FolderRequest;

/* Names of folders in active->store, each once. Warns of what the guest needs and the host does not have. */
MUST_CHECK bool driver_find_folders(const FolderRequest *request, Arena *arena, StringList *ret_folders, Error *err);

/* Calls take() for each path in the texts of the value; some makers write several into one text. */
typedef bool PathTake(void *context, const ManifestValue *value, const char *path, Error *err);
MUST_CHECK bool driver_value_paths(const ManifestValue *value, Arena *arena, PathTake *take, void *context, Error *err);
