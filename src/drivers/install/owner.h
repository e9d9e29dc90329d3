/* SPDX-License-Identifier: MIT */
/* Whose a file of System32 or SysWOW64 is, and with it whether a package may take its place: the one rule, told in
 * docs/drivers.md. Folders of HyperPoint's own, below HostDriverStore, are not asked about. */
#pragma once

#include "drivers/package/pe_version.h"
#include "drivers/install/installed.h"
#include "drivers/install/target.h"

typedef enum Owner {
    OWNER_PACKAGE, /* a package of ours put it there */
    OWNER_LINK,    /* no file, but a link in the place of one: Windows has none there */
    OWNER_VENDOR,  /* a maker of GPUs, or of a loader that all of them bring */
    OWNER_WINDOWS, /* it says that it is Microsoft's, or it is a part of Windows' component store */
    OWNER_SYSTEM,  /* where Windows looks for its drivers: whoever made it, it may be what the guest starts from */
    OWNER_OTHER,   /* another company's */
    OWNER_UNKNOWN, /* it does not tell */
} Owner;

/* What there is to see of a file. */
typedef struct OwnerSigns {
    const char *path; /* "Windows/System32/nvapi64.dll" */
    bool is_package;  /* a package of ours wrote it, and its hash is still the record's */
    bool is_link;     /* what it leads to does not matter */
    bool is_in_store; /* Windows' component store has the same file (a hard link) */
    const PeVersion *version;
} OwnerSigns;

Owner owner_by_signs(const OwnerSigns *signs);

/* A package may take its place. */
bool owner_gives_way(Owner owner);

/* "belongs to Windows"; of those that do not give way. */
const char *owner_text(Owner owner);

/* A record tells that a package of ours wrote the file. That it still is that file, only its hash can tell. */
bool owner_is_written(const InstalledFile *record);

/* Looks at the file. "is_package" as in OwnerSigns. Also gives what the file says about itself. */
MUST_CHECK bool owner_look(const Tree *tree, const TargetFile *file, bool is_package, PeVersion *ret_version,
                           Owner *ret_owner, Error *err);
