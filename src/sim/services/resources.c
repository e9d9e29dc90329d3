/* SPDX-License-Identifier: MIT */
/* AddResourceSettings, ModifyResourceSettings, RemoveResourceSettings. What they refuse and how: seen on real hosts
 * (GPU partitions), and reports of users of other tools. */
#include "sim/services/resources.h"

#include "base/ascii.h"
#include "base/check.h"
#include "base/compiler.h"
#include "platform/random.h"
#include "sim/services/call.h"
#include "sim/services/guest_files.h"
#include "sim/services/power.h"
#include "sim/services/settings_text.h"
#include "sim/store/vm_model.h"

#include <string.h>

#define RESOURCE "CIM_ResourceAllocationSettingData"
#define GPU_PARTITION "Msvm_GpuPartitionSettingData"

static const char *const limits[] = {
    "MinPartitionVRAM",   "MaxPartitionVRAM",   "OptimalPartitionVRAM",   "MinPartitionEncode",
    "MaxPartitionEncode", "OptimalPartitionEncode", "MinPartitionDecode", "MaxPartitionDecode",
    "OptimalPartitionDecode", "MinPartitionCompute", "MaxPartitionCompute", "OptimalPartitionCompute",
};

/* What a change does not reach, or sets in another way. */
static const char *const fixed[] = { "InstanceID",   "Caption",         "Description",
                                     "ResourceType", "ResourceSubType", "VirtualSystemIdentifiers",
                                     "HostResource" };

/* ---- checks ---- */

/* One member of a batch being looked at. */
typedef struct Check {
    SimHost *host;
    const SimObject *vm; /* NULL: not known */
    SimText summary;     /* of the refusal */
    const CimInstance *instance;
    SimFailure *failure;
} Check;

static bool is_gpu(const CimInstance *instance)
{
    return ascii_equals(instance->class_name, GPU_PARTITION);
}

static bool refuse_because(const Check *check, SimText cause, const char *detail)
{
    const CimInstance *instance = check->instance;
    const char *device = instance == NULL || is_gpu(instance) ? "GPU Partition" : instance->class_name;
    sim_fail(check->host, check->failure, SIM_RETURN_INVALID_PARAMETER, check->summary, check->vm, device);
    sim_fail_layer(check->host, check->failure, cause, NULL, detail);
    return false;
}

static bool refuse(const Check *check, const char *parameter)
{
    return refuse_because(check, SIM_TEXT_INVALID_PARAMETER, parameter);
}

/* The GPU that HostResource names, which takes its object path; the bare device path is refused. */
static bool check_host_resource(const Check *check, const SimObject **ret_gpu)
{
    size_t count;
    const CimValue *items = cim_instance_array(check->instance, "HostResource", &count);
    *ret_gpu = count == 1 ? sim_gpu_at(check->host, items[0].text) : NULL;
    return count == 0 || *ret_gpu != NULL || refuse(check, "HostResource");
}

static bool check_pool(const Check *check)
{
    const char *pool = cim_instance_text(check->instance, "PoolID");
    if (pool == NULL || *pool == '\0')
        return true;
    SimWalk walk = sim_walk(check->host, "Msvm_ResourcePool");
    for (const SimObject *object; (object = sim_walk_next(&walk)) != NULL;) {
        if (ascii_equals(sim_object_text(object, "PoolID"), pool) &&
            ascii_equals(sim_object_text(object, "ResourceSubType"), SIM_SUBTYPE_GPU))
            return true;
    }
    return refuse(check, "PoolID");
}

/* Limits in a change. Seen: all ones for the VRAM maximum is refused, for the others taken; there is no upper check.
 * Unverified: whether Encode limits below the GPU's total are refused; reports contradict each other (a knob). */
static bool check_limits(const Check *check)
{
    static const char *const vram[] = { "MaxPartitionVRAM", "OptimalPartitionVRAM" };
    static const char *const encode[] = { "MaxPartitionEncode", "OptimalPartitionEncode" };
    for (size_t i = 0; i < COUNT_OF(vram); i++) {
        if (cim_instance_uint(check->instance, vram[i], 0) == UINT64_MAX)
            return refuse(check, vram[i]);
        if (check->host->knobs.refuse_encode_limits &&
            cim_instance_uint(check->instance, encode[i], UINT64_MAX) != UINT64_MAX)
            return refuse(check, encode[i]);
    }
    return true;
}

