/* SPDX-License-Identifier: MIT */
/* The guest-side program. */
#include "commands/app.h"

#include "cim/connect.h"
#include "cli/exit_code.h"
#include "cli/output.h"
#include "commands/places.h"
#include "commands/service.h"
#include "json/document.h"
#include "operations/install.h"
#include "operations/installed_gpus.h"
#include "present/install.h"
#include "present/result.h"

/* ---- putting in, taking out ---- */

/* A run over several packages, as it folds. */
typedef struct Folding {
    App *app;
    ExitFold fold;
} Folding;

static ExitCode failure_code(const PackageReport *package)
{
    return package->outcome == PACKAGE_PUT_BACK     ? EXIT_PUT_BACK
           : package->outcome == PACKAGE_UNFINISHED ? EXIT_UNFINISHED
                                                    : exit_code_of_error(&package->why);
}

static void tell_package(void *context, const PackageReport *package)
{
    Folding *folding = context;
    App *app = folding->app;
    present_package(app->output, package);
    if (package->outcome == PACKAGE_LEFT_OUT || package->outcome == PACKAGE_POSTPONED)
        return;
    if (package->why.code != ERR_NONE) {
        output_error(app->output, &package->why);
        exit_fold_add(&folding->fold, failure_code(package));
        return;
    }
    exit_fold_add(&folding->fold, package->outcome == PACKAGE_WAITING ? EXIT_REBOOT : EXIT_DONE);
    if (package->originals_gone > 0 && package->outcome != PACKAGE_PLANNED)
        exit_fold_add(&folding->fold, EXIT_PARTLY);
    app->changed |= package->outcome == PACKAGE_INSTALLED || package->outcome == PACKAGE_UNINSTALLED;
}

static bool restart_gpus(App *app, InstalledGpus *gpus, Error *err)
{
    const RunEnvironment *environment = app->environment;
    Devices *devices = environment->devices != NULL ? environment->devices : devices_system();
    HostAddress address;
    CimSession *session;
    *gpus = (InstalledGpus){ .is_known = false };
    if (!host_address_parse(environment->guest, app->arena, &address, err) ||
        !cim_connect(&address, environment->clock, &session, err))
        return false;
    bool ok = installed_gpus_restart(session, devices, app->job.what_if, app->arena, gpus, err);
    cim_session_close(session);
    return ok;
}

/* Only a guest that runs here can tell; the installation is done, whatever it tells. */
static void tell_gpus(App *app)
{
    Error err = { .code = ERR_NONE };
    InstalledGpus gpus;
    if (app->job.registry == NULL) {
        if (!app->job.what_if)
            present_installed_elsewhere(app->output);
        return;
    }
    bool ok = restart_gpus(app, &gpus, &err);
    present_installed_gpus(app->output, &gpus);
    if (!ok)
        output_warning(app->output, "cannot tell whether the guest's GPU works: %s", err.message);
}

static void tell_what_is_next(App *app, const InstallReport *report)
{
    if (report->waits)
        output_notice(app->output,
                      "some files are in use: restart the guest, then run installdrivers -RECOVER to finish "
                      "(run before the restart, it calls everything off)");
    else if (report->changes)
        tell_gpus(app);
}

static bool choose(const App *app, ChosenPackages *packages, Error *err)
{
    const Options *options = app->options;
    const PackageChoice choice = {
        .folder = options->source != NULL ? options->source : places_packages(app->program_folder, app->arena),
        .names = options->packages,
        .path = options->package
    };
    StringList paths;
    if (packages_find(&choice, output_report(app->output), app->arena, &paths, err))
        return packages_open(&choice, &paths, app->arena, packages, err);
    if (choice.names.count > 0)
        (void) error_prefix(err, "-DRV");
    if (options->source == NULL && err->code == ERR_NOT_FOUND && !error_tells_what_to_do(err))
        (void) error_hint(err, "-SRC names the folder with the packages, -DRVSRC one package");
    return false;
}

