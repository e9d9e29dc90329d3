/* SPDX-License-Identifier: MIT */
/* The guest-side program. */
#include "commands/app.h"

#include "base/ascii.h"
#include "cim/connect.h"
#include "cli/exit_code.h"
#include "cli/output.h"
#include "commands/install_choice.h"
#include "commands/places.h"
#include "drivers/install/install.h"
#include "json/document.h"
#include "platform/process.h"
#include "platform/text.h"
#include "present/advice.h"
#include "present/drivers.h"
#include "present/result.h"

#include <inttypes.h>
#include <string.h>

typedef struct Run {
    App *app;
    const Options *options;
    Output *output;
    Arena *arena;
    InstallJob job;
    json_t *rows; /* "packages" of the JSON result; borrowed */
    ExitFold fold;
    bool would_change; /* -WHATIF */
} Run;

static void say(Run *run, const char *text)
{
    output_done(run->output, "%s\n", text);
}

/* ---- telling ---- */

static size_t count_files(const InstallPlan *plan, PlannedAction action)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->files.count; i++)
        count += plan->files.items[i].action == action;
    return count;
}

static json_t *number_json(uint64_t number)
{
    char text[24];
    (void) snprintf(text, sizeof(text), "%" PRIu64, number);
    return json_string(text);
}

static void tell_files(Run *run, const InstallPlan *plan)
{
    static const char *const words[] = { [PLANNED_WRITE] = "write",
                                         [PLANNED_SAME] = "is there",
                                         [PLANNED_NEWER] = "guest's is newer",
                                         [PLANNED_KEPT] = "not the package's, left alone" };
    for (size_t i = 0; i < plan->files.count; i++) {
        const PlannedFile *file = &plan->files.items[i];
        output_verbose(run->output, "%s: %s", file->target.path, words[file->action]);
        if (file->action == PLANNED_KEPT)
            output_warning(run->output, "'%s' %s, and is left alone", file->target.path, owner_text(file->owner));
    }
    for (size_t i = 0; i < plan->removals.count; i++)
        output_verbose(run->output, "%s: %s", plan->removals.items[i].target.path,
                       plan->removals.items[i].stays                    ? "somebody else's by now, stays"
                       : plan->removals.items[i].original_is_gone       ? "remove; the original is gone"
                       : plan->removals.items[i].ours->original != NULL ? "the original comes back"
                                                                        : "remove");
}

/* An older driver beside them may not work. */
static void tell_newer(Run *run, const InstallPlan *plan, json_t *row)
{
    enum { SHOWN = 10 };
    size_t count = 0;
    const char *named = "";
    json_t *paths = json_array();
    for (size_t i = 0; i < plan->files.count; i++) {
        const PlannedFile *file = &plan->files.items[i];
        if (file->action != PLANNED_NEWER)
            continue;
        if (count++ < SHOWN)
            named = arena_printf(run->arena, "%s%s'%s'", named, *named != '\0' ? ", " : "", file->target.path);
        (void) json_array_append_new(paths, json_text(file->target.path));
    }
    (void) json_object_set_new(row, "newer", paths);
    if (count > SHOWN)
        named = arena_printf(run->arena, "%s and %zu more", named, count - SHOWN);
    if (count > 0)
        output_notice(run->output,
                      "what the guest has of these is newer, and stays: %s; if its driver does not work with them, "
                      "-REPLACENEWER takes the package's",
                      named);
}

static void tell_holders(Run *run, const HolderList *holders, json_t *row)
{
    json_t *array = json_array();
    for (size_t i = 0; i < holders->count; i++) {
        const Holder *holder = &holders->items[i];
        json_t *json = json_object();
        (void) json_object_set_new(json, "path", json_text(holder->path));
        (void) json_object_set_new(json, "program", json_text(holder->program));
        (void) json_object_set_new(json, "process", number_json(holder->process));
        (void) json_object_set_new(json, "service", json_boolean(holder->is_service));
        (void) json_array_append_new(array, json);
        output_warning(run->output, "'%s' is in use by %s%s (process %" PRIu64 ")", holder->path,
                       holder->is_service ? "the service " : "", holder->program, holder->process);
    }
    (void) json_object_set_new(row, "inUse", array);
}

