/* SPDX-License-Identifier: MIT */
/* The listing verbs: they read, and change nothing. */
#include "commands/verbs.h"

#include "operations/inventory.h"
#include "present/inventory.h"
#include "present/result.h"

/* An unfinished change is said wherever the VM is shown. */
static void warn_about_unfinished(App *app, const UnfinishedChangeList *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const UnfinishedChange *change = &list->items[i];
        if (change->problem != NULL)
            output_warning(app->output, "%s", change->problem);
        else
            output_warning(app->output,
                           "a change of VM '%s' is unfinished: if no HyperPoint is working on it now, run: "
                           "%s -VM \"%s\" -DO recover",
                           change->vm_name, app->call, change->vm_address);
    }
}

void warn_about_unfinished_vm(App *app, const Vm *vm)
{
    UnfinishedChangeList unfinished = inventory_find_unfinished(&app->host, vm, app->arena);
    warn_about_unfinished(app, &unfinished);
}

/* With the way out where there is none. */
static void show_partitionable(App *app, const GpuList *gpus)
{
    output_result(app->output, "\n\n\n");
    present_list(app->output, "Partitionable Gpu Adapters", "gpus", &gpu_shape, gpus);
    if (gpus->count == 0)
        output_notice(app->output, "the host has no partitionable GPU: %s", gpu_none_hint);
}

ExitCode list_partitionable_run(App *app, const Verb *verb)
{
    (void) verb;
    Error err = { .code = ERR_NONE };
    GpuList gpus;
    if (!inventory_read_gpus(&app->host, app->arena, &gpus, &err))
        return app_fail(app, &err);
    show_partitionable(app, &gpus);
    return EXIT_DONE;
}

/* Only where there are any, but in JSON always. */
static void show_detached(App *app, const Vm *vm, const VmInventory *inventory)
{
    if (inventory->detached.count == 0) {
        present_empty(app->output, "detached");
        return;
    }
    output_result(app->output, "\n");
    present_list(app->output, "Detached Gpu Adapters", "detached", &assigned_gpu_shape, &inventory->detached);
    output_notice(app->output, "the GPUs of VM '%s' have been detached since %s: %s", vm->name,
                  inventory->detached_since, report_words(app->host.report, ADVICE_ATTACH, vm->address, app->arena));
    for (size_t i = 0; i < inventory->detached.count; i++) {
        const AssignedGpu *gpu = &inventory->detached.items[i];
        if (assigned_gpu_is_gone(gpu))
            output_warning(app->output, "%s, which was detached from VM '%s', is gone from the host: %s", gpu->name,
                           vm->name, report_words(app->host.report, ADVICE_REPLACE_DETACHED, NULL, app->arena));
    }
}

static ExitCode list_of_vm(App *app, bool with_partitionable)
{
    Error err = { .code = ERR_NONE };
    Vm vm;
    VmInventory inventory;
    if (!app_find_vm(app, &vm, &err))
        return app_fail(app, &err);
    warn_about_unfinished_vm(app, &vm);
    if (!inventory_read_vm(&app->host, &vm, app->arena, &inventory, &err))
        return app_fail(app, &err);
    if (with_partitionable)
        show_partitionable(app, &inventory.gpus);
    output_result(app->output, "\n");
    present_list(app->output, "Assigned Gpu Adapters", "assigned", &assigned_gpu_shape, &inventory.assigned);
    show_detached(app, &vm, &inventory);
    if (inventory.has_direct_assignment)
        output_notice(app->output, "VM '%s' also holds a device by direct assignment (DDA)", vm.name);
    return EXIT_DONE;
}

ExitCode list_gpus_run(App *app, const Verb *verb)
{
    (void) verb;
    return list_of_vm(app, true);
}

ExitCode list_assigned_run(App *app, const Verb *verb)
{
    (void) verb;
    return list_of_vm(app, false);
}

ExitCode list_vms_run(App *app, const Verb *verb)
{
    (void) verb;
    Error err = { .code = ERR_NONE };
    VmSummaryList vms;
    UnfinishedChangeList unfinished;
    if (!inventory_read_vms(&app->host, app->arena, &vms, &unfinished, &err))
        return app_fail(app, &err);
    output_result(app->output, "\n");
    present_list(app->output, "Virtual machines", "vms", &vm_summary_shape, &vms);
    warn_about_unfinished(app, &unfinished);
    return EXIT_DONE;
}
