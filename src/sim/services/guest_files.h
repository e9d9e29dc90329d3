/* SPDX-License-Identifier: MIT */
/* The guest service interface: the component, the file service that is there with it, and what that copies. */
#pragma once

#include "sim/services/service.h"

/* Component and service of a VM that runs are there if the settings of its configuration say so, and not otherwise. */
void sim_guest_files_switch(SimHost *host, const SimObject *vm);

/* Takes the service away; the component goes with the VM's other devices. */
void sim_guest_files_remove(SimHost *host, const SimObject *vm);

/* The guest has loaded its part of it at that time. */
bool sim_guest_files_are_ready(const SimHost *host, const SimObject *vm, int64_t at_ms);

extern const SimService sim_guest_files_service;
