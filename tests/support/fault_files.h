/* SPDX-License-Identifier: MIT */
/* fs_fault_point() of a test program: lets chosen steps on files below a folder go wrong. Steps are counted from 1.
 * Steps on other files pass. */
#pragma once

#include "platform/fs.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum StepFault {
    FILE_FAULT_NONE,
    FILE_FAULT_NO_SPACE, /* ENOSPC */
    FILE_FAULT_LOCKED,   /* somebody holds the lock; only steps that lock are hit */
    FILE_FAULT_KILL,     /* SIGKILL before the step */
    FILE_FAULT_DEED,     /* nothing goes wrong, but somebody else does something before the step */
    FILE_FAULT_COUNT
} StepFault;

extern const char *const file_fault_names[FILE_FAULT_COUNT];

enum { FILE_TRACE_LENGTH = 1000 };

typedef struct FileScript {
    const char *folder; /* NULL: nothing is counted */
    void (*watch)(void *context, FsStep step, const char *path); /* told of each step before it; NULL: nobody */
    StepFault fault;
    size_t at;
    bool from_there_on; /* no deed: that is done once, and the steps after it find the disk full */
    void (*deed)(void *context);
    void *context;
    const char *busy; /* the end of a path: this file is in use, and cannot be renamed. NULL: none */

    size_t steps; /* so far */
    size_t hits;
    FsStep trace[FILE_TRACE_LENGTH];
} FileScript;

/* The script that counts from now on; NULL: none. */
void fault_files_use(FileScript *script);

const char *fault_files_step_name(FsStep step);
