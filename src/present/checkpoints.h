/* SPDX-License-Identifier: MIT */
/* Checkpoints of a VM. */
#pragma once

#include "cli/output.h"
#include "json/shape.h"
#include "operations/checkpoint_change.h"
#include "operations/checkpoint_list.h"

extern const Shape checkpoint_info_shape;   /* CheckpointInfo */
extern const Shape checkpoint_gpu_shape;    /* AssignedGpu: an adapter, by the name of its GPU */

extern const Shape checkpoint_brief_shape;  /* CheckpointInfo: one that is, or is to be, removed or renamed */
extern const Shape removal_plan_shape;      /* CheckpointPlan */

/* The tree, and what a restore would put back. */
void present_checkpoint_listing(Output *output, const char *vm_name, const CheckpointListing *listing);

/* Which checkpoints will be removed, or, where that is all that was asked for, would be. */
void present_removal_plan(Output *output, const char *vm_name, const CheckpointPlan *plan, bool only_look);

void present_removals(Output *output, const RemovalReport *report);
void present_renaming(Output *output, const char *vm_name, const RenameReport *report, const char *new_name);
