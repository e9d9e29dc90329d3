/* SPDX-License-Identifier: MIT */
/* IWbemClassObject: instances, class declarations, and the parameters of methods. */
#include "provider.h"

#include "base/ascii.h"
#include "base/check.h"

#include <stdlib.h>
#include <string.h>

static IWbemClassObjectVtbl vtable;

static void object_destroy(Object *object)
{
    arena_release(&object->arena);
    free(object);
}

UNKNOWN_METHODS(Object, IWbemClassObject, object_destroy)

Object *object_from(IWbemClassObject *iface)
{
    CHECK(iface->lpVtbl == &vtable);
    return Object_from(iface);
}

Object *object_create(ObjectKind kind, const CimClassDecl *decl, const CimInstance *row)
{
    Object *object = calloc(1, sizeof(*object));
    CHECK(object != NULL);
    object->IWbemClassObject_iface.lpVtbl = &vtable;
    object->references = 1;
    object->kind = kind;
    object->decl = decl;
    object->row = cim_instance_copy(row, &object->arena);
    return object;
}

Object *object_create_class(const CimClassDecl *decl)
{
    Arena scratch = ARENA_INIT;
    CimInstance *row = cim_instance_create(&scratch, decl->name);
    PropertyList properties = declared_properties(decl, &scratch);
    for (size_t i = 0; i < properties.count; i++)
        cim_instance_set(row, &scratch, properties.items[i]->name,
                         properties.items[i]->is_array ? cim_null_array(properties.items[i]->type)
                                                       : cim_null(properties.items[i]->type));
    row->path = arena_printf(&scratch, "\\\\%s\\%s:%s", host_name(), decl->ns, decl->name);
    Object *object = object_create(OBJECT_CLASS, decl, row);
    arena_release(&scratch);
    return object;
}

/* ---- system properties ---- */

static const char *const system_names[] = { "__GENUS",      "__CLASS",   "__SUPERCLASS",
                                            "__DYNASTY",    "__RELPATH", "__PROPERTY_COUNT",
                                            "__DERIVATION", "__SERVER",  "__NAMESPACE",
                                            "__PATH" };

static bool is_system_name(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(system_names); i++) {
        if (ascii_equals(system_names[i], name))
            return true;
    }
    return false;
}

static CimValue derivation(const Object *object, Arena *arena)
{
    StringList names = { 0 };
    for (const CimClassDecl *decl = object->decl; decl != NULL && decl->superclass != NULL;
         decl = cim_class_find(decl->ns, decl->superclass))
        ARRAY_PUSH(arena, &names, decl->superclass);
    return cim_text_array(arena, CIM_TYPE_STRING, names.items, names.count);
}

static const char *dynasty(const Object *object)
{
    const CimClassDecl *decl = object->decl;
    const CimClassDecl *above;
    while (decl != NULL && decl->superclass != NULL && (above = cim_class_find(decl->ns, decl->superclass)) != NULL)
        decl = above;
    return decl == NULL ? object->row->class_name : decl->name;
}

static CimValue system_value(const Object *object, const char *name, Arena *arena)
{
    const char *path = object->row->path;
    if (ascii_equals(name, "__GENUS"))
        return cim_sint(CIM_TYPE_SINT32, object->kind == OBJECT_CLASS ? WBEM_GENUS_CLASS : WBEM_GENUS_INSTANCE);
    if (ascii_equals(name, "__PROPERTY_COUNT"))
        return cim_sint(CIM_TYPE_SINT32, (int64_t) object->row->count);
    if (ascii_equals(name, "__DERIVATION"))
        return derivation(object, arena);
    if (ascii_equals(name, "__CLASS"))
        return cim_string(object->row->class_name);
    if (ascii_equals(name, "__SUPERCLASS"))
        return cim_string(object->decl == NULL ? NULL : object->decl->superclass);
    if (ascii_equals(name, "__DYNASTY"))
        return cim_string(dynasty(object));
    if (ascii_equals(name, "__SERVER"))
        return cim_string(object->decl == NULL ? NULL : host_name());
    if (ascii_equals(name, "__NAMESPACE"))
        return cim_string(object->decl == NULL ? NULL : object->decl->ns);
    if (ascii_equals(name, "__RELPATH"))
        return cim_string(path == NULL ? NULL : strchr(path, ':') + 1);
    return cim_string(path);
}

/* ---- properties ---- */

static CimProperty *find_property(const Object *object, const char *name)
{
    for (size_t i = 0; i < object->row->count; i++) {
        if (ascii_equals(object->row->properties[i].name, name))
            return &object->row->properties[i];
    }
    return NULL;
}

