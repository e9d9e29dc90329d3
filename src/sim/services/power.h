/* SPDX-License-Identifier: MIT */
/* Starting and stopping of VMs, and the devices that exist while one runs. */
#pragma once

#include "sim/services/call.h"
#include "sim/services/jobs.h"

void sim_run_start(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure);
void sim_run_stop(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure);
void sim_run_save(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure);
void sim_run_pause(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure);
void sim_run_resume(SimHost *host, SimJob *job, SimObject *vm, SimFailure *failure);

/* Makes the VM a running one, with its devices. Fails when its GPUs cannot be had; then nothing has changed. */
void sim_vm_power_on(SimHost *host, SimObject *vm, SimFailure *failure);

/* The GPU, or for NULL the first one of the host, if it has a partition to give; else NULL. */
const SimObject *sim_gpu_with_room(const SimHost *host, const SimObject *gpu);

/* Gives an adapter of a running VM its partition, or takes it away. */
void sim_partition_attach(SimHost *host, const SimObject *vm, const SimObject *adapter, SimFailure *failure);
void sim_partition_detach(SimHost *host, const SimObject *vm, const SimObject *adapter);

uint32_t sim_vm_request_state_change(SimCall *call);
