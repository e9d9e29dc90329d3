/* SPDX-License-Identifier: MIT */
/* The methods of StdRegProv (Windows SDK, "System Registry Provider") that read the registry. */
#pragma once

#include "sim/services/call.h"

uint32_t sim_reg_prov_enum_key(SimCall *call);
uint32_t sim_reg_prov_enum_values(SimCall *call);
/* Get...Value: which kind of value is meant follows from the method's output. */
uint32_t sim_reg_prov_get_value(SimCall *call);
