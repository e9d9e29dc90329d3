/* SPDX-License-Identifier: MIT */
/* -DO check-drivers: whether packages, and a guest, have the drivers that are active on the host now. */
#include "commands/driver_choice.h"
#include "commands/places.h"
#include "commands/verbs.h"
#include "drivers/install/install.h"
#include "operations/compare.h"
#include "operations/found_drivers.h"
#include "present/advice.h"
#include "present/drivers.h"
#include "present/result.h"

#include <string.h>

/* What is compared, and what has to be closed. */
typedef struct Check {
    DriverGpuList gpus;
    Comparison comparison;
    FoundDrivers in_packages, on_disk;
    Tree *disk;
    GuestView guest;
    CimSession *session; /* of the guest */
    Vm vm;               /* name NULL: none was named */
    HostFiles *files;
    Error unfinished;   /* what installdrivers began in the guest has to be ended first */
    StringList lacks;   /* what was told of the host's own drivers */
} Check;

/* ---- what is compared ---- */

static bool open_packages(App *app, Check *check, Error *err)
{
    if (!found_in_packages(driver_choice_folder(app), app->host.report, app->arena, &check->in_packages, err))
        return error_hint(err, "-DO get-drivers makes packages there; -DEST names another folder");
    check->comparison.packages = &check->in_packages;
    return true;
}

static bool open_disk(App *app, Check *check, Error *err)
{
    const char *root = app->options->root;
    if (!target_open_tree(root, &check->disk, err))
        return error_prefix(err, "-ROOT");
    check->comparison.disk = check->disk;
    check->comparison.on_disk = &check->on_disk;
    const InstallJob looking = { .report = app->host.report, .arena = app->arena };
    if (!install_is_finished(&looking, check->disk, &check->unfinished) && check->unfinished.code != ERR_STATE) {
        *err = check->unfinished;
        return error_prefix(err, "-ROOT");
    }
    return found_on_disk(root, check->disk, app->host.report, app->arena, &check->on_disk, err);
}

static bool open_guest(App *app, Check *check, Error *err)
{
    HostAddress address;
    if (!host_address_parse(app->options->guest, app->arena, &address, err) ||
        !app->environment->connect(&address, app->environment->clock, &check->session, err))
        return error_prefix(err, "-GUEST");
    check->session->trace = app->host.session->trace;
    check->session->cancel.parent = app->environment->cancel;
    check->comparison.guest = &check->guest;
    if (!guest_view_open(check->session, address.text, app->arena, &check->guest, err))
        return false;
    if (check->guest.has_journal) {
        (void) error_set(&check->unfinished, ERR_STATE, "an installation in the guest is not finished");
        (void) error_hint(&check->unfinished, "restart the guest, and run installdrivers -RECOVER in it");
    }
    return true;
}

/* The VM runs: its service may tell. What keeps it from that is told, and the packages are compared all the same. */
static bool ask_service(App *app, Check *check, Error *err)
{
    VmStatus status;
    Error silence = { .code = ERR_NONE };
    StringList folders = { 0 };
    ARRAY_PUSH(app->arena, &folders, places_cache(&app->address, app->state_folder, app->arena).here);
    ARRAY_PUSH(app->arena, &folders, driver_choice_folder(app));
    if (!vm_read_status(&app->host, &check->vm, &status, err))
        return false;
    if (status.state != VM_STATE_RUNNING ||
        guest_told_read(&app->host, &check->vm, &folders, app->arena, &check->comparison.told, &silence))
        return true;
    if (silence.code == ERR_CANCELLED) {
        *err = silence;
        return false;
    }
    const char *hint = output_hint(app->output, &silence, app->arena);
    output_notice(app->output, "what the guest has is not known: %s%s%s", silence.message, *hint != '\0' ? "; " : "",
                  hint);
    return true;
}

static bool open_host_files(App *app, Check *check, Error *err)
{
    if (cim_connect_files(&app->address, &check->files, err)) {
        check->files->cancel = app->environment->cancel;
        check->comparison.files = check->files;
        return true;
    }
    check->files = NULL;
    if (err->code != ERR_UNSUPPORTED)
        return false;
    *err = (Error){ .code = ERR_NONE }; /* manifests have to tell */
    return true;
}

static bool look_around(App *app, Check *check, Error *err)
{
    const Options *options = app->options;
    bool names_guest = options->root != NULL || options->guest != NULL;
    if (!driver_choice_gpus(app, &check->gpus, &check->vm, err) ||
        (check->vm.name != NULL && !names_guest && !ask_service(app, check, err)))
        return false;
    bool has_packages = options->destination != NULL || (!names_guest && check->comparison.told == NULL);
    return (!has_packages || open_packages(app, check, err)) &&
           (options->root == NULL || open_disk(app, check, err)) &&
           (options->guest == NULL || open_guest(app, check, err)) && open_host_files(app, check, err);
}

