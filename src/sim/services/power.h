/* SPDX-License-Identifier: MIT */
/* Starting and stopping of VMs, and the devices that exist while one runs. */
#pragma once

#include "sim/services/call.h"
#include "sim/services/jobs.h"

/* Makes the VM a running one, with its devices. Fails when its GPUs cannot be had; then nothing has changed. */
void sim_vm_power_on(SimHost *host, SimObject *vm, SimFailure *failure);

/* The GPU, or for NULL the first one of the host, if it has a partition to give; else NULL. */
const SimObject *sim_gpu_with_room(const SimHost *host, const SimObject *gpu);

/* Gives an adapter of a running VM its partition, or takes it away. */
void sim_partition_attach(SimHost *host, const SimObject *vm, const SimObject *adapter, SimFailure *failure);
void sim_partition_detach(SimHost *host, const SimObject *vm, const SimObject *adapter);

extern const SimService sim_power_service;
