/* SPDX-License-Identifier: MIT */
/* VMs as a whole: defining, changing the settings, destroying. */
#pragma once

#include "sim/services/call.h"
#include "sim/services/jobs.h"

void sim_run_modify_system(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure);
void sim_run_destroy_system(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure);

uint32_t sim_service_define_system(SimCall *call);
uint32_t sim_service_modify_system_settings(SimCall *call);
uint32_t sim_service_destroy_system(SimCall *call);
