/* SPDX-License-Identifier: MIT */
/* The verbs of -DO: one row each, for dispatch, checks of the command line, and help. */
#pragma once

#include "base/error.h"
#include "commands/app.h"
#include "hyperv/plan.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum VerbFlag {
    VERB_NEEDS_VM = 1,
    VERB_TAKES_VM = 2,
    VERB_TAKES_GPU = 4,
    VERB_NEEDS_GPU = 8,
    VERB_CHECKPOINTS = 16, /* takes -NAME and -CHECKPOINTTYPE */
    VERB_ASSIGNS = 32,     /* takes -LOWMMIO, -HIGHMMIO and -FIXMEMORY */
    VERB_CHANGES = 64,     /* takes -WHATIF */
    VERB_PACKAGES = 128,   /* takes -DEST */
    VERB_PACKS = 256,      /* takes -ZIP */
    VERB_COMPARES = 512,   /* takes -ROOT and -GUEST */
} VerbFlag;

typedef struct Verb Verb;
struct Verb {
    const char *name;
    const char *help; /* one line */
    unsigned flags;
    PlanVerb plan; /* of change_run */
    ExitCode (*run)(App *app, const Verb *verb);
};

extern const Verb verbs[];
extern const size_t verb_count;

/* The verb of that name (NULL: checkpoint), any letter case. ERR_USAGE with a suggestion. */
MUST_CHECK bool verb_find(const char *name, const Verb **ret_verb, Error *err);

/* The parameters given are those the verb takes, and those it needs are there. */
MUST_CHECK bool verb_check_options(const Verb *verb, const Options *options, Error *err);

/* commands/list.c */
ExitCode list_gpus_run(App *app, const Verb *verb);
ExitCode list_partitionable_run(App *app, const Verb *verb);
ExitCode list_assigned_run(App *app, const Verb *verb);
ExitCode list_vms_run(App *app, const Verb *verb);
/* commands/change.c */
ExitCode change_run(App *app, const Verb *verb);
/* commands/recover.c */
ExitCode recover_run(App *app, const Verb *verb);

/* commands/get_drivers.c */
ExitCode get_drivers_run(App *app, const Verb *verb);
/* commands/check_drivers.c */
ExitCode check_drivers_run(App *app, const Verb *verb);

/* The text of -HELP. commands/help.c */
void help_print(Output *output);
