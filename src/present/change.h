/* SPDX-License-Identifier: MIT */
/* Plans, and what came of changes and recoveries. */
#pragma once

#include "cli/output.h"
#include "json/shape.h"
#include "operations/change.h"
#include "operations/recover.h"

extern const Shape plan_shape;       /* ChangeRecord, as "plan" */
extern const Shape changed_gpu_shape; /* AssignedGpu: an adapter that came off or went on */
extern const Shape recovery_shape;   /* RecoveryReport */

/* What would be done, step by step. */
void present_plan(Output *output, const ChangeReport *report);

/* A checkpoint that was created, also by a change that failed later. */
void present_checkpoint(Output *output, const char *vm_name, const ChangeResult *result);

/* That another checkpoint was applied, also by a restore that failed later. */
void present_restored(Output *output, const ChangeReport *report);

/* What came off and what went on, and settings that are others now. */
void present_changes(Output *output, const ChangeReport *report);

/* The row of one VM. */
void present_recovery(Output *output, const RecoveryReport *report, json_t *rows);
