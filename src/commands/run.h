/* SPDX-License-Identifier: MIT */
/* A run of a program: from the words of the command line to the exit code. Everything a run touches comes in through
 * RunEnvironment, so that tests can run it in their own process with a clock, a host and folders of their own. */
#pragma once

#include "base/cancel.h"
#include "cim/connect.h"
#include "platform/clock.h"
#include "platform/devices.h"
#include "platform/holders.h"
#include "platform/registry.h"

#include <stddef.h>
#include <stdio.h>

typedef bool ConnectFunction(const HostAddress *address, Clock *clock, CimSession **ret_session, Error *err);

typedef struct RunEnvironment {
    FILE *out;
    FILE *err;
    FILE *in; /* of somebody who can be asked; NULL: nobody can */
    Clock *clock;
    const Cancel *cancel; /* what interrupts the run; NULL: nothing */
    ConnectFunction *connect;
    const HostAddress *open_host; /* what is open already of the host that the options name; NULL: nothing */
    const char *program_folder; /* config files, packages and logs; NULL: the folder of the program */
    const char *state_folder;   /* journals and locks; NULL: as process_state_folder() says */
    /* Of installdrivers: */
    Holders *holders;   /* NULL: this system's own */
    Registry *registry; /* of the guest; NULL: this Windows' own, if it is what is installed in */
    Devices *devices;   /* NULL: this system's own */
    const char *guest;  /* address of the guest's WMI; NULL: this Windows' own */
} RunEnvironment;

/* argv without the program's name. They return the exit code (cli/exit_code.h). */
int run_hyperpoint(const RunEnvironment *environment, size_t argc, const char *const *argv);
int run_installdrivers(const RunEnvironment *environment, size_t argc, const char *const *argv);
