/* SPDX-License-Identifier: MIT */
/* All services of a simulated host. */
#pragma once

#include "sim/store/host_model.h"

/* From now on the host has methods, and its jobs an end. */
void sim_services_attach(SimHost *host);
