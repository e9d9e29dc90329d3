/* SPDX-License-Identifier: MIT */
/* The parameters of hyperpoint: one table for parsing, help and the man page's check. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "cli/output.h"
#include "cli/params.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef struct Options {
    const char *vm;
    const char *verb; /* as written; NULL: checkpoint */
    StringList gpus;
    const char *host;
    const char *checkpoint_name;
    int checkpoint_type;          /* index into its choices, -1: not given */
    uint64_t low_mmio, high_mmio; /* bytes, 0: not given */
    bool fix_memory;
    const char *destination;      /* folder of driver packages */
    const char *root;             /* a guest's system drive */
    const char *guest;            /* a running guest, as a host */
    bool zip;
    bool what_if;
    bool silent;
    bool json;
    bool verbose;
    bool help;
    bool version;
} Options;

extern const Param option_params[];
extern const size_t option_param_count;

/* ERR_USAGE. */
MUST_CHECK bool options_parse(size_t argc, const char *const *argv, Arena *arena, Options *ret_options, Error *err);

/* A word can only be -JSON: then an error in the rest of the command line is told in JSON, too. */
bool options_want_json(size_t argc, const char *const *argv);

/* The lines about parameters in a program's -HELP. commands/help.c */
void help_print_params(Output *output, const Param *params, size_t count);
