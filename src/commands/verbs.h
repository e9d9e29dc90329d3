/* SPDX-License-Identifier: MIT */
/* The verbs of hyperpoint's -DO: one row each, for dispatch, checks of the command line, and help. */
#pragma once

#include "base/error.h"
#include "commands/app.h"
#include "operations/power.h"

#include <stdbool.h>
#include <stddef.h>

extern const Verb verbs[];
extern const size_t verb_count;

/* The verb of that name (NULL: checkpoint), any letter case. ERR_USAGE with a suggestion. */
MUST_CHECK bool verb_find(const char *name, const Verb **ret_verb, Error *err);

/* The parameters that the verb needs are there, and their values can be right. Reads what -GPU says. */
MUST_CHECK bool verb_check_options(App *app, Error *err);

/* commands/list.c */
ExitCode list_gpus_run(App *app, const Verb *verb);
ExitCode list_partitionable_run(App *app, const Verb *verb);
ExitCode list_assigned_run(App *app, const Verb *verb);
ExitCode list_vms_run(App *app, const Verb *verb);
/* A warning if a change of the VM is unfinished. */
void warn_about_unfinished_vm(App *app, const Vm *vm);
/* commands/checkpoints.c */
ExitCode list_checkpoints_run(App *app, const Verb *verb);
ExitCode remove_checkpoint_run(App *app, const Verb *verb);
ExitCode rename_checkpoint_run(App *app, const Verb *verb);
ExitCode prune_run(App *app, const Verb *verb);
/* commands/change.c */
ExitCode change_run(App *app, const Verb *verb);
/* commands/recover.c */
ExitCode recover_run(App *app, const Verb *verb);

/* commands/power.c */
ExitCode start_run(App *app, const Verb *verb);
/* What -STOP and its companions ask for. */
PowerRequest power_request(const Options *options);
/* Tells what became of the VM's power, and gives the exit code of all, where "code" is that of the change itself. */
ExitCode tell_power(App *app, const char *vm_name, const char *vm_address, const PowerReport *report, ExitCode code);

/* commands/get_drivers.c */
ExitCode get_drivers_run(App *app, const Verb *verb);
/* commands/update_drivers.c */
ExitCode update_drivers_run(App *app, const Verb *verb);
/* commands/check.c */
ExitCode check_run(App *app, const Verb *verb);
/* commands/capture.c */
ExitCode capture_run(App *app, const Verb *verb);
/* commands/check_drivers.c */
ExitCode check_drivers_run(App *app, const Verb *verb);