static void fill_row(json_t *row, const InstallResult *result, const char *outcome)
{
    const InstallPlan *plan = &result->plan;
    json_t *replaced = json_array();
    for (size_t i = 0; i < plan->replaced.count; i++)
        (void) json_array_append_new(replaced, json_text(plan->replaced.items[i]));
    (void) json_object_set_new(row, "outcome", json_string(outcome));
    (void) json_object_set_new(row, "driverVersion",
                               json_text(plan->manifest != NULL ? plan->manifest->driver_version : NULL));
    (void) json_object_set_new(row, "written", json_integer((json_int_t) plan->files_to_write));
    (void) json_object_set_new(row, "writtenBytes", number_json(plan->bytes_to_write));
    (void) json_object_set_new(row, "alreadyThere", json_integer((json_int_t) count_files(plan, PLANNED_SAME)));
    (void) json_object_set_new(row, "leftNewer", json_integer((json_int_t) count_files(plan, PLANNED_NEWER)));
    (void) json_object_set_new(row, "leftToWindows", json_integer((json_int_t) count_files(plan, PLANNED_KEPT)));
    (void) json_object_set_new(row, "removed", json_integer((json_int_t) plan->files_to_remove));
    (void) json_object_set_new(row, "registryValues", json_integer((json_int_t) plan->values.count));
    (void) json_object_set_new(row, "replaced", replaced);
}

/* What has become of it, for scripts and for people. */
static const char *outcome_of(const Run *run, const InstallResult *result, const char *done)
{
    SwapState state = result->state;
    return result->nothing ? "nothing" : run->job.what_if ? "planned" : state == SWAP_WAITING ? "waiting" : done;
}

static void tell_install(Run *run, const PackageSource *source, const InstallResult *result, json_t *row)
{
    const InstallPlan *plan = &result->plan;
    const char *outcome = outcome_of(run, result, "installed");
    fill_row(row, result, outcome);
    tell_files(run, plan);
    tell_newer(run, plan, row);
    if (strcmp(outcome, "nothing") == 0) {
        say(run,
            arena_printf(run->arena, "Package '%s' is installed already, and all its files are right", source->name));
        return;
    }
    say(run, arena_printf(run->arena, "Package '%s' %s: %zu files (%s), %zu were there already", source->name,
                          run->job.what_if                ? "would be installed"
                          : result->state == SWAP_WAITING ? "will be installed when Windows starts the next time"
                                                          : "has been installed",
                          plan->files_to_write, size_text(plan->bytes_to_write, run->arena),
                          count_files(plan, PLANNED_SAME)));
    for (size_t i = 0; i < plan->replaced.count; i++) {
        if (!text_equals(plan->replaced.items[i], source->name))
            say(run, arena_printf(run->arena, "  it replaces '%s'", plan->replaced.items[i]));
    }
    for (size_t i = 0; i < plan->values.count; i++)
        output_verbose(run->output, "%s\\%s: write", plan->values.items[i].key, plan->values.items[i].name);
    if (plan->values_left > 0)
        output_notice(run->output,
                      "%zu registry values of the vendor's are not written, since the guest does not run here; OpenCL "
                      "or Level Zero programs may need them",
                      plan->values_left);
}

static const char *state_outcome(SwapState state)
{
    return state == SWAP_PUT_BACK ? "put-back" : state == SWAP_UNFINISHED ? "unfinished" : "failed";
}

static void fail(Run *run, SwapState state, const Error *err)
{
    output_error(run->output, err);
    exit_fold_add(&run->fold, state == SWAP_PUT_BACK     ? EXIT_PUT_BACK
                              : state == SWAP_UNFINISHED ? EXIT_UNFINISHED
                                                         : exit_code_of_error(err));
}

static json_t *add_row(Run *run, const char *name)
{
    json_t *row = json_object();
    (void) json_object_set_new(row, "name", json_text(name));
    (void) json_array_append_new(run->rows, row);
    return row;
}

/* The user does not want what is left; each thing that was to be done, and was not, is told. */
static bool is_interrupted(Run *run, const char *name, const char *done)
{
    Error err;
    if (!cancel_is_requested(run->app->environment->cancel))
        return false;
    (void) error_set(&err, ERR_CANCELLED, "interrupted: package '%s' was not %s", name, done);
    (void) json_object_set_new(add_row(run, name), "outcome", json_string("interrupted"));
    fail(run, SWAP_UNTOUCHED, &err);
    return true;
}

