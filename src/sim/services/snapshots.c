/* SPDX-License-Identifier: MIT */
/* Msvm_VirtualSystemSnapshotService. Windows SDK, pages of its methods; names, types and return values as seen on
 * a real host; the refusal for GPU partitions as users report it. */
#include "sim/services/snapshots.h"

#include "base/ascii.h"
#include "base/check.h"
#include "base/compiler.h"
#include "platform/random.h"
#include "sim/services/disks.h"
#include "sim/services/settings_text.h"
#include "sim/store/vm_model.h"

#include <string.h>

#define SETTINGS "Msvm_VirtualSystemSettingData"

enum { CHECKPOINTS_DISABLED = 2, PRODUCTION = 3, PRODUCTION_ONLY = 4, STANDARD = 5 }; /* UserSnapshotType */

/* ---- refusal ---- */

/* Whoever has an adapter, one that WMI does not show included. */
static bool has_gpu(SimHost *host, const SimObject *vm)
{
    Arena scratch = ARENA_INIT;
    const SimObject *settings = sim_vm_settings(host, vm);
    size_t count = sim_settings_resources(host, settings, "Msvm_GpuPartitionSettingData", &scratch).count;
    arena_release(&scratch);
    return count > 0 || sim_vm_has_hidden_adapter(host, vm);
}

void sim_snapshot_check_devices(SimHost *host, const SimObject *vm, SimFailure *failure)
{
    Arena scratch = ARENA_INIT;
    const SimObject *settings = sim_vm_settings(host, vm);
    size_t devices = sim_settings_resources(host, settings, "Msvm_PciExpressSettingData", &scratch).count;
    uint64_t type = sim_object_uint(settings, "UserSnapshotType");
    arena_release(&scratch);
    bool gpu = has_gpu(host, vm);
    if (!gpu && devices == 0)
        return;
    sim_fail(host, failure, (uint16_t) host->knobs.checkpoint_refusal_code, SIM_TEXT_CHECKPOINT_FAILED, vm, NULL);
    if (type == PRODUCTION || type == PRODUCTION_ONLY)
        sim_fail_layer(host, failure, SIM_TEXT_NO_PRODUCTION_CHECKPOINT, vm, NULL);
    sim_fail_layer(host, failure, gpu ? SIM_TEXT_HAS_GPU : SIM_TEXT_HAS_DDA, vm, NULL);
}

/* ---- creating ---- */

/* Two digits without a leading zero. */
static const char *short_number(const char *digits, Arena *arena)
{
    return digits[0] == '0' ? arena_strndup(arena, digits + 1, 1) : arena_strndup(arena, digits, 2);
}

/* "my vm - (2026/7/1 - 0:43:52)"; in German "my vm - (01.07.2026 - 00:43:52)". Universal time. */
static const char *default_name(SimHost *host, const SimObject *vm)
{
    Arena scratch = ARENA_INIT;
    const char *t = cim_datetime_format(&scratch, host->now_ms); /* yyyymmddHHMMSS... */
    const char *name = sim_object_text(vm, "ElementName");
    if (host->knobs.german)
        name = arena_printf(&host->arena, "%s - (%.2s.%.2s.%.4s - %.2s:%.2s:%.2s)", name, t + 6, t + 4, t, t + 8,
                            t + 10, t + 12);
    else
        name = arena_printf(&host->arena, "%s - (%.4s/%s/%s - %s:%.2s:%.2s)", name, t, short_number(t + 4, &scratch),
                            short_number(t + 6, &scratch), short_number(t + 8, &scratch), t + 10, t + 12);
    arena_release(&scratch);
    return name;
}

/* Only a standard checkpoint holds the memory of a running VM, and a production one (type 3) in its place where the
 * guest cannot do its part; a saved VM has memory to hold in any case. */
static bool holds_memory(const SimHost *host, uint64_t state, uint64_t type)
{
    bool live = state == SIM_STATE_RUNNING || state == SIM_STATE_PAUSED;
    bool standard = type == STANDARD || (type == PRODUCTION && host->knobs.guest_cannot_quiesce);
    return state == SIM_STATE_SAVED || (live && standard);
}

