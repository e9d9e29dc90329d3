/* SPDX-License-Identifier: MIT */
/* The entry points of the DLL. It stays where it is loaded. */
#include "provider.h"

/* The standard's prototypes do not name these for us: they are what COM looks for in a DLL. */
HRESULT WINAPI DllGetClassObject(REFCLSID clsid, REFIID iid, void **ret_object);
HRESULT WINAPI DllCanUnloadNow(void);

/* Wine's WMI under the other name that it is registered with. */
static const CLSID administrative_locator = {
    0xcb8555cc, 0x9128, 0x11d1, { 0xad, 0x9b, 0x00, 0xc0, 0x4f, 0xd8, 0xfd, 0xff }
};

static ULONG WINAPI factory_add_ref(IClassFactory *iface)
{
    (void) iface;
    return 2; /* a constant object */
}

static ULONG WINAPI factory_release(IClassFactory *iface)
{
    (void) iface;
    return 1;
}

static HRESULT WINAPI factory_query_interface(IClassFactory *iface, REFIID iid, void **ret_object)
{
    bool known = IsEqualGUID(iid, &IID_IClassFactory) || IsEqualGUID(iid, &IID_IUnknown);
    *ret_object = known ? iface : NULL;
    return known ? S_OK : E_NOINTERFACE;
}

static HRESULT WINAPI factory_create_instance(IClassFactory *iface, IUnknown *outer, REFIID iid, void **ret_object)
{
    (void) iface;
    *ret_object = NULL;
    return outer != NULL ? CLASS_E_NOAGGREGATION : locator_create(iid, ret_object);
}

static HRESULT WINAPI factory_lock_server(IClassFactory *iface, BOOL lock)
{
    (void) iface;
    (void) lock;
    return S_OK;
}

static IClassFactoryVtbl vtable = {
    .QueryInterface = factory_query_interface,
    .AddRef = factory_add_ref,
    .Release = factory_release,
    .CreateInstance = factory_create_instance,
    .LockServer = factory_lock_server,
};

HRESULT WINAPI DllGetClassObject(REFCLSID clsid, REFIID iid, void **ret_object)
{
    static IClassFactory factory = { .lpVtbl = &vtable };
    *ret_object = NULL;
    if (!IsEqualGUID(clsid, &CLSID_WbemLocator))
        return CLASS_E_CLASSNOTAVAILABLE;
    if (!host_is_wanted())
        return CoGetClassObject(&administrative_locator, CLSCTX_INPROC_SERVER, NULL, iid, ret_object);
    return factory_query_interface(&factory, iid, ret_object);
}

HRESULT WINAPI DllCanUnloadNow(void)
{
    return S_FALSE;
}
