/* SPDX-License-Identifier: MIT */
/* What the installer writes down in the guest, as JSON: the journal of an installation under way, and a record of each
 * package that is installed. Both lie in LAYOUT_OWN, so that they travel with the disk. Paths in them are relative to
 * the guest's root, '/' between the parts, spelled as on the disk; data of registry values is in hexadecimal. Both are
 * read as data from outside.
 * Format: docs/drivers.md. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "journal/file.h"
#include "platform/hash.h"
#include "platform/registry.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One file that is replaced, made (old NULL) or removed (fresh NULL). */
typedef struct InstallStep {
    const char *path;
    const char *fresh; /* where the file that shall be there waits */
    const char *old;   /* where the file that is there goes */
    FileStatus was;    /* that file, as the plan saw it; FILE_NONE in a step that was read from a journal */
} InstallStep;

typedef struct InstallSteps {
    InstallStep *items;
    size_t count, capacity;
} InstallSteps;

/* A value of the registry: what was there before, and what is to be there. */
typedef struct InstallValue {
    const char *key, *name;
    RegistryValue before, after;
} InstallValue;

typedef struct InstallValues {
    InstallValue *items;
    size_t count, capacity;
} InstallValues;

typedef struct InstallJournal {
    const char *what;   /* "installation of 'NVIDIA_20240814'" */
    bool waits;         /* Windows makes the moves when it starts the next time */
    StringList folders; /* that are made, the ones above first */
    StringList leaving; /* that go if they are empty by then, the ones above first */
    InstallSteps steps;
    InstallValues values;
} InstallJournal;

/* The kind of an InstallJournal in the journal's file (journal/file.h), and all kinds that such a file can hold. */
extern const RecordKind installation_kind;
extern const RecordKind *const install_record_kinds[];

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

const char *installed_format(const InstalledPackage *package, Arena *arena);
MUST_CHECK bool installed_parse(const char *text, size_t size, Arena *arena, InstalledPackage *ret_package, Error *err);