/* Type 4 has nothing to fall back to. */
static void check_guest(SimHost *host, const SimObject *vm, SimFailure *failure)
{
    if (failure->code != 0 || !host->knobs.guest_cannot_quiesce || sim_vm_state(vm) != SIM_STATE_RUNNING ||
        sim_object_uint(sim_vm_settings(host, vm), "UserSnapshotType") != PRODUCTION_ONLY)
        return;
    sim_fail(host, failure, SIM_RETURN_FAILED, SIM_TEXT_CHECKPOINT_FAILED, vm, NULL);
    sim_fail_layer(host, failure, SIM_TEXT_NO_PRODUCTION_CHECKPOINT, vm, NULL);
    sim_fail_layer(host, failure, SIM_TEXT_GUEST_CANNOT_QUIESCE, NULL, NULL);
}

/* Not yet on the host. */
static SimObject *copy_settings(SimHost *host, const SimObject *current, const char *guid, const char *name,
                                int64_t when_ms)
{
    SimObject *snapshot = sim_object_create(host, current->class);
    memcpy(snapshot->row.properties, current->row.properties, current->row.count * sizeof(CimProperty));
    sim_object_set_text(host, snapshot, "InstanceID", arena_printf(&host->arena, "Microsoft:%s", guid));
    sim_object_set_text(host, snapshot, "VirtualSystemType", SIM_TYPE_CHECKPOINT);
    sim_object_set_text(host, snapshot, "ElementName", name);
    sim_object_set_text(host, snapshot, "ConfigurationID", guid);
    sim_object_set_text(host, snapshot, "ConfigurationFile", arena_printf(&host->arena, "Snapshots\\%s.vmcx", guid));
    sim_object_set_text(host, snapshot, "GuestStateFile", arena_printf(&host->arena, "Snapshots\\%s.vmgs", guid));
    sim_object_set_time(host, snapshot, "CreationTime", when_ms);
    return snapshot;
}

/* With its resources; the VM goes on in new disks. False: there is one with that GUID. */
static bool insert_snapshot(SimHost *host, SimObject *current, SimObject *snapshot, const char *disk_id)
{
    if (!sim_object_insert(host, snapshot))
        return false;
    sim_settings_copy_resources(host, current, snapshot);
    sim_disks_branch(host, current, disk_id, SIM_NEW_DISK_BYTES);
    sim_object_set_text(host, current, "Parent", sim_object_path(host, snapshot, &host->arena));
    return true;
}

static void run_create_snapshot(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure)
{
    SimObject *current = sim_vm_settings(host, vm);
    SimObject *snapshot = copy_settings(host, current, job->guids.items[0], job->name, job->start_ms);
    uint64_t type = sim_object_uint(current, "UserSnapshotType");
    sim_object_set_boolean(host, snapshot, "IsSaved", holds_memory(host, job->from_state, type));
    if (insert_snapshot(host, current, snapshot, job->id))
        sim_job_affect(host, job, sim_object_path(host, snapshot, &host->arena), 5);
    else /* the job comes from a state file that contradicts itself */
        sim_fail(host, failure, SIM_RETURN_FAILED, SIM_TEXT_UNEXPECTED, vm, NULL);
}

/* ---- automatic ones ---- */

static bool takes_automatic(const SimHost *host, const SimObject *settings)
{
    return host->knobs.automatic_checkpoints && sim_object_boolean(settings, "AutomaticSnapshotsEnabled") &&
           sim_object_uint(settings, "UserSnapshotType") != CHECKPOINTS_DISABLED;
}

