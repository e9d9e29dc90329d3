/* SPDX-License-Identifier: MIT */
#include "cim/com/com_session.h"

#include "base/alloc.h"
#include "base/check.h"
#include "base/limits.h"
#include "cim/com/connection.h"
#include "cim/com/object.h"
#include "cim/path.h"
#include "cim/schema.h"
#include "platform/process.h"
#include "platform/processor.h"

#include <stdlib.h>
#include <string.h>

enum {
    BATCH_ROWS = 64,          /* asked for at once */
    WAIT_MS = 200,            /* for an answer, before the user's interruption is looked at */
    READ_LIMIT_MS = 120000,   /* without any answer */
    INVOKE_LIMIT_MS = 600000, /* what takes long is a job and answers at once; this is for a host that hangs */
    RECONNECT_DELAY_MS = 500, /* services that restart are back soon */
};

typedef struct ComSession {
    CimSession base;
    WmiConnection *connection;
} ComSession;

static const CimSessionOps com_ops;

static ComSession *com_from(CimSession *session)
{
    CHECK(session->ops == &com_ops);
    return (ComSession *) session;
}

static bool fail(const ComSession *com, HRESULT hr, const char *subject, Error *err)
{
    return hresult_set_error(err, hr, wmi_connection_place(com->connection), subject);
}

static bool fail_query(const ComSession *com, HRESULT hr, const char *wql, Error *err)
{
    return hresult_set_query_error(err, hr, wmi_connection_place(com->connection), wql);
}

/* ---- waiting ---- */

typedef struct Patience {
    const ComSession *com;
    const char *subject;
    bool can_be_interrupted;
    int limit_ms;
    int waited_ms; /* without any answer */
} Patience;

static bool check_interruption(const Patience *patience, Error *err)
{
    if (patience->can_be_interrupted && cancel_is_requested(&patience->com->base.cancel))
        return error_set(err, ERR_CANCELLED, "interrupted");
    return true;
}

/* Called when WAIT_MS have passed without an answer. */
static bool check_patience(Patience *patience, Error *err)
{
    patience->waited_ms += WAIT_MS;
    if (patience->waited_ms < patience->limit_ms)
        return check_interruption(patience, err);
    return error_set(err, ERR_TIMEOUT, "no answer from '%s' for %d seconds: '%s'", patience->com->base.host,
                     patience->limit_ms / 1000, patience->subject);
}

/* The connection has ended; the next call makes a new one. */
static bool drop_lost_connection(ComSession *com, const Error *err)
{
    bool lost = hresult_is_lost_connection(err) && wmi_connection_is_alive(com->connection);
    if (lost)
        wmi_connection_drop(com->connection);
    return lost;
}

/* A read that failed with this error is worth asking again. */
static bool should_ask_again(ComSession *com, const Error *err)
{
    Clock *clock = com->base.clock;
    if (!drop_lost_connection(com, err))
        return false;
    clock->sleep_ms(clock, RECONNECT_DELAY_MS);
    return true;
}

/* ---- query ---- */

static bool append_rows(IWbemClassObject **objects, ULONG count, Arena *arena, CimInstanceList *list, Error *err)
{
    bool ok = true;
    for (ULONG i = 0; i < count; i++) {
        CimInstance *instance;
        ok = ok && wmi_object_read(objects[i], arena, &instance, err);
        if (ok)
            ARRAY_PUSH(arena, list, instance);
        (void) IWbemClassObject_Release(objects[i]);
    }
    return ok;
}

static bool read_rows(Patience *patience, IEnumWbemClassObject *rows, Arena *arena, CimInstanceList *list, Error *err)
{
    /* One row too many is what the caller notices. */
    while (list->count <= LIMIT_QUERY_ROWS) {
        IWbemClassObject *objects[BATCH_ROWS] = { 0 };
        ULONG count = 0;
        HRESULT hr = IEnumWbemClassObject_Next(rows, WAIT_MS, BATCH_ROWS, objects, &count);
        if (!append_rows(objects, count, arena, list, err))
            return false;
        if (FAILED(hr))
            return fail_query(patience->com, hr, patience->subject, err);
        if (hr == WBEM_S_FALSE)
            return true;
        if (hr == WBEM_S_NO_ERROR && count == 0)
            return error_set(err, ERR_PROTOCOL, "the host answers with nothing: '%s'", patience->subject);
        if (count > 0)
            patience->waited_ms = 0;
        if (hr == WBEM_S_TIMEDOUT ? !check_patience(patience, err) : !check_interruption(patience, err))
            return false;
    }
    return true;
}

