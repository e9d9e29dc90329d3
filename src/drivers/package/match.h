/* SPDX-License-Identifier: MIT */
/* Whether a package holds exactly what its manifest lists: the one measure, for those who install packages and those
 * who look at them. What is in the files is not read. */
#pragma once

#include "drivers/package/source.h"

typedef enum PackageMismatchKind {
    MISMATCH_LACKS,    /* it is listed, and not there */
    MISMATCH_UNLISTED, /* it is there, and not listed */
    MISMATCH_ALTERED,  /* its size is another one */
} PackageMismatchKind;

typedef struct PackageMismatch {
    PackageMismatchKind kind;
    const char *path;
} PackageMismatch;

typedef struct PackageMatch {
    const ManifestFile **listed; /* for each entry of the source; NULL: it is the manifest itself, or not listed */
    struct {
        PackageMismatch *items;
        size_t count, capacity;
    } mismatches;
} PackageMatch;

bool package_is_manifest(const PackageSource *source, const PackageEntry *entry, Arena *arena);

/* The source has a manifest. */
PackageMatch package_match(const PackageSource *source, Arena *arena);
