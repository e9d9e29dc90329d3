/* SPDX-License-Identifier: MIT */
/* The product's answer at every fault point; test programs that inject faults define fs_fault_point() themselves. */
#include "platform/fs.h"

int fs_fault_point(FsStep step, const char *path)
{
    (void) step;
    (void) path;
    return 0;
}
