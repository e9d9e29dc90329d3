/* SPDX-License-Identifier: MIT */
/* -DO get-drivers: packages of the host's GPU drivers, for installdrivers in the guest. Changes nothing on the host. */
#include "commands/drivers.h"

#include "commands/print.h"
#include "drivers/gather/pack.h"
#include "platform/fs.h"

#include <inttypes.h>
#include <string.h>

/* ---- which GPUs ---- */

static void add_gpu(App *app, const Gpu *gpu, ManifestGpus *gpus)
{
    for (size_t i = 0; i < gpus->count; i++) {
        if (strcmp(gpus->items[i].device_id, gpu->device_id) == 0)
            return;
    }
    ManifestGpu entry = { .name = gpu->name != NULL ? gpu->name : "Unknown GPU", .device_id = gpu->device_id };
    ARRAY_PUSH(app->arena, gpus, entry);
}

static bool chosen_gpus(App *app, const GpuList *list, ManifestGpus *gpus, Error *err)
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

static bool assigned_gpus(App *app, const Vm *vm, const GpuList *list, ManifestGpus *gpus, Error *err)
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
    if (gpus->count > 0)
        return true;
    (void) error_set(err, ERR_NOT_FOUND, "VM '%s' has no GPU assigned whose driver could be gathered", vm->name);
    return error_hint(err, "name the GPU: -GPU \"NAME\"; -DO list-gpus-partitionable shows what the host has");
}

bool drivers_choose_gpus(App *app, ManifestGpus *ret_gpus, Error *err)
{
    Vm vm = { .host_tells_gpus = true };
    GpuList list;
    ManifestGpus gpus = { 0 };
    const Options *options = app->options;
    if (options->vm == NULL && options->gpus.count == 0) {
        (void) error_set(err, ERR_USAGE, "-VM or -GPU is missing: whose driver is it to be?");
        return error_hint(err, "for example: hyperpoint -VM \"my vm\" -DO get-drivers -ZIP");
    }
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

const char *drivers_folder(const App *app)
{
    return app->options->destination != NULL ? app->options->destination
                                             : fs_join(app->arena, app->program_folder, "hostdrivers");
}

/* ---- gathering ---- */

static void tell_package(App *app, const Driver *driver, const Manifest *manifest, const char *path)
{
    app_say(app, "Package '%s' (driver %s, %zu files, %s) made: %s\n", manifest->name, manifest->driver_version,
            manifest->files.count, print_size(app->arena, driver->total_size), path);
    json_t *json = json_object(), *gpus = json_array(), *folders = json_array();
    (void) json_object_set_new(json, "name", output_json_text(manifest->name));
    (void) json_object_set_new(json, "path", output_json_text(path));
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

static void open_log(App *app, const ManifestGpus *gpus)
{
    output_open_log(app->output, fs_join(app->arena, app->program_folder, "logs"), "get-drivers");
    output_log(app->output, "HyperPoint " HYPERPOINT_VERSION ": get-drivers of host '%s' into '%s'", app->address.text,
               drivers_folder(app));
    for (size_t i = 0; i < gpus->count; i++)
        output_log(app->output, "GPU %s (%s)", gpus->items[i].name, gpus->items[i].device_id);
}

static ExitCode gather(App *app, HostFiles *files, const ManifestGpus *gpus)
{
    Error err = { .code = ERR_NONE };
    Drivers drivers;
    Report *report = app->host.report;
    report->progress(report, "looking for the drivers", -1);
    bool found = drivers_find(app->host.session, files, gpus, report, app->arena, &drivers, &err);
    report->progress(report, NULL, -1);
    if (!found)
        return app_fail(app, &err);
    PackRequest request = { .files = files,
                            .report = report,
                            .clock = app->environment->clock,
                            .folder = drivers_folder(app),
                            .zip = app->options->zip };
    (void) json_object_set_new(output_json(app->output), "packages", json_array());
    for (size_t i = 0; i < drivers.count; i++) {
        const char *path;
        Manifest manifest;
        if (!pack_driver(&request, &drivers.items[i], app->arena, &path, &manifest, &err)) {
            ExitCode code = app_fail(app, &err);
            return i == 0 ? code : EXIT_PARTLY;
        }
        app->changed = true;
        tell_package(app, &drivers.items[i], &manifest, path);
    }
    return EXIT_DONE;
}

ExitCode get_drivers_run(App *app, const Verb *verb)
{
    (void) verb;
    Error err = { .code = ERR_NONE };
    ManifestGpus gpus;
    HostFiles *files;
    if (!drivers_choose_gpus(app, &gpus, &err) || !cim_connect_files(&app->address, &files, &err))
        return app_fail(app, &err);
    open_log(app, &gpus);
    ExitCode code = gather(app, files, &gpus);
    host_files_close(files);
    return code;
}
