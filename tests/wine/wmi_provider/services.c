/* SPDX-License-Identifier: MIT */
/* IWbemServices: one namespace of the host. */
#include "provider.h"

#include "base/alloc.h"
#include "base/ascii.h"
#include "base/check.h"
#include "cim/path.h"

#include <stdlib.h>

typedef struct Services {
    IWbemServices IWbemServices_iface;
    LONG references;
    char *ns;
} Services;

static void services_destroy(Services *services)
{
    free(services->ns);
    free(services);
}

UNKNOWN_METHODS(Services, IWbemServices, services_destroy)

/* ---- results ---- */

static Object *object_of_row(const Services *services, const CimInstance *row)
{
    const CimClassDecl *decl = cim_class_find(services->ns, row->class_name);
    CHECK(decl != NULL);
    return object_create(OBJECT_INSTANCE, decl, row);
}

/* A call that gives one object, or fails, in either way. The reference is taken over. */
static HRESULT answer(HRESULT hr, Object *object, LONG flags, IWbemClassObject **ret_object,
                      IWbemCallResult **ret_result)
{
    if ((flags & WBEM_FLAG_RETURN_IMMEDIATELY) != 0) {
        *ret_result = call_result_create(hr, object);
        return WBEM_S_NO_ERROR;
    }
    if (ret_object != NULL)
        *ret_object = object == NULL ? NULL : &object->IWbemClassObject_iface;
    else if (object != NULL)
        (void) IWbemClassObject_Release(&object->IWbemClassObject_iface);
    return hr;
}

/* The pointers that say where the answer goes: one of them, as the flag says, and pointing to NULL. */
static bool are_good(LONG flags, LONG allowed_flags, IWbemClassObject **ret_object, IWbemCallResult **ret_result)
{
    bool is_immediate = (flags & WBEM_FLAG_RETURN_IMMEDIATELY) != 0;
    return (flags & ~allowed_flags) == 0 && (!is_immediate || ret_result != NULL) &&
           (ret_result == NULL || *ret_result == NULL) && (ret_object == NULL || !is_immediate || *ret_object == NULL);
}

/* A path of another computer or namespace is not for us. What Windows answers to one is not documented. */
static bool is_ours(const Services *services, const CimPath *path)
{
    return host_is_called(path->host) && (path->ns == NULL || cim_namespace_equals(path->ns, services->ns));
}

/* ---- GetObject ---- */

static HRESULT get_object(const Services *services, const char *text, Arena *arena, Object **ret_object)
{
    SimHost *host;
    CimInstance *row;
    CimPath path;
    Error err;
    if (!cim_path_parse(text, arena, &path, &err))
        return WBEM_E_INVALID_OBJECT_PATH;
    const CimClassDecl *decl = cim_class_find(services->ns, path.class_name);
    if (!host_enter(SHARED_HOST_READ, &host, &err))
        return hresult_of_error(&err);
    HRESULT hr = S_OK;
    bool ok = true;
    if (!is_ours(services, &path)) {
        hr = WBEM_E_NOT_SUPPORTED;
    } else if (path.count > 0) {
        ok = sim_host_get(host, host_now_ms(), services->ns, text, arena, &row, &err);
        if (ok)
            *ret_object = object_of_row(services, row);
    } else if (decl != NULL && decl->since <= host_build()) {
        *ret_object = object_create_class(decl);
    } else {
        hr = WBEM_E_NOT_FOUND;
    }
    return host_leave(ok, &err) ? hr : hresult_of_error(&err);
}

static HRESULT WINAPI services_get_object(IWbemServices *iface, const BSTR path, LONG flags, IWbemContext *context,
                                          IWbemClassObject **ret_object, IWbemCallResult **ret_result)
{
    const LONG allowed = WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_USE_AMENDED_QUALIFIERS | WBEM_FLAG_DIRECT_READ;
    Arena scratch = ARENA_INIT;
    Object *object = NULL;
    HRESULT fault = fault_of_call("GetObject", false);
    (void) context;
    if (path == NULL || *path == L'\0' || !are_good(flags, allowed, ret_object, ret_result))
        return WBEM_E_INVALID_PARAMETER;
    if (fault != S_OK)
        return fault;
    HRESULT hr = get_object(Services_from(iface), utf8_of(path, &scratch), &scratch, &object);
    arena_release(&scratch);
    return answer(hr, object, flags, ret_object, ret_result);
}

/* ---- ExecQuery ---- */

typedef struct Rows {
    Object **items;
    size_t count;
    size_t capacity;
} Rows;

/* class_name NULL: rows of all classes. */
static HRESULT run_query(const Services *services, const char *wql, const char *class_name, Arena *arena, Rows *rows)
{
    SimHost *host;
    CimInstanceList list = { .items = NULL };
    Error err;
    if (!host_enter(SHARED_HOST_READ, &host, &err))
        return hresult_of_error(&err);
    bool ok = sim_host_query(host, host_now_ms(), services->ns, wql, arena, &list, &err);
    for (size_t i = 0; ok && i < list.count; i++) {
        if (class_name == NULL || ascii_equals(class_name, list.items[i]->class_name))
            ARRAY_PUSH(arena, rows, object_of_row(services, list.items[i]));
    }
    return host_leave(ok, &err) ? S_OK : hresult_of_error(&err);
}

