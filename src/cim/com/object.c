/* SPDX-License-Identifier: MIT */
#include "cim/com/object.h"

#include "cim/cimxml.h"
#include "cim/com/hresult.h"
#include "cim/com/variant.h"
#include "cim/session.h"

/* ---- reading ---- */

/* A system property: "__PATH", "__CLASS". NULL if it has none. */
static const char *system_text(IWbemClassObject *object, const OLECHAR *name, Arena *arena)
{
    CLEANUP(variant_cleanup) VARIANT value;
    VariantInit(&value);
    if (FAILED(IWbemClassObject_Get(object, name, 0, &value, NULL, NULL)) || V_VT(&value) != VT_BSTR)
        return NULL;
    return utf8_from_bstr(V_BSTR(&value), arena);
}

static bool read_property(const OLECHAR *wide_name, VARIANT *variant, CIMTYPE wmi_type, int depth,
                          CimInstance *instance, Arena *arena, Error *err)
{
    CimType type;
    CimValue value;
    bool is_array;
    const char *name = utf8_from_bstr(wide_name, arena);
    if (!wmi_type_parse(wmi_type, &type, &is_array))
        return error_set(err, ERR_PROTOCOL, "property '%s' has the unknown CIM type %ld", name, wmi_type);
    if (!variant_read(variant, type, is_array, name, depth, arena, &value, err))
        return false;
    cim_instance_set(instance, arena, name, value);
    return true;
}

static bool read_properties(IWbemClassObject *object, int depth, CimInstance *instance, Arena *arena, Error *err)
{
    HRESULT hr = IWbemClassObject_BeginEnumeration(object, WBEM_FLAG_NONSYSTEM_ONLY);
    bool ok = true;
    while (ok && SUCCEEDED(hr)) {
        CLEANUP(bstr_cleanup) BSTR name = NULL;
        CLEANUP(variant_cleanup) VARIANT value;
        CIMTYPE type;
        VariantInit(&value);
        hr = IWbemClassObject_Next(object, 0, &name, &value, &type, NULL);
        if (hr == WBEM_S_NO_MORE_DATA)
            break;
        ok = FAILED(hr) || read_property(name, &value, type, depth, instance, arena, err);
    }
    (void) IWbemClassObject_EndEnumeration(object); /* only tidies up */
    if (FAILED(hr))
        return error_set_native(err, ERR_PROTOCOL, ERROR_SOURCE_HRESULT, hresult_number(hr),
                                "the properties of an instance of '%s' cannot be read", instance->class_name);
    return ok;
}

bool wmi_object_read_embedded(IWbemClassObject *object, int depth, Arena *arena, CimInstance **ret_instance, Error *err)
{
    const char *class_name = system_text(object, L"__CLASS", arena);
    CimInstance *instance = cim_instance_create(arena, class_name != NULL ? class_name : "");
    instance->path = system_text(object, L"__PATH", arena);
    if (!read_properties(object, depth, instance, arena, err))
        return false;
    *ret_instance = instance;
    return true;
}

bool wmi_object_read(IWbemClassObject *object, Arena *arena, CimInstance **ret_instance, Error *err)
{
    return wmi_object_read_embedded(object, 0, arena, ret_instance, err);
}

/* ---- parameters ---- */

static bool bad_parameter(const char *method, const char *parameter, const char *why, Error *err)
{
    return error_set_native(err, ERR_INVALID, ERROR_SOURCE_HRESULT, WMI_E_INVALID_METHOD_PARAMETERS,
                            "method '%s': parameter '%s' %s", method, parameter, why);
}

static bool text_of(const CimValue *value, Arena *arena, CimValue *ret_value, Error *err)
{
    const char *text;
    if (!cimxml_write(value->instance, arena, &text, err))
        return false;
    *ret_value = cim_string(text);
    return true;
}

/* Embedded instances as texts. */
static bool texts_of(const CimValue *value, Arena *arena, CimValue *ret_value, Error *err)
{
    if (value->is_null) {
        *ret_value = value->is_array ? cim_null_array(CIM_TYPE_STRING) : cim_null(CIM_TYPE_STRING);
        return true;
    }
    if (!value->is_array)
        return text_of(value, arena, ret_value, err);
    CimValue *items = ARENA_NEW_ARRAY(arena, CimValue, value->array.count);
    for (size_t i = 0; i < value->array.count; i++) {
        if (!text_of(&value->array.items[i], arena, &items[i], err))
            return false;
    }
    *ret_value = cim_array(CIM_TYPE_STRING, items, value->array.count);
    return true;
}

static bool set_parameter(IWbemClassObject *parameters, const CimProperty *given, const char *method, Arena *arena,
                          Error *err)
{
    CLEANUP(bstr_cleanup) BSTR name = bstr_from_utf8(given->name);
    CIMTYPE wmi_type;
    CimType type;
    bool is_array;
    CimValue value = given->value;
    if (FAILED(IWbemClassObject_Get(parameters, name, 0, NULL, &wmi_type, NULL)))
        return bad_parameter(method, given->name, "is none of its input", err);
    if (value.type == CIM_TYPE_INSTANCE && (wmi_type & ~CIM_FLAG_ARRAY) == CIM_STRING &&
        !texts_of(&given->value, arena, &value, err))
        return false;
    if (!wmi_type_parse(wmi_type, &type, &is_array) || value.type != type || value.is_array != is_array)
        return bad_parameter(method, given->name, "has the wrong type", err);

    CLEANUP(variant_cleanup) VARIANT variant;
    VariantInit(&variant);
    if (!variant_write(&value, &variant, err))
        return false;
    if (FAILED(IWbemClassObject_Put(parameters, name, 0, &variant, 0)))
        return bad_parameter(method, given->name, "cannot be passed", err);
    return true;
}

bool wmi_object_set_parameters(IWbemClassObject *parameters, const CimInstance *in, const char *method, Error *err)
{
    Arena scratch = ARENA_INIT;
    bool ok = true;
    for (size_t i = 0; ok && i < in->count; i++)
        ok = set_parameter(parameters, &in->properties[i], method, &scratch, err);
    arena_release(&scratch);
    return ok;
}
