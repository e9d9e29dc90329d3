/* SPDX-License-Identifier: MIT */
/* A run of installdrivers, from the words of the command line to the exit code. */
#pragma once

#include "base/cancel.h"
#include "platform/clock.h"
#include "platform/devices.h"
#include "platform/holders.h"
#include "platform/registry.h"

#include <stddef.h>
#include <stdio.h>

typedef struct InstallEnvironment {
    FILE *out;
    FILE *err;
    Clock *clock;
    Cancel *cancel;             /* what interrupts the run; NULL: nothing */
    const char *program_folder; /* packages and logs; NULL: the folder of the program */
    const char *state_folder;   /* locks; NULL: as process_state_folder() says */
    Holders *holders;           /* NULL: this system's own */
    Registry *registry;         /* of the guest; NULL: this Windows' own, if it is what is installed in */
    Devices *devices;           /* NULL: this system's own */
    const char *guest;          /* address of the guest's WMI; NULL: this Windows' own */
} InstallEnvironment;

/* argv without the program's name. Returns the exit code (cli/exit_code.h). */
int install_drivers_run(const InstallEnvironment *environment, size_t argc, const char *const *argv);
