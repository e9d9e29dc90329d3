/* SPDX-License-Identifier: MIT */
/* IEnumWbemClassObject: the rows of a query, which are all there from the beginning. */
#include "provider.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

typedef struct Enumerator {
    IEnumWbemClassObject IEnumWbemClassObject_iface;
    LONG references;
    Object **objects;
    size_t count;
    size_t next;
    bool forward_only;
    HRESULT error;
} Enumerator;

static void enumerator_destroy(Enumerator *enumerator)
{
    for (size_t i = 0; i < enumerator->count; i++)
        (void) IWbemClassObject_Release(&enumerator->objects[i]->IWbemClassObject_iface);
    free(enumerator->objects);
    free(enumerator);
}

UNKNOWN_METHODS(Enumerator, IEnumWbemClassObject, enumerator_destroy)

static HRESULT WINAPI enumerator_reset(IEnumWbemClassObject *iface)
{
    Enumerator *enumerator = Enumerator_from(iface);
    if (enumerator->forward_only)
        return WBEM_E_INVALID_OPERATION;
    enumerator->next = 0;
    return S_OK;
}

static HRESULT WINAPI enumerator_next(IEnumWbemClassObject *iface, LONG timeout, ULONG count,
                                      IWbemClassObject **objects, ULONG *ret_count)
{
    Enumerator *enumerator = Enumerator_from(iface);
    HRESULT fault = fault_of_call("Next", enumerator->next > 0);
    if (count == 0 || objects == NULL || ret_count == NULL || timeout < -1)
        return WBEM_E_INVALID_PARAMETER;
    *ret_count = 0;
    if (fault != S_OK)
        return fault;
    if (FAILED(enumerator->error))
        return enumerator->error;
    while (*ret_count < count && enumerator->next < enumerator->count) {
        IWbemClassObject *object = &enumerator->objects[enumerator->next++]->IWbemClassObject_iface;
        (void) IWbemClassObject_AddRef(object);
        objects[(*ret_count)++] = object;
    }
    return *ret_count == count ? WBEM_S_NO_ERROR : WBEM_S_FALSE;
}

NOT_SUPPORTED(enumerator_next_async, IEnumWbemClassObject *iface, ULONG count, IWbemObjectSink *sink)

static HRESULT WINAPI enumerator_clone(IEnumWbemClassObject *iface, IEnumWbemClassObject **ret_copy)
{
    const Enumerator *enumerator = Enumerator_from(iface);
    if (enumerator->forward_only)
        return WBEM_E_INVALID_OPERATION;
    for (size_t i = 0; i < enumerator->count; i++)
        (void) IWbemClassObject_AddRef(&enumerator->objects[i]->IWbemClassObject_iface);
    *ret_copy = enumerator_create(enumerator->objects, enumerator->count, false, enumerator->error);
    ((Enumerator *) *ret_copy)->next = enumerator->next;
    return S_OK;
}

static HRESULT WINAPI enumerator_skip(IEnumWbemClassObject *iface, LONG timeout, ULONG count)
{
    Enumerator *enumerator = Enumerator_from(iface);
    (void) timeout;
    if (FAILED(enumerator->error))
        return enumerator->error;
    size_t left = enumerator->count - enumerator->next;
    enumerator->next += left < count ? left : count;
    return left < count ? WBEM_S_FALSE : WBEM_S_NO_ERROR;
}

static IEnumWbemClassObjectVtbl vtable = {
    .QueryInterface = Enumerator_QueryInterface,
    .AddRef = Enumerator_AddRef,
    .Release = Enumerator_Release,
    .Reset = enumerator_reset,
    .Next = enumerator_next,
    .NextAsync = enumerator_next_async,
    .Clone = enumerator_clone,
    .Skip = enumerator_skip,
};

IEnumWbemClassObject *enumerator_create(Object **objects, size_t count, bool forward_only, HRESULT error)
{
    Enumerator *enumerator = calloc(1, sizeof(*enumerator));
    CHECK(enumerator != NULL);
    enumerator->IEnumWbemClassObject_iface.lpVtbl = &vtable;
    enumerator->references = 1;
    enumerator->objects = calloc(count + 1, sizeof(*objects));
    CHECK(enumerator->objects != NULL);
    if (count > 0)
        memcpy(enumerator->objects, objects, count * sizeof(*objects));
    enumerator->count = count;
    enumerator->forward_only = forward_only;
    enumerator->error = error;
    return &enumerator->IEnumWbemClassObject_iface;
}
