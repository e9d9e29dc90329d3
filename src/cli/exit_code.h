/* SPDX-License-Identifier: MIT */
/* The one table of exit codes, for scripts. */
#pragma once

#include "base/error.h"

#include <stdbool.h>

typedef enum ExitCode {
    EXIT_DONE = 0,       /* all done */
    EXIT_REFUSED = 1,    /* refused or failed, nothing changed */
    EXIT_USAGE = 2,      /* the command line is wrong */
    EXIT_PARTLY = 3,     /* some of several done */
    EXIT_PUT_BACK = 4,   /* failed, everything put back */
    EXIT_UNFINISHED = 5, /* failed, a journal stands: run recover */
    EXIT_NO_HOST = 6,    /* host unreachable, or no rights on it */
    EXIT_REBOOT = 7,     /* done after the next reboot */
    EXIT_DIFFERS = 8,    /* looked, and found what is not as it should be */
} ExitCode;

/* For an error before anything was changed. */
ExitCode exit_code_of_error(const Error *err);

/* One code for several things of the same run (VMs, packages): starts as zeros, gets the code of each. A journal that
 * stands outweighs all; some done and some not is EXIT_PARTLY; of failures alone the gravest counts. What was looked at
 * is done, and where nothing failed what was found there counts. */
typedef struct ExitFold {
    bool any_done, waits, differs;
    ExitCode failure; /* EXIT_DONE: none so far */
} ExitFold;

void exit_fold_add(ExitFold *fold, ExitCode code);
ExitCode exit_fold_code(const ExitFold *fold);

/* The code of a run whose result could not be written. */
ExitCode exit_code_unwritten(ExitCode code, bool changed);
