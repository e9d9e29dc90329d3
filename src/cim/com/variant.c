/* SPDX-License-Identifier: MIT */
#include "cim/com/variant.h"

#include "base/check.h"
#include "base/limits.h"
#include "cim/com/object.h"

/* bits: of integers; CHAR16 is one here. */
static const struct {
    CIMTYPE wmi_type;
    VARTYPE vartype;
    unsigned char bits;
    bool is_signed;
} types[CIM_TYPE_COUNT] = {
    [CIM_TYPE_BOOLEAN] = { CIM_BOOLEAN, VT_BOOL, 0, false },
    [CIM_TYPE_SINT8] = { CIM_SINT8, VT_I2, 8, true },
    [CIM_TYPE_SINT16] = { CIM_SINT16, VT_I2, 16, true },
    [CIM_TYPE_SINT32] = { CIM_SINT32, VT_I4, 32, true },
    [CIM_TYPE_SINT64] = { CIM_SINT64, VT_BSTR, 64, true },
    [CIM_TYPE_UINT8] = { CIM_UINT8, VT_UI1, 8, false },
    [CIM_TYPE_UINT16] = { CIM_UINT16, VT_I4, 16, false },
    [CIM_TYPE_UINT32] = { CIM_UINT32, VT_I4, 32, false },
    [CIM_TYPE_UINT64] = { CIM_UINT64, VT_BSTR, 64, false },
    [CIM_TYPE_REAL32] = { CIM_REAL32, VT_R4, 0, false },
    [CIM_TYPE_REAL64] = { CIM_REAL64, VT_R8, 0, false },
    [CIM_TYPE_CHAR16] = { CIM_CHAR16, VT_I2, 16, false },
    [CIM_TYPE_STRING] = { CIM_STRING, VT_BSTR, 0, false },
    [CIM_TYPE_DATETIME] = { CIM_DATETIME, VT_BSTR, 0, false },
    [CIM_TYPE_REFERENCE] = { CIM_REFERENCE, VT_BSTR, 0, false },
    [CIM_TYPE_INSTANCE] = { CIM_OBJECT, VT_UNKNOWN, 0, false },
};

bool wmi_type_parse(CIMTYPE wmi_type, CimType *ret_type, bool *ret_is_array)
{
    for (size_t i = 0; i < CIM_TYPE_COUNT; i++) {
        if (types[i].wmi_type == (wmi_type & ~CIM_FLAG_ARRAY)) {
            *ret_type = (CimType) i;
            *ret_is_array = (wmi_type & CIM_FLAG_ARRAY) != 0;
            return true;
        }
    }
    return false;
}

/* ---- reading ---- */

static bool wrong_variant(VARIANT *variant, CimType type, const char *name, Error *err)
{
    return error_set(err, ERR_PROTOCOL, "property '%s' of type %s came as something else (VARIANT type %u)", name,
                     cim_type_name(type), V_VT(variant));
}

static bool wrong_value(CimType type, const char *name, Error *err)
{
    return error_set(err, ERR_PROTOCOL, "the value of property '%s' is no %s", name, cim_type_name(type));
}

static bool read_integer(VARIANT *variant, CimType type, const char *name, CimValue *ret_value, Error *err)
{
    VARIANT number;
    VariantInit(&number);
    if (FAILED(VariantChangeType(&number, variant, 0, VT_I8)))
        return wrong_variant(variant, type, name, err);
    int64_t value = V_I8(&number);
    if (types[type].is_signed) {
        int64_t limit = INT64_MAX >> (64 - types[type].bits);
        if (value > limit || value < -limit - 1)
            return wrong_value(type, name, err);
        *ret_value = cim_sint(type, value);
        return true;
    }
    uint64_t limit = UINT64_MAX >> (64 - types[type].bits);
    /* The upper half of the range looks negative in the signed VARIANT types that WMI uses. */
    if (value < 0 && value >= -(int64_t) (limit / 2) - 1)
        value = (int64_t) ((uint64_t) value & limit);
    if (value < 0 || (uint64_t) value > limit)
        return wrong_value(type, name, err);
    *ret_value = cim_uint(type, (uint64_t) value);
    return true;
}

