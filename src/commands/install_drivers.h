/* SPDX-License-Identifier: MIT */
/* A run of installdrivers, from the words of the command line to the exit code, and its parameters. */
#pragma once

#include "base/arena.h"
#include "cli/params.h"
#include "platform/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef struct InstallEnvironment {
    FILE *out;
    FILE *err;
    Clock *clock;
    const char *program_folder; /* packages and logs; NULL: the folder of the program */
    const char *state_folder;   /* locks; NULL: as process_state_folder() says */
} InstallEnvironment;

typedef struct InstallOptions {
    const char *source;  /* -SRC */
    StringList packages; /* -DRV */
    const char *package; /* -DRVSRC */
    const char *root;
    bool force;
    bool verify;
    bool uninstall;
    bool recover;
    bool what_if;
    bool silent;
    bool json;
    bool verbose;
    bool help;
    bool version;
} InstallOptions;

extern const Param install_params[];
extern const size_t install_param_count;

/* argv without the program's name. Returns the exit code (cli/exit_code.h). */
int install_drivers_run(const InstallEnvironment *environment, size_t argc, const char *const *argv);
