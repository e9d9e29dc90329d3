/* SPDX-License-Identifier: MIT */
/* -DO get-drivers: packages of the host's GPU drivers, for installdrivers in the guest. Changes nothing on the host. */
#include "commands/drivers.h"

#include "base/ascii.h"
#include "commands/places.h"
#include "commands/print.h"
#include "drivers/gather/pack.h"
#include "platform/fs.h"

#include <inttypes.h>
#include <string.h>

/* ---- which GPUs ---- */

/* Partitions by SR-IOV have no paravirtualized adapter in their path. Unverified: reported of data-centre GPUs. */
static bool is_paravirtualized(const Gpu *gpu)
{
    return ascii_ends_with(gpu->instance_id, "\\GPUPARAV") || ascii_ends_with(gpu->instance_id, "\\PARAV");
}

static void add_gpu(App *app, const Gpu *gpu, DriverGpus *gpus)
{
    for (size_t i = 0; i < gpus->list.count; i++) {
        if (strcmp(gpus->list.items[i].device_id, gpu->device_id) == 0)
            return;
    }
    ManifestGpu entry = { .name = gpu->name != NULL ? gpu->name : "Unknown GPU", .device_id = gpu->device_id };
    ARRAY_PUSH(app->arena, &gpus->list, entry);
    if (gpu_is_accelerator(gpu))
        ARRAY_PUSH(app->arena, &gpus->accelerators, gpu->device_id);
    if (!is_paravirtualized(gpu))
        ARRAY_PUSH(app->arena, &gpus->by_sriov, entry.name);
}

