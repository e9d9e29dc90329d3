/* SPDX-License-Identifier: MIT */
/* Finishes or undoes what an interrupted run left behind. */
#include "commands/print.h"
#include "commands/verbs.h"
#include "hyperv/change.h"
#include "journal/journal.h"
#include "platform/fs.h"

#include <string.h>

/* ---- GPUs that are gone since ---- */

typedef struct Replacements {
    const Gpu **gpus;
    size_t count, used;
} Replacements;

/* Gives adapters whose GPU is gone the GPUs of -GPU, one each; what is left over goes without. */
static void replace_gone(App *app, const GpuList *gpus, Replacements *replacements, GpuPartitionList *list)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        GpuPartition partition = list->items[i];
        bool is_gone = partition.host_resource != NULL && gpu_list_find(gpus, partition.host_resource) == NULL;
        if (is_gone && replacements->used < replacements->count) {
            const Gpu *gpu = replacements->gpus[replacements->used++];
            output_notice(app->output, "%s takes the place of adapter '%s', whose GPU is gone",
                          gpu->name != NULL ? gpu->name : gpu->device_id,
                          partition.adapter_id != NULL ? partition.adapter_id : partition.previous_id);
            partition.host_resource = gpu->path;
        } else if (is_gone) {
            output_warning(app->output, "adapter '%s' does not come back: its GPU is gone and -GPU names no other for it",
                           partition.adapter_id != NULL ? partition.adapter_id : partition.previous_id);
            continue;
        }
        list->items[count++] = partition;
    }
    list->count = count;
}

static bool check_gone(App *app, const GpuList *gpus, const GpuPartitionList *list, const GpuPartitionList *present, Error *err)
{
    for (size_t i = 0; i < list->count; i++) {
        const GpuPartition *partition = &list->items[i];
        const char *id = partition->adapter_id != NULL ? partition->adapter_id : partition->previous_id;
        if (partition->is_gone || partition->host_resource == NULL ||
            gpu_list_find(gpus, partition->host_resource) != NULL || (id != NULL && partition_find(present, id) != NULL))
            continue;
        (void) error_set(err, ERR_STATE, "the GPU of adapter '%s' (%s) is gone from the host", id != NULL ? id : "(new)",
                         print_label(app, partition, gpus));
        return error_hint(err, "plug it in again or reinstall its driver; or add -GPU to name what takes its place");
    }
    return true;
}

static bool settle_gone_gpus(App *app, const Vm *vm, const GpuList *gpus, ChangeRecord *record, Error *err)
{
    if (app->options->gpus.count == 0) {
        GpuPartitionList present;
        return vm_read_partitions(&app->host, vm, app->arena, &present, err) &&
               check_gone(app, gpus, &record->before, &present, err) && check_gone(app, gpus, &record->after, &present, err);
    }
    SelectorList selectors;
    Replacements replacements = { .used = 0 };
    if (!selectors_parse(&app->options->gpus, app->arena, &selectors, err) ||
        !selectors_resolve(&selectors, gpus, false, app->arena, &replacements.gpus, &replacements.count, err))
        return false;
    replace_gone(app, gpus, &replacements, &record->before);
    replacements.used = 0;
    replace_gone(app, gpus, &replacements, &record->after);
    return true;
}

/* ---- one VM ---- */

static void print_record(App *app, const ChangeRecord *record, const GpuList *gpus)
{
    (void) json_object_set_new(output_json(app->output), "journal", record_to_json(record));
    output_result(app->output, "Unfinished on VM '%s': %s, stopped at the step '%s' (nothing is changed)\n", record->vm_name,
                  record->verb, change_step_name(record->step));
    const struct {
        const char *title;
        const GpuPartitionList *list;
    } lists[] = { { "GPUs before", &record->before }, { "GPUs as they shall be", &record->after } };
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        output_result(app->output, "  %s:%s\n", lists[i].title, lists[i].list->count == 0 ? " none" : "");
        for (size_t j = 0; j < lists[i].list->count; j++)
            output_result(app->output, "    %s\n", print_label(app, &lists[i].list->items[j], gpus));
    }
}