/* One report has an automatic checkpoint in the way of a GPU, others assign GPUs to VMs with checkpoints of any kind: a
 * knob. Unverified: the code. */
static bool check_automatic(const Check *check)
{
    SimWalk walk = sim_walk(check->host, "Msvm_VirtualSystemSettingData");
    for (const SimObject *object; (object = sim_walk_next(&walk)) != NULL && check->host->knobs.automatic_blocks_gpu;) {
        if (sim_settings_is_checkpoint(object) && sim_object_boolean(object, "IsAutomaticSnapshot") &&
            sim_settings_vm(check->host, object) == check->vm) {
            sim_fail(check->host, check->failure, SIM_RETURN_INVALID_STATE, check->summary, check->vm, "GPU Partition");
            sim_fail_layer(check->host, check->failure, SIM_TEXT_HAS_AUTOMATIC_CHECKPOINT, NULL, NULL);
            return false;
        }
    }
    return true;
}

/* An instance spawned without its identity is refused, and so is any limit in the adding call. */
static bool check_new_gpu(const Check *check)
{
    if (cim_instance_uint(check->instance, "ResourceType", 0) != 32770)
        return refuse(check, "ResourceType");
    const char *subtype = cim_instance_text(check->instance, "ResourceSubType");
    if (subtype == NULL || !ascii_equals(subtype, SIM_SUBTYPE_GPU))
        return refuse(check, "ResourceSubType");
    for (size_t i = 0; i < COUNT_OF(limits); i++) {
        if (sim_text_has(check->instance, limits[i]))
            return refuse(check, limits[i]);
    }
    const SimObject *gpu;
    if (!check_host_resource(check, &gpu) || !check_pool(check) || !check_automatic(check))
        return false;
    if (sim_vm_state(check->vm) == SIM_STATE_RUNNING && sim_gpu_with_room(check->host, gpu) == NULL)
        return refuse_because(check, SIM_TEXT_GPU_EXHAUSTED, NULL);
    return true;
}

/* Other devices are made with the VM. */
static bool can_be_added(const CimInstance *instance)
{
    return is_gpu(instance) || ascii_equals(instance->class_name, "Msvm_PciExpressSettingData") ||
           ascii_equals(instance->class_name, "Msvm_StorageAllocationSettingData");
}

/* Properties that this build lacks are refused. Unverified: a real host may ignore them. */
static bool check_properties(const Check *check)
{
    const SimClass *class = sim_class_find(check->host, NS_VIRTUALIZATION, check->instance->class_name);
    if (class == NULL || !sim_class_is_a(class, RESOURCE))
        return refuse(check, check->instance->class_name);
    const char *bad = sim_text_bad_property(class, check->instance);
    return bad == NULL || refuse(check, bad);
}

static bool check_add(const Check *check)
{
    if (!check_properties(check))
        return false;
    if (!can_be_added(check->instance))
        return refuse(check, check->instance->class_name);
    return !is_gpu(check->instance) || check_new_gpu(check);
}

/* The resource that a change names; templates are none. */
static SimObject *resource_of(const SimHost *host, const CimInstance *instance)
{
    const char *id = cim_instance_text(instance, "InstanceID");
    SimObject *resource = id == NULL ? NULL : sim_object_by_instance_id(host, RESOURCE, id);
    return resource != NULL && sim_resource_settings(host, resource) != NULL ? resource : NULL;
}

/* What the memory will have, or has. */
static uint64_t new_number(const Check *check, const SimObject *memory, const char *property)
{
    return sim_text_has(check->instance, property) ? cim_instance_uint(check->instance, property, 0)
                                                   : sim_object_uint(memory, property);
}