static HRESULT get_value(const Object *object, const char *name, VARIANT *ret_variant, CIMTYPE *ret_type,
                         LONG *ret_flavor)
{
    Arena scratch = ARENA_INIT;
    const CimProperty *property = find_property(object, name);
    bool is_system = is_system_name(name);
    CimValue value;
    if (property != NULL)
        value = property->value;
    else if (is_system)
        value = system_value(object, name, &scratch);
    else
        return WBEM_E_NOT_FOUND;
    if (ret_variant != NULL)
        value_to_variant(&value, ret_variant);
    if (ret_type != NULL)
        *ret_type = cimtype_of(&value);
    if (ret_flavor != NULL)
        *ret_flavor = is_system ? WBEM_FLAVOR_ORIGIN_SYSTEM : WBEM_FLAVOR_ORIGIN_LOCAL;
    arena_release(&scratch);
    return S_OK;
}

static HRESULT WINAPI object_get(IWbemClassObject *iface, LPCWSTR name, LONG flags, VARIANT *value, CIMTYPE *type,
                                 LONG *flavor)
{
    Arena scratch = ARENA_INIT;
    if (name == NULL || flags != 0)
        return WBEM_E_INVALID_PARAMETER;
    HRESULT hr = get_value(Object_from(iface), utf8_of(name, &scratch), value, type, flavor);
    arena_release(&scratch);
    return hr;
}

static HRESULT put_value(Object *object, const char *name, const VARIANT *variant, CIMTYPE type)
{
    CimProperty *property = find_property(object, name);
    if (property == NULL)
        return is_system_name(name) ? WBEM_E_READ_ONLY : WBEM_E_NOT_FOUND;
    if (type != CIM_EMPTY && type != cimtype_of(&property->value))
        return WBEM_E_TYPE_MISMATCH;
    CimValue value;
    HRESULT hr = value_from_variant(variant, property->value.type, property->value.is_array, &object->arena, &value);
    if (SUCCEEDED(hr))
        property->value = value;
    return hr;
}

static HRESULT WINAPI object_put(IWbemClassObject *iface, LPCWSTR name, LONG flags, VARIANT *value, CIMTYPE type)
{
    Arena scratch = ARENA_INIT;
    Object *object = Object_from(iface);
    if (name == NULL || value == NULL || flags != 0 || object->kind == OBJECT_CLASS)
        return WBEM_E_INVALID_PARAMETER;
    HRESULT hr = put_value(object, utf8_of(name, &scratch), value, type);
    arena_release(&scratch);
    return hr;
}

NOT_SUPPORTED(object_delete, IWbemClassObject *iface, LPCWSTR name)

/* ---- names ---- */

/* WBEM_FLAG_NONSYSTEM_ONLY, WBEM_FLAG_SYSTEM_ONLY, WBEM_FLAG_KEYS_ONLY, or 0 for all. */
static HRESULT list_names(const Object *object, LONG flags, Arena *arena, StringList *names)
{
    if (flags != 0 && flags != WBEM_FLAG_NONSYSTEM_ONLY && flags != WBEM_FLAG_SYSTEM_ONLY &&
        flags != WBEM_FLAG_KEYS_ONLY)
        return WBEM_E_INVALID_PARAMETER;
    for (size_t i = 0; i < COUNT_OF(system_names) && (flags == 0 || flags == WBEM_FLAG_SYSTEM_ONLY); i++)
        ARRAY_PUSH(arena, names, system_names[i]);
    for (size_t i = 0; i < object->row->count && flags != WBEM_FLAG_SYSTEM_ONLY; i++) {
        const char *name = object->row->properties[i].name;
        if (flags != WBEM_FLAG_KEYS_ONLY || is_key(object->decl, name))
            ARRAY_PUSH(arena, names, name);
    }
    return S_OK;
}

static HRESULT WINAPI object_get_names(IWbemClassObject *iface, LPCWSTR qualifier, LONG flags, VARIANT *value,
                                       SAFEARRAY **ret_names)
{
    Arena scratch = ARENA_INIT;
    StringList names = { 0 };
    if (qualifier != NULL || value != NULL || ret_names == NULL)
        return WBEM_E_INVALID_PARAMETER;
    HRESULT hr = list_names(Object_from(iface), flags, &scratch, &names);
    if (SUCCEEDED(hr)) {
        VARIANT variant;
        CimValue texts = cim_text_array(&scratch, CIM_TYPE_STRING, names.items, names.count);
        value_to_variant(&texts, &variant);
        *ret_names = V_ARRAY(&variant);
    }
    arena_release(&scratch);
    return hr;
}

