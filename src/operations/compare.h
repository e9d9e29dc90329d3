/* SPDX-License-Identifier: MIT */
/* Compares drivers: whether packages, and a guest, have those that are active on the host now, with all their files. A
 * guest is told files below folders of the active packages' names; without them it has no GPU (code 43). */
#pragma once

#include "operations/driver_gpus.h"
#include "operations/driver_state.h"
#include "operations/guest_view.h"
#include "platform/tree.h"

/* What is compared; each place only if it is there. */
typedef struct Comparison {
    HyperVHost *host;
    HostFiles *files;             /* of the host; NULL: they cannot be read, and manifests have to tell */
    const FoundDrivers *packages; /* found_in_packages() */
    const Tree *disk;             /* of a guest, with what was found on it: found_on_disk(); or */
    const FoundDrivers *on_disk;
    GuestView *guest; /* the running guest itself */
} Comparison;

typedef struct ComparedDriver {
    const char *gpu, *device_id;
    bool is_accelerator;
    const Error *left_out; /* why there is nothing to compare with; NULL: there is, and the following is set */
    const char *version, *folder;       /* active on the host */
    const char *unread;                 /* why the host's own files could not be read; NULL: it is not known of any */
    const DriverPlace *package, *guest; /* what was found there; NULL: not looked at */
} ComparedDriver;

typedef struct ComparedDrivers {
    ComparedDriver *items;
    size_t count, capacity;
} ComparedDrivers;

/* Looks for the driver of one GPU in all the places. One that has none on the host is left out. */
MUST_CHECK bool compare_driver(const Comparison *comparison, const DriverGpu *gpu, Arena *arena,
                               ComparedDriver *ret_driver, Error *err);

typedef enum CompareVerdict {
    COMPARE_ALIKE,
    COMPARE_DRIVERS_DIFFER, /* somewhere there is not the active driver */
    COMPARE_FILES_DIFFER,   /* there is everywhere, but not with all its files, or that cannot be told */
} CompareVerdict;

/* Those that were left out have no say. */
CompareVerdict compare_verdict(const ComparedDrivers *drivers);

/* A display adapter was left out: what was asked for could not be looked at completely. */
bool compare_is_partial(const ComparedDrivers *drivers);

/* The guest has every driver, with all files: a GPU that fails there fails for another reason. */
bool compare_guest_is_current(const ComparedDrivers *drivers);