static bool has_gpu(const SimHost *host, const SimObject *settings)
{
    SimWalk walk = sim_walk(host, GPU_PARTITION);
    for (const SimObject *object; (object = sim_walk_next(&walk)) != NULL;) {
        if (sim_resource_settings(host, object) == settings)
            return true;
    }
    return false;
}

/* With a GPU, start-up and minimum memory must be equal where dynamic memory is on (users' reports quote the text).
 * Unverified: that every other change is refused, too, as one of them says (a knob), and the code. */
static bool check_memory(const Check *check, const SimObject *memory)
{
    static const char *const amounts[] = { "VirtualQuantity", "Reservation", "Limit" };
    bool was_dynamic = sim_object_boolean(memory, "DynamicMemoryEnabled");
    bool is_dynamic = cim_instance_boolean(check->instance, "DynamicMemoryEnabled", was_dynamic);
    bool changes = was_dynamic != is_dynamic;
    for (size_t i = 0; i < COUNT_OF(amounts); i++)
        changes = changes || new_number(check, memory, amounts[i]) != sim_object_uint(memory, amounts[i]);
    uint64_t startup = new_number(check, memory, "VirtualQuantity");
    uint64_t minimum = new_number(check, memory, "Reservation");
    if (is_dynamic && minimum > startup)
        return refuse(check, "Reservation");
    bool is_fit = !changes || (check->host->knobs.gpu_memory_changes && !(is_dynamic && startup != minimum));
    return is_fit || !has_gpu(check->host, sim_resource_settings(check->host, memory)) ||
           refuse_because(check, SIM_TEXT_MEMORY_WITH_GPU, NULL);
}

static bool check_modify(const Check *check)
{
    const SimObject *resource = resource_of(check->host, check->instance);
    const SimObject *gpu;
    if (resource == NULL || !ascii_equals(resource->row.class_name, check->instance->class_name))
        return refuse(check, "InstanceID");
    if (!check_properties(check))
        return false;
    if (ascii_equals(check->instance->class_name, "Msvm_MemorySettingData"))
        return check_memory(check, resource);
    return !is_gpu(check->instance) || (check_host_resource(check, &gpu) && check_pool(check) && check_limits(check));
}

/* ---- effects ---- */

/* What is stored is the full path, however it was given. Builds before 20348 do not keep the choice of a GPU.
 * Unverified: that they take it without a word. */
static void set_host_resource(SimHost *host, SimObject *resource, const CimInstance *instance)
{
    size_t count;
    const CimValue *items = cim_instance_array(instance, "HostResource", &count);
    if (count == 0 || (is_gpu(instance) && host->build < 20348))
        return;
    if (!is_gpu(instance)) {
        sim_object_set(host, resource, "HostResource", cim_array(CIM_TYPE_STRING, items, count));
        return;
    }
    const char *path = sim_object_path(host, sim_gpu_at(host, items[0].text), &host->arena);
    sim_object_set_texts(host, resource, "HostResource", &path, 1);
}

static void apply(SimHost *host, SimObject *resource, const CimInstance *instance)
{
    sim_text_apply(host, resource, instance, fixed, COUNT_OF(fixed));
    set_host_resource(host, resource, instance);
}

static void note_change(SimHost *host, SimObject *vm)
{
    sim_object_set_time(host, vm, "TimeOfLastConfigurationChange", host->now_ms);
}

static void apply_add(SimHost *host, SimJob *job, SimObject *vm, const CimInstance *instance, size_t index,
                      SimFailure *failure)
{
    const SimObject *settings = sim_object_by_instance_id(host, "Msvm_VirtualSystemSettingData", job->subject);
    SimObject *resource =
        settings == NULL ? NULL : sim_resource_create(host, settings, instance->class_name, job->guids.items[index]);
    if (resource == NULL) { /* the job comes from a state file that contradicts itself */
        sim_fail(host, failure, SIM_RETURN_FAILED, SIM_TEXT_UNEXPECTED, vm, NULL);
        return;
    }
    apply(host, resource, instance);
    sim_job_affect(host, job, sim_object_path(host, resource, &host->arena), 5);
    note_change(host, vm);
    if (is_gpu(instance) && sim_vm_state(vm) == SIM_STATE_RUNNING)
        sim_partition_attach(host, vm, resource, failure);
}