static HRESULT query(const Services *services, const char *wql, const char *class_name, LONG flags,
                     IEnumWbemClassObject **ret_rows)
{
    Arena scratch = ARENA_INIT;
    Rows rows = { 0 };
    HRESULT hr = run_query(services, wql, class_name, &scratch, &rows);
    bool is_immediate = (flags & WBEM_FLAG_RETURN_IMMEDIATELY) != 0;
    if (SUCCEEDED(hr) || is_immediate)
        *ret_rows = enumerator_create(rows.items, rows.count, (flags & WBEM_FLAG_FORWARD_ONLY) != 0, hr);
    arena_release(&scratch);
    return is_immediate ? WBEM_S_NO_ERROR : hr;
}

static HRESULT WINAPI services_exec_query(IWbemServices *iface, const BSTR language, const BSTR text, LONG flags,
                                          IWbemContext *context, IEnumWbemClassObject **ret_rows)
{
    const LONG allowed = WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_USE_AMENDED_QUALIFIERS |
                         WBEM_FLAG_ENSURE_LOCATABLE | WBEM_FLAG_DIRECT_READ;
    Arena scratch = ARENA_INIT;
    HRESULT fault = fault_of_call("ExecQuery", false);
    (void) context;
    if (language == NULL || text == NULL || *text == L'\0' || (flags & ~allowed) != 0 || ret_rows == NULL)
        return WBEM_E_INVALID_PARAMETER;
    *ret_rows = NULL;
    if (fault != S_OK)
        return fault;
    HRESULT hr = WBEM_E_INVALID_QUERY_TYPE;
    if (ascii_equals(utf8_of(language, &scratch), "WQL"))
        hr = query(Services_from(iface), utf8_of(text, &scratch), NULL, flags, ret_rows);
    arena_release(&scratch);
    return hr;
}

static HRESULT WINAPI services_create_instance_enum(IWbemServices *iface, const BSTR class_name, LONG flags,
                                                    IWbemContext *context, IEnumWbemClassObject **ret_rows)
{
    const LONG allowed = WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_SHALLOW |
                         WBEM_FLAG_USE_AMENDED_QUALIFIERS | WBEM_FLAG_DIRECT_READ;
    Arena scratch = ARENA_INIT;
    (void) context;
    if (class_name == NULL || (flags & ~allowed) != 0 || ret_rows == NULL)
        return WBEM_E_INVALID_PARAMETER;
    *ret_rows = NULL;
    const char *name = utf8_of(class_name, &scratch);
    HRESULT hr = WBEM_E_INVALID_CLASS;
    if (cim_name_is_valid(name))
        hr = query(Services_from(iface), arena_printf(&scratch, "SELECT * FROM %s", name),
                   (flags & WBEM_FLAG_SHALLOW) != 0 ? name : NULL, flags, ret_rows);
    arena_release(&scratch);
    return hr;
}

/* ---- ExecMethod ---- */

/* What was put into the parameters: the others are null. */
static CimInstance *given_parameters(IWbemClassObject *parameters, Arena *arena)
{
    if (parameters == NULL)
        return NULL;
    const CimInstance *row = object_from(parameters)->row;
    CimInstance *given = cim_instance_create(arena, row->class_name);
    for (size_t i = 0; i < row->count; i++) {
        if (!row->properties[i].value.is_null)
            cim_instance_set(given, arena, row->properties[i].name, row->properties[i].value);
    }
    return given;
}

static HRESULT exec_method(const Services *services, const char *text, const char *method, IWbemClassObject *parameters,
                           Arena *arena, Object **ret_out)
{
    SimHost *host;
    CimInstance *out;
    Error err;
    CimPath path;
    if (!cim_path_parse(text, arena, &path, &err))
        return WBEM_E_INVALID_OBJECT_PATH;
    if (!cim_name_is_valid(method))
        return WBEM_E_INVALID_METHOD;
    if (parameters != NULL && object_from(parameters)->kind != OBJECT_INSTANCE)
        return WBEM_E_INVALID_METHOD_PARAMETERS;
    const CimInstance *in = given_parameters(parameters, arena);
    if (!host_enter(SHARED_HOST_CHANGE, &host, &err))
        return hresult_of_error(&err);
    bool ours = is_ours(services, &path);
    bool ok = !ours || sim_host_invoke(host, host_now_ms(), services->ns, text, method, in, arena, &out, &err);
    if (!host_leave(ok, &err))
        return hresult_of_error(&err);
    if (!ours)
        return WBEM_E_NOT_SUPPORTED;
    *ret_out = object_create(OBJECT_INSTANCE, NULL, out);
    return S_OK;
}

