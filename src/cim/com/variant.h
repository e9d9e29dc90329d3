/* SPDX-License-Identifier: MIT */
/* CIM values and the VARIANTs that stand for them in WMI (Windows SDK: "Numbers (WMI)", CIMTYPE_ENUMERATION,
 * IWbemClassObject::Get). A VARIANT is read by the CIM type of what it is the value of, never by the type it came with:
 * 64-bit integers come as text, uint16 as VT_I4, uint32 as VT_I4 that may look negative. */
#pragma once

#include "base/error.h"
#include "cim/com/wmi.h"
#include "cim/value.h"

#include <stdbool.h>

/* False for a number that is no CIM type. */
bool wmi_type_parse(CIMTYPE wmi_type, CimType *ret_type, bool *ret_is_array);

/* "name": of the property, for the message. depth: instances that this one is embedded in. ERR_PROTOCOL. */
MUST_CHECK bool variant_read(VARIANT *variant, CimType type, bool is_array, const char *name, int depth, Arena *arena,
                             CimValue *ret_value, Error *err);

/* The VARIANT as WMI expects it; VariantClear() it. Not for embedded instances: ERR_UNSUPPORTED. */
MUST_CHECK bool variant_write(const CimValue *value, VARIANT *ret_variant, Error *err);