/* ---- what came out ---- */

/* Several GPUs often have one driver. */
static void tell_lacks(App *app, Check *check, const ComparedDriver *driver)
{
    for (size_t i = 0; i < driver->lacks.count; i++) {
        bool is_told = false;
        for (size_t j = 0; j < check->lacks.count; j++)
            is_told = is_told || strcmp(check->lacks.items[j], driver->lacks.items[i]) == 0;
        if (is_told)
            continue;
        ARRAY_PUSH(app->arena, &check->lacks, driver->lacks.items[i]);
        output_warning(app->output, "%s", driver->lacks.items[i]);
    }
}

static void tell_driver(App *app, Check *check, const ComparedDriver *driver)
{
    const DriverPlace *places[] = { driver->package, driver->guest };
    tell_lacks(app, check, driver);
    if (driver->unread != NULL)
        output_warning(app->output, "%s: the host's own files cannot be read: %s", driver->gpu, driver->unread);
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        if (places[i] != NULL && places[i]->state == DRIVER_UNPROVEN)
            output_warning(app->output,
                           "%s: a folder of the right name is there, but the host's files cannot be read from here, "
                           "and there is no manifest: what is in it was not compared",
                           driver->gpu);
    }
    present_item(app->output, "drivers", &compared_driver_shape, driver);
}

/* Of several GPUs, one without a driver to compare with does not spoil the others. */
static bool compare_all(App *app, Check *check, ComparedDrivers *ret_drivers, Error *err)
{
    ComparedDrivers drivers = { 0 };
    size_t left_out = 0;
    present_empty(app->output, "drivers");
    for (size_t i = 0; i < check->gpus.count; i++) {
        ComparedDriver driver;
        if (!compare_driver(&check->comparison, &check->gpus.items[i], app->arena, &driver, err))
            return false;
        ARRAY_PUSH(app->arena, &drivers, driver);
        if (driver.left_out == NULL) {
            tell_driver(app, check, &driver);
            continue;
        }
        present_item(app->output, "drivers", &left_out_driver_shape, &driver);
        if (++left_out == check->gpus.count) {
            *err = *driver.left_out;
            return false;
        }
        output_warning(app->output, "left out: %s", driver.left_out->message);
    }
    *ret_drivers = drivers;
    return true;
}

static void tell_builds(App *app, const GuestBuilds *builds)
{
    for (size_t i = 0; builds != NULL && i < builds->problems.count; i++) {
        const KnownBuild *known = builds->problems.items[i];
        output_notice(app->output, "Windows of these builds: %s; %s (%s)", known->symptom, known->advice,
                      known->source);
    }
}

static GuestFindings findings_of(const GuestReport *guest, const CompareOutcome *outcome)
{
    GuestFindings findings = { .is_unrecorded = guest->packages.count == 0 };
    findings.vm = guest->vm == NULL                    ? GUEST_VM_UNKNOWN
                  : guest->vm->obstacles.count == 0 ? GUEST_VM_FITS
                                                       : GUEST_VM_HINDERS;
    findings.drivers = outcome->guest >= COMPARE_FILES_DIFFER                                 ? GUEST_DRIVERS_DIFFER
                       : outcome->is_any_compared && outcome->guest != COMPARE_UNPROVEN ? GUEST_DRIVERS_CURRENT
                                                                                              : GUEST_DRIVERS_UNPROVEN;
    return findings;
}

/* Two GPUs often have one problem. */
static bool is_told(const GuestGpus *gpus, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (gpus->items[i].problem == gpus->items[index].problem)
            return true;
    }
    return false;
}

static void tell_advice(App *app, const GuestReport *guest, const CompareOutcome *outcome)
{
    static const VmObstacles none = { .count = 0 };
    const VmObstacles *obstacles = guest->vm != NULL ? &guest->vm->obstacles : &none;
    const GuestFindings findings = findings_of(guest, outcome);
    for (size_t i = 0; i < guest->gpus.count; i++) {
        const GuestGpu *gpu = &guest->gpus.items[i];
        StringList advice = advice_guest_gpu(gpu, &findings, obstacles, app->call, app->arena);
        for (size_t j = 0; !is_told(&guest->gpus, i) && j < advice.count; j++)
            output_warning(app->output, "a GPU of the guest %s: %s", guest_gpu_state(gpu, app->arena),
                           advice.items[j]);
    }
}

/* A VM that has a GPU assigned has a guest that shows one. */
static bool lacks_gpu(const GuestReport *guest)
{
    return guest->gpus.count == 0 && guest->vm != NULL && guest->vm->partitions > 0;
}