static void apply_modify(SimHost *host, SimObject *vm, const CimInstance *instance)
{
    apply(host, resource_of(host, instance), instance);
    note_change(host, vm);
    if (sim_vm_state(vm) == SIM_STATE_RUNNING)
        sim_guest_files_switch(host, vm);
}

static void apply_remove(SimHost *host, SimObject *vm, SimObject *resource)
{
    sim_partition_detach(host, vm, resource);
    sim_object_remove(host, resource);
    note_change(host, vm);
}

/* ---- states ---- */

/* A running VM takes changes of integration components always, of GPUs where the host can (a knob), of nothing else;
 * a saved one takes none. Unverified: the codes. */
static uint32_t check_state(const SimHost *host, const SimObject *vm, const char *class_name)
{
    uint64_t state = sim_vm_state(vm);
    const SimClass *class = sim_class_find(host, NS_VIRTUALIZATION, class_name);
    if (sim_vm_is_busy(vm))
        return SIM_RETURN_INVALID_STATE;
    if (state == SIM_STATE_OFF || (class != NULL && sim_class_index(class, "EnabledState") != SIZE_MAX))
        return SIM_RETURN_OK;
    bool hot = state == SIM_STATE_RUNNING && host->knobs.hot_gpu_changes && ascii_equals(class_name, GPU_PARTITION);
    return hot ? SIM_RETURN_OK : SIM_RETURN_INVALID_STATE;
}

/* The VM of a resource's configuration, which must be a current one. */
static uint32_t check_resource_state(const SimHost *host, const SimObject *resource, SimObject **ret_vm)
{
    const SimObject *settings = sim_resource_settings(host, resource);
    SimObject *vm = settings == NULL ? NULL : sim_settings_vm(host, settings);
    if (vm == NULL || !sim_settings_is_current(settings))
        return SIM_RETURN_INVALID_STATE;
    *ret_vm = vm;
    return check_state(host, vm, resource->row.class_name);
}

/* ---- batches ---- */

typedef enum BatchKind { BATCH_ADD, BATCH_MODIFY, BATCH_REMOVE } BatchKind;

static bool state_allows(const SimHost *host, BatchKind kind, const SimObject *vm, const CimInstance *instance,
                         const char *text)
{
    SimObject *owner;
    if (kind == BATCH_ADD)
        return check_state(host, vm, instance->class_name) == SIM_RETURN_OK;
    const SimObject *resource =
        kind == BATCH_MODIFY ? resource_of(host, instance) : sim_object_by_instance_id(host, RESOURCE, text);
    return check_resource_state(host, resource, &owner) == SIM_RETURN_OK;
}

static bool member_check(SimHost *host, BatchKind kind, const SimJob *job, const SimObject *vm, size_t index,
                         SimFailure *failure)
{
    static const SimText summaries[] = { SIM_TEXT_ADD_FAILED, SIM_TEXT_MODIFY_FAILED, SIM_TEXT_REMOVE_FAILED };
    Arena scratch = ARENA_INIT;
    CimInstance *instance = NULL;
    const char *text = job->texts.items[index];
    Check check = { .host = host, .vm = vm, .summary = summaries[kind], .failure = failure };
    bool ok;
    if (kind == BATCH_REMOVE) {
        ok = sim_object_by_instance_id(host, RESOURCE, text) != NULL || refuse(&check, "ResourceSettings");
    } else if (sim_read_text(host, text, &scratch, &instance) != SIM_RETURN_OK) {
        ok = refuse(&check, "ResourceSettings"); /* the knobs were changed meanwhile */
    } else {
        check.instance = instance;
        ok = kind == BATCH_ADD ? check_add(&check) : check_modify(&check);
    }
    if (ok && !state_allows(host, kind, vm, instance, text)) { /* started since the job began */
        sim_fail(host, failure, SIM_RETURN_INVALID_STATE, SIM_TEXT_INVALID_STATE, vm, NULL);
        ok = false;
    }
    arena_release(&scratch);
    return ok;
}

