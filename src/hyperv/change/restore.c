/* SPDX-License-Identifier: MIT */
/* Windows SDK, ApplySnapshot method of Msvm_VirtualSystemSnapshotService.
 *
 * Unverified: that an automatic checkpoint goes when the VM is off, and not at some time after; that applying takes GPU
 * partition adapters along as it does all resources, with the second part of their IDs as it is in the checkpoint, and
 * that the VM goes on in disks of other names. */
#include "hyperv/change/restore.h"

#include "base/ascii.h"
#include "cim/path.h"
#include "cim/schema.h"

#include <string.h>

bool restore_view_read(HyperVHost *host, const Vm *vm, const char *checkpoint, Arena *arena, RestoreView *ret_view,
                       Error *err)
{
    RestoreView view = { .index = NO_CHECKPOINT };
    if (!checkpoint_tree_read(host, vm, arena, &view.tree, err) ||
        !checkpoint_find(&view.tree, checkpoint, &view.index, err))
        return false;
    CimInstanceList rows;
    /* Protects: adapters that somebody else puts on meanwhile are told from those of the checkpoint. */
    if (!cim_session_associators(host->session, NS_VIRTUALIZATION, view.tree.items[view.index].path,
                                 "Msvm_VirtualSystemSettingDataComponent", "Msvm_GpuPartitionSettingData", arena, &rows,
                                 err))
        return false;
    for (size_t i = 0; i < rows.count; i++)
        ARRAY_PUSH(arena, &view.brings, partition_from_instance(rows.items[i], arena));
    *ret_view = view;
    return true;
}

bool restore_check(const RestoreView *view, const VmStatus *status, Error *err)
{
    const CheckpointNode *node = &view->tree.items[view->index];
    const char *vm = view->tree.vm.name;
    if (!checkpoint_is_users(node))
        return error_set(err, ERR_STATE, "checkpoint '%s' of VM '%s' is of the type '%s', which is not restored so",
                         node->name, vm, checkpoint_kind_names[node->kind]);
    if (node->kind == CHECKPOINT_AUTOMATIC && status->state != VM_STATE_OFF) {
        (void) error_set(err, ERR_STATE,
                         "checkpoint '%s' is an automatic one: Hyper-V removes it when VM '%s' goes down, which it has "
                         "to before",
                         node->name, vm);
        return error_advise(err, ADVICE_LIST_CHECKPOINTS, NULL);
    }
    if (!node->holds_memory)
        return true;
    (void) error_set(err, ERR_STATE,
                     "checkpoint '%s' of VM '%s' holds the memory of the running VM, and a VM that goes on from memory "
                     "takes no GPU",
                     node->name, vm);
    return error_hint(err, "apply it in Hyper-V Manager without GPUs if its memory matters; otherwise choose another");
}

static bool call_apply(HyperVHost *host, const Vm *vm, const ChangeRecord *record, Arena *arena, Error *err)
{
    const char *service;
    if (!host_service_path(host, "Msvm_VirtualSystemSnapshotService", "vssnapsvc", vm->settings_path, arena, &service,
                           err))
        return false;
    CimInstance *in = cim_instance_create(arena, "ApplySnapshot");
    cim_instance_set(in, arena, "Snapshot",
                     cim_text(CIM_TYPE_REFERENCE, checkpoint_path(record->restore_id, arena)));
    return host_call(host, service, "ApplySnapshot", in, "apply the checkpoint", arena, NULL, err);
}

/* ---- afterwards ---- */

static bool is_target(const char *parent, const ChangeRecord *record, Arena *arena)
{
    return parent != NULL && cim_path_equals(parent, checkpoint_path(record->restore_id, arena));
}

static bool same_texts(const StringList *a, const StringList *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = ascii_equals(a->items[i], b->items[i]);
    return same;
}

