/* SPDX-License-Identifier: MIT */
/* What becomes of a VM's power. */
#pragma once

#include "cli/output.h"
#include "json/shape.h"
#include "operations/power.h"

extern const Shape power_shape; /* PowerReport */

/* Around a change; what is only planned is told by present_plan(). */
void present_power(Output *output, const char *vm_name, const PowerReport *report);

/* Of the verb that starts a VM. */
void present_start(Output *output, const char *vm_name, const PowerReport *report);
