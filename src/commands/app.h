/* SPDX-License-Identifier: MIT */
/* What the two programs share: a table that tells how a program differs from the other, a row for each verb, and what a
 * verb works with while it runs. commands/run.c */
#pragma once

#include "base/arena.h"
#include "cli/exit_code.h"
#include "cli/output.h"
#include "cli/params.h"
#include "commands/options.h"
#include "commands/run.h"
#include "drivers/install/install.h"
#include "hyperv/change/plan.h"
#include "hyperv/gpu/selector.h"
#include "hyperv/host/host.h"
#include "hyperv/vm/vm.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct App App;
typedef struct Verb Verb;

struct Verb {
    const char *name;
    const char *help; /* one line */
    unsigned flags;   /* what it takes and needs; a parameter with Param.takers is taken by verbs with one of them */
    PlanVerb plan;    /* of change_run */
    ExitCode (*run)(App *app, const Verb *verb);
};

typedef struct Program {
    const char *name;        /* as it is called; before errors */
    const char *title;       /* before the version */
    const char *verb_prefix; /* how a verb is written: "-DO " */
    const char *log_name;    /* NULL: the verb's */
    const Param *params;
    size_t param_count;
    const Verb *verbs;
    size_t verb_count;
    bool needs_words; /* without any it shows its help */
    /* Finds the verb that the options ask for. ERR_USAGE. */
    bool (*find_verb)(const App *app, const Verb **ret_verb, Error *err);
    /* What the options must have, or may not have, beside the parameters that the verb does not take. ERR_USAGE. */
    bool (*check_options)(App *app, Error *err);
    /* The host and the VM that the options name, or *ret_is_many: one run for each of several. ERR_USAGE. NULL: there
     * is nothing to be told. */
    bool (*choose)(Options *options, Arena *arena, bool *ret_is_many, Error *err);
    ExitCode (*run_many)(App *app);
    /* Before the verb, and (only if that went well) after it. */
    bool (*set_up)(App *app, Error *err);
    void (*tear_down)(App *app);
    /* The first lines of what the log tells of the work on that subject: what was asked for. */
    void (*log_request)(App *app, const char *subject);
    /* Of the help: */
    const char *summary, *usage;
    const char *const *examples, *const *exit_codes; /* lines, the last one NULL; exit codes from 5 on */
} Program;

/* What a verb works with. */
struct App {
    const Program *program;
    const RunEnvironment *environment;
    const Options *options;
    const Verb *verb;
    Arena *arena;
    Output *output;
    const char *call; /* how the program is called for the same host, for advice: "hyperpoint -HOST sim:lab.json" */
    const char *program_folder, *state_folder; /* there from set_up() on, if the program asks for them */
    bool changed; /* the verb has changed something: a result that cannot be written does not undo it */
    bool has_log;
    bool is_many; /* of several VMs or hosts: each has an App of its own */
    const char *only_name; /* of one of several: no other VM of the host is called so. NULL: not known */
    /* of hyperpoint */
    HyperVHost host; /* connected */
    HostAddress address;
    SelectorList selectors; /* what -GPU says; from check_options() on */
    /* of installdrivers */
    InstallJob job;
};

/* Prints the error and gives the exit code that fits one before any change. */
ExitCode app_fail(App *app, const Error *err);

/* The VM of the options; "vm": {name, id} is in the JSON result then. */
MUST_CHECK bool app_find_vm(App *app, Vm *ret_vm, Error *err);

/* One of several, in a thread of its own. */
typedef struct AppPart {
    Options options;
    const char *vm_name, *vm_guid; /* NULL: it is of the host as a whole */
    bool has_only_name;            /* no other VM of the host is called so */
    const char *host;              /* for people */
    const HostAddress *open_host;  /* what is open of it */
    const Cancel *cancel;
    const Error *failure; /* that it ends with, without having begun; NULL: none */
    OutputSink *sink;
} AppPart;

/* *ret_changed: as App.changed. */
ExitCode app_run_part(const App *app, const AppPart *part, bool *ret_changed);

/* The verb itself, for the host and the VM of the options. */
ExitCode app_run_verb(App *app);

/* How the output of a run is, to streams. */
OutputConfig app_output_config(const Program *program, const RunEnvironment *environment, const Options *options,
                               Arena *arena);

/* A whole run of the program. */
int program_run(const Program *program, const RunEnvironment *environment, size_t argc, const char *const *argv);

/* The text of -HELP. commands/help.c */
void help_print(const Program *program, Output *output);