static void member_apply(SimHost *host, BatchKind kind, SimJob *job, SimObject *vm, size_t index, SimFailure *failure)
{
    Arena scratch = ARENA_INIT;
    CimInstance *instance = NULL;
    const char *text = job->texts.items[index];
    if (kind == BATCH_REMOVE)
        apply_remove(host, vm, sim_object_by_instance_id(host, RESOURCE, text));
    else if (sim_read_text(host, text, &scratch, &instance) != SIM_RETURN_OK)
        CHECK(false); /* it was checked */
    else if (kind == BATCH_ADD)
        apply_add(host, job, vm, instance, index, failure);
    else
        apply_modify(host, vm, instance);
    arena_release(&scratch);
}

static void run_batch(SimHost *host, BatchKind kind, SimJob *job, SimObject *vm, SimFailure *failure)
{
    size_t count = job->texts.count;
    bool fails = host->knobs.batch == SIM_BATCH_HALF_THEN_FAIL && count > 1;
    size_t end = fails ? count / 2 : count;
    for (size_t i = 0; i < count && host->knobs.batch == SIM_BATCH_ALL; i++) {
        if (!member_check(host, kind, job, vm, i, failure))
            return;
    }
    for (size_t i = 0; i < end && failure->code == 0; i++) {
        if (member_check(host, kind, job, vm, i, failure))
            member_apply(host, kind, job, vm, i, failure);
    }
    if (fails && failure->code == 0)
        sim_fail(host, failure, SIM_RETURN_FAILED, SIM_TEXT_UNEXPECTED, vm, NULL);
}

static void run_add_resources(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure)
{
    run_batch(host, BATCH_ADD, job, vm, failure);
}

static void run_modify_resources(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure)
{
    run_batch(host, BATCH_MODIFY, job, vm, failure);
}

static void run_remove_resources(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure)
{
    run_batch(host, BATCH_REMOVE, job, vm, failure);
}

/* ---- calls ---- */

/* Carries the batch out at once, or leaves it to a job; a refusal is a job that failed. */
static uint32_t answer(SimCall *call, BatchKind kind, SimJob *job, SimObject *vm, bool *ret_done)
{
    *ret_done = false;
    if (call->host->knobs.async_resources)
        return sim_call_start_job(call, job);
    run_batch(call->host, kind, job, vm, &job->failure);
    if (job->failure.code != 0)
        return sim_call_start_job(call, job);
    *ret_done = true;
    return SIM_RETURN_OK;
}

/* The embedded instances of the call; each must be readable. */
static uint32_t read_settings(SimCall *call, SimJob *job, CimInstance ***ret_instances)
{
    size_t count;
    const CimValue *items = cim_instance_array(call->in, "ResourceSettings", &count);
    CimInstance **instances = ARENA_NEW_ARRAY(call->arena, CimInstance *, count);
    for (size_t i = 0; i < count; i++) {
        uint32_t result = sim_read_text(call->host, items[i].text, call->arena, &instances[i]);
        if (result != SIM_RETURN_OK)
            return result;
        ARRAY_PUSH(&call->host->arena, &job->texts, arena_strdup(&call->host->arena, items[i].text));
    }
    *ret_instances = instances;
    return count == 0 ? SIM_RETURN_INVALID_PARAMETER : SIM_RETURN_OK;
}