static ExitCode install_run(App *app, const Verb *verb)
{
    (void) verb;
    Error err = { .code = ERR_NONE };
    Folding folding = { .app = app };
    ChosenPackages packages;
    InstallReport report;
    if (!choose(app, &packages, &err))
        return app_fail(app, &err);
    packages_install(&app->job, &packages, tell_package, &folding, &report);
    packages_close(&packages);
    tell_what_is_next(app, &report);
    ExitCode code = exit_fold_code(&folding.fold);
    bool is_well = code == EXIT_DONE || code == EXIT_REBOOT;
    if (app->options->service != SERVICE_OFFER || !is_well)
        return code;
    ExitCode service = service_offer(app);
    return service == EXIT_DONE ? code : service;
}

static ExitCode uninstall_run(App *app, const Verb *verb)
{
    (void) verb;
    Error err = { .code = ERR_NONE };
    Folding folding = { .app = app };
    StringList names = package_names(&app->options->packages, app->arena);
    InstallReport report;
    if (!packages_uninstall(&app->job, &names, tell_package, &folding, &report, &err)) {
        output_error(app->output, &err);
        return report.unfinished ? EXIT_UNFINISHED : exit_code_of_error(&err);
    }
    if (report.packages == 0)
        output_done(app->output, "No package is installed\n");
    if (report.waits)
        tell_what_is_next(app, &report);
    return exit_fold_code(&folding.fold);
}

/* ---- looking, and ending what was interrupted ---- */

static ExitCode verify_run(App *app, const Verb *verb)
{
    (void) verb;
    Error err = { .code = ERR_NONE };
    StringList names = package_names(&app->options->packages, app->arena);
    PackageChecks checks;
    size_t faults = 0;
    if (!packages_verify(&app->job, &names, &checks, &err))
        return app_fail(app, &err);
    for (size_t i = 0; i < checks.count; i++) {
        present_package_check(app->output, &checks.items[i]);
        faults += checks.items[i].faults.count;
    }
    if (faults == 0)
        return EXIT_DONE;
    (void) error_set(&err, ERR_STATE, "not everything is as it was installed");
    (void) error_hint(&err, "install the package again");
    output_error(app->output, &err);
    return EXIT_DIFFERS;
}

static ExitCode recover_guest_run(App *app, const Verb *verb)
{
    (void) verb;
    Error err = { .code = ERR_NONE };
    InstallRecovery recovery;
    if (!packages_recover(&app->job, &recovery, &err)) {
        output_error(app->output, &err);
        return recovery.unfinished ? EXIT_UNFINISHED : exit_code_of_error(&err);
    }
    app->changed = recovery.outcome != INSTALL_RECOVERY_NOTHING && !app->job.what_if;
    present_install_recovery(app->output, &recovery);
    if (recovery.outcome == INSTALL_RECOVERY_FINISHED)
        tell_gpus(app);
    return EXIT_DONE;
}

/* ---- a run ---- */

static bool only_looks(const Options *options)
{
    return options->what_if || options->verify || options->service == SERVICE_STATUS_OF;
}

static bool set_up(App *app, Error *err)
{
    const RunEnvironment *environment = app->environment;
    const Options *options = app->options;
    app->job = (InstallJob){ .root = options->root,
                             .state_folder = environment->state_folder,
                             .force = options->force,
                             .replace_newer = options->replace_newer,
                             .what_if = options->what_if,
                             .holders = environment->holders,
                             .registry = environment->registry,
                             .cancel = environment->cancel,
                             .clock = environment->clock,
                             .report = output_report(app->output),
                             .arena = app->arena };
    if (!places_find_program(environment->program_folder, app->arena, &app->program_folder, err) ||
        !install_job_prepare(&app->job, only_looks(options), err))
        return false;
    app->state_folder = app->job.state_folder;
    json_put(output_json(app->output), "root", json_text(app->job.root));
    if (options->service < 0 || options->service == SERVICE_OFFER)
        present_empty(app->output, "packages");
    return true;
}

