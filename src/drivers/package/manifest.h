/* SPDX-License-Identifier: MIT */
/* The manifest of a driver package: what the package holds, and where it came from. A JSON file, written last, inside
 * the package itself (manifest_path()): there it is harmless in a guest, and tells later what is installed.
 * Format: docs/drivers.md. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "platform/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* When a file replaces one that is there already. */
typedef enum FileRule {
    RULE_ALWAYS, /* "always" */
    RULE_NEWER,  /* "newer": file version, then time; where there is no version, time */
} FileRule;

typedef struct ManifestFile {
    const char *path; /* "Windows/System32/..." */
    uint64_t size;
    int64_t modified_s;                /* since 1970, UTC */
    char sha256[HASH_TEXT_LENGTH + 1]; /* lower case */
    FileRule rule;
} ManifestFile;

typedef struct ManifestFiles {
    ManifestFile *items;
    size_t count, capacity;
} ManifestFiles;

typedef struct ManifestGpu {
    const char *name;
    const char *device_id; /* "PCI\\VEN_10DE&..." */
} ManifestGpu;

typedef struct ManifestGpus {
    ManifestGpu *items;
    size_t count, capacity;
} ManifestGpus;

typedef enum ValueKind { VALUE_TEXT, VALUE_TEXTS, VALUE_DWORD } ValueKind; /* REG_SZ, REG_MULTI_SZ, REG_DWORD */

/* A value of the vendor's that programs in the guest look for below HKEY_LOCAL_MACHINE. */
typedef struct ManifestValue {
    const char *key; /* "SYSTEM\\CurrentControlSet\\Control\\Class\\{4d36e968-...}\\0000" */
    const char *name;
    ValueKind kind;
    StringList texts; /* one of VALUE_TEXT */
    uint32_t number;
} ManifestValue;

typedef struct ManifestValues {
    ManifestValue *items;
    size_t count, capacity;
} ManifestValues;

/* Texts are "" where the host does not tell; never NULL. */
typedef struct Manifest {
    const char *name; /* "NVIDIA_20240814" */
    const char *provider;
    const char *driver_version;
    const char *driver_date; /* "2024-08-14" */
    const char *inf;         /* "oem12.inf" */
    StringList folders;      /* in FileRepository; the first is that of the display driver */
    ManifestGpus gpus;
    ManifestValues values;
    ManifestFiles files; /* without the manifest itself */
    const char *created; /* RFC 3339, UTC */
    const char *program; /* version of the program */
} Manifest;

/* "Windows/System32/HostDriverStore/HyperPoint/<name>.json". */
const char *manifest_path(const char *name, Arena *arena);

/* ASCII JSON, indented, with a line feed at the end. */
const char *manifest_format(const Manifest *manifest, Arena *arena);

/* ERR_PROTOCOL names the member that is wrong. The paths of files are texts from outside: layout.h judges them. */
MUST_CHECK bool manifest_parse(const char *text, size_t size, Arena *arena, Manifest *ret_manifest, Error *err);
