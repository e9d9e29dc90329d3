/* SPDX-License-Identifier: MIT */
/* Reads what WMI gives (IWbemClassObject) into instances, and fills in the parameters of a method. */
#pragma once

#include "base/error.h"
#include "cim/com/wmi.h"
#include "cim/value.h"

#include <stdbool.h>

/* All properties but the system ones, null ones too; class name, and the path if it has one. ERR_PROTOCOL. */
MUST_CHECK bool wmi_object_read(IWbemClassObject *object, Arena *arena, CimInstance **ret_instance, Error *err);

/* The same for an instance that is embedded in so many others. */
MUST_CHECK bool wmi_object_read_embedded(IWbemClassObject *object, int depth, Arena *arena, CimInstance **ret_instance,
                                         Error *err);

/* Sets the parameters in an instance of the method's input signature. ERR_INVALID (invalid method parameters) for an
 * unknown one and for one of another type. */
MUST_CHECK bool wmi_object_set_parameters(IWbemClassObject *parameters, const CimInstance *in, const char *method,
                                          Error *err);
