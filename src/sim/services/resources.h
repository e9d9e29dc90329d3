/* SPDX-License-Identifier: MIT */
/* Resources of a VM: adding, changing, removing. */
#pragma once

#include "sim/services/service.h"

extern const SimService sim_resources_service;