bool restore_is_applied(HyperVHost *host, const Vm *vm, const ChangeRecord *record, Arena *arena, bool *ret_applied,
                        Error *err)
{
    VmCheckpoints now;
    if (!vm_read_checkpoints(host, vm, arena, &now, err))
        return false;
    bool applied = is_target(now.current.parent, record, arena);
    bool stood_there = is_target(record->parent_before, record, arena);
    VmResources resources;
    if (applied && stood_there) {
        if (!vm_read_resources(host, vm, arena, &resources, err))
            return false;
        applied = !same_texts(&resources.disks, &record->disks);
    }
    *ret_applied = applied;
    return true;
}

bool restore_apply(HyperVHost *host, const Vm *vm, const ChangeRecord *record, Arena *arena, Error *err)
{
    Error failure = { .code = ERR_NONE }, lost = { .code = ERR_NONE };
    bool applied = false;
    if (call_apply(host, vm, record, arena, &failure))
        return true;
    if (error_leaves_doubt(&failure) && host_await_jobs(host, vm->system_path, NULL, &lost) &&
        restore_is_applied(host, vm, record, arena, &applied, &lost) && applied) {
        host_tell_detail(host, &failure, "the checkpoint has been applied all the same");
        return true;
    }
    *err = failure;
    return false;
}

/* The part of an adapter's ID behind the configuration's. */
static const char *device_of(const char *adapter_id)
{
    const char *separator = adapter_id != NULL ? strchr(adapter_id, '\\') : NULL;
    return separator != NULL ? separator : "";
}

static bool is_alike(const GpuPartition *row, const GpuPartition *brought, bool by_id)
{
    return by_id ? ascii_equals(device_of(row->adapter_id), device_of(brought->adapter_id))
                 : partition_same_gpu(row, brought) && partition_has_settings(row, brought);
}

static bool can_be_ours(const GpuPartition *row, const GpuPartitionList *wanted)
{
    bool any = false;
    for (size_t i = 0; i < wanted->count; i++)
        any = any || (partition_same_gpu(row, &wanted->items[i]) && partition_can_become(row, &wanted->items[i]));
    return any;
}

void restore_sort_adapters(const GpuPartitionList *rows, bool may_be_ours, Arena *arena, ChangeRecord *record)
{
    bool *taken = ARENA_NEW_ARRAY(arena, bool, record->brings.count);
    bool *sorted = ARENA_NEW_ARRAY(arena, bool, rows->count);
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < rows->count; i++) {
            for (size_t k = 0; !sorted[i] && k < record->brings.count; k++) {
                if (taken[k] || !is_alike(&rows->items[i], &record->brings.items[k], pass == 0))
                    continue;
                taken[k] = sorted[i] = true;
                ARRAY_PUSH(arena, &record->brought, rows->items[i].adapter_id);
            }
        }
    }
    for (size_t i = 0; i < rows->count; i++) {
        if (!sorted[i] && !(may_be_ours && can_be_ours(&rows->items[i], &record->after)))
            ARRAY_PUSH(arena, &record->foreign, rows->items[i].adapter_id);
    }
}

GpuPartitionList restore_removals(const ChangeRecord *record, const GpuPartitionList *rows, Arena *arena)
{
    GpuPartitionList removals = record_removals(record, arena);
    for (size_t i = 0; i < record->brought.count; i++) {
        const GpuPartition *row = partition_find(rows, record->brought.items[i]);
        if (row != NULL)
            ARRAY_PUSH(arena, &removals, *row);
    }
    return removals;
}

void restore_warn_of_memory(const HyperVHost *host, const VmResources *resources, const ChangeRecord *record)
{
    if (record->after.count > 0 && vm_memory_hinders_gpus(resources))
        report_warning(host->report,
                       "the memory of VM '%s' is dynamic in checkpoint '%s', and its minimum is another than it starts "
                       "with: with a GPU they must be equal, or it does not start or sees only a part",
                       record->vm_name, record->restore_name);
}