/* ---- afterwards ---- */

static void count_done(Run *run, const InstallResult *result)
{
    exit_fold_add(&run->fold, result->state == SWAP_WAITING ? EXIT_REBOOT : EXIT_DONE);
    if (result->plan.originals_gone > 0 && !run->job.what_if)
        exit_fold_add(&run->fold, EXIT_PARTLY);
    run->app->changed |= result->state == SWAP_DONE;
}

static bool read_gpus(Run *run, GuestGpus *gpus, Error *err)
{
    HostAddress address;
    CimSession *session;
    if (!host_address_parse(run->app->environment->guest, run->arena, &address, err) ||
        !cim_connect(&address, run->app->environment->clock, &session, err))
        return false;
    bool ok = guest_gpus_read(session, run->arena, gpus, err);
    cim_session_close(session);
    return ok;
}

/* A driver that begins anew finds the new files: what may save a restart of Windows is tried before it is asked for. A
 * GPU that works is left alone. Whether one was restarted, or would be. */
static bool restart_gpus(Run *run, const GuestGpus *gpus)
{
    Devices *devices = run->app->environment->devices != NULL ? run->app->environment->devices : devices_system();
    json_t *restarted = json_array();
    for (size_t i = 0; i < gpus->count; i++) {
        const GuestGpu *gpu = &gpus->items[i];
        Error err = { .code = ERR_NONE };
        if (!guest_gpu_is_restartable(gpu))
            continue;
        const char *what = run->job.what_if ? "would be restarted" : "is restarted";
        say(run, arena_printf(run->arena, "GPU '%s' %s, and %s", gpu->name, guest_gpu_state(gpu, run->arena), what));
        if (!run->job.what_if && !devices->restart(devices, gpu->device_id, &err))
            output_warning(run->output, "%s", err.message);
        else
            (void) json_array_append_new(restarted, json_text(gpu->device_id));
    }
    bool any = json_array_size(restarted) > 0;
    (void) json_object_set_new(output_json(run->output), "restartedGpus", restarted);
    return any;
}

/* Only a guest that runs here can tell; the installation is done, whatever it tells. */
static void tell_gpus(Run *run)
{
    Error err = { .code = ERR_NONE };
    GuestGpus gpus = { 0 };
    uint32_t told = 0; /* two GPUs often have one problem */
    const GuestFindings findings = { .drivers = GUEST_DRIVERS_INSTALLED };
    bool is_read = run->job.registry == NULL || read_gpus(run, &gpus, &err);
    if (is_read && run->job.registry != NULL && restart_gpus(run, &gpus) && !run->job.what_if)
        is_read = read_gpus(run, &gpus, &err);
    if (!is_read) {
        output_warning(run->output, "cannot tell whether the guest's GPU works: %s", err.message);
        return;
    }
    if (run->job.what_if)
        return;
    for (size_t i = 0; i < gpus.count; i++) {
        const GuestGpu *gpu = &gpus.items[i];
        StringList advice = advice_guest_gpu(gpu, &findings, NULL, "hyperpoint", run->arena);
        say(run, arena_printf(run->arena, "GPU '%s' %s", gpu->name, guest_gpu_state(gpu, run->arena)));
        for (size_t j = 0; gpu->problem != told && j < advice.count; j++)
            output_notice(run->output, "%s", advice.items[j]);
        told = gpu->problem;
    }
    if (run->job.registry == NULL)
        output_notice(run->output,
                      "start the VM; if it has no GPU assigned, assign one first: hyperpoint -VM \"my vm\" "
                      "-DO add-auto");
    else if (gpus.count == 0)
        output_notice(run->output,
                      "this guest has no GPU: shut the VM down and assign one, on its host: hyperpoint -VM "
                      "\"my vm\" -DO add-auto");
    if (run->job.registry != NULL)
        present_members(run->output, "gpus", &guest_gpu_shape, &gpus);
}

static void tell_what_is_next(Run *run)
{
    if (run->fold.waits)
        output_notice(run->output,
                      "some files are in use: restart the guest, then run installdrivers -RECOVER to finish "
                      "(run before the restart, it calls everything off)");
    else if (run->app->changed || run->would_change)
        tell_gpus(run);
}

/* ---- the four things to do ---- */

