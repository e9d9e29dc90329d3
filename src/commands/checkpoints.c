/* SPDX-License-Identifier: MIT */
/* The verbs about a VM's checkpoints. */
#include "commands/verbs.h"
#include "operations/checkpoint_list.h"
#include "present/checkpoints.h"

ExitCode list_checkpoints_run(App *app, const Verb *verb)
{
    (void) verb;
    Error err = { .code = ERR_NONE };
    Vm vm;
    CheckpointListing listing;
    if (!vm_find(&app->host, app->options->vm, app->arena, &vm, &err))
        return app_fail(app, &err);
    app_tell_vm(app, &vm);
    warn_about_unfinished_vm(app, &vm);
    if (!checkpoint_list_read(&app->host, &vm, app->arena, &listing, &err))
        return app_fail(app, &err);
    present_checkpoint_listing(app->output, vm.name, &listing);
    return EXIT_DONE;
}