static uint32_t add_resource_settings(SimCall *call)
{
    SimHost *host = call->host;
    const SimObject *settings = sim_call_object(call, "AffectedConfiguration", "Msvm_VirtualSystemSettingData");
    SimObject *vm = settings == NULL ? NULL : sim_settings_vm(host, settings);
    if (vm == NULL)
        return SIM_RETURN_INVALID_PARAMETER;
    if (!sim_settings_is_current(settings))
        return SIM_RETURN_INVALID_STATE;
    SimJob *job = sim_job_create(host, "add-resources", vm);
    job->subject = sim_object_text(settings, "InstanceID");
    CimInstance **instances;
    uint32_t result = read_settings(call, job, &instances);
    for (size_t i = 0; i < job->texts.count && result == SIM_RETURN_OK; i++) {
        char guid[GUID_TEXT_LENGTH + 1];
        random_guid(guid);
        ARRAY_PUSH(&host->arena, &job->guids, arena_strdup(&host->arena, guid));
        result = check_state(host, vm, instances[i]->class_name);
    }
    if (result != SIM_RETURN_OK)
        return result;
    bool done;
    result = answer(call, BATCH_ADD, job, vm, &done);
    SimObjects made = { .items = NULL };
    for (size_t i = 0; i < job->guids.count && done; i++) {
        const char *id = arena_printf(call->arena, "%s\\%s", job->subject, job->guids.items[i]);
        ARRAY_PUSH(call->arena, &made, sim_object_by_instance_id(host, RESOURCE, id));
    }
    if (done)
        sim_call_set_references(call, "ResultingResourceSettings", &made);
    return result;
}

static uint32_t modify_resource_settings(SimCall *call)
{
    SimHost *host = call->host;
    SimJob *job = sim_job_create(host, "modify-resources", NULL);
    CimInstance **instances;
    uint32_t result = read_settings(call, job, &instances);
    SimObjects found = { .items = NULL };
    SimObject *vm = NULL;
    for (size_t i = 0; i < job->texts.count && result == SIM_RETURN_OK; i++) {
        SimObject *resource = resource_of(host, instances[i]);
        if (resource == NULL)
            continue; /* refused by the batch */
        result = check_resource_state(host, resource, &vm);
        ARRAY_PUSH(call->arena, &found, resource);
    }
    if (result != SIM_RETURN_OK)
        return result;
    bool done;
    sim_job_set_vm(host, job, vm);
    result = answer(call, BATCH_MODIFY, job, vm, &done);
    if (done)
        sim_call_set_references(call, "ResultingResourceSettings", &found);
    return result;
}

static uint32_t remove_resource_settings(SimCall *call)
{
    SimHost *host = call->host;
    SimJob *job = sim_job_create(host, "remove-resources", NULL);
    SimObject *vm = NULL;
    size_t count;
    const CimValue *items = cim_instance_array(call->in, "ResourceSettings", &count);
    for (size_t i = 0; i < count; i++) {
        SimObject *resource = sim_object_at(host, NS_VIRTUALIZATION, items[i].text);
        bool known =
            resource != NULL && sim_object_is(resource, RESOURCE) && sim_resource_settings(host, resource) != NULL;
        if (known) {
            uint32_t result = check_resource_state(host, resource, &vm);
            if (result != SIM_RETURN_OK)
                return result;
        }
        /* What is no resource is refused by the batch. Unverified: a real host may answer that it is not found. */
        const char *id = known ? sim_object_text(resource, "InstanceID") : "";
        if (!sim_name_in(id, job->texts.items, job->texts.count))
            ARRAY_PUSH(&host->arena, &job->texts, id);
    }
    if (count == 0)
        return SIM_RETURN_INVALID_PARAMETER;
    bool done;
    sim_job_set_vm(host, job, vm);
    return answer(call, BATCH_REMOVE, job, vm, &done);
}

/* ---- the service ---- */

static const SimMethod methods[] = {
    { "Msvm_VirtualSystemManagementService", "AddResourceSettings", add_resource_settings },
    { "Msvm_VirtualSystemManagementService", "ModifyResourceSettings", modify_resource_settings },
    { "Msvm_VirtualSystemManagementService", "RemoveResourceSettings", remove_resource_settings },
};

static const SimJobType job_types[] = {
    { "add-resources", SIM_JOB_SUBJECT | SIM_JOB_TEXT | SIM_JOB_GUID, 30, 0, 0, run_add_resources, NULL },
    { "modify-resources", SIM_JOB_TEXT, 31, 0, 0, run_modify_resources, NULL },
    { "remove-resources", SIM_JOB_TEXT, 32, 0, 0, run_remove_resources, NULL },
};

const SimService sim_resources_service = {
    .methods = methods,
    .method_count = COUNT_OF(methods),
    .job_types = job_types,
    .job_type_count = COUNT_OF(job_types),
};
