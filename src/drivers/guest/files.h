/* SPDX-License-Identifier: MIT */
/* Files of a running guest and their sizes, asked through its own WMI: one listing for each folder of a driver, and one
 * question for some dozen files of System32, which is too long to be listed. Class: Windows SDK, "CIM_DataFile".
 * Unverified: that WMI looks up each name of such a question, and does not search for it. */
#pragma once

#include "cim/session.h"

typedef struct GuestFile {
    const char *key; /* package_key() of its path */
    bool has_size;
    uint64_t size;
} GuestFile;

typedef struct GuestFiles {
    GuestFile *items; /* sorted by key */
    size_t count, capacity;
} GuestFiles;

/* Those of these files that are there; paths as in packages, "Windows/System32/...". "store" is the guest's
 * HostDriverStore, as guest_store_find() tells it. */
MUST_CHECK bool guest_files_read(CimSession *guest, const char *store, const StringList *paths, Arena *arena,
                                 GuestFiles *ret_files, Error *err);

/* NULL: it is not there. */
const GuestFile *guest_files_find(const GuestFiles *files, const char *path, Arena *arena);
