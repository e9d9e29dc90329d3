/* SPDX-License-Identifier: MIT */
/* Resources of a VM: adding, changing, removing. */
#pragma once

#include "sim/services/call.h"
#include "sim/services/jobs.h"

void sim_run_add_resources(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure);
void sim_run_modify_resources(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure);
void sim_run_remove_resources(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure);

uint32_t sim_service_add_resource_settings(SimCall *call);
uint32_t sim_service_modify_resource_settings(SimCall *call);
uint32_t sim_service_remove_resource_settings(SimCall *call);
