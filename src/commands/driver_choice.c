/* SPDX-License-Identifier: MIT */
#include "commands/driver_choice.h"

#include "commands/places.h"

bool driver_choice_gpus(App *app, DriverGpuList *ret_gpus, Vm *ret_vm, Error *err)
{
    Vm vm = { .name = NULL };
    DriverGpusRequest request = { .host = &app->host, .selectors = app->selectors };
    DriverGpuList gpus;
    if (app->options->vm != NULL) {
        if (!app_find_vm(app, &vm, err))
            return false;
        request.vm = &vm;
    }
    if (!driver_gpus_choose(&request, app->arena, &gpus, err))
        return false;
    if (gpus.count == 0) {
        (void) error_set(err, ERR_NOT_FOUND, "VM '%s' has no GPU assigned whose driver could be gathered", vm.name);
        return error_hint(err, "name the GPU: -GPU \"NAME\"; -DO list-gpus-partitionable shows what the host has");
    }
    *ret_gpus = gpus;
    if (ret_vm != NULL)
        *ret_vm = vm;
    return true;
}

const char *driver_choice_folder(const App *app)
{
    return app->options->destination != NULL ? app->options->destination
                                             : places_packages(app->program_folder, app->arena);
}
