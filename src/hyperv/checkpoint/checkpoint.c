/* SPDX-License-Identifier: MIT */
/* Windows SDK, CreateSnapshot method of Msvm_VirtualSystemSnapshotService. */
#include "hyperv/checkpoint/checkpoint.h"

#include "base/ascii.h"
#include "cim/path.h"
#include "cim/schema.h"
#include "hyperv/checkpoint/checkpoint_edit.h"

#include <string.h>

enum { SNAPSHOT_TYPE_FULL = 2 };

static bool same_parent(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : cim_path_equals(a, b);
}

static Checkpoint describe_row(const CimInstance *row, Arena *arena)
{
    const char *name = cim_instance_text(row, "ElementName");
    return (Checkpoint){ .exists = true,
                         .id = checkpoint_id_of(row, arena),
                         .name = name != NULL ? arena_strdup(arena, name) : NULL,
                         .notes = checkpoint_notes_of(row, arena) };
}

bool checkpoint_find_new(HyperVHost *host, const Vm *vm, const char *parent_before, Arena *arena, Checkpoint *ret_found,
                         Error *err)
{
    VmCheckpoints found;
    if (!vm_read_checkpoints(host, vm, arena, &found, err))
        return false;
    const char *parent = found.current.parent;
    Checkpoint checkpoint = { .exists = parent != NULL && !same_parent(parent, parent_before) };
    for (size_t i = 0; checkpoint.exists && i < found.checkpoints.count; i++) {
        if (cim_path_equals(found.checkpoints.items[i]->path, parent))
            checkpoint = describe_row(found.checkpoints.items[i], arena);
    }
    *ret_found = checkpoint;
    return true;
}

/* What CreateSnapshot made, from its answer or its job; else from the checkpoint that the VM stands on now. */
static Checkpoint find_made(HyperVHost *host, const Vm *vm, const CallResult *result, Arena *arena)
{
    Error err = { .code = ERR_NONE };
    const char *path = cim_instance_text(result->out, "ResultingSnapshot");
    CimInstance *row;
    CimInstanceList rows = { 0 };
    if (path != NULL && cim_session_get(host->session, NS_VIRTUALIZATION, path, arena, &row, &err))
        return describe_row(row, arena);
    if (result->job_path != NULL &&
        host_job_results(host, result->job_path, "Msvm_VirtualSystemSettingData", arena, &rows, &err)) {
        for (size_t i = 0; i < rows.count; i++) {
            const char *type = cim_instance_text(rows.items[i], "VirtualSystemType");
            if (type != NULL && ascii_starts_with(type, "Microsoft:Hyper-V:Snapshot:"))
                return describe_row(rows.items[i], arena);
        }
    }
    Checkpoint made = { .exists = false };
    if (!checkpoint_find_new(host, vm, vm->parent, arena, &made, &err))
        report_warning(host->report, "the checkpoint was created, but its name cannot be read: %s", err.message);
    /* Unverified: that "Parent" of the current configuration always names the newest checkpoint. The answer counts. */
    made.exists = true;
    return made;
}

/* The name and the notes that it has now, after a call that failed and may have been done all the same. */
static bool read_name(HyperVHost *host, const Vm *vm, Checkpoint *checkpoint, Arena *arena)
{
    Error lost = { .code = ERR_NONE };
    CimInstance *row;
    const char *path = checkpoint_path(checkpoint->id, arena);
    if (!host_await_jobs(host, vm->system_path, NULL, &lost) ||
        !cim_session_get(host->session, NS_VIRTUALIZATION, path, arena, &row, &lost))
        return false;
    *checkpoint = describe_row(row, arena);
    return checkpoint->name != NULL;
}

static bool has_name(const Checkpoint *checkpoint, const char *name)
{
    return checkpoint->name != NULL && strcmp(checkpoint->name, name) == 0;
}

bool checkpoint_is_marked(const Checkpoint *checkpoint, CheckpointMaker maker, Arena *arena)
{
    return checkpoint->id != NULL && checkpoint_marked_notes(checkpoint->notes, maker, checkpoint->id, arena) == NULL;
}

