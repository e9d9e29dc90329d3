/* SPDX-License-Identifier: MIT */
/* -DO check-drivers: whether packages, and a guest, have the drivers that are active on the host now. */
#include "commands/driver_choice.h"
#include "commands/verbs.h"
#include "drivers/install/target.h"
#include "operations/compare.h"
#include "operations/found_drivers.h"
#include "present/advice.h"
#include "present/drivers.h"
#include "present/result.h"

/* What is compared, and what has to be closed. */
typedef struct Check {
    DriverGpuList gpus;
    Comparison comparison;
    FoundDrivers in_packages, on_disk;
    Tree *disk;
    GuestView guest;
    CimSession *session; /* of the guest */
    HostFiles *files;
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
    return guest_view_open(check->session, address.text, app->arena, &check->guest, err);
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
    bool has_packages = options->destination != NULL || (options->root == NULL && options->guest == NULL);
    return driver_choice_gpus(app, &check->gpus, err) && (!has_packages || open_packages(app, check, err)) &&
           (options->root == NULL || open_disk(app, check, err)) &&
           (options->guest == NULL || open_guest(app, check, err)) && open_host_files(app, check, err);
}

/* ---- what came out ---- */

static void tell_driver(App *app, const ComparedDriver *driver)
{
    const DriverPlace *places[] = { driver->package, driver->guest };
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
static bool compare_all(App *app, const Check *check, ComparedDrivers *ret_drivers, Error *err)
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
            tell_driver(app, &driver);
        } else if (++left_out < check->gpus.count) {
            output_warning(app->output, "left out: %s", driver.left_out->message);
        } else {
            *err = *driver.left_out;
            return false;
        }
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

static void tell_advice(App *app, const GuestReport *guest, bool is_current)
{
    static const VmObstacles none = { .count = 0 };
    const VmObstacles *obstacles = guest->vm != NULL ? &guest->vm->obstacles : &none;
    const GuestFindings findings = { .vm = guest->vm == NULL       ? GUEST_VM_UNKNOWN
                                           : obstacles->count == 0 ? GUEST_VM_FITS
                                                                   : GUEST_VM_HINDERS,
                                     .drivers = is_current ? GUEST_DRIVERS_CURRENT : GUEST_DRIVERS_DIFFER };
    uint32_t told = 0; /* two GPUs often have one problem */
    for (size_t i = 0; i < guest->gpus.count; i++) {
        const GuestGpu *gpu = &guest->gpus.items[i];
        StringList advice = advice_guest_gpu(gpu, &findings, obstacles, app->call, app->arena);
        for (size_t j = 0; gpu->problem != told && j < advice.count; j++)
            output_warning(app->output, "a GPU of the guest %s: %s", guest_gpu_state(gpu, app->arena),
                           advice.items[j]);
        told = gpu->problem;
    }
}

static void tell_guest(App *app, const GuestReport *guest, bool is_current)
{
    if (guest->vm_problem != NULL)
        output_warning(app->output, "%s", guest->vm_problem);
    present_text(app->output, &guest_report_shape, guest);
    present_member(app->output, "guest", &guest_report_shape, guest);
    tell_builds(app, guest->builds);
    tell_advice(app, guest, is_current);
    if (guest->gpus.count == 0)
        output_notice(app->output, "%s", advice_no_guest_gpu(guest->vm, app->call, app->arena));
}

/* Whether all its GPUs work. */
static bool check_guest(App *app, const Check *check, const ComparedDrivers *drivers)
{
    if (check->comparison.guest == NULL)
        return true;
    GuestReport guest = guest_view_report(&check->guest, &app->host, app->options->vm, app->arena);
    tell_guest(app, &guest, compare_guest_is_current(drivers));
    return guest.gpus.count == 0 || guest_gpus_work(&guest.gpus);
}

static ExitCode compare(App *app, const Check *check)
{
    Error err = { .code = ERR_NONE };
    ComparedDrivers drivers;
    if (!compare_all(app, check, &drivers, &err))
        return app_fail(app, &err);
    bool all_work = check_guest(app, check, &drivers);
    CompareVerdict verdict = compare_verdict(&drivers);
    if (verdict == COMPARE_ALIKE && all_work)
        return check->gpus.gone > 0 || compare_is_partial(&drivers) ? EXIT_PARTLY : EXIT_DONE;
    (void) error_set(&err, ERR_STATE, "%s",
                     verdict == COMPARE_DRIVERS_DIFFER ? "not everything has the host's active driver"
                     : verdict == COMPARE_FILES_DIFFER ? "not everything has all files of the host's active driver"
                                                       : "not every GPU of the guest works");
    if (verdict != COMPARE_ALIKE)
        (void) error_hint(&err,
                          "hyperpoint -DO get-drivers makes a new package; installdrivers installs it in the guest");
    output_error(app->output, &err);
    return EXIT_DIFFERS;
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
