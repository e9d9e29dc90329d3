/* SPDX-License-Identifier: MIT */
/* IWbemQualifierSet, as far as scripts ask for it: CIMTYPE, key and write of properties; Association and abstract of
 * classes. */
#include "provider.h"

#include "base/ascii.h"
#include "base/check.h"

#include <stdlib.h>

typedef struct QualifierSet {
    IWbemQualifierSet IWbemQualifierSet_iface;
    LONG references;
    Arena arena;
    CimInstance *row;
    size_t next;
} QualifierSet;

static void qualifier_set_destroy(QualifierSet *set)
{
    arena_release(&set->arena);
    free(set);
}

UNKNOWN_METHODS(QualifierSet, IWbemQualifierSet, qualifier_set_destroy)

static HRESULT WINAPI set_get(IWbemQualifierSet *iface, LPCWSTR name, LONG flags, VARIANT *value, LONG *flavor)
{
    Arena scratch = ARENA_INIT;
    if (name == NULL || flags != 0)
        return WBEM_E_INVALID_PARAMETER;
    const CimValue *found = cim_instance_find(QualifierSet_from(iface)->row, utf8_of(name, &scratch));
    arena_release(&scratch);
    if (found == NULL)
        return WBEM_E_NOT_FOUND;
    if (value != NULL)
        value_to_variant(found, value);
    if (flavor != NULL)
        *flavor = WBEM_FLAVOR_ORIGIN_LOCAL;
    return S_OK;
}

NOT_SUPPORTED(set_put, IWbemQualifierSet *iface, LPCWSTR name, VARIANT *value, LONG flavor)

NOT_SUPPORTED(set_delete, IWbemQualifierSet *iface, LPCWSTR name)

static HRESULT WINAPI set_get_names(IWbemQualifierSet *iface, LONG flags, SAFEARRAY **ret_names)
{
    Arena scratch = ARENA_INIT;
    const CimInstance *row = QualifierSet_from(iface)->row;
    if (flags != 0)
        return WBEM_E_INVALID_PARAMETER;
    CimValue *names = ARENA_NEW_ARRAY(&scratch, CimValue, row->count);
    for (size_t i = 0; i < row->count; i++)
        names[i] = cim_string(row->properties[i].name);
    CimValue array = cim_array(CIM_TYPE_STRING, names, row->count);
    VARIANT variant;
    value_to_variant(&array, &variant);
    *ret_names = V_ARRAY(&variant);
    arena_release(&scratch);
    return S_OK;
}

static HRESULT WINAPI set_begin_enumeration(IWbemQualifierSet *iface, LONG flags)
{
    QualifierSet_from(iface)->next = 0;
    return flags == 0 ? S_OK : WBEM_E_INVALID_PARAMETER;
}

static HRESULT WINAPI set_next(IWbemQualifierSet *iface, LONG flags, BSTR *ret_name, VARIANT *value, LONG *flavor)
{
    QualifierSet *set = QualifierSet_from(iface);
    if (flags != 0)
        return WBEM_E_INVALID_PARAMETER;
    if (set->next == set->row->count)
        return WBEM_S_NO_MORE_DATA;
    const CimProperty *property = &set->row->properties[set->next++];
    if (ret_name != NULL)
        *ret_name = bstr_of(property->name);
    if (value != NULL)
        value_to_variant(&property->value, value);
    if (flavor != NULL)
        *flavor = WBEM_FLAVOR_ORIGIN_LOCAL;
    return S_OK;
}

static HRESULT WINAPI set_end_enumeration(IWbemQualifierSet *iface)
{
    (void) iface;
    return S_OK;
}

static IWbemQualifierSetVtbl vtable = {
    .QueryInterface = QualifierSet_QueryInterface,
    .AddRef = QualifierSet_AddRef,
    .Release = QualifierSet_Release,
    .Get = set_get,
    .Put = set_put,
    .Delete = set_delete,
    .GetNames = set_get_names,
    .BeginEnumeration = set_begin_enumeration,
    .Next = set_next,
    .EndEnumeration = set_end_enumeration,
};

static void set_if(QualifierSet *set, const char *name, bool condition)
{
    if (condition)
        cim_instance_set(set->row, &set->arena, name, cim_boolean(true));
}

IWbemQualifierSet *qualifiers_create(const CimClassDecl *decl, const CimPropertyDecl *property, CimType type)
{
    QualifierSet *set = calloc(1, sizeof(*set));
    CHECK(set != NULL);
    set->IWbemQualifierSet_iface.lpVtbl = &vtable;
    set->references = 1;
    set->row = cim_instance_create(&set->arena, "");
    if (type != CIM_TYPE_COUNT) {
        const char *ref_class = property == NULL ? NULL : property->ref_class;
        cim_instance_set(set->row, &set->arena, "CIMTYPE", cim_string(cimtype_text(type, ref_class, &set->arena)));
        set_if(set, "key", property != NULL && is_key(decl, property->name));
        set_if(set, "read", true);
        set_if(set, "write", property != NULL && property->is_write);
    } else if (decl != NULL) {
        set_if(set, "Association", decl->is_association);
        set_if(set, "abstract", decl->is_abstract);
    }
    return &set->IWbemQualifierSet_iface;
}
