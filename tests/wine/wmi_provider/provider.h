/* SPDX-License-Identifier: MIT */
/* A stand-in for Windows' own WMI: an in-process COM server that takes the place of WbemLocator in a Wine prefix made
 * for tests. Behind it is the simulated host of the state file that WMI_PROVIDER_STATE names; without that variable
 * Wine's own WMI answers.
 *
 * It is what clients see of WMI, so it behaves like WMI and not like our session: values as the VARIANTs that WMI
 * uses and no others, errors where WMI reports them (for a query that returns immediately, at its first Next). It
 * shares no code with src/cim/com, so that neither hides the mistakes of the other.
 * Interfaces: Windows SDK, "COM API for WMI"; what servers must answer: [MS-WMI], 3.1.4.
 *
 * WMI_PROVIDER_FAULT makes calls fail: "CALL:HRESULT:COUNT", the next COUNT calls of that name (ConnectServer,
 * ExecQuery, Next, GetObject, ExecMethod, GetResultObject, or "any") answer with that number instead of doing
 * anything. With ":after" behind it, ExecMethod fails after having done its work, and Next when it has given some rows
 * before. Setting another text starts anew; what follows one more ':' is not looked at.
 *
 * WMI_PROVIDER_TIME is the time on the host, in milliseconds since 1970; without it, it is now. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "cim/schema.h"
#include "cim/value.h"
#include "platform/win32.h"
#include "sim/host.h"
#include "sim/shared_host.h"

#include <objbase.h>
#include <oleauto.h>
#include <stdbool.h>
#include <wbemcli.h>

/* ---- host.c: the simulated host ---- */

/* WMI_PROVIDER_STATE is set. */
bool host_is_wanted(void);

/* Enters the shared host of the state file, and another one than before if the variable names another file. What
 * shared_host_leave() says of ok and of the result is true of host_leave(), too. After a failure there is nothing to
 * leave. */
MUST_CHECK bool host_enter(SharedHostUse use, SimHost **ret_host, Error *err);
MUST_CHECK bool host_leave(bool ok, Error *err);

/* Milliseconds since 1970, UTC. */
int64_t host_now_ms(void);

/* The name is this computer's, or none was given. */
bool host_is_called(const char *name);

/* The name of the simulated computer and the number of its build of Windows, while one is inside. */
const char *host_name(void);
uint32_t host_build(void);

/* The number that WMI has for the error. */
HRESULT hresult_of_error(const Error *err);

/* S_OK, or the number that this call shall fail with. */
HRESULT fault_of_call(const char *call, bool after);

/* ---- text.c ---- */

BSTR bstr_of(const char *text);
/* NULL stays NULL. */
const char *utf8_of(const OLECHAR *text, Arena *arena);

/* ---- values.c ---- */

CIMTYPE cimtype_of(const CimValue *value);
/* As the CIMTYPE qualifier has it: "uint16", "ref:CIM_Job", "object:CIM_Setting". */
const char *cimtype_text(CimType type, const char *ref_class, Arena *arena);
void value_to_variant(const CimValue *value, VARIANT *ret_variant);
/* WBEM_E_TYPE_MISMATCH for every VARIANT but the one that WMI documents for the type. */
HRESULT value_from_variant(const VARIANT *variant, CimType type, bool is_array, Arena *arena, CimValue *ret_value);

/* ---- object.c: IWbemClassObject ---- */

typedef enum ObjectKind {
    OBJECT_CLASS, /* a declaration: of a class, or (__PARAMETERS) of what a method takes or gives */
    OBJECT_INSTANCE,
} ObjectKind;

typedef struct Object {
    IWbemClassObject IWbemClassObject_iface;
    LONG references;
    Arena arena;
    ObjectKind kind;
    const CimClassDecl *decl; /* NULL: __PARAMETERS */
    CimInstance *row;
    StringList names; /* of the enumeration that is going on */
    size_t next_name;
    bool is_enumerating;
    size_t next_method;
} Object;

/* The row is copied. */
Object *object_create(ObjectKind kind, const CimClassDecl *decl, const CimInstance *row);
Object *object_create_class(const CimClassDecl *decl);
Object *object_from(IWbemClassObject *iface);

/* mof.c: the object as text. */
const char *mof_of_object(const Object *object, Arena *arena);

/* declarations.c: what this build of Windows has. Superclass first. */
typedef struct PropertyList {
    const CimPropertyDecl **items;
    size_t count;
    size_t capacity;
} PropertyList;

typedef struct MethodList {
    const CimMethodDecl **items;
    size_t count;
    size_t capacity;
} MethodList;

PropertyList declared_properties(const CimClassDecl *decl, Arena *arena);
MethodList declared_methods(const CimClassDecl *decl, Arena *arena);
bool is_key(const CimClassDecl *decl, const char *property);

/* What the method takes (CIM_IN) or gives (CIM_OUT, with ReturnValue): a class; NULL if it takes nothing. */
Object *method_signature(const CimMethodDecl *method, CimDirection direction);

/* qualifiers.c: IWbemQualifierSet with CIMTYPE and key, or the class's own. */
IWbemQualifierSet *qualifiers_create(const CimClassDecl *decl, const CimPropertyDecl *property, CimType type);

/* ---- enumerator.c, call_result.c: results ---- */

/* Takes over the references in the array, which it copies. error: what Next answers instead. */
IEnumWbemClassObject *enumerator_create(Object **objects, size_t count, bool forward_only, HRESULT error);
/* Takes over the reference; object may be NULL. */
IWbemCallResult *call_result_create(HRESULT status, Object *object);

/* ---- services.c, locator.c ---- */

IWbemServices *services_create(const char *ns);
HRESULT locator_create(REFIID iid, void **ret_object);

/* QueryInterface, AddRef and Release of an interface that is the only one of its object. */
#define UNKNOWN_METHODS(Type, Interface, destroy)                                                                      \
    static Type *Type##_from(Interface *iface)                                                                         \
    {                                                                                                                  \
        return (Type *) iface; /* its first member */                                                                  \
    }                                                                                                                  \
    static ULONG WINAPI Type##_AddRef(Interface *iface)                                                                \
    {                                                                                                                  \
        return (ULONG) InterlockedIncrement(&Type##_from(iface)->references);                                          \
    }                                                                                                                  \
    static ULONG WINAPI Type##_Release(Interface *iface)                                                               \
    {                                                                                                                  \
        LONG left = InterlockedDecrement(&Type##_from(iface)->references);                                             \
        if (left == 0)                                                                                                 \
            destroy(Type##_from(iface));                                                                               \
        return (ULONG) left;                                                                                           \
    }                                                                                                                  \
    static HRESULT WINAPI Type##_QueryInterface(Interface *iface, REFIID iid, void **ret_object)                       \
    {                                                                                                                  \
        *ret_object = NULL;                                                                                            \
        if (!IsEqualGUID(iid, &IID_##Interface) && !IsEqualGUID(iid, &IID_IUnknown))                                   \
            return E_NOINTERFACE;                                                                                      \
        (void) Type##_AddRef(iface);                                                                                   \
        *ret_object = iface;                                                                                           \
        return S_OK;                                                                                                   \
    }

/* A method that nobody has needed yet. */
#define NOT_SUPPORTED(function, ...)                                                                                   \
    _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wunused-parameter\"") static HRESULT WINAPI      \
    function(__VA_ARGS__)                                                                                              \
    {                                                                                                                  \
        return WBEM_E_NOT_SUPPORTED;                                                                                   \
    }                                                                                                                  \
    _Pragma("GCC diagnostic pop")
