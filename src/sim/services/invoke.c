/* SPDX-License-Identifier: MIT */
/* Finds the handler of a method, checks its parameters against the class declaration, and builds the answer. */
#include "sim/services/invoke.h"

#include "base/ascii.h"
#include "base/compiler.h"
#include "cim/status.h"
#include "sim/services/guest.h"
#include "sim/services/power.h"
#include "sim/services/reg_prov.h"
#include "sim/services/resources.h"
#include "sim/services/snapshots.h"
#include "sim/services/systems.h"
#include "sim/store/lookup.h"

/* ---- methods of jobs ---- */

/* Terminate or kill. Jobs of this host are not cancellable. */
static uint32_t job_request_state_change(SimCall *call)
{
    uint64_t state = cim_instance_uint(call->in, "RequestedState", 0);
    return state == 4 || state == 5 ? SIM_RETURN_INVALID_STATE : SIM_RETURN_INVALID_PARAMETER;
}

static uint32_t job_get_errors(SimCall *call, StringList *ret_texts)
{
    Error ignored; /* a text too large for one embedded instance */
    const SimJob *job = sim_job_of(call->host, call->object);
    if (job == NULL || job->end_ms == 0 || sim_job_errors(call->host, job, call->arena, ret_texts, &ignored))
        return SIM_RETURN_OK;
    return SIM_RETURN_FAILED;
}

static uint32_t job_get_error(SimCall *call)
{
    StringList texts = { .items = NULL };
    uint32_t result = job_get_errors(call, &texts);
    if (texts.count > 0)
        cim_instance_set(call->out, call->arena, "Error", cim_string(texts.items[0]));
    return result;
}

static uint32_t job_get_error_ex(SimCall *call)
{
    StringList texts = { .items = NULL };
    uint32_t result = job_get_errors(call, &texts);
    if (texts.count > 0)
        cim_instance_set(call->out, call->arena, "Errors",
                         cim_text_array(call->arena, CIM_TYPE_STRING, texts.items, texts.count));
    return result;
}

/* ---- the table ---- */

static const struct {
    const char *class_name, *method;
    uint32_t (*handler)(SimCall *call);
} handlers[] = {
    { "Msvm_VirtualSystemManagementService", "AddResourceSettings", sim_service_add_resource_settings },
    { "Msvm_VirtualSystemManagementService", "ModifyResourceSettings", sim_service_modify_resource_settings },
    { "Msvm_VirtualSystemManagementService", "RemoveResourceSettings", sim_service_remove_resource_settings },
    { "Msvm_VirtualSystemManagementService", "ModifySystemSettings", sim_service_modify_system_settings },
    { "Msvm_VirtualSystemManagementService", "DefineSystem", sim_service_define_system },
    { "Msvm_VirtualSystemManagementService", "DestroySystem", sim_service_destroy_system },
    { "Msvm_VirtualSystemSnapshotService", "CreateSnapshot", sim_snapshot_create },
    { "Msvm_VirtualSystemSnapshotService", "ApplySnapshot", sim_snapshot_apply },
    { "Msvm_VirtualSystemSnapshotService", "DestroySnapshot", sim_snapshot_destroy },
    { "Msvm_VirtualSystemSnapshotService", "DestroySnapshotTree", sim_snapshot_destroy_tree },
    { "Msvm_VirtualSystemSnapshotService", "ClearSnapshotState", sim_snapshot_clear_state },
    { "Msvm_ComputerSystem", "RequestStateChange", sim_vm_request_state_change },
    { "Msvm_ShutdownComponent", "InitiateShutdown", sim_shutdown_initiate_shutdown },
    { "Msvm_ShutdownComponent", "InitiateReboot", sim_shutdown_initiate_reboot },
    { "Msvm_ConcreteJob", "RequestStateChange", job_request_state_change },
    { "Msvm_ConcreteJob", "GetError", job_get_error },
    { "Msvm_ConcreteJob", "GetErrorEx", job_get_error_ex },
    { "StdRegProv", "EnumKey", sim_reg_prov_enum_key },
    { "StdRegProv", "EnumValues", sim_reg_prov_enum_values },
    { "StdRegProv", "GetDWORDValue", sim_reg_prov_get_value },
    { "StdRegProv", "GetExpandedStringValue", sim_reg_prov_get_value },
    { "StdRegProv", "GetMultiStringValue", sim_reg_prov_get_value },
    { "StdRegProv", "GetStringValue", sim_reg_prov_get_value },
};

