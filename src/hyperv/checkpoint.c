/* SPDX-License-Identifier: MIT */
/* Windows SDK, CreateSnapshot method of Msvm_VirtualSystemSnapshotService. */
#include "hyperv/checkpoint.h"

#include "base/ascii.h"
#include "cim/path.h"

#include <string.h>

enum { SNAPSHOT_TYPE_FULL = 2 };

static bool same_parent(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : cim_path_equals(a, b);
}

static Checkpoint describe(const VmCheckpoints *found)
{
    Checkpoint checkpoint = { .exists = true };
    for (size_t i = 0; i < found->checkpoints.count; i++) {
        const CimInstance *row = found->checkpoints.items[i];
        const char *id = cim_instance_text(row, "InstanceID");
        if (found->current.parent != NULL && cim_path_equals(row->path, found->current.parent) && id != NULL) {
            checkpoint.name = cim_instance_text(row, "ElementName");
            checkpoint.id = ascii_starts_with(id, "Microsoft:") ? id + strlen("Microsoft:") : id;
        }
    }
    return checkpoint;
}

bool checkpoint_find_new(HyperVHost *host, const Vm *vm, const char *parent_before, Arena *arena, Checkpoint *ret_found,
                         Error *err)
{
    VmCheckpoints found;
    if (!vm_read_checkpoints(host, vm, arena, &found, err))
        return false;
    if (same_parent(found.current.parent, parent_before))
        *ret_found = (Checkpoint){ .exists = false };
    else
        *ret_found = describe(&found);
    return true;
}

/* The name goes with the request; a host that does not take it from there is asked to rename. */
static void give_name(HyperVHost *host, const Vm *vm, const char *name, Arena *arena, Checkpoint *checkpoint)
{
    if (checkpoint->name != NULL && strcmp(checkpoint->name, name) == 0)
        return;
    Error err = { .code = ERR_NONE };
    const char *service;
    bool ok = checkpoint->id != NULL &&
              host_service_path(host, "Msvm_VirtualSystemManagementService", "vmms", vm->settings_path, arena, &service, &err);
    if (ok) {
        CimInstance *settings = cim_instance_create(arena, "Msvm_VirtualSystemSettingData");
        cim_instance_set(settings, arena, "InstanceID", cim_string(arena_printf(arena, "Microsoft:%s", checkpoint->id)));
        cim_instance_set(settings, arena, "ElementName", cim_string(name));
        CimInstance *in = cim_instance_create(arena, "ModifySystemSettings");
        cim_instance_set(in, arena, "SystemSettings", cim_embedded(settings));
        ok = host_call(host, service, "ModifySystemSettings", in, "name the checkpoint", arena, NULL, &err);
    }
    if (ok)
        checkpoint->name = name;
    else
        host->report->warning(host->report, arena_printf(arena, "the checkpoint keeps the name '%s': %s",
                                                         checkpoint->name != NULL ? checkpoint->name : "that the host gave it",
                                                         err.message));
}

static bool hint_refused(const Vm *vm, Error *err)
{
    if (err->code == ERR_DENIED || err->code == ERR_BUSY)
        return false;
    const char *folder = cim_instance_text(vm->settings, "ConfigurationDataRoot");
    return error_hint(err, "no GPU partition of VM '%s' is visible now, so a stale one that WMI does not show may be the cause: "
                           "try to start the VM; an error that names a path with GPUPARAV confirms it. The record is in "
                           "'%s\\Virtual Machines\\%s.vmcx'",
                      vm->name, folder != NULL ? folder : "the VM's folder", vm->guid);
}

bool checkpoint_create(HyperVHost *host, const Vm *vm, const char *name, Arena *arena, Checkpoint *ret_made, Error *err)
{
    const char *service;
    if (!host_service_path(host, "Msvm_VirtualSystemSnapshotService", "vssnapsvc", vm->settings_path, arena, &service, err))
        return false;
    CimInstance *in = cim_instance_create(arena, "CreateSnapshot");
    cim_instance_set(in, arena, "AffectedSystem", cim_text(CIM_TYPE_REFERENCE, vm->system_path));
    if (name != NULL) {
        CimInstance *settings = cim_instance_create(arena, "Msvm_VirtualSystemSettingData");
        cim_instance_set(settings, arena, "ElementName", cim_string(name));
        cim_instance_set(in, arena, "SnapshotSettings", cim_embedded(settings));
    } else {
        cim_instance_set(in, arena, "SnapshotSettings", cim_string(""));
    }
    cim_instance_set(in, arena, "SnapshotType", cim_uint(CIM_TYPE_UINT16, SNAPSHOT_TYPE_FULL));

    Error failure = { .code = ERR_NONE };
    bool done = host_call(host, service, "CreateSnapshot", in, "create the checkpoint", arena, NULL, &failure);
    if (!done && !error_outcome_is_unknown(&failure)) {
        *err = failure;
        return hint_refused(vm, err);
    }
    Error lost = { .code = ERR_NONE };
    Checkpoint made = { .exists = false };
    bool found = (done || host_settle(host, vm->system_path, &lost)) &&
                 checkpoint_find_new(host, vm, vm->parent, arena, &made, &lost);
    if (!done && (!found || !made.exists)) {
        *err = failure;
        return false;
    }
    if (!found)
        host->report->warning(host->report, arena_printf(arena, "the checkpoint was created, but its name cannot be read: %s",
                                                         lost.message));
    /* Unverified: that "Parent" of the current configuration always names the newest checkpoint. The job's word counts. */
    made.exists = true;
    if (name != NULL)
        give_name(host, vm, name, arena, &made);
    *ret_made = made;
    return true;
}
