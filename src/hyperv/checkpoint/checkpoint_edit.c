/* SPDX-License-Identifier: MIT */
/* Windows SDK, pages of ModifySystemSettings and DestroySnapshot. */
#include "hyperv/checkpoint/checkpoint_edit.h"

#include "base/compiler.h"
#include "cim/schema.h"
#include "hyperv/host/wait.h"

#include <string.h>

#define SETTINGS_CLASS "Msvm_VirtualSystemSettingData"

enum {
    OPERATION_DELETING = 32770, /* OperationalStatus[1] */
    OPERATION_MERGING = 32772,
    LOOK_AGAIN_MS = 500,
    QUIET_LOOKS = 2, /* in a row */
    TRIES = 3,       /* of a removal that is refused because of a merge */
};

/* ---- names and notes ---- */

bool checkpoint_write(HyperVHost *host, const Vm *vm, const char *id, const char *name, const char *notes,
                      const char *what, Arena *arena, Error *err)
{
    const char *service;
    if (!host_service_path(host, "Msvm_VirtualSystemManagementService", "vmms", vm->settings_path, arena, &service,
                           err))
        return false;
    CimInstance *settings = cim_instance_create(arena, SETTINGS_CLASS);
    cim_instance_set(settings, arena, "InstanceID", cim_string(checkpoint_instance_id(id, arena)));
    if (name != NULL)
        cim_instance_set(settings, arena, "ElementName", cim_string(name));
    if (notes != NULL)
        cim_instance_set(settings, arena, "Notes", cim_text_array(arena, CIM_TYPE_STRING, &notes, 1));
    CimInstance *in = cim_instance_create(arena, "ModifySystemSettings");
    cim_instance_set(in, arena, "SystemSettings", cim_embedded(settings));
    return host_call(host, service, "ModifySystemSettings", in, what, arena, NULL, err);
}

/* The checkpoint as it is now; *ret_index NO_CHECKPOINT: it is gone. */
static bool look_again(HyperVHost *host, const CheckpointTree *tree, size_t index, Arena *arena,
                       CheckpointTree *ret_now, size_t *ret_index, Error *err)
{
    if (!host_await_jobs(host, tree->vm.system_path, NULL, err) ||
        !checkpoint_tree_read(host, &tree->vm, arena, ret_now, err))
        return false;
    *ret_index = checkpoint_index_of(ret_now, tree->items[index].id);
    return true;
}

bool checkpoint_rename(HyperVHost *host, const CheckpointTree *tree, size_t index, const char *name, Arena *arena,
                       Error *err)
{
    Error failure = { .code = ERR_NONE }, lost = { .code = ERR_NONE };
    if (checkpoint_write(host, &tree->vm, tree->items[index].id, name, NULL, "rename the checkpoint", arena, &failure))
        return true;
    CheckpointTree now;
    size_t at;
    if (error_leaves_doubt(&failure) && look_again(host, tree, index, arena, &now, &at, &lost)) {
        if (at != NO_CHECKPOINT && strcmp(now.items[at].name, name) == 0)
            return true;
        failure.code = error_outcome_is_unknown(&failure) ? ERR_REMOTE : failure.code;
    } else if (error_leaves_doubt(&failure)) {
        failure.code = ERR_UNKNOWN_OUTCOME;
    }
    *err = failure;
    return false;
}

/* ---- merging ---- */

static bool is_merging(const VmStatus *status)
{
    return status->operation == OPERATION_DELETING || status->operation == OPERATION_MERGING;
}

/* Unverified: that a merge shows in OperationalStatus as soon as the job that deleted the checkpoint has ended. It is
 * over when two looks, a moment apart, show none. */