static bool chosen_gpus(App *app, const GpuList *list, DriverGpus *gpus, Error *err)
{
    SelectorList selectors;
    const Gpu **chosen;
    size_t count;
    if (!selectors_parse(&app->options->gpus, app->arena, &selectors, err) ||
        !selectors_resolve(&selectors, list, false, app->arena, &chosen, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        add_gpu(app, chosen[i], gpus);
    return true;
}

static bool assigned_gpus(App *app, const Vm *vm, const GpuList *list, DriverGpus *gpus, Error *err)
{
    GpuPartitionList partitions;
    if (!vm_read_partitions(&app->host, vm, app->arena, &partitions, err))
        return false;
    for (size_t i = 0; i < partitions.count; i++) {
        const Gpu *gpu = gpu_list_find(list, &partitions.items[i]);
        if (gpu != NULL)
            add_gpu(app, gpu, gpus);
        else
            output_warning(app->output, "adapter %s of VM '%s' does not tell its GPU, or its GPU is gone: left out",
                           partitions.items[i].adapter_id, vm->name);
    }
    if (gpus->list.count > 0)
        return true;
    (void) error_set(err, ERR_NOT_FOUND, "VM '%s' has no GPU assigned whose driver could be gathered", vm->name);
    return error_hint(err, "name the GPU: -GPU \"NAME\"; -DO list-gpus-partitionable shows what the host has");
}

bool drivers_choose_gpus(App *app, DriverGpus *ret_gpus, Error *err)
{
    Vm vm = { .host_tells_gpus = true };
    GpuList list;
    DriverGpus gpus = { 0 };
    const Options *options = app->options;
    if (options->vm != NULL) {
        if (!vm_find(&app->host, options->vm, app->arena, &vm, err))
            return false;
        app_tell_vm(app, &vm);
    }
    if (!gpu_list_read(&app->host, vm.host_tells_gpus, app->arena, &list, err))
        return false;
    bool ok =
        options->gpus.count > 0 ? chosen_gpus(app, &list, &gpus, err) : assigned_gpus(app, &vm, &list, &gpus, err);
    if (ok)
        *ret_gpus = gpus;
    return ok;
}

bool drivers_is_accelerator(const DriverGpus *gpus, const char *device_id)
{
    for (size_t i = 0; i < gpus->accelerators.count; i++) {
        if (strcmp(gpus->accelerators.items[i], device_id) == 0)
            return true;
    }
    return false;
}

const char *drivers_folder(const App *app)
{
    return app->options->destination != NULL ? app->options->destination
                                             : places_packages(app->program_folder, app->arena);
}

/* ---- gathering ---- */

static void tell_package(App *app, const Driver *driver, const PackResult *result)
{
    const Manifest *manifest = &result->manifest;
    app_say(app, "Package '%s' (driver %s, %zu files, %s) %s: %s\n", manifest->name, manifest->driver_version,
            manifest->files.count, print_size(app->arena, driver->total_size),
            result->is_unchanged ? "is there already, and nothing has changed" : "made", result->path);
    json_t *json = json_object(), *gpus = json_array(), *folders = json_array();
    (void) json_object_set_new(json, "name", output_json_text(manifest->name));
    (void) json_object_set_new(json, "path", output_json_text(result->path));
    (void) json_object_set_new(json, "unchanged", json_boolean(result->is_unchanged));
    (void) json_object_set_new(json, "provider", output_json_text(manifest->provider));
    (void) json_object_set_new(json, "driverVersion", output_json_text(manifest->driver_version));
    (void) json_object_set_new(json, "driverDate", output_json_text(manifest->driver_date));
    (void) json_object_set_new(json, "files", json_integer((json_int_t) manifest->files.count));
    (void) json_object_set_new(json, "size",
                               output_json_text(arena_printf(app->arena, "%" PRIu64, driver->total_size)));
    for (size_t i = 0; i < manifest->folders.count; i++)
        (void) json_array_append_new(folders, output_json_text(manifest->folders.items[i]));
    (void) json_object_set_new(json, "packageFolders", folders);
    for (size_t i = 0; i < manifest->gpus.count; i++) {
        app_say(app, "  for %s\n", manifest->gpus.items[i].name);
        (void) json_array_append_new(gpus, output_json_text(manifest->gpus.items[i].name));
    }
    (void) json_object_set_new(json, "gpus", gpus);
    (void) json_array_append_new(json_object_get(output_json(app->output), "packages"), json);
}

static void open_log(App *app, const DriverGpus *gpus)
{
    output_open_log(app->output, app->program_folder, app->state_folder, "get-drivers");
    output_log(app->output, "HyperPoint " HYPERPOINT_VERSION ": get-drivers of host '%s' into '%s'", app->address.text,
               drivers_folder(app));
    for (size_t i = 0; i < gpus->list.count; i++)
        output_log(app->output, "GPU %s (%s)", gpus->list.items[i].name, gpus->list.items[i].device_id);
}

static void tell_kinds(App *app, const DriverGpus *gpus)
{
    for (size_t i = 0; i < gpus->list.count; i++) {
        if (drivers_is_accelerator(gpus, gpus->list.items[i].device_id))
            output_notice(app->output, "'%s' is no display adapter: its package makes no GPU work in a guest",
                          gpus->list.items[i].name);
    }
    for (size_t i = 0; i < gpus->by_sriov.count; i++)
        output_notice(app->output,
                      "'%s' is partitioned by SR-IOV: a guest with it takes the vendor's own guest driver, not this "
                      "package",
                      gpus->by_sriov.items[i]);
}

/* GPUs whose drivers cannot be gathered do not spoil the others. */
typedef struct PassedOver {
    App *app;
    const DriverGpus *gpus;
    Error *first;   /* held back: it is the error if nothing is left */
    size_t count;
    bool is_partly; /* a display adapter is among them */
} PassedOver;

static bool pass_over(void *context, const ManifestGpu *gpu, const Error *err)
{
    PassedOver *passed = context;
    if (passed->count++ == 0)
        *passed->first = *err;
    else
        output_warning(passed->app->output, "left out: %s", err->message);
    passed->is_partly = passed->is_partly || !drivers_is_accelerator(passed->gpus, gpu->device_id);
    return true;
}

static ExitCode pack_all(App *app, HostFiles *files, const Drivers *drivers)
{
    Error err = { .code = ERR_NONE };
    PackRequest request = { .files = files,
                            .report = app->host.report,
                            .cancel = app->environment->cancel,
                            .clock = app->environment->clock,
                            .folder = drivers_folder(app),
                            .zip = app->options->zip };
    ExitFold fold = { .any_done = false };
    for (size_t i = 0; i < drivers->count; i++) {
        PackResult result;
        if (!pack_driver(&request, &drivers->items[i], app->arena, &result, &err)) {
            exit_fold_add(&fold, app_fail(app, &err));
            break;
        }
        exit_fold_add(&fold, EXIT_DONE);
        app->changed = app->changed || !result.is_unchanged;
        tell_package(app, &drivers->items[i], &result);
    }
    return exit_fold_code(&fold);
}

static ExitCode gather(App *app, HostFiles *files, const DriverGpus *gpus)
{
    Error err = { .code = ERR_NONE }, first = { .code = ERR_NONE };
    Drivers drivers;
    PassedOver passed = { .app = app, .gpus = gpus, .first = &first };
    Report *report = app->host.report;
    report->progress(report, "looking for the drivers", -1);
    bool found =
        drivers_find(app->host.session, files, &gpus->list, report, pass_over, &passed, app->arena, &drivers, &err);
    report->progress(report, NULL, -1);
    if (!found)
        return app_fail(app, &err);
    if (drivers.count == 0)
        return app_fail(app, &first);
    if (passed.count > 0)
        output_warning(app->output, "left out: %s", first.message);
    tell_kinds(app, gpus);
    (void) json_object_set_new(output_json(app->output), "packages", json_array());
    ExitCode code = pack_all(app, files, &drivers);
    return code == EXIT_DONE && passed.is_partly ? EXIT_PARTLY : code;
}

ExitCode get_drivers_run(App *app, const Verb *verb)
{
    (void) verb;
    Error err = { .code = ERR_NONE };
    DriverGpus gpus;
    HostFiles *files;
    if (!drivers_choose_gpus(app, &gpus, &err) || !cim_connect_files(&app->address, &files, &err))
        return app_fail(app, &err);
    files->cancel = app->environment->cancel;
    open_log(app, &gpus);
    ExitCode code = gather(app, files, &gpus);
    host_files_close(files);
    return code;
}
