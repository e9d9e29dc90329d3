/* SPDX-License-Identifier: MIT */
/* Finishes or undoes what an interrupted run left behind. */
#include "commands/print.h"
#include "commands/verbs.h"
#include "base/ascii.h"
#include "hyperv/change.h"
#include "journal/journal.h"
#include "platform/text.h"

#include <string.h>

/* ---- GPUs that are gone since ---- */

static const char *any_id(const GpuPartition *partition)
{
    return partition->adapter_id != NULL ? partition->adapter_id : partition->previous_id;
}

/* Gives adapters whose GPU is gone the GPUs of -GPU, one each; what is left over goes without. "tell": say so. */
static void replace_gone(App *app, const GpuList *gpus, const Gpu *const *substitutes, size_t substitute_count,
                         bool tell, GpuPartitionList *list)
{
    size_t count = 0, used = 0;
    for (size_t i = 0; i < list->count; i++) {
        GpuPartition partition = list->items[i];
        bool is_gone = gpu_list_lacks(gpus, &partition);
        if (is_gone && used < substitute_count) {
            const Gpu *gpu = substitutes[used++];
            if (tell)
                output_notice(app->output, "%s takes the place of adapter '%s', whose GPU is gone",
                              gpu->name != NULL ? gpu->name : gpu->device_id, any_id(&partition));
            partition.host_resource = gpu->path;
        } else if (is_gone) {
            if (tell)
                output_warning(app->output,
                               "adapter '%s' does not come back: its GPU is gone and -GPU names no other for it",
                               any_id(&partition));
            continue;
        }
        list->items[count++] = partition;
    }
    list->count = count;
}

static bool check_gone(const GpuList *gpus, const GpuPartitionList *list, const GpuPartitionList *present, Error *err)
{
    for (size_t i = 0; i < list->count; i++) {
        const GpuPartition *partition = &list->items[i];
        const char *id = any_id(partition);
        if (partition->is_gone || !gpu_list_lacks(gpus, partition) ||
            (id != NULL && partition_find(present, id) != NULL))
            continue;
        (void) error_set(err, ERR_STATE, "the GPU of adapter '%s' (%s) is gone from the host",
                         id != NULL ? id : "(new)", gpu_list_name_of(gpus, partition));
        return error_hint(err, "plug it in again or reinstall its driver; or add -GPU to name what takes its place");
    }
    return true;
}

static bool settle_gone_gpus(App *app, const Vm *vm, const GpuList *gpus, ChangeRecord *record, Error *err)
{
    if (app->options->gpus.count == 0) {
        GpuPartitionList present;
        return vm_read_partitions(&app->host, vm, app->arena, &present, err) &&
               check_gone(gpus, &record->before, &present, err) && check_gone(gpus, &record->after, &present, err);
    }
    SelectorList selectors;
    const Gpu **substitutes;
    size_t count;
    if (!selectors_parse(&app->options->gpus, app->arena, &selectors, err) ||
        !selectors_resolve(&selectors, gpus, false, app->arena, &substitutes, &count, err))
        return false;
    replace_gone(app, gpus, substitutes, count, true, &record->before);
    replace_gone(app, gpus, substitutes, count, false, &record->after);
    return true;
}

/* ---- telling ---- */

static const GpuPartitionList *result_adapters(const ChangeRecord *record, const ChangeResult *result)
{
    return result->rolled_back ? &record->before : &record->after;
}

static void fill_row(App *app, const ChangeRecord *record, const ChangeResult *result, const GpuList *gpus, json_t *row)
{
    const GpuPartitionList *adapters = result_adapters(record, result);
    json_t *array = json_array();
    for (size_t i = 0; i < adapters->count; i++)
        (void) json_array_append_new(array, print_change_json(app, &adapters->items[i], gpus));
    (void) json_object_set_new(row, "verb", output_json_text(record->verb));
    (void) json_object_set_new(row, "direction", json_string(result->rolled_back ? "undo" : "finish"));
    (void) json_object_set_new(row, "adapters", array);
    if (result->checkpoint_made) {
        json_t *checkpoint = json_object();
        (void) json_object_set_new(checkpoint, "name", output_json_text(result->checkpoint_name));
        (void) json_object_set_new(checkpoint, "id", output_json_text(result->checkpoint_id));
        (void) json_object_set_new(row, "checkpoint", checkpoint);
    }
}

