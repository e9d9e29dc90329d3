/* SPDX-License-Identifier: MIT */
/* The methods of StdRegProv (Windows SDK, "System Registry Provider") that read the registry. */
#pragma once

#include "sim/services/service.h"

extern const SimService sim_reg_prov_service;
