/* SPDX-License-Identifier: MIT */
/* Which packages a run of installdrivers installs: all of a folder, some of it, or one. */
#pragma once

#include "base/report.h"
#include "commands/options.h"
#include "drivers/package/source.h"

typedef struct ChosenPackage {
    PackageSource *source;
    const char *newer_one; /* the name of another one, which is for the same GPU and newer: this one is left out */
} ChosenPackage;

typedef struct ChosenPackages {
    ChosenPackage *items;
    size_t count, capacity;
} ChosenPackages;

/* All of them are opened and looked at, so that the first is not installed when the second is none. What the user named
 * is never left out. program_folder: NULL for the folder of the program. */
MUST_CHECK bool install_choose(const Options *options, const char *program_folder, Report *report, Arena *arena,
                               ChosenPackages *ret_packages, Error *err);

void install_choice_close(ChosenPackages *packages);
