/* SPDX-License-Identifier: MIT */
/* The changing verbs. */
#include "operations/change.h"

#include "commands/verbs.h"
#include "present/change.h"

#define MB (UINT64_C(1024) * 1024)

/* ---- the request ---- */

static PlanRequest make_request(const App *app, const Verb *verb)
{
    static const CheckpointType types[] = { CHECKPOINTS_PRODUCTION, CHECKPOINTS_STANDARD };
    const Options *options = app->options;
    PlanRequest request = { .verb = options->forget ? PLAN_FORGET : verb->plan,
                            .verb_name = verb->name,
                            .config_folder = app->program_folder,
                            .low_mmio_mb = options->low_mmio / MB,
                            .high_mmio_mb = options->high_mmio / MB,
                            .checkpoint_name = options->checkpoint_name,
                            .fix_memory = options->fix_memory,
                            .restore = verb->plan == PLAN_RESTORE ? options->checkpoint : NULL,
                            .discards = options->discard,
                            .selectors = app->selectors,
                            .power = power_request(options) };
    if (options->checkpoint_type >= 0)
        request.checkpoint_type = types[options->checkpoint_type];
    return request;
}

/* ---- the result ---- */

static ExitCode tell_failure(App *app, const ChangeReport *report, const Error *err)
{
    if (report->ending == ENDING_REFUSED)
        return app_fail(app, err);
    output_error(app->output, err);
    if (report->ending == ENDING_UNFINISHED)
        return EXIT_UNFINISHED;
    output_notice(app->output, report->record.before.count > 0
                                   ? "everything is as it was: the VM has its GPUs and its settings"
                                   : "everything is as it was, the settings of the VM, too");
    return EXIT_PUT_BACK;
}

static ExitCode tell_success(App *app, const Vm *vm, const ChangeReport *report)
{
    const ChangeRecord *record = &report->record;
    if (report->ending == ENDING_PLANNED) {
        present_plan(app->output, report);
        return EXIT_DONE;
    }
    present_changes(app->output, report);
    if (report->ending == ENDING_NOT_NEEDED) {
        output_done(app->output, "Nothing to do: the GPUs of VM '%s' are as asked\n", vm->name);
        return EXIT_DONE;
    }
    app->changed = true;
    if (record->attaches && report->put_back.count + report->forgotten.count == 0)
        output_done(app->output, "Nothing to put back: all that was detached from VM '%s' is on it again\n", vm->name);
    if (cancel_is_requested(app->environment->cancel))
        output_notice(app->output, "the interruption came too late to stop anything: all is done");
    if (record->detached != NULL && !record->attaches)
        output_notice(app->output, "the GPUs are remembered: %s",
                      report_words(app->host.report, ADVICE_ATTACH, vm->address, app->arena));
    if (record->takes_checkpoint && record->before.count == 0 && record->after.count == 0)
        output_notice(app->output, "VM '%s' holds no GPU partition", vm->name);
    return EXIT_DONE;
}

/* It is another one each time: nothing would be left to put the GPUs back on. */
static bool check_lasts(const App *app, const PlanRequest *request, Error *err)
{
    const char *file = app->address.sim_file;
    if (request->verb != PLAN_DETACH || file == NULL || *file != '\0')
        return true;
    (void) error_set(err, ERR_UNSUPPORTED, "the simulated host '%s' ends with this command: attach could not put back "
                                           "what detach takes off", app->address.text);
    return error_advise(err, ADVICE_SIMULATE, NULL);
}

ExitCode change_run(App *app, const Verb *verb)
{
    Error err = { .code = ERR_NONE };
    PlanRequest request = make_request(app, verb);
    Vm vm;
    if (!check_lasts(app, &request, &err) || !app_find_vm(app, &vm, &err))
        return app_fail(app, &err);
    ChangeReport report;
    bool ok = change_vm(&app->host, &vm, &request, app->options->what_if, app->arena, &report, &err);
    present_checkpoint(app->output, vm.name, &report.result);
    present_restored(app->output, &report);
    ExitCode code = ok ? tell_success(app, &vm, &report) : tell_failure(app, &report, &err);
    return tell_power(app, vm.name, vm.address, &report.power, code);
}
