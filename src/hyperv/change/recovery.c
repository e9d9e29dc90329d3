/* SPDX-License-Identifier: MIT */
#include "hyperv/change/recovery.h"

#include "hyperv/change/guest_request.h"

const RecordKind *const vm_record_kinds[] = {
    &change_kind.record,
    &detachment_kind.record,
    &restore_kind.record,
    &guest_request_kind.record,
    NULL,
};

const VmRecordKind *vm_record_kind(const JournalRecord *record)
{
    return (const VmRecordKind *) record->kind;
}

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

static size_t count_gone(const GpuList *gpus, const GpuPartitionList *list)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++)
        count += gpu_list_lacks(gpus, &list->items[i]);
    return count;
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

/* What is asked for twice, or more than is needed, is no error: a recovery may have used it before it was cut short. */
static void tell_unneeded(const GpuList *gpus, const Gpu *const *substitutes, size_t count,
                          const GpuPartitionList *before, const GpuPartitionList *after, Report *report)
{
    size_t of_before = count_gone(gpus, before), of_after = count_gone(gpus, after);
    for (size_t i = of_before > of_after ? of_before : of_after; i < count; i++)
        report_warning(report, "%s takes the place of no adapter: no other one has a GPU that is gone",
                       substitutes[i]->name != NULL ? substitutes[i]->name : substitutes[i]->device_id);
}

static bool settle_gone(const Recovery *recovery, GpuPartitionList *before, GpuPartitionList *after, Error *err)
{
    const GpuList *gpus = &recovery->gpus;
    if (recovery->substitutes->count == 0) {
        GpuPartitionList present;
        if (count_gone(gpus, before) == 0 && count_gone(gpus, after) == 0)
            return true;
        return vm_read_partitions(recovery->host, recovery->vm, recovery->arena, &present, err) &&
               check_gone(gpus, before, &present, err) && check_gone(gpus, after, &present, err);
    }
    const Gpu **substitutes;
    size_t count;
    if (!selectors_resolve(recovery->substitutes, gpus, false, recovery->arena, &substitutes, &count, err))
        return false;
    tell_unneeded(gpus, substitutes, count, before, after, recovery->host->report);
    replace_gone(gpus, substitutes, count, recovery->host->report, before);
    replace_gone(gpus, substitutes, count, NULL, after);
    return true;
}

static void refresh(const GpuList *gpus, GpuPartitionList *list)
{
    for (size_t i = 0; i < list->count; i++)
        gpu_list_refresh(gpus, &list->items[i]);
}

bool recovery_settle_gone_gpus(const Recovery *recovery, GpuPartitionList *before, GpuPartitionList *after, Error *err)
{
    if (!settle_gone(recovery, before, after, err))
        return false;
    refresh(&recovery->gpus, before);
    refresh(&recovery->gpus, after);
    return true;
}
