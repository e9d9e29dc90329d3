/* SPDX-License-Identifier: MIT */
/* What is known of the makers of GPUs beyond what their drivers declare: files that programs in a guest look for in
 * System32 and SysWOW64, and registry values that loaders read. For drivers whose CopyToVm keys are incomplete or
 * missing; a name that a driver does not have is left out. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* A file of the package and where it is looked for. The source is a file name: some makers put their programs into a
 * folder whose name changes with each release. */
typedef struct VendorFile {
    const char *source;
    const char *target; /* "Windows/System32/nvcuda.dll" */
} VendorFile;

typedef struct Vendor {
    const char *name;        /* "NVIDIA" */
    const char *prefixes[4]; /* of the IDs of its devices: "PCI\\VEN_10DE"; NULL: no more */
    const VendorFile *files;
    size_t file_count;
    const char *const *values; /* of the class key, NULL-terminated; NULL: none are needed */
    /* Beginnings of the names of companion INFs that a guest needs, NULL-terminated; or NULL. */
    const char *const *components;
} Vendor;

/* The maker of "PCI\VEN_10DE&...", or NULL. */
const Vendor *vendor_find(const char *device_id);

/* Drivers of several makers bring a file for that place: which one is there depends on what came last. */
bool vendor_shares_target(const char *target);

/* The value of a class key is one that a maker's programs read. */
bool vendor_has_value(const char *name);

/* The company, as a version resource names it, makes GPUs, or a loader that all of them bring (OpenCL, Vulkan). */
bool vendor_is_company(const char *company);

/* The file is in a folder of a maker's own among Windows' drivers. */
bool vendor_has_folder(const char *path);