static const char *checkpoint_text(App *app, const ChangeRecord *record, const ChangeResult *result)
{
    if (!record->takes_checkpoint)
        return "";
    if (!result->checkpoint_made)
        return "; no checkpoint was made";
    if (result->checkpoint_name == NULL)
        return "; the checkpoint is there";
    return arena_printf(app->arena, "; the checkpoint '%s' is there", result->checkpoint_name);
}

static void print_outlook(App *app, const ChangeRecord *record, const ChangeResult *result, const GpuList *gpus)
{
    const GpuPartitionList *adapters = result_adapters(record, result);
    output_result(app->output, "Plan for VM '%s' (nothing is changed):\n", record->vm_name);
    output_result(app->output, "  the interrupted '%s', which came to the step '%s', will be %s%s\n", record->verb,
                  change_step_name(record->step), result->rolled_back ? "undone" : "finished",
                  checkpoint_text(app, record, result));
    output_result(app->output, "  the VM will hold%s\n", adapters->count == 0 ? " no GPU partition" : ":");
    for (size_t i = 0; i < adapters->count; i++)
        output_result(app->output, "    %s\n", print_label(app, &adapters->items[i], gpus));
}

static void tell_recovery(App *app, const ChangeRecord *record, const ChangeResult *result, const GpuList *gpus)
{
    const GpuPartitionList *adapters = result_adapters(record, result);
    app_say(app, "The interrupted '%s' of VM '%s' has been %s%s\n", record->verb, record->vm_name,
            result->rolled_back ? "undone" : "finished", checkpoint_text(app, record, result));
    app_say(app, "The VM holds%s\n", adapters->count == 0 ? " no GPU partition" : ":");
    for (size_t i = 0; i < adapters->count; i++)
        app_say(app, "         %s\n         %s\n", print_label(app, &adapters->items[i], gpus),
                adapters->items[i].adapter_id != NULL ? adapters->items[i].adapter_id : "(not put back)");
}

/* ---- one VM ---- */

static bool recover_record(App *app, const Vm *vm, ChangeRecord *record, Journal *journal, json_t *row, Error *err)
{
    GpuList gpus;
    VmStatus status;
    ChangeResult result;
    /* What the host was last asked for may still be going on. */
    if (!host_settle(&app->host, vm->system_path, err) ||
        !gpu_list_read(&app->host, vm->host_tells_gpus, app->arena, &gpus, err))
        return false;
    if (app->options->what_if) {
        if (!change_plan_recovery(&app->host, vm, record, app->arena, &result, err))
            return false;
        print_outlook(app, record, &result, &gpus);
    } else {
        if (!vm_read_status(&app->host, vm, &status, err) || !vm_check_idle(vm, &status, err) ||
            !settle_gone_gpus(app, vm, &gpus, record, err) ||
            !change_recover(&app->host, vm, record, journal, app->arena, &result, err))
            return false;
        app->changed = true;
        tell_recovery(app, record, &result, &gpus);
    }
    fill_row(app, record, &result, &gpus, row);
    return true;
}

/* journal NULL: with -WHATIF, which only looks. */
static bool recover_journal(App *app, const Vm *vm, Journal *journal, json_t *row, const char **ret_outcome, Error *err)
{
    json_t *json = NULL;
    ChangeRecord record;
    if (!(journal != NULL ? journal_read(journal, &json, err)
                          : journal_peek(app->state_folder, app->host.key, vm->guid, &json, err)))
        return false;
    if (json == NULL) {
        app_say(app, "Nothing to recover: no change of VM '%s' is unfinished\n", vm->name);
        *ret_outcome = "nothing";
        return true;
    }
    if (!app->options->what_if)
        app_open_log(app, "recover", vm);
    bool ok = record_from_json(json, app->arena, &record, err) && recover_record(app, vm, &record, journal, row, err);
    json_decref(json);
    if (!ok && err->hint[0] == '\0')
        (void) error_hint(err,
                          "the journal '%s' stands and tells what the VM had; mend the cause and run recover again",
                          journal_file(app->state_folder, app->host.key, vm->guid, app->arena));
    if (ok)
        *ret_outcome = app->options->what_if ? "unfinished" : "recovered";
    return ok;
}

