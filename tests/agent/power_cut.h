/* SPDX-License-Identifier: MIT */
/* What a reset or a power cut takes from the disk of a guest that writes: data that was not flushed is zeros, whatever
 * became of names; or also every name that was made, changed or removed since the last flush of anything is as it was.
 * A journalled file system keeps to one of the two, or to something in between. It is fed with the steps of the
 * process that writes (support/fault_files.h), and used by another one. */
#pragma once

#include "platform/fs.h"

#include <stdatomic.h>
#include <stdint.h>

enum { POWER_CUT_FILES = 64 };

typedef struct PowerCut {
    char root[256];  /* the guest's folder */
    char kept[256];  /* where the guest is kept as it was at the last flush; "": it is not kept */
    atomic_flag lock; /* several threads write */
    uint64_t dirty[POWER_CUT_FILES]; /* numbers of files whose data was not flushed; 0: free */
    FsStep step;                     /* the last one, which is being carried out */
    char path[512];                  /* of it; "": none is */
} PowerCut;

/* Before each step, in the process that writes. */
void power_cut_watch(PowerCut *cut, FsStep step, const char *path);

/* The last step has been carried out: nobody writes. */
void power_cut_settle(PowerCut *cut);

/* The cut. "early": names go back to the last flush, too. */
void power_cut_happen(PowerCut *cut, bool early);
