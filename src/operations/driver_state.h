/* SPDX-License-Identifier: MIT */
/* What a place (a package folder, a guest) has of a driver, judged by what was found there. Asks nobody itself. */
#pragma once

#include "drivers/gather/active.h"
#include "drivers/package/manifest.h"
#include "operations/driver_files.h"

/* Folders of drivers that were found together: in a package, by a manifest of the guest, or in the guest's store. */
typedef struct FoundDriver {
    const char *place;   /* the package, or the guest as it was given */
    const char *version; /* of the driver; NULL: only a manifest tells */
    StringList folders;
    ManifestGpus gpus;        /* that they were gathered for, as the manifest tells */
    const Manifest *manifest; /* or NULL */
    const char *winner;       /* the package that installdrivers takes instead of this one (rivals.h); NULL: none */
} FoundDriver;

typedef struct FoundDrivers {
    FoundDriver *items;
    size_t count, capacity;
} FoundDrivers;

/* The best first. */
typedef enum DriverState {
    DRIVER_CURRENT,    /* the host's active driver, with all its files */
    DRIVER_LEFT_OUT,   /* it is whole, but installdrivers takes another package */
    DRIVER_INCOMPLETE, /* files are missing, or are others */
    DRIVER_UNPROVEN,   /* its folder is there, and nothing tells what must be in it */
    DRIVER_OUTDATED,   /* another version, or another driver of the same GPU */
    DRIVER_MISSING,
} DriverState;

typedef struct DriverPlace {
    DriverState state;
    const char *version, *folder, *place; /* of what was found; NULL: nothing, or only a manifest would tell */
    const char *winner;                   /* of DRIVER_LEFT_OUT: the other package's name */
    const char *package;                  /* its own; NULL: only a manifest would tell */
    DriverFilesResult files;
} DriverPlace;

/* How the files of what was found are compared with those that must be there. */
typedef struct FileLook FileLook;
struct FileLook {
    bool (*compare)(FileLook *look, const FoundDriver *found, DriverFilesResult *ret_result, Error *err);
};

bool found_has_folder(const FoundDriver *found, const char *name);

/* Folders of one driver in several versions: "nv_dispi.inf_amd64_..." each, AMD's "u0400975.inf_amd64_..." with another
 * number each time. */
bool driver_folders_are_akin(const char *a, const char *b);

/* Of all that have the active driver's folder, the first of the best state; without one, what was there for
 * the same GPU, or another version of the same driver, if that is not known to be another GPU's. */
MUST_CHECK bool driver_state_find(const FoundDrivers *list, const ActiveDriver *active, const char *device_id,
                                  FileLook *look, DriverPlace *ret_place, Error *err);