static HRESULT WINAPI object_begin_enumeration(IWbemClassObject *iface, LONG flags)
{
    Object *object = Object_from(iface);
    object->names = (StringList){ NULL };
    object->next_name = 0;
    HRESULT hr = list_names(object, flags, &object->arena, &object->names);
    object->is_enumerating = SUCCEEDED(hr);
    return hr;
}

static HRESULT WINAPI object_next(IWbemClassObject *iface, LONG flags, BSTR *ret_name, VARIANT *value, CIMTYPE *type,
                                  LONG *flavor)
{
    Object *object = Object_from(iface);
    if (flags != 0)
        return WBEM_E_INVALID_PARAMETER;
    if (!object->is_enumerating)
        return WBEM_E_UNEXPECTED;
    if (object->next_name == object->names.count)
        return WBEM_S_NO_MORE_DATA;
    const char *name = object->names.items[object->next_name++];
    if (ret_name != NULL)
        *ret_name = bstr_of(name);
    return get_value(object, name, value, type, flavor);
}

static HRESULT WINAPI object_end_enumeration(IWbemClassObject *iface)
{
    Object_from(iface)->is_enumerating = false;
    return S_OK;
}

/* ---- qualifiers ---- */

static HRESULT WINAPI object_get_qualifier_set(IWbemClassObject *iface, IWbemQualifierSet **ret_set)
{
    *ret_set = qualifiers_create(Object_from(iface)->decl, NULL, CIM_TYPE_COUNT);
    return S_OK;
}

static HRESULT WINAPI object_get_property_qualifier_set(IWbemClassObject *iface, LPCWSTR name,
                                                        IWbemQualifierSet **ret_set)
{
    Arena scratch = ARENA_INIT;
    const Object *object = Object_from(iface);
    const char *text = utf8_of(name, &scratch);
    const CimProperty *property = find_property(object, text);
    HRESULT hr = property != NULL ? S_OK : is_system_name(text) ? WBEM_E_SYSTEM_PROPERTY : WBEM_E_NOT_FOUND;
    if (property != NULL)
        *ret_set = qualifiers_create(object->decl, object->decl == NULL ? NULL : cim_class_property(object->decl, text),
                                     property->value.type);
    arena_release(&scratch);
    return hr;
}

NOT_SUPPORTED(object_get_method_qualifier_set, IWbemClassObject *iface, LPCWSTR name, IWbemQualifierSet **ret_set)

/* ---- the object as a whole ---- */

static HRESULT WINAPI object_clone(IWbemClassObject *iface, IWbemClassObject **ret_copy)
{
    const Object *object = Object_from(iface);
    *ret_copy = &object_create(object->kind, object->decl, object->row)->IWbemClassObject_iface;
    return S_OK;
}

static HRESULT WINAPI object_get_object_text(IWbemClassObject *iface, LONG flags, BSTR *ret_text)
{
    Arena scratch = ARENA_INIT;
    if ((flags & ~WBEM_FLAG_NO_FLAVORS) != 0)
        return WBEM_E_INVALID_PARAMETER;
    *ret_text = bstr_of(mof_of_object(Object_from(iface), &scratch));
    arena_release(&scratch);
    return S_OK;
}

NOT_SUPPORTED(object_spawn_derived_class, IWbemClassObject *iface, LONG flags, IWbemClassObject **ret_class)

static HRESULT WINAPI object_spawn_instance(IWbemClassObject *iface, LONG flags, IWbemClassObject **ret_instance)
{
    const Object *object = Object_from(iface);
    if (flags != 0)
        return WBEM_E_INVALID_PARAMETER;
    if (object->kind != OBJECT_CLASS)
        return WBEM_E_INVALID_OPERATION;
    Object *instance = object_create(OBJECT_INSTANCE, object->decl, object->row);
    instance->row->path = NULL;
    *ret_instance = &instance->IWbemClassObject_iface;
    return S_OK;
}

NOT_SUPPORTED(object_compare_to, IWbemClassObject *iface, LONG flags, IWbemClassObject *other)

NOT_SUPPORTED(object_get_property_origin, IWbemClassObject *iface, LPCWSTR name, BSTR *ret_class)

static HRESULT WINAPI object_inherits_from(IWbemClassObject *iface, LPCWSTR ancestor)
{
    Arena scratch = ARENA_INIT;
    const Object *object = Object_from(iface);
    bool inherits = object->decl != NULL && cim_class_is_a(object->decl, utf8_of(ancestor, &scratch));
    arena_release(&scratch);
    return inherits ? WBEM_S_NO_ERROR : WBEM_S_FALSE;
}

/* ---- methods: declarations have them, instances do not ---- */

