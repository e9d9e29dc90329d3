/* SPDX-License-Identifier: MIT */
/* Compares drivers: whether packages, and a guest, have those that are active on the host now, with all their files. A
 * guest is told files below folders of the active packages' names; without them it has no GPU (code 43). */
#pragma once

#include "operations/driver_gpus.h"
#include "operations/driver_state.h"
#include "operations/guest_told.h"
#include "platform/tree.h"

/* What is compared; each place only if it is there. */
typedef struct Comparison {
    HyperVHost *host;
    HostFiles *files;             /* of the host; NULL: they cannot be read, and manifests have to tell */
    const FoundDrivers *packages; /* found_in_packages() */
    const Tree *disk;             /* of a guest, with what was found on it: found_on_disk(); or */
    const FoundDrivers *on_disk;
    GuestView *guest; /* the running guest itself, or */
    GuestTold *told;  /* what its service tells */
} Comparison;

typedef struct ComparedDriver {
    const char *gpu, *device_id;
    const char *needless;  /* why no guest needs its driver; NULL: it does */
    const Error *left_out; /* why there is nothing to compare with; NULL: there is */
    /* Of those that are compared: */
    const char *version, *folder;       /* active on the host */
    const char *unread;                 /* why the host's own files could not be read; NULL: it is not known of any */
    StringList lacks;                   /* what the host itself lacks of the driver, in words */
    const DriverPlace *package, *guest; /* what was found there; NULL: not looked at */
} ComparedDriver;

typedef struct ComparedDrivers {
    ComparedDriver *items;
    size_t count, capacity;
} ComparedDrivers;

/* Looks for the driver of one GPU in all the places. One that has none on the host is left out. */
MUST_CHECK bool compare_driver(const Comparison *comparison, const DriverGpu *gpu, Arena *arena,
                               ComparedDriver *ret_driver, Error *err);

/* The worst of all, which comes last. */
typedef enum CompareVerdict {
    COMPARE_ALIKE,
    COMPARE_UNPROVEN,       /* the active driver is everywhere, but what is in it cannot be told */
    COMPARE_LEFT_OUT,       /* it is in a package, but installdrivers takes another one */
    COMPARE_FILES_DIFFER,   /* it is there everywhere, but not with all its files */
    COMPARE_DRIVERS_DIFFER, /* somewhere there is not the active driver */
} CompareVerdict;

/* What is to be done, by what was found. */
typedef struct CompareOutcome {
    CompareVerdict verdict; /* of the packages and the guest */
    CompareVerdict guest;   /* of the guest alone */
    bool is_any_compared;
    bool is_partial;              /* a driver could not be looked for */
    bool needs_package;           /* a package has to be made */
    bool has_incomplete;          /* one is there that get-drivers may take for whole: it looks at sizes and times */
    bool needs_installation;      /* one has to be installed in the guest */
    bool needs_a_hand;            /* something in the guest has to be moved away before */
    bool has_service;             /* by which update-drivers installs in the guest; whoever looked sets it */
    const char *package, *winner; /* of COMPARE_LEFT_OUT: names of packages, NULL if it is not known or not so */
} CompareOutcome;

CompareOutcome compare_outcome(const ComparedDrivers *drivers);
