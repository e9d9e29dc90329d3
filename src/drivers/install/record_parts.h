/* SPDX-License-Identifier: MIT */
/* What the installer's journal and its records of installed packages have in common. Both are JSON files in LAYOUT_OWN,
 * so that they travel with the guest's disk, and are read as data from outside. Paths in them are relative to the
 * guest's root, '/' between the parts, spelled as on the disk; data of registry values is in hexadecimal.
 * Format: docs/drivers.md. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "json/shape.h"
#include "platform/registry.h"

#include <stdbool.h>
#include <stddef.h>

/* A value of the registry: what was there before, and what is to be there. */
typedef struct InstallValue {
    const char *key, *name;
    RegistryValue before, after;
} InstallValue;

typedef struct InstallValues {
    InstallValue *items;
    size_t count, capacity;
} InstallValues;

extern const Shape install_value_shape;

/* What layout.h has for a path of that kind. */
typedef bool PathCheck(const char *path, Error *err);

/* ERR_PROTOCOL for a path that is none of the installer's: whatever the file says, nothing else is touched. NULL, which
 * a path that may be missing is, is fine. */
MUST_CHECK bool record_check_path(const char *path, PathCheck *check, Error *err);

/* The same of folders that were made. */
MUST_CHECK bool record_check_folders(const StringList *folders, Error *err);
