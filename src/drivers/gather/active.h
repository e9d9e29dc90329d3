/* SPDX-License-Identifier: MIT */
/* Which driver is active for a GPU of a host, as its registry tells. */
#pragma once

#include "cim/host_files.h"
#include "cim/session.h"
#include "drivers/package/manifest.h"

/* What can be told without reading the folders. */
typedef struct ActiveDriver {
    const char *provider, *version, *date, *inf; /* date yyyy-mm-dd; "" where it is not known */
    const char *windows;                         /* "C:\Windows" */
    const char *store;                           /* "C:\Windows\System32\DriverStore\FileRepository" */
    const char *folder;                          /* name in it */
    const char *class_key;                       /* registry key of the driver */
    const char *service;                         /* or NULL */
    StringList programs;                         /* path of the service's program, as it stands there */
    ManifestValues values;                       /* of the class key, those with texts */
} ActiveDriver;

/* Of several folders that the keys name as the driver's own, the first that "files" have; where it is NULL, the first.
 * ERR_NOT_FOUND: the device has no driver, or not one of the driver store. */
MUST_CHECK bool driver_find_active(CimSession *session, HostFiles *files, const char *device_id, Arena *arena,
                                   ActiveDriver *ret_active, Error *err);

/* The folder of the driver store that the path leads into, or NULL; *ret_rest: what is behind it, or "". */
const char *driver_store_folder(const char *path, const char *store, Arena *arena, const char **ret_rest);