static bool recover_record(App *app, const Vm *vm, ChangeRecord *record, Journal *journal, Error *err)
{
    GpuList gpus;
    VmStatus status;
    ChangeResult result;
    /* What the host was last asked for may still be going on. */
    if (!host_settle(&app->host, vm->system_path, err) || !gpu_list_read(&app->host, app->arena, &gpus, err))
        return false;
    if (app->options->what_if) {
        print_record(app, record, &gpus);
        return true;
    }
    if (!vm_read_status(&app->host, vm, &status, err) || !vm_check_idle(vm, &status, err) ||
        !settle_gone_gpus(app, vm, &gpus, record, err) ||
        !change_recover(&app->host, vm, record, journal, app->arena, &result, err))
        return false;

    const GpuPartitionList *now = result.rolled_back ? &record->before : &record->after;
    app_say(app, "The %s of VM '%s' has been %s: it holds %zu GPU partition%s\n", record->verb, vm->name,
            result.rolled_back ? "undone" : "finished", now->count, now->count == 1 ? "" : "s");
    for (size_t i = 0; i < now->count; i++)
        app_say(app, "         %s\n         %s\n", print_label(app, &now->items[i], &gpus), now->items[i].adapter_id);
    if (result.checkpoint_made)
        app_say(app, "The checkpoint%s%s%s is there\n", result.checkpoint_name != NULL ? " '" : "",
                result.checkpoint_name != NULL ? result.checkpoint_name : "", result.checkpoint_name != NULL ? "'" : "");
    return true;
}

/* Exit code and JSON row for one VM. */
static ExitCode recover_vm(App *app, const Vm *vm, json_t *array)
{
    Error err = { .code = ERR_NONE };
    Journal *journal = NULL;
    json_t *json = NULL;
    ChangeRecord record;
    const char *outcome = "nothing";
    ExitCode code = EXIT_DONE;
    if (!journal_open(app->state_folder, app->host.key, vm->guid,
                      arena_printf(app->arena, "recovery of '%s'", vm->name), app->environment->clock, &journal, &err)) {
        (void) error_prefix(&err, "VM '%s'", vm->name);
        return app_fail(app, &err);
    }
    bool ok = journal_read(journal, &json, &err);
    if (ok && json == NULL) {
        app_say(app, "Nothing to recover: no change of VM '%s' is unfinished\n", vm->name);
    } else {
        if (!app->options->what_if)
            output_open_log(app->output, fs_join(app->arena, app->program_folder, "logs"), "recover");
        ok = ok && record_from_json(json, app->arena, &record, &err) && recover_record(app, vm, &record, journal, &err);
        outcome = ok ? "recovered" : "failed";
        if (!ok) {
            if (err.hint[0] == '\0')
                (void) error_hint(&err, "the journal stands; try again when the cause is mended");
            output_error(app->output, &err);
            code = EXIT_UNFINISHED;
        }
    }
    json_t *row = json_object();
    (void) json_object_set_new(row, "name", output_json_text(vm->name));
    (void) json_object_set_new(row, "id", output_json_text(vm->guid));
    (void) json_object_set_new(row, "outcome", json_string(outcome));
    (void) json_array_append_new(array, row);
    json_decref(json);
    journal_close(journal);
    return code;
}

ExitCode recover_run(App *app, const Verb *verb)
{
    (void) verb;
    Error err = { .code = ERR_NONE };
    StringList names = { NULL };
    if (app->options->vm != NULL) {
        ARRAY_PUSH(app->arena, &names, app->options->vm);
    } else {
        StringList ids;
        if (!journal_list(app->state_folder, app->host.key, app->arena, &ids, &err))
            return app_fail(app, &err);
        for (size_t i = 0; i < ids.count; i++)
            ARRAY_PUSH(app->arena, &names, arena_printf(app->arena, "id:%s", ids.items[i]));
        if (names.count == 0)
            app_say(app, "Nothing to recover: no change on host '%s' is unfinished\n", app->address.text);
    }
    json_t *array = json_array();
    (void) json_object_set_new(output_json(app->output), "vms", array);
    ExitCode code = EXIT_DONE;
    for (size_t i = 0; i < names.count; i++) {
        Vm vm;
        ExitCode own;
        if (vm_find(&app->host, names.items[i], app->arena, &vm, &err))
            own = recover_vm(app, &vm, array);
        else
            own = app_fail(app, &err);
        err = (Error){ .code = ERR_NONE };
        if (own != EXIT_DONE)
            code = own;
    }
    return code;
}