static void install_one(Run *run, const PackageSource *source)
{
    Error err = { .code = ERR_NONE };
    InstallResult result;
    json_t *row = add_row(run, source->name);
    bool ok = install_package(&run->job, source, &result, &err);
    tell_holders(run, &result.holders, row);
    if (ok) {
        count_done(run, &result);
        run->would_change |= run->job.what_if && !result.nothing;
        tell_install(run, source, &result, row);
        return;
    }
    (void) json_object_set_new(row, "outcome", json_string(state_outcome(result.state)));
    (void) error_prefix(&err, "package '%s'", source->name);
    fail(run, result.state, &err);
}

static void install_chosen(Run *run, const ChosenPackage *package)
{
    const char *name = package->source->name;
    if (package->newer_one != NULL)
        output_notice(run->output, "package '%s' is left out: '%s' is for the same GPU, and newer", name,
                      package->newer_one);
    else if (run->fold.waits)
        output_notice(run->output, "package '%s' has to wait until then, too: install it after the restart", name);
    else if (!is_interrupted(run, name, "installed"))
        install_one(run, package->source);
}

static ExitCode install_all(Run *run)
{
    Error err = { .code = ERR_NONE };
    ChosenPackages packages;
    if (!install_choose(run->options, run->app->program_folder, output_report(run->output), run->arena, &packages,
                        &err)) {
        fail(run, SWAP_UNTOUCHED, &err);
        return exit_fold_code(&run->fold);
    }
    for (size_t i = 0; i < packages.count && run->fold.failure != EXIT_UNFINISHED; i++)
        install_chosen(run, &packages.items[i]);
    install_choice_close(&packages);
    tell_what_is_next(run);
    return exit_fold_code(&run->fold);
}

static void uninstall_one(Run *run, const char *name)
{
    Error err = { .code = ERR_NONE };
    InstallResult result;
    json_t *row = add_row(run, name);
    bool ok = install_uninstall(&run->job, name, &result, &err);
    tell_holders(run, &result.holders, row);
    if (!ok) {
        (void) json_object_set_new(row, "outcome", json_string(state_outcome(result.state)));
        fail(run, result.state, &err);
        return;
    }
    count_done(run, &result);
    fill_row(row, &result, outcome_of(run, &result, "uninstalled"));
    tell_files(run, &result.plan);
    say(run, arena_printf(run->arena, "Package '%s' %s: %zu files", name,
                          run->job.what_if               ? "would be removed"
                          : result.state == SWAP_WAITING ? "will be removed when Windows starts the next time"
                                                         : "has been removed",
                          result.plan.files_to_remove));
}

/* As -DRV names them: a package that was installed from a zip is called as without ".zip". */
static StringList installed_names(Run *run)
{
    StringList names = { 0 };
    for (size_t i = 0; i < run->options->packages.count; i++) {
        const char *name = run->options->packages.items[i];
        size_t length = strlen(name);
        bool is_zip = ascii_ends_with(name, ".zip");
        ARRAY_PUSH(run->arena, &names, arena_strndup(run->arena, name, is_zip ? length - 4 : length));
    }
    return names;
}

static ExitCode uninstall_all(Run *run)
{
    Error err = { .code = ERR_NONE };
    StringList names = installed_names(run);
    if (names.count == 0) {
        InstalledPackages packages;
        SwapState state;
        if (!install_list(&run->job, &packages, &state, &err)) {
            fail(run, state, &err);
            return exit_fold_code(&run->fold);
        }
        for (size_t i = 0; i < packages.count; i++)
            ARRAY_PUSH(run->arena, &names, packages.items[i].name);
    }
    if (names.count == 0)
        say(run, "No package is installed");
    for (size_t i = 0; i < names.count && run->fold.failure != EXIT_UNFINISHED; i++) {
        if (run->fold.waits)
            output_notice(run->output, "package '%s' has to wait until then, too: remove it after the restart",
                          names.items[i]);
        else if (!is_interrupted(run, names.items[i], "removed"))
            uninstall_one(run, names.items[i]);
    }
    if (run->fold.waits)
        tell_what_is_next(run);
    return exit_fold_code(&run->fold);
}