void sim_vm_take_automatic(SimHost *host, SimObject *vm, const char *guid)
{
    SimObject *current = sim_vm_settings(host, vm);
    if (!takes_automatic(host, current))
        return;
    const char *name = arena_printf(&host->arena, host->knobs.german ? "Automatischer Prüfpunkt - %s"
                                                                     : "Automatic Checkpoint - %s",
                                    default_name(host, vm));
    SimObject *snapshot = copy_settings(host, current, guid, name, host->now_ms);
    sim_object_set_boolean(host, snapshot, "IsAutomaticSnapshot", true);
    sim_object_set_boolean(host, snapshot, "IsSaved", false);
    (void) insert_snapshot(host, current, snapshot, guid); /* the same job twice in a state file: one is enough */
}

/* The name in SnapshotSettings, if there is one; *ret_result 0 or the refusal of the text. */
static const char *wanted_name(SimCall *call, uint32_t *ret_result)
{
    const char *text = sim_call_text(call, "SnapshotSettings");
    CimInstance *instance = NULL;
    *ret_result = SIM_RETURN_OK;
    if (text == NULL || *text == '\0')
        return NULL;
    *ret_result = sim_read_text(call->host, text, call->arena, &instance);
    if (*ret_result != SIM_RETURN_OK || call->host->knobs.ignore_snapshot_name)
        return NULL;
    const char *name = cim_instance_text(instance, "ElementName");
    return name == NULL || *name == '\0' ? NULL : name;
}

/* Unverified: what a host with checkpoints disabled answers; recovery checkpoints (for backup) are not simulated. */
static uint32_t call_create(SimCall *call)
{
    SimHost *host = call->host;
    SimObject *vm = sim_call_vm(call, "AffectedSystem");
    uint32_t result;
    const char *name = wanted_name(call, &result);
    if (vm == NULL || result != SIM_RETURN_OK)
        return vm == NULL ? SIM_RETURN_INVALID_PARAMETER : result;
    if (cim_instance_uint(call->in, "SnapshotType", 2) != 2)
        return SIM_RETURN_NOT_SUPPORTED;
    if (sim_vm_is_busy(vm) || sim_object_uint(sim_vm_settings(host, vm), "UserSnapshotType") == CHECKPOINTS_DISABLED)
        return SIM_RETURN_INVALID_STATE;
    SimJob *job = sim_job_create(host, "create-snapshot", vm);
    char guid[GUID_TEXT_LENGTH + 1];
    random_guid(guid);
    ARRAY_PUSH(&host->arena, &job->guids, arena_strdup(&host->arena, guid));
    job->name = name != NULL ? arena_strdup(&host->arena, name) : default_name(host, vm);
    sim_snapshot_check_devices(host, vm, &job->failure);
    check_guest(host, vm, &job->failure);
    if (job->failure.code != 0 || !host->knobs.sync_snapshots)
        return sim_call_start_job(call, job);
    job->start_ms = host->now_ms;
    run_create_snapshot(host, job, vm, &job->failure);
    const char *id = arena_printf(call->arena, "Microsoft:%s", guid);
    sim_call_set_reference(call, "ResultingSnapshot", sim_object_by_instance_id(host, SETTINGS, id));
    return SIM_RETURN_OK;
}

/* ---- applying ---- */

/* What of the current configuration stays when a checkpoint is applied. Seen: the VM's notes are not taken back. */
static const char *const kept[] = { "InstanceID",   "VirtualSystemType", "ElementName",       "Notes",
                                    "CreationTime", "ConfigurationID",   "ConfigurationFile", "GuestStateFile",
                                    "Parent",       "Caption",           "Description",
                                    "IsAutomaticSnapshot" };

/* The checkpoint that the job is about; NULL when it is gone. */
static SimObject *snapshot_of(SimHost *host, const SimJob *job, const SimObject *vm, SimFailure *failure)
{
    SimObject *snapshot = sim_object_by_instance_id(host, SETTINGS, job->subject);
    if (snapshot != NULL && sim_settings_is_checkpoint(snapshot))
        return snapshot;
    sim_fail(host, failure, SIM_RETURN_INVALID_STATE, SIM_TEXT_INVALID_STATE, vm, NULL);
    return NULL;
}

