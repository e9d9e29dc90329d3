/* SPDX-License-Identifier: MIT */
/* -DO update-drivers: the host's drivers into a running guest. */
#include "commands/ask.h"
#include "commands/places.h"
#include "commands/verbs.h"
#include "operations/bring.h"
#include "platform/fs.h"
#include "present/update.h"

static ExitCode exit_code_of(App *app, const UpdateReport *report, bool ok, const Error *err)
{
    bool is_over = report->ending != ENDING_PLANNED; /* what was only looked at may still become well */
    if (ok)
        return update_waits(report)                ? EXIT_REBOOT
               : is_over && !update_is_well(report) ? EXIT_DIFFERS
               : update_is_partial(report)          ? EXIT_PARTLY
                                                    : EXIT_DONE;
    if (report->ending == ENDING_REFUSED && !report->was_restarted)
        return app_fail(app, err);
    output_error(app->output, err);
    bool any_done = false;
    for (size_t i = 0; i < report->drivers.count; i++)
        any_done |= report->drivers.items[i].outcome == UPDATE_INSTALLED ||
                    report->drivers.items[i].outcome == UPDATE_WAITING;
    return report->ending == ENDING_UNFINISHED ? EXIT_UNFINISHED : any_done ? EXIT_PARTLY : EXIT_PUT_BACK;
}

/* A guest that has all, and whose GPU does not work, is not as it should be. */
static void tell_problem(App *app, const UpdateReport *report)
{
    Error err = { .code = ERR_NONE };
    bool is_over = report->ending == ENDING_DONE || report->ending == ENDING_NOT_NEEDED;
    if (!is_over || update_waits(report) || update_is_well(report))
        return;
    (void) error_set(&err, ERR_STATE, "the GPU of the guest %s", guest_agent_gpu(&report->after, app->arena));
    (void) error_hint(&err, "restart the guest; -DO check-drivers tells more");
    output_error(app->output, &err);
}

/* A guest that runs without the service: by -BRING, or because somebody who is asked wants it. */
static bool wants_bringing(App *app, const UpdateReport *report, const Error *err)
{
    Error declined = { .code = ERR_NONE };
    if (!report->lacks_service || report->was_stopped)
        return false;
    if (app->options->bring || app->options->what_if || !app_can_ask(app))
        return app->options->bring;
    const char *question = arena_printf(app->arena,
                                        "%s. Bring the drivers there, and the program that installs them, to be "
                                        "started by hand?",
                                        err->message);
    return app_ask(app, question, &declined);
}

static bool bring(App *app, const Vm *vm, const UpdateRequest *request, UpdateReport *report, Error *err)
{
    bool was_started = report->was_started;
    const char *program = fs_join(app->arena, app->program_folder, BRING_PROGRAM);
    *err = (Error){ .code = ERR_NONE };
    bool ok = bring_vm(&app->host, vm, request, program, app->arena, report, err);
    report->was_started = was_started;
    return ok;
}

static ExitCode update(App *app, const Vm *vm, UpdateRequest *request)
{
    Error err = { .code = ERR_NONE };
    UpdateReport report;
    bool ok = update_vm(&app->host, vm, request, app->arena, &report, &err);
    if (!ok && wants_bringing(app, &report, &err))
        ok = bring(app, vm, request, &report, &err);
    present_update(app->output, &report);
    app->changed = app->changed || report.ending == ENDING_DONE || report.was_started || report.was_restarted;
    if (ok)
        tell_problem(app, &report);
    if (ok && update_waits(&report))
        output_notice(app->output, "restart the guest; -RESTARTGUEST does so where its administrator allows it");
    return exit_code_of(app, &report, ok, &err);
}

ExitCode update_drivers_run(App *app, const Verb *verb)
{
    (void) verb;
    Error err = { .code = ERR_NONE };
    Vm vm;
    UpdateRequest request = { .selectors = app->selectors,
                              .restart_guest = app->options->restart_guest,
                              .power = power_request(app->options),
                              .may_bring = app->options->bring,
                              .only_look = app->options->what_if };
    if (!app_find_vm(app, &vm, &err) ||
        !cim_connect_files(&app->address, &request.files, &err))
        return app_fail(app, &err);
    request.files->cancel = app->environment->cancel;
    const PackageCache cache = places_cache(&app->address, app->state_folder, app->arena);
    request.cache = cache.here;
    request.host_cache = cache.on_host;
    ExitCode code = update(app, &vm, &request);
    host_files_close(request.files);
    return code;
}