static ExitCode recover(Run *run)
{
    static const struct {
        const char *outcome, *text, *found, *planned; /* done, and looked at with -WHATIF */
    } told[] = {
        [SWAP_FOUND_NOTHING] = { "nothing", "", "nothing", "" },
        [SWAP_FOUND_UNFINISHED] = { "undone", "has been undone", "unfinished", "would be undone" },
        [SWAP_FOUND_WAITING] = { "called-off", "has been called off", "waiting", "would be called off" },
        [SWAP_FOUND_PLACED] = { "finished", "is complete", "placed", "would be finished" },
    };
    Error err = { .code = ERR_NONE };
    const char *what;
    SwapFound found;
    if (cancel_is_requested(run->app->environment->cancel)) {
        (void) error_set(&err, ERR_CANCELLED, "interrupted: nothing was recovered");
        output_error(run->output, &err);
        return EXIT_REFUSED;
    }
    if (!install_recover(&run->job, &found, &what, &err)) {
        output_error(run->output, &err);
        return found != SWAP_FOUND_NOTHING ? EXIT_UNFINISHED : exit_code_of_error(&err);
    }
    (void) json_object_set_new(output_json(run->output), "recovered", json_text(what));
    (void) json_object_set_new(output_json(run->output), "outcome",
                               json_string(run->job.what_if ? told[found].found : told[found].outcome));
    const char *text = run->job.what_if ? told[found].planned : told[found].text;
    run->app->changed = found != SWAP_FOUND_NOTHING && !run->job.what_if;
    say(run, found == SWAP_FOUND_NOTHING ? "Nothing to recover: no installation is half done"
                                         : arena_printf(run->arena, "The interrupted %s %s", what, text));
    if (found == SWAP_FOUND_PLACED && !run->job.what_if)
        tell_gpus(run);
    return EXIT_DONE;
}

static void tell_verified(Run *run, const InstalledPackage *package, const InstallProblems *problems)
{
    json_t *row = add_row(run, package->name);
    json_t *array = json_array();
    size_t count = 0;
    for (size_t i = 0; i < problems->count; i++) {
        const InstallProblem *problem = &problems->items[i];
        if (strcmp(problem->package, package->name) != 0)
            continue;
        count++;
        json_t *json = json_object();
        (void) json_object_set_new(json, "path", json_text(problem->path));
        (void) json_object_set_new(json, "problem", json_string(problem->problem));
        (void) json_array_append_new(array, json);
        output_warning(run->output, "'%s' %s", problem->path, problem->problem);
    }
    (void) json_object_set_new(row, "outcome", json_string(count == 0 ? "ok" : "altered"));
    (void) json_object_set_new(row, "driverVersion", json_text(package->driver_version));
    (void) json_object_set_new(row, "problems", array);
    if (count == 0)
        output_result(run->output, "Package '%s' is OK: %zu files\n", package->name, package->files.count);
    else
        output_result(run->output, "Package '%s' is NOT OK: %zu of its files or values are missing or changed\n",
                      package->name, count);
}

static ExitCode verify(Run *run)
{
    Error err = { .code = ERR_NONE };
    InstalledPackages packages;
    InstallProblems problems;
    StringList names = installed_names(run);
    size_t bad = 0;
    for (size_t i = 0; i == 0 || i < names.count; i++) {
        if (!install_verify(&run->job, names.count > 0 ? names.items[i] : NULL, &packages, &problems, &err)) {
            output_error(run->output, &err);
            return exit_code_of_error(&err);
        }
        for (size_t j = 0; j < packages.count; j++)
            tell_verified(run, &packages.items[j], &problems);
        bad += problems.count;
    }
    if (bad == 0)
        return EXIT_DONE;
    (void) error_set(&err, ERR_STATE, "not everything is as it was installed");
    (void) error_hint(&err, "install the package again");
    output_error(run->output, &err);
    return EXIT_DIFFERS;
}

/* ---- a run ---- */

/* The registry is the guest's if this Windows is what is installed in. */
static Registry *guest_registry(const char *root, Arena *arena)
{
    const char *drive, *canonical;
    Error ignored = { .code = ERR_NONE }; /* then it is not, or the next step tells */
    bool is_this = process_windows_drive(arena, &drive, &ignored) &&
                   fs_canonical_path(root, arena, &canonical, &ignored) && text_equals(drive, canonical);
    return is_this ? registry_system() : NULL;
}

