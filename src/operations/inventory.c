/* SPDX-License-Identifier: MIT */
#include "operations/inventory.h"

#include "base/ascii.h"
#include "base/guid.h"
#include "cim/schema.h"
#include "hyperv/change/detached.h"
#include "hyperv/change/recovery.h"
#include "hyperv/gpu/gpu_path.h"
#include "journal/journal.h"
#include "platform/text.h"

#include <string.h>

/* ---- unfinished changes ---- */

static void look_for_journal(const HyperVHost *host, const char *guid, const char *vm_name, const char *address,
                             Arena *arena, UnfinishedChangeList *list)
{
    Error err = { .code = ERR_NONE };
    JournalRecord record;
    UnfinishedChange change = { .vm_name = vm_name, .vm_address = address, .vm_guid = guid };
    if (!journal_peek(&host->journals, guid, vm_record_kinds, arena, &record, &err))
        change.problem = arena_strdup(arena, err.message);
    else if (record.kind == NULL)
        return;
    ARRAY_PUSH(arena, list, change);
}

UnfinishedChangeList inventory_find_unfinished(const HyperVHost *host, const Vm *vm, Arena *arena)
{
    UnfinishedChangeList list = { 0 };
    look_for_journal(host, vm->guid, vm->name, vm->address, arena, &list);
    return list;
}

static const VmSummary *find_vm(const VmSummaryList *vms, const char *guid)
{
    for (size_t i = 0; i < vms->count; i++) {
        if (ascii_equals(vms->items[i].guid, guid))
            return &vms->items[i];
    }
    return NULL;
}

static bool is_only_one(const VmSummaryList *vms, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < vms->count; i++)
        count += text_equals(vms->items[i].name, name);
    return count == 1;
}

UnfinishedChangeList inventory_find_all_unfinished(const HyperVHost *host, const VmSummaryList *vms, Arena *arena)
{
    Error err = { .code = ERR_NONE };
    StringList ids;
    UnfinishedChangeList list = { 0 };
    if (!journal_list(&host->journals, arena, &ids, &err)) {
        UnfinishedChange unknown = { .vm_name = "", .vm_guid = "", .problem = arena_strdup(arena, err.message) };
        ARRAY_PUSH(arena, &list, unknown);
        return list;
    }
    for (size_t i = 0; i < ids.count; i++) {
        const char *by_id = vm_id_text(ids.items[i], arena);
        const VmSummary *vm = find_vm(vms, ids.items[i]);
        const char *name = vm != NULL ? vm->name : by_id;
        bool is_sure = vm != NULL && is_only_one(vms, name);
        look_for_journal(host, ids.items[i], name, is_sure ? vm_address(name, ids.items[i], arena) : by_id, arena,
                         &list);
    }
    return list;
}

/* ---- GPUs that are detached ---- */

/* What is remembered, and not on the VM again. What cannot be read is no reason not to show the rest. */
static DetachedGpus find_detached(const HyperVHost *host, const char *guid, const GpuPartitionList *present,
                                  Arena *arena)
{
    Error err = { .code = ERR_NONE };
    const DetachedGpus *detached = NULL;
    if (!detached_read(host, guid, arena, &detached, &err))
        report_warning(host->report, "%s", err.message);
    return detached != NULL ? detached_left(detached, present, arena) : (DetachedGpus){ .since = NULL };
}

/* ---- VMs ---- */

typedef struct VmRows {
    CimInstanceList systems, adapters, checkpoints;
} VmRows;

/* The rows that belong to a VM's current configuration; those of checkpoints and templates belong to none. */
static GpuPartitionList adapters_of(const CimInstanceList *adapters, const char *guid, Arena *arena)
{
    GpuPartitionList list = { 0 };
    size_t prefix = strlen("Microsoft:");
    for (size_t i = 0; i < adapters->count; i++) {
        const char *id = cim_instance_text(adapters->items[i], "InstanceID");
        if (id != NULL && ascii_starts_with(id, "Microsoft:") &&
            ascii_ncasecmp(id + prefix, guid, GUID_TEXT_LENGTH) == 0)
            ARRAY_PUSH(arena, &list, partition_from_instance(adapters->items[i], arena));
    }
    return list;
}

static size_t count_checkpoints(const CimInstanceList *checkpoints, const char *guid)
{
    size_t count = 0;
    for (size_t i = 0; i < checkpoints->count; i++) {
        const char *owner = cim_instance_text(checkpoints->items[i], "VirtualSystemIdentifier");
        count += owner != NULL && ascii_equals(owner, guid);
    }
    return count;
}

/* Of a VM that was deleted, or moved to another host, somebody may still want to know. */
static void tell_of_gone_vms(const HyperVHost *host, const VmSummaryList *vms, Arena *arena)
{
    Error err = { .code = ERR_NONE };
    StringList ids;
    if (!journal_memo_list(&host->journals, arena, &ids, &err)) {
        report_warning(host->report, "%s", err.message);
        return;
    }
    for (size_t i = 0; i < ids.count; i++) {
        JournalRecord record;
        if (find_vm(vms, ids.items[i]) != NULL ||
            !journal_memo_read(&host->journals, ids.items[i], NULL, arena, &record, &err) || record.label.name == NULL)
            continue;
        report_warning(host->report,
                       "VM '%s', from which GPUs were detached, is gone from the host; what is remembered of them is "
                       "in '%s'",
                       record.label.name, journal_memo_file(&host->journals, ids.items[i], arena));
    }
}

