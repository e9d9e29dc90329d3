/* SPDX-License-Identifier: MIT */
/* What becomes of a VM's power. */
#pragma once

#include "cli/output.h"
#include "json/shape.h"
#include "operations/power.h"

extern const Shape power_shape; /* PowerReport */

/* As a step of a plan: how the VM is brought down, and what is lost by it. Starting it again is another step. */
const char *stop_words(const PowerReport *report, Arena *arena);

/* Around a change; what is only planned is told by the plan. */
void present_power(Output *output, const char *vm_name, const PowerReport *report);

/* Of the verb that starts a VM. */
void present_start(Output *output, const char *vm_name, const PowerReport *report);