static bool run_query(ComSession *com, const char *ns, const char *wql, Arena *arena, CimInstanceList *list, Error *err)
{
    IWbemServices *services;
    COM_LOCAL(IEnumWbemClassObject) rows = NULL;
    CLEANUP(bstr_cleanup) BSTR language = bstr_from_utf8("WQL");
    CLEANUP(bstr_cleanup) BSTR query = bstr_from_utf8(wql);
    if (!wmi_connection_services(com->connection, ns, &services, err))
        return false;
    HRESULT hr = IWbemServices_ExecQuery(services, language, query,
                                         WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_FORWARD_ONLY, NULL, &rows);
    if (SUCCEEDED(hr))
        hr = wmi_secure(rows);
    if (FAILED(hr))
        return fail_query(com, hr, wql, err);
    Patience patience = { .com = com, .subject = wql, .can_be_interrupted = true, .limit_ms = READ_LIMIT_MS };
    return read_rows(&patience, rows, arena, list, err);
}

static bool com_query(CimSession *session, const char *ns, const char *wql, Arena *arena, CimInstanceList *list,
                      Error *err)
{
    ComSession *com = com_from(session);
    if (run_query(com, ns, wql, arena, list, err))
        return true;
    if (!should_ask_again(com, err))
        return false;
    list->count = 0;
    return run_query(com, ns, wql, arena, list, err);
}

/* ---- get ---- */

/* The path without host and namespace: these are the session's business, and the host's own name for itself need not be
 * the one we know it by. */
static bool parse_path(const ComSession *com, const char *path, Arena *arena, CimPath *ret_path,
                       const char **ret_relative, Error *err)
{
    const char *mark = strpbrk(path, ":\"");
    if (!cim_path_parse(path, arena, ret_path, err))
        return fail(com, (HRESULT) WMI_E_INVALID_OBJECT_PATH, path, err);
    *ret_relative = mark != NULL && *mark == ':' ? mark + 1 : path;
    return true;
}

static bool await_object(Patience *patience, IWbemCallResult *result, IWbemClassObject **ret_object, Error *err)
{
    HRESULT hr = wmi_secure(result);
    while (SUCCEEDED(hr)) {
        hr = IWbemCallResult_GetResultObject(result, WAIT_MS, ret_object);
        if (hr == WBEM_S_NO_ERROR && *ret_object != NULL)
            return true;
        if (hr == WBEM_S_NO_ERROR)
            return error_set(err, ERR_PROTOCOL, "the host answers with nothing: '%s'", patience->subject);
        if (SUCCEEDED(hr) && !check_patience(patience, err))
            return false;
    }
    return fail(patience->com, hr, patience->subject, err);
}

/* An instance, or a class declaration. */
static bool read_object(ComSession *com, const char *ns, const char *path, const char *subject,
                        IWbemClassObject **ret_object, Error *err)
{
    IWbemServices *services;
    COM_LOCAL(IWbemCallResult) result = NULL;
    CLEANUP(bstr_cleanup) BSTR object_path = bstr_from_utf8(path);
    if (!wmi_connection_services(com->connection, ns, &services, err))
        return false;
    HRESULT hr = IWbemServices_GetObject(services, object_path, WBEM_FLAG_RETURN_IMMEDIATELY, NULL, NULL, &result);
    if (FAILED(hr))
        return fail(com, hr, subject, err);
    Patience patience = { .com = com, .subject = subject, .can_be_interrupted = true, .limit_ms = READ_LIMIT_MS };
    return await_object(&patience, result, ret_object, err);
}

static bool com_get(CimSession *session, const char *ns, const char *path, Arena *arena, CimInstance **ret_instance,
                    Error *err)
{
    ComSession *com = com_from(session);
    COM_LOCAL(IWbemClassObject) object = NULL;
    CimPath parsed;
    const char *relative;
    if (!parse_path(com, path, arena, &parsed, &relative, err))
        return false;
    if (parsed.count == 0) /* WMI would give the declaration of the class */
        return fail(com, (HRESULT) WMI_E_INVALID_OBJECT_PATH, path, err);
    bool ok = read_object(com, ns, relative, path, &object, err) ||
              (should_ask_again(com, err) && read_object(com, ns, relative, path, &object, err));
    return ok && wmi_object_read(object, arena, ret_instance, err);
}

/* ---- invoke ---- */

/* The declaration of a class; the pointer is the connection's own. */
static bool find_class(ComSession *com, const char *ns, const char *name, IWbemClassObject **ret_class, Error *err)
{
    *ret_class = wmi_connection_find_class(com->connection, ns, name);
    if (*ret_class != NULL)
        return true;
    COM_LOCAL(IWbemClassObject) class = NULL;
    bool ok = read_object(com, ns, name, name, &class, err) ||
              (should_ask_again(com, err) && read_object(com, ns, name, name, &class, err));
    if (!ok && err->code == ERR_NOT_FOUND)
        return fail(com, (HRESULT) WMI_E_INVALID_CLASS, name, err);
    if (!ok)
        return false;
    wmi_connection_keep_class(com->connection, ns, name, class);
    *ret_class = class;
    return true;
}

