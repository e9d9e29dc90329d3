/* SPDX-License-Identifier: MIT */
/* The listing verbs: they read, and change nothing. */
#include "commands/print.h"
#include "commands/verbs.h"

#include "base/ascii.h"
#include "base/guid.h"
#include "cim/schema.h"
#include "journal/journal.h"
#include "platform/text.h"

#include <string.h>

/* An unfinished change is said wherever the VM is shown. */
static void warn_about_journal(App *app, const char *guid, const char *name)
{
    Error err = { .code = ERR_NONE };
    json_t *record = NULL;
    if (!journal_peek(app->state_folder, app->host.key, guid, &record, &err))
        output_warning(app->output, "%s", err.message);
    else if (record != NULL)
        output_warning(app->output,
                       "a change of VM '%s' is unfinished: if no HyperPoint is working on it now, run: "
                       "%s -VM \"%s\" -DO recover",
                       name, app->host.program, name);
    json_decref(record);
}

static bool find_vm(App *app, Vm *ret_vm, Error *err)
{
    if (!vm_find(&app->host, app->options->vm, app->arena, ret_vm, err))
        return false;
    app_tell_vm(app, ret_vm);
    warn_about_journal(app, ret_vm->guid, ret_vm->name);
    return true;
}

/* No GPU at all may also mean no rights to see one. */
static bool read_gpus(App *app, GpuList *ret_gpus, Error *err)
{
    bool visible = true;
    /* Without a VM there is no adapter whose GPU would have to be told. */
    if (!gpu_list_read(&app->host, true, app->arena, ret_gpus, err) ||
        (ret_gpus->count == 0 && !host_is_visible(&app->host, app->arena, &visible, NULL, err)))
        return false;
    return visible || host_rights_error(&app->host, err);
}

/* With the way out where there is none. */
static void show_partitionable(App *app, const GpuList *gpus)
{
    print_partitionable(app, gpus);
    if (gpus->count == 0)
        output_notice(app->output, "the host has no partitionable GPU: %s", gpu_none_hint);
}

ExitCode list_partitionable_run(App *app, const Verb *verb)
{
    (void) verb;
    Error err = { .code = ERR_NONE };
    GpuList gpus;
    if (!read_gpus(app, &gpus, &err))
        return app_fail(app, &err);
    show_partitionable(app, &gpus);
    return EXIT_DONE;
}

