/* SPDX-License-Identifier: MIT */
/* What a restore adds to the plan of a checkpoint. */
#pragma once

#include "base/arena.h"
#include "base/report.h"
#include "hyperv/change/change_record.h"
#include "hyperv/change/plan.h"

#include <stdbool.h>

/* The checkpoint that is applied, and whether one of the present state is made before; what is lost otherwise is
 * told. */
void plan_restore(const VmView *view, bool discards, Report *report, ChangeRecord *record);
