/* SPDX-License-Identifier: MIT */
/* DefineSystem, ModifySystemSettings, DestroySystem. Windows SDK, pages of these methods; what answers 0 and what
 * 4096, and the limits of the MMIO sizes, as seen on a real host. */
#include "sim/services/systems.h"

#include "base/ascii.h"
#include "base/compiler.h"
#include "base/utf.h"
#include "platform/random.h"
#include "sim/services/call.h"
#include "sim/services/resources.h"
#include "sim/services/settings_text.h"
#include "sim/store/vm_model.h"

#include <string.h>

#define SETTINGS "Msvm_VirtualSystemSettingData"

enum { NAME_MAX_LENGTH = 100, LOW_MMIO_MIN = 128, LOW_MMIO_MAX = 3584, HIGH_MMIO_MAX = 1 << 20 }; /* MiB */

/* ---- changing settings ---- */

/* What a change cannot reach. */
static const char *const fixed[] = {
    "InstanceID",      "Caption",           "Description",       "VirtualSystemIdentifier", "VirtualSystemType",
    "VirtualSystemSubType", "Parent",       "CreationTime",      "ConfigurationID",         "ConfigurationFile",
    "ConfigurationDataRoot", "GuestStateFile", "GuestStateDataRoot", "RecoveryFile",        "IsSaved",
    "IsAutomaticSnapshot", "Version",       "Architecture",
};

/* What is changed at once, without a job. */
static const char *const names[] = { "ElementName", "Notes" };

/* What may change while the VM is not off. */
static const char *const online[] = {
    "ElementName", "Notes", "UserSnapshotType", "AutomaticSnapshotsEnabled", "AutomaticStartupAction",
    "AutomaticStartupActionDelay", "AutomaticStartupActionSequenceNumber", "AutomaticShutdownAction",
    "AutomaticRecoveryAction", "AutomaticCriticalErrorAction", "AutomaticCriticalErrorActionTimeout",
};

/* Some property that the text changes is not in the list. A whole configuration sent back changes only what differs. */
static bool changes_others(const SimObject *settings, const CimInstance *instance, const char *const *list,
                           size_t count)
{
    for (size_t i = 0; i < instance->count; i++) {
        const CimProperty *property = &instance->properties[i];
        const CimValue *old = sim_object_value(settings, property->name);
        if (old == NULL || property->value.is_null || cim_value_equals(old, &property->value))
            continue;
        if (!sim_name_in(property->name, fixed, COUNT_OF(fixed)) && !sim_name_in(property->name, list, count))
            return true;
    }
    return false;
}

/* The property that is out of range; NULL: none. */
static const char *bad_value(const SimClass *class, const CimInstance *instance)
{
    const char *bad = sim_text_bad_property(class, instance);
    if (bad != NULL)
        return bad;
    const char *name = cim_instance_text(instance, "ElementName");
    if (name != NULL && (*name == '\0' || utf8_length(name) > NAME_MAX_LENGTH))
        return "ElementName";
    uint64_t low = cim_instance_uint(instance, "LowMmioGapSize", LOW_MMIO_MIN);
    if (low < LOW_MMIO_MIN || low > LOW_MMIO_MAX)
        return "LowMmioGapSize";
    if (cim_instance_uint(instance, "HighMmioGapSize", 0) > HIGH_MMIO_MAX)
        return "HighMmioGapSize";
    uint64_t type = cim_instance_uint(instance, "UserSnapshotType", 3);
    return type < 2 || type > 5 ? "UserSnapshotType" : NULL;
}

static void apply(SimHost *host, SimObject *vm, SimObject *settings, const CimInstance *instance)
{
    sim_text_apply(host, settings, instance, fixed, COUNT_OF(fixed));
    size_t notes;
    const CimValue *items = cim_instance_array(&settings->row, "Notes", &notes);
    if (notes > 1) /* seen: the first one is kept */
        sim_object_set_texts(host, settings, "Notes", &items[0].text, 1);
    if (!sim_settings_is_current(settings))
        return;
    sim_object_set_text(host, vm, "ElementName", sim_object_text(settings, "ElementName"));
    sim_object_set_time(host, vm, "TimeOfLastConfigurationChange", host->now_ms);
}

static void check_change(SimHost *host, const SimObject *vm, const SimObject *settings, const CimInstance *instance,
                         SimFailure *failure)
{
    const char *bad = bad_value(settings->class, instance);
    if (bad == NULL && !sim_settings_is_current(settings) && changes_others(settings, instance, names, COUNT_OF(names)))
        bad = "InstanceID"; /* of a checkpoint only the name can be changed */
    if (bad != NULL) {
        sim_fail(host, failure, SIM_RETURN_INVALID_PARAMETER, SIM_TEXT_SETTINGS_FAILED, vm, NULL);
        sim_fail_layer(host, failure, SIM_TEXT_INVALID_PARAMETER, NULL, bad);
    } else if (sim_vm_state(vm) != SIM_STATE_OFF && changes_others(settings, instance, online, COUNT_OF(online))) {
        sim_fail(host, failure, SIM_RETURN_INVALID_STATE, SIM_TEXT_SETTINGS_FAILED, vm, NULL);
        sim_fail_layer(host, failure, SIM_TEXT_INVALID_STATE, NULL, NULL);
    }
}

static void run_modify_system(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure)
{
    Arena scratch = ARENA_INIT;
    CimInstance *instance;
    SimObject *settings = sim_object_by_instance_id(host, SETTINGS, job->subject);
    if (settings == NULL || sim_read_text(host, job->texts.items[0], &scratch, &instance) != SIM_RETURN_OK)
        sim_fail(host, failure, SIM_RETURN_INVALID_STATE, SIM_TEXT_INVALID_STATE, vm, NULL);
    else
        check_change(host, vm, settings, instance, failure); /* the VM may have been started meanwhile */
    if (failure->code == 0)
        apply(host, vm, settings, instance);
    arena_release(&scratch);
}

