/* SPDX-License-Identifier: MIT */
/* The files of one driver while they are collected: whole folders of the driver store, and single files that go to
 * System32 as well. A file comes from one of these folders, or from the host's own System32, SysWOW64 or SyChpe32 where
 * the driver names it there by its full path; one that is Microsoft's own never. */
#pragma once

#include "base/report.h"
#include "cim/host_files.h"
#include "drivers/gather/active.h"
#include "drivers/gather/finder.h"

typedef struct Listing {
    const char *folder;
    HostEntries entries;
} Listing;

typedef struct Collector {
    HostFiles *files;
    Report *report;
    Arena *arena;
    const ActiveDriver *active;
    Driver *driver;
    struct {
        Listing *items;
        size_t count, capacity;
    } listings;      /* of folders of Windows that were looked into */
    StringList told; /* what the host does not have */
    size_t unfit;    /* files and folders whose names no package may hold */
} Collector;

/* All files of a folder of the driver store, but those that a running Windows left there. What has a name that no
 * package may hold is left out with a warning. */
MUST_CHECK bool collect_package(Collector *collector, const char *name, Error *err);

/* After all folders: of files whose names differ only in letter case, as a disk of Linux or a folder that tells case
 * apart can have them, the first is taken if they are the same, and ERR_INVALID names them if not. */
MUST_CHECK bool collect_settle_names(Collector *collector, Error *err);

/* A file of the driver's folders: by its full path on the host; by its path below one of them (with '\'); or by its
 * name alone, and fit to go to that path of the guest (bitness.h). Of several, the one of the first folder that has it,
 * and there the one that lies highest. NULL: none; *ret_is_of_other_bits: but one that is not fit. */
const DriverFile *collect_find_path(const Collector *collector, const char *path);
const DriverFile *collect_find_below(const Collector *collector, const char *rest);
const DriverFile *collect_find_name(const Collector *collector, const char *name, const char *target,
                                    bool *ret_is_of_other_bits);

/* Something goes to that path of the guest already. */
bool collect_has_target(const Collector *collector, const char *target);

/* The file goes to that path of the guest as well, unless something does already. */
MUST_CHECK bool collect_promote(Collector *collector, const DriverFile *file, const char *target, FileRule rule,
                                Error *err);

typedef enum WindowsFile {
    WINDOWS_FILE_TAKEN,
    WINDOWS_FILE_MISSING,   /* the host has no such file, or the path is not of that kind */
    WINDOWS_FILE_MICROSOFT, /* the guest has its own */
} WindowsFile;

/* The full path lies in a folder of Windows that a file may be taken from. */
bool collect_is_of_windows(const Collector *collector, const char *path);

/* A file of the host's System32 and the like, by its full path, goes to that path of the guest. */
MUST_CHECK bool collect_from_windows(Collector *collector, const char *path, const char *target, FileRule rule,
                                     WindowsFile *ret_outcome, Error *err);
