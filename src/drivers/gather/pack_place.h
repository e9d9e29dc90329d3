/* SPDX-License-Identifier: MIT */
/* Where the package of a driver goes among those that are there. For pack.c, while it holds the lock of the folder. */
#pragma once

#include "drivers/gather/pack.h"

typedef struct PackPlace {
    const char *name; /* of the package */
    const char *final, *fresh, *old;
    const char *stale, *stale_old; /* this package as a zip beside the folder, or as a folder beside the zip, as the
                                      driver was before; NULL: none */
    bool is_unchanged; /* it is there, all in it is as it would be again, and no later package is for its GPUs */
    Manifest manifest; /* then: its manifest */
} PackPlace;

/* The driver's own name, or with a number behind it: that of a package for the same folder of the driver store, or for
 * no other GPUs than these; else the first that is free. What cannot be read as a package keeps its name, with a
 * warning: nobody but its owner knows what it is worth. What a killed run left under such a name is put right. */
MUST_CHECK bool pack_place_choose(const PackRequest *request, const Driver *driver, Arena *arena, PackPlace *ret_place,
                                  Error *err);

/* Before anything is made: nothing of an earlier run is in the way. */
MUST_CHECK bool pack_place_clear(const PackPlace *place, Error *err);

/* What is unfinished becomes the package, in the place of the one that is there, unless that is unchanged; of a zip and
 * a folder of one name, the stale one goes: a zip would hide the folder. */
MUST_CHECK bool pack_place_take(const PackPlace *place, const PackRequest *request, Error *err);