/* What is declared and not in the table is not simulated; the real service says the same of what it cannot do. */
static uint32_t run_handler(SimCall *call, const char *class_name, const char *method)
{
    for (size_t i = 0; i < COUNT_OF(handlers); i++) {
        if (ascii_equals(handlers[i].class_name, class_name) && ascii_equals(handlers[i].method, method))
            return handlers[i].handler(call);
    }
    return SIM_RETURN_NOT_SUPPORTED;
}

/* ---- the call ---- */

static bool bad_parameter(const char *method, const char *parameter, const char *why, Error *err)
{
    return error_set_native(err, ERR_INVALID, ERROR_SOURCE_HRESULT, WMI_E_INVALID_METHOD_PARAMETERS,
                            "method '%s': parameter '%s' %s", method, parameter, why);
}

static const CimParameterDecl *find_in_parameter(const CimMethodDecl *method, const char *name)
{
    for (size_t i = 0; i < method->count; i++) {
        if ((method->parameters[i].direction & CIM_IN) != 0 && ascii_equals(method->parameters[i].name, name))
            return &method->parameters[i];
    }
    return NULL;
}

static bool check_parameters(const CimMethodDecl *method, const CimInstance *in, Error *err)
{
    for (size_t i = 0; in != NULL && i < in->count; i++) {
        const CimProperty *given = &in->properties[i];
        const CimParameterDecl *declared = find_in_parameter(method, given->name);
        if (declared == NULL)
            return bad_parameter(method->name, given->name, "is none of its input", err);
        if (given->value.type != declared->type || given->value.is_array != declared->is_array)
            return bad_parameter(method->name, given->name, "has the wrong type", err);
    }
    return true;
}

static CimInstance *make_answer(const CimMethodDecl *method, Arena *arena)
{
    CimInstance *out = cim_instance_create(arena, "__PARAMETERS");
    for (size_t i = 0; i < method->count; i++) {
        const CimParameterDecl *declared = &method->parameters[i];
        if ((declared->direction & CIM_OUT) != 0)
            cim_instance_set(out, arena, declared->name,
                             declared->is_array ? cim_null_array(declared->type) : cim_null(declared->type));
    }
    return out;
}

/* The object that the path names, or none and the class: static methods are called of the class, whose path is its
 * name. */
static bool find_target(const SimHost *host, const char *ns, const char *path, SimObject **ret_object,
                        const CimClassDecl **ret_decl, Error *err)
{
    const SimClass *class = sim_class_find(host, ns, path);
    bool is_static = class != NULL && class->count == 0;
    if (!is_static && !sim_check_object(host, ns, path, ret_object, err))
        return false;
    *ret_decl = is_static ? class->decl : (*ret_object)->class->decl;
    return true;
}

bool sim_host_invoke(SimHost *host, int64_t now_ms, const char *ns, const char *path, const char *method_name,
                     const CimInstance *in, Arena *arena, CimInstance **ret_out, Error *err)
{
    SimObject *object = NULL;
    sim_jobs_advance(host, now_ms);
    if (!sim_check_namespace(host, ns, err))
        return false;
    if (sim_is_hidden(host, ns))
        return error_set_native(err, ERR_DENIED, ERROR_SOURCE_HRESULT, WMI_E_ACCESS_DENIED, "access denied");
    const CimClassDecl *decl = NULL;
    if (!find_target(host, ns, path, &object, &decl, err))
        return false;
    const CimMethodDecl *method = cim_class_method(decl, method_name);
    if (method == NULL || method->since > host->build)
        return error_set_native(err, ERR_UNSUPPORTED, ERROR_SOURCE_HRESULT, WMI_E_INVALID_METHOD,
                                "class '%s' has no method '%s' on this host", decl->name, method_name);
    if (!check_parameters(method, in, err))
        return false;
    static const CimInstance no_parameters = { .class_name = "__PARAMETERS" };
    SimCall call = { .host = host, .object = object, .in = in != NULL ? in : &no_parameters, .arena = arena,
                     .out = make_answer(method, arena) };
    uint32_t result = run_handler(&call, decl->name, method->name);
    cim_instance_set(call.out, arena, "ReturnValue", cim_uint(CIM_TYPE_UINT32, result));
    sim_jobs_advance(host, now_ms); /* jobs that take no time */
    *ret_out = call.out;
    return true;
}
