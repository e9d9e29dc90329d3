/* SPDX-License-Identifier: MIT */
/* The records of what is installed in the guest: a file for each package, beside its manifest. */
#pragma once

#include "drivers/install/record_parts.h"
#include "platform/hash.h"

#include <stdint.h>

/* What was at a file's place before the first package of ours came. */
typedef enum InstalledBefore {
    BEFORE_NOTHING,  /* "nothing": removed with the package */
    BEFORE_ORIGINAL, /* "original": kept in LAYOUT_OWN, put back with the package's removal */
    BEFORE_SAME,     /* "same": the same file; it stays */
} InstalledBefore;

typedef struct InstalledFile {
    const char *path;
    uint64_t size;
    char sha256[HASH_TEXT_LENGTH + 1];
    InstalledBefore before;
    const char *original; /* where it is kept, of BEFORE_ORIGINAL; else NULL */
} InstalledFile;

typedef struct InstalledPackage {
    const char *name;
    const char *provider, *driver_version; /* "" without a manifest */
    StringList device_ids;                 /* of the GPUs it is for; empty without a manifest */
    const char *installed;                 /* RFC 3339, UTC */
    struct {
        InstalledFile *items;
        size_t count, capacity;
    } files;
    InstallValues values; /* "after" is what the package wrote */
    StringList folders;   /* outside of HostDriverStore that packages of ours made, and this one uses */
} InstalledPackage;

typedef struct InstalledPackages {
    InstalledPackage *items;
    size_t count, capacity;
} InstalledPackages;

/* It has put files into that folder of the store. */
bool installed_has_folder(const InstalledPackage *package, const char *folder, Arena *arena);

const char *installed_format(const InstalledPackage *package, Arena *arena);
MUST_CHECK bool installed_parse(const char *text, size_t size, Arena *arena, InstalledPackage *ret_package, Error *err);
