/* SPDX-License-Identifier: MIT */
/* A run of hyperpoint: from the words of the command line to the exit code. Everything a run touches comes in through
 * AppEnvironment, so that tests can run it in their own process with a clock, a session and folders of their own. */
#pragma once

#include "base/arena.h"
#include "cim/connect.h"
#include "cli/exit_code.h"
#include "cli/output.h"
#include "commands/options.h"
#include "hyperv/host.h"
#include "hyperv/vm.h"
#include "platform/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef bool ConnectFunction(const HostAddress *address, Clock *clock, CimSession **ret_session, Error *err);

typedef struct AppEnvironment {
    FILE *out;
    FILE *err;
    Clock *clock;
    Cancel *cancel; /* what interrupts the run; NULL: nothing */
    ConnectFunction *connect;
    const char *program_folder; /* config files and logs; NULL: the folder of the program */
    const char *state_folder;   /* journals and locks; NULL: as process_state_folder() says */
} AppEnvironment;

/* argv without the program's name. Returns the exit code (cli/exit_code.h). */
int app_run(const AppEnvironment *environment, size_t argc, const char *const *argv);

/* ---- for the verbs ---- */

/* What a verb works with. */
typedef struct App {
    const AppEnvironment *environment;
    const Options *options;
    Arena *arena;
    Output *output;
    HyperVHost host; /* connected */
    HostAddress address;
    const char *verb_name;
    const char *program_folder;
    bool changed; /* the verb has changed something: a result that cannot be written does not undo it */
} App;

/* Prints the error and gives the exit code that fits one before any change. */
ExitCode app_fail(App *app, const Error *err);

/* Puts "vm": {name, id} into the JSON result. */
void app_tell_vm(App *app, const Vm *vm);
