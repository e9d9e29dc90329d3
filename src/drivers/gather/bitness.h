/* SPDX-License-Identifier: MIT */
/* Drivers have files of one name for programs of 64 bits and of 32: which of them goes where. */
#pragma once

#include "cim/host_files.h"
#include "drivers/gather/finder.h"

typedef enum BitnessFit { /* the best first */
    BITNESS_RIGHT,
    BITNESS_UNKNOWN, /* neither the file nor its folder tells, as of a file of settings */
    BITNESS_OTHER,   /* a program may be of either */
    BITNESS_WRONG,   /* a library that nothing can load which looks for it there */
} BitnessFit;

/* The file as one that goes to that path of the guest: System32 is for 64 bits, SysWOW64 and SyChpe32 are for 32. A
 * program or library tells by itself, of others the name of a folder may ("x86"). */
BitnessFit bitness_fit(HostFiles *files, const DriverFile *file, const char *target);
