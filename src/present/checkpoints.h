/* SPDX-License-Identifier: MIT */
/* Checkpoints of a VM. */
#pragma once

#include "cli/output.h"
#include "json/shape.h"
#include "operations/checkpoint_list.h"

extern const Shape checkpoint_info_shape;   /* CheckpointInfo */
extern const Shape checkpoint_gpu_shape;    /* AssignedGpu: an adapter, by the name of its GPU */

/* The tree, and what a restore would put back. */
void present_checkpoint_listing(Output *output, const char *vm_name, const CheckpointListing *listing);
