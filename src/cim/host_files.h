/* SPDX-License-Identifier: MIT */
/* Reading the files of a host, wherever it is: beside the CIM session, which cannot do that. Paths are the host's own,
 * "C:\Windows\...". Several threads may read at the same time, each its own files. */
#pragma once

#include "base/arena.h"
#include "base/cancel.h"
#include "base/error.h"
#include "platform/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct HostFiles HostFiles;
typedef struct HostFile HostFile;

typedef struct HostEntry {
    const char *name;
    bool is_folder;
    uint64_t size;
    int64_t modified_s; /* since 1970 */
} HostEntry;

typedef struct HostEntries {
    HostEntry *items;
    size_t count, capacity;
} HostEntries;

/* What a program or library says of itself (drivers/package/pe_version.h). */
typedef struct HostImage {
    unsigned bits; /* 32 or 64; 0: it is none */
    bool is_library;
    bool has_number, is_microsoft;
    uint64_t number; /* the file version */
} HostImage;

typedef struct HostFilesOps {
    /* Files and folders; whatever else there is (links, junctions) is left out. ERR_NOT_FOUND if there is no such
     * folder; ERR_INVALID if it is reached through a link. */
    bool (*list)(HostFiles *files, const char *folder, Arena *arena, HostEntries *ret_entries, Error *err);

    bool (*open)(HostFiles *files, const char *path, HostFile **ret_file, Error *err);

    /* Fewer bytes than asked for only at the end. */
    bool (*read)(HostFile *file, void *buffer, size_t size, size_t *ret_count, Error *err);

    /* The same from anywhere. */
    bool (*read_at)(HostFile *file, uint64_t offset, void *buffer, size_t size, size_t *ret_count, Error *err);

    void (*close_file)(HostFile *file); /* NULL is fine */

    void (*close)(HostFiles *files);

    /* Of files that are known and not there: their SHA-256, and what images say. May be missing: then they are read. */
    bool (*hash)(HostFiles *files, const char *path, char ret_text[HASH_TEXT_LENGTH + 1], Error *err);
    bool (*describe)(HostFiles *files, const char *path, HostImage *ret_image, Error *err);
} HostFilesOps;

struct HostFiles {
    const HostFilesOps *ops;
    bool has_no_contents; /* it is known which there are, and no more */
    const Cancel *cancel; /* asked while files are hashed; their owner may set it. NULL: never */
};

/* The files below prefix + drive letter + suffix. "" and ":" are this computer's own (Windows), "\\\\HV1\\" and "$" the
 * administrative shares of another, "drives/" and "" a folder with a folder "C" in it. */
HostFiles *host_files_open_local(const char *prefix, const char *suffix);

/* The whole of a small file. ERR_INVALID above the limit. */
MUST_CHECK bool host_files_read(HostFiles *files, const char *path, size_t limit, Arena *arena, char **ret_data,
                                size_t *ret_size, Error *err);

/* SHA-256 of a file, as hash_finish() gives it. */
MUST_CHECK bool host_files_hash(HostFiles *files, const char *path, char ret_text[HASH_TEXT_LENGTH + 1], Error *err);

/* NULL is fine. */
void host_files_close(HostFiles *files);
