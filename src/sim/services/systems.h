/* SPDX-License-Identifier: MIT */
/* VMs as a whole: defining, changing the settings, destroying. */
#pragma once

#include "sim/services/service.h"

extern const SimService sim_systems_service;