static bool read_text(VARIANT *variant, CimType type, const char *name, Arena *arena, CimValue *ret_value, Error *err)
{
    if (V_VT(variant) != VT_BSTR)
        return wrong_variant(variant, type, name, err);
    *ret_value = cim_text(type, utf8_from_bstr(V_BSTR(variant), arena));
    return true;
}

static bool read_object(VARIANT *variant, const char *name, int depth, Arena *arena, CimValue *ret_value, Error *err)
{
    COM_LOCAL(IWbemClassObject) object = NULL;
    CimInstance *instance;
    if (V_VT(variant) != VT_UNKNOWN || V_UNKNOWN(variant) == NULL ||
        FAILED(IUnknown_QueryInterface(V_UNKNOWN(variant), &IID_IWbemClassObject, (void **) &object)))
        return wrong_variant(variant, CIM_TYPE_INSTANCE, name, err);
    if (depth >= LIMIT_CIMXML_DEPTH)
        return error_set(err, ERR_PROTOCOL, "instances are embedded too deeply in property '%s'", name);
    if (!wmi_object_read_embedded(object, depth + 1, arena, &instance, err))
        return false;
    *ret_value = cim_embedded(instance);
    return true;
}

static bool read_scalar(VARIANT *variant, CimType type, const char *name, int depth, Arena *arena, CimValue *ret_value,
                        Error *err)
{
    if (types[type].bits == 64 && V_VT(variant) == VT_BSTR) {
        Error ignored; /* the message below names the property */
        return cim_value_parse(type, utf8_from_bstr(V_BSTR(variant), arena), arena, ret_value, &ignored) ||
               wrong_value(type, name, err);
    }
    if (types[type].bits != 0)
        return read_integer(variant, type, name, ret_value, err);
    if (cim_type_is_text(type))
        return read_text(variant, type, name, arena, ret_value, err);
    if (type == CIM_TYPE_INSTANCE)
        return read_object(variant, name, depth, arena, ret_value, err);
    if (V_VT(variant) != types[type].vartype)
        return wrong_variant(variant, type, name, err);
    *ret_value = (CimValue){ .type = type };
    if (type == CIM_TYPE_BOOLEAN)
        ret_value->boolean = V_BOOL(variant) != VARIANT_FALSE;
    else
        ret_value->real = type == CIM_TYPE_REAL32 ? (double) V_R4(variant) : V_R8(variant);
    return true;
}

static bool read_item(SAFEARRAY *array, VARTYPE vartype, LONG index, CimType type, const char *name, int depth,
                      Arena *arena, CimValue *ret_value, Error *err)
{
    CLEANUP(variant_cleanup) VARIANT item;
    VariantInit(&item);
    if (FAILED(SafeArrayGetElement(array, &index, vartype == VT_VARIANT ? (void *) &item : (void *) &V_I4(&item))))
        return error_set(err, ERR_PROTOCOL, "the items of property '%s' cannot be read", name);
    if (vartype != VT_VARIANT)
        V_VT(&item) = vartype;
    return read_scalar(&item, type, name, depth, arena, ret_value, err);
}

