/* SPDX-License-Identifier: MIT */
/* Makes the package of a driver: a folder or a zip, with its manifest as the last file. */
#pragma once

#include "base/cancel.h"
#include "base/report.h"
#include "cim/host_files.h"
#include "drivers/gather/finder.h"
#include "platform/clock.h"

typedef struct PackRequest {
    HostFiles *files;
    const Cancel *cancel;
    Report *report;
    Clock *clock;
    const char *folder; /* where packages go; made if it is missing */
    bool zip;
} PackRequest;

typedef struct PackResult {
    const char *path;
    Manifest manifest;
    bool is_unchanged; /* it was there already */
} PackResult;

/* The package appears whole or not at all; on failure everything is as it was. It takes the place of one for the same
 * folder of the driver store or the same GPUs; whatever else has the name keeps it, and this one gets a number
 * (NAME_2). One that is there already and would be the same again stays. A zip of that name beside the folder, or a
 * folder beside the zip, goes if it is not of this driver any more. While a package is made, it and the one it replaces
 * are called ".hyperpoint.NAME.new" and ".hyperpoint.NAME.old" (with ".zip"); what a killed run left of that is put
 * right by the next one. Runs that make packages in the same folder wait for each other, with a notice; the lock is the
 * file ".hyperpoint.lock" there, which stays. A zip is on the disk before it gets its name; the many files of a folder
 * are not waited for, and the manifest shows if a power cut took some. ERR_NO_SPACE, ERR_IO, ERR_CANCELLED; ERR_STATE
 * if a file of the host changed meanwhile. */
MUST_CHECK bool pack_driver(const PackRequest *request, const Driver *driver, Arena *arena, PackResult *ret_result,
                            Error *err);
