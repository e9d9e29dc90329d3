/* SPDX-License-Identifier: MIT */
/* Packages that are brought into guests: made by the ordinary gathering, as zips in a folder of their own, where the
 * next update finds them again. */
#pragma once

#include "operations/gather.h"
#include "operations/guest_watch.h"
#include "platform/fs.h"
#include "platform/hash.h"

/* Of all packages that are kept. */
#define UPDATE_CACHE_BYTES (UINT64_C(8) << 30)

typedef struct UpdatePackage {
    const char *name;
    const char *path; /* as this computer has it */
    uint64_t size;
    char sha256[HASH_TEXT_LENGTH + 1];   /* of the zip */
    char manifest[HASH_TEXT_LENGTH + 1]; /* of the manifest in it: what a guest tells of it when it is installed */
} UpdatePackage;

/* Makes the package of the driver, unless the one that is there is the same. Its sha256 is left to
 * update_package_hash(). */
MUST_CHECK bool update_package_make(const GatherRequest *request, const Driver *driver, Arena *arena,
                                    UpdatePackage *ret_package, Error *err);

/* Reads the whole of it, which only one that is to be brought is worth. */
MUST_CHECK bool update_package_hash(UpdatePackage *package, const Cancel *cancel, Error *err);

/* The guest has this one, as it tells. */
bool update_package_is_there(const UpdatePackage *package, const GuestAgent *agent);

/* Holds the folder of packages, which is made if it is missing: what is in it stays until fs_unlock(). Before that, and
 * unless somebody else holds it, the oldest zips are removed until the rest is no larger than the limit. What cannot be
 * removed stays, with a warning. */
MUST_CHECK bool update_cache_hold(const char *folder, uint64_t limit, const Cancel *cancel, Report *report,
                                  FsLock **ret_held, Error *err);
