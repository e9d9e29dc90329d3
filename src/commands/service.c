/* SPDX-License-Identifier: MIT */
/* installdrivers -SERVICE: consent in the guest to updates by its host, and the service that carries them out. */
#include "commands/service.h"

#include "agent/run.h"
#include "cim/connect.h"
#include "commands/ask.h"
#include "drivers/install/target.h"
#include "exchange/names.h"
#include "platform/process.h"
#include "present/service.h"

static bool look(const Setup *setup, ServiceReport *report, Error *err)
{
    report->is_here = setup->is_here;
    report->program = setup->program;
    return setup_look(setup, &report->state, err);
}

static ExitCode tell(App *app, const Setup *setup, ServiceOutcome outcome)
{
    Error err = { .code = ERR_NONE };
    ServiceReport report = { .outcome = outcome };
    app->changed |= outcome != SERVICE_OUTCOME_LOOKED && outcome != SERVICE_OUTCOME_PLANNED;
    if (!look(setup, &report, &err))
        return app_fail(app, &err);
    present_service(app->output, &report);
    return EXIT_DONE;
}

/* Drivers can be installed there. */
static bool is_guest(const App *app, Error *err)
{
    Tree *tree;
    if (!target_open_tree(app->job.root, &tree, err))
        return false;
    tree_close(tree);
    return true;
}

static ExitCode set_up(App *app, const Setup *setup)
{
    Error err = { .code = ERR_NONE };
    SetupState state;
    AgentSwitches switches = { .update = true };
    if (!setup_look(setup, &state, &err))
        return app_fail(app, &err);
    switches.restart = state.switches.restart; /* that was decided before */
    report_begins(setup->report, "%s", app->job.root);
    if (!setup_install(setup, &switches, &err))
        return app_fail(app, &err);
    return tell(app, setup, SERVICE_OUTCOME_INSTALLED);
}

static ExitCode install(App *app, const Setup *setup)
{
    Error err = { .code = ERR_NONE };
    present_consent(app->output, setup);
    if (app->options->what_if)
        return tell(app, setup, SERVICE_OUTCOME_PLANNED);
    return app_ask(app, "Set it up?", &err) ? set_up(app, setup) : app_fail(app, &err);
}

ExitCode service_offer(App *app)
{
    Error err = { .code = ERR_NONE };
    Setup setup;
    if (!setup_find(app->job.root, app->job.registry, output_report(app->output), app->arena, &setup, &err))
        return app_fail(app, &err);
    if (app_can_ask(app) || app->options->what_if)
        present_consent(app->output, &setup);
    if (app->options->what_if)
        return tell(app, &setup, SERVICE_OUTCOME_PLANNED);
    if (app_ask(app, "Set it up?", &err))
        return set_up(app, &setup);
    output_notice(app->output, "the service is not set up; installdrivers -SERVICE install sets it up at any time");
    return EXIT_DONE;
}

static ExitCode remove_service(App *app, const Setup *setup)
{
    Error err = { .code = ERR_NONE };
    if (app->options->what_if)
        return tell(app, setup, SERVICE_OUTCOME_PLANNED);
    report_begins(setup->report, "%s", app->job.root);
    if (!setup_remove(setup, &err))
        return app_fail(app, &err);
    return tell(app, setup, SERVICE_OUTCOME_REMOVED);
}

/* ---- running ---- */

typedef struct Running {
    App *app;
    AgentGuest guest;
    Cancel cancel;
    RegistryWatch *registry;
    Error err;
} Running;

static bool connect_guest(void *context, CimSession **ret_session, Error *err)
{
    Running *running = context;
    const RunEnvironment *environment = running->app->environment;
    Arena arena = ARENA_INIT;
    HostAddress address;
    if (running->registry == NULL && environment->guest == NULL)
        return error_set(err, ERR_UNSUPPORTED, "a guest that is a folder has no GPU");
    bool ok = host_address_parse(environment->guest, &arena, &address, err) &&
              cim_connect(&address, environment->clock, ret_session, err);
    arena_release(&arena);
    return ok;
}

static bool work_here(void *context)
{
    Running *running = context;
    KeyWatch watch = key_watch(running->registry);
    return agent_run(&running->guest, &watch.watch, &running->err);
}

static void stop_here(void *context)
{
    Running *running = context;
    cancel_request(&running->cancel);
    registry_watch_wake(running->registry);
}

static bool run_here(Running *running, Error *err)
{
    process_trust_system_libraries();
    if (!registry_watch_open(EXCHANGE_KEY_FROM_HOST, &running->registry, err))
        return false;
    bool ok = service_run(AGENT_SERVICE, work_here, stop_here, running, err);
    registry_watch_close(running->registry);
    if (!ok && err->code == ERR_STATE)
        (void) error_hint(err, "-SERVICE install sets it up, and has Windows start it");
    if (ok && running->err.code != ERR_NONE) {
        *err = running->err;
        ok = false;
    }
    return ok;
}

static bool run_in_folder(Running *running, const Setup *setup, Error *err)
{
    FileWatch watch = file_watch(setup->registry_file, &running->guest);
    output_notice(running->app->output, "the guest in '%s' is served; Ctrl-C ends it", running->app->job.root);
    return agent_run(&running->guest, &watch.watch, err);
}

static ExitCode run_service(App *app, const Setup *setup)
{
    Error err = { .code = ERR_NONE };
    const RunEnvironment *environment = app->environment;
    Running running = { .app = app, .cancel = { .parent = environment->cancel }, .err = { .code = ERR_NONE } };
    running.guest = (AgentGuest){ .root = app->job.root,
                                  .data = setup->data,
                                  .locks = app->job.state_folder,
                                  .registry = setup->registry,
                                  .devices = environment->devices != NULL ? environment->devices : devices_system(),
                                  .connect = connect_guest,
                                  .context = &running,
                                  .clock = environment->clock,
                                  .cancel = &running.cancel,
                                  .report = output_report(app->output) };
    bool ok = setup_claim_folders(setup, &err) &&
              (setup->is_here ? run_here(&running, &err) : run_in_folder(&running, setup, &err));
    if (!ok)
        return app_fail(app, &err);
    return setup->is_here ? EXIT_DONE : tell(app, setup, SERVICE_OUTCOME_ENDED); /* Windows' services have no output */
}

ExitCode service_verb_run(App *app, const Verb *verb)
{
    (void) verb;
    Error err = { .code = ERR_NONE };
    Setup setup;
    const int what = app->options->service;
    if (!is_guest(app, &err) ||
        !setup_find(app->job.root, app->job.registry, output_report(app->output), app->arena, &setup, &err))
        return app_fail(app, &err);
    switch (what) {
    case SERVICE_INSTALL:
        return install(app, &setup);
    case SERVICE_REMOVE:
        return remove_service(app, &setup);
    case SERVICE_RUN:
        return run_service(app, &setup);
    default:
        return tell(app, &setup, SERVICE_OUTCOME_LOOKED);
    }
}
