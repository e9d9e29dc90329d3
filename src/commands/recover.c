/* SPDX-License-Identifier: MIT */
/* -DO recover: of one VM, or of all that need it. */
#include "operations/recover.h"

#include "commands/verbs.h"
#include "present/change.h"

static ExitCode recover_one(App *app, const char *name, const RecoveryRequest *request, json_t *rows)
{
    Error err = { .code = ERR_NONE };
    RecoveryReport report;
    bool ok = recover_vm(&app->host, name, request, app->arena, &report, &err);
    present_recovery(app->output, &report, rows);
    ExitCode code = EXIT_DONE;
    if (!ok && !report.journal_stands) {
        code = app_fail(app, &err);
    } else if (!ok) {
        output_error(app->output, &err);
        code = EXIT_UNFINISHED;
    }
    app->changed = app->changed || report.outcome == RECOVERY_DONE;
    return tell_power(app, report.vm_name, report.vm_address, &report.power, code);
}

static bool list_names(App *app, StringList *names, Error *err)
{
    if (app->options->vm == NULL)
        return recover_list(&app->host, app->arena, names, err);
    ARRAY_PUSH(app->arena, names, app->options->vm);
    return true;
}

ExitCode recover_run(App *app, const Verb *verb)
{
    (void) verb;
    Error err = { .code = ERR_NONE };
    StringList names = { 0 };
    const RecoveryRequest request = { .only_name = app->only_name,
                                      .substitutes = app->selectors,
                                      .power = power_request(app->options),
                                      .only_look = app->options->what_if };
    if (!list_names(app, &names, &err))
        return app_fail(app, &err);
    if (names.count == 0)
        output_done(app->output, "Nothing to recover: no change on host '%s' is unfinished\n", app->address.text);
    json_t *rows = json_array();
    (void) json_object_set_new(output_json(app->output), "vms", rows);
    ExitFold fold = { .any_done = false };
    for (size_t i = 0; i < names.count; i++)
        exit_fold_add(&fold, recover_one(app, names.items[i], &request, rows));
    return exit_fold_code(&fold);
}
