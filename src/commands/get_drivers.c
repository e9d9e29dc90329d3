/* SPDX-License-Identifier: MIT */
/* -DO get-drivers: packages of the host's GPU drivers, for installdrivers in the guest. Changes nothing on the host. */
#include "commands/driver_choice.h"
#include "commands/verbs.h"
#include "operations/gather.h"
#include "present/drivers.h"
#include "present/result.h"

#include <string.h>

static bool is_gathered(const Drivers *drivers, const DriverGpu *gpu)
{
    for (size_t i = 0; i < drivers->count; i++) {
        const ManifestGpus *gpus = &drivers->items[i].manifest.gpus;
        for (size_t k = 0; k < gpus->count; k++) {
            if (strcmp(gpus->items[k].device_id, gpu->device_id) == 0)
                return true;
        }
    }
    return false;
}

/* What a package is good for is no word about one that is not made. */
static void tell_kinds(App *app, const DriverGpuList *gpus, const Drivers *drivers)
{
    for (size_t i = 0; i < gpus->count; i++) {
        if (gpus->items[i].is_accelerator && is_gathered(drivers, &gpus->items[i]))
            output_notice(app->output, "'%s' is no display adapter: its package makes no GPU work in a guest",
                          gpus->items[i].name);
    }
    for (size_t i = 0; i < gpus->count; i++) {
        if (gpus->items[i].is_sriov && is_gathered(drivers, &gpus->items[i]))
            output_notice(app->output,
                          "'%s' is partitioned by SR-IOV: a guest with it takes the vendor's own guest driver, not "
                          "this package",
                          gpus->items[i].name);
    }
}

static ExitCode pack_all(App *app, const GatherRequest *request, const Drivers *drivers)
{
    Error err = { .code = ERR_NONE };
    ExitFold fold = { .any_done = false };
    present_empty(app->output, "packages");
    for (size_t i = 0; i < drivers->count; i++) {
        GatheredPackage package;
        if (app->options->what_if) {
            package = gather_plan(request, &drivers->items[i], app->arena);
            present_item(app->output, "packages", &gathered_package_shape, &package);
            continue;
        }
        if (!gather_pack(request, &drivers->items[i], app->arena, &package, &err)) {
            exit_fold_add(&fold, app_fail(app, &err));
            break;
        }
        exit_fold_add(&fold, EXIT_DONE);
        app->changed = app->changed || !package.is_unchanged;
        present_done_item(app->output, "packages", &gathered_package_shape, &package);
    }
    return exit_fold_code(&fold);
}

static ExitCode gather(App *app, HostFiles *files, const DriverGpuList *gpus)
{
    Error err = { .code = ERR_NONE };
    Gathering gathering;
    const GatherRequest request = { .host = &app->host,
                                    .files = files,
                                    .clock = app->environment->clock,
                                    .folder = driver_choice_folder(app),
                                    .zip = app->options->zip };
    if (!gather_find(&request, gpus, app->arena, &gathering, &err))
        return app_fail(app, &err);
    const LeftOutGpus *left_out = &gathering.left_out;
    bool is_nothing_left = gathering.drivers.count == 0; /* then the first one is the error */
    for (size_t i = is_nothing_left ? 1 : 0; i < left_out->count; i++)
        output_warning(app->output, "left out: %s", left_out->items[i].why.message);
    if (is_nothing_left)
        return app_fail(app, &left_out->items[0].why);
    tell_kinds(app, gpus, &gathering.drivers);
    ExitCode code = pack_all(app, &request, &gathering.drivers);
    return code == EXIT_DONE && (gpus->gone > 0 || gather_is_partial(left_out)) ? EXIT_PARTLY : code;
}

ExitCode get_drivers_run(App *app, const Verb *verb)
{
    (void) verb;
    Error err = { .code = ERR_NONE };
    DriverGpuList gpus;
    HostFiles *files;
    if (!driver_choice_gpus(app, &gpus, NULL, &err) || !cim_connect_files(&app->address, &files, &err))
        return app_fail(app, &err);
    files->cancel = app->environment->cancel;
    ExitCode code = gather(app, files, &gpus);
    host_files_close(files);
    return code;
}
