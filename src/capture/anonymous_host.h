/* SPDX-License-Identifier: MIT */
/* A captured host with everything replaced that tells whose it is. */
#pragma once

#include "capture/anonymous.h"
#include "sim/store/host.h"

/* A host of its own, for sim_host_destroy(). */
SimHost *anonymous_host_create(const Anonymous *anonymous, const SimHost *from);
