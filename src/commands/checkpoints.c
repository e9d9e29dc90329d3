/* SPDX-License-Identifier: MIT */
/* The verbs about a VM's checkpoints. */
#include "commands/verbs.h"
#include "operations/checkpoint_change.h"
#include "operations/checkpoint_list.h"
#include "present/checkpoints.h"

ExitCode list_checkpoints_run(App *app, const Verb *verb)
{
    (void) verb;
    Error err = { .code = ERR_NONE };
    Vm vm;
    CheckpointListing listing;
    if (!app_find_vm(app, &vm, &err))
        return app_fail(app, &err);
    warn_about_unfinished_vm(app, &vm);
    if (!checkpoint_list_read(&app->host, &vm, app->arena, &listing, &err))
        return app_fail(app, &err);
    present_checkpoint_listing(app->output, vm.name, &listing);
    return EXIT_DONE;
}

/* ---- removing ---- */

typedef struct Telling {
    App *app;
    const Vm *vm;
} Telling;

static void tell_plan(void *context, const CheckpointPlan *plan)
{
    const Telling *telling = context;
    present_removal_plan(telling->app->output, telling->vm->name, plan, telling->app->options->what_if);
}

/* For what has not been done, or not all of it. */
static ExitCode tell_failure(App *app, ChangeEnding ending, bool is_partly, const Error *err)
{
    if (ending == ENDING_REFUSED && !is_partly)
        return app_fail(app, err);
    output_error(app->output, err);
    return ending == ENDING_UNFINISHED ? EXIT_UNFINISHED : EXIT_PARTLY;
}

static ExitCode remove_checkpoints(App *app, RemovalRequest request)
{
    Error err = { .code = ERR_NONE };
    Vm vm;
    if (!app_find_vm(app, &vm, &err))
        return app_fail(app, &err);
    Telling telling = { app, &vm };
    RemovalReport report;
    request.planned = tell_plan;
    request.context = &telling;
    bool ok = checkpoints_remove(&app->host, &vm, &request, app->options->what_if, app->arena, &report, &err);
    app->changed = report.removed.count > 0;
    if (!app->options->what_if)
        present_removals(app->output, &report);
    if (!ok)
        return tell_failure(app, report.ending, report.is_unsure || report.removed.count > 0, &err);
    return EXIT_DONE;
}

ExitCode remove_checkpoint_run(App *app, const Verb *verb)
{
    RemovalRequest request = { .verb_name = verb->name,
                               .checkpoint = app->options->checkpoint,
                               .subtree = app->options->subtree };
    return remove_checkpoints(app, request);
}

ExitCode prune_run(App *app, const Verb *verb)
{
    const Options *options = app->options;
    RemovalRequest request = { .verb_name = verb->name,
                               .rule = { .pattern = options->checkpoint_name,
                                         .keep = options->keep >= 0 ? (size_t) options->keep : 0,
                                         .older_than_ms = (int64_t) options->older_than * 1000 } };
    return remove_checkpoints(app, request);
}

/* ---- renaming ---- */

ExitCode rename_checkpoint_run(App *app, const Verb *verb)
{
    const Options *options = app->options;
    Error err = { .code = ERR_NONE };
    Vm vm;
    RenameReport report;
    if (!app_find_vm(app, &vm, &err))
        return app_fail(app, &err);
    if (!checkpoints_rename(&app->host, &vm, verb->name, options->checkpoint, options->checkpoint_name,
                            options->what_if, app->arena, &report, &err))
        return tell_failure(app, report.ending, report.is_unsure, &err);
    app->changed = report.ending == ENDING_DONE;
    if (report.ending == ENDING_NOT_NEEDED)
        output_done(app->output, "Nothing to do: the checkpoint has that name\n");
    else
        present_renaming(app->output, vm.name, &report, options->checkpoint_name);
    return EXIT_DONE;
}