/* What is missing of the two. False: something still is. */
static bool write_name_and_mark(HyperVHost *host, const Vm *vm, const char *rename, CheckpointMaker maker,
                                Arena *arena, Checkpoint *checkpoint, Error *err)
{
    const char *notes = checkpoint_marked_notes(checkpoint->notes, maker, checkpoint->id, arena);
    if (rename == NULL && notes == NULL)
        return true;
    const char *what = rename != NULL ? "name the checkpoint" : "mark the checkpoint";
    if (checkpoint_write(host, vm, checkpoint->id, rename, notes, what, arena, err)) {
        checkpoint->name = rename != NULL ? rename : checkpoint->name;
        return true;
    }
    return error_leaves_doubt(err) && read_name(host, vm, checkpoint, arena) &&
           checkpoint_is_marked(checkpoint, maker, arena) && (rename == NULL || has_name(checkpoint, rename));
}

/* The name goes with the request; a host that does not take it from there is asked to rename. The mark in the notes
 * is written afterwards in any case, both in one call. */
void checkpoint_name_and_mark(HyperVHost *host, const Vm *vm, const char *name, CheckpointMaker maker, Arena *arena,
                              Checkpoint *checkpoint)
{
    Error err = { .code = ERR_NONE };
    const char *rename = name == NULL || has_name(checkpoint, name) ? NULL : name;
    if (checkpoint->id == NULL)
        (void) error_set(&err, ERR_NOT_FOUND, "which one it is cannot be told");
    else if (write_name_and_mark(host, vm, rename, maker, arena, checkpoint, &err))
        return;
    if (rename != NULL && !has_name(checkpoint, rename))
        report_warning(host->report, "the checkpoint keeps the name '%s': %s",
                       checkpoint->name != NULL ? checkpoint->name : "that the host gave it", err.message);
    if (!checkpoint_is_marked(checkpoint, maker, arena))
        report_warning(host->report,
                       "the checkpoint does not count as one of HyperPoint's own, since its notes could not be "
                       "written: %s",
                       err.message);
}

static bool hint_refused(const Vm *vm, Error *err)
{
    if (err->code == ERR_DENIED || err->code == ERR_BUSY)
        return false;
    const char *folder = cim_instance_text(vm->settings, "ConfigurationDataRoot");
    return error_hint(
        err,
        "no GPU partition of VM '%s' was visible then, so a stale one that WMI does not show may be the cause: "
        "try to start the VM; an error that names a path with GPUPARAV confirms it. The record is in "
        "'%s\\Virtual Machines\\%s.vmcx'",
        vm->name, folder != NULL ? folder : "the VM's folder", vm->guid);
}

/* After a call that failed: whether the checkpoint was made all the same shows when the host has come to rest. True: it
 * was, and only the reply was lost. One that the host calls failed stays failed. */
static bool look_after_failure(HyperVHost *host, const Vm *vm, const Error *failure, Arena *arena, Checkpoint *ret_made)
{
    Error lost = { .code = ERR_NONE };
    Checkpoint made;
    if (!error_leaves_doubt(failure) || !host_await_jobs(host, vm->system_path, NULL, &lost) ||
        !checkpoint_find_new(host, vm, vm->parent, arena, &made, &lost) || !made.exists)
        return false;
    if (error_outcome_is_unknown(failure)) {
        *ret_made = made;
        return true;
    }
    report_warning(host->report,
                   "VM '%s' stands on a new checkpoint%s%s%s all the same; look at it before you "
                   "rely on it",
                   vm->name, made.name != NULL ? " '" : "", made.name != NULL ? made.name : "",
                   made.name != NULL ? "'" : "");
    return false;
}

static const CimInstance *create_parameters(const Vm *vm, const char *name, Arena *arena)
{
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
    return in;
}

bool checkpoint_create(HyperVHost *host, const Vm *vm, const char *name, CheckpointMaker maker, Arena *arena,
                       Checkpoint *ret_made, Error *err)
{
    const char *service;
    if (!host_service_path(host, "Msvm_VirtualSystemSnapshotService", "vssnapsvc", vm->settings_path, arena, &service,
                           err))
        return false;
    Error failure = { .code = ERR_NONE };
    CallResult result;
    Checkpoint made = { .exists = false };
    if (host_call(host, service, "CreateSnapshot", create_parameters(vm, name, arena), "create the checkpoint", arena,
                  &result, &failure)) {
        made = find_made(host, vm, &result, arena);
    } else if (!look_after_failure(host, vm, &failure, arena, &made)) {
        *err = failure;
        return error_outcome_is_unknown(err) ? false : hint_refused(vm, err);
    }
    checkpoint_name_and_mark(host, vm, name, maker, arena, &made);
    *ret_made = made;
    return true;
}
