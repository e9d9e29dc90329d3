/* SPDX-License-Identifier: MIT */
/* Which VARIANT stands for which CIM type: Windows SDK, "Numbers (WMI)" and IWbemClassObject::Put. */
#include "provider.h"

#include "base/check.h"

#include <string.h>

static CIMTYPE scalar_cimtype(CimType type)
{
    switch (type) {
    case CIM_TYPE_BOOLEAN:
        return CIM_BOOLEAN;
    case CIM_TYPE_SINT8:
        return CIM_SINT8;
    case CIM_TYPE_SINT16:
        return CIM_SINT16;
    case CIM_TYPE_SINT32:
        return CIM_SINT32;
    case CIM_TYPE_SINT64:
        return CIM_SINT64;
    case CIM_TYPE_UINT8:
        return CIM_UINT8;
    case CIM_TYPE_UINT16:
        return CIM_UINT16;
    case CIM_TYPE_UINT32:
        return CIM_UINT32;
    case CIM_TYPE_UINT64:
        return CIM_UINT64;
    case CIM_TYPE_REAL32:
        return CIM_REAL32;
    case CIM_TYPE_REAL64:
        return CIM_REAL64;
    case CIM_TYPE_CHAR16:
        return CIM_CHAR16;
    case CIM_TYPE_STRING:
        return CIM_STRING;
    case CIM_TYPE_DATETIME:
        return CIM_DATETIME;
    case CIM_TYPE_REFERENCE:
        return CIM_REFERENCE;
    case CIM_TYPE_INSTANCE:
        return CIM_OBJECT;
    case CIM_TYPE_COUNT:
        break;
    }
    CHECK(!"a CIM type");
    return CIM_EMPTY;
}

CIMTYPE cimtype_of(const CimValue *value)
{
    return scalar_cimtype(value->type) | (value->is_array ? CIM_FLAG_ARRAY : 0);
}

const char *cimtype_text(CimType type, const char *ref_class, Arena *arena)
{
    const char *name = type == CIM_TYPE_REFERENCE ? "ref" : type == CIM_TYPE_INSTANCE ? "object" : cim_type_name(type);
    return ref_class == NULL ? name : arena_printf(arena, "%s:%s", name, ref_class);
}

static VARTYPE vartype_of(CimType type)
{
    switch (type) {
    case CIM_TYPE_BOOLEAN:
        return VT_BOOL;
    case CIM_TYPE_UINT8:
        return VT_UI1;
    case CIM_TYPE_SINT8:
    case CIM_TYPE_SINT16:
    case CIM_TYPE_CHAR16:
        return VT_I2;
    case CIM_TYPE_UINT16:
    case CIM_TYPE_SINT32:
    case CIM_TYPE_UINT32:
        return VT_I4;
    case CIM_TYPE_REAL32:
        return VT_R4;
    case CIM_TYPE_REAL64:
        return VT_R8;
    case CIM_TYPE_INSTANCE:
        return VT_UNKNOWN;
    case CIM_TYPE_SINT64:
    case CIM_TYPE_UINT64:
    case CIM_TYPE_STRING:
    case CIM_TYPE_DATETIME:
    case CIM_TYPE_REFERENCE:
    case CIM_TYPE_COUNT:
        break;
    }
    return VT_BSTR;
}

/* ---- to VARIANT ---- */

static VARIANT text_variant(const CimValue *value)
{
    VARIANT variant = { 0 };
    Arena scratch = ARENA_INIT;
    V_VT(&variant) = VT_BSTR;
    V_BSTR(&variant) = bstr_of(cim_value_format(value, &scratch));
    arena_release(&scratch);
    return variant;
}

static VARIANT scalar_variant(const CimValue *value)
{
    VARIANT variant = { 0 };
    V_VT(&variant) = vartype_of(value->type);
    int64_t number = cim_type_is_signed(value->type) ? value->sint : (int64_t) value->uint;
    switch (V_VT(&variant)) {
    case VT_BOOL:
        V_BOOL(&variant) = value->boolean ? VARIANT_TRUE : VARIANT_FALSE;
        break;
    case VT_UI1:
        V_UI1(&variant) = (BYTE) number;
        break;
    case VT_I2:
        V_I2(&variant) = (SHORT) number;
        break;
    case VT_I4:
        V_I4(&variant) = (LONG) number;
        break;
    case VT_R4:
        V_R4(&variant) = (FLOAT) value->real;
        break;
    case VT_R8:
        V_R8(&variant) = value->real;
        break;
    case VT_UNKNOWN:
        V_UNKNOWN(&variant) = (IUnknown *) object_create(OBJECT_INSTANCE, NULL, value->instance);
        break;
    default:
        variant = text_variant(value);
        break;
    }
    return variant;
}