static uint32_t modify_system_settings(SimCall *call)
{
    SimHost *host = call->host;
    CimInstance *instance;
    const char *text = sim_call_text(call, "SystemSettings");
    uint32_t result = text == NULL ? SIM_RETURN_INVALID_PARAMETER : sim_read_text(host, text, call->arena, &instance);
    if (result != SIM_RETURN_OK)
        return result;
    const char *id = cim_instance_text(instance, "InstanceID");
    SimObject *settings = id == NULL ? NULL : sim_object_by_instance_id(host, SETTINGS, id);
    SimObject *vm = settings == NULL ? NULL : sim_settings_vm(host, settings);
    if (vm == NULL || !ascii_equals(instance->class_name, SETTINGS))
        return SIM_RETURN_INVALID_PARAMETER;
    if (sim_vm_is_busy(vm))
        return SIM_RETURN_INVALID_STATE;
    SimJob *job = sim_job_create(host, "modify-system", vm);
    job->subject = sim_object_text(settings, "InstanceID");
    ARRAY_PUSH(&host->arena, &job->texts, arena_strdup(&host->arena, text));
    check_change(host, vm, settings, instance, &job->failure);
    if (job->failure.code != 0 || changes_others(settings, instance, names, COUNT_OF(names)))
        return sim_call_start_job(call, job);
    apply(host, vm, settings, instance);
    return SIM_RETURN_OK;
}

/* ---- defining ---- */

static uint32_t define_system(SimCall *call)
{
    SimHost *host = call->host;
    size_t resources;
    CimInstance *instance = cim_instance_create(call->arena, SETTINGS);
    const char *text = sim_call_text(call, "SystemSettings");
    uint32_t result = text == NULL ? SIM_RETURN_OK : sim_read_text(host, text, call->arena, &instance);
    if (result != SIM_RETURN_OK)
        return result;
    SimClass *class = sim_class_find(host, NS_VIRTUALIZATION, SETTINGS);
    if (!ascii_equals(instance->class_name, SETTINGS) || bad_value(class, instance) != NULL)
        return SIM_RETURN_INVALID_PARAMETER;
    (void) cim_instance_array(call->in, "ResourceSettings", &resources);
    if (resources > 0 || sim_call_text(call, "ReferenceConfiguration") != NULL)
        return SIM_RETURN_NOT_SUPPORTED; /* not simulated: add resources afterwards */
    const char *name = cim_instance_text(instance, "ElementName");
    const char *subtype = cim_instance_text(instance, "VirtualSystemSubType");
    SimObject *vm = sim_vm_create(host, &(SimVmPlan){
        .name = name != NULL ? name : host->knobs.german ? "Neuer virtueller Computer" : "New Virtual Machine",
        .subtype = subtype != NULL ? subtype : "Microsoft:Hyper-V:SubType:1",
        .memory = 1024, .processors = 1, .created_ms = host->now_ms });
    apply(host, vm, sim_vm_settings(host, vm), instance);
    sim_call_set_reference(call, "ResultingSystem", vm);
    return SIM_RETURN_OK;
}

/* ---- destroying ---- */

static void run_destroy_system(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure)
{
    Arena scratch = ARENA_INIT;
    SimObjects list = { .items = NULL };
    (void) job;
    if (sim_vm_state(vm) != SIM_STATE_OFF || sim_vm_is_busy(vm)) {
        sim_fail(host, failure, SIM_RETURN_INVALID_STATE, SIM_TEXT_INVALID_STATE, vm, NULL); /* started meanwhile */
    } else {
        SimWalk walk = sim_walk(host, SETTINGS);
        for (SimObject *object; (object = sim_walk_next(&walk)) != NULL;) {
            if (sim_settings_vm(host, object) == vm)
                ARRAY_PUSH(&scratch, &list, object);
        }
        for (size_t i = 0; i < list.count; i++)
            sim_settings_remove(host, list.items[i]);
        sim_object_remove(host, vm);
    }
    arena_release(&scratch);
}

/* Unverified: that a saved VM cannot be destroyed. */
static uint32_t destroy_system(SimCall *call)
{
    const SimObject *vm = sim_call_vm(call, "AffectedSystem");
    if (vm == NULL)
        return SIM_RETURN_INVALID_PARAMETER;
    if (sim_vm_state(vm) != SIM_STATE_OFF || sim_vm_is_busy(vm))
        return SIM_RETURN_INVALID_STATE;
    return sim_call_start_job(call, sim_job_create(call->host, "destroy-system", vm));
}

/* ---- the service ---- */

static const SimMethod methods[] = {
    { "Msvm_VirtualSystemManagementService", "ModifySystemSettings", modify_system_settings },
    { "Msvm_VirtualSystemManagementService", "DefineSystem", define_system },
    { "Msvm_VirtualSystemManagementService", "DestroySystem", destroy_system },
};

static const SimJobType job_types[] = {
    { "modify-system", SIM_JOB_SUBJECT | SIM_JOB_TEXT, 2, 0, 0, run_modify_system, NULL },
    { "destroy-system", 0, 3, 0, 0, run_destroy_system, NULL },
};

const SimService sim_systems_service = {
    .methods = methods,
    .method_count = COUNT_OF(methods),
    .job_types = job_types,
    .job_type_count = COUNT_OF(job_types),
};
