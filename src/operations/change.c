/* SPDX-License-Identifier: MIT */
#include "operations/change.h"

#include <string.h>

/* The adapter of "after" that takes the place of one that came off. */
static bool has_successor(const ChangeRecord *record, const char *previous_id)
{
    for (size_t i = 0; i < record->after.count; i++) {
        const char *id = record->after.items[i].previous_id;
        if (id != NULL && strcmp(id, previous_id) == 0)
            return true;
    }
    return false;
}

static void list_adapters(Arena *arena, ChangeReport *report)
{
    const ChangeRecord *record = &report->record;
    GpuPartitionList removals = record_removals(record, arena);
    for (size_t i = 0; i < removals.count; i++) {
        if (!has_successor(record, removals.items[i].adapter_id))
            ARRAY_PUSH(arena, &report->removed, assigned_gpu_make(&removals.items[i], &report->gpus, arena));
    }
    for (size_t i = 0; i < record->after.count; i++) {
        const GpuPartition *partition = &record->after.items[i];
        if (partition_find(&record->before, partition->adapter_id) != NULL)
            continue;
        AssignedGpuList *list = partition->previous_id != NULL ? &report->put_back : &report->added;
        ARRAY_PUSH(arena, list, assigned_gpu_make(partition, &report->gpus, arena));
    }
}

static bool carry_out(HyperVHost *host, const Vm *vm, Journal *journal, Arena *arena, ChangeReport *report, Error *err)
{
    static const ChangeEnding endings[] = {
        [CHANGE_DONE] = ENDING_DONE,
        [CHANGE_NOTHING] = ENDING_REFUSED,
        [CHANGE_PUT_BACK] = ENDING_PUT_BACK,
        [CHANGE_UNFINISHED] = ENDING_UNFINISHED,
    };
    ChangeOutcome outcome;
    bool ok = change_apply(host, vm, &report->record, journal, arena, &report->result, &outcome, err);
    report->ending = endings[outcome];
    if (ok)
        list_adapters(arena, report);
    return ok;
}

static bool read_and_plan(HyperVHost *host, const Vm *vm, const PlanRequest *request, Report *told, Arena *arena,
                          VmView *ret_view, ChangeReport *report, Error *err)
{
    RestoreView *restore = ARENA_NEW(arena, RestoreView);
    if (!vm_view_read(host, vm, request->config_folder, arena, ret_view, err) ||
        (request->restore != NULL && !restore_view_read(host, vm, request->restore, arena, restore, err)))
        return false;
    ret_view->restore = restore;
    return plan_make(ret_view, request, told, arena, &report->record, err);
}

/* Off, the VM has another parent than with the automatic checkpoint of its start: what has been planned is planned
 * again, with nothing more to tell. */
static bool plan_again(HyperVHost *host, const PlanRequest *request, Arena *arena, VmView *view, ChangeReport *report,
                       Error *err)
{
    Vm vm;
    return vm_find_again(host, &view->vm, arena, &vm, err) &&
           read_and_plan(host, &vm, request, report_silent(), arena, view, report, err);
}

static bool carry_out_stopped(HyperVHost *host, const PlanRequest *request, Journal *journal, Arena *arena,
                              VmView *view, ChangeReport *report, Error *err)
{
    bool ok = journal_check(journal, report->record.detached != NULL, err) &&
              power_down(host, &view->vm, &view->status, &request->power, &report->power, err) &&
              plan_again(host, request, arena, view, report, err) &&
              carry_out(host, &view->vm, journal, arena, report, err);
    if (report->ending != ENDING_UNFINISHED)
        power_up(host, &view->vm, arena, &report->power);
    return ok;
}

/* There is nothing to put back, or nothing shall be; the VM is not touched, whatever it is doing. */
static bool forget(Journal *journal, const PlanRequest *request, Arena *arena, ChangeReport *report, Error *err)
{
    if (!detached_clear(journal, err))
        return false;
    report->ending = ENDING_DONE;
    if (request->verb == PLAN_FORGET)
        report->forgotten = detached_gpus_make(report->record.detached, &report->gpus, arena);
    return true;
}

static bool plan_and_carry_out(HyperVHost *host, const Vm *vm, const PlanRequest *request, Journal *journal,
                               Arena *arena, ChangeReport *report, Error *err)
{
    VmView view;
    if (!read_and_plan(host, vm, request, host->report, arena, &view, report, err))
        return false;
    report->gpus = view.gpus;
    bool changes_vm = record_changes_vm(&report->record, arena);
    if (changes_vm)
        report->power = power_plan(&view.status, &request->power);
    if (journal == NULL)
        report->ending = ENDING_PLANNED;
    else if (record_is_empty(&report->record, arena))
        report->ending = ENDING_NOT_NEEDED;
    else if (!changes_vm)
        return forget(journal, request, arena, report, err);
    else if (report->power.stops)
        return carry_out_stopped(host, request, journal, arena, &view, report, err);
    else
        return carry_out(host, &view.vm, journal, arena, report, err);
    return true;
}

bool change_vm(HyperVHost *host, const Vm *vm, const PlanRequest *request, bool only_look, Arena *arena,
               ChangeReport *ret_report, Error *err)
{
    Journal *journal = NULL;
    *ret_report = (ChangeReport){ .ending = ENDING_REFUSED };
    if (!change_begin(host, vm, request->verb_name, only_look, arena, &journal, &ret_report->ending, err))
        return false;
    if (journal != NULL)
        report_begins(host->report, "VM '%s' (%s)", vm->name, vm->guid);
    bool ok = plan_and_carry_out(host, vm, request, journal, arena, ret_report, err);
    journal_close(journal);
    return ok;
}