static void apply_settings(SimHost *host, SimObject *current, const SimObject *snapshot)
{
    for (size_t i = 0; i < current->row.count; i++) {
        const CimProperty *property = &snapshot->row.properties[i];
        if (!sim_name_in(property->name, kept, COUNT_OF(kept)))
            sim_object_set(host, current, property->name, property->value);
    }
    sim_object_set_text(host, current, "Parent", sim_object_path(host, snapshot, &host->arena));
}

/* No source says whether a VM with a GPU is refused; the other checkpoint operations are. Unverified, and a knob. */
static void check_apply(SimHost *host, const SimObject *vm, SimFailure *failure)
{
    if (host->knobs.apply_with_gpu || !has_gpu(host, vm))
        return;
    sim_fail(host, failure, (uint16_t) host->knobs.checkpoint_refusal_code, SIM_TEXT_APPLY_FAILED, vm, NULL);
    sim_fail_layer(host, failure, SIM_TEXT_HAS_GPU, vm, NULL);
}

/* The data of the present is gone for good, and the VM goes on in new disks below those of the checkpoint. No source
 * says what becomes of GPU partitions. Unverified: they go the way of all resources, which follow the checkpoint. */
static void run_apply_snapshot(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure)
{
    const SimObject *snapshot = snapshot_of(host, job, vm, failure);
    SimObject *current = sim_vm_settings(host, vm);
    if (snapshot == NULL)
        return;
    check_apply(host, vm, failure);
    if (failure->code != 0)
        return;
    Arena scratch = ARENA_INIT;
    SimObjects old = sim_settings_resources(host, current, "CIM_ResourceAllocationSettingData", &scratch);
    for (size_t i = 0; i < old.count; i++)
        sim_object_remove(host, old.items[i]);
    arena_release(&scratch);
    apply_settings(host, current, snapshot);
    sim_settings_copy_resources(host, snapshot, current);
    sim_disks_branch(host, current, job->id, SIM_NEW_DISK_BYTES);
    sim_vm_tidy_disks(host, vm);
    sim_vm_set_state(host, vm, sim_object_boolean(snapshot, "IsSaved") ? SIM_STATE_SAVED : SIM_STATE_OFF);
    cim_instance_set(host->last_applied, &host->arena, sim_vm_guid(vm), cim_string(job->subject));
    host->changes++;
}

/* ---- destroying ---- */

static void forget_applied(SimHost *host, const char *id)
{
    CimInstance *map = host->last_applied;
    for (size_t i = map->count; i-- > 0;) {
        if (ascii_equals(map->properties[i].value.text, id))
            map->properties[i] = map->properties[--map->count];
    }
}

static bool is_child(const SimObject *settings, const char *parent_path)
{
    const char *path = sim_object_text(settings, "Parent");
    return *path != '\0' && cim_path_equals(path, parent_path);
}

/* Configurations below this one, among them perhaps the VM's current one. */
static SimObjects find_children(const SimHost *host, const SimObject *snapshot, Arena *arena)
{
    SimObjects children = { .items = NULL };
    const char *path = sim_object_path(host, snapshot, arena);
    SimWalk walk = sim_walk(host, SETTINGS);
    for (SimObject *object; (object = sim_walk_next(&walk)) != NULL;) {
        if (is_child(object, path))
            ARRAY_PUSH(arena, &children, object);
    }
    return children;
}

static void destroy(SimHost *host, SimObject *snapshot)
{
    Arena scratch = ARENA_INIT;
    SimObjects children = find_children(host, snapshot, &scratch);
    for (size_t i = 0; i < children.count; i++)
        sim_object_set(host, children.items[i], "Parent", *sim_object_value(snapshot, "Parent"));
    forget_applied(host, sim_object_text(snapshot, "InstanceID"));
    sim_settings_remove(host, snapshot);
    arena_release(&scratch);
}

