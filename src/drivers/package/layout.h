/* SPDX-License-Identifier: MIT */
/* Where the files of a driver package may go: the one list, for those who make packages and those who install them.
 * A package mirrors the guest's system drive. Windows reads package folders below HostDriverStore, because the drivers
 * of the host name them there (Windows driver documentation, "GPU paravirtualization"); loaders and tools look in
 * System32 and SysWOW64.
 *
 *     Windows/System32/HostDriverStore/FileRepository/PACKAGE/...   the driver's folder, as it is on the host
 *     Windows/System32/HostDriverStore/HyperPoint/NAME.json         the manifest
 *     Windows/System32/FILE, Windows/SysWOW64/FILE                  what the vendor promotes
 *     Windows/SyChpe32/FILE                                         the same on ARM64, for programs of x86
 *     Windows/System32/drivers/..., Windows/System32/lxss/lib/...   what packages of the original tool hold besides */
#pragma once

#include "base/arena.h"
#include "base/error.h"

#include <stdbool.h>

#define LAYOUT_HOST_STORE "Windows/System32/HostDriverStore"
#define LAYOUT_STORE "Windows/System32/HostDriverStore/FileRepository"
#define LAYOUT_OWN "Windows/System32/HostDriverStore/HyperPoint"
#define LAYOUT_RECORD_ENDING ".installed.json" /* of a record of what is installed, in LAYOUT_OWN */

/* Below HKEY_LOCAL_MACHINE: the drivers of display adapters. */
#define LAYOUT_CLASS_KEY "SYSTEM\\CurrentControlSet\\Control\\Class\\{4d36e968-e325-11ce-bfc1-08002be10318}"

typedef enum LayoutPlace {
    LAYOUT_IN_STORE,
    LAYOUT_IN_OWN,    /* a manifest */
    LAYOUT_IN_SYSTEM, /* System32, SysWOW64: files that others use as well */
} LayoutPlace;

/* Checks the name of a file in a package and gives it in its one form: '/' between the parts ('\\' is read as such:
 * Compress-Archive of Windows PowerShell 5.1 writes it), the fixed folders spelled as above, the rest as it is.
 * ERR_INVALID for whatever could lead elsewhere: absolute, drive, share and device names, "." and "..", streams,
 * control characters, trailing dots and blanks, invalid UTF-8, too long; and for places that are not in the list. */
MUST_CHECK bool layout_check(const char *name, Arena *arena, const char **ret_path, LayoutPlace *ret_place, Error *err);

/* The same for the name of a folder, wherever it is: folders are made for the files in them, and not otherwise. */
MUST_CHECK bool layout_check_folder(const char *name, Error *err);

/* Places of the installer, as its journals and records name them: ERR_INVALID for any other. A file of its own lies
 * below LAYOUT_OWN; a step changes one of those, or a place of a package's file; a folder is made for such a file. */
MUST_CHECK bool layout_check_own(const char *path, Error *err);
MUST_CHECK bool layout_check_step(const char *path, Error *err);
MUST_CHECK bool layout_check_made_folder(const char *path, Error *err);

/* Values of the registry that a package may set: of a display driver's class key, LAYOUT_CLASS_KEY and its number of
 * four digits, those that a vendor's programs read there (vendor.h). ERR_INVALID for all others. */
MUST_CHECK bool layout_check_value(const char *key, const char *name, Error *err);

/* The same checks for one part of a path, such as a package's name. */
MUST_CHECK bool layout_check_part(const char *part, Error *err);