static bool read_array(VARIANT *variant, CimType type, const char *name, int depth, Arena *arena, CimValue *ret_value,
                       Error *err)
{
    SAFEARRAY *array = V_ARRAY(variant);
    VARTYPE vartype;
    LONG first, last;
    if ((V_VT(variant) & VT_ARRAY) == 0 || array == NULL || SafeArrayGetDim(array) != 1 ||
        FAILED(SafeArrayGetVartype(array, &vartype)) || FAILED(SafeArrayGetLBound(array, 1, &first)) ||
        FAILED(SafeArrayGetUBound(array, 1, &last)))
        return error_set(err, ERR_PROTOCOL, "property '%s', an array, came as something else (VARIANT type %u)", name,
                         V_VT(variant));
    if ((int64_t) last - first >= LIMIT_ARRAY_ITEMS)
        return error_set(err, ERR_PROTOCOL, "property '%s' has more than %d items", name, LIMIT_ARRAY_ITEMS);
    size_t count = last < first ? 0 : (size_t) (last - first) + 1;
    CimValue *items = ARENA_NEW_ARRAY(arena, CimValue, count);
    for (size_t i = 0; i < count; i++) {
        if (!read_item(array, vartype, first + (LONG) i, type, name, depth, arena, &items[i], err))
            return false;
    }
    *ret_value = cim_array(type, items, count);
    return true;
}

bool variant_read(VARIANT *variant, CimType type, bool is_array, const char *name, int depth, Arena *arena,
                  CimValue *ret_value, Error *err)
{
    if (V_VT(variant) == VT_NULL || V_VT(variant) == VT_EMPTY) {
        *ret_value = is_array ? cim_null_array(type) : cim_null(type);
        return true;
    }
    return is_array ? read_array(variant, type, name, depth, arena, ret_value, err)
                    : read_scalar(variant, type, name, depth, arena, ret_value, err);
}

/* ---- writing ---- */

static void write_number(int64_t number, VARIANT *variant)
{
    switch (V_VT(variant)) {
    case VT_UI1:
        V_UI1(variant) = (BYTE) number;
        break;
    case VT_I2:
        V_I2(variant) = (SHORT) number;
        break;
    default:
        V_I4(variant) = (LONG) number;
        break;
    }
}

/* Not null, and no array. */
static VARIANT write_scalar(const CimValue *value)
{
    VARIANT variant;
    VariantInit(&variant);
    V_VT(&variant) = types[value->type].vartype;
    if (V_VT(&variant) == VT_BSTR) {
        Arena scratch = ARENA_INIT;
        V_BSTR(&variant) = bstr_from_utf8(cim_value_format(value, &scratch));
        arena_release(&scratch);
    } else if (value->type == CIM_TYPE_BOOLEAN) {
        V_BOOL(&variant) = value->boolean ? VARIANT_TRUE : VARIANT_FALSE;
    } else if (value->type == CIM_TYPE_REAL32) {
        V_R4(&variant) = (float) value->real;
    } else if (value->type == CIM_TYPE_REAL64) {
        V_R8(&variant) = value->real;
    } else {
        write_number(types[value->type].is_signed ? value->sint : (int64_t) value->uint, &variant);
    }
    return variant;
}

static VARIANT write_array(const CimValue *value)
{
    VARIANT variant;
    VariantInit(&variant);
    SAFEARRAY *array = SafeArrayCreateVector(types[value->type].vartype, 0, (ULONG) value->array.count);
    CHECK(array != NULL);
    for (size_t i = 0; i < value->array.count; i++) {
        CLEANUP(variant_cleanup) VARIANT item = write_scalar(&value->array.items[i]);
        LONG index = (LONG) i;
        CHECK(SUCCEEDED(SafeArrayPutElement(array, &index,
                                            V_VT(&item) == VT_BSTR ? (void *) V_BSTR(&item) : (void *) &V_I4(&item))));
    }
    V_VT(&variant) = (VARTYPE) (VT_ARRAY | types[value->type].vartype);
    V_ARRAY(&variant) = array;
    return variant;
}

bool variant_write(const CimValue *value, VARIANT *ret_variant, Error *err)
{
    if (value->is_null) {
        VariantInit(ret_variant);
        V_VT(ret_variant) = VT_NULL;
        return true;
    }
    if (value->type == CIM_TYPE_INSTANCE)
        return error_set(err, ERR_UNSUPPORTED, "an instance cannot be passed as an object, only as its text");
    *ret_variant = value->is_array ? write_array(value) : write_scalar(value);
    return true;
}
