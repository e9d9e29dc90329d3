/* SPDX-License-Identifier: MIT */
/* Finds the active driver of GPUs on a host, and all that a guest needs of it.
 *
 * A guest is told by the host which files to load: those of the driver's folders in the host's driver store
 * (folders.h), under the same folders' names below the guest's HostDriverStore. So whole folders are needed, of
 * exactly these names.
 * What else is looked for in the guest's System32 and SysWOW64, the vendor declares in CopyToVm keys of the driver's
 * class or service key; a table knows what older drivers do not declare (drivers/package/vendor.h).
 * Source: Windows driver documentation, "GPU paravirtualization". */
#pragma once

#include "base/report.h"
#include "cim/host_files.h"
#include "drivers/gather/active.h"
#include "drivers/package/manifest.h"

typedef struct DriverFile {
    const char *source; /* on the host: "C:\Windows\System32\DriverStore\..." */
    const char *path;   /* in the package */
    uint64_t size;
    int64_t modified_s;
    FileRule rule;
} DriverFile;

typedef struct Driver {
    Manifest manifest; /* "files", "created" and "program" are filled in by the packing */
    struct {
        DriverFile *items; /* sorted by path */
        size_t count, capacity;
    } files;
    uint64_t total_size;
} Driver;

typedef struct Drivers {
    Driver *items;
    size_t count, capacity;
} Drivers;

/* The files and values of the active driver of a GPU: fills in a driver that has its manifest's texts and GPUs. */
MUST_CHECK bool driver_find_files(CimSession *session, HostFiles *files, const ActiveDriver *active,
                                  const ManifestGpu *gpu, Report *report, Arena *arena, Driver *ret_driver, Error *err);

/* Reads all that the host's registry is asked about the driver of a GPU, and no file. For whoever records that. */
MUST_CHECK bool driver_keys_read(CimSession *session, const char *device_id, Arena *arena, Error *err);

/* What drivers_find() does with a GPU whose driver cannot be gathered: told what the matter is, it goes on with the
 * others if this is true. */
typedef bool DriverPassOver(void *context, const ManifestGpu *gpu, const Error *err);

/* The GPUs that a package of that folder of the driver store was made for before. Those that still have its driver are
 * gathered along: a package for one of them takes the place of the one for all. */
typedef ManifestGpus DriverGathered(void *context, const char *folder);

typedef struct DriversRequest {
    CimSession *session;
    HostFiles *files;
    const ManifestGpus *gpus;
    Report *report;
    DriverPassOver *pass_over; /* NULL: the first one that cannot be found ends it */
    DriverGathered *gathered;  /* NULL: nothing was */
    void *context;             /* of both */
} DriversRequest;

/* The drivers of these GPUs, each once; all get the name of their maker and date. */
MUST_CHECK bool drivers_find(const DriversRequest *request, Arena *arena, Drivers *ret_drivers, Error *err);