static ExitCode recover_vm(App *app, const Vm *vm, json_t *row)
{
    Error err = { .code = ERR_NONE };
    Journal *journal = NULL;
    const char *purpose = arena_printf(app->arena, "recovery of '%s'", vm->name);
    (void) json_object_set_new(row, "name", output_json_text(vm->name));
    (void) json_object_set_new(row, "id", output_json_text(vm->guid));
    if (!app->options->what_if &&
        !journal_open(app->state_folder, app->host.key, vm->guid, purpose, app->environment->clock, &journal, &err)) {
        (void) error_prefix(&err, "VM '%s'", vm->name);
        return app_fail(app, &err);
    }
    const char *outcome = "failed";
    bool ok = recover_journal(app, vm, journal, row, &outcome, &err);
    (void) json_object_set_new(row, "outcome", json_string(outcome));
    journal_close(journal);
    if (ok)
        return EXIT_DONE;
    output_error(app->output, &err);
    return EXIT_UNFINISHED;
}

/* The ID of a VM that is known from a journal only, by the name it had or by "id:GUID"; NULL: none. */
static const char *find_in_journals(App *app, const char *name, const char **ret_vm_name)
{
    Error err = { .code = ERR_NONE };
    StringList ids;
    if (!journal_list(app->state_folder, app->host.key, app->arena, &ids, &err))
        return NULL;
    for (size_t i = 0; i < ids.count; i++) {
        json_t *json = NULL;
        if (!journal_peek(app->state_folder, app->host.key, ids.items[i], &json, &err) || json == NULL)
            continue;
        const char *vm_name = json_string_value(json_object_get(json, "vmName"));
        vm_name = arena_strdup(app->arena, vm_name != NULL ? vm_name : "?");
        json_decref(json);
        if (text_equals(vm_name, name) || ascii_equals(arena_printf(app->arena, "id:%s", ids.items[i]), name)) {
            *ret_vm_name = vm_name;
            return ids.items[i];
        }
    }
    return NULL;
}

/* The VM is not there: if a journal of it stands, that is what matters. */
static ExitCode recover_missing(App *app, const char *name, const Error *not_found, json_t *row)
{
    Error err = { .code = ERR_NONE };
    const char *vm_name = NULL;
    const char *id = not_found->code == ERR_NOT_FOUND ? find_in_journals(app, name, &vm_name) : NULL;
    (void) json_object_set_new(row, "outcome", json_string("failed"));
    if (id == NULL)
        return app_fail(app, not_found);
    (void) json_object_set_new(row, "name", output_json_text(vm_name));
    (void) json_object_set_new(row, "id", output_json_text(id));
    (void) error_set(&err, ERR_NOT_FOUND, "VM '%s' (%s) is gone from the host, and a change of it is unfinished",
                     vm_name, id);
    (void) error_hint(&err, "if the VM was deleted for good, remove the journal '%s'",
                      journal_file(app->state_folder, app->host.key, id, app->arena));
    output_error(app->output, &err);
    return EXIT_UNFINISHED;
}

static bool list_names(App *app, StringList *names, Error *err)
{
    if (app->options->vm != NULL) {
        ARRAY_PUSH(app->arena, names, app->options->vm);
        return true;
    }
    StringList ids;
    if (!journal_list(app->state_folder, app->host.key, app->arena, &ids, err))
        return false;
    for (size_t i = 0; i < ids.count; i++)
        ARRAY_PUSH(app->arena, names, arena_printf(app->arena, "id:%s", ids.items[i]));
    if (names->count == 0)
        app_say(app, "Nothing to recover: no change on host '%s' is unfinished\n", app->address.text);
    return true;
}

ExitCode recover_run(App *app, const Verb *verb)
{
    (void) verb;
    Error err = { .code = ERR_NONE };
    StringList names = { 0 };
    if (!list_names(app, &names, &err))
        return app_fail(app, &err);
    json_t *array = json_array();
    (void) json_object_set_new(output_json(app->output), "vms", array);
    ExitFold fold = { .any_done = false };
    for (size_t i = 0; i < names.count; i++) {
        Vm vm;
        Error not_found = { .code = ERR_NONE };
        json_t *row = json_object();
        (void) json_array_append_new(array, row);
        exit_fold_add(&fold, vm_find(&app->host, names.items[i], app->arena, &vm, &not_found)
                                 ? recover_vm(app, &vm, row)
                                 : recover_missing(app, names.items[i], &not_found, row));
    }
    return exit_fold_code(&fold);
}
