/* SPDX-License-Identifier: MIT */
/* The changing verbs: find, lock, read, plan, and carry out. */
#include "hyperv/change.h"

#include "commands/print.h"
#include "commands/verbs.h"
#include "journal/journal.h"
#include "platform/process.h"

#include <string.h>

#define MB (UINT64_C(1024) * 1024)

/* ---- the request ---- */

static bool make_request(const App *app, const Verb *verb, PlanRequest *ret_request, Error *err)
{
    static const CheckpointType types[] = { CHECKPOINTS_PRODUCTION, CHECKPOINTS_STANDARD };
    const Options *options = app->options;
    PlanRequest request = { .verb = verb->plan,
                            .verb_name = verb->name,
                            .config_folder = app->program_folder,
                            .low_mmio_mb = options->low_mmio / MB,
                            .high_mmio_mb = options->high_mmio / MB,
                            .checkpoint_name = options->checkpoint_name,
                            .fix_memory = options->fix_memory };
    if (options->checkpoint_type >= 0)
        request.checkpoint_type = types[options->checkpoint_type];
    if (!selectors_parse(&options->gpus, app->arena, &request.selectors, err))
        return false;
    *ret_request = request;
    return true;
}

/* ---- unfinished business ---- */

static bool refuse_unfinished(const App *app, const Vm *vm, const json_t *record, Error *err)
{
    if (record == NULL)
        return true;
    (void) error_set(err, ERR_STATE, "an earlier change of VM '%s' is unfinished", vm->name);
    return error_hint(err, "run first: %s -VM \"%s\" -DO recover", app->host.program, vm->name);
}

/* Takes the lock and makes sure that nothing is left from before. A journal that is there, readable or not, counts as
 * unfinished. */
static bool begin(App *app, const Verb *verb, const Vm *vm, Journal **ret_journal, bool *ret_is_unfinished, Error *err)
{
    json_t *record = NULL;
    Journal *journal = NULL;
    bool ok;
    *ret_is_unfinished = false;
    if (app->options->what_if) {
        /* A plan only looks. */
        ok = journal_peek(app->state_folder, app->host.key, vm->guid, &record, err);
    } else {
        const char *purpose = arena_printf(app->arena, "%s of '%s'", verb->name, vm->name);
        if (!journal_open(app->state_folder, app->host.key, vm->guid, purpose, app->environment->clock, &journal, err))
            return error_prefix(err, "VM '%s'", vm->name);
        ok = journal_read(journal, &record, err);
    }
    *ret_is_unfinished = !ok || record != NULL;
    ok = ok && refuse_unfinished(app, vm, record, err);
    json_decref(record);
    if (!ok) {
        journal_close(journal);
        return false;
    }
    if (journal != NULL)
        app_open_log(app, verb->name, vm);
    *ret_journal = journal;
    return true;
}

/* ---- the result ---- */

static void tell_checkpoint(App *app, const Vm *vm, const ChangeResult *result)
{
    if (!result->checkpoint_made)
        return;
    json_t *json = json_object();
    (void) json_object_set_new(json, "name", output_json_text(result->checkpoint_name));
    (void) json_object_set_new(json, "id", output_json_text(result->checkpoint_id));
    (void) json_object_set_new(output_json(app->output), "checkpoint", json);
    app_say(app, "Checkpoint '%s' of VM '%s' created\n",
            result->checkpoint_name != NULL ? result->checkpoint_name : "?", vm->name);
}

static void tell_settings(App *app, const ChangeRecord *record, const SettingChangeList *settings)
{
    for (size_t i = 0; i < settings->count; i++) {
        const SettingChange *change = &settings->items[i];
        if (strcmp(change->property, "AutomaticSnapshotsEnabled") == 0) {
            output_notice(app->output,
                          "automatic checkpoints of VM '%s' are off now: they do not work with a GPU partition, "
                          "and would keep the VM from starting",
                          record->vm_name);
            continue;
        }
        output_notice(app->output, "%s of VM '%s': %s now (it was %s)", print_setting_name(change->property),
                      record->vm_name, print_setting_value(change->property, &change->after, app->arena),
                      print_setting_value(change->property, &change->before, app->arena));
    }
}

static ExitCode tell_failure(App *app, ChangeOutcome outcome, const Error *err)
{
    switch (outcome) {
    case CHANGE_DONE:
    case CHANGE_NOTHING:
        return app_fail(app, err);
    case CHANGE_PUT_BACK:
        output_error(app->output, err);
        output_notice(app->output, "everything is as it was: the VM has its GPUs and its settings");
        return EXIT_PUT_BACK;
    case CHANGE_UNFINISHED:
        output_error(app->output, err);
        return EXIT_UNFINISHED;
    }
    return EXIT_UNFINISHED;
}

static ExitCode carry_out(App *app, const VmView *view, ChangeRecord *record, Journal *journal)
{
    Error err = { .code = ERR_NONE };
    ChangeResult result;
    ChangeOutcome outcome;
    bool ok = change_apply(&app->host, &view->vm, record, journal, app->arena, &result, &outcome, &err);
    tell_checkpoint(app, &view->vm, &result);
    if (!ok)
        return tell_failure(app, outcome, &err);
    app->changed = true;
    print_changes(app, record, &view->gpus);
    tell_settings(app, record, &record->settings);
    tell_settings(app, record, &record->memory);
    if (cancel_is_requested(app->environment->cancel))
        output_notice(app->output, "the interruption came too late to stop anything: all is done");
    if (record->takes_checkpoint && record->before.count == 0 && record->after.count == 0)
        output_notice(app->output, "VM '%s' holds no GPU partition", view->vm.name);
    return EXIT_DONE;
}

static ExitCode plan_and_carry_out(App *app, const PlanRequest *request, const Vm *vm, Journal *journal)
{
    Error err = { .code = ERR_NONE };
    VmView view;
    ChangeRecord record;
    if (!vm_view_read(&app->host, vm, app->arena, &view, &err) ||
        !plan_make(&view, request, app->host.report, app->arena, &record, &err))
        return app_fail(app, &err);
    if (app->options->what_if) {
        print_plan(app, &record, &view.gpus);
        return EXIT_DONE;
    }
    if (record_is_empty(&record, app->arena)) {
        print_changes(app, &record, &view.gpus);
        app_say(app, "Nothing to do: the GPUs of VM '%s' are as asked\n", vm->name);
        return EXIT_DONE;
    }
    return carry_out(app, &view, &record, journal);
}

ExitCode change_run(App *app, const Verb *verb)
{
    Error err = { .code = ERR_NONE };
    PlanRequest request;
    Vm vm;
    Journal *journal = NULL;
    if (!make_request(app, verb, &request, &err) || !vm_find(&app->host, app->options->vm, app->arena, &vm, &err))
        return app_fail(app, &err);
    app_tell_vm(app, &vm);
    bool is_unfinished = false;
    if (!begin(app, verb, &vm, &journal, &is_unfinished, &err)) {
        ExitCode code = app_fail(app, &err);
        return is_unfinished ? EXIT_UNFINISHED : code;
    }
    ExitCode code = plan_and_carry_out(app, &request, &vm, journal);
    journal_close(journal);
    return code;
}
