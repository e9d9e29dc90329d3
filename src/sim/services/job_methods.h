/* SPDX-License-Identifier: MIT */
/* The methods of Msvm_ConcreteJob. */
#pragma once

#include "sim/services/service.h"

extern const SimService sim_job_service;
