/* SPDX-License-Identifier: MIT */
/* Checks the parameters of a call against the class declaration, has the service that knows the method run it, and
 * builds the answer. */
#include "sim/services/invoke.h"

#include "base/ascii.h"
#include "cim/status.h"
#include "sim/services/call.h"
#include "sim/store/lookup.h"

/* What is declared and no service has is not simulated; the real service says the same of what it cannot do. */
static uint32_t run_method(SimCall *call, const char *class_name, const char *name)
{
    for (size_t i = 0; i < call->host->service_count; i++) {
        const SimService *service = call->host->services[i];
        for (size_t k = 0; k < service->method_count; k++) {
            const SimMethod *method = &service->methods[k];
            if (ascii_equals(method->class_name, class_name) && ascii_equals(method->name, name))
                return method->run(call);
        }
    }
    return SIM_RETURN_NOT_SUPPORTED;
}

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
    uint32_t result = run_method(&call, decl->name, method->name);
    cim_instance_set(call.out, arena, "ReturnValue", cim_uint(CIM_TYPE_UINT32, result));
    sim_jobs_advance(host, now_ms); /* jobs that take no time */
    *ret_out = call.out;
    return true;
}
