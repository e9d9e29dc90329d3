/* SPDX-License-Identifier: MIT */
#include "operations/power.h"

#include "operations/begin.h"

PowerReport power_plan(const VmStatus *status, const PowerRequest *request)
{
    bool was_on = status->state != VM_STATE_OFF && status->state != VM_STATE_SAVED;
    bool stops = request->stop && status->state != VM_STATE_OFF;
    return (PowerReport){ .before = status->state,
                          .stops = stops,
                          .starts = stops && was_on && request->start,
                          .may_turn_off = stops && request->turn_off };
}

bool power_down(HyperVHost *host, const Vm *vm, const VmStatus *status, const PowerRequest *request,
                PowerReport *report, Error *err)
{
    bool asked = false;
    if (!report->stops)
        return true;
    if (status->state == VM_STATE_SAVED)
        report_warning(host->report, "the memory of VM '%s', which is saved, is thrown away", vm->name);
    else if (status->state == VM_STATE_PAUSED)
        report_warning(host->report, "the power of VM '%s', which is paused, is turned off: its memory is lost",
                       vm->name);
    bool ok = power_stop(host, vm, status, request, &asked, err);
    report->ending = ok ? POWER_OFF : asked ? POWER_GOING_DOWN : POWER_AS_IT_WAS;
    return ok;
}

static bool start(HyperVHost *host, const Vm *vm, Arena *arena, PowerReport *report)
{
    Error err = { .code = ERR_NONE };
    bool ok = power_start(host, vm, &err);
    report->ending = ok ? POWER_STARTED : POWER_NOT_STARTED;
    if (!ok)
        report->failure = power_explain(host, vm, &err, arena);
    return ok;
}

void power_up(HyperVHost *host, const Vm *vm, Arena *arena, PowerReport *report)
{
    CLEANUP(cancel_unshield) Cancel *shielded = cancel_shield(&host->session->cancel);
    (void) shielded;
    if (report->starts && report->ending == POWER_OFF)
        (void) start(host, vm, arena, report); /* the report tells */
}

static bool check_startable(const Vm *vm, const VmStatus *status, Error *err)
{
    bool is_known =
        status->state == VM_STATE_RUNNING || status->state == VM_STATE_SAVED || status->state == VM_STATE_PAUSED;
    return is_known ? vm_check_not_busy(vm, status, err) : vm_check_idle(vm, status, err);
}

bool start_vm(HyperVHost *host, const Vm *vm, bool only_look, Arena *arena, PowerReport *ret_report, Error *err)
{
    Journal *journal;
    VmStatus status;
    ChangeEnding ending = ENDING_REFUSED;
    *ret_report = (PowerReport){ .ending = POWER_AS_IT_WAS };
    if (!change_begin(host, vm, "start", only_look, arena, &journal, &ending, err)) {
        ret_report->is_unfinished = ending == ENDING_UNFINISHED;
        return false;
    }
    if (journal != NULL)
        report_begins(host->report, "VM '%s' (%s)", vm->name, vm->guid);
    bool ok = vm_read_status(host, vm, &status, err) && check_startable(vm, &status, err);
    if (ok) {
        ret_report->before = status.state;
        ret_report->starts = status.state != VM_STATE_RUNNING;
    }
    if (ok && ret_report->starts && !only_look && !start(host, vm, arena, ret_report)) {
        *err = ret_report->failure.error;
        ok = false;
    }
    journal_close(journal);
    return ok;
}