void sim_vm_drop_automatic(SimHost *host, SimObject *vm)
{
    Arena scratch = ARENA_INIT;
    SimObjects list = { .items = NULL };
    SimWalk walk = sim_walk(host, SETTINGS);
    for (SimObject *object; (object = sim_walk_next(&walk)) != NULL && host->knobs.automatic_checkpoints;) {
        if (sim_settings_is_checkpoint(object) && sim_object_boolean(object, "IsAutomaticSnapshot") &&
            sim_settings_vm(host, object) == vm)
            ARRAY_PUSH(&scratch, &list, object);
    }
    for (size_t i = 0; i < list.count; i++)
        destroy(host, list.items[i]);
    arena_release(&scratch);
}

static void run_destroy_snapshot(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure)
{
    SimObject *snapshot = snapshot_of(host, job, vm, failure);
    if (snapshot == NULL)
        return;
    destroy(host, snapshot);
    sim_vm_tidy_disks(host, vm);
}

static bool contains(const SimObjects *list, const SimObject *object)
{
    size_t i = 0;
    while (i < list->count && list->items[i] != object)
        i++;
    return i < list->count;
}

static void run_destroy_snapshot_tree(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure)
{
    Arena scratch = ARENA_INIT;
    SimObjects tree = { .items = NULL };
    SimObject *root = snapshot_of(host, job, vm, failure);
    if (root != NULL)
        ARRAY_PUSH(&scratch, &tree, root);
    for (size_t i = 0; i < tree.count; i++) {
        SimObjects children = find_children(host, tree.items[i], &scratch);
        for (size_t k = 0; k < children.count; k++) {
            if (sim_settings_is_checkpoint(children.items[k]) && !contains(&tree, children.items[k]))
                ARRAY_PUSH(&scratch, &tree, children.items[k]);
        }
    }
    for (size_t i = tree.count; i-- > 0;)
        destroy(host, tree.items[i]);
    if (root != NULL)
        sim_vm_tidy_disks(host, vm);
    arena_release(&scratch);
}

/* ---- merging ---- */

static void run_merge_disks(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure)
{
    (void) job; /* what is to be merged shows in the disks */
    (void) failure;
    sim_disks_merge(host, vm);
}

static int64_t merge_duration(const SimHost *host)
{
    return host->knobs.jobs_finish_at_once ? 0 : host->knobs.merge_milliseconds;
}

/* Seen: the checkpoint is gone when the job ends, and OperationalStatus[1] tells of the merge that goes on. Reports
 * differ in when that is: while the VM runs (since Windows Server 2012), or not before it is off. A knob. */
void sim_vm_tidy_disks(SimHost *host, SimObject *vm)
{
    bool is_on = sim_vm_state(vm) != SIM_STATE_OFF && sim_vm_state(vm) != SIM_STATE_SAVED;
    sim_disks_drop_unused(host, vm);
    if (!sim_disks_need_merge(host, vm) || sim_job_at_work(host, "merge-disks", vm) != NULL)
        return;
    if (host->knobs.merge == SIM_MERGE_IN_JOB) {
        sim_disks_merge(host, vm);
    } else if (host->knobs.merge == SIM_MERGE_BACKGROUND || !is_on) {
        SimJob *job = sim_job_create(host, "merge-disks", vm);
        job->duration_ms = merge_duration(host);
        sim_job_start(host, job);
    }
}

/* ---- clearing ---- */

static void run_clear_snapshot_state(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure)
{
    SimObject *snapshot = snapshot_of(host, job, vm, failure);
    if (snapshot != NULL)
        sim_object_set_boolean(host, snapshot, "IsSaved", false);
}

/* ---- calls ---- */

/* Replica points are applied by a failover. Unverified: what asking for one here is answered. */
static bool can_be_applied(const SimObject *snapshot)
{
    const char *type = sim_object_text(snapshot, "VirtualSystemType");
    return ascii_equals(type, SIM_TYPE_CHECKPOINT) || ascii_equals(type, SIM_TYPE_RECOVERY);
}

