/* SPDX-License-Identifier: MIT */
/* What came of bringing drivers into a running guest. */
#pragma once

#include "cli/output.h"
#include "json/shape.h"
#include "operations/update.h"

extern const Shape updated_driver_shape; /* UpdatedDriver */
extern const Shape left_out_gpu_shape;   /* LeftOutGpu */
extern const Shape guest_agent_shape;    /* GuestAgent */
extern const Shape brought_shape;        /* UpdateReport, of what was brought to be installed by hand */

/* The drivers, and the guest as it tells of itself. */
void present_update(Output *output, const UpdateReport *report);

/* The guest's GPU as it tells: "works", "does not work (problem code 43)", ... */
const char *guest_agent_gpu(const GuestAgent *agent, Arena *arena);
