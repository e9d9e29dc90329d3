/* SPDX-License-Identifier: MIT */
/* The parameters of installdrivers. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "cli/output.h"
#include "cli/params.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef struct InstallOptions {
    const char *source;  /* -SRC */
    StringList packages; /* -DRV */
    const char *package; /* -DRVSRC */
    const char *root;
    bool force;
    bool replace_newer;
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

/* ERR_USAGE for parameters that do not go together. */
MUST_CHECK bool install_options_check(const InstallOptions *options, Error *err);

void install_options_print_help(Output *output);