/* The input of the method, filled in; NULL for a method without any. */
static bool make_parameters(IWbemClassObject *class, const char *class_name, const char *method, const CimInstance *in,
                            IWbemClassObject **ret_parameters, Error *err)
{
    COM_LOCAL(IWbemClassObject) signature = NULL;
    COM_LOCAL(IWbemClassObject) parameters = NULL;
    CLEANUP(bstr_cleanup) BSTR name = bstr_from_utf8(method);
    if (FAILED(IWbemClassObject_GetMethod(class, name, 0, &signature, NULL)))
        return error_set_native(err, ERR_UNSUPPORTED, ERROR_SOURCE_HRESULT, WMI_E_INVALID_METHOD,
                                "class '%s' has no method '%s' on this host", class_name, method);
    if (signature == NULL && in != NULL && in->count > 0)
        return error_set_native(err, ERR_INVALID, ERROR_SOURCE_HRESULT, WMI_E_INVALID_METHOD_PARAMETERS,
                                "method '%s' has no parameter '%s'", method, in->properties[0].name);
    if (signature != NULL && FAILED(IWbemClassObject_SpawnInstance(signature, 0, &parameters)))
        return error_set(err, ERR_PROTOCOL, "the parameters of method '%s' cannot be filled in", method);
    if (in != NULL && in->count > 0 && !wmi_object_set_parameters(parameters, in, method, err))
        return false;
    *ret_parameters = parameters;
    parameters = NULL; /* handed over */
    return true;
}

/* From here on a failure may mean that the host did what it was asked for. */
static bool execute(ComSession *com, const char *ns, const char *path, const char *method, IWbemClassObject *parameters,
                    Arena *arena, CimInstance **ret_out, Error *err)
{
    IWbemServices *services;
    COM_LOCAL(IWbemCallResult) result = NULL;
    COM_LOCAL(IWbemClassObject) out = NULL;
    CLEANUP(bstr_cleanup) BSTR object_path = bstr_from_utf8(path);
    CLEANUP(bstr_cleanup) BSTR method_name = bstr_from_utf8(method);
    if (!wmi_connection_services(com->connection, ns, &services, err))
        return false;
    HRESULT hr = IWbemServices_ExecMethod(services, object_path, method_name, WBEM_FLAG_RETURN_IMMEDIATELY, NULL,
                                          parameters, NULL, &result);
    Patience patience = { .com = com,
                          .subject = arena_printf(arena, "%s of %s", method, path),
                          .limit_ms = INVOKE_LIMIT_MS };
    if ((SUCCEEDED(hr) ? await_object(&patience, result, &out, err) : fail(com, hr, patience.subject, err)) &&
        wmi_object_read(out, arena, ret_out, err))
        return true;
    (void) drop_lost_connection(com, err);
    if (!hresult_precedes_execution(err))
        err->code = ERR_UNKNOWN_OUTCOME;
    return false;
}

static bool com_invoke(CimSession *session, const char *ns, const char *path, const char *method, const CimInstance *in,
                       Arena *arena, CimInstance **ret_out, Error *err)
{
    ComSession *com = com_from(session);
    COM_LOCAL(IWbemClassObject) parameters = NULL;
    IWbemClassObject *class;
    CimPath parsed;
    const char *relative;
    return parse_path(com, path, arena, &parsed, &relative, err) &&
           find_class(com, ns, parsed.class_name, &class, err) &&
           make_parameters(class, parsed.class_name, method, in, &parameters, err) &&
           execute(com, ns, relative, method, parameters, arena, ret_out, err);
}

/* ---- the session ---- */

/* Each declaration of a class tells the computer it comes from by its own name. (Unverified: also where the connection
 * was made by an IP address or an alias.) */
static bool com_identify(CimSession *session, Arena *arena, const char **ret_name, Error *err)
{
    ComSession *com = com_from(session);
    IWbemClassObject *class;
    CLEANUP(variant_cleanup) VARIANT server;
    VariantInit(&server);
    if (!find_class(com, NS_VIRTUALIZATION, "Msvm_ComputerSystem", &class, err))
        return false;
    if (SUCCEEDED(IWbemClassObject_Get(class, L"__SERVER", 0, &server, NULL, NULL)) && V_VT(&server) == VT_BSTR)
        *ret_name = utf8_from_bstr(V_BSTR(&server), arena);
    return true;
}

static void com_close(CimSession *session)
{
    ComSession *com = com_from(session);
    wmi_connection_close(com->connection);
    free(com);
}

static const CimSessionOps com_ops = {
    .name = "com",
    .query = com_query,
    .get = com_get,
    .invoke = com_invoke,
    .identify = com_identify,
    .close = com_close,
};

bool com_session_open(const char *computer, const char *host, Clock *clock, CimSession **ret_session, Error *err)
{
    WmiConnection *connection;
    if (!wmi_connection_open(computer, host, &connection, err))
        return false;
    ComSession *com = alloc_zeroed(sizeof(*com));
    cim_session_init(&com->base, &com_ops, host, clock);
    com->connection = connection;
    if (computer == NULL)
        com->base.address_bits = processor_address_bits();
    *ret_session = &com->base;
    return true;
}
