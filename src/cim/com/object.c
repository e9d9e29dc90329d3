/* SPDX-License-Identifier: MIT */
#include "cim/com/object.h"

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

static bool set_parameter(IWbemClassObject *parameters, const CimProperty *given, const char *method, Error *err)
{
    CLEANUP(bstr_cleanup) BSTR name = bstr_from_utf8(given->name);
    CIMTYPE wmi_type;
    CimType type;
    bool is_array;
    if (FAILED(IWbemClassObject_Get(parameters, name, 0, NULL, &wmi_type, NULL)))
        return bad_parameter(method, given->name, "is none of its input", err);
    if (!wmi_type_parse(wmi_type, &type, &is_array) || given->value.type != type || given->value.is_array != is_array)
        return bad_parameter(method, given->name, "has the wrong type", err);

    CLEANUP(variant_cleanup) VARIANT variant;
    VariantInit(&variant);
    if (!variant_write(&given->value, &variant, err))
        return false;
    if (FAILED(IWbemClassObject_Put(parameters, name, 0, &variant, 0)))
        return bad_parameter(method, given->name, "cannot be passed", err);
    return true;
}

bool wmi_object_set_parameters(IWbemClassObject *parameters, const CimInstance *in, const char *method, Error *err)
{
    for (size_t i = 0; i < in->count; i++) {
        if (!set_parameter(parameters, &in->properties[i], method, err))
            return false;
    }
    return true;
}
