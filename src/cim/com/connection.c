/* SPDX-License-Identifier: MIT */
/* Start-up sequence and security: Windows SDK, "Creating a WMI Application Using C++", "Setting the Security on
 * IWbemServices and Other Proxies". Names of computers: IWbemLocator::ConnectServer. */
#include "cim/com/connection.h"

#include "base/alloc.h"
#include "base/ascii.h"
#include "base/check.h"
#include "cim/schema.h"

#include <stdlib.h>
#include <string.h>

typedef struct WmiClass WmiClass;
struct WmiClass {
    WmiClass *next;
    char *name;
    IWbemClassObject *object;
};

typedef struct WmiNamespace WmiNamespace;
struct WmiNamespace {
    WmiNamespace *next;
    char *name;
    IWbemServices *services;
    WmiClass *classes;
};

struct WmiConnection {
    const char *computer; /* NULL: this one */
    WmiPlace place;
    bool uninitialize; /* COM, for this thread */
    IWbemLocator *locator;
    WmiNamespace *namespaces;
};

/* ---- opening and closing ---- */

static HRESULT initialize(WmiConnection *connection)
{
    HRESULT hr = CoInitializeEx(NULL, COINIT_MULTITHREADED);
    /* A thread that lives in an apartment of its own is as good: all our calls wait for their answer. */
    if (FAILED(hr) && hr != RPC_E_CHANGED_MODE)
        return hr;
    connection->uninitialize = SUCCEEDED(hr);
    hr = CoInitializeSecurity(NULL, -1, NULL, NULL, RPC_C_AUTHN_LEVEL_PKT_PRIVACY, RPC_C_IMP_LEVEL_IMPERSONATE, NULL,
                              EOAC_NONE, NULL);
    /* Once per process, by whoever comes first; wmi_secure() does the rest. */
    if (FAILED(hr) && hr != RPC_E_TOO_LATE)
        return hr;
    return CoCreateInstance(&CLSID_WbemLocator, NULL, CLSCTX_INPROC_SERVER, &IID_IWbemLocator,
                            (void **) &connection->locator);
}

bool wmi_connection_open(const char *computer, const char *host, WmiConnection **ret_connection, Error *err)
{
    WmiConnection *connection = alloc_zeroed(sizeof(*connection));
    connection->computer = computer;
    connection->place = (WmiPlace){ .host = host, .is_remote = computer != NULL };
    HRESULT hr = initialize(connection);
    if (FAILED(hr)) {
        (void) hresult_set_error(err, hr, &(WmiPlace){ .host = "this computer" }, "WbemLocator");
        wmi_connection_close(connection);
        return false;
    }
    *ret_connection = connection;
    return true;
}

static void free_classes(WmiClass *class)
{
    while (class != NULL) {
        WmiClass *next = class->next;
        (void) IWbemClassObject_Release(class->object);
        free(class->name);
        free(class);
        class = next;
    }
}

void wmi_connection_drop(WmiConnection *connection)
{
    while (connection->namespaces != NULL) {
        WmiNamespace *space = connection->namespaces;
        connection->namespaces = space->next;
        free_classes(space->classes);
        (void) IWbemServices_Release(space->services);
        free(space->name);
        free(space);
    }
}

void wmi_connection_close(WmiConnection *connection)
{
    if (connection == NULL)
        return;
    wmi_connection_drop(connection);
    if (connection->locator != NULL)
        (void) IWbemLocator_Release(connection->locator);
    if (connection->uninitialize)
        CoUninitialize();
    free(connection);
}

const WmiPlace *wmi_connection_place(const WmiConnection *connection)
{
    return &connection->place;
}

bool wmi_connection_is_alive(const WmiConnection *connection)
{
    return connection->namespaces != NULL;
}

/* ---- namespaces ---- */

HRESULT wmi_secure(void *proxy)
{
    HRESULT hr = CoSetProxyBlanket(proxy, RPC_C_AUTHN_DEFAULT, RPC_C_AUTHZ_DEFAULT, COLE_DEFAULT_PRINCIPAL,
                                   RPC_C_AUTHN_LEVEL_PKT_PRIVACY, RPC_C_IMP_LEVEL_IMPERSONATE, COLE_DEFAULT_AUTHINFO,
                                   EOAC_DEFAULT);
    return hr == E_NOINTERFACE ? S_OK : hr; /* no proxy, but an object in this process */
}

static WmiNamespace *find_namespace(const WmiConnection *connection, const char *ns)
{
    WmiNamespace *space = connection->namespaces;
    while (space != NULL && !cim_namespace_equals(space->name, ns))
        space = space->next;
    return space;
}

static BSTR make_resource(const WmiConnection *connection, const char *ns)
{
    Arena scratch = ARENA_INIT;
    char *text = connection->computer == NULL ? arena_strdup(&scratch, ns)
                                              : arena_printf(&scratch, "\\\\%s\\%s", connection->computer, ns);
    for (char *p = text; *p != '\0'; p++) {
        if (*p == '/')
            *p = '\\';
    }
    BSTR resource = bstr_from_utf8(text);
    arena_release(&scratch);
    return resource;
}

bool wmi_connection_services(WmiConnection *connection, const char *ns, IWbemServices **ret_services, Error *err)
{
    WmiNamespace *space = find_namespace(connection, ns);
    if (space == NULL) {
        COM_LOCAL(IWbemServices) services = NULL;
        CLEANUP(bstr_cleanup) BSTR resource = make_resource(connection, ns);
        HRESULT hr = IWbemLocator_ConnectServer(connection->locator, resource, NULL, NULL, NULL,
                                                WBEM_FLAG_CONNECT_USE_MAX_WAIT, NULL, NULL, &services);
        if (SUCCEEDED(hr))
            hr = wmi_secure(services);
        if (FAILED(hr))
            return hresult_set_error(err, hr, &connection->place, ns);
        space = alloc_zeroed(sizeof(*space));
        space->name = alloc_strdup(ns);
        space->services = services;
        space->next = connection->namespaces;
        connection->namespaces = space;
        services = NULL; /* handed over */
    }
    *ret_services = space->services;
    return true;
}

/* ---- classes ---- */

IWbemClassObject *wmi_connection_find_class(const WmiConnection *connection, const char *ns, const char *name)
{
    const WmiNamespace *space = find_namespace(connection, ns);
    const WmiClass *class = space == NULL ? NULL : space->classes;
    while (class != NULL && !ascii_equals(class->name, name))
        class = class->next;
    return class == NULL ? NULL : class->object;
}

void wmi_connection_keep_class(WmiConnection *connection, const char *ns, const char *name, IWbemClassObject *object)
{
    WmiNamespace *space = find_namespace(connection, ns);
    CHECK(space != NULL);
    WmiClass *class = alloc_zeroed(sizeof(*class));
    class->name = alloc_strdup(name);
    class->object = object;
    class->next = space->classes;
    space->classes = class;
    (void) IWbemClassObject_AddRef(object);
}
