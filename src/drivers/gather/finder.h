/* SPDX-License-Identifier: MIT */
/* Finds the active driver of GPUs on a host, and all that a guest needs of it.
 *
 * A guest is told by the host which files to load: those of the package folder in the host's driver store, under the
 * same folder's name below the guest's HostDriverStore. So the whole folder is needed, of exactly that name. What else
 * is looked for in the guest's System32 and SysWOW64, the vendor declares in CopyToVm keys of the driver's class or
 * service key. Companions are packages that the driver's INF brings along (CopyINF) and that are of the same version.
 * Only files of these folders are ever taken, hence never one of Windows itself.
 * Source: Windows driver documentation, "GPU paravirtualization". */
#pragma once

#include "base/report.h"
#include "cim/host_files.h"
#include "cim/session.h"
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

/* What can be told without reading the folders: which driver is active. */
typedef struct ActiveDriver {
    const char *provider, *version, *date, *inf; /* date yyyy-mm-dd; "" where it is not known */
    const char *store;                           /* "C:\Windows\System32\DriverStore\FileRepository" */
    const char *folder;                          /* name in it */
    const char *class_key;                       /* registry key of the driver */
    const char *service;                         /* or NULL */
} ActiveDriver;

/* ERR_NOT_FOUND: the device has no driver, or not one of the driver store. */
MUST_CHECK bool driver_find_active(CimSession *session, const char *device_id, Arena *arena, ActiveDriver *ret_active,
                                   Error *err);

/* The drivers of these GPUs, each once. Different drivers of one maker and date are called NAME, NAME_2, ... */
MUST_CHECK bool drivers_find(CimSession *session, HostFiles *files, const ManifestGpus *gpus, Report *report,
                             Arena *arena, Drivers *ret_drivers, Error *err);