static bool read_vm_rows(HyperVHost *host, Arena *arena, VmRows *ret_rows, Error *err)
{
    static const char checkpoints_query[] = "SELECT * FROM Msvm_VirtualSystemSettingData "
                                            "WHERE VirtualSystemType LIKE 'Microsoft:Hyper-V:Snapshot:%'";
    bool visible;
    if (!host_is_visible(host, arena, &visible, &ret_rows->systems, err))
        return false;
    if (!visible)
        return host_rights_error(host, err);
    return host_select(host, NS_VIRTUALIZATION, "Msvm_GpuPartitionSettingData", NULL, NULL, arena, &ret_rows->adapters,
                       err) &&
           cim_session_query(host->session, NS_VIRTUALIZATION, checkpoints_query, arena, &ret_rows->checkpoints, err);
}

bool inventory_read_vms(HyperVHost *host, Arena *arena, VmSummaryList *ret_vms, UnfinishedChangeList *ret_unfinished,
                        Error *err)
{
    VmRows rows;
    VmSummaryList vms = { 0 };
    if (!read_vm_rows(host, arena, &rows, err))
        return false;
    for (size_t i = 0; i < rows.systems.count; i++) {
        const CimInstance *system = rows.systems.items[i];
        const char *guid = cim_instance_text(system, "Name"), *name = cim_instance_text(system, "ElementName");
        if (guid == NULL || !guid_is_valid(guid)) /* a row of the host itself */
            continue;
        GpuPartitionList adapters = adapters_of(&rows.adapters, guid, arena);
        VmSummary vm = { .name = name != NULL ? name : "",
                         .guid = guid,
                         .state = (VmState) cim_instance_uint(system, "EnabledState", 0),
                         .gpus = adapters.count,
                         .detached = find_detached(host, guid, &adapters, arena).partitions.count,
                         .checkpoints = count_checkpoints(&rows.checkpoints, guid) };
        ARRAY_PUSH(arena, &vms, vm);
    }
    tell_of_gone_vms(host, &vms, arena);
    *ret_vms = vms;
    *ret_unfinished = inventory_find_all_unfinished(host, &vms, arena);
    return true;
}

/* ---- GPUs ---- */

bool inventory_read_gpus(HyperVHost *host, Arena *arena, GpuList *ret_gpus, Error *err)
{
    bool visible = true;
    /* Without a VM there is no adapter whose GPU would have to be told. */
    if (!gpu_list_read(host, true, arena, ret_gpus, err) ||
        (ret_gpus->count == 0 && !host_is_visible(host, arena, &visible, NULL, err)))
        return false;
    return visible || host_rights_error(host, err);
}

AssignedGpu assigned_gpu_make(const GpuPartition *partition, const GpuList *gpus, Arena *arena)
{
    const char *resource = partition->host_resource;
    const Gpu *gpu = gpu_list_find(gpus, partition);
    return (AssignedGpu){ .partition = *partition,
                          .gpu = gpu,
                          .name = gpu_list_name_of(gpus, partition),
                          .device_id = gpu != NULL        ? gpu->device_id
                                       : resource != NULL ? gpu_path_device_id(resource, arena)
                                                          : NULL,
                          .instance_id = resource != NULL ? gpu_path_instance_id(resource, arena) : NULL };
}

bool assigned_gpu_is_gone(const AssignedGpu *assigned)
{
    return assigned->partition.host_resource != NULL && assigned->gpu == NULL;
}

AssignedGpuList detached_gpus_make(const DetachedGpus *detached, const GpuList *gpus, Arena *arena)
{
    AssignedGpuList list = { 0 };
    for (size_t i = 0; i < detached->partitions.count; i++) {
        AssignedGpu gpu = assigned_gpu_make(&detached->partitions.items[i], gpus, arena);
        gpu.is_detached = true;
        if (gpu.gpu == NULL)
            gpu.name = detached->names.items[i];
        ARRAY_PUSH(arena, &list, gpu);
    }
    return list;
}

bool inventory_read_vm(HyperVHost *host, const Vm *vm, Arena *arena, VmInventory *ret_inventory, Error *err)
{
    VmInventory inventory = { .has_direct_assignment = false };
    VmResources resources;
    if (!vm_read_resources(host, vm, arena, &resources, err) ||
        !gpu_list_read(host, vm->host_tells_gpus, arena, &inventory.gpus, err))
        return false;
    DetachedGpus detached = find_detached(host, vm->guid, &resources.partitions, arena);
    inventory.detached = detached_gpus_make(&detached, &inventory.gpus, arena);
    inventory.detached_since = detached.partitions.count > 0 ? detached.since : NULL;
    for (size_t i = 0; i < resources.partitions.count; i++) {
        AssignedGpu assigned = assigned_gpu_make(&resources.partitions.items[i], &inventory.gpus, arena);
        ARRAY_PUSH(arena, &inventory.assigned, assigned);
    }
    inventory.has_direct_assignment = resources.has_direct_assignment;
    *ret_inventory = inventory;
    return true;
}
