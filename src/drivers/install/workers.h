/* SPDX-License-Identifier: MIT */
/* Work on many files at once: as many threads as processors, this one among them. */
#pragma once

#include "base/cancel.h"
#include "base/error.h"
#include "base/report.h"
#include "drivers/install/plan.h"
#include "drivers/package/source.h"
#include "platform/hash.h"
#include "platform/tree.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct InstallWorker {
    InstallPlan *plan;
    const char *fresh_folder;
    PackageReader *reader;
    Hash *hash;
} InstallWorker;

typedef bool InstallWork(InstallWorker *worker, PlannedFile *file, size_t index, Error *err);

/* Does the work for each file of the plan, several at a time; stops at the first failure. Progress counts bytes. */
MUST_CHECK bool install_for_each(InstallPlan *plan, const char *fresh_folder, InstallWork *work, const char *what,
                                 const Cancel *cancel, Report *report, Error *err);

/* The hash that the package's file is to have: told by the manifest, else found by reading it. */
MUST_CHECK bool install_hash_entry(InstallWorker *worker, PlannedFile *file, Error *err);

/* What the package's file says about itself; nothing if it is too large to be handed on whole. */
MUST_CHECK bool install_entry_version(PackageReader *reader, const PackageEntry *entry, PeVersion *ret_version,
                                      Error *err);

/* The hash of a file in the guest. */
MUST_CHECK bool install_hash_file(const Tree *tree, const char *path, Hash *hash, char ret_text[HASH_TEXT_LENGTH + 1],
                                  Error *err);
