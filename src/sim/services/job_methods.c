/* SPDX-License-Identifier: MIT */
#include "sim/services/job_methods.h"

#include "base/compiler.h"
#include "sim/services/call.h"

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

/* ---- the service ---- */

static const SimMethod methods[] = {
    { "Msvm_ConcreteJob", "RequestStateChange", job_request_state_change },
    { "Msvm_ConcreteJob", "GetError", job_get_error },
    { "Msvm_ConcreteJob", "GetErrorEx", job_get_error_ex },
    { "Msvm_CopyFileToGuestJob", "RequestStateChange", job_request_state_change },
    { "Msvm_CopyFileToGuestJob", "GetError", job_get_error },
    { "Msvm_CopyFileToGuestJob", "GetErrorEx", job_get_error_ex },
};

const SimService sim_job_service = {
    .methods = methods,
    .method_count = COUNT_OF(methods),
};