static void tell_guest(App *app, const GuestReport *guest, const CompareOutcome *outcome)
{
    if (guest->vm_problem != NULL)
        output_warning(app->output, "%s", guest->vm_problem);
    present_text(app->output, &guest_report_shape, guest);
    present_member(app->output, "guest", &guest_report_shape, guest);
    tell_builds(app, guest->builds);
    tell_advice(app, guest, outcome);
    const char *advice = advice_no_guest_gpu(guest->vm, guest->agent != NULL, app->call, app->arena);
    if (lacks_gpu(guest))
        output_warning(app->output, "%s", advice);
    else if (guest->gpus.count == 0)
        output_notice(app->output, "%s", advice);
}

static const char *gpu_problem(const GuestReport *guest)
{
    bool is_known = true;
    for (size_t i = 0; i < guest->gpus.count; i++)
        is_known = is_known && guest->gpus.items[i].problem != GUEST_GPU_UNKNOWN;
    return lacks_gpu(guest)                                           ? "the guest shows no GPU"
           : guest->gpus.count == 0 || guest_gpus_work(&guest->gpus) ? NULL
           : is_known                                                 ? "not every GPU of the guest works"
                                                                      : "not every GPU of the guest is known to work";
}

/* What is wrong with its GPUs, or NULL. */
static const char *check_guest(App *app, const Check *check, const CompareOutcome *outcome)
{
    const Comparison *comparison = &check->comparison;
    if (comparison->guest == NULL && comparison->told == NULL)
        return NULL;
    GuestReport guest = comparison->told != NULL
                            ? guest_told_report(comparison->told, &app->host, app->arena)
                            : guest_view_report(&check->guest, &app->host, app->options->vm, app->arena);
    tell_guest(app, &guest, outcome);
    return gpu_problem(&guest);
}

/* How the program is called for the same VM or GPUs. */
static const char *call_for_drivers(const App *app)
{
    const Options *options = app->options;
    const char *call = app->call;
    if (options->vm != NULL)
        call = arena_printf(app->arena, "%s -VM \"%s\"", call, options->vm);
    for (size_t i = 0; i < options->gpus.count; i++)
        call = arena_printf(app->arena, "%s -GPU \"%s\"", call, options->gpus.items[i]);
    if (options->destination != NULL)
        call = arena_printf(app->arena, "%s -DEST \"%s\"", call, options->destination);
    return call;
}

static ExitCode tell_difference(App *app, const CompareOutcome *outcome, const char *gpu_problem)
{
    static const char *const words[] = {
        [COMPARE_UNPROVEN] = "not everything could be compared with the host's active driver",
        [COMPARE_LEFT_OUT] = "installdrivers would leave out the package with the host's active driver",
        [COMPARE_FILES_DIFFER] = "not everything has all files of the host's active driver",
        [COMPARE_DRIVERS_DIFFER] = "not everything has the host's active driver",
    };
    Error err = { .code = ERR_NONE };
    const char *advice = advice_drivers(outcome, call_for_drivers(app), app->arena);
    (void) error_set(&err, ERR_STATE, "%s", outcome->verdict != COMPARE_ALIKE ? words[outcome->verdict] : gpu_problem);
    if (advice != NULL)
        (void) error_hint(&err, "%s", advice);
    output_error(app->output, &err);
    return EXIT_DIFFERS;
}

static ExitCode compare(App *app, Check *check)
{
    Error err = { .code = ERR_NONE };
    ComparedDrivers drivers;
    if (!compare_all(app, check, &drivers, &err))
        return app_fail(app, &err);
    CompareOutcome outcome = compare_outcome(&drivers);
    outcome.has_service = check->comparison.told != NULL && check->comparison.told->agent.report.update;
    const char *problem = check_guest(app, check, &outcome);
    if (check->unfinished.code != ERR_NONE) {
        output_error(app->output, &check->unfinished); /* before that nothing else helps */
        return EXIT_DIFFERS;
    }
    if (outcome.verdict != COMPARE_ALIKE || problem != NULL)
        return tell_difference(app, &outcome, problem);
    return check->gpus.gone > 0 || outcome.is_partial ? EXIT_PARTLY : EXIT_DONE;
}

ExitCode check_drivers_run(App *app, const Verb *verb)
{
    (void) verb;
    Error err = { .code = ERR_NONE };
    Check check = { .comparison = { .host = &app->host } };
    ExitCode code = look_around(app, &check, &err) ? compare(app, &check) : app_fail(app, &err);
    cim_session_close(check.session);
    tree_close(check.disk);
    host_files_close(check.files);
    return code;
}
