/* SPDX-License-Identifier: MIT */
/* IWbemCallResult: what a semisynchronous call has come to. */
#include "provider.h"

#include "base/check.h"

#include <stdlib.h>

typedef struct CallResult {
    IWbemCallResult IWbemCallResult_iface;
    LONG references;
    HRESULT status;
    Object *object;
} CallResult;

static void call_result_destroy(CallResult *result)
{
    if (result->object != NULL)
        (void) IWbemClassObject_Release(&result->object->IWbemClassObject_iface);
    free(result);
}

UNKNOWN_METHODS(CallResult, IWbemCallResult, call_result_destroy)

static HRESULT WINAPI result_get_object(IWbemCallResult *iface, LONG timeout, IWbemClassObject **ret_object)
{
    const CallResult *result = CallResult_from(iface);
    HRESULT fault = fault_of_call("GetResultObject", false);
    if (ret_object == NULL || timeout < -1)
        return WBEM_E_INVALID_PARAMETER;
    *ret_object = NULL;
    if (fault != S_OK)
        return fault;
    if (FAILED(result->status))
        return result->status;
    if (result->object == NULL)
        return WBEM_E_INVALID_OPERATION;
    *ret_object = &result->object->IWbemClassObject_iface;
    (void) IWbemClassObject_AddRef(*ret_object);
    return S_OK;
}

NOT_SUPPORTED(result_get_string, IWbemCallResult *iface, LONG timeout, BSTR *ret_text)

NOT_SUPPORTED(result_get_services, IWbemCallResult *iface, LONG timeout, IWbemServices **ret_services)

static HRESULT WINAPI result_get_status(IWbemCallResult *iface, LONG timeout, LONG *ret_status)
{
    (void) timeout;
    *ret_status = CallResult_from(iface)->status;
    return S_OK;
}

static IWbemCallResultVtbl vtable = {
    .QueryInterface = CallResult_QueryInterface,
    .AddRef = CallResult_AddRef,
    .Release = CallResult_Release,
    .GetResultObject = result_get_object,
    .GetResultString = result_get_string,
    .GetResultServices = result_get_services,
    .GetCallStatus = result_get_status,
};

IWbemCallResult *call_result_create(HRESULT status, Object *object)
{
    CallResult *result = calloc(1, sizeof(*result));
    CHECK(result != NULL);
    result->IWbemCallResult_iface.lpVtbl = &vtable;
    result->references = 1;
    result->status = status;
    result->object = object;
    return &result->IWbemCallResult_iface;
}