static IWbemClassObject *signature_of(const CimMethodDecl *method, CimDirection direction)
{
    Object *signature = method_signature(method, direction);
    return signature == NULL ? NULL : &signature->IWbemClassObject_iface;
}

static void give_signatures(const CimMethodDecl *method, IWbemClassObject **ret_in, IWbemClassObject **ret_out)
{
    if (ret_in != NULL)
        *ret_in = signature_of(method, CIM_IN);
    if (ret_out != NULL)
        *ret_out = signature_of(method, CIM_OUT);
}

static HRESULT WINAPI object_get_method(IWbemClassObject *iface, LPCWSTR name, LONG flags, IWbemClassObject **ret_in,
                                        IWbemClassObject **ret_out)
{
    Arena scratch = ARENA_INIT;
    const Object *object = Object_from(iface);
    HRESULT hr = WBEM_E_NOT_FOUND;
    if (name == NULL || flags != 0)
        return WBEM_E_INVALID_PARAMETER;
    if (object->kind != OBJECT_CLASS || object->decl == NULL)
        return WBEM_E_ILLEGAL_OPERATION;
    MethodList methods = declared_methods(object->decl, &scratch);
    const char *wanted = utf8_of(name, &scratch);
    for (size_t i = 0; i < methods.count && FAILED(hr); i++) {
        if (ascii_equals(methods.items[i]->name, wanted)) {
            give_signatures(methods.items[i], ret_in, ret_out);
            hr = S_OK;
        }
    }
    arena_release(&scratch);
    return hr;
}

static HRESULT WINAPI object_begin_method_enumeration(IWbemClassObject *iface, LONG flags)
{
    Object *object = Object_from(iface);
    if (flags != 0)
        return WBEM_E_INVALID_PARAMETER;
    if (object->kind != OBJECT_CLASS || object->decl == NULL)
        return WBEM_E_ILLEGAL_OPERATION;
    object->next_method = 0;
    return S_OK;
}

static HRESULT WINAPI object_next_method(IWbemClassObject *iface, LONG flags, BSTR *ret_name, IWbemClassObject **ret_in,
                                         IWbemClassObject **ret_out)
{
    Arena scratch = ARENA_INIT;
    Object *object = Object_from(iface);
    if (flags != 0 || object->kind != OBJECT_CLASS || object->decl == NULL)
        return WBEM_E_INVALID_PARAMETER;
    MethodList methods = declared_methods(object->decl, &scratch);
    HRESULT hr = WBEM_S_NO_MORE_DATA;
    if (object->next_method < methods.count) {
        const CimMethodDecl *method = methods.items[object->next_method++];
        *ret_name = bstr_of(method->name);
        give_signatures(method, ret_in, ret_out);
        hr = S_OK;
    }
    arena_release(&scratch);
    return hr;
}

static HRESULT WINAPI object_end_method_enumeration(IWbemClassObject *iface)
{
    (void) iface;
    return S_OK;
}

NOT_SUPPORTED(object_put_method, IWbemClassObject *iface, LPCWSTR name, LONG flags, IWbemClassObject *in,
              IWbemClassObject *out)

NOT_SUPPORTED(object_delete_method, IWbemClassObject *iface, LPCWSTR name)

NOT_SUPPORTED(object_get_method_origin, IWbemClassObject *iface, LPCWSTR name, BSTR *ret_class)

static IWbemClassObjectVtbl vtable = {
    .QueryInterface = Object_QueryInterface,
    .AddRef = Object_AddRef,
    .Release = Object_Release,
    .GetQualifierSet = object_get_qualifier_set,
    .Get = object_get,
    .Put = object_put,
    .Delete = object_delete,
    .GetNames = object_get_names,
    .BeginEnumeration = object_begin_enumeration,
    .Next = object_next,
    .EndEnumeration = object_end_enumeration,
    .GetPropertyQualifierSet = object_get_property_qualifier_set,
    .Clone = object_clone,
    .GetObjectText = object_get_object_text,
    .SpawnDerivedClass = object_spawn_derived_class,
    .SpawnInstance = object_spawn_instance,
    .CompareTo = object_compare_to,
    .GetPropertyOrigin = object_get_property_origin,
    .InheritsFrom = object_inherits_from,
    .GetMethod = object_get_method,
    .PutMethod = object_put_method,
    .DeleteMethod = object_delete_method,
    .BeginMethodEnumeration = object_begin_method_enumeration,
    .NextMethod = object_next_method,
    .EndMethodEnumeration = object_end_method_enumeration,
    .GetMethodQualifierSet = object_get_method_qualifier_set,
    .GetMethodOrigin = object_get_method_origin,
};