static HRESULT WINAPI services_exec_method(IWbemServices *iface, const BSTR path, const BSTR method, LONG flags,
                                           IWbemContext *context, IWbemClassObject *parameters,
                                           IWbemClassObject **ret_out, IWbemCallResult **ret_result)
{
    Arena scratch = ARENA_INIT;
    Object *out = NULL;
    HRESULT fault = fault_of_call("ExecMethod", false);
    (void) context;
    if (path == NULL || method == NULL || !are_good(flags, WBEM_FLAG_RETURN_IMMEDIATELY, ret_out, ret_result))
        return WBEM_E_INVALID_PARAMETER;
    if (fault != S_OK)
        return fault;
    HRESULT hr = exec_method(Services_from(iface), utf8_of(path, &scratch), utf8_of(method, &scratch), parameters,
                             &scratch, &out);
    arena_release(&scratch);
    fault = fault_of_call("ExecMethod", true);
    HRESULT answered = answer(hr, out, flags, ret_out, ret_result);
    return fault != S_OK ? fault : answered;
}

/* ---- the rest ---- */

NOT_SUPPORTED(services_open_namespace, IWbemServices *iface, const BSTR ns, LONG flags, IWbemContext *context,
              IWbemServices **ret_services, IWbemCallResult **ret_result)

NOT_SUPPORTED(services_cancel_async_call, IWbemServices *iface, IWbemObjectSink *sink)

NOT_SUPPORTED(services_query_object_sink, IWbemServices *iface, LONG flags, IWbemObjectSink **ret_sink)

NOT_SUPPORTED(services_get_object_async, IWbemServices *iface, const BSTR path, LONG flags, IWbemContext *context,
              IWbemObjectSink *sink)

NOT_SUPPORTED(services_put_object, IWbemServices *iface, IWbemClassObject *object, LONG flags, IWbemContext *context,
              IWbemCallResult **ret_result)

NOT_SUPPORTED(services_put_object_async, IWbemServices *iface, IWbemClassObject *object, LONG flags,
              IWbemContext *context, IWbemObjectSink *sink)

NOT_SUPPORTED(services_delete_object, IWbemServices *iface, const BSTR path, LONG flags, IWbemContext *context,
              IWbemCallResult **ret_result)

NOT_SUPPORTED(services_delete_object_async, IWbemServices *iface, const BSTR path, LONG flags, IWbemContext *context,
              IWbemObjectSink *sink)

NOT_SUPPORTED(services_create_enum, IWbemServices *iface, const BSTR name, LONG flags, IWbemContext *context,
              IEnumWbemClassObject **ret_rows)

NOT_SUPPORTED(services_create_enum_async, IWbemServices *iface, const BSTR name, LONG flags, IWbemContext *context,
              IWbemObjectSink *sink)

NOT_SUPPORTED(services_query_async, IWbemServices *iface, const BSTR language, const BSTR text, LONG flags,
              IWbemContext *context, IWbemObjectSink *sink)

NOT_SUPPORTED(services_notification_query, IWbemServices *iface, const BSTR language, const BSTR text, LONG flags,
              IWbemContext *context, IEnumWbemClassObject **ret_rows)

NOT_SUPPORTED(services_exec_method_async, IWbemServices *iface, const BSTR path, const BSTR method, LONG flags,
              IWbemContext *context, IWbemClassObject *parameters, IWbemObjectSink *sink)

static IWbemServicesVtbl vtable = {
    .QueryInterface = Services_QueryInterface,
    .AddRef = Services_AddRef,
    .Release = Services_Release,
    .OpenNamespace = services_open_namespace,
    .CancelAsyncCall = services_cancel_async_call,
    .QueryObjectSink = services_query_object_sink,
    .GetObject = services_get_object,
    .GetObjectAsync = services_get_object_async,
    .PutClass = services_put_object,
    .PutClassAsync = services_put_object_async,
    .DeleteClass = services_delete_object,
    .DeleteClassAsync = services_delete_object_async,
    .CreateClassEnum = services_create_enum,
    .CreateClassEnumAsync = services_create_enum_async,
    .PutInstance = services_put_object,
    .PutInstanceAsync = services_put_object_async,
    .DeleteInstance = services_delete_object,
    .DeleteInstanceAsync = services_delete_object_async,
    .CreateInstanceEnum = services_create_instance_enum,
    .CreateInstanceEnumAsync = services_create_enum_async,
    .ExecQuery = services_exec_query,
    .ExecQueryAsync = services_query_async,
    .ExecNotificationQuery = services_notification_query,
    .ExecNotificationQueryAsync = services_query_async,
    .ExecMethod = services_exec_method,
    .ExecMethodAsync = services_exec_method_async,
};

IWbemServices *services_create(const char *ns)
{
    Services *services = alloc_zeroed(sizeof(*services));
    services->IWbemServices_iface.lpVtbl = &vtable;
    services->references = 1;
    services->ns = alloc_strdup(ns);
    return &services->IWbemServices_iface;
}
