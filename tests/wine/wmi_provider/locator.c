/* SPDX-License-Identifier: MIT */
/* IWbemLocator: who is asked for, and which namespace. */
#include "provider.h"

#include "base/ascii.h"
#include "base/check.h"
#include "cim/status.h"

#include <stdlib.h>
#include <string.h>

typedef struct Locator {
    IWbemLocator IWbemLocator_iface;
    LONG references;
} Locator;

static void locator_destroy(Locator *locator)
{
    free(locator);
}

UNKNOWN_METHODS(Locator, IWbemLocator, locator_destroy)

/* \\SERVER\root\... or root\..., with either kind of separator. *ret_server NULL: none is named. */
static HRESULT split_resource(char *resource, const char **ret_server, const char **ret_ns)
{
    for (char *p = resource; *p != '\0'; p++) {
        if (*p == '/')
            *p = '\\';
    }
    *ret_server = NULL;
    *ret_ns = resource;
    if (strncmp(resource, "\\\\", 2) == 0) {
        char *end = strchr(resource + 2, '\\');
        if (end == NULL || end == resource + 2)
            return WBEM_E_INVALID_PARAMETER;
        *end = '\0';
        *ret_server = resource + 2;
        *ret_ns = end + 1;
    }
    return **ret_ns == '\0' ? WBEM_E_INVALID_NAMESPACE : S_OK;
}

static HRESULT connect(char *resource, bool has_credentials, Arena *arena, IWbemServices **ret_services)
{
    const char *server, *ns;
    SimHost *host;
    CimInstanceList rows;
    Error err;
    HRESULT hr = split_resource(resource, &server, &ns);
    if (FAILED(hr))
        return hr;
    if (!host_enter(SHARED_HOST_READ, &host, &err))
        return hresult_of_error(&err);
    bool ok = true;
    if (!host_is_called(server))
        hr = (HRESULT) 0x800706BA; /* RPC_S_SERVER_UNAVAILABLE */
    else if (has_credentials && (server == NULL || !ascii_equals(server, host_name())))
        hr = WBEM_E_LOCAL_CREDENTIALS;
    /* Every namespace lacks this class. */
    else
        ok = sim_host_query(host, host_now_ms(), ns, "SELECT * FROM No_Such_Class", arena, &rows, &err) ||
             err.native == WMI_E_INVALID_CLASS;
    if (!host_leave(ok, &err))
        hr = hresult_of_error(&err);
    if (SUCCEEDED(hr))
        *ret_services = services_create(ns);
    return hr;
}

static HRESULT WINAPI locator_connect_server(IWbemLocator *iface, const BSTR resource, const BSTR user,
                                             const BSTR password, const BSTR locale, LONG flags, const BSTR authority,
                                             IWbemContext *context, IWbemServices **ret_services)
{
    Arena scratch = ARENA_INIT;
    HRESULT fault = fault_of_call("ConnectServer", false);
    (void) iface;
    (void) locale;
    (void) context;
    if (resource == NULL || ret_services == NULL || (flags & ~WBEM_FLAG_CONNECT_USE_MAX_WAIT) != 0)
        return WBEM_E_INVALID_PARAMETER;
    *ret_services = NULL;
    if (fault != S_OK)
        return fault;
    char *text = arena_strdup(&scratch, utf8_of(resource, &scratch));
    bool has_credentials = SysStringLen(user) > 0 || SysStringLen(password) > 0 || SysStringLen(authority) > 0;
    HRESULT hr = connect(text, has_credentials, &scratch, ret_services);
    arena_release(&scratch);
    return hr;
}

static IWbemLocatorVtbl vtable = {
    .QueryInterface = Locator_QueryInterface,
    .AddRef = Locator_AddRef,
    .Release = Locator_Release,
    .ConnectServer = locator_connect_server,
};

HRESULT locator_create(REFIID iid, void **ret_object)
{
    Locator *locator = calloc(1, sizeof(*locator));
    CHECK(locator != NULL);
    locator->IWbemLocator_iface.lpVtbl = &vtable;
    locator->references = 1;
    HRESULT hr = Locator_QueryInterface(&locator->IWbemLocator_iface, iid, ret_object);
    (void) Locator_Release(&locator->IWbemLocator_iface);
    return hr;
}