static ExitCode list_of_vm(App *app, bool with_partitionable)
{
    Error err = { .code = ERR_NONE };
    Vm vm;
    GpuList gpus;
    VmResources resources;
    if (!find_vm(app, &vm, &err) || !vm_read_resources(&app->host, &vm, app->arena, &resources, &err) ||
        !gpu_list_read(&app->host, vm.host_tells_gpus, app->arena, &gpus, &err))
        return app_fail(app, &err);
    if (with_partitionable)
        show_partitionable(app, &gpus);
    print_assigned(app, &resources.partitions, &gpus);
    if (resources.has_direct_assignment)
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

/* ---- VMs ---- */

/* The other rows of Msvm_ComputerSystem are the host's own. */
static bool is_vm(const CimInstance *system)
{
    const char *name = cim_instance_text(system, "Name");
    return name != NULL && guid_is_valid(name);
}

/* The rows that belong to a VM's current configuration; those of checkpoints and templates belong to none. */
static size_t count_adapters(const CimInstanceList *adapters, const char *guid)
{
    size_t count = 0, prefix = strlen("Microsoft:");
    for (size_t i = 0; i < adapters->count; i++) {
        const char *id = cim_instance_text(adapters->items[i], "InstanceID");
        count += id != NULL && ascii_starts_with(id, "Microsoft:") &&
                 ascii_ncasecmp(id + prefix, guid, GUID_TEXT_LENGTH) == 0;
    }
    return count;
}

static size_t count_checkpoints(const CimInstanceList *checkpoints, const char *guid)
{
    size_t count = 0;
    for (size_t i = 0; i < checkpoints->count; i++) {
        const char *owner = cim_instance_text(checkpoints->items[i], "VirtualSystemIdentifier");
        count += owner != NULL && ascii_equals(owner, guid);
    }
    return count;
}

typedef struct VmRows {
    CimInstanceList systems, adapters, checkpoints;
} VmRows;

static bool read_vms(App *app, VmRows *ret_rows, Error *err)
{
    static const char checkpoints_query[] = "SELECT * FROM Msvm_VirtualSystemSettingData "
                                            "WHERE VirtualSystemType LIKE 'Microsoft:Hyper-V:Snapshot:%'";
    bool visible;
    if (!host_is_visible(&app->host, app->arena, &visible, &ret_rows->systems, err))
        return false;
    if (!visible)
        return host_rights_error(&app->host, err);
    return host_select(&app->host, NS_VIRTUALIZATION, "Msvm_GpuPartitionSettingData", NULL, NULL, app->arena,
                       &ret_rows->adapters, err) &&
           cim_session_query(app->host.session, NS_VIRTUALIZATION, checkpoints_query, app->arena,
                             &ret_rows->checkpoints, err);
}

static void print_vm(App *app, const CimInstance *system, const VmRows *rows, json_t *array)
{
    const char *guid = cim_instance_text(system, "Name");
    const char *name = cim_instance_text(system, "ElementName");
    const char *state = vm_state_name((VmState) cim_instance_uint(system, "EnabledState", 0), app->arena);
    size_t gpus = count_adapters(&rows->adapters, guid);
    size_t checkpoints = count_checkpoints(&rows->checkpoints, guid);
    output_result(app->output, "%s\n", name != NULL ? name : "");
    output_result(app->output, "ID          : %s\n", guid);
    output_result(app->output, "State       : %s\n", state);
    output_result(app->output, "GPUs        : %zu\n", gpus);
    output_result(app->output, "Checkpoints : %zu\n\n", checkpoints);
    json_t *json = json_object();
    (void) json_object_set_new(json, "name", output_json_text(name));
    (void) json_object_set_new(json, "id", output_json_text(guid));
    (void) json_object_set_new(json, "state", output_json_text(state));
    (void) json_object_set_new(json, "gpus", json_integer((json_int_t) gpus));
    (void) json_object_set_new(json, "checkpoints", json_integer((json_int_t) checkpoints));
    (void) json_array_append_new(array, json);
}

static void warn_about_journals(App *app, const CimInstanceList *systems)
{
    Error err = { .code = ERR_NONE };
    StringList ids;
    if (!journal_list(app->state_folder, app->host.key, app->arena, &ids, &err)) {
        output_warning(app->output, "%s", err.message);
        return;
    }
    for (size_t i = 0; i < ids.count; i++) {
        const char *name = NULL;
        for (size_t j = 0; j < systems->count && name == NULL; j++) {
            const char *guid = cim_instance_text(systems->items[j], "Name");
            if (guid != NULL && ascii_equals(guid, ids.items[i]))
                name = cim_instance_text(systems->items[j], "ElementName");
        }
        warn_about_journal(app, ids.items[i], name != NULL ? name : arena_printf(app->arena, "id:%s", ids.items[i]));
    }
}

ExitCode list_vms_run(App *app, const Verb *verb)
{
    (void) verb;
    Error err = { .code = ERR_NONE };
    VmRows rows;
    if (!read_vms(app, &rows, &err))
        return app_fail(app, &err);
    size_t count = 0;
    for (size_t i = 0; i < rows.systems.count; i++)
        count += is_vm(rows.systems.items[i]);
    json_t *array = json_array();
    output_result(app->output, "\nVirtual machines (Total:%zu)\n------------------------------------------\n\n", count);
    for (size_t i = 0; i < rows.systems.count; i++) {
        if (is_vm(rows.systems.items[i]))
            print_vm(app, rows.systems.items[i], &rows, array);
    }
    (void) json_object_set_new(output_json(app->output), "vms", array);
    warn_about_journals(app, &rows.systems);
    return EXIT_DONE;
}
