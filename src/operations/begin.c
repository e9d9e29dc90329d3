/* SPDX-License-Identifier: MIT */
#include "operations/begin.h"

#include "hyperv/change/recovery.h"

static bool refuse_unfinished(const Vm *vm, Error *err)
{
    (void) error_set(err, ERR_STATE, "an earlier change of VM '%s' is unfinished", vm->name);
    return error_advise(err, ADVICE_RECOVER_FIRST, vm->address);
}

/* Makes sure that nothing is left from before. A journal that is there, readable or not, counts as unfinished. */
static bool check_finished(const HyperVHost *host, const Vm *vm, Journal *journal, Arena *arena,
                           ChangeEnding *ret_ending, Error *err)
{
    JournalRecord record;
    bool ok = journal != NULL ? journal_read(journal, vm_record_kinds, arena, &record, err)
                              : journal_peek(&host->journals, vm->guid, vm_record_kinds, arena, &record, err);
    if (ok && record.kind == NULL)
        return true;
    *ret_ending = ENDING_UNFINISHED;
    return ok ? refuse_unfinished(vm, err) : false;
}

bool change_begin(HyperVHost *host, const Vm *vm, const char *verb_name, bool only_look, Arena *arena,
                  Journal **ret_journal, ChangeEnding *ret_ending, Error *err)
{
    Journal *journal = NULL;
    const char *purpose = arena_printf(arena, "%s of '%s'", verb_name, vm->name);
    if (!only_look && !journal_open(&host->journals, vm->guid, vm->name, purpose, host->session->clock, &journal, err))
        return error_prefix(err, "VM '%s'", vm->name);
    if (!check_finished(host, vm, journal, arena, ret_ending, err)) {
        journal_close(journal);
        return false;
    }
    *ret_journal = journal;
    return true;
}