/* To change this Windows. */
static bool use_rights(Error *err)
{
    process_use_restore_right();
    if (process_is_administrator())
        return true;
    (void) error_set(err, ERR_STATE, "the drivers of Windows are an administrator's");
    return error_hint(err, "run installdrivers in a PowerShell or cmd that was opened as administrator");
}

static bool set_up(App *app, Error *err)
{
    const RunEnvironment *environment = app->environment;
    const Options *options = app->options;
    InstallJob *job = &app->job;
    *job = (InstallJob){ .root = options->root,
                         .state_folder = environment->state_folder,
                         .force = options->force,
                         .replace_newer = options->replace_newer,
                         .what_if = options->what_if,
                         .holders = environment->holders != NULL ? environment->holders : holders_system(),
                         .registry = environment->registry,
                         .cancel = environment->cancel,
                         .clock = environment->clock,
                         .report = output_report(app->output),
                         .arena = app->arena };
    if (!places_find_program(environment->program_folder, app->arena, &app->program_folder, err) ||
        (job->root == NULL && !process_guest_drive(app->arena, &job->root, err)))
        return false;
    bool only_looks = options->what_if || options->verify;
    if (job->registry == NULL) {
        job->registry = guest_registry(job->root, app->arena);
        if (job->registry != NULL && !only_looks && !use_rights(err))
            return false;
    }
    /* What all who are at this Windows must see is in the machine's folder. */
    if (job->state_folder == NULL && !only_looks &&
        !process_state_folder(job->registry != NULL, app->arena, &job->state_folder, err))
        return false;
    app->state_folder = job->state_folder;
    json_put(output_json(app->output), "root", json_text(job->root));
    json_put(output_json(app->output), "packages", json_array());
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

static ExitCode run_with(App *app, ExitCode (*work)(Run *run))
{
    Run run = { .app = app,
                .options = app->options,
                .output = app->output,
                .arena = app->arena,
                .job = app->job,
                .rows = json_object_get(output_json(app->output), "packages") };
    return work(&run);
}

static ExitCode install_run(App *app, const Verb *verb)
{
    (void) verb;
    return run_with(app, install_all);
}

static ExitCode verify_run(App *app, const Verb *verb)
{
    (void) verb;
    return run_with(app, verify);
}

static ExitCode uninstall_run(App *app, const Verb *verb)
{
    (void) verb;
    return run_with(app, uninstall_all);
}

static ExitCode recover_guest_run(App *app, const Verb *verb)
{
    (void) verb;
    return run_with(app, recover);
}

/* Called by parameters of their own, but for the first one. */
static const Verb install_verbs[] = {
    { .name = "install", .flags = INSTALL_VERB_PUTS | INSTALL_VERB_NAMES, .run = install_run },
    { .name = "VERIFY", .flags = INSTALL_VERB_NAMES, .run = verify_run },
    { .name = "UNINSTALL", .flags = INSTALL_VERB_NAMES, .run = uninstall_run },
    { .name = "RECOVER", .flags = 0, .run = recover_guest_run },
};

static bool find_verb(const App *app, const Verb **ret_verb, Error *err)
{
    const Options *options = app->options;
    const bool given[COUNT_OF(install_verbs)] = { false, options->verify, options->uninstall, options->recover };
    const Verb *found = NULL;
    for (size_t i = 0; i < COUNT_OF(given); i++) {
        if (given[i] && found != NULL)
            return error_set(err, ERR_USAGE, "-%s and -%s cannot go together", found->name, install_verbs[i].name);
        found = given[i] ? &install_verbs[i] : found;
    }
    *ret_verb = found != NULL ? found : &install_verbs[0];
    return true;
}

static bool check_options(const Verb *verb, const Options *options, Error *err)
{
    (void) verb;
    if (options->package != NULL && (options->source != NULL || options->packages.count > 0))
        return error_set(err, ERR_USAGE, "-DRVSRC names the package; -SRC and -DRV do not go with it");
    return true;
}

static const char *const examples[] = {
    "installdrivers",
    "installdrivers -SRC \"D:\\MyDriverRepo\" -DRV \"NVIDIA_20240814.zip\"",
    "installdrivers -DRVSRC \"D:\\MyDriverRepo\\NVIDIA_20240814.zip\" -WHATIF",
    "installdrivers -VERIFY",
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