static bool wait_quiet(HyperVHost *host, const Vm *vm, int quiet_looks, bool *seen, Error *err)
{
    Clock *clock = host->session->clock;
    Waiting waiting = wait_begin(host);
    bool followed = false;
    for (int quiet = 0;;) {
        VmStatus status;
        Error failure = { .code = ERR_NONE };
        bool ok = vm_poll_status(host, vm, &status, &failure);
        quiet = ok && !is_merging(&status) ? quiet + 1 : 0;
        if (quiet >= quiet_looks)
            return true;
        if (ok) {
            wait_answered(&waiting);
        } else if (!wait_may_look_again(&waiting, &failure)) {
            *err = failure;
            return false;
        }
        if (ok && quiet == 0 && !followed) {
            *seen = followed = true;
            if (!host_await_jobs(host, vm->system_path, "merge the disks", err))
                return false;
            continue;
        }
        host->report->progress(host->report, followed ? "merge the disks" : NULL, -1);
        clock->sleep_ms(clock, LOOK_AGAIN_MS);
    }
}

bool checkpoint_wait_merged(HyperVHost *host, const Vm *vm, bool *ret_seen, Error *err)
{
    bool seen = false;
    bool ok = wait_quiet(host, vm, 1, &seen, err);
    host->report->progress(host->report, NULL, -1);
    if (ret_seen != NULL)
        *ret_seen = seen;
    return ok;
}

/* ---- removing ---- */

static bool call_destroy(HyperVHost *host, const CheckpointTree *tree, size_t index, Arena *arena, Error *err)
{
    const char *service;
    if (!host_service_path(host, "Msvm_VirtualSystemSnapshotService", "vssnapsvc", tree->vm.settings_path, arena,
                           &service, err))
        return false;
    CimInstance *in = cim_instance_create(arena, "DestroySnapshot");
    cim_instance_set(in, arena, "AffectedSnapshot", cim_text(CIM_TYPE_REFERENCE, tree->items[index].path));
    return host_call(host, service, "DestroySnapshot", in, "remove the checkpoint", arena, NULL, err);
}

/* What a call that failed has come to. */
static CheckpointRemovalEnd look_after_failure(HyperVHost *host, const CheckpointTree *tree, size_t index,
                                               const Error *failure, Arena *arena)
{
    Error lost = { .code = ERR_NONE };
    CheckpointTree now;
    size_t at;
    if (!error_leaves_doubt(failure))
        return REMOVAL_NOT_DONE;
    if (!look_again(host, tree, index, arena, &now, &at, &lost))
        return REMOVAL_UNKNOWN;
    return at == NO_CHECKPOINT ? REMOVAL_UNMERGED : REMOVAL_NOT_DONE;
}

/* A merge that somebody else has begun keeps the host from deleting: that is waited for, and then asked again. */
static CheckpointRemovalEnd destroy(HyperVHost *host, const CheckpointTree *tree, size_t index, Arena *arena,
                                    Error *err)
{
    /* Ctrl-C is seen before and after. */
    CLEANUP(cancel_unshield) Cancel *shielded = cancel_shield(&host->session->cancel);
    (void) shielded;
    for (int tries = 1;; tries++) {
        Error failure = { .code = ERR_NONE }, lost = { .code = ERR_NONE };
        if (call_destroy(host, tree, index, arena, &failure))
            return REMOVAL_UNMERGED;
        CheckpointRemovalEnd end = look_after_failure(host, tree, index, &failure, arena);
        bool seen = false;
        if (end == REMOVAL_NOT_DONE && failure.code == ERR_STATE && tries < TRIES &&
            checkpoint_wait_merged(host, &tree->vm, &seen, &lost) && seen)
            continue;
        if (end != REMOVAL_UNMERGED)
            *err = failure;
        else
            host_tell_detail(host, &failure, "the checkpoint is gone all the same");
        return end;
    }
}

bool checkpoint_remove(HyperVHost *host, const CheckpointTree *tree, size_t index, Arena *arena,
                       CheckpointRemovalEnd *ret_end, Error *err)
{
    bool seen = false;
    *ret_end = REMOVAL_NOT_DONE;
    if (!checkpoint_wait_merged(host, &tree->vm, NULL, err))
        return false;
    *ret_end = destroy(host, tree, index, arena, err);
    if (*ret_end != REMOVAL_UNMERGED)
        return false;
    bool merged = wait_quiet(host, &tree->vm, QUIET_LOOKS, &seen, err);
    host->report->progress(host->report, NULL, -1);
    if (merged)
        *ret_end = REMOVAL_DONE;
    return merged;
}
