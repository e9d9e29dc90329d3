/* SPDX-License-Identifier: MIT */
/* A driver package to read from, a folder or a zip. Opening it checks everything that can be told without the data:
 * where each file would go (layout.h), that no two go to the same place whatever the case of their names, sizes, links,
 * and for a zip that what its directory says is possible at all. Reading checks the data against the zip's CRC and
 * size. Nothing is ever extracted to a temporary place. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "drivers/package/layout.h"
#include "drivers/package/manifest.h"
#include "platform/tree.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct PackageEntry {
    const char *path; /* as layout_check() gives it */
    const char *key;  /* the path in upper case: what Windows takes for the same file has the same key */
    LayoutPlace place;
    uint64_t size;
    int64_t modified_s; /* since 1970, UTC; a zip without that in UTC: taken as local time. 0: not known */
    size_t index;       /* for the reader: number in the zip */
    const char *file;   /* for the reader: path in a folder package, as it is on the disk */
} PackageEntry;

typedef struct PackageEntries {
    PackageEntry *items; /* sorted by key, what is in a folder together */
    size_t count, capacity;
} PackageEntries;

typedef struct PackageSource {
    const char *path; /* as given */
    const char *name; /* "NVIDIA_20240814": the last part of the path, without ".zip" */
    bool is_zip;
    Tree *tree;             /* of a folder: nothing outside of it is read, whatever becomes a link meanwhile */
    PackageEntries entries; /* files alone; folders come with them */
    const Manifest *manifest; /* NULL: there is none, as in packages of the original tool */
    uint64_t total_size;
    size_t system_files; /* entries of LAYOUT_IN_SYSTEM */
    size_t things;       /* files, and the folders of a folder */
    Arena arena;
} PackageSource;

/* Its manifest is in the arena, and may outlive the package. ERR_NOT_FOUND; ERR_INVALID with what is wrong with the
 * package: the manifest of another one, too, and whatever else it brings that is the installer's own; ERR_PROTOCOL with
 * what is wrong with its manifest. */
MUST_CHECK bool package_open(const char *path, Arena *arena, PackageSource **ret_source, Error *err);

/* The same of one that has lost its name on the way: the package is called what its manifest says, whatever the file is
 * called. ERR_INVALID without a manifest. */
MUST_CHECK bool package_open_nameless(const char *path, Arena *arena, PackageSource **ret_source, Error *err);

/* The hint of an error about a package whose data is not as it was gathered. Always returns false. */
bool package_hint_damaged(Error *err);

/* NULL is fine. */
void package_close(PackageSource *source);

/* The path in upper case, as in PackageEntry. */
const char *package_key(const char *path, Arena *arena);

/* What is behind another path's key in a key: the path lies below that other one. */
bool package_key_is_below(const char *rest);

/* The entry with that key, or NULL. */
const PackageEntry *package_find(const PackageSource *source, const char *key);

/* Reads the data of entries. Each thread that reads has a reader of its own. */
typedef struct PackageReader PackageReader;

MUST_CHECK bool package_reader_open(const PackageSource *source, PackageReader **ret_reader, Error *err);
void package_reader_close(PackageReader *reader);

/* Hands the data of the entry on piece by piece: in one piece up to PACKAGE_WHOLE bytes, in small pieces above.
 * ERR_INVALID if the data is not what the package says (size, CRC, broken deflate); what has been handed on by then is
 * worth nothing. A failing "take" ends it with its error. */
typedef bool PackageTake(void *context, const void *data, size_t size, Error *err);

enum { PACKAGE_WHOLE = 64 * 1024 * 1024 };

MUST_CHECK bool package_read(PackageReader *reader, const PackageEntry *entry, PackageTake *take, void *context,
                             Error *err);

/* The whole of a small entry, NUL-terminated. ERR_INVALID above the limit. */
MUST_CHECK bool package_read_small(PackageReader *reader, const PackageEntry *entry, size_t limit, Arena *arena,
                                   char **ret_data, size_t *ret_size, Error *err);

/* The hash of an entry's data, read to its end. */
MUST_CHECK bool package_hash(PackageReader *reader, const PackageEntry *entry, char ret_sha256[HASH_TEXT_LENGTH + 1],
                             Error *err);

/* That of the manifest, byte by byte as it lies in the package, and in a guest later. ERR_INVALID: it has none. */
MUST_CHECK bool package_hash_manifest(const PackageSource *source, char ret_sha256[HASH_TEXT_LENGTH + 1], Error *err);