/* Where SafeArrayGetElement and SafeArrayPutElement expect the item. */
static void *item_place(VARIANT *item)
{
    return V_VT(item) == VT_BSTR      ? (void *) V_BSTR(item)
           : V_VT(item) == VT_UNKNOWN ? (void *) V_UNKNOWN(item)
                                      : (void *) &V_I4(item);
}

void value_to_variant(const CimValue *value, VARIANT *ret_variant)
{
    VariantInit(ret_variant);
    if (value->is_null) {
        V_VT(ret_variant) = VT_NULL;
        return;
    }
    if (!value->is_array) {
        *ret_variant = scalar_variant(value);
        return;
    }
    VARTYPE vartype = vartype_of(value->type);
    SAFEARRAY *array = SafeArrayCreateVector(vartype, 0, (ULONG) value->array.count);
    CHECK(array != NULL);
    for (LONG i = 0; i < (LONG) value->array.count; i++) {
        VARIANT item = scalar_variant(&value->array.items[i]);
        CHECK(SafeArrayPutElement(array, &i, item_place(&item)) == S_OK);
        CHECK(VariantClear(&item) == S_OK);
    }
    V_VT(ret_variant) = (VARTYPE) (VT_ARRAY | vartype);
    V_ARRAY(ret_variant) = array;
}

/* ---- from VARIANT ---- */

static HRESULT integer_from_variant(const VARIANT *variant, CimType type, CimValue *ret_value)
{
    int64_t number = V_VT(variant) == VT_UI1 ? V_UI1(variant) : V_VT(variant) == VT_I2 ? V_I2(variant) : V_I4(variant);
    if (type == CIM_TYPE_UINT32)
        number = (uint32_t) number;
    if (type == CIM_TYPE_CHAR16)
        number = (uint16_t) number;
    if ((type == CIM_TYPE_SINT8 && (number < INT8_MIN || number > INT8_MAX)) ||
        (type == CIM_TYPE_UINT16 && (number < 0 || number > UINT16_MAX)))
        return WBEM_E_TYPE_MISMATCH;
    *ret_value = cim_type_is_signed(type) ? cim_sint(type, number) : cim_uint(type, (uint64_t) number);
    return S_OK;
}

static HRESULT scalar_from_variant(const VARIANT *variant, CimType type, Arena *arena, CimValue *ret_value)
{
    if (V_VT(variant) != vartype_of(type) || type == CIM_TYPE_INSTANCE)
        return WBEM_E_TYPE_MISMATCH;
    *ret_value = (CimValue){ .type = type };
    switch (V_VT(variant)) {
    case VT_BOOL:
        ret_value->boolean = V_BOOL(variant) != VARIANT_FALSE;
        return S_OK;
    case VT_R4:
        ret_value->real = (double) V_R4(variant);
        return S_OK;
    case VT_R8:
        ret_value->real = V_R8(variant);
        return S_OK;
    case VT_BSTR: {
        Error ignored;
        const char *text = V_BSTR(variant) == NULL ? "" : utf8_of(V_BSTR(variant), arena);
        if (!cim_value_parse(type, text, arena, ret_value, &ignored))
            return WBEM_E_TYPE_MISMATCH;
        return S_OK;
    }
    default:
        return integer_from_variant(variant, type, ret_value);
    }
}

HRESULT value_from_variant(const VARIANT *variant, CimType type, bool is_array, Arena *arena, CimValue *ret_value)
{
    if (V_VT(variant) == VT_NULL || V_VT(variant) == VT_EMPTY) {
        *ret_value = is_array ? cim_null_array(type) : cim_null(type);
        return S_OK;
    }
    if (!is_array)
        return scalar_from_variant(variant, type, arena, ret_value);
    LONG first, last;
    if (V_VT(variant) != (VT_ARRAY | vartype_of(type)) || SafeArrayGetDim(V_ARRAY(variant)) != 1 ||
        SafeArrayGetLBound(V_ARRAY(variant), 1, &first) != S_OK ||
        SafeArrayGetUBound(V_ARRAY(variant), 1, &last) != S_OK)
        return WBEM_E_TYPE_MISMATCH;
    size_t count = (size_t) (last - first + 1);
    CimValue *items = ARENA_NEW_ARRAY(arena, CimValue, count);
    for (size_t i = 0; i < count; i++) {
        VARIANT item = { 0 };
        LONG index = first + (LONG) i;
        CHECK(SafeArrayGetElement(V_ARRAY(variant), &index, &V_I4(&item)) == S_OK);
        V_VT(&item) = vartype_of(type);
        HRESULT hr = scalar_from_variant(&item, type, arena, &items[i]);
        CHECK(VariantClear(&item) == S_OK);
        if (FAILED(hr))
            return hr;
    }
    *ret_value = cim_array(type, items, count);
    return S_OK;
}
