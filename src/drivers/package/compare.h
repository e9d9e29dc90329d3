/* SPDX-License-Identifier: MIT */
/* Whether the files of a driver are in a place: a package, a guest's disk, a running guest. That a folder of the right
 * name is there proves nothing. A file of the right size and time is taken for the right one; where the time is
 * another, or is not known, its content decides if it can be read. */
#pragma once

#include "base/cancel.h"
#include "drivers/package/manifest.h"

typedef struct ExpectedFile {
    const char *path; /* "Windows/System32/..." */
    uint64_t size;
    int64_t modified_s;
    FileRule rule;
    const char *sha256; /* NULL: not known */
    const char *source; /* where the host has it; NULL: not known */
    bool is_loose;      /* a file of System32 that another one may have replaced: any that has an owner suffices */
    bool is_recorded;   /* records of the place tell what it must be: its size and time decide nothing */
} ExpectedFile;

typedef struct ExpectedFiles {
    ExpectedFile *items;
    size_t count, capacity;
} ExpectedFiles;

typedef struct FoundFile {
    bool is_there;
    bool is_file; /* not a link or a folder */
    const char *obstacle; /* no file nor link in its place, or no folder on the way: the path of that; NULL: nothing */
    uint64_t size;
    bool has_time;
    int64_t modified_s;
} FoundFile;

/* A place that is asked for one file after the other. */
typedef struct FilePlace FilePlace;
struct FilePlace {
    const Cancel *cancel; /* NULL: never */
    bool (*find)(FilePlace *place, const ExpectedFile *file, FoundFile *ret_found, Error *err);
    /* The content is the expected one; *ret_is_known false: that cannot be told. NULL: never. */
    bool (*is_same)(FilePlace *place, const ExpectedFile *file, bool *ret_is_known, bool *ret_is_same, Error *err);
    /* Of a loose file that is another one: it is somebody's. NULL: that cannot be told, and is taken for granted. */
    bool (*is_owned)(FilePlace *place, const ExpectedFile *file, bool *ret_is_owned, Error *err);
};

typedef struct FileFault {
    const char *path;
    const char *fault;  /* "is missing" */
    bool needs_a_hand; /* installdrivers leaves it alone, or refuses it: a person has to move it away */
} FileFault;

typedef struct FileFaults {
    FileFault *items;
    size_t count, capacity;
} FileFaults;

/* Adds to a list of expected files what the manifest tells: hashes of files of the same size, and files that only the
 * manifest has. The list is sorted by path afterwards. */
void expected_add_manifest(ExpectedFiles *expected, const Manifest *manifest, Arena *arena);

/* The files that the place lacks, or has others in their place; a folder of many that are all missing is one. */
MUST_CHECK bool files_compare(const ExpectedFiles *expected, FilePlace *place, Arena *arena, FileFaults *ret_faults,
                              size_t *ret_wrong, Error *err);
