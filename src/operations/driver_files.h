/* SPDX-License-Identifier: MIT */
/* Whether a package or a guest has all files of a host's driver, by what the host itself has, and by the manifest and
 * the records of installdrivers where there are any. */
#pragma once

#include "cim/host_files.h"
#include "cim/session.h"
#include "drivers/gather/finder.h"
#include "drivers/package/compare.h"
#include "platform/tree.h"

typedef struct DriverFilesResult {
    size_t expected; /* 0: nothing tells what must be there */
    size_t wrong;
    FileFaults faults;
} DriverFilesResult;

/* What is asked for: the driver as the host has it (NULL: its files cannot be read), and a manifest (NULL: none). */
typedef struct DriverFilesRequest {
    const Cancel *cancel;
    HostFiles *files; /* NULL if the driver is */
    const Driver *driver;
    const Manifest *manifest;
    const char *folder; /* the active driver's, in the store */
} DriverFilesRequest;

/* Files of the package at that path: what it has is read, and it holds what its manifest lists and nothing else. */
MUST_CHECK bool driver_files_in_package(const DriverFilesRequest *request, const char *path, Arena *arena,
                                        DriverFilesResult *ret_result, Error *err);

/* Files on a guest's disk, opened by target_open_tree(). Of a file of System32, which another driver or Windows may
 * have replaced, the records of what installdrivers has installed of this driver tell what must be there. Without one
 * it must be the driver's own; where it is a loader that several makers bring, or one that the vendor marks "newer", or
 * where installdrivers has left another one alone, it must at least tell whose it is. */
MUST_CHECK bool driver_files_on_disk(const DriverFilesRequest *request, const Tree *disk, Arena *arena,
                                     DriverFilesResult *ret_result, Error *err);

/* Files of a running guest, by their names and sizes. "store" is its HostDriverStore. */
MUST_CHECK bool driver_files_in_guest(const DriverFilesRequest *request, CimSession *guest, const char *store,
                                      Arena *arena, DriverFilesResult *ret_result, Error *err);