static void tear_down(App *app)
{
    (void) app;
}

static void log_request(App *app, const char *subject)
{
    output_log(app->output, "installdrivers " HYPERPOINT_VERSION " in '%s'", subject);
}

/* Called by parameters of their own, but for the first one. */
static const Verb install_verbs[] = {
    { .name = "install", .flags = INSTALL_VERB_PUTS | INSTALL_VERB_NAMES | INSTALL_VERB_WORKS | INSTALL_VERB_ASKS,
      .run = install_run },
    { .name = "VERIFY", .flags = INSTALL_VERB_NAMES | INSTALL_VERB_WORKS, .run = verify_run },
    { .name = "UNINSTALL", .flags = INSTALL_VERB_NAMES | INSTALL_VERB_WORKS, .run = uninstall_run },
    { .name = "RECOVER", .flags = INSTALL_VERB_WORKS, .run = recover_guest_run },
    { .name = "SERVICE", .flags = INSTALL_VERB_ASKS, .run = service_verb_run },
};

static bool find_verb(const App *app, const Verb **ret_verb, Error *err)
{
    const Options *options = app->options;
    const bool given[COUNT_OF(install_verbs)] = { false, options->verify, options->uninstall, options->recover,
                                                  options->service >= 0 && options->service != SERVICE_OFFER };
    const Verb *found = NULL;
    for (size_t i = 0; i < COUNT_OF(given); i++) {
        if (given[i] && found != NULL)
            return error_set(err, ERR_USAGE, "-%s and -%s cannot go together", found->name, install_verbs[i].name);
        found = given[i] ? &install_verbs[i] : found;
    }
    *ret_verb = found != NULL ? found : &install_verbs[0];
    return true;
}

static bool check_options(App *app, Error *err)
{
    const Options *options = app->options;
    if (options->yes && options->service != SERVICE_INSTALL && options->service != SERVICE_OFFER)
        return error_set(err, ERR_USAGE, "-YES has a meaning for -SERVICE install and offer alone");
    if (options->service == SERVICE_OFFER && (options->verify || options->uninstall || options->recover))
        return error_set(err, ERR_USAGE, "-SERVICE offer goes with an installation of packages");
    if (options->package != NULL && (options->source != NULL || options->packages.count > 0))
        return error_set(err, ERR_USAGE, "-DRVSRC names the package; -SRC and -DRV do not go with it");
    return true;
}

static const char *const examples[] = {
    "installdrivers",
    "installdrivers -SRC \"D:\\MyDriverRepo\" -DRV \"NVIDIA_20240814.zip\"",
    "installdrivers -DRVSRC \"D:\\MyDriverRepo\\NVIDIA_20240814.zip\" -WHATIF",
    "installdrivers -VERIFY",
    "installdrivers -SERVICE install",
    NULL,
};

static const char *const exit_codes[] = {
    "5 failed, a journal stands: run -RECOVER; 7 done when Windows starts the next time;",
    "8 -VERIFY found something missing or changed",
    NULL,
};

int run_installdrivers(const RunEnvironment *environment, size_t argc, const char *const *argv)
{
    const Program program = { .name = "installdrivers",
                              .title = "installdrivers",
                              .verb_prefix = "-",
                              .log_name = "installdrivers",
                              .params = installdrivers_params,
                              .param_count = installdrivers_param_count,
                              .verbs = install_verbs,
                              .verb_count = COUNT_OF(install_verbs),
                              .find_verb = find_verb,
                              .check_options = check_options,
                              .set_up = set_up,
                              .tear_down = tear_down,
                              .log_request = log_request,
                              .summary = "installs the host's GPU drivers in a Hyper-V guest",
                              .usage = "installdrivers [-SRC FOLDER] [-DRV NAME,...] [-DRVSRC PATH] [parameters]",
                              .examples = examples,
                              .exit_codes = exit_codes };
    return program_run(&program, environment, argc, argv);
}
