/* SPDX-License-Identifier: MIT */
#include "operations/recover.h"

#include "base/ascii.h"
#include "journal/journal.h"
#include "platform/text.h"

/* ---- one VM ---- */

/* What has been started since is brought down, if the user says so. Off, the VM may have another parent. */
static bool bring_down(HyperVHost *host, Vm *vm, const VmStatus *status, const PowerRequest *request, Arena *arena,
                       RecoveryReport *report, Error *err)
{
    return !report->power.stops ||
           (power_down(host, vm, status, request, &report->power, err) &&
            vm_find_again(host, vm, arena, vm, err));
}

static bool recover_record(HyperVHost *host, Vm *vm, const RecoveryRequest *request, Journal *journal,
                           const JournalRecord *record, Arena *arena, RecoveryReport *report, Error *err)
{
    const VmRecordKind *kind = vm_record_kind(record);
    Recovery recovery = {
        .host = host, .vm = vm, .substitutes = &request->substitutes, .journal = journal, .arena = arena
    };
    RecoveryResult *result = &report->result;
    VmStatus status;
    /* What the host was last asked for may still be going on. */
    if (!host_await_jobs(host, vm->system_path, NULL, err) ||
        !gpu_list_read(host, vm->host_tells_gpus, arena, &recovery.gpus, err) ||
        !vm_read_status(host, vm, &status, err))
        return false;
    if (!kind->works_while_on) {
        if (!power_check(vm, &status, &request->power, err))
            return false;
        report->power = power_plan(&status, &request->power);
    }
    bool ok = journal == NULL ? kind->plan_recovery(&recovery, record->data, result, err)
                              : bring_down(host, vm, &status, &request->power, arena, report, err) &&
                                    kind->recover(&recovery, record->data, result, err);
    for (size_t i = 0; ok && i < result->partitions.count; i++)
        ARRAY_PUSH(arena, &report->adapters, assigned_gpu_make(&result->partitions.items[i], &recovery.gpus, arena));
    if (ok && journal != NULL)
        power_up(host, vm, arena, &report->power);
    return ok;
}

/* Nobody needs them, but what is none is told all the same. */
static bool check_substitutes(HyperVHost *host, const Vm *vm, const RecoveryRequest *request, Arena *arena, Error *err)
{
    GpuList gpus;
    const Gpu **substitutes;
    size_t count;
    return request->substitutes.count == 0 ||
           (gpu_list_read(host, vm->host_tells_gpus, arena, &gpus, err) &&
            selectors_resolve(&request->substitutes, &gpus, false, arena, &substitutes, &count, err));
}

/* journal NULL: only a look. */
static bool recover_journal(HyperVHost *host, Vm *vm, const RecoveryRequest *request, Journal *journal, Arena *arena,
                            RecoveryReport *report, Error *err)
{
    JournalRecord record;
    report->journal_stands = true; /* unless it is seen that there is none */
    if (!(journal != NULL ? journal_read(journal, vm_record_kinds, arena, &record, err)
                          : journal_peek(&host->journals, vm->guid, vm_record_kinds, arena, &record, err)))
        return false;
    if (record.kind == NULL) {
        report->outcome = RECOVERY_NOTHING;
        report->journal_stands = false;
        return check_substitutes(host, vm, request, arena, err);
    }
    if (journal != NULL)
        report_begins(host->report, "VM '%s' (%s)", vm->name, vm->guid);
    bool ok = recover_record(host, vm, request, journal, &record, arena, report, err);
    if (ok)
        report->outcome = journal == NULL ? RECOVERY_UNFINISHED : RECOVERY_DONE;
    else if (!error_tells_what_to_do(err))
        (void) error_hint(err,
                          "the journal '%s' stands and tells what the VM had; mend the cause and run recover again",
                          journal_file(&host->journals, vm->guid, arena));
    return ok;
}

/* The ID of a VM that is known from a journal only, by the name it had or by "id:GUID"; NULL: none. */
static const char *find_in_journals(const HyperVHost *host, const char *name, Arena *arena, const char **ret_vm_name)
{
    Error err = { .code = ERR_NONE };
    StringList ids;
    if (!journal_list(&host->journals, arena, &ids, &err))
        return NULL;
    for (size_t i = 0; i < ids.count; i++) {
        JournalRecord record; /* of whatever kind */
        if (!journal_peek(&host->journals, ids.items[i], NULL, arena, &record, &err) || record.label.kind == NULL)
            continue;
        const char *vm_name = record.label.name != NULL ? record.label.name : "?";
        if (text_equals(vm_name, name) || ascii_equals(vm_id_text(ids.items[i], arena), name)) {
            *ret_vm_name = vm_name;
            return ids.items[i];
        }
    }
    return NULL;
}

/* A VM that is not there by that name: where a journal of it stands, that is what matters. It may have been renamed. */
static bool find_with_journal(HyperVHost *host, const char *name, Arena *arena, Vm *ret_vm, RecoveryReport *report,
                              Error *err)
{
    Error missing = { .code = ERR_NONE };
    if (vm_find(host, name, arena, ret_vm, err))
        return true;
    const char *id = err->code == ERR_NOT_FOUND ? find_in_journals(host, name, arena, &report->vm_name) : NULL;
    if (id == NULL)
        return false;
    if (vm_find(host, vm_id_text(id, arena), arena, ret_vm, &missing)) {
        report_notice(host->report, "VM '%s' is called '%s' by now", report->vm_name, ret_vm->name);
        return true;
    }
    report->vm_guid = id;
    report->journal_stands = true;
    if (missing.code != ERR_NOT_FOUND) {
        *err = missing;
        return false;
    }
    (void) error_set(err, ERR_NOT_FOUND, "VM '%s' (%s) is gone from the host, and a change of it is unfinished",
                     report->vm_name, id);
    return error_hint(err, "if the VM was deleted for good, remove the journal '%s'",
                      journal_file(&host->journals, id, arena));
}

bool recover_vm(HyperVHost *host, const char *name, const RecoveryRequest *request, Arena *arena,
                RecoveryReport *ret_report, Error *err)
{
    Vm vm;
    Journal *journal = NULL;
    *ret_report = (RecoveryReport){ .outcome = RECOVERY_FAILED };
    if (!find_with_journal(host, name, arena, &vm, ret_report, err))
        return false;
    vm_use_only_name(&vm, request->only_name, arena);
    ret_report->vm_name = vm.name;
    ret_report->vm_guid = vm.guid;
    ret_report->vm_address = vm.address;
    const char *purpose = arena_printf(arena, "recovery of '%s'", vm.name);
    if (!request->only_look &&
        !journal_open(&host->journals, vm.guid, vm.name, purpose, host->session->clock, &journal, err))
        return error_prefix(err, "VM '%s'", vm.name);
    bool ok = recover_journal(host, &vm, request, journal, arena, ret_report, err);
    journal_close(journal);
    return ok;
}

bool recover_list(const HyperVHost *host, Arena *arena, StringList *ret_names, Error *err)
{
    StringList ids, names = { 0 };
    if (!journal_list(&host->journals, arena, &ids, err))
        return false;
    for (size_t i = 0; i < ids.count; i++)
        ARRAY_PUSH(arena, &names, vm_id_text(ids.items[i], arena));
    *ret_names = names;
    return true;
}
