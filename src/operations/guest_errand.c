/* SPDX-License-Identifier: MIT */
#include "operations/guest_errand.h"

static const char verb[] = "update-drivers";

bool guest_errand_begin(GuestErrand *errand, bool only_look, ChangeEnding *ret_ending, Error *err)
{
    const Vm *vm = errand->vm;
    if (!change_begin(errand->host, vm, verb, only_look, errand->arena, &errand->journal, ret_ending, err))
        return false;
    if (errand->journal != NULL)
        report_begins(errand->host->report, "VM '%s' (%s)", vm->name, vm->guid);
    return true;
}

bool guest_errand_enter(GuestErrand *errand, const char *step, Error *err)
{
    errand->open.step = step;
    if (!journal_write(errand->journal, &guest_request_kind.record, &errand->open, err))
        return false;
    errand->is_open = true;
    return true;
}

bool guest_errand_open(GuestErrand *errand, Error *err)
{
    const Vm *vm = errand->vm;
    if (errand->is_open)
        return true;
    errand->open = (GuestRequest){ .verb = verb, .vm_guid = vm->guid, .vm_name = vm->name };
    return guest_way_look(errand->host, vm, errand->arena, &errand->open.way, err) &&
           guest_errand_enter(errand, "bringing", err) &&
           guest_way_open(errand->host, vm, &errand->open.way, err);
}

static bool take_back(GuestErrand *errand, Error *err)
{
    CLEANUP(cancel_unshield) Cancel *shielded = cancel_shield(&errand->host->session->cancel);
    (void) shielded;
    return !errand->is_open || (guest_request_take_back(errand->host, errand->vm, &errand->open, err) &&
                                journal_clear(errand->journal, err));
}

ChangeEnding guest_errand_end(GuestErrand *errand, ChangeEnding well, bool *ok, Error *err)
{
    Error open = { .code = ERR_NONE };
    if (take_back(errand, &open))
        return *ok ? well : errand->is_open ? ENDING_PUT_BACK : ENDING_REFUSED;
    if (*ok)
        *err = open;
    else
        (void) error_append(err, "%s", open.message);
    *ok = error_advise(err, ADVICE_RECOVER_FIRST, errand->vm->address);
    return ENDING_UNFINISHED;
}