static uint32_t start_on_snapshot(SimCall *call, const char *parameter, const char *type, int64_t extra_ms)
{
    const SimObject *snapshot = sim_call_object(call, parameter, SETTINGS);
    if (snapshot == NULL || !sim_settings_is_checkpoint(snapshot))
        return SIM_RETURN_INVALID_PARAMETER;
    const SimObject *vm = sim_settings_vm(call->host, snapshot);
    if (vm == NULL || sim_vm_is_busy(vm))
        return SIM_RETURN_INVALID_STATE;
    SimJob *job = sim_job_create(call->host, type, vm);
    job->subject = sim_object_text(snapshot, "InstanceID");
    job->duration_ms += extra_ms;
    sim_job_affect(call->host, job, sim_object_path(call->host, snapshot, &call->host->arena), 1);
    return sim_call_start_job(call, job);
}

static uint32_t call_apply(SimCall *call)
{
    const SimObject *snapshot = sim_call_object(call, "Snapshot", SETTINGS);
    const SimObject *vm = snapshot == NULL ? NULL : sim_settings_vm(call->host, snapshot);
    bool at_rest = vm == NULL || sim_vm_state(vm) == SIM_STATE_OFF || sim_vm_state(vm) == SIM_STATE_SAVED;
    if (snapshot != NULL && sim_settings_is_checkpoint(snapshot) && (!at_rest || !can_be_applied(snapshot)))
        return SIM_RETURN_INVALID_STATE;
    return start_on_snapshot(call, "Snapshot", "apply-snapshot", 0);
}

static uint32_t destroy_call(SimCall *call, const char *parameter, const char *type)
{
    return start_on_snapshot(call, parameter, type,
                             call->host->knobs.merge == SIM_MERGE_IN_JOB ? merge_duration(call->host) : 0);
}

static uint32_t call_destroy(SimCall *call)
{
    return destroy_call(call, "AffectedSnapshot", "destroy-snapshot");
}

static uint32_t call_destroy_tree(SimCall *call)
{
    return destroy_call(call, "SnapshotSettingData", "destroy-snapshot-tree");
}

static uint32_t call_clear_state(SimCall *call)
{
    return start_on_snapshot(call, "SnapshotSettingData", "clear-snapshot-state", 0);
}

/* ---- the service ---- */

static const SimMethod methods[] = {
    { "Msvm_VirtualSystemSnapshotService", "CreateSnapshot", call_create },
    { "Msvm_VirtualSystemSnapshotService", "ApplySnapshot", call_apply },
    { "Msvm_VirtualSystemSnapshotService", "DestroySnapshot", call_destroy },
    { "Msvm_VirtualSystemSnapshotService", "DestroySnapshotTree", call_destroy_tree },
    { "Msvm_VirtualSystemSnapshotService", "ClearSnapshotState", call_clear_state },
};

static const SimJobType job_types[] = {
    { "merge-disks", 0, 50, SIM_OPERATION_MERGING, 0, run_merge_disks, NULL },
    { "create-snapshot", SIM_JOB_NAME | SIM_JOB_GUID, 70, SIM_OPERATION_CREATING, 0, run_create_snapshot, NULL },
    { "apply-snapshot", SIM_JOB_SUBJECT, 71, SIM_OPERATION_APPLYING, 0, run_apply_snapshot, NULL },
    { "destroy-snapshot", SIM_JOB_SUBJECT, 72, SIM_OPERATION_DELETING, 0, run_destroy_snapshot, NULL },
    { "destroy-snapshot-tree", SIM_JOB_SUBJECT, 72, SIM_OPERATION_DELETING, 0, run_destroy_snapshot_tree, NULL },
    { "clear-snapshot-state", SIM_JOB_SUBJECT, 73, 0, 0, run_clear_snapshot_state, NULL },
};

const SimService sim_snapshots_service = {
    .methods = methods,
    .method_count = COUNT_OF(methods),
    .job_types = job_types,
    .job_type_count = COUNT_OF(job_types),
};
