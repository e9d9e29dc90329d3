/* SPDX-License-Identifier: MIT */
#include "operations/recover.h"

#include "base/ascii.h"
#include "journal/journal.h"
#include "platform/text.h"

/* ---- GPUs that are gone since ---- */

static const char *any_id(const GpuPartition *partition)
{
    return partition->adapter_id != NULL ? partition->adapter_id : partition->previous_id;
}

/* Gives adapters whose GPU is gone the substitutes, one each; what is left over goes without. "report" NULL: the same
 * has been told already. */
static void replace_gone(const GpuList *gpus, const Gpu *const *substitutes, size_t substitute_count, Report *report,
                         GpuPartitionList *list)
{
    size_t count = 0, used = 0;
    for (size_t i = 0; i < list->count; i++) {
        GpuPartition partition = list->items[i];
        bool is_gone = gpu_list_lacks(gpus, &partition);
        if (is_gone && used < substitute_count) {
            const Gpu *gpu = substitutes[used++];
            if (report != NULL)
                report_notice(report, "%s takes the place of adapter '%s', whose GPU is gone",
                              gpu->name != NULL ? gpu->name : gpu->device_id, any_id(&partition));
            partition.host_resource = gpu->path;
        } else if (is_gone) {
            if (report != NULL)
                report_warning(report,
                               "adapter '%s' does not come back: its GPU is gone and none was named to take its place",
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
        return error_advise(err, ADVICE_NAME_SUBSTITUTES, NULL);
    }
    return true;
}

static bool settle_gone_gpus(HyperVHost *host, const Vm *vm, const GpuList *gpus, const SelectorList *selectors,
                             Arena *arena, ChangeRecord *record, Error *err)
{
    if (selectors->count == 0) {
        GpuPartitionList present;
        return vm_read_partitions(host, vm, arena, &present, err) &&
               check_gone(gpus, &record->before, &present, err) && check_gone(gpus, &record->after, &present, err);
    }
    const Gpu **substitutes;
    size_t count;
    if (!selectors_resolve(selectors, gpus, false, arena, &substitutes, &count, err))
        return false;
    replace_gone(gpus, substitutes, count, host->report, &record->before);
    replace_gone(gpus, substitutes, count, NULL, &record->after);
    return true;
}

/* ---- one VM ---- */

/* What the VM holds when all is done. */
static void list_adapters(const GpuList *gpus, Arena *arena, RecoveryReport *report)
{
    const ChangeRecord *record = &report->record;
    const GpuPartitionList *partitions = report->result.rolled_back ? &record->before : &record->after;
    for (size_t i = 0; i < partitions->count; i++)
        ARRAY_PUSH(arena, &report->adapters, assigned_gpu_make(&partitions->items[i], gpus, arena));
}

static bool recover_record(HyperVHost *host, const Vm *vm, const SelectorList *substitutes, Journal *journal,
                           Arena *arena, RecoveryReport *report, Error *err)
{
    GpuList gpus;
    VmStatus status;
    ChangeRecord *record = &report->record;
    /* What the host was last asked for may still be going on. */
    if (!host_settle(host, vm->system_path, err) ||
        !gpu_list_read(host, vm->host_tells_gpus, arena, &gpus, err))
        return false;
    bool ok = journal == NULL
                  ? change_plan_recovery(host, vm, record, arena, &report->result, err)
                  : vm_read_status(host, vm, &status, err) && vm_check_idle(vm, &status, err) &&
                        settle_gone_gpus(host, vm, &gpus, substitutes, arena, record, err) &&
                        change_recover(host, vm, record, journal, arena, &report->result, err);
    if (ok)
        list_adapters(&gpus, arena, report);
    return ok;
}

/* journal NULL: only a look. */
static bool recover_journal(HyperVHost *host, const Vm *vm, const SelectorList *substitutes, Journal *journal,
                            Arena *arena, RecoveryReport *report, Error *err)
{
    json_t *json = NULL;
    report->journal_stands = true; /* unless it is seen that there is none */
    if (!(journal != NULL ? journal_read(journal, &json, err)
                          : journal_peek(&host->journals, vm->guid, &json, err)))
        return false;
    if (json == NULL) {
        report->outcome = RECOVERY_NOTHING;
        report->journal_stands = false;
        return true;
    }
    if (journal != NULL)
        report_begins(host->report, "VM '%s' (%s)", vm->name, vm->guid);
    bool ok = record_from_json(json, arena, &report->record, err) &&
              recover_record(host, vm, substitutes, journal, arena, report, err);
    json_decref(json);
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
        json_t *json = NULL;
        if (!journal_peek(&host->journals, ids.items[i], &json, &err) || json == NULL)
            continue;
        const char *vm_name = json_string_value(json_object_get(json, "vmName"));
        vm_name = arena_strdup(arena, vm_name != NULL ? vm_name : "?");
        json_decref(json);
        if (text_equals(vm_name, name) || ascii_equals(arena_printf(arena, "id:%s", ids.items[i]), name)) {
            *ret_vm_name = vm_name;
            return ids.items[i];
        }
    }
    return NULL;
}

/* The VM is not there: if a journal of it stands, that is what matters. Always false. */
static bool tell_missing(const HyperVHost *host, const char *name, Arena *arena, RecoveryReport *report, Error *err)
{
    const char *id = err->code == ERR_NOT_FOUND ? find_in_journals(host, name, arena, &report->vm_name) : NULL;
    if (id == NULL)
        return false;
    report->vm_guid = id;
    report->journal_stands = true;
    (void) error_set(err, ERR_NOT_FOUND, "VM '%s' (%s) is gone from the host, and a change of it is unfinished",
                     report->vm_name, id);
    return error_hint(err, "if the VM was deleted for good, remove the journal '%s'",
                      journal_file(&host->journals, id, arena));
}

bool recover_vm(HyperVHost *host, const char *name, const SelectorList *substitutes, bool only_look, Arena *arena,
                RecoveryReport *ret_report, Error *err)
{
    Vm vm;
    Journal *journal = NULL;
    *ret_report = (RecoveryReport){ .outcome = RECOVERY_FAILED };
    if (!vm_find(host, name, arena, &vm, err))
        return tell_missing(host, name, arena, ret_report, err);
    ret_report->vm_name = vm.name;
    ret_report->vm_guid = vm.guid;
    const char *purpose = arena_printf(arena, "recovery of '%s'", vm.name);
    if (!only_look &&
        !journal_open(&host->journals, vm.guid, purpose, host->session->clock, &journal, err))
        return error_prefix(err, "VM '%s'", vm.name);
    bool ok = recover_journal(host, &vm, substitutes, journal, arena, ret_report, err);
    journal_close(journal);
    return ok;
}

bool recover_list(const HyperVHost *host, Arena *arena, StringList *ret_names, Error *err)
{
    StringList ids, names = { 0 };
    if (!journal_list(&host->journals, arena, &ids, err))
        return false;
    for (size_t i = 0; i < ids.count; i++)
        ARRAY_PUSH(arena, &names, arena_printf(arena, "id:%s", ids.items[i]));
    *ret_names = names;
    return true;
}
