/* SPDX-License-Identifier: MIT */
/* VMs that are on: -STOP and what goes with it, and the verb that starts one. */
#include "commands/verbs.h"
#include "present/advice.h"
#include "present/power.h"

PowerRequest power_request(const Options *options)
{
    return (PowerRequest){ .stop = options->stop,
                           .turn_off = options->turn_off,
                           .discard_saved = options->discard_saved,
                           .start = options->start,
                           .timeout_s = (int64_t) options->timeout };
}

static void tell_start_failure(App *app, const char *vm_address, const StartFailure *failure)
{
    Error told = failure->error;
    const char *advice = advice_start_failure(failure, vm_address, app->call, app->arena);
    if (advice != NULL)
        (void) error_hint(&told, "%s", advice);
    output_error(app->output, &told);
}

ExitCode tell_power(App *app, const char *vm_name, const char *vm_address, const PowerReport *report, ExitCode code)
{
    if (!report->stops || app->options->what_if)
        return code;
    present_power(app->output, vm_name, report);
    app->changed = app->changed || report->ending != POWER_AS_IT_WAS;
    if (report->ending == POWER_NOT_STARTED)
        tell_start_failure(app, vm_address, &report->failure);
    if (code == EXIT_UNFINISHED)
        return code;
    /* The VM is left in another state than it was, and than it shall be. */
    if (report->ending == POWER_NOT_STARTED || report->ending == POWER_GOING_DOWN ||
        (report->ending == POWER_OFF && code != EXIT_DONE))
        return EXIT_PARTLY;
    return report->ending == POWER_STARTED && code != EXIT_DONE ? EXIT_PUT_BACK : code;
}

ExitCode start_run(App *app, const Verb *verb)
{
    (void) verb;
    Error err = { .code = ERR_NONE };
    Vm vm;
    PowerReport report;
    if (!app_find_vm(app, &vm, &err))
        return app_fail(app, &err);
    if (start_vm(&app->host, &vm, app->options->what_if, app->arena, &report, &err)) {
        present_start(app->output, vm.name, &report);
        app->changed = report.ending == POWER_STARTED;
        return EXIT_DONE;
    }
    if (report.ending != POWER_NOT_STARTED) {
        ExitCode code = app_fail(app, &err);
        return report.is_unfinished ? EXIT_UNFINISHED : code;
    }
    present_start(app->output, vm.name, &report);
    tell_start_failure(app, vm.address, &report.failure);
    return EXIT_REFUSED;
}
