/* SPDX-License-Identifier: MIT */
/* Packages that are brought into guests: made by the ordinary gathering, as zips in a folder of their own, where the
 * next update finds them again. */
#pragma once

#include "operations/gather.h"
#include "operations/guest_watch.h"
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

/* Removes the oldest zips of the folder until the rest is no larger than that; the one of that path stays. What cannot
 * be removed stays, with a warning. */
void update_cache_trim(const char *folder, const char *keep, uint64_t limit, Report *report);
